"""Keras's products of two arrays, and a layer that is done at every step of a sequence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from .arranged_nodes import alone, clipped, joined, reduced
from .axis_order import Arranged, Axis, fresh
from .keras_layer import Given, KerasLayer

#: Those whose result at a step is made of that step alone, and which keep nothing of the examples they have seen.
AT_EVERY_STEP = """Dense Activation ReLU LeakyReLU ELU Flatten Dropout Conv1D Conv2D DepthwiseConv2D SeparableConv2D MaxPooling1D
MaxPooling2D AveragePooling1D AveragePooling2D GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D
LayerNormalization""".split()


def dot(layer: KerasLayer) -> Arranged:
    """A sum of products along an axis of each of two arrays; what is left of the second stands behind what is left of the first."""
    values = layer.several
    layer.expect(len(values) == 2, f"found {len(values)} arrays, expected 2")
    axes = layer["axes"]
    places = [axes, axes] if isinstance(axes, int) else axes
    layer.expect(
        isinstance(places, list) and len(places) == 2 and all(isinstance(each, int) for each in places),
        f"axes: found {axes!r}, expected axes",
    )
    places = [place % len(value.order) for place, value in zip(places, values, strict=True)]
    layer.expect(0 not in places, "a product along the examples")
    if layer.config.get("normalize"):
        values = [_normalised(layer, value, place) for value, place in zip(values, places, strict=True)]
    letters = [["n", *"abcdef"[: len(values[0].order) - 1]], ["n", *"uvwxyz"[: len(values[1].order) - 1]]]
    for own, place in zip(letters, places, strict=True):
        own[place] = "s"
    kept = [[letter for letter in own if letter not in "ns"] for own in letters]
    sizes: dict[str, Axis] = {
        letter: axis for own, value in zip(letters, values, strict=True) for letter, axis in zip(own, value.order, strict=True)
    }
    order = [sizes["n"], *(_alike(sizes[letter]) for letter in (*kept[0], *kept[1]))]
    equation = f"{''.join(letters[0])},{''.join(letters[1])}->n{''.join((*kept[0], *kept[1]))}"
    found = layer.writer.node("Einsum", [layer.writer.laid(value) for value in values], order, equation=equation)
    # Of two vectors it is an array of one number for each example.
    return found if kept[0] or kept[1] else Arranged(found.value, found.axes, (*found.order, ()))


def _alike(axis: Axis) -> Axis:
    """An axis of the same size, beside that one: both arrays may be the same."""
    return tuple(piece for part in axis for piece in fresh((1, (part.size,)) if isinstance(part.size, str) else part.size))


def _normalised(layer: KerasLayer, value: Arranged, place: int) -> Arranged:
    """x/√max(Σ x², 10⁻¹²)"""
    total = reduced(layer, "ReduceSum", joined(layer, "Mul", value, value), [place], True)
    return joined(layer, "Div", value, alone(layer, "Sqrt", clipped(layer, total, 1e-12, None)))


def at_every_step(layers: Mapping[str, Callable[[KerasLayer], Given]]) -> Callable[[KerasLayer], Arranged]:
    """A layer on every step: the steps are examples to it."""

    def of(layer: KerasLayer) -> Arranged:
        inner, x = layer["layer"], layer.x
        kind = str(inner.get("class_name")) if isinstance(inner, Mapping) else ""
        layer.expect(kind in AT_EVERY_STEP, f"at every step: found {kind}, expected one of {', '.join(AT_EVERY_STEP)}")
        layer.expect(len(x.order) > 2, f"found {len(x.order)} axes, expected (examples, steps, ...)")
        together = x.order[0] + x.order[1]
        steps = Arranged(x.value, x.axes, (together, *x.order[2:]))
        found = layers[kind](replace(layer, kind=kind, config=inner["config"], path=f"{layer.path}/layer", given=[steps], options={}))
        assert isinstance(found, Arranged)
        layer.expect(found.order[0] == together, f"{kind} joins steps")
        return Arranged(found.value, found.axes, (*x.order[:2], *found.order[1:]))

    return of
