"""A call of PyTorch's in an exported program, with its arguments by the names of the operator's schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.symbolic.index.failures import InvalidDescription

from .axis_order import Arranged, Axis, NotCut, Size
from .graph_writer import Array, GraphWriter

#: What a call gives: an array, or several.
Given = Arranged | tuple[Arranged, ...]


@dataclass(frozen=True)
class Call:
    """One node of the program. Of `shapes` and `dtypes` there is one for each tensor that comes out of it."""

    operator: str
    arguments: dict[str, Any]
    shapes: tuple[tuple[Size, ...], ...]
    dtypes: tuple[str, ...]
    #: Of the tensors that are read, and of numbers beside them.
    dtype: str
    writer: GraphWriter
    #: How often the program reads an array of the graph, by its name.
    reads: dict[str, int]

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    @property
    def shape(self) -> tuple[Size, ...]:
        return self.shapes[0]

    def refuse(self, message: str) -> InvalidDescription:
        return self.writer.refuse(f"{self.operator}: {message}")

    def expect(self, holds: bool, message: str) -> None:
        if not holds:
            raise self.refuse(message)

    def place(self, dim: int, of: Arranged) -> int:
        return dim % max(len(of.order), 1)

    def viewed(self, value: Arranged) -> Arranged:
        """The entries of a value in the shape that comes out."""
        try:
            return value.viewed(self.shape)
        except NotCut:
            raise self.refuse("a view that joins and cuts axes at other places than others do") from None

    def operand(self, value: Any) -> Arranged:
        """A tensor, or a number of the dtype of those beside it."""
        if isinstance(value, Arranged):
            return value
        dtype = self.dtypes[0] if self.dtypes[0] != "bool" else self.dtype
        return self.writer.constant(np.array(value, dtype), f"{self.writer.at}.number")

    def vector(self, name: str, size: Axis, otherwise: float) -> str:
        """A weight along an axis, or the same number everywhere where there is none."""
        if self[name] is not None:
            return self.writer.laid(self[name])
        number = size[0].size if size else 1
        assert isinstance(number, int)
        return self.writer.constant(np.full(number, otherwise, self.dtypes[0]), f"{self.writer.at}.{name}").value

    def array(self, value: Arranged) -> Array | None:
        """The numbers of a weight that nothing else reads."""
        alone = self.reads.get(value.value, 0) <= 1 and value.axes == value.order
        return self.writer.constants.get(value.value) if alone else None


def listed(value: Any, count: int) -> list[int]:
    """One number for all axes, or one for each."""
    numbers = list(value) if isinstance(value, Sequence) else [value]
    return numbers * count if len(numbers) == 1 else numbers
