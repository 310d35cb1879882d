"""Scaled dot-product attention as one operator (Vaswani et al., 2017), with heads that share keys and values (Ainslie et al., 2023)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chainrule.symbolic.index.numeric_array import NumericArray

from . import attributes
from .graph import Node
from .places import Axis, Place
from .reshaping import reshaped
from .sizes import product
from .translation import Translation, Writer, number
from .values import Value, entry

#: Scores as low as this are none at all.
LEAST_SCORE = -1e9
#: What the fourth output is: scores, those within the cap, those with the mask, weights.
SCORES, CAPPED, MASKED, WEIGHTS = range(4)


def _attention(translation: Translation, node: Node) -> None:
    """Axes are examples, heads, steps and features; heads are two axes, groups and what is in each, where keys are shared."""
    if attributes.has(node, 6):
        raise attributes.refused(node, "has keys of several lengths (nonpad_kv_seqlen); expected all of them to count")
    queries, keys, values = (translation.value(name) for name in node.inputs[:3])
    is_flat = len(queries.axes) == 3
    if is_flat:
        own, shared = attributes.whole(node, "q_num_heads", 1), attributes.whole(node, "kv_num_heads", 1)
        queries, keys, values = (_in_heads(translation, each, count) for each, count in ((queries, own), (keys, shared), (values, shared)))
    past = 0
    if attributes.has(node, 4):
        before = translation.value(node.inputs[4]), translation.value(node.inputs[5])
        past = int(before[0].axes[2].size)
        keys, values = _behind(translation, before[0], keys), _behind(translation, before[1], values)
    for name, found in zip(node.outputs[1:3], (keys, values), strict=False):
        translation.values[name] = found
    batch, heads, *rest = queries.shape
    is_shared = heads != keys.axes[1].size
    if is_shared:
        queries = reshaped(translation, queries, (batch, keys.axes[1].size, int(heads) // int(keys.axes[1].size), *rest))
    result = _weighted(translation, node, queries, keys, values, past, int(heads))
    count = len(result.axes)
    if is_flat:
        # Steps before heads, and all features of a step behind each other.
        order = [0, count - 2, *range(1, count - 2), count - 1]
        turned = result.viewed([result.axes[at] for at in order], lambda places: [places[order.index(at)] for at in range(count)])
        result = reshaped(translation, turned, (*turned.shape[:2], product(turned.shape[2:])))
    elif is_shared:
        result = reshaped(translation, result, (batch, heads, *result.shape[-2:]))
    translation.values[node.outputs[0]] = result


def _in_heads(translation: Translation, value: Value, heads: int) -> Value:
    """(n, t, h d) as (n, h, t, d)."""
    batch, steps, features = value.shape
    found = reshaped(translation, value, (batch, steps, heads, int(features) // heads))
    axes = (found.axes[0], found.axes[2], found.axes[1], found.axes[3])
    return found.viewed(axes, lambda places: [places[0], places[2], places[1], places[3]])


def _behind(translation: Translation, first: Value, second: Value) -> Value:
    """Along the steps, what was there before and what is new."""
    batch, heads, steps, features = second.axes
    start = int(first.axes[2].size)
    joined, own, new = (Axis.new(size, steps.hint) for size in (start + int(steps.size), start, steps.size))
    parts: list[tuple[Sequence[Place | Axis], str]] = [
        ((batch, heads, own, features), first.at(batch, heads, own, features)),
        ((batch, heads, Place.at(new).plus(start), features), second.at(batch, heads, new, features)),
    ]
    return translation.placed("v", (batch, heads, joined, features), parts)


def _weighted(translation: Translation, node: Node, queries: Value, keys: Value, values: Value, past: int, heads: int) -> Value:
    """Σ_u softmax_u(q·k) v."""
    *outer, steps, features = queries.axes
    others = Axis.new(keys.axes[2].size, keys.axes[2].hint)
    axes = (*outer, steps, others)
    factor = f"*{number(attributes.real(node, 'scale', 1))}" if "scale" in node.attributes else f"/sqrt({features.size})"
    body = f"{queries.at(*queries.axes)}*{keys.at(*outer[:2], others, features)}"
    scores = translation.define("s", axes, f"sum({features}, {body}){factor}")
    stages = {SCORES: scores}
    if softcap := attributes.real(node, "softcap", 0):
        scores = translation.define("s", axes, f"{number(softcap)}*tanh({scores.at(*axes)}/{number(softcap)})")
    stages[CAPPED] = scores
    bounds = _bounds(node, steps, others, past)
    conditions, text = [], scores.at(*axes)
    if attributes.has(node, 3) and not _is_known(translation, node, bounds, steps, others, past):
        mask = _mask(translation, node, outer, heads)
        if mask.axes[-1].size not in (1, others.size):
            bounds.append(f"{others} < {mask.axes[-1].size}")
        said = entry(mask, (*axes[:-1], others)) if mask.axes[-1].size in (1, others.size) else mask.at(*_short(mask, axes))
        if node.inputs[3] in translation.booleans:
            conditions.append(f"{said} > 0")
        else:
            text = f"({text} + {said})"
            stages[MASKED] = translation.define("s", axes, text[1:-1])
            text = stages[MASKED].at(*axes)
    if conditions:
        # A step that sees no place at all has the weights 0.
        each = translation.define("e", axes, f"where({' and '.join([*bounds, *conditions])}, exp({text}), 0)")
        total = translation.define("t", axes[:-1], f"sum({others}, {each.at(*axes)})")
        among = total.at(*axes[:-1])
        weights = translation.define("p", axes, f"{each.at(*axes)}/where({among} > 0, {among}, 1)")
    else:
        weights = translation.define("p", axes, f"softmax({' and '.join(bounds) or others}, {text})")
    if len(node.outputs) > 3:
        wanted = attributes.whole(node, "qk_matmul_output_mode", 0)
        stages[WEIGHTS] = weights
        if wanted == MASKED and (bounds or conditions):
            raise attributes.refused(node, "gives scores of which some are infinite")
        found = stages.get(wanted, stages[CAPPED])
        translation.values[node.outputs[3]] = (
            reshaped(translation, found, (queries.shape[0], heads, *found.shape[-2:])) if len(outer) > 2 else found
        )
    summed_over = values.at(*outer[:2], others, values.axes[3])
    return translation.define("r", (*outer, steps, values.axes[3]), f"sum({others}, {weights.at(*axes)}*{summed_over})")


def _bounds(node: Node, steps: Axis, others: Axis, past: int) -> list[str]:
    """Which places a step sees: itself and those before, or those near it."""
    here = Place.at(steps).plus(past)
    found = [f"{others} <= {here}"] if attributes.whole(node, "is_causal", 0) else []
    left, right = attributes.whole(node, "left_window_size", -1), attributes.whole(node, "right_window_size", -1)
    found += [f"{others} >= {here.plus(-left)}"] if left >= 0 else []
    return found + ([f"{others} <= {here.plus(right)}"] if right >= 0 else [])


def seen_places(mask: NumericArray) -> NDArray[np.bool_] | None:
    """Which places a mask lets a step see; None where it is a number that is added to scores."""
    return (
        np.asarray(mask if mask.dtype == bool else mask == 0) if mask.dtype == bool or np.all((mask == 0) | (mask <= LEAST_SCORE)) else None
    )


def _is_up_to_itself(seen: NDArray[np.bool_]) -> bool:
    return bool(np.array_equal(seen, np.broadcast_to(np.tri(*seen.shape[-2:]) > 0, seen.shape)))


def is_causal_mask(mask: NumericArray, steps: int) -> bool:
    """Whether each of so many steps sees itself and those before."""
    seen = seen_places(mask)
    return seen is not None and seen.shape[-2:] == (steps, steps) and _is_up_to_itself(seen)


def _is_known(translation: Translation, node: Node, bounds: list[str], steps: Axis, others: Axis, past: int) -> bool:
    """Whether a mask of the file is said by bounds: all places, or those up to the step itself; else it is noted as true or false."""
    name = node.inputs[3]
    array: NumericArray | None = translation.constants.get(name)
    seen = None if array is None else seen_places(array)
    if seen is None:
        return False
    shape = seen.shape[-2:]
    if not past and shape == (steps.size, others.size) and _is_up_to_itself(seen):
        bounds.append(f"{others} <= {steps}")
        return True
    while seen.ndim > 2 and seen.shape[0] == 1:
        seen = seen[0]
    translation.constants[name] = seen.astype(np.float32)
    translation.booleans.add(name)
    return bool(np.all(seen)) and shape[-1] in (1, others.size)


def _mask(translation: Translation, node: Node, outer: Sequence[Axis], heads: int) -> Value:
    """The mask by as many axes as scores have; it is of each head, or the same of all."""
    name = node.inputs[3]
    is_told = name in translation.constants and name in translation.booleans
    mask = translation.weight(name, "m", is_trained=False) if is_told else translation.value(name, "m")
    ones = [Axis.new(1, "i") for _ in range(4 - len(mask.axes))]
    found = mask.viewed((*ones, *mask.axes), lambda places: places[len(ones) :])
    if len(outer) == 2:
        return found
    split = (outer[1].size, outer[2].size) if found.shape[1] == heads else (1, 1)
    return reshaped(translation, found, (found.shape[0], *split, *found.shape[2:]))


def _short(mask: Value, axes: Sequence[Axis]) -> list[Place]:
    """Where a mask of fewer places is read: outside it is 0."""
    return [Place.at(0) if own.size == 1 and axis.size != 1 else Place.at(axis) for own, axis in zip(mask.axes, axes, strict=True)]


OPERATORS: dict[str, Writer] = {"Attention": _attention}
