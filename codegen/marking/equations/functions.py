"""What the functions of a formula are of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from chainrule.codegen.marking.python.reasons import Mismatch, Unreadable
from chainrule.symbolic.index.numeric_array import NumericArray

#: A step in the imaginary direction, which takes no digits away.
SMALL = 1e-30
Calculated = Callable[..., NumericArray]


def _sigmoid(value: NumericArray) -> NumericArray:
    found: NumericArray = 1 / (1 + np.exp(-value))
    return found


def _slope(function: Calculated, value: NumericArray) -> NumericArray:
    """f′ by a complex step."""
    found: NumericArray = np.imag(function(value + 1j * SMALL)) / SMALL
    return found


def _error_function(value: NumericArray) -> NumericArray:
    from math import erf

    found: NumericArray = np.vectorize(erf, otypes=[float])(value)
    return found


ENTRYWISE: dict[str, Calculated] = {
    **{name: getattr(np, name) for name in "exp log sqrt abs sign sin cos tan sinh cosh tanh arcsin arccos arctan floor ceil".split()},
    "round": np.rint,
    "square": np.square,
    "sigmoid": _sigmoid,
    "erf": _error_function,
    "relu": lambda value: np.maximum(value, 0),
    "softplus": lambda value: np.logaddexp(0, value),
    "stop": lambda value: value,
    **{f"slope_{name}": partial(_slope, getattr(np, name)) for name in ("tanh", "exp", "log")},
    "maximum": np.maximum,
    "minimum": np.minimum,
    "clip": lambda value, low, high: np.minimum(np.maximum(value, low), high),
}


def entrywise(function: str, values: Sequence[NumericArray]) -> NumericArray:
    """A function of the table, entry by entry.

    Raises:
        Unreadable: where it has another number of arguments; NumPy would write its result into one more.
        Mismatch: where their shapes do not go together.
    """
    own = ENTRYWISE[function]
    if isinstance(own, np.ufunc) and own.nin != len(values):
        raise Unreadable("arguments.other", function=function)
    try:
        return own(*values)
    except TypeError:
        raise Unreadable("arguments.other", function=function) from None
    except ValueError as problem:
        raise Mismatch.of(problem) from None


def _logsumexp(value: NumericArray, axis: int) -> NumericArray:
    most = value.max(axis=axis, keepdims=True)
    found: NumericArray = np.log(np.exp(value - most).sum(axis=axis, keepdims=True)) + most
    return found


#: Functions that the network says what they are.
ACTIVATIONS = ("σ", "activation", "slope")
#: Along one dimension, which stays with one place or with all of them.
ALONG: dict[str, Calculated] = {
    "sum": lambda value, axis: value.sum(axis=axis, keepdims=True),
    "mean": lambda value, axis: value.mean(axis=axis, keepdims=True),
    "max": lambda value, axis: value.max(axis=axis, keepdims=True),
    "min": lambda value, axis: value.min(axis=axis, keepdims=True),
    "prod": lambda value, axis: value.prod(axis=axis, keepdims=True),
    "argmax": lambda value, axis: value.argmax(axis=axis, keepdims=True),
    "norm": lambda value, axis: np.sqrt((value * value).sum(axis=axis, keepdims=True)),
    "var": lambda value, axis: value.var(axis=axis, keepdims=True),
    "std": lambda value, axis: value.std(axis=axis, keepdims=True),
    "logsumexp": _logsumexp,
    "log_softmax": lambda value, axis: value - _logsumexp(value, axis),
    "softmax": lambda value, axis: np.exp(value - _logsumexp(value, axis)),
    "cumsum": lambda value, axis: value.cumsum(axis=axis),
    "cumprod": lambda value, axis: value.cumprod(axis=axis),
}
