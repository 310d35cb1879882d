"""The functions of NumPy that a work may call, as a table: what each computes, and how large what it makes will be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from .bounds import MOST_LISTED, Bounds
from .reasons import Exhausted, Mismatch, Unreadable
from .values import Value

Shape = tuple[int, ...]
Arguments = tuple[Value, ...]
#: Every type of numbers is double precision here, whatever a work says.
TYPES: dict[object, type[Any]] = {
    **dict.fromkeys((float, "float", "float16", "float32", "float64"), np.float64),
    **dict.fromkeys((int, "int", "int8", "uint8", "int32", "int64"), np.int64),
    **dict.fromkeys((bool, "bool", "bool_"), np.bool_),
}
#: Arguments by name that change no more than a result's shape, or which entries are taken.
NAMED = frozenset(
    "axis axis1 axis2 keepdims dtype a_min a_max min max k axes shape newshape fill_value constant_values pad_width mode ddof num start "
    "stop step repeats reps N M offset a x arr y x1 x2 b ord".split()
)
#: What has a kind of entries.
ARRAYS = (np.ndarray, np.generic)
#: That an array is split into.
MOST_PARTS = 100
#: Arguments that say how something is computed, not what.
WITHOUT_EFFECT = frozenset({"optimize", "copy", "order", "casting", "subok", "rtol", "atol"})


@dataclass(frozen=True, slots=True)
class Function:
    """A row: what is called, and the shape of what it makes, at least as large as the true one."""

    call: Callable[..., Value]
    size: Callable[[Arguments, dict[str, Value]], Shape]


def called(function: Function, arguments: Arguments, named: dict[str, Value], bounds: Bounds) -> Value:
    """The value of a call, within bounds.

    Raises:
        Unreadable: where it is too large, an argument is not of the table, or NumPy refuses it.
    """
    for name in named:
        if name not in NAMED and name not in WITHOUT_EFFECT:
            raise Unreadable("argument", name=name)
    kept = {name: _typed(value) if name == "dtype" else value for name, value in named.items() if name not in WITHOUT_EFFECT}
    for value in (*arguments, *kept.values()):
        if isinstance(value, list | tuple):
            length_of(value)
    try:
        bounds.array(function.size(arguments, kept))
        return numeric(function.call(*map(_typed_argument, arguments), **kept))
    except MemoryError:
        raise Exhausted("memory") from None
    except ValueError as problem:
        raise Mismatch.of(problem) from None
    except (
        TypeError,
        IndexError,
        ZeroDivisionError,
        OverflowError,
        AttributeError,
        KeyError,
        np.linalg.LinAlgError,
    ) as problem:
        raise Unreadable.of(problem) from None


def numeric(value: Value) -> Value:
    """The value, which holds numbers alone.

    Raises:
        Unreadable: at an array of anything else.
    """
    if isinstance(value, ARRAYS) and value.dtype.kind not in "biufc":
        raise Unreadable("array")
    return value


def _typed(value: Value) -> Value:
    if not isinstance(value, str | type) or value not in TYPES:
        raise Unreadable("type")
    return TYPES[value]


def _typed_argument(value: Value) -> Value:
    return TYPES[value] if isinstance(value, type) and value in TYPES else value


def _shape(value: Value) -> Shape:
    return np.shape(value) if isinstance(value, np.ndarray | np.generic | int | float | complex) else (length_of(value),)


def length_of(value: Value) -> int:
    """The numbers in a value, however often one list stands in another.

    Raises:
        Exhausted: where they are too many.
    """
    count, waiting = 0, [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list | tuple):
            waiting += each
        count += int(np.size(each)) if isinstance(each, np.ndarray) else 1
        if count + len(waiting) > MOST_LISTED and not isinstance(value, np.ndarray):
            raise Exhausted("numbers")
    return count


def _broadcast(arguments: Arguments, named: dict[str, Value]) -> Shape:
    arrays = [*arguments, *named.values()]
    listed = sum(length_of(value) for value in arrays if isinstance(value, list | tuple))
    return (*np.broadcast_shapes(*(_shape(value) for value in arrays if isinstance(value, np.ndarray | np.generic))), max(listed, 1))


def _first(arguments: Arguments, named: dict[str, Value]) -> Shape:
    own = (sum(length_of(value) for value in (*arguments[:1], *named.values()) if not isinstance(value, str | type)),)
    return own if named.get("shape") is None else (*own, *_made((named["shape"],), {}))


def _squared(arguments: Arguments, named: dict[str, Value]) -> Shape:
    """A matrix of a row."""
    return _first(arguments, named) * (2 if np.ndim(arguments[0]) < 2 else 1)


def _by_values(arguments: Arguments, named: dict[str, Value]) -> Shape:
    """A decomposition takes as many times longer as the matrix is wide; without an order none is made."""
    is_plain = len(arguments) < 2 and "ord" not in named
    return _shape(arguments[0]) + (() if is_plain else (min(_shape(arguments[0]), default=1),))


def _parts(arguments: Arguments, named: dict[str, Value]) -> Shape:
    """Each part is an array of its own."""
    parts = arguments[1]
    return (length_of(arguments[0]), 1 if isinstance(parts, int) and parts <= MOST_PARTS else len(parts))


def _at(arguments: Arguments, named: dict[str, Value]) -> Shape:
    """As many changes as there are places."""
    return picked_shape(arguments[1]) if isinstance(arguments[0], np.ndarray) else ()


def picked_shape(key: Value) -> Shape:
    """The shape of what stands at places that are given by arrays or lists.

    Raises:
        Unreadable: where they do not go together.
    """
    places = [each for each in (key if isinstance(key, tuple) else (key,)) if isinstance(each, np.ndarray | list | range)]
    for each in places:
        length_of(each)
    try:
        return np.broadcast_shapes(*map(np.shape, places))
    except ValueError:
        raise Unreadable("picked") from None


def _all(arguments: Arguments, named: dict[str, Value]) -> Shape:
    return (sum(map(length_of, arguments)),)


def _product(arguments: Arguments, named: dict[str, Value]) -> Shape:
    left, right = map(_shape, arguments[:2])
    shared = left[-1] if left and right else 1
    return (prod(left) * prod(right) // max(shared, 1),)


def _outer(arguments: Arguments, named: dict[str, Value]) -> Shape:
    return (prod(_shape(arguments[0])) * prod(_shape(arguments[1])),)


def _einsum(arguments: Arguments, named: dict[str, Value]) -> Shape:
    """Every letter has a dimension in what is added up."""
    text, *arrays = arguments
    if not isinstance(text, str) or "." in text:
        raise Unreadable("einsum", function="einsum")
    sizes: dict[str, int] = {}
    for letters, array in zip(text.replace(" ", "").split("->")[0].split(","), arrays, strict=False):
        sizes |= dict(zip(letters, _shape(array), strict=False))
    return tuple(sizes.values())


def _made(arguments: Arguments, named: dict[str, Value]) -> Shape:
    shape = arguments[0] if arguments else named["shape"]
    return tuple(int(size) for size in shape) if isinstance(shape, list | tuple | np.ndarray) else (int(shape),)


def _square(arguments: Arguments, named: dict[str, Value]) -> Shape:
    return int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else int(named["M"] if "M" in named else arguments[0])


def _range(arguments: Arguments, named: dict[str, Value]) -> Shape:
    start, stop, step = (0, arguments[0], 1) if len(arguments) == 1 else (*arguments[:2], *(arguments[2:] or (1,)))
    return (max(0, int((stop - start) / step) + 1),)


def _repeated(arguments: Arguments, named: dict[str, Value]) -> Shape:
    times = arguments[1] if len(arguments) > 1 else named["repeats"] if "repeats" in named else named["reps"]
    return length_of(arguments[0]), int(np.prod(times) if isinstance(times, tuple | list) else np.sum(times))


def _padded(arguments: Arguments, named: dict[str, Value]) -> Shape:
    array, width = arguments[0], arguments[1] if len(arguments) > 1 else named["pad_width"]
    return tuple(size + 2 * int(np.max(width)) for size in _shape(array))


def _broadcast_to(arguments: Arguments, named: dict[str, Value]) -> Shape:
    return _made((arguments[1] if len(arguments) > 1 else named["shape"],), {})


def _add_at(array: Value, places: Value, added: Value) -> None:
    np.add.at(array, places, added)


def _subtract_at(array: Value, places: Value, taken: Value) -> None:
    np.subtract.at(array, places, taken)


def _softplus(z: Value) -> Value:
    return np.logaddexp(0, z)


ENTRYWISE = (
    "add subtract multiply divide true_divide negative exp expm1 log log1p log2 log10 tanh sinh cosh sin cos tan arctan arcsin arccos "
    "maximum minimum fmax where square sqrt cbrt power float_power abs absolute fabs sign reciprocal greater greater_equal less less_equal "
    "equal not_equal logical_and logical_or logical_not isnan isfinite clip heaviside nan_to_num floor ceil rint mod logaddexp"
).split()
OF_ONE = (
    "sum mean max min amax amin prod var std argmax argmin cumsum cumprod reshape transpose squeeze expand_dims ravel copy flip "
    "fliplr flipud diagonal trace zeros_like ones_like empty_like full_like array asarray atleast_1d atleast_2d atleast_3d swapaxes "
    "moveaxis roll shape size ndim sort argsort all any nonzero median rot90 count_nonzero unique"
).split()
OF_ALL = "concatenate stack vstack hstack column_stack append array_equal".split()

FUNCTIONS: dict[str, Function] = {
    **{name: Function(getattr(np, name), _broadcast) for name in ENTRYWISE},
    **{name: Function(getattr(np, name), _first) for name in OF_ONE},
    **{name: Function(getattr(np, name), _all) for name in OF_ALL},
    **{name: Function(getattr(np, name), _product) for name in ("dot", "matmul", "inner", "vdot")},
    **{name: Function(getattr(np, name), _outer) for name in ("outer", "kron", "tensordot", "convolve")},
    **{name: Function(getattr(np, name), _made) for name in ("zeros", "ones", "empty", "full")},
    **{name: Function(getattr(np, name), _square) for name in ("eye", "identity")},
    **{name: Function(getattr(np, name), _repeated) for name in ("tile", "repeat")},
    **{name: Function(getattr(np, name), _squared) for name in ("diag", "tril", "triu")},
    "allclose": Function(np.allclose, _broadcast),
    "split": Function(np.split, _parts),
    "einsum": Function(np.einsum, _einsum),
    "arange": Function(np.arange, _range),
    "pad": Function(np.pad, _padded),
    "broadcast_to": Function(np.broadcast_to, _broadcast_to),
    "linalg.norm": Function(np.linalg.norm, _by_values),
    "add.at": Function(_add_at, _at),
    "subtract.at": Function(_subtract_at, _at),
    "add.reduce": Function(np.add.reduce, _first),
    "ix_": Function(np.ix_, _outer),
    "take_along_axis": Function(np.take_along_axis, _outer),
    "unravel_index": Function(np.unravel_index, _outer),
    "special.expit": Function(lambda z: 1 / (1 + np.exp(-np.asarray(z))), _broadcast),
}
#: What people import from files of their own, and courses hand out: taken as what its name says.
USUAL: dict[str, Function] = {
    "sigmoid": Function(lambda z: 1 / (1 + np.exp(-np.asarray(z))), _broadcast),
    "logistic": Function(lambda z: 1 / (1 + np.exp(-np.asarray(z))), _broadcast),
    "expit": Function(lambda z: 1 / (1 + np.exp(-np.asarray(z))), _broadcast),
    "relu": Function(lambda z: np.maximum(z, 0), _broadcast),
    "tanh": Function(np.tanh, _broadcast),
    "softplus": Function(_softplus, _broadcast),
}
#: Methods of arrays: those of them that are functions with the array first.
METHODS = frozenset(
    "sum mean max min prod var std argmax argmin cumsum reshape transpose squeeze ravel copy dot clip diagonal trace swapaxes repeat all "
    "any".split()
)
CONSTANTS: dict[str, Value] = {
    "pi": np.pi, "e": np.e, "newaxis": None, "inf": np.inf, "nan": np.nan,
    "float32": float, "float64": float, "float": float, "int": int, "int32": int, "int64": int, "bool_": bool,
}  # fmt: skip
