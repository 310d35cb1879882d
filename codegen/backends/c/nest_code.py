"""The nests of a function in C: several in the loops that they share, and products with what is done to their sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.operations import Scalar
from chainrule.symbolic.system.system import Equation

from .code import Code, looped
from .loop_variables import LoopVariables
from .names import Names
from .nests import Nest
from .operations import OperationCode
from .panels import Panels
from .places import Places
from .product_results import with_own_results
from .products import Kernel, call, product_kernel
from .shared_loops import SharedLoops, shared_loops


class NestCode(OperationCode):
    """Prints the nests of one function. `reads` counts how often each value is read."""

    def __init__(
        self, places: Places, real: str, names: Names, held: set[str], reads: Mapping[str, int], equations: Mapping[str, Equation]
    ) -> None:
        super().__init__(places, real, names, held, equations)
        self.reads = reads
        self.loop_variables = LoopVariables(names, places.sizes)
        #: What is put in panels before a loop over blocks of rows.
        self.panels: Panels | None = None

    def variables(self, letters: Sequence[Symbol]) -> dict[Symbol, str]:
        return self.loop_variables.of(letters)

    def loops(self, letters: Sequence[Symbol], variables: Mapping[Symbol, str]) -> list[tuple[str, str]]:
        return self.loop_variables.loops(letters, variables)

    def nests(self, nests: Sequence[Nest]) -> list[Code]:
        """One after the other, with the equations above."""
        nests = with_own_results(nests, self.reads, self.places)
        return [line for group in shared_loops(nests, self.held, self.places) for line in self.together(group)]

    def together(self, group: SharedLoops) -> list[Code]:
        """In the loops that they share."""
        (first, *_), (letters, *_) = group.nests, group.outer
        heading = self.heading(first.operations[0])
        variables = self.variables(letters)
        body: list[Code] = []
        for nest, own in zip(group.nests, group.outer, strict=True):
            self.loop_variables.outer = {letter: variables[other] for letter, other in zip(own, letters, strict=True)}
            body += self.nest(nest) if not letters else [line for line in self.nest(nest) if line != ""]
        self.loop_variables.outer = {}
        return [*heading, *looped(self.loops(letters, variables), body)]

    def nest(self, nest: Nest) -> list[Code]:
        if nest.factor is None and not nest.is_added:
            return super().nest(nest)
        (operation,) = nest.operations
        found = product_kernel(operation, self.places)
        assert found is not None
        return [*self.heading(operation), *self.called(found, nest.factor, nest.is_added)]

    def called(self, found: Kernel, factor: Scalar | None = None, is_added: bool = False) -> list[Code]:
        self.brought.add("product")
        variables = self.variables(found.loops)
        times = "1" if factor is None else self.operand(factor, {})
        panels = self.panels.of(found) if self.panels is not None else ""
        if panels:
            self.brought.add("panels")
        return list(looped(self.loops(found.loops, variables), [call(found, self.places, variables, times, is_added, panels)]))
