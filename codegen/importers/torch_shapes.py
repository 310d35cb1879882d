"""PyTorch's views, parts of tensors, and tensors put together."""

from __future__ import annotations

from collections.abc import Callable

from .arranged_nodes import concatenated, entry, part, pieces
from .axis_order import Arranged, fixed, fresh
from .torch_call import Call, Given, listed

#: The same entries in the same order, with other axes.
VIEWS = "view reshape _unsafe_view flatten unflatten squeeze unsqueeze view_as reshape_as"
#: The tensor itself.
SAME = "contiguous clone detach alias lift_fresh_copy"

#: What the operator Cast calls a dtype.
CAST_TO = {"float32": 1, "uint8": 2, "int8": 3, "int16": 5, "int32": 6, "int64": 7, "bool": 9, "float16": 10, "float64": 11}


def _view(call: Call) -> Arranged:
    return call.viewed(call["self"])


def _same(call: Call) -> Arranged:
    value: Arranged = call["self"]
    return value


def _to(call: Call) -> Arranged:
    value: Arranged = call["self"]
    found = call.dtypes[0]
    if found == call.dtype:
        return value
    return call.writer.node("Cast", [value.value], value.axes, value.order, to=CAST_TO[found])


def _permute(call: Call) -> Arranged:
    value: Arranged = call["self"]
    return value.permuted([call.place(dim, value) for dim in call["dims"]])


def _transpose(call: Call) -> Arranged:
    value: Arranged = call["self"]
    places = list(range(len(value.order)))
    one, other = (call.place(call.arguments.get(name, default), value) for name, default in (("dim0", 0), ("dim1", 1)))
    places[one], places[other] = places[other], places[one]
    return value.permuted(places)


def _turned(call: Call) -> Arranged:
    """t, mT: the last two axes."""
    value: Arranged = call["self"]
    count = len(value.order)
    return value.permuted([*range(count - 2), *range(count - 1, max(count - 3, -1), -1)])


def _movedim(call: Call) -> Arranged:
    value: Arranged = call["self"]
    sources, targets = ([call.place(dim, value) for dim in listed(call[name], 1)] for name in ("source", "destination"))
    rest = iter(place for place in range(len(value.order)) if place not in sources)
    at = dict(zip(targets, sources, strict=True))
    return value.permuted([at[place] if place in at else next(rest) for place in range(len(value.order))])


def _expand(call: Call) -> Arranged:
    """Axes of size 1 repeated. Where the size is the batch's, it is read from an array that has it."""
    value: Arranged = call["self"]
    ahead = len(call.shape) - len(value.order)
    order = ((),) * ahead + value.order
    if all(bool(axis) == (size != (1, ())) for axis, size in zip(order, call.shape, strict=True)):
        return Arranged(value.value, value.axes, order)
    return call.writer.expanded(call.writer.laid(value), tuple(axis or fresh(size) for axis, size in zip(order, call.shape, strict=True)))


def _slice(call: Call) -> Arranged:
    value: Arranged = call["self"]
    place = call.place(call["dim"], value)
    size = fixed(value.shape[place])
    start, stop, step = call["start"] or 0, call["end"], call["step"]
    if size is None:
        call.expect(start == 0 and step == 1 and call.shape[place] == value.shape[place], "a part of an axis whose size is free")
        return value
    start, stop, step = slice(start, size if not isinstance(stop, int) else stop, step).indices(size)
    return value if (start, stop, step) == (0, size, 1) else part(call, value, place, start, stop, step)


def _select(call: Call) -> Arranged:
    value: Arranged = call["self"]
    place, index = call.place(call["dim"], value), call["index"]
    call.expect(fixed(value.shape[place]) is not None or index >= 0, "an entry counted from the end of an axis whose size is free")
    return entry(call, value, place, index)


def _split(call: Call) -> tuple[Arranged, ...]:
    """split, chunk, tensor_split: the sizes are those that come out."""
    place = call.place(call["dim"], call["self"])
    sizes = [fixed(shape[place]) for shape in call.shapes]
    call.expect(None not in sizes, "parts of an axis whose size is free")
    return pieces(call, call["self"], place, [size for size in sizes if size is not None])


def _unbind(call: Call) -> tuple[Arranged, ...]:
    place = call.place(call["dim"], call["self"])
    parts = pieces(call, call["self"], place, [1] * len(call.shapes))
    return tuple(Arranged(part.value, part.axes, (*part.order[:place], *part.order[place + 1 :])) for part in parts)


def _cat(call: Call) -> Arranged:
    values = [value for value in call["tensors"] if value.shape != ((0, ()),)]
    place = call.place(call["dim"], values[0])
    return concatenated(call, values, place, call.shape[place])


def _stack(call: Call) -> Arranged:
    values = call["tensors"]
    place = call["dim"] % (len(values[0].order) + 1)
    beside = [Arranged(value.value, value.axes, (*value.order[:place], (), *value.order[place:])) for value in values]
    return concatenated(call, beside, place, (len(values), ()))


def _flip(call: Call) -> Arranged:
    value: Arranged = call["self"]
    for dim in call["dims"]:
        place = call.place(dim, value)
        size = fixed(value.shape[place])
        call.expect(size is not None, "turns round an axis whose size is free")
        value = value if size == 1 else part(call, value, place, (size or 0) - 1, -1, -1)
    return value


def _roll(call: Call) -> Arranged:
    """The last entries of an axis in front of the others."""
    value: Arranged = call["self"]
    call.expect(len(call["dims"]) == len(call["shifts"]), "a roll of all entries in a row")
    for dim, shift in zip(call["dims"], call["shifts"], strict=True):
        place = call.place(dim, value)
        size = fixed(value.shape[place])
        call.expect(size is not None, "rolls an axis whose size is free")
        size = size or 1
        if start := -shift % size:
            ends = [part(call, value, place, start, size), part(call, value, place, 0, start)]
            value = concatenated(call, ends, place, (size, ()))
    return value


def _repeat(call: Call) -> Arranged:
    """The whole again and again along each axis; axes that are new come first."""
    value: Arranged = call["self"]
    times = call["repeats"] if "repeats" in call.arguments else call["dims"]
    call.expect(all(isinstance(each, int) and each > 0 for each in times), "repeats a number of times that is free, or 0")
    ahead = max(len(times) - len(value.order), 0)
    value = Arranged(value.value, value.axes, ((),) * ahead + value.order)
    for place, count in enumerate([1] * (len(value.order) - len(times)) + list(times)):
        number, free = value.shape[place]
        if count > 1:
            value = concatenated(call, [value] * count, place, (number * count, free))
    return value


def _pad(call: Call) -> Arranged:
    """PyTorch counts from the last axis: before and behind of each."""
    value: Arranged = call["self"]
    modes = {"constant": "constant", "reflect": "reflect", "replicate": "edge"}
    call.expect(call["mode"] in modes, f"padding by {call['mode']!r}")
    given, count = call["pad"], len(value.order)
    before, behind = ([0] * (count - len(given) // 2) + given[first::2][::-1] for first in (0, 1))
    order = tuple(axis if size == have else fresh(size) for axis, size, have in zip(value.order, call.shape, value.shape, strict=True))
    fill = call.writer.laid(call.operand(float(call.arguments.get("value") or 0)))
    pads = call.writer.whole_numbers([*before, *behind], "pads")
    return call.writer.node("Pad", [call.writer.laid(value), pads, fill], order, mode=modes[call["mode"]])


TABLE: dict[str, Callable[[Call], Given]] = {
    **dict.fromkeys(VIEWS.split(), _view),
    **dict.fromkeys(SAME.split(), _same),
    "to": _to,
    "_to_copy": _to,
    "type_as": _to,
    "permute": _permute,
    "transpose": _transpose,
    "swapaxes": _transpose,
    "t": _turned,
    "numpy_T": _turned,
    "mT": _turned,
    "movedim": _movedim,
    "expand": _expand,
    "expand_as": _expand,
    "slice": _slice,
    "select": _select,
    "split": _split,
    "split_with_sizes": _split,
    "chunk": _split,
    "tensor_split": _split,
    "unbind": _unbind,
    "cat": _cat,
    "concat": _cat,
    "stack": _stack,
    "flip": _flip,
    "roll": _roll,
    "repeat": _repeat,
    "tile": _repeat,
    "pad": _pad,
}
