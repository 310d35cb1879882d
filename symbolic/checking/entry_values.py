"""Random numbers for a system written out entry by entry: axes have their own sizes, and there are as many examples as are written."""

from __future__ import annotations

from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.forms.scalar_form import fixed_sizes

from .numbers import Numbers
from .verification import random_numbers


def entry_numbers(derivation: Derivation, examples: int = 1) -> Numbers:
    """Numbers that obey every equation, at the sizes of the description.

    Raises:
        NotExpressible: where a size is not fixed.
        CheckFailed: where the cost is no number at any random point.
    """
    return random_numbers(derivation, sizes=fixed_sizes(derivation.system, examples))
