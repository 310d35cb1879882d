"""A layer of Keras where it is called: what it was made with, what it is given, and its weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.symbolic.index.failures import InvalidDescription, shown

from .axis_order import Arranged, fixed
from .graph import Value
from .graph_writer import Array, GraphWriter
from .keras_weights import KerasWeights

#: What a layer gives: an array, or several.
Given = Arranged | tuple[Arranged, ...]


@dataclass
class KerasModel:
    """What all layers of a model share."""

    writer: GraphWriter
    weights: KerasWeights
    training: bool
    #: Weights by where they are.
    known: dict[str, Arranged] = field(default_factory=dict)
    inputs: list[Value] = field(default_factory=list)


@dataclass(frozen=True)
class KerasLayer:
    """One call of a layer: `given` are its arguments, `options` those by name."""

    kind: str
    name: str
    path: str
    config: Mapping[str, Any]
    given: Sequence[Any]
    options: Mapping[str, Any]
    model: KerasModel
    is_shared: bool

    def __getitem__(self, name: str) -> Any:
        if name not in self.config:
            raise self.refuse(f"its configuration has no {name!r}")
        return self.config[name]

    @property
    def writer(self) -> GraphWriter:
        return self.model.writer

    @property
    def x(self) -> Arranged:
        """The one array that it is given."""
        if not self.given or not isinstance(self.given[0], Arranged):
            raise self.refuse(f"found {shown(self.given)}, expected one array")
        return self.given[0]

    @property
    def several(self) -> list[Arranged]:
        """The arrays that it is given as a list, or one after the other."""
        found = self.given[0] if len(self.given) == 1 and isinstance(self.given[0], (list, tuple)) else self.given
        if not found or not all(isinstance(each, Arranged) for each in found):
            raise self.refuse("expected several arrays")
        return list(found)

    def refuse(self, message: str) -> InvalidDescription:
        return InvalidDescription(f"{self.writer.where}: layer {self.name!r} ({self.kind}): {message}")

    def expect(self, holds: bool, message: str) -> None:
        if not holds:
            raise self.refuse(message)

    def whole(self, name: str) -> int:
        """A whole number from 0 on."""
        value = self[name]
        self.expect(isinstance(value, int) and not isinstance(value, bool) and value >= 0, f"{name}: found {shown(value)}, expected a size")
        return int(value)

    def sizes(self, name: str, count: int) -> list[int]:
        """One number for each axis of an image."""
        value = self[name]
        numbers = [value] * count if isinstance(value, int) else value
        is_right = isinstance(numbers, list) and len(numbers) == count and all(isinstance(each, int) and each > 0 for each in numbers)
        self.expect(is_right, f"{name}: found {shown(value)}, expected {count} sizes")
        return list(numbers)

    def number(self, name: str) -> float:
        value = self[name]
        self.expect(isinstance(value, (int, float)) and not isinstance(value, bool), f"{name}: found {shown(value)}, expected a number")
        return float(value)

    def size(self, x: Arranged, place: int) -> int:
        """The size of an axis, which has to be known."""
        size = fixed(x.shape[place])
        if size is None:
            raise self.refuse("an axis other than that of the examples has no size in this model; expected one")
        return size

    @property
    def is_trained(self) -> bool:
        return bool(self.config.get("trainable", True))

    def operand(self, value: Any) -> Arranged:
        if isinstance(value, Arranged):
            return value
        self.expect(isinstance(value, (int, float)), f"found {shown(value)}, expected an array or a number")
        return self.writer.constant(np.array(value, np.float32), f"{self.name}.number")

    def array(self, value: Arranged) -> Array | None:
        return None if self.is_shared or value.axes != value.order else self.writer.constants.get(value.value)

    def variable(self, number: int, shape: Sequence[int], part: str = "") -> Array:
        """The numbers of a weight as Keras has them."""
        return self.model.weights.variable(f"{self.path}/{part}" if part else self.path, number, shape)

    def weight(self, number: int, shape: Sequence[int], name: str, turned: Sequence[int] | None = None) -> Arranged:
        """A weight by its number among those of the layer; `turned` is the order of its axes in the graph."""
        return self.made(name, lambda: self.variable(number, shape).transpose(turned or range(len(shape))))

    def made(self, name: str, numbers: Callable[[], Array], is_trained: bool = True) -> Arranged:
        """A weight that is made of variables; a layer that is called twice has it once."""
        key = f"{self.path}/{name}"
        if key not in self.model.known:
            array = np.ascontiguousarray(numbers())
            self.model.known[key] = self.writer.constant(array, f"{self.name}/{name}", is_trained and self.is_trained)
        return self.model.known[key]

    def constant(self, value: float, size: int, name: str) -> Arranged:
        """A weight that the layer has not: the same number everywhere."""
        return self.writer.constant(np.full(size, value, np.float32), f"{self.name}/{name}")
