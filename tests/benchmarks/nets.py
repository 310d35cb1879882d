"""The networks that are timed, small to large, each with its arrays; a smaller one of each kind for tests."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from chainrule import Dense, Layer, Network, derive
from chainrule.codegen.checking.loading import load

Arrays = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Stack:
    """Dense layers in a row; with labels a softmax and its cross-entropy stand at the end, otherwise the quadratic cost."""

    sizes: tuple[int, ...]
    activation: str
    has_labels: bool = False

    def network(self) -> Network:
        *hidden, last = self.sizes[1:]
        layers = [Dense(units, self.activation) for units in hidden]
        if self.has_labels:
            return Network(self.sizes[0], [*layers, Dense(last, "softmax")], "cross_entropy", targets="labels")
        return Network(self.sizes[0], [*layers, Dense(last, self.activation)], "quadratic")

    @property
    def given(self) -> tuple[int, ...]:
        return (self.sizes[0],)

    @property
    def wanted(self) -> tuple[int, ...]:
        return (self.sizes[-1],)


@dataclass(frozen=True)
class LeNet:
    """Two convolutions with tanh, an average pooling of 2 by 2 behind each, dense layers, softmax (LeCun et al., 1998)."""

    side: int
    kernel: int
    channels: tuple[int, int]
    units: tuple[int, ...]
    has_labels: bool = True

    def network(self) -> Network:
        layers = []
        for channels in self.channels:
            layers += [
                Layer("conv2d", {"channels": channels, "kernel": self.kernel}, "tanh"),
                Layer("average_pool2d", {"kernel": 2}),
            ]
        *hidden, last = self.units
        dense = [*(Dense(units, "tanh") for units in hidden), Dense(last, "softmax")]
        return Network([1, self.side, self.side], [*layers, Layer("flatten"), *dense], "cross_entropy", targets="labels")

    @property
    def given(self) -> tuple[int, ...]:
        return (1, self.side, self.side)

    @property
    def wanted(self) -> tuple[int, ...]:
        return (self.units[-1],)


@dataclass(frozen=True)
class Recurrent:
    """A state for each step, of its input and the state before; quadratic cost of all states."""

    steps: int
    features: int
    units: int
    has_labels: bool = False

    def network(self) -> Network:
        return Network([self.steps, self.features], [Layer("rnn", {"units": self.units})], "quadratic")

    @property
    def given(self) -> tuple[int, ...]:
        return (self.steps, self.features)

    @property
    def wanted(self) -> tuple[int, ...]:
        return (self.steps, self.units)


@dataclass(frozen=True)
class Block:
    """A transformer block, normalised before each half, with exact gelu; quadratic cost."""

    steps: int
    features: int
    heads: int
    hidden: int
    has_labels: bool = False
    #: What a layer normalisation adds to the variance.
    eps: float = 1e-5

    def network(self) -> Network:
        options = {"heads": self.heads, "hidden": self.hidden, "eps": self.eps}
        return Network([self.steps, self.features], [Layer("transformer_block", options)], "quadratic")

    @property
    def given(self) -> tuple[int, ...]:
        return (self.steps, self.features)

    @property
    def wanted(self) -> tuple[int, ...]:
        return self.given


Kind = Stack | LeNet | Recurrent | Block


@dataclass(frozen=True)
class Net:
    """One row of the table: a network, and how many examples it is given at once."""

    title: str
    kind: Kind
    batch: int

    def module(self, style: str | None = None, target: str = "numpy") -> ModuleType:
        return load(derive(self.kind.network()), target=target, style=style, verify=False)

    def arrays(self, module: ModuleType, dtype: np.dtype) -> tuple[Arrays, np.ndarray, np.ndarray]:
        """Parameters, inputs, targets: random, biases too, the same at each call."""
        rng = np.random.default_rng(0)
        params = tuple((array + 0.1 * rng.standard_normal(array.shape)).astype(dtype) for array in module.init(rng))
        x = rng.standard_normal((self.batch, *self.kind.given)).astype(dtype)
        if self.kind.has_labels:
            return params, x, rng.integers(0, self.kind.wanted[0], self.batch)
        return params, x, rng.standard_normal((self.batch, *self.kind.wanted)).astype(dtype)


NETS = {
    "a": Net("2-2-2 sigmoid, batch 1", Stack((2, 2, 2), "sigmoid"), 1),
    "b": Net("784-16-16-10 sigmoid, batch 32", Stack((784, 16, 16, 10), "sigmoid"), 32),
    "c64": Net("784-128-64-10 relu, softmax, batch 64", Stack((784, 128, 64, 10), "relu", True), 64),
    "c1024": Net("784-128-64-10 relu, softmax, batch 1024", Stack((784, 128, 64, 10), "relu", True), 1024),
    "d": Net("784-1024-1024-10 tanh, softmax, batch 256", Stack((784, 1024, 1024, 10), "tanh", True), 256),
    "e": Net("20 layers of 64 tanh, batch 32", Stack((64,) * 21, "tanh"), 32),
    "f": Net("LeNet, tanh, softmax, batch 64", LeNet(28, 5, (6, 16), (120, 84, 10)), 64),
    "g": Net("RNN tanh, 32 steps, 32 to 64, batch 32", Recurrent(32, 32, 64), 32),
    "h": Net("transformer block, 4 heads, 32 by 64, hidden 256, batch 8", Block(32, 64, 4, 256), 8),
}
#: The same kinds in little, no two sizes equal where they need not be.
SMALL = {
    "sigmoid": Net("2-2-2 sigmoid", Stack((2, 2, 2), "sigmoid"), 1),
    "sigmoid of many": Net("7-5-3-2 sigmoid", Stack((7, 5, 3, 2), "sigmoid"), 11),
    "relu": Net("7-5-3-2 relu, softmax", Stack((7, 5, 3, 2), "relu", True), 11),
    "tanh": Net("7-5-5-3 tanh, softmax", Stack((7, 5, 5, 3), "tanh", True), 11),
    "deep": Net("20 layers of 3 tanh", Stack((3,) * 21, "tanh"), 7),
    "lenet": Net("LeNet", LeNet(14, 3, (2, 3), (7, 5, 3)), 5),
    "recurrent": Net("RNN", Recurrent(5, 3, 2), 7),
    "block": Net("transformer block", Block(5, 6, 2, 7), 3),
}


def activations(kind: Stack) -> list[str]:
    """The function of each layer, the last one's `identity` where a softmax belongs to the cost."""
    names = [kind.activation for _ in itertools.pairwise(kind.sizes)]
    return [*names[:-1], "identity"] if kind.has_labels else names
