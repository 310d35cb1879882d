"""What a module computes beside the gradient: second derivatives, and functions made of gradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.symbolic.checking.verification import Verified
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of

from .derived_functions import FUNCTIONS, DerivedFunctions, derived_functions
from .second_program import SECOND, SecondDerivatives, second_derivatives

#: What a module can compute, with what it is.
DERIVATIVES = {"gradient": "∂C/∂W of every parameter; always there", **SECOND, **FUNCTIONS}
GRADIENT = ("gradient",)


@dataclass(frozen=True)
class FurtherDerivatives:
    """Those that are wanted, by their names `kinds`."""

    kinds: tuple[str, ...]
    second: SecondDerivatives | None
    derived: DerivedFunctions | None

    def verified(self) -> Verified:
        """Every step evaluated; raises `CheckFailed` at the first equation that does not hold."""
        found = self.second.verified() if self.second else Verified(0, 0.0)
        return found.together(self.derived.verified) if self.derived else found


def further_derivatives(first: Derivation, wanted: Sequence[str]) -> FurtherDerivatives | None:
    """What is wanted, derived; None where that is the gradient alone.

    Raises:
        InvalidDescription: at an unknown name, or where examples mix.
    """
    for name in wanted:
        if name not in DERIVATIVES:
            raise InvalidDescription(f"derivatives: found {name!r}; {expected_one_of(name, DERIVATIVES)}")
    second, derived = second_derivatives(first, wanted), derived_functions(first, wanted)
    return FurtherDerivatives(tuple(wanted), second, derived) if second or derived else None
