"""What a module computes beside the gradient: second derivatives, and functions made of gradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of

from .derivative_kinds import DERIVATIVES, GRADIENT

# Who wants the gradient alone waits for nothing that derives further.
if TYPE_CHECKING:
    from chainrule.symbolic.checking.verification import Verified

    from .derived_functions import DerivedFunctions
    from .second_program import SecondDerivatives


@dataclass(frozen=True)
class FurtherDerivatives:
    """Those that are wanted, by their names `kinds`."""

    kinds: tuple[str, ...]
    second: SecondDerivatives | None
    derived: DerivedFunctions | None

    def verified(self) -> Verified:
        """Every step evaluated; raises `CheckFailed` at the first equation that does not hold."""
        found = [*([self.second.verified()] if self.second else []), *([self.derived.verified] if self.derived else [])]
        return found[0].together(*found[1:])


def further_derivatives(first: Derivation, wanted: Sequence[str]) -> FurtherDerivatives | None:
    """What is wanted, derived; None where that is the gradient alone.

    Raises:
        InvalidDescription: at an unknown name, or where examples mix.
    """
    for name in wanted:
        if name not in DERIVATIVES:
            raise InvalidDescription(f"derivatives: found {name!r}; {expected_one_of(name, DERIVATIVES)}")
    if set(wanted) <= set(GRADIENT):
        return None
    from .derived_functions import derived_functions
    from .second_program import second_derivatives

    return FurtherDerivatives(tuple(wanted), second_derivatives(first, wanted), derived_functions(first, wanted))
