"""What each operator is as equations: one table from ONNX's names to what writes them."""

from __future__ import annotations

from collections.abc import Mapping

from . import elementwise, products
from .translation import Writer

OPERATORS: Mapping[str, Writer] = {**elementwise.OPERATORS, **products.OPERATORS}
