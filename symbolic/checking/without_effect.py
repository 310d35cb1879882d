"""Parameters on which the cost does not depend: a factor of 0, a read past the end, a bias that a normalisation takes away again."""

from __future__ import annotations

from itertools import chain

import numpy as np

from chainrule.symbolic.derivation.derivation import Derivation

from .draws import further_numbers, random_numbers, rounded_zeros
from .zero_adjoints import with_slopes


def without_effect(derivation: Derivation) -> tuple[str, ...]:
    """The parameters that equations read and whose gradient is 0: by its formula, or at all random tensors that are tried, up to rounding.

    Raises:
        CheckFailed: where the cost is a number at none of them.
    """
    system, with_formula = derivation.system, with_slopes(derivation)
    waiting = set(with_formula)
    for numbers in chain([random_numbers(derivation)], further_numbers(derivation)):
        adjoints = {name: system.adjoint_name(name) for name in waiting}
        rounded = rounded_zeros(numbers)
        waiting = {name for name, own in adjoints.items() if own in rounded or not np.any(numbers.arrays[own])}
        if not waiting:
            break
    read = {name for equation in system.equations for name in equation.reads}
    names = [tensor.name for tensor in system.parameters if tensor.name in read]
    return tuple(name for name in names if name in waiting or name not in with_formula)
