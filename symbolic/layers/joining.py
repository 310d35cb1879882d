"""Layers that join several others: added or multiplied entry by entry, or one behind the other along an axis."""

from __future__ import annotations

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.limits import MOST_SOURCES

from .activations import PROBABILITY, ValueBound
from .layer_equations import AS_INCOMING, ExampleShape, LayerEquations, LayerKind, index_sum
from .options import Option, Options

#: Letters of the axes of an example.
AXES = "cdefghkl"


def _entry_by_entry(kind: str, sign: str, sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Entries at the same place; a later source with fewer axes, or with 1 entry along one, is the same all along the others."""
    names = [f"x{number}" for number in range(len(sources))]
    whole = sources[0]
    starts = [_first_axis(kind, shape, whole, option) for shape in sources]
    if len(set(sources)) == 1 or None in starts:
        # Sources that do not fit are refused where they are connected.
        return LayerEquations(
            tuple(f"{name}[..]" for name in names), "..", (f"out[n,..] = {sign.join(f'{name}[n,..]' for name in names)}",)
        )
    letters = AXES[: len(whole)]
    declared, read = [], []
    for name, shape, start in zip(names, sources, starts, strict=True):
        along = zip(letters[start:], shape, whole[start:], strict=False)
        own = [letter if size == of else f"{letter}{name}" for letter, size, of in along]
        declared.append(f"{name}[{','.join(own)}]")
        read.append(f"{name}[{','.join(['n', *(letter if letter in letters else '0' for letter in own)])}]")
    inside = ",".join(letters)
    return LayerEquations(tuple(declared), inside, (f"out[n,{inside}] = {sign.join(read)}",), classes=AS_INCOMING)


def _first_axis(kind: str, shape: ExampleShape, whole: ExampleShape, option: Options) -> int | None:
    """The axis of the whole at which a shape begins: that of [3] is 0 in [3, 5, 7], and 1 in [7, 3]; None where it fits nowhere."""
    starts = [
        start
        for start in range(len(whole) - len(shape) + 1)
        if all(size in (1, of) for size, of in zip(shape, whole[start:], strict=False))
    ]
    if len(shape) < len(whole) and option.axis is not None:
        starts = [start for start in starts if start == option.axis]
    if len(starts) > 1 and any(size > 1 for size in shape):
        first, other = (" × ".join(map(str, sizes)) or "a single number" for sizes in (whole, shape))
        places = " or ".join(f"axis = {start}" for start in starts)
        raise InvalidDescription(f"{kind}: {other} fits into {first} in more than one way; {places} says where it begins", ("axis",))
    return starts[0] if starts else None


def add(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Layers added entry by entry: a residual connection."""
    return _entry_by_entry("add", " + ", sources, option)


def multiply(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Layers multiplied entry by entry: a gate."""
    return _entry_by_entry("multiply", "*", sources, option)


def concatenate(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Layers one behind the other along an axis; the other axes agree."""
    rank = len(sources[0])
    axis = option.axis if option.axis is not None else (0 if rank == 3 else rank - 1)
    if not 0 <= axis < rank:
        raise InvalidDescription(f"axis of concatenate: found {axis}, expected 0 to {rank - 1} (the axes of one example)", ("axis",))
    _refuse_unequal(sources, axis)
    others = list(AXES[:rank])
    declared, equations, start = [], [], 0
    for number, shape in enumerate(sources):
        own = f"i{number}"
        read = [*others[:axis], own, *others[axis + 1 : rank]]
        place = [*others[:axis], index_sum((1, own), offset=start), *others[axis + 1 : rank]]
        declared.append(f"x{number}[{','.join(read)}]")
        equations.append(f"out[n,{','.join(place)}] = x{number}[n,{','.join(read)}]")
        start += shape[axis] if axis < len(shape) else 0
    result = [*others[:axis], "i", *others[axis + 1 : rank]]
    return LayerEquations(tuple(declared), ",".join(result), tuple(equations), {"i": start}, features=frozenset("i"), classes=AS_INCOMING)


def _refuse_unequal(sources: tuple[ExampleShape, ...], axis: int) -> None:
    """All axes but the one along which they are joined agree; the message says along which they would."""
    rank = len(sources[0])
    of_one_rank = all(len(shape) == rank for shape in sources)
    fitting = [place for place in range(rank) if of_one_rank and len({(*shape[:place], *shape[place + 1 :]) for shape in sources}) == 1]
    if axis in fitting:
        return
    written = " and ".join(" × ".join(map(str, shape)) or "a single number" for shape in sources)
    remedy = f"axis = {fitting[0]} joins them" if fitting else "all other axes have to agree"
    raise InvalidDescription(f"concatenate: found {written}; they do not fit together along axis {axis} (counted from 0): {remedy}")


AXIS = {
    "axis": Option("where a layer of fewer axes begins, counted from 0; without it where it fits", least=0, most=9, optional=True),
}

KINDS: dict[str, LayerKind] = {
    "add": LayerKind(
        "layers added entry by entry: a residual connection",
        add,
        options=AXIS,
        sources=(2, MOST_SOURCES),
        keeps=frozenset({ValueBound.POSITIVE}),
    ),
    "multiply": LayerKind("layers multiplied entry by entry: a gate", multiply, options=AXIS, sources=(2, MOST_SOURCES), keeps=PROBABILITY),
    "concatenate": LayerKind(
        "layers one behind the other along an axis of an example",
        concatenate,
        options={
            "axis": Option("the axis, counted from 0; without it channels of an image, features otherwise", least=0, most=9, optional=True)
        },
        sources=(2, MOST_SOURCES),
        keeps=PROBABILITY,
    ),
}
