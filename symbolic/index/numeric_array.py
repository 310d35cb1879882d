"""The type of NumPy arrays of any numbers, as `Array` is an array of a formula."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

NumericArray = NDArray[Any]
