"""Determinants by elimination, in numbers of any kind: NumPy's own take no numbers of extended precision."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.symbolic.index.numeric_array import NumericArray

#: A pivot that is 0 but for rounding, as a part of the largest entry: the matrix has no inverse, beside which determinants stand.
SINGULAR = 1e-14


def determinants(matrices: NumericArray) -> NumericArray:
    """The determinant of each matrix of the last two dimensions; no number where the matrix is singular."""
    size = matrices.shape[-1]
    found: NumericArray = np.array([_determinant(matrix) for matrix in matrices.reshape(-1, size, size)], matrices.dtype)
    return found.reshape(matrices.shape[:-2])


def _determinant(matrix: NumericArray) -> Any:
    rows, value, largest = matrix.copy(), matrix.dtype.type(1), np.max(np.abs(matrix))
    for place in range(len(rows)):
        # What a complex step adds says nothing of which pivot is large.
        pivot = place + int(np.argmax(np.abs(np.real(rows[place:, place]))))
        if pivot != place:
            rows[[place, pivot]] = rows[[pivot, place]]
            value = -value
        if np.abs(rows[place, place]) <= SINGULAR * largest:
            return value * np.nan
        value = value * rows[place, place]
        factors = rows[place + 1 :, place] / rows[place, place]
        rows[place + 1 :, place:] -= factors[:, None] * rows[place, place:]
    return value
