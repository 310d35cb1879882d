"""Operators that move entries and change none, on the entries' numbers: what comes out says where each of them stood.

However an exporter turns, cuts and joins an array, what is in it of a layer's output shows in these numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.symbolic.index.numeric_array import NumericArray

from . import attributes
from .folding import FOLDING
from .graph import Node
from .sizes import Size, factors

Places = NDArray[np.int64]

#: How many examples there are where their number is free.
EXAMPLES = 2


def counted(shape: Sequence[Size]) -> tuple[int, ...]:
    """A shape with that many examples."""
    found = [factors(size) for size in shape]
    return tuple(number * EXAMPLES ** len(words) for number, words in found)


def _reshaped(node: Node, data: Places, shape: NumericArray) -> Places:
    sizes = counted([size if isinstance(size, str) else int(size) for size in shape])
    return data.reshape([size or data.shape[place] for place, size in enumerate(sizes)])


def _flattened(node: Node, data: Places) -> Places:
    axis = attributes.whole(node, "axis", 1)
    return data.reshape(prod(data.shape[:axis]), -1)


def _split(node: Node, data: Places, sizes: NumericArray | None = None) -> list[Places]:
    parts = len(node.outputs) if sizes is None else np.cumsum(sizes)[:-1]
    return np.split(data, parts, axis=attributes.whole(node, "axis", 0))


MOVING: dict[str, Callable[..., Any]] = {
    **{name: FOLDING[name] for name in ("Gather", "Concat", "Squeeze", "Unsqueeze", "Slice", "Transpose")},
    "Reshape": _reshaped,
    "Flatten": _flattened,
    "Split": _split,
}


def moved(node: Node, places: Mapping[str, Places], constants: Mapping[str, NumericArray]) -> list[Places] | None:
    """The places of each output by those of the inputs; None where an operator gives other entries, or it is not known which."""
    if node.operator not in MOVING or any(name and name not in places and name not in constants for name in node.inputs):
        return None
    moves_all = node.operator == "Concat"
    if node.inputs[0] not in places or any((name in places) != moves_all for name in node.inputs[1:] if name):
        return None
    try:
        found = MOVING[node.operator](node, *((places.get(name, constants.get(name)) if name else None) for name in node.inputs))
    except (TypeError, ValueError, IndexError):
        return None
    return found if isinstance(found, list) else [found]
