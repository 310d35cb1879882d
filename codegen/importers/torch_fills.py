"""Tensors that PyTorch fills with one number, where their size is the batch's: others are known and never get here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .axis_order import Arranged, fresh
from .torch_call import Call


def _filled(number: float | None) -> Callable[[Call], Arranged]:
    def of(call: Call) -> Arranged:
        filled = number if number is not None else call["fill_value"]
        small = call.writer.constant(np.full((1,) * len(call.shape), filled, call.dtypes[0]), f"{call.writer.at}.value")
        return call.writer.expanded(small.value, [fresh(size) for size in call.shape])

    return of


TABLE: dict[str, Callable[[Call], Arranged]] = {
    **dict.fromkeys(("zeros", "new_zeros", "zeros_like"), _filled(0)),
    **dict.fromkeys(("ones", "new_ones", "ones_like"), _filled(1)),
    **dict.fromkeys(("full", "new_full", "full_like"), _filled(None)),
}
