"""A graph while a reader writes it: nodes, weights, and the reshapes and transposes that values cannot do without."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chainrule.symbolic.index.failures import InvalidDescription

from .axis_order import Arranged, Axis, Piece, fixed, fresh, size_of
from .graph import Graph, Node, Value

Array = NDArray[np.generic]


class GraphWriter:
    """Makes a Graph node by node. `where` begins each message, `at` names the nodes that are written next."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.at = ""
        self.constants: dict[str, Array] = {}
        self.nodes: list[Node] = []
        self.inputs: list[Arranged] = []
        self.remarks: list[str] = []
        self.trained: set[str] = set()
        self._taken: dict[str, int] = {}
        self._known: dict[tuple[object, ...], str] = {}

    def refuse(self, message: str) -> InvalidDescription:
        return InvalidDescription(f"{self.where}: {self.at}: {message}")

    def remark(self, sentence: str) -> None:
        self.remarks += [] if sentence in self.remarks else [sentence]

    def name(self, wanted: str) -> str:
        """The name, with a number behind it where there is one such already."""
        self._taken[wanted] = self._taken.get(wanted, 0) + 1
        return wanted if self._taken[wanted] == 1 else self.name(f"{wanted}_{self._taken[wanted]}")

    def given(self, name: str, shape: Sequence[int | str]) -> Arranged:
        """An input of the graph."""
        axes = tuple((Piece(size),) if isinstance(size, str) else fresh(size) for size in shape)
        self.inputs.append(Arranged(self.name(name), axes, axes))
        return self.inputs[-1]

    def constant(self, array: Array, name: str, is_trained: bool = False) -> Arranged:
        """A weight, or a number that an operator takes."""
        found = self.name(name)
        if is_trained:
            self.trained.add(found)
        self.constants[found] = array
        axes = tuple(fresh(size) for size in array.shape)
        return Arranged(found, axes, axes)

    def free(self, name: str, reads: Mapping[str, int]) -> None:
        """Leaves the name of a weight that one node alone reads to what that node makes of it."""
        if reads.get(name, 0) <= 1:
            del self.constants[name]
            self._taken.pop(name)

    def whole_numbers(self, numbers: Iterable[int], name: str) -> str:
        """A list of integers as an input: equal ones are one constant."""
        array = np.array(list(numbers), np.int64)
        return self._once(("integers", tuple(array)), lambda: self.constant(array, f"{self.at}.{name}").value)

    def node(
        self, operator: str, inputs: Sequence[str], axes: Sequence[Axis], order: Sequence[Axis] | None = None, **attributes: object
    ) -> Arranged:
        """A node with one output, whose array has `axes`; what is meant by it has the order `order`, as it lies where none is given."""
        (found,) = self.outputs(operator, inputs, 1, **attributes)
        return Arranged(found, tuple(axes), tuple(axes if order is None else order))

    def outputs(self, operator: str, inputs: Sequence[str], count: int, **attributes: object) -> tuple[str, ...]:
        """A node by the names of its outputs."""
        names = tuple(self.name(self.at if number == 0 else f"{self.at}.{number}") for number in range(count))
        while inputs and not inputs[-1]:
            inputs = inputs[:-1]
        self.nodes.append(Node(operator, names[0], tuple(inputs), names, attributes))
        return names

    def laid(self, value: Arranged) -> str:
        """The name of an array whose axes lie in the value's order."""
        pieces = [piece for axis in value.axes for piece in axis]
        wanted = [piece for axis in value.order for piece in axis]
        if value.axes == value.order:
            return value.value
        if pieces == wanted:
            return self._reshaped(value.value, value.axes, value.order)
        units = _units(value)
        split = self._reshaped(value.value, value.axes, units)
        at = sorted(range(len(units)), key=lambda number: wanted.index(units[number][0]))
        moved = tuple(units[number] for number in at)
        turned = self._once(("Transpose", split, tuple(at)), lambda: self.node("Transpose", [split], moved, perm=list(at)).value)
        return self._reshaped(turned, moved, value.order)

    def expanded(self, value: str, axes: Sequence[Axis]) -> Arranged:
        """Axes of size 1 repeated to those sizes; a free one is read from an input that has it."""
        numbers = []
        for axis in axes:
            size = fixed(size_of(axis))
            numbers.append(self.whole_numbers([size], "size") if size is not None else self._free(axis))
        return self.node("Expand", [value, self.outputs("Concat", numbers, 1, axis=0)[0]], axes)

    def is_zero(self, value: Arranged) -> bool:
        """Whether all entries are 0, whatever their number."""
        made = next((node.inputs[0] for node in self.nodes if value.value in node.outputs and node.operator == "Expand"), value.value)
        return made in self.constants and not self.constants[made].any()

    def naturally(self, value: Arranged, whole: Iterable[Axis], last: bool = False) -> Arranged:
        """As it lies, each axis of `whole` being one: the array of that, its axes, and the order that is meant.

        An array need not have an axis of size 1 that is meant: it has all of them, in the order that is meant, where that is asked for.
        """
        kept = list(whole)
        if () in kept:
            return Arranged(self.laid(value), value.order, value.order)
        found = value.natural(kept, last)
        return Arranged(self.laid(found), found.order, value.order)

    def graph(self, name: str, inputs: Sequence[Value], outputs: Sequence[Value]) -> Graph:
        """All that the outputs need."""
        needed = {value.name for value in outputs}
        kept = []
        for node in reversed(self.nodes):
            if needed.intersection(node.outputs):
                needed.update(node.inputs)
                kept.append(node)
        constants = {constant: array for constant, array in self.constants.items() if constant in needed}
        trained = frozenset(self.trained.intersection(constants))
        return Graph(name, tuple(inputs), tuple(outputs), constants, tuple(reversed(kept)), tuple(self.remarks), trained=trained)

    def _free(self, axis: Axis) -> str:
        """The size of an axis as an array of one number, which an input of the graph has."""
        alike = ((given.value, place) for given in self.inputs for place, own in enumerate(given.axes) if size_of(own) == size_of(axis))
        value, place = next(alike, ("", 0))
        if not value:
            raise self.refuse("an array whose size is free, but that of no input")
        return self._once(("Shape", value, place), lambda: self.outputs("Shape", [value], 1, start=place, end=place + 1)[0])

    def _reshaped(self, value: str, axes: Sequence[Axis], order: Sequence[Axis]) -> str:
        if tuple(axes) == tuple(order):
            return value
        sizes = [fixed(size_of(axis)) for axis in order]
        same = [place < len(axes) and axes[place] == axis for place, axis in enumerate(order)]
        # 0 is the size that the array has there, -1 what is left.
        shape = [(0 if same[place] else -1) if size is None else size for place, size in enumerate(sizes)]
        if shape.count(-1) > 1:
            raise self.refuse("a reshape in which more than one size is free; expected that of the batch alone")
        numbers = self.whole_numbers(shape, "shape")
        return self._once(("Reshape", value, tuple(shape)), lambda: self.node("Reshape", [value, numbers], order).value)

    def _once(self, key: tuple[object, ...], write: Callable[[], str]) -> str:
        if key not in self._known:
            self._known[key] = write()
        return self._known[key]


def _units(value: Arranged) -> tuple[Axis, ...]:
    """The axes as they lie, cut where the order asks for it."""
    wanted = [piece for axis in value.order for piece in axis]
    firsts = {axis[0] for axis in value.order if axis}
    after = dict(itertools.pairwise(wanted))
    units: list[list[Piece]] = []
    for axis in value.axes:
        for place, piece in enumerate(axis):
            if place and piece not in firsts and after.get(axis[place - 1]) is piece:
                units[-1].append(piece)
            else:
                units.append([piece])
    return tuple(tuple(unit) for unit in units)


def value_of(name: str, value: Arranged, dtype: str) -> Value:
    """An input or output of the graph."""
    sizes = [(fixed(size), size[1]) for size in value.shape]
    return Value(name, tuple("*".join(free) if number is None else number for number, free in sizes), dtype)
