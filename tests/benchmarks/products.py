"""The matrix products of a network's two passes and nothing else, into arrays that are there already: what no NumPy goes below."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from nets import Block, Kind, LeNet, Net, Recurrent, Stack

#: Both factors of one product.
Factors = tuple[np.ndarray, np.ndarray]


class Products:
    """Collects products; the entries of the factors do not matter."""

    def __init__(self, dtype: np.dtype) -> None:
        self.rng, self.dtype = np.random.default_rng(0), dtype
        self.factors: list[Factors] = []

    def array(self, *shape: int) -> np.ndarray:
        return self.rng.standard_normal(shape).astype(self.dtype)

    def dense(self, count: int, below: int, above: int, is_first: bool = False) -> None:
        """x Wᵀ, dzᵀ x and, behind the first layer, dz W."""
        x, W, dz = self.array(count, below), self.array(above, below), self.array(count, above)
        self.factors += [(x, W.T), (dz.T, x)]
        if not is_first:
            self.factors.append((dz, W))

    def stack(self, count: int, sizes: tuple[int, ...], is_first: bool = True) -> None:
        for number, (below, above) in enumerate(itertools.pairwise(sizes)):
            self.dense(count, below, above, is_first and number == 0)

    def convolution(self, places: int, window: int, channels: int, is_first: bool) -> None:
        """W columns, dz columnsᵀ and, behind the first layer, Wᵀ dz."""
        W, columns, dz = self.array(channels, window), self.array(window, places), self.array(channels, places)
        self.factors += [(W, columns), (dz, columns.T)]
        if not is_first:
            self.factors.append((W.T, dz))

    def lenet(self, kind: LeNet, batch: int) -> None:
        side, channels = kind.side, 1
        for number, above in enumerate(kind.channels):
            inner = side - kind.kernel + 1
            self.convolution(batch * inner**2, channels * kind.kernel**2, above, number == 0)
            side, channels = inner // 2, above
        self.stack(batch, (channels * side**2, *kind.units), is_first=False)

    def recurrent(self, kind: Recurrent, batch: int) -> None:
        """U is multiplied step by step; everything else goes over all steps at once."""
        self.dense(batch * kind.steps, kind.features, kind.units, is_first=True)
        U, h, dz = self.array(kind.units, kind.units), self.array(batch, kind.units), self.array(batch, kind.units)
        self.factors += [(h, U.T), (dz, U)] * kind.steps
        states, slopes = self.array(batch * kind.steps, kind.units), self.array(batch * kind.steps, kind.units)
        self.factors.append((slopes.T, states))

    def block(self, kind: Block, batch: int) -> None:
        count, part = batch * kind.steps, kind.features // kind.heads
        for below, above in [(kind.features, kind.features)] * 4 + [(kind.features, kind.hidden), (kind.hidden, kind.features)]:
            self.dense(count, below, above)
        q, k, v, dw = (self.array(batch, kind.heads, kind.steps, part) for _ in range(4))
        p, ds = (self.array(batch, kind.heads, kind.steps, kind.steps) for _ in range(2))
        self.factors += [(q, k.swapaxes(2, 3)), (p, v), (dw, v.swapaxes(2, 3)), (p.swapaxes(2, 3), dw), (ds, k), (ds.swapaxes(2, 3), q)]


def factors_of(kind: Kind, batch: int, dtype: np.dtype) -> list[Factors]:
    products = Products(dtype)
    match kind:
        case Stack():
            products.stack(batch, kind.sizes)
        case LeNet():
            products.lenet(kind, batch)
        case Recurrent():
            products.recurrent(kind, batch)
        case Block():
            products.block(kind, batch)
    return products.factors


def prepare(net: Net, dtype: np.dtype) -> Callable[[], None]:
    # `dot` costs less than `matmul` where there are two axes.
    calls = []
    for left, right in factors_of(net.kind, net.batch, dtype):
        multiply = np.dot if left.ndim == 2 else np.matmul
        calls.append((multiply, left, right, multiply(left, right)))

    def run() -> None:
        for multiply, left, right, result in calls:
            multiply(left, right, result)

    return run
