"""The further derivatives of a module as its template prints them."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.codegen.program.derived_functions import output_of
from chainrule.codegen.program.further_derivatives import FurtherDerivatives
from chainrule.codegen.program.program import Program
from chainrule.codegen.program.second_program import lower_second
from chainrule.symbolic.derivation.derivation import Derivation

from .derived import DerivedText, derived_text
from .second import SecondText, second_text


@dataclass(frozen=True, slots=True)
class FurtherText:
    """Second derivatives, and functions made of gradients."""

    second: SecondText | None
    derived: DerivedText | None

    @property
    def uses(self) -> frozenset[str]:
        """The functions of the module that they call."""
        return frozenset().union(*(part.uses for part in (self.second, self.derived) if part))


def further_text(further: FurtherDerivatives, program: Program, derivation: Derivation) -> FurtherText:
    """Those of one module; `program` is that of the gradient."""
    second = second_text(lower_second(further.second, program), program, further.second.hessian) if further.second else None
    derived = derived_text(further.derived, program, output_of(derivation)) if further.derived else None
    return FurtherText(second, derived)
