"""Recurrent layers: each step of a sequence reads the state of the step before, which is 0 before the first."""

from __future__ import annotations

from .layer_equations import ExampleShape, LayerEquations, LayerKind
from .options import Option, Options


def _gate(name: str, function: str, gate: str, state: str = "h[n,t-1,j_]") -> tuple[str, str]:
    """One gate: a function of the input and the state before, each with weights of its own."""
    affine = f"z{gate}[n,t,j] = sum(i, W{gate}[j,i]*x[n,t,i]) + sum(j_, U{gate}[j,j_]*{state}) + b{gate}[j]"
    return affine, f"{name}[n,t,j] = {function}(z{gate}[n,t,j])"


def _weights(gates: str) -> tuple[str, ...]:
    return tuple(part for gate in gates for part in (f"W{gate}[j,i]", f"U{gate}[j,j_]", f"b{gate}[j]"))


def _with_result(sources: tuple[ExampleShape, ...], option: Options, parameters: tuple[str, ...], *equations: str) -> LayerEquations:
    """The states of all steps, or of the last."""
    steps = sources[0][0]
    last = option.returns == "last"
    result = f"out[n,j] = h[n,{steps - 1},j]" if last else "out[n,t,j] = h[n,t,j]"
    return LayerEquations(
        ("x[t,i]",), "j" if last else "t,j", (*equations, result), {"j": option.units}, parameters, features=frozenset("j")
    )


def rnn(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """h_t = f(W x_t + U h_{t-1} + b) (Elman, 1990)."""
    z = "z[n,t,j] = sum(i, W[j,i]*x[n,t,i]) + sum(j_, U[j,j_]*h[n,t-1,j_]) + b[j]"
    function = "tanh(z[n,t,j])" if option.function == "tanh" else "where(z[n,t,j] > 0, z[n,t,j], 0)"
    return _with_result(sources, option, ("W[j,i]", "U[j,j_]", "b[j]"), z, f"h[n,t,j] = {function}")


def lstm(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Input, forget and output gate around a cell (Hochreiter and Schmidhuber, 1997; Gers et al., 2000)."""
    gates = (*_gate("i_", "sigmoid", "i"), *_gate("f_", "sigmoid", "f"), *_gate("o_", "sigmoid", "o"), *_gate("g_", "tanh", "g"))
    cell = "c_[n,t,j] = f_[n,t,j]*c_[n,t-1,j] + i_[n,t,j]*g_[n,t,j]"
    return _with_result(sources, option, _weights("ifog"), *gates, cell, "h[n,t,j] = o_[n,t,j]*tanh(c_[n,t,j])")


def gru(sources: tuple[ExampleShape, ...], option: Options) -> LayerEquations:
    """Reset and update gate (Cho et al., 2014): the update keeps the old state where it is 1."""
    reset, update = _gate("r", "sigmoid", "r"), _gate("u", "sigmoid", "u")
    candidate = _gate("s", "tanh", "s", "(r[n,t,j_]*h[n,t-1,j_])")
    state = "h[n,t,j] = u[n,t,j]*h[n,t-1,j] + (1 - u[n,t,j])*s[n,t,j]"
    return _with_result(sources, option, _weights("rus"), *reset, *update, *candidate, state)


OPTIONS = {
    "units": Option("numbers of a state"),
    "returns": Option("the states of all steps, or of the last", "word", "all", words=("all", "last")),
}
FUNCTION = {"function": Option("what a state is of its sum", "function", "tanh", words=("tanh", "relu"))}

STEPS = ("steps and features", (2, 2))

KINDS: dict[str, LayerKind] = {
    "rnn": LayerKind(
        "a state that each step makes of the one before and its input", rnn, *STEPS, {**OPTIONS, **FUNCTION}, takes_activation=False
    ),
    "lstm": LayerKind("long short-term memory: a cell behind three gates", lstm, *STEPS, OPTIONS, takes_activation=False),
    "gru": LayerKind("gated recurrent unit: a state behind two gates", gru, *STEPS, OPTIONS, takes_activation=False),
}
