"""A program on its way through the passes, and what comes out at their end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chainrule.codegen.backends.fast.ir.array_program import Equations, array_program
from chainrule.codegen.backends.fast.ir.operations import ArrayProgram, Operation, Value
from chainrule.codegen.backends.fast.ir.slices import Order
from chainrule.codegen.backends.fast.passes.array_layout import Layouts
from chainrule.codegen.backends.fast.passes.memory import Memory
from chainrule.codegen.backends.fast.passes.stacking import Stacked
from chainrule.codegen.backends.fast.scalar.code import ScalarCode
from chainrule.codegen.backends.fast.source.calls import PassesSource
from chainrule.codegen.backends.fast.source.statement import Statement
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.system.system import System


@dataclass(frozen=True)
class Compilation:
    """What the passes know so far; before the equations are lowered, the program is empty.

    `program.operations` stay those that the equations give, `operations` are what the passes have made of them. Where it `is_parted`, the
    forward and the backward pass are functions by themselves, with every tensor of the forward pass kept. Of the dimensions of some
    arrays it is `decided` how they lie, or there is a wish.
    """

    derivation: Derivation
    equations: Equations
    system: System
    is_parted: bool = False
    #: Whether the parts compute the cost too, between the two.
    has_cost: bool = False
    decided: Mapping[str, Order] = field(default_factory=dict)
    wished: Mapping[str, Order] = field(default_factory=dict)
    #: How the equations are lowered: with what they have in common computed once, and few entries first.
    is_shared: bool = False
    has_few_first: bool = False
    #: What one example of a tiny network is computed with, or why not.
    scalar: ScalarCode | str = ""
    program: ArrayProgram = field(default_factory=lambda: ArrayProgram((), (), {}, {}, {}, {}, ""))
    operations: tuple[Operation, ...] = ()
    layouts: Layouts = field(default_factory=lambda: Layouts({}))
    stacked: Stacked = field(default_factory=lambda: Stacked((), {}, {}))
    #: Values that are written over another one, entry by entry, with the one they are written over.
    over: Mapping[str, str] = field(default_factory=dict)
    memory: Memory = field(default_factory=lambda: Memory((), {}, {}, {}))

    @property
    def values(self) -> dict[str, Value]:
        return self.program.values

    @property
    def wanted(self) -> tuple[str, ...]:
        """What is there at the end: the gradients, and the cost or the tensors of the forward pass, or both."""
        kept = self.program.kept if self.is_parted else ()
        return (*self.program.outputs, *kept, *((self.program.cost,) if self.has_cost or not self.is_parted else ()))

    def lowered(self) -> Compilation:
        """With the operations of the equations.

        Raises:
            NotExpressible: where an equation has no array form.
        """
        program = array_program(self.derivation, self.is_shared, self.has_few_first, self.equations, self.is_parted)
        # With the axes of arrays that are no tensors.
        system = replace(self.system, axes={**self.system.axes, **program.axes}) if program.axes else self.system
        return replace(self, program=program, operations=program.operations, system=system)

    def with_values(self, operations: tuple[Operation, ...], values: dict[str, Value], layouts: Layouts) -> Compilation:
        return replace(self, operations=operations, program=self.program.with_values(values), layouts=layouts)


@dataclass(frozen=True)
class Fast:
    """A program after all passes, and where its arrays lie. `program.operations` are those that the equations give, before the passes."""

    program: ArrayProgram
    system: System
    operations: tuple[Operation, ...]
    memory: Memory
    source: PassesSource
    statements: tuple[Statement, ...]
    #: What one example of a tiny network is computed with, or why not.
    scalar: ScalarCode | str = ""
