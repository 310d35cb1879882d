"""Second derivatives as a program: what of them is wanted, and the lines of the functions that compute it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from chainrule.symbolic.checking.hessian_check import verify_block
from chainrule.symbolic.checking.verification import Verified, verify
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.hessian import HessianBlock, hessian_block
from chainrule.symbolic.derivation.second_derivatives import SecondDerivation, derive_again
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.system import Equation, System

from .program import Assignment, Lowering, Program, is_computed, needed_for
from .scaled_adjoints import with_scaled_adjoints

#: A function for each parameter is written out; of more of them nobody reads, and columns are products with unit directions.
MOST_BLOCKS = 40


@dataclass(frozen=True)
class SecondDerivatives:
    """The second derivatives that are wanted: the Hessian times a direction, and blocks of the Hessian."""

    derivation: SecondDerivation
    hessian_vector: bool
    blocks: tuple[HessianBlock, ...]
    #: Whether the module has a function `hessian`: what has no block of its own it takes from products with unit directions.
    hessian: bool

    @cached_property
    def as_computed(self) -> SecondDerivatives:
        """The same from the gradient as it is computed: where its adjoints are scaled, nothing divides by what has rounded to 0."""
        scaled = with_scaled_adjoints(self.derivation.first)
        return (
            self
            if scaled is self.derivation.first
            else _derived(scaled, self.hessian_vector, [block.parameter for block in self.blocks], self.hessian)
        )

    def verified(self) -> Verified:
        """Every step evaluated, and the blocks against the Hessian times unit directions.

        Raises:
            CheckFailed: at the first equation that does not hold.
        """
        return self._verified

    @cached_property
    def _verified(self) -> Verified:
        found = verify(self.derivation.derivation)
        for block in self.blocks:
            found = found.together(verify_block(self.derivation, block))
        return found


@dataclass(frozen=True)
class SecondFunction:
    """One function: what of the gradient it needs, the second adjoints, and the tensors whose directions it reads.

    In its `system` a second adjoint of a block of the Hessian has the axes of the unit directions too.
    """

    system: System
    gradient: tuple[Assignment, ...]
    second: tuple[Assignment, ...]
    directions: tuple[tuple[str, Tensor], ...]

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        return (*self.gradient, *self.second)


@dataclass(frozen=True)
class SecondProgram:
    """The functions of the second derivatives.

    `results` are the parts of the Hessian times a direction, in the order of the parameters; those of `zero` no direction changes.
    """

    hessian_vector: SecondFunction | None
    results: tuple[str, ...]
    zero: frozenset[str]
    blocks: tuple[tuple[HessianBlock, SecondFunction], ...]


def second_derivatives(first: Derivation, derivatives: Sequence[str]) -> SecondDerivatives | None:
    """What is wanted of the second derivatives, derived; None where nothing is. The Hessian comes with its product with a direction."""
    if not {"hvp", "hessian"} & set(derivatives):
        return None
    parameters, hessian = first.system.parameters, "hessian" in derivatives
    blocks = parameters if hessian and len(parameters) <= MOST_BLOCKS else ()
    return _derived(first, hessian or "hvp" in derivatives, blocks, hessian)


def _derived(first: Derivation, hessian_vector: bool, parameters: Sequence[Tensor], hessian: bool) -> SecondDerivatives:
    second = derive_again(first)
    return SecondDerivatives(second, hessian_vector, tuple(hessian_block(second, tensor.name) for tensor in parameters), hessian)


def lower_second(wanted: SecondDerivatives, program: Program) -> SecondProgram:
    """The functions of the second derivatives; `program` is that of the gradient, whose lines they begin with.

    Raises:
        NotExpressible: where an equation has no array form.
    """
    second = wanted.as_computed
    system = second.derivation.system
    available = (*program.cost, *(assignment for assignment in program.backward if assignment not in program.cost))
    parameters, directions = program.system.parameters, second.derivation.direction

    def function(equations: Sequence[Equation]) -> SecondFunction:
        own = {equation.tensor.name: equation.tensor for equation in equations}
        known = replace(system, tensors={**system.tensors, **own})
        assignments = Lowering(known).assignments(equations)
        read = {name for assignment in assignments for name in assignment.reads}
        along = tuple((tensor.name, directions[tensor.name]) for tensor in parameters if directions[tensor.name].name in read)
        return SecondFunction(known, needed_for(assignments, available), assignments, along)

    def mark(tensor: Tensor) -> str:
        return system.adjoint_name(tensor.name)

    equations = [adjoint.equation for adjoint in second.derivation.needed if is_computed(adjoint)]
    computed = {equation.tensor.name for equation in equations}
    hessian_vector = function(equations) if second.hessian_vector else None
    blocks = tuple((block, function(block.equations)) for block in second.blocks)
    zero = frozenset(set(map(mark, parameters)) - computed)
    return SecondProgram(hessian_vector, tuple(map(mark, parameters)), zero, blocks)
