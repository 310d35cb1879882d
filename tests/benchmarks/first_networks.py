"""The networks of `time_to_first_gradient.py`, and numbers for them. NumPy is all it imports, as its import is timed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

UNITS, BATCH = 64, 32
#: Of a transformer: 4 heads, 64 features, 32 steps, 256 hidden units, a batch of 8.
STEPS, HEADS, HIDDEN, FEW = 32, 4, 256, 8
#: Of the weights of dense layers, in units of 1/√units: with biases of variance 1/64 a layer of tanh passes back what it gets in this size
#: on average. With 1, a thousand layers pass back 10⁻⁴⁰, which is 0 to those who know no smaller numbers than 10⁻³⁸.
GAIN = np.float32(1.2238)

Arrays = list[np.ndarray]


@dataclass(frozen=True)
class Network:
    """`depth` dense tanh layers of `units`, or transformer blocks of as many features."""

    kind: str
    depth: int
    units: int = UNITS

    @property
    def title(self) -> str:
        return f"{self.depth} {'dense × ' if self.kind == 'dense' else 'block × '}{self.units}"

    @property
    def description(self) -> str:
        if self.kind == "dense":
            given, layer = str(self.units), f'kind = "dense"\nunits = {self.units}\nactivation = "tanh"\n'
        else:
            given, layer = f"[{STEPS}, {self.units}]", f'kind = "transformer_block"\nheads = {HEADS}\nhidden = {HIDDEN}\n'
        return f'name = "deep"\ninput = {given}\n' + f"[[layers]]\n{layer}" * self.depth + '[cost]\nkind = "quadratic"\n'

    @property
    def data_shape(self) -> tuple[int, ...]:
        return (BATCH, self.units) if self.kind == "dense" else (FEW, STEPS, self.units)

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Of the parameters, in the order in which the module has them."""
        if self.kind == "dense":
            return [(self.units, self.units), (self.units,)] * self.depth
        norm, heads = [(self.units,), (self.units,)], (HEADS, self.units // HEADS, self.units)
        dense = [(HIDDEN, self.units), (HIDDEN,), (self.units, HIDDEN), (self.units,)]
        return [*norm, heads, heads, heads, (self.units, HEADS, self.units // HEADS), *norm, *dense] * self.depth

    def arrays(self) -> tuple[Arrays, np.ndarray, np.ndarray]:
        """Parameters, inputs and targets, the same in every process; a gain is near 1, as a bias is near 0."""
        rng = np.random.default_rng(0)
        params = [rng.standard_normal(shape, np.float32) / np.float32(shape[-1] ** 0.5) for shape in self.shapes]
        if self.kind == "dense":
            params[::2] = [GAIN * weights for weights in params[::2]]
        else:
            for place in (0, 6):
                params[place::12] = [1 + gain for gain in params[place::12]]
        x, y = rng.standard_normal((2, *self.data_shape), np.float32)
        return params, x, y


def network_of(words: Sequence[str]) -> Network:
    """As the command line of a process has it."""
    kind, depth, units = words
    return Network(kind, int(depth), int(units))


def result(cost: float, gradients: Sequence[np.ndarray]) -> dict[str, float]:
    """What tells whether two processes have computed the same: the cost, and the length of all gradients as one vector."""
    assert all(np.any(gradient) for gradient in gradients)
    return {"cost": float(cost), "length": float(sum(np.sum(np.square(gradient, dtype=float)) for gradient in gradients) ** 0.5)}


def peak_memory() -> float:
    """The most memory that this process has used, in MiB; without what its parent had before it became another program."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
