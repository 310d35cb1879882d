"""Nodes on arrays that lie in an order of their own: what operators of all models' libraries have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from .axis_order import Arranged, Axis, Size, fixed, fresh
from .graph_writer import Array, GraphWriter


class Caller(Protocol):
    """A layer or a call that nodes are written for."""

    @property
    def writer(self) -> GraphWriter: ...

    def operand(self, value: Any) -> Arranged:
        """A number as a constant of the right dtype; an array as it is."""
        ...

    def array(self, value: Arranged) -> Array | None:
        """The numbers of a weight that nothing else reads."""
        ...


def joined(call: Caller, operator: str, *values: Any) -> Arranged:
    """A node on operands of which each may have an axis of size 1 where others have more."""
    operands = [call.operand(value) for value in values]
    full = [value for value in operands if value.axes]
    frame = _common(full) if len({len(value.order) for value in full}) == 1 else None
    if frame is None:
        names = [call.writer.laid(value) for value in operands]
        return call.writer.node(operator, names, broadcast([value.order for value in operands]))
    order = broadcast([value.order for value in full])
    return call.writer.node(operator, [value.value for value in operands], [order[place] for place in frame], order)


def _common(values: list[Arranged]) -> list[int] | None:
    """Which axis of the order each axis of the arrays is, if that is the same for all and none is cut or joined."""
    frames = []
    for value in values:
        if len(value.axes) != len(value.order) or () in value.axes or set(value.axes) != set(value.order):
            return None
        frames.append([value.order.index(axis) for axis in value.axes])
    return frames[0] if all(frame == frames[0] for frame in frames) else None


def broadcast(orders: Sequence[tuple[Axis, ...]]) -> tuple[Axis, ...]:
    """Axes counted from the last; one that has no pieces takes what another has."""
    most = max(len(order) for order in orders)
    aligned = [((),) * (most - len(order)) + tuple(order) for order in orders]
    return tuple(next((axis for axis in axes if axis), ()) for axes in zip(*aligned, strict=True))


def alone(call: Caller, operator: str, value: Arranged, **attributes: object) -> Arranged:
    """A node on each entry of an array, as it lies."""
    return call.writer.node(operator, [value.value], value.axes, value.order, **attributes)


def clipped(call: Caller, value: Arranged, low: Any, high: Any) -> Arranged:
    ends = ["" if end is None else call.operand(end).value for end in (low, high)]
    return call.writer.node("Clip", [value.value, *ends], value.axes, value.order)


def _whole(call: Caller, value: Arranged, place: int) -> tuple[Arranged, int]:
    """The value as it lies with an axis that is one, and which axis of its array that is."""
    axis = value.order[place]
    found = call.writer.naturally(value, [axis])
    return found, found.axes.index(axis) if axis else place


def part(call: Caller, value: Arranged, place: int, start: int, stop: int, step: int = 1) -> Arranged:
    """Entries of an axis from `start` to before `stop`, which is −1 where it goes back to the first."""
    found, at = _whole(call, value, place)
    taken = fresh(len(range(start, stop, step)))
    # A negative number is counted from the end; one that is before the first place is no place.
    ends = stop if stop >= 0 else -int(fixed(value.shape[place]) or 0) - 1
    said = {"starts": start, "ends": ends, "axes": at, "steps": step}
    numbers = [call.writer.whole_numbers([number], name) for name, number in said.items()]
    return call.writer.node("Slice", [found.value, *numbers], with_axis(found.axes, at, taken), with_axis(value.order, place, taken))


def pieces(call: Caller, value: Arranged, place: int, sizes: Sequence[int]) -> tuple[Arranged, ...]:
    """An axis of more than 1 in parts, one behind the other."""
    if len(sizes) == 1:
        return (value,)
    found, at = _whole(call, value, place)
    taken = [fresh(size) for size in sizes]
    names = call.writer.outputs("Split", [found.value, call.writer.whole_numbers(sizes, "split")], len(sizes), axis=at)
    return tuple(
        Arranged(name, with_axis(found.axes, at, own), with_axis(value.order, place, own)) for name, own in zip(names, taken, strict=True)
    )


def entry(call: Caller, value: Arranged, place: int, index: int) -> Arranged:
    """One place of an axis, which is gone then."""
    axis = value.order[place]
    order = (*value.order[:place], *value.order[place + 1 :])
    if not axis:
        return Arranged(value.value, value.axes, order)
    found = call.writer.naturally(value, [axis])
    at = found.axes.index(axis)
    size = fixed(value.shape[place])
    number = call.writer.constant(np.array(index % size if size else index), f"{call.writer.at}.index")
    return call.writer.node("Gather", [found.value, number.value], (*found.axes[:at], *found.axes[at + 1 :]), order, axis=at)


def with_axis(axes: tuple[Axis, ...], place: int, axis: Axis) -> tuple[Axis, ...]:
    return (*axes[:place], axis, *axes[place + 1 :])


def concatenated(call: Caller, values: Sequence[Arranged], place: int, size: Size) -> Arranged:
    """Values behind each other along an axis, which gets a size."""
    joint = fresh(size)
    frame = _common([Arranged(value.value, value.axes, value.order) for value in values])
    order = with_axis(broadcast([value.order for value in values]), place, joint)
    if frame is None:
        return call.writer.node("Concat", [call.writer.laid(value) for value in values], order, axis=place)
    axes = [order[each] for each in frame]
    return call.writer.node("Concat", [value.value for value in values], axes, order, axis=frame.index(place))


def reduced(call: Caller, operator: str, x: Arranged, places: Sequence[int], keep: bool) -> Arranged:
    """A sum, mean or maximum along axes, which are gone or of size 1 then."""
    gone = [x.order[place] for place in places if x.order[place]]
    found = call.writer.naturally(x, gone)
    at = [found.axes.index(axis) for axis in gone]
    order = tuple(() if place in places else axis for place, axis in enumerate(x.order) if keep or place not in places)
    if not at:
        return Arranged(x.value, x.axes, order)
    axes = tuple(axis for axis in found.axes if axis not in gone)
    numbers = call.writer.whole_numbers(sorted(at), "axes")
    return call.writer.node(operator, [found.value, numbers], axes, order, keepdims=0)


def along(call: Caller, operator: str, x: Arranged, place: int) -> Arranged:
    """A softmax, or the logarithm of one, along an axis."""
    found, at = _whole(call, x, place)
    return call.writer.node(operator, [found.value], found.axes, x.order, axis=at)


def over_last(call: Caller, operator: str, x: Arranged, count: int, weights: Sequence[str], epsilon: float) -> Arranged:
    """A normalisation over the last axes."""
    found = call.writer.naturally(x, list(x.order[-count:]), last=True)
    return call.writer.node(operator, [found.value, *weights], found.axes, x.order, axis=-count, epsilon=epsilon)


def dense(call: Caller, x: Arranged, weight: Arranged, bias: Arranged | None, is_turned: bool) -> Arranged:
    """x W + b along the last axis, wherever the others lie; W is (units, features) where it `is_turned`, else (features, units).

    Features that were flattened out of another order than they lie in stay as they lie: the weights are put in that order.
    """
    order = _as_it_lies(call, x, weight, 1 if is_turned else 0)
    moved = Arranged(x.value, x.axes, (*x.order[:-1], order))
    found = call.writer.naturally(moved, [order], last=True)
    units = weight.order[0 if is_turned else 1]
    axes, meant = (*found.axes[:-1], units), (*x.order[:-1], units)
    if len(found.axes) == 2:
        biases = [] if bias is None else [call.writer.laid(bias)]
        turned = {"transB": 1} if is_turned else {}
        return call.writer.node("Gemm", [found.value, call.writer.laid(weight), *biases], axes, meant, **turned)
    inner = _turned(call, weight) if is_turned else call.writer.laid(weight)
    product = call.writer.node("MatMul", [found.value, inner], axes, meant)
    return product if bias is None else call.writer.node("Add", [product.value, call.writer.laid(bias)], axes, meant)


def _as_it_lies(call: Caller, x: Arranged, weight: Arranged, place: int) -> Axis:
    """The last axis in the order of the array, once the weights are in that order too."""
    axis = x.order[-1]
    lying = [piece for each in x.axes for piece in each]
    natural = tuple(sorted(axis, key=lying.index))
    array = call.array(weight)
    if natural == axis or array is None:
        return axis
    sizes = [piece.size for piece in axis if isinstance(piece.size, int)]
    cut = np.moveaxis(array, place, 0).reshape(*sizes, -1)
    moved = cut.transpose([*(axis.index(piece) for piece in natural), len(sizes)]).reshape(array.shape[place], -1)
    call.writer.constants[weight.value] = np.ascontiguousarray(np.moveaxis(moved, 0, place))
    call.writer.remark(f"{weight.value} is in the order in which its features lie here: channels, rows, columns")
    return natural


def _turned(call: Caller, weight: Arranged) -> str:
    """Wᵀ: a weight that nothing else reads is kept so."""
    array = call.array(weight)
    if array is None:
        return call.writer.laid(weight.permuted([1, 0]))
    call.writer.constants[weight.value] = np.ascontiguousarray(array.T)
    return weight.value
