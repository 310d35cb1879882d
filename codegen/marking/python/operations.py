"""Operators, parts and methods of values: what Python's own signs mean, within bounds."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from math import prod

import numpy as np

from .bounds import MOST_BITS, MOST_LETTERS, Bounds
from .functions import ARRAYS, FUNCTIONS, METHODS, TYPES, called, length_of, numeric, picked_shape
from .reasons import Exhausted, Mismatch, Unreadable
from .values import Holder, Known, Value

BINARY: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
}
#: The same where an array is changed in its place.
IN_PLACE: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.iadd,
    ast.Sub: operator.isub,
    ast.Mult: operator.imul,
    ast.Div: operator.itruediv,
}
UNARY: dict[type[ast.unaryop], Callable[[Value], Value]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Value, Value], Value]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
#: Signs between places of a loop, whose value needs no bound where they are no larger.
QUICK, LARGE = frozenset({ast.Add, ast.Sub, ast.Mult}), 2**32
#: Of a list that is compared with another.
MOST_COMPARED = 20
NUMERIC = (int, float, complex, np.ndarray, np.generic)
WITH_PARTS = (np.ndarray, list, tuple, dict, range)
#: What takes a part of an array that is a view of it.
PLAIN = frozenset({int, slice, type(None), type(Ellipsis)})
PLACEHOLDER = re.compile(r"%[ds]|\{\}")
REFUSED = (ValueError, TypeError, IndexError, KeyError, ZeroDivisionError, OverflowError, AttributeError)


def refuse_unknown(*values: Value) -> None:
    """Raises `Unreadable` where one of them is something of which only the name is known."""
    for value in values:
        if isinstance(value, Holder):
            raise Unreadable("nothing", name=value.name)


def binary(sign: ast.operator, left: Value, right: Value, bounds: Bounds, in_place: bool = False) -> Value:
    """The value of two values with a sign between."""
    kind = type(sign)
    if type(left) is int and type(right) is int and kind in QUICK and abs(left) < LARGE and abs(right) < LARGE:
        return BINARY[kind](left, right)
    refuse_unknown(left, right)
    if isinstance(left, str) and kind is ast.Mod:
        return formatted(left, right if isinstance(right, tuple) else (right,))
    if isinstance(left, NUMERIC) and isinstance(right, NUMERIC):
        _bound(kind, left, right, bounds)
    elif isinstance(left, list | tuple | str) and isinstance(right, int) and kind is ast.Mult:
        bounds.places(len(left) * max(right, 0))
    elif isinstance(left, list | tuple | str) and type(left) is type(right) and kind is ast.Add:
        bounds.places(len(left) + len(right))
    else:
        raise Unreadable("sign.between")
    table = IN_PLACE if in_place and isinstance(left, np.ndarray) else BINARY
    if kind not in table:
        raise Unreadable("sign")
    return tried(table[kind], left, right)


def _bound(kind: type[ast.operator], left: Value, right: Value, bounds: Bounds) -> None:
    if isinstance(left, int) and isinstance(right, int):
        exponent = abs(right) if kind is ast.Pow else 1
        if max(left.bit_length(), 1) * exponent > MOST_BITS or right.bit_length() > MOST_BITS:
            raise Unreadable("digits")
    elif kind is ast.MatMult:
        shapes = np.shape(left), np.shape(right)
        bounds.array((prod(shapes[0]) * prod(shapes[1]) // max(shapes[0][-1] if shapes[0] else 1, 1),))
    else:
        first, second = np.shape(left), np.shape(right)
        try:
            bounds.array(first or second if first == second or not first or not second else np.broadcast_shapes(first, second))
        except ValueError:
            raise Mismatch("shapes", first=first, second=second) from None


def tried(function: Callable[..., Value], *arguments: Value) -> Value:
    """What a function makes of values.

    Raises:
        Unreadable: where it refuses them.
    """
    try:
        return numeric(function(*arguments))
    except (MemoryError, RecursionError):
        raise Exhausted("memory") from None
    except (ValueError, IndexError) as problem:
        raise Mismatch.of(problem) from None
    except REFUSED as problem:
        raise Unreadable.of(problem) from None


def unary(sign: ast.unaryop, value: Value, bounds: Bounds) -> Value:
    """The value of a sign before a value."""
    refuse_unknown(value)
    bounds.array(np.shape(value) if isinstance(value, NUMERIC) else ())
    return tried(UNARY[type(sign)], value)


def compared(sign: ast.cmpop, left: Value, right: Value, bounds: Bounds) -> Value:
    """Whether two values are so to each other, entry by entry."""
    if not isinstance(sign, ast.Is | ast.IsNot):
        refuse_unknown(left, right)
    if isinstance(left, NUMERIC) and isinstance(right, NUMERIC):
        _bound(ast.Add, left, right, bounds)
    elif isinstance(sign, ast.In | ast.NotIn):
        if not isinstance(left, int | float | str) or not (isinstance(right, dict | str) or _is_short(right)):
            raise Unreadable("looked")
    elif not all(isinstance(each, (*NUMERIC, str, type(None))) or _is_short(each) for each in (left, right)):
        raise Unreadable("lists")
    return tried(COMPARISONS[type(sign)], left, right)


def _is_short(value: Value) -> bool:
    """Whether it is a shape, or a list of short texts."""
    return isinstance(value, tuple | list) and len(value) <= MOST_COMPARED and all(isinstance(each, int | float | str) for each in value)


def formatted(text: str, values: tuple[Value, ...]) -> str:
    """A text with whole numbers or short texts at its places, as in "dW%d" % 2."""
    if not all(isinstance(value, int | str) for value in values) or len(PLACEHOLDER.findall(text)) != len(values):
        raise Unreadable("text")
    written = iter(map(str, values))
    found = PLACEHOLDER.sub(lambda _: next(written), text)
    if len(found) > MOST_LETTERS or "%" in found:
        raise Unreadable("text")
    return found


def part(value: Value, key: Value, bounds: Bounds) -> Value:
    """value[key]."""
    if not isinstance(value, WITH_PARTS):
        raise Unreadable("parts")
    if isinstance(value, np.ndarray) and not is_plain(key):
        refuse_unknown(*(key if isinstance(key, tuple) else (key,)))
        picked = picked_shape(key)
        bounds.array((prod(picked), value.size if picked else 1))
        key = tuple(list(each) if isinstance(each, range) else each for each in key) if isinstance(key, tuple) else key
        key = list(key) if isinstance(key, range) else key
    found = tried(operator.getitem, value, key)
    if isinstance(key, slice) and isinstance(found, list | tuple):
        bounds.places(len(found))
    return found


def is_plain(key: Value) -> bool:
    """Whether it is numbers and slices alone, with which no entry is copied."""
    return type(key) in PLAIN if type(key) is not tuple else all(type(each) in PLAIN for each in key)


def attribute(value: Value, name: str) -> Value:
    """value.name of an array, or a method of what a work may call."""
    if isinstance(value, ARRAYS):
        if name in ("T", "shape", "ndim", "size"):
            return getattr(value, name)
        if name in METHODS:
            return Known(name, lambda bounds, *given, **named: called(FUNCTIONS[name], (value, *_shape_of(name, given)), named, bounds))
        if name == "flatten":
            return Known(name, lambda bounds: called(FUNCTIONS["ravel"], (value.copy(),), {}, bounds))
        if name == "astype":
            return Known(name, lambda bounds, dtype, **_: _as_type(value, dtype))
        if name in ("item", "tolist") and value.size <= MOST_LETTERS:
            return Known(name, lambda bounds: getattr(value, name)())
    if isinstance(value, dict) and name in ("keys", "values", "items", "get", "copy"):
        return Known(name, lambda bounds, *given: _of_table(value, name, given, bounds))
    if isinstance(value, list) and name in ("append", "insert", "reverse", "pop"):
        return Known(name, lambda bounds, *given: tried(getattr(value, name), *given))
    if isinstance(value, str) and name == "format":
        return Known(name, lambda bounds, *given: formatted(value, given))
    raise Unreadable("attribute", name=name)


def _of_table(value: dict[Value, Value], name: str, given: tuple[Value, ...], bounds: Bounds) -> Value:
    bounds.places(0 if name == "get" else len(value))
    found = tried(getattr(value, name), *given)
    return list(found) if name in ("keys", "values", "items") else found


def _shape_of(name: str, given: tuple[Value, ...]) -> tuple[Value, ...]:
    """a.reshape(2, 3) is reshape(a, (2, 3))."""
    return (given,) if name in ("reshape", "transpose") and given and isinstance(given[0], int) else given


def _as_type(value: Value, dtype: Value) -> Value:
    if not isinstance(dtype, str | type) or dtype not in TYPES:
        raise Unreadable("type")
    return tried(value.astype, TYPES[dtype])


def put_part(value: Value, key: Value, own: Value, bounds: Bounds) -> None:
    """value[key] = own, of an array or a list."""
    refuse_unknown(value, own)
    if isinstance(value, np.ndarray):
        if not is_plain(key):
            bounds.array((prod(picked_shape(key)), 1))
        length_of(own)
    tried(operator.setitem, value, key, own)
