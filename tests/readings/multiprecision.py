"""A cost and its gradients in numbers of as many digits and as large exponents as it takes, from the second reading of the equations.

The gradients are differences: with a step of 10^(−digits/2) half of the digits are right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mpmath
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scalar_reading import Arithmetic, Reading, _float_choice, _functions

MULTIPRECISION = Arithmetic(_functions(mpmath.mp, _float_choice, "a"), _float_choice, max, mpmath.pi)
Entries = dict[tuple[int, ...], Any]


def _entries(array: ArrayLike) -> Entries:
    values = np.asarray(array)
    return {place: int(value) if values.dtype.kind == "i" else mpmath.mpf(float(value)) for place, value in np.ndenumerate(values)}


def cost_and_gradients(
    equations: str,
    sizes: Mapping[str, int],
    given: Mapping[str, ArrayLike],
    parameters: Sequence[str],
    constants: Mapping[str, float],
    digits: int,
) -> tuple[float, list[NDArray[np.float64]]]:
    """The cost, and ∂C/∂w for every parameter, rounded to floats."""
    lengths = {letter + prime: size for letter, size in sizes.items() for prime in ("", "_", "__")}
    with mpmath.workdps(digits):
        entries = {name: _entries(array) for name, array in given.items()}
        step = mpmath.mpf(10) ** (-(digits // 2))

        def cost(moved: str = "", place: tuple[int, ...] = (), by: Any = 0) -> Any:
            changed = {name: dict(values) for name, values in entries.items()}
            if moved:
                changed[moved][place] += by
            return mpmath.re(Reading(equations, lengths, changed, constants, MULTIPRECISION).cost)

        gradients = []
        for name in parameters:
            slopes = np.zeros(np.shape(given[name]))
            for place in np.ndindex(slopes.shape):
                slopes[place] = float((cost(name, place, step) - cost(name, place, -step)) / (2 * step))
            gradients.append(slopes)
        return float(cost()), gradients
