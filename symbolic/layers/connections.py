"""Which layer reads which: the layers of a network with their sources found, their equations chosen and all shapes known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of, located

from .layer import Layer
from .layer_equations import ExampleShape, LayerEquations
from .layout import Layout


@dataclass(frozen=True, slots=True)
class Input:
    """What a network is given of one example: numbers of a shape, or, with a vocabulary, labels from 0 up to it."""

    shape: ExampleShape
    vocabulary: int | None = None


@dataclass(frozen=True)
class Connected:
    """A layer in its place: the names of what it reads and of its output, their shapes, and its equations.

    `classes` is the place of the axis of classes among those of an example of its output.
    """

    layer: Layer
    suffix: str
    sources: tuple[str, ...]
    output: str
    forward: LayerEquations
    shape: ExampleShape
    classes: int


def connected(inputs: Mapping[str, Input], layers: Sequence[Layer], suffixes: Sequence[str], layout: Layout) -> tuple[Connected, ...]:
    """Every layer with what it reads, in order.

    Raises:
        InvalidDescription: beginning with the layer, where a source is unknown or shapes do not fit.
    """
    shapes: dict[str, ExampleShape] = {name: given.shape for name, given in inputs.items()}
    classes = {name: _input_classes(shape) for name, shape in shapes.items()}
    found: list[Connected] = []
    for number, (layer, suffix) in enumerate(zip(layers, suffixes, strict=True)):
        with located(("layers", number), f"layer {suffix}: "):
            found.append(_connect(layer, suffix, inputs, shapes, classes, found, layout))
        shapes[found[-1].output], classes[found[-1].output] = found[-1].shape, found[-1].classes
    return tuple(found)


def _input_classes(shape: ExampleShape) -> int:
    """Of an image its channels, which are its first axis; of a sequence its features, which are its last."""
    return 0 if len(shape) > 2 else max(len(shape) - 1, 0)


def chosen_axis(axis: int | str | None, rank: int, own: int) -> int:
    """The axis of an example that a description names, by its place from 0 or by a word for it; without one, its `own`, that of classes.

    Raises:
        InvalidDescription: where an example has no such axis.
    """
    if axis is None:
        return own
    names = axis_names(rank, own)
    if axis in names:
        return names.index(str(axis))
    if isinstance(axis, str) or not 0 <= axis < rank:
        expected = f"0 to {rank - 1}" + (f", or one of {', '.join(names)}" if names else "")
        raise InvalidDescription(f"axis: found {axis!r}, expected {expected} (the axes of one example)", ("axis",))
    return axis


def axis_names(rank: int, own: int) -> tuple[str, ...]:
    """What the axes of an example are called; channels lie along the first axis, as classes then do, and features along the last."""
    match rank:
        case 1:
            return ("features",)
        case 2:
            return ("channels", "steps") if own == 0 else ("steps", "features")
        case 3:
            return ("channels", "rows", "columns")
        case _:
            return ()


def _connect(
    layer: Layer,
    suffix: str,
    inputs: Mapping[str, Input],
    shapes: Mapping[str, ExampleShape],
    classes: Mapping[str, int],
    before: Sequence[Connected],
    layout: Layout,
) -> Connected:
    sources = _sources(layer, inputs, shapes, before)
    for source in sources:
        _fits(layer, source, inputs, shapes[source])
    incoming = tuple(shapes[source] for source in sources)
    forward = layer.definition.forward(incoming, layer.chosen_options)
    sizes = _letters(layer, sources, incoming, forward)
    leading = _between(forward.sources[0], incoming[0])
    shape = tuple(
        size for letter in forward.result.split(",") for size in ([sizes[letter]] if letter != ".." else leading) if forward.result
    )
    if layout.examples == "columns" and any(len(size) != 1 for size in (*incoming, shape)):
        raise InvalidDescription('examples = "columns" goes with layers of flat features; leave it out of [layout]')
    own = forward.class_place(len(shape), classes[sources[0]])
    with located(("activation",), "activation: "):
        place = chosen_axis(layer.axis, len(shape), own)
    return Connected(layer, suffix, sources, f"a{suffix}", forward, shape, place)


def _sources(layer: Layer, inputs: Mapping[str, Input], shapes: Mapping[str, ExampleShape], before: Sequence[Connected]) -> tuple[str, ...]:
    if not layer.sources:
        if not before and len(inputs) > 1:
            raise InvalidDescription(f"from is missing; the network has several inputs: {', '.join(inputs)}", ("from",))
        return (before[-1].output if before else next(iter(inputs)),)
    named = {connected.suffix: connected.output for connected in before if not connected.suffix.isdigit()}
    for source in layer.sources:
        if source not in shapes and source not in named:
            raise InvalidDescription(f"from: unknown layer or input {source!r}; {expected_one_of(source, shapes)}", ("from",))
    return tuple(named.get(source, source) if source not in shapes else source for source in layer.sources)


def _fits(layer: Layer, source: str, inputs: Mapping[str, Input], shape: ExampleShape) -> None:
    """Whether a layer can take what a source gives."""
    definition = layer.definition
    has_labels = source in inputs and inputs[source].vocabulary is not None
    if has_labels != definition.labels:
        found, expected = ("labels", "numbers") if has_labels else ("numbers", "labels")
        remedy = "; an embedding turns them into numbers" if has_labels else "; give the input a vocabulary"
        raise InvalidDescription(f"{layer.kind} takes {expected}, found {found} in {source}{remedy}")
    least, most = definition.ranks
    if not least <= len(shape) <= most:
        written = " × ".join(map(str, shape)) or "a single number"
        extra = "; a layer of kind 'flatten' makes one axis of them" if len(shape) > most else ""
        raise InvalidDescription(f"{layer.kind} takes {definition.axes}, found {source} with the shape {written}{extra}")


def own_letters(declared: str) -> list[str]:
    """The letters of a declaration such as x[..,i]."""
    inside = declared[declared.index("[") + 1 : -1]
    return [part.strip() for part in inside.split(",")] if inside else []


def _between(declared: str, shape: ExampleShape) -> ExampleShape:
    """The sizes of the axes that two dots stand for."""
    letters = own_letters(declared)
    if ".." not in letters:
        return ()
    start = letters.index("..")
    return shape[start : start + len(shape) - len(letters) + 1]


def _letters(layer: Layer, sources: Sequence[str], incoming: Sequence[ExampleShape], forward: LayerEquations) -> dict[str, int]:
    """The size of every letter; sources that share one must agree."""
    sizes: dict[str, int] = dict(forward.sizes)
    leading: ExampleShape | None = None
    for source, shape, declared in zip(sources, incoming, forward.sources, strict=True):
        letters = own_letters(declared)
        between = _between(declared, shape)
        agrees = len(letters) - (".." in letters) + len(between) == len(shape)
        if ".." in letters:
            agrees = agrees and leading in (None, between)
            leading = between
        start = letters.index("..") if ".." in letters else len(letters)
        rest = [*zip(letters[:start], shape, strict=False), *zip(reversed(letters[start + 1 :]), reversed(shape), strict=False)]
        agrees = agrees and all(sizes.setdefault(letter, size) == size for letter, size in rest)
        if not agrees:
            first = " × ".join(map(str, incoming[0]))
            other = " × ".join(map(str, shape))
            raise InvalidDescription(f"{layer.kind}: {sources[0]} has the shape {first} and {source} {other}; they do not fit together")
    return sizes
