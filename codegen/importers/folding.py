"""Arithmetic that exporters do on shapes, done once: what is made of known numbers alone is known. A free size is a word among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.symbolic.index.numeric_array import NumericArray

from . import attributes
from .graph import Node
from .places import Axis
from .sizes import product, quotient
from .translation import FEATURES, Translation, number
from .values import Value

#: Entries beyond which nothing is folded: weights are not.
MOST_ENTRIES = 100_000


def folded(translation: Translation, node: Node) -> bool:
    """Whether the node's output is a number, or some, that are known; they are noted then."""
    if node.operator == "Shape":
        value = translation.constants.get(node.inputs[0])
        sizes = value.shape if value is not None else translation.values[node.inputs[0]].shape
        start, end = attributes.whole(node, "start", 0), attributes.whole(node, "end", len(sizes))
        return _noted(translation, node, _words(sizes[start:end]))
    if node.operator == "ConstantOfShape":
        filled = np.asarray(node.attributes.get("value", np.float32(0))).reshape(-1)[0]
        shape = translation.constants[node.inputs[0]]
        if all(not isinstance(size, str) for size in shape):
            return _noted(translation, node, np.full(tuple(map(int, shape)), filled))
        axes = tuple(Axis.new(size if isinstance(size, str) else int(size), FEATURES) for size in shape)
        translation.values[node.outputs[0]] = Value(axes, lambda _: number(filled))
        return True
    if node.operator == "Identity" and node.inputs[0] in translation.constants:
        # Exporters keep equal weights once, and give them their names like this.
        if translation.trained is not None and node.inputs[0] in translation.trained:
            translation.trained.add(node.outputs[0])
        return _noted(translation, node, translation.constants[node.inputs[0]])
    inputs = [translation.constants.get(name) if name else None for name in node.inputs]
    known = all(array is not None or not name for array, name in zip(inputs, node.inputs, strict=True)) and bool(inputs)
    small = all(array is None or array.dtype.kind in "iubO" or array.size == 1 for array in inputs)
    is_little = sum(array.size for array in inputs if array is not None) <= MOST_ENTRIES
    if not (known and is_little and node.operator in FOLDING and (small or _is_mask(inputs))):
        return False
    try:
        found = FOLDING[node.operator](node, *inputs)
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return False
    return _noted(translation, node, found)


def _is_mask(inputs: list[NumericArray | None]) -> bool:
    """Whether there is a number among them that leaves a score nothing: no weight is one."""
    return any(array is not None and array.dtype.kind == "f" and bool(np.isneginf(array).any()) for array in inputs)


def _noted(translation: Translation, node: Node, found: Any) -> bool:
    parts = found if isinstance(found, list) else [found]
    for name, part in zip(node.outputs, parts, strict=False):
        array = np.asarray(part)
        array = np.asarray(part, object) if array.dtype.kind == "U" else array
        has_words = array.dtype.kind == "O" and any(isinstance(each, str) for each in array.reshape(-1))
        translation.constants[name] = array if array.dtype.kind != "O" or has_words else array.astype(np.int64)
    return True


def _words(shape: tuple[int | str, ...]) -> NumericArray:
    if all(isinstance(size, int) for size in shape):
        return np.asarray(shape, np.int64)
    found = np.empty(len(shape), object)
    found[:] = shape
    return found


def _sliced(node: Node, data: NumericArray, starts: NumericArray, ends: NumericArray, *more: Any) -> NumericArray:
    axes = more[0] if more and more[0] is not None else range(len(starts))
    steps = more[1] if len(more) > 1 and more[1] is not None else [1] * len(starts)
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        part = [slice(None)] * data.ndim
        part[int(axis)] = slice(int(start), None if step < 0 and end < -data.shape[int(axis)] else int(end), int(step))
        data = data[tuple(part)]
    return data


def _reshaped(node: Node, data: NumericArray, shape: NumericArray) -> NumericArray:
    return data.reshape([int(size) if size else data.shape[place] for place, size in enumerate(shape)])


def _squeezed(node: Node, data: NumericArray, axes: NumericArray | None = None) -> NumericArray:
    return np.squeeze(data, None if axes is None else tuple(map(int, np.atleast_1d(axes))))


def _unsqueezed(node: Node, data: NumericArray, axes: NumericArray) -> NumericArray:
    return np.expand_dims(data, tuple(map(int, np.atleast_1d(axes))))


def _multiplied(node: Node, u: NumericArray, v: NumericArray) -> NumericArray:
    """Words too: twice N is 2*N."""
    if "O" in (u.dtype.kind, v.dtype.kind):
        return np.asarray(np.frompyfunc(lambda a, b: product([a, b]), 2, 1)(u, v), object)
    return u * v


def _divided(node: Node, u: NumericArray, v: NumericArray) -> NumericArray:
    if "O" in (u.dtype.kind, v.dtype.kind):
        return np.asarray(np.frompyfunc(quotient, 2, 1)(u, v), object)
    return u // v if u.dtype.kind in "iu" else u / v


def _equal(node: Node, u: NumericArray, v: NumericArray) -> NumericArray:
    return np.asarray(np.asarray(u, object) == np.asarray(v, object), bool)


def _cast(node: Node, data: NumericArray) -> NumericArray:
    if data.dtype.kind == "O":
        return data
    import onnx

    return data.astype(onnx.helper.tensor_dtype_to_np_dtype(attributes.whole(node, "to", 1)))


FOLDING: dict[str, Callable[..., Any]] = {
    "Gather": lambda node, data, at: np.take(data, at.astype(int), axis=attributes.whole(node, "axis", 0)),
    "Concat": lambda node, *parts: np.concatenate(parts, axis=attributes.whole(node, "axis", 0)),
    "Reshape": _reshaped,
    "Squeeze": _squeezed,
    "Unsqueeze": _unsqueezed,
    "Slice": _sliced,
    "Cast": _cast,
    "Add": lambda node, u, v: u + v,
    "Sub": lambda node, u, v: u - v,
    "Mul": _multiplied,
    "Div": _divided,
    "Mod": lambda node, u, v: u % v,
    "Neg": lambda node, u: -u,
    "Sqrt": lambda node, u: np.sqrt(u),
    "Reciprocal": lambda node, u: 1 / u,
    "Pow": lambda node, u, v: u**v,
    "Floor": lambda node, u: np.floor(u),
    "Ceil": lambda node, u: np.ceil(u),
    "Range": lambda node, start, end, step: np.arange(start.item(), end.item(), step.item()),
    "Expand": lambda node, data, shape: np.broadcast_to(data, np.broadcast_shapes(data.shape, tuple(map(int, shape)))),
    "Transpose": lambda node, data: np.transpose(data, attributes.wholes(node, "perm", range(data.ndim)[::-1])),
    "Equal": _equal,
    "Less": lambda node, u, v: u < v,
    "Greater": lambda node, u, v: u > v,
    "LessOrEqual": lambda node, u, v: u <= v,
    "GreaterOrEqual": lambda node, u, v: u >= v,
    "Not": lambda node, u: ~u,
    "And": lambda node, u, v: u & v,
    "Or": lambda node, u, v: u | v,
    "Where": lambda node, u, v, w: np.where(u, v, w),
    "Max": lambda node, *parts: np.maximum.reduce(parts),
    "Min": lambda node, *parts: np.minimum.reduce(parts),
    "ReduceProd": lambda node, data, *_: np.asarray([np.prod(data)]),
    "Trilu": lambda node, data, *k: (np.triu if attributes.whole(node, "upper", 1) else np.tril)(data, int(k[0]) if k else 0),
}
