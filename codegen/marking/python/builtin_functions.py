"""Python's own functions that a work may call, as a table."""

from __future__ import annotations

from collections.abc import Callable

from .bounds import Unreadable
from .operations import NUMERIC, formatted, refuse_unknown
from .values import DefinedClass, Holder, Value

#: Places that a loop goes through, or a list has, at most.
MOST_ROUNDS = 10_000


def _range(*given: Value) -> Value:
    refuse_unknown(*given)
    return range(*(int(each) for each in given))


def _listed(values: Value) -> list[Value]:
    if len(values) > MOST_ROUNDS:
        raise Unreadable("a list of too many places")
    return list(values)


def _sum(values: Value) -> Value:
    return sum(_numbers(values))


def _is_of(value: Value, kind: Value) -> bool:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not all(isinstance(each, DefinedClass) for each in kinds):
        raise Unreadable("its class is not read")
    return isinstance(value, Holder) and any(each.name in value.kinds for each in kinds)


def _holds(value: Value, name: Value) -> bool:
    if not isinstance(value, Holder) or not value.methods:
        raise Unreadable("what it has is not read")
    return name in value.held or name in value.methods


def _numbers(values: Value) -> list[Value]:
    found = _listed(values)
    if not all(isinstance(value, NUMERIC) for value in found):
        raise Unreadable("what is no number is not read here")
    return found


#: Python's own functions that a work may call.
BUILTINS: dict[str, Callable[..., Value]] = {
    "range": _range,
    "len": len,
    "reversed": lambda values: _listed(values)[::-1],
    "enumerate": lambda values, start=0: list(enumerate(_listed(values), start)),
    "zip": lambda *values, strict=False: list(zip(*map(_listed, values), strict=False)),
    "list": lambda values=(): _listed(values),
    "tuple": lambda values=(): tuple(_listed(values)),
    "dict": lambda **named: dict(named),
    "abs": abs,
    "max": lambda *values: max(_numbers(values[0] if len(values) == 1 else values)),
    "min": lambda *values: min(_numbers(values[0] if len(values) == 1 else values)),
    "sum": _sum,
    "round": round,
    "str": lambda value: formatted("%s", (value,)),
    "print": lambda *_, **__: None,
    "slice": slice,
    "isinstance": _is_of,
    "hasattr": _holds,
}
