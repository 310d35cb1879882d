"""The nests of a function in C, several in the loops that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.symbolic.system.system import Equation

from .code import Code, looped
from .names import Names
from .nests import Nest
from .operations import OperationCode
from .places import Places
from .product_results import with_own_results
from .row_products import with_row_products
from .shared_loops import SharedLoops, shared_loops


class NestCode(OperationCode):
    """Prints the nests of one function. `reads` counts how often each value is read."""

    def __init__(
        self, places: Places, real: str, names: Names, held: set[str], reads: Mapping[str, int], equations: Mapping[str, Equation]
    ) -> None:
        super().__init__(places, real, names, held, equations)
        self.reads = reads

    def nests(self, nests: Sequence[Nest]) -> list[Code]:
        """One after the other, with the equations above."""
        nests = with_row_products(with_own_results(nests, self.reads, self.places), self.reads, self.places)
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
