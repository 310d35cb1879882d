"""The type of NumPy arrays of any numbers, as `Array` is an array of a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    # Who derives alone needs no arrays.
    from numpy.typing import NDArray

NumericArray: TypeAlias = "NDArray[Any]"
