"""A graph on its way to layers: the layers so far, and which output of one each array is, or some entries of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import prod

import numpy as np
from numpy.typing import NDArray

from . import attributes
from .graph import Node
from .rearranging import Places, counted, moved
from .sizes import Size
from .translation import Translation

Shape = tuple[Size, ...]
Array = NDArray[np.generic]
Parameters = dict[str, tuple[Array, str]]


@dataclass
class LayerRow:
    """One layer of a description: its kind, its options, what it reads by the names of outputs, and the values of its parameters.

    `parameters` are by the kind's own names, W and b, each with what the file calls it.
    """

    kind: str
    options: dict[str, object] = field(default_factory=dict)
    parameters: Parameters = field(default_factory=dict)
    activation: object = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class View:
    """An array whose entries are some of a layer's output, by their numbers there."""

    output: str
    places: Places


@dataclass
class Walk:
    """The layers by what their outputs are called, and which output each array of the file is; `uses` counts who reads an array.

    `views` are the arrays that have entries of an output otherwise than it has them. `ends` are, of recurrent layers, the places of the
    last states; `opened` are attentions whose heads no projection has joined yet. What depends on no input, but on
    the number of examples, is among what is `filled`.
    """

    translation: Translation
    uses: Counter[str]
    rows: dict[str, LayerRow] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    ends: dict[str, Places] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)
    remarks: list[str] = field(default_factory=list)
    _made: dict[tuple[object, ...], str] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=count)

    def shape(self, name: str) -> Shape:
        """Of one example."""
        return self.translation.values[name].shape[1:]

    def constant(self, node: Node, place: int) -> Array | None:
        return self.translation.constants.get(node.inputs[place]) if attributes.has(node, place) else None

    def weights(self, node: Node, **places: int) -> Parameters | None:
        """Constants by the names of parameters, those left out but for; None where one is computed."""
        found = {}
        for name, place in places.items():
            if attributes.has(node, place):
                array = self.constant(node, place)
                if array is None:
                    return None
                found[name] = array, node.inputs[place]
        return found

    def knows(self, name: str) -> bool:
        """Whether it has entries of a layer's output, or of what the network is given."""
        return name in self.outputs or name in self.views

    def add(self, row: LayerRow, shape: Sequence[int]) -> str:
        """What the output of a new layer is called, whose shape is this with examples in front."""
        output = f"layer {next(self._numbers)}"
        self.rows[output], self.shapes[output] = row, tuple(shape)
        return output

    def note(self, name: str, output: str, places: Places) -> None:
        """An array by the places of its entries in an output."""
        if places.shape == self.shapes[output] and is_whole(places):
            self.outputs[name] = output
        else:
            self.views[name] = View(output, places)

    def view(self, name: str) -> View:
        if name in self.views:
            return self.views[name]
        output = self.outputs[name]
        return View(output, numbered(self.shapes[output]))

    def output(self, name: str) -> str:
        """The output that an array has entries of."""
        return self.outputs[name] if name in self.outputs else self.views[name].output

    def has_all(self, name: str) -> bool:
        """Whether all entries of an output are in an array once, in whatever order."""
        view = self.view(name)
        is_all = view.places.size == prod(self.shapes[view.output]) and is_whole(np.sort(view.places, axis=None))
        return is_all and view.output not in self.opened

    def lie_alike(self, names: Sequence[str]) -> bool:
        """Whether arrays have all entries of outputs of one shape, otherwise than these, but all in the same order."""
        if len(names) < 2 or any(name not in self.views for name in names):
            return False
        shapes = {self.shapes[self.output(name)] for name in names}
        places = [self.views[name].places for name in names]
        return self.has_all(names[0]) and len(shapes) == 1 and all(np.array_equal(each, places[0]) for each in places)

    def moves(self, node: Node) -> bool:
        """Whether a node only moves entries of one output; its outputs are noted then."""
        views = {name: self.view(name) for name in node.inputs if self.knows(name)}
        output, *others = {view.output for view in views.values()} or {""}
        found = (
            moved(node, {name: view.places for name, view in views.items()}, self.translation.constants) if output and not others else None
        )
        if found is None or any(name in self.translation.inputs for name in node.outputs):
            return False
        for name, places in zip(node.outputs, found, strict=False):
            self.note(name, output, places)
        return True

    def reads(self, name: str) -> str | None:
        """The output that an array is as a whole, where need be that of a layer more: flat, one step, the last states; else None."""
        if name in self.outputs or name not in self.views:
            return self.outputs.get(name)
        output, places = self.views[name].output, self.views[name].places
        shape = self.shapes[output]
        if output in self.opened:
            return None
        if is_whole(places) and places.shape == (shape[0], prod(shape[1:])):
            row = LayerRow("flatten")
        elif output in self.ends and np.array_equal(places, self.ends[output]):
            row = LayerRow("ends")
        elif len(shape) == 3 and np.array_equal(places, numbered(shape)[:, (step := int(places.flat[0]) // shape[2])]):
            row = LayerRow("step", {"place": step})
        else:
            return None
        key = (output, row.kind, *row.options.values())
        if key not in self._made:
            row.sources = (output,)
            self._made[key] = self.add(row, places.shape)
        self.outputs[name] = self._made[key]
        return self.outputs[name]

    def frame(self, names: Sequence[str]) -> Places | None:
        """How arrays lie that have all features of an output along their last axis: the number of each list of features there.

        None where one has not, or they lie in different ways.
        """
        frames = [self._frame(name) for name in names]
        first = frames[0] if frames else None
        alike = first is not None and all(frame is not None and np.array_equal(frame, first) for frame in frames)
        return first if alike else None

    def _frame(self, name: str) -> Places | None:
        view = self.view(name)
        return None if view.output in self.opened else frame_of(view.places, self.shapes[view.output])

    def follows(self, name: str) -> LayerRow | None:
        """The last layer, where an array is its output, nothing else reads that, and no activation stands behind it."""
        last = next(reversed(self.rows), None)
        if (
            last is None
            or last in self.opened
            or self.uses[name] != 1
            or self.view(name).output != last
            or self.rows[last].activation is not None
        ):
            return None
        return self.rows[last]

    def counted(self, name: str) -> tuple[int, ...]:
        """The shape of an array with as many examples as are numbered."""
        return counted(self.translation.values[name].shape)


def frame_of(places: Places, shape: tuple[int, ...]) -> Places | None:
    """The number of each list of features, where these lie along the last axis, and all lists are there once."""
    starts = places[..., :1]
    if places.shape[-1:] != shape[-1:] or not np.array_equal(places, starts + np.arange(shape[-1])):
        return None
    lists = starts[..., 0] // shape[-1]
    return lists if lists.size == prod(shape[:-1]) and is_whole(np.sort(lists, axis=None)) else None


def numbered(shape: Sequence[int]) -> Places:
    """The number of each entry."""
    return np.arange(prod(shape)).reshape(shape)


def is_whole(places: Places) -> bool:
    """Whether all entries are there in order."""
    return bool(np.array_equal(places.ravel(), np.arange(places.size)))


def without_bias(found: Mapping[str, object], name: str = "b") -> dict[str, object]:
    """The option that says so."""
    return {} if name in found else {"bias": False}
