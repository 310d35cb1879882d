"""Functions of NumPy arrays that keep the imaginary part of a complex step; a comparison looks at the real part."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def constant(u: Array) -> Array:
    """What no derivative enters."""
    return u.real


def sigmoid(u: Array) -> Array:
    return 1 / (1 + np.exp(-u))


def softplus(u: Array) -> Array:
    return np.log(1 + np.exp(u))


def relu(u: Array) -> Array:
    return np.where(u.real > 0, u, 0)


def clipped(u: Array, low: float, high: float) -> Array:
    return np.where(u.real < low, low, np.where(u.real > high, high, u))


def greater(u: Array, v: Array) -> Array:
    return np.where(u.real > v.real, u, v)


def absolute(u: Array) -> Array:
    return np.where(u.real < 0, -u, u)


def log_sum(u: Array, axis: int = -1) -> Array:
    return np.log(np.exp(u).sum(axis))


def softmax(u: Array, axis: int = -1) -> Array:
    e = np.exp(u)
    return e / e.sum(axis, keepdims=True)


def length(u: Array, axis: int = -1) -> Array:
    """Of vectors, which stay where they are as rows of one entry."""
    return np.sqrt((u**2).sum(axis, keepdims=True))


def cross_entropy(z: Array, y: Array) -> Array:
    """The mean over all rows of z."""
    rows, labels = z.reshape(-1, z.shape[-1]), y.reshape(-1)
    return (log_sum(rows) - rows[np.arange(len(labels)), labels]).mean()


def normal(u: Array) -> Array:
    """The entries of every row less their mean, over their deviation."""
    away = u - u.mean(-1, keepdims=True)
    return away / np.sqrt((away**2).mean(-1, keepdims=True) + 1e-5)
