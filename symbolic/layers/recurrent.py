"""Recurrent layers: each step of a sequence reads the state of the step before, which is 0 before the first.

A layer of both directions has a second one beside it, with weights of its own, that reads the sequence from its end (Schuster and Paliwal,
1997): each step then has the states of both, one behind the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .layer_equations import BIAS, ExampleShape, LayerEquations, LayerKind
from .options import Option, Options


@dataclass(frozen=True, slots=True)
class Direction:
    """One way along a sequence: what is behind the names of its tensors, and the place of the step before."""

    mark: str
    before: str
    has_bias: bool

    @property
    def state(self) -> str:
        return f"h{self.mark}"

    def entry(self, name: str, letter: str = "j") -> str:
        """A tensor at this step."""
        return f"{name}{self.mark}[n,t,{letter}]"

    def last(self, name: str, letter: str = "j") -> str:
        """A tensor at the step before."""
        return f"{name}{self.mark}[n,{self.before},{letter}]"

    def affine(self, gate: str = "", state: str | None = None) -> str:
        """The equation of a gate's weighted sum of the input and of the state before."""
        bias = f" + b{gate}{self.mark}[j]" if self.has_bias else ""
        sums = f"sum(i, W{gate}{self.mark}[j,i]*x[n,t,i]) + sum(j_, U{gate}{self.mark}[j,j_]*{state or self.last('h', 'j_')})"
        return f"{self.entry(f'z{gate}')} = {sums}{bias}"

    def gate(self, name: str, function: str, gate: str, state: str | None = None) -> tuple[str, str]:
        """One gate: a function of the input and the state before, with weights of its own."""
        return self.affine(gate, state), f"{self.entry(name)} = {function}({self.entry(f'z{gate}')})"

    def weights(self, *gates: str) -> tuple[str, ...]:
        """The parameters of gates, as they are declared."""
        own = [(f"W{gate}{self.mark}[j,i]", f"U{gate}{self.mark}[j,j_]", f"b{gate}{self.mark}[j]") for gate in gates]
        return tuple(part for parts in own for part in (parts if self.has_bias else parts[:2]))


Cell = Callable[[Direction, Options], tuple[str, ...]]


def _layer(cell: Cell, gates: tuple[str, ...], sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """The states of all steps, or of the last of each direction."""
    steps, units, is_last = sources[0][0], option.units, option.returns == "last"
    ways = [Direction("", "t-1", option.bias), *([Direction("r", "t+1", option.bias)] if option.bidirectional else [])]
    equations = [equation for way in ways for equation in cell(way, option)]
    ends = [f"{way.state}[n,{0 if way.mark else steps - 1},j]" if is_last else f"{way.state}[n,t,j]" for way in ways]
    at, sizes, letter = "" if is_last else "t,", {"j": units}, "j"
    if option.bidirectional:
        sizes, letter = {"j": units, "k": 2 * units}, "k"
        equations += [f"s_[n,{at}j] = {ends[0]}", f"s_[n,{at}j + {units}] = {ends[1]}"]
        ends = [f"s_[n,{at}k]"]
    return LayerEquations(
        ("x[t,i]",),
        f"{at}{letter}",
        (*equations, f"out[n,{at}{letter}] = {ends[0]}"),
        sizes,
        tuple(weight for way in ways for weight in way.weights(*gates)),
        features=frozenset(sizes),
    )


def rnn(way: Direction, option: Options) -> tuple[str, ...]:
    """h_t = f(W x_t + U h_{t-1} + b) (Elman, 1990)."""
    z = way.entry("z")
    return way.affine(), f"{way.entry('h')} = {option.function}({z})"


def lstm(way: Direction, option: Options) -> tuple[str, ...]:
    """Input, forget and output gate around a cell (Hochreiter and Schmidhuber, 1997; Gers et al., 2000)."""
    gates = [way.gate(f"{gate}_", "tanh" if gate == "g" else "sigmoid", gate) for gate in "ifog"]
    entry = {gate: way.entry(f"{gate}_") for gate in "ifogc"}
    cell = f"{entry['c']} = {entry['f']}*{way.last('c_')} + {entry['i']}*{entry['g']}"
    return (*(equation for gate in gates for equation in gate), cell, f"{way.entry('h')} = {entry['o']}*tanh({entry['c']})")


def gru(way: Direction, option: Options) -> tuple[str, ...]:
    """Reset and update gate (Cho et al., 2014): the update keeps the old state where it is 1.

    A reset after the product with U multiplies that as a whole, and a bias of its own, as cuDNN has it.
    """
    reset, update = way.gate("r", "sigmoid", "r"), way.gate("u", "sigmoid", "u")
    if option.reset == "after":
        own = (f" + cs{way.mark}[j]", f" + bs{way.mark}[j]") if way.has_bias else ("", "")
        candidate: tuple[str, ...] = (
            f"{way.entry('q')} = sum(j_, Us{way.mark}[j,j_]*{way.last('h', 'j_')}){own[0]}",
            f"{way.entry('zs')} = sum(i, Ws{way.mark}[j,i]*x[n,t,i]){own[1]} + {way.entry('r')}*{way.entry('q')}",
            f"{way.entry('s')} = tanh({way.entry('zs')})",
        )
    else:
        candidate = way.gate("s", "tanh", "s", f"({way.entry('r', 'j_')}*{way.last('h', 'j_')})")
    kept = f"{way.entry('u')}*{way.last('h')} + (1 - {way.entry('u')})*{way.entry('s')}"
    return (*reset, *update, *candidate, f"{way.entry('h')} = {kept}")


def _gru_layer(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """A reset after the product has one parameter more in each direction."""
    found = _layer(gru, tuple("rus"), sources, option)
    if option.reset == "before" or not option.bias:
        return found
    more = [f"cs{mark}[j]" for mark in ("", *(["r"] if option.bidirectional else []))]
    return replace(found, parameters=(*found.parameters, *more))


OPTIONS = {
    "units": Option("numbers of a state"),
    "returns": Option("the states of all steps, or of the last", "word", "all", words=("all", "last")),
    "bidirectional": Option("whether a second one reads the sequence from its end", "switch", False),
    "bias": BIAS,
}
FUNCTION = {"function": Option("what a state is of its sum", "function", "tanh", words=("tanh", "relu"))}

RESET = {"reset": Option("whether the reset gate comes before the product with U or after it", "word", "before", words=("before", "after"))}

STEPS = ("steps and features", (2, 2))

KINDS: dict[str, LayerKind] = {
    "rnn": LayerKind(
        "a state that each step makes of the one before and its input",
        lambda *given: _layer(rnn, ("",), *given),
        *STEPS,
        {**OPTIONS, **FUNCTION},
        takes_activation=False,
    ),
    "lstm": LayerKind(
        "long short-term memory: a cell behind three gates",
        lambda *given: _layer(lstm, tuple("ifog"), *given),
        *STEPS,
        OPTIONS,
        takes_activation=False,
    ),
    "gru": LayerKind(
        "gated recurrent unit: a state behind two gates",
        _gru_layer,
        *STEPS,
        {**OPTIONS, **RESET},
        takes_activation=False,
    ),
}
