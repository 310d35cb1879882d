"""What each operator is as equations: one table from ONNX's names to what writes them."""

from __future__ import annotations

from collections.abc import Mapping

from . import arranging, attention, elementwise, products, recurrent, reducing, windows
from .translation import Writer

OPERATORS: Mapping[str, Writer] = {
    **elementwise.OPERATORS,
    **products.OPERATORS,
    **arranging.OPERATORS,
    **windows.OPERATORS,
    **reducing.OPERATORS,
    **recurrent.OPERATORS,
    **attention.OPERATORS,
}
