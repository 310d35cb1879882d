"""Python's own functions that a work may call, as a table."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import reduce

import numpy as np

from .bounds import Bounds
from .functions import FUNCTIONS, called
from .operations import NUMERIC, binary, formatted, refuse_unknown
from .reasons import Unreadable
from .values import DefinedClass, Holder, Value

#: Places that a loop goes through, or a list has, at most.
MOST_ROUNDS = 10_000


def _range(bounds: Bounds, *given: Value) -> Value:
    refuse_unknown(*given)
    return range(*(int(each) for each in given))


def _listed(bounds: Bounds, values: Value) -> list[Value]:
    if len(values) > MOST_ROUNDS:
        raise Unreadable("list")
    bounds.places(len(values))
    return list(values)


def _sum(bounds: Bounds, values: Value) -> Value:
    return reduce(lambda total, value: binary(ast.Add(), total, value, bounds), _numbers(bounds, values), 0)


def _is_of(bounds: Bounds, value: Value, kind: Value) -> bool:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not all(isinstance(each, DefinedClass) for each in kinds):
        raise Unreadable("class")
    return isinstance(value, Holder) and any(each.name in value.kinds for each in kinds)


def _holds(bounds: Bounds, value: Value, name: Value) -> bool:
    if not isinstance(value, Holder) or not value.methods:
        raise Unreadable("held")
    return name in value.held or name in value.methods


def _numbers(bounds: Bounds, values: Value) -> list[Value]:
    found = _listed(bounds, values)
    if not all(isinstance(value, NUMERIC) for value in found):
        raise Unreadable("number")
    return found


def _single(bounds: Bounds, values: tuple[Value, ...]) -> list[Value]:
    """Numbers of which one is the largest: no arrays of several."""
    found = _numbers(bounds, values[0] if len(values) == 1 else values)
    if any(np.size(value) != 1 for value in found):
        raise Unreadable("compared")
    return found


def _counted(bounds: Bounds, pairs: Iterable[Value]) -> list[Value]:
    """A list of tuples, of which each is a list of its own."""
    found = list(pairs)
    bounds.places(len(found) * (1 + len(found[0])) if found else 0)
    return found


#: Python's own functions that a work may call.
BUILTINS: dict[str, Callable[..., Value]] = {
    "range": _range,
    "len": lambda bounds, values: len(values),
    "reversed": lambda bounds, values: _listed(bounds, values)[::-1],
    "enumerate": lambda bounds, values, start=0: _counted(bounds, enumerate(_listed(bounds, values), start)),
    "zip": lambda bounds, *values, strict=False: _counted(bounds, zip(*(_listed(bounds, each) for each in values), strict=False)),
    "list": lambda bounds, values=(): _listed(bounds, values),
    "tuple": lambda bounds, values=(): tuple(_listed(bounds, values)),
    "dict": lambda bounds, **named: dict(named),
    "abs": lambda bounds, value: called(FUNCTIONS["abs"], (value,), {}, bounds) if isinstance(value, np.ndarray) else abs(value),
    "max": lambda bounds, *values: max(_single(bounds, values)),
    "min": lambda bounds, *values: min(_single(bounds, values)),
    "sum": _sum,
    "round": lambda bounds, value, digits=None: round(float(_single(bounds, (value, 0))[0]), digits),
    "str": lambda bounds, value: formatted("%s", (value,)),
    "print": lambda bounds, *_, **__: None,
    "slice": lambda bounds, *given: slice(*given),
    "isinstance": _is_of,
    "hasattr": _holds,
}
