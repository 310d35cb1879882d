"""Straight-line scalar code of tiny networks: the same numbers as the plain module, and a reason where there is none."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from equation_networks import NETWORKS as EQUATION_NETWORKS
from layer_networks import ALONE

from chainrule import Dense, InvalidDescription, Layer, Network, derive
from chainrule.codegen.backends.fast.scalar.code import FAILURES, ScalarCode, scalar_code
from chainrule.codegen.backends.numpy_module import parameter_count
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.tensors import Tensor, Values
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.layers.layout import Layout
from chainrule.symbolic.system.system import System

RNN = """
z[n,t,j] = sum(i, W[j,i]*x[n,t,i]) + sum(k, U[j,k]*h[n,t-1,k]) + b[j]
h[n,t,j] = tanh(z[n,t,j])
h[n,-1,j] = h0[j]
C = sum(n, t, j, (h[n,t,j] - y[n,t,j])**2)/2
"""
WHERE = """
u[n,k] = sum(j, A[k,j]*x[n,j]) + c[k]
v[n,k] = where(u[n,k] > 0, log(1 + u[n,k]), alpha*u[n,k]**3)
w[n,k] = abs(v[n,k]) + maximum(v[n,k], u[n,k]) + sqrt(1 + v[n,k]**2) + erf(u[n,k]) + x[n,0]**5/3 - sign(c[k])*cos(u[n,k])
L = mean(n, log(sum(m, exp(w[n,m]))) - w[n,s[n]] + max(k, w[n,k])) + 1/cosh(c[0]) + arctan(c[1])
"""
EMBEDDING = """
e[n,t,d] = E[tok[n,t],d]
q[n,d] = sum(t, e[n,t,d]*softplus(e[n,t,d]))
z[n,c] = sum(d, V[c,d]*q[n,d])
C = -mean(n, log(exp(z[n,y[n]])/sum(j, exp(z[n,j]))))
"""
POWERS = """
z[n] = sum(k, W[k]*x[n,k]**g)
C = mean(n, (z[n] + b)**2/x[n,0] + sinh(b) + (1 + b**2)**1.5 - tan(b)/7 + sigmoid(x[n,1]*b)*y[n] - arcsin(b/9)*arccos(W[0]/9))
"""


def convolution() -> Network:
    layers = [
        Layer("conv2d", {"channels": 2, "kernel": 2}, "tanh"),
        Layer("max_pool2d", {"kernel": 2}),
        Layer("flatten"),
        Dense(3, "softmax"),
    ]
    return Network([1, 5, 5], layers, "cross_entropy", targets="labels")


def equations(text: str, parameters: str, inputs: list[str], targets: list[str], **options: Any) -> Any:
    return Network.from_equations(text, parameters.split(), inputs, targets, **options)


NETWORKS = {
    "2-2-2 sigmoid": lambda: Network(2, [Dense(2, "sigmoid"), Dense(2, "sigmoid")], "quadratic"),
    "columns": lambda: Network(2, [Dense(3, "tanh"), Dense(2)], "squared_error", layout=Layout("columns")),
    "2-3-1 labels": lambda: Network(2, [Dense(3, "tanh"), Dense(3, "softmax")], "cross_entropy", targets="labels"),
    "relu, one-hot": lambda: Network(3, [Dense(4, "relu"), Dense(2, "softmax")], "cross_entropy"),
    "gelu, layer norm": lambda: Network(2, [Dense(3, "gelu"), Layer("layer_norm"), Dense(2)], "quadratic"),
    "one logit": lambda: Network(2, [Dense(3, "softplus"), Dense(1, "sigmoid")], "binary_cross_entropy"),
    "rnn": lambda: equations(RNN, "W[j,i] U[j,k] b[j] h0[j]", ["x[n,t,i]"], ["y[n,t,j]"], sizes={"i": 2, "j": 3, "t": 4}, batch="n"),
    "convolution": convolution,
    "where": lambda: equations(
        WHERE, "A[k,j] c[k]", ["x[n,j]"], ["s[n] in k"], sizes={"j": 2, "k": 3}, batch="n", constants={"alpha": 0.1}
    ),
    "embedding": lambda: equations(
        EMBEDDING, "E[v,d] V[c,d]", ["tok[n,t] in v"], ["y[n] in c"], sizes={"v": 5, "d": 2, "c": 3, "t": 4}, batch="n"
    ),
    "powers": lambda: equations(POWERS, "W[k] b", ["x[n,k]"], ["y[n]"], sizes={"k": 2}, batch="n", constants={"g": 2.5}),
}


@dataclass
class Both:
    """The plain module of a derivation and its scalar code, on the same arrays."""

    derivation: Derivation
    dtype: str = "d"

    def __post_init__(self) -> None:
        code = scalar_code(self.derivation)
        assert isinstance(code, ScalarCode), code
        self.code, self.module = code, load(self.derivation, verify=False)
        self.space: dict[str, Any] = {"math": math, "np": np}
        exec(compile(code.source, "scalar code", "exec"), self.space)
        self.gradients = np.full(code.parameters, np.nan, self.dtype)
        self.pack = struct.Struct(f"{code.parameters}{self.dtype}").pack_into
        self.failures = eval(FAILURES, {"struct": struct})

    def data(self, rng: np.random.Generator, scale: float) -> list[np.ndarray]:
        """One random example."""
        return [self.array(tensor, rng, scale) for tensor in (*self.derivation.system.inputs, *self.derivation.system.targets)]

    def array(self, tensor: Tensor, rng: np.random.Generator, scale: float) -> np.ndarray:
        system = self.derivation.system
        shape = [system.axis(letter).size or 1 for letter in tensor.axes]
        match tensor.values:
            case Values.LABELS:
                return rng.integers(0, system.axes[tensor.points_into or ""].size or 1, shape)
            case Values.ONE_HOT:
                return np.eye(shape[-1], dtype=self.dtype)[rng.integers(0, shape[-1], shape[:-1])]
            case Values.REAL:
                return np.array(scale * np.abs(rng.standard_normal(shape)), self.dtype)
            case _:
                return np.array(rng.uniform(0.1, 0.9, shape), self.dtype)

    def params(self, rng: np.random.Generator, scale: float) -> Any:
        return self.module.Parameters(*(np.array(scale * rng.standard_normal(array.shape), self.dtype) for array in self.module.init(rng)))

    def usual(self, params: Any, data: list[np.ndarray]) -> float:
        """By the quick function, which may raise."""
        return float(self.space["_scalar_passes"](self.space["_scalar_entries"](params), self.gradients, self.pack, *data))

    def slower(self, params: Any, data: list[np.ndarray]) -> float:
        return float(self.space["_scalar_passes_of_all_numbers"](self.space["_scalar_entries"](params), self.gradients, *data))

    def largest_error(self, value: float, params: Any, data: list[np.ndarray], floor: float = 1e-300) -> float:
        """Relative to the largest entry of each array, or to `floor`; nan and inf must stand in the same places.

        The plain module computes in float64, also from float32 numbers: its own rounding would hide ours.
        """
        wide = [array.astype(float) if array.dtype.kind == "f" else array for array in data]
        with np.errstate(all="ignore"):
            cost, expected = self.module.cost_and_gradients(self.module.Parameters(*(array.astype(float) for array in params)), *wide)
        errors = [
            abs(cost - value) / max(abs(cost), 1e-300) if np.isfinite(cost) else float(not np.array_equal(cost, value, equal_nan=True))
        ]
        start = 0
        for array in expected:
            found = self.gradients[start : start + array.size].reshape(array.shape)
            start += array.size
            if np.isfinite(array).all():
                errors.append(float(np.abs(found - array).max() / max(np.abs(array).max(), floor)))
            else:
                errors.append(float(not np.array_equal(np.isfinite(found), np.isfinite(array))))
        assert start == self.gradients.size
        return max(errors)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(("dtype", "tolerance"), [("d", 1e-12), ("f", 1e-7)])
def test_the_same_as_plain(name: str, dtype: str, tolerance: float) -> None:
    both = Both(derive(NETWORKS[name]()), dtype)
    rng = np.random.default_rng(5)
    for _ in range(4):
        params, data = both.params(rng, 0.7), both.data(rng, 1.0)
        assert both.largest_error(both.usual(params, data), params, data) < tolerance
        both.gradients.fill(np.nan)
        assert both.largest_error(both.slower(params, data), params, data) < tolerance


@pytest.mark.parametrize("name", ["2-2-2 sigmoid", "2-3-1 labels", "relu, one-hot", "one logit", "rnn"])
@pytest.mark.parametrize("scale", [40.0, 1e3, 1e150])
def test_saturated(name: str, scale: float) -> None:
    both = Both(derive(NETWORKS[name]()))
    rng = np.random.default_rng(6)
    for _ in range(4):
        params, data = both.params(rng, scale), both.data(rng, 1.0)
        try:
            value = both.usual(params, data)
        except both.failures:
            value = both.slower(params, data)
        assert both.largest_error(value, params, data) < 1e-12


def test_where_python_raises_numpy_goes_on() -> None:
    """1/(1 + exp(1000)) is 0, whatever `math.exp` says to 1000."""
    both = Both(derive(NETWORKS["2-2-2 sigmoid"]()))
    params = both.module.Parameters(*(np.full(array.shape, -1e3) for array in both.module.init(np.random.default_rng(0))))
    data = [np.ones((1, 2)), np.array([[0.25, 0.75]])]
    with pytest.raises(OverflowError):
        both.usual(params, data)
    assert both.slower(params, data) == both.module.cost(params, *data) > 0
    powers = Both(derive(NETWORKS["powers"]()))
    params = powers.params(np.random.default_rng(0), 1.0)
    data = [np.array([[0.0, 1.0]]), np.array([1.0])]
    with pytest.raises(ZeroDivisionError):
        powers.usual(params, data)
    assert powers.largest_error(powers.slower(params, data), params, data) == 0


def test_too_large_for_float32() -> None:
    both = Both(derive(Network(2, [Dense(1, "identity")], "quadratic")), "f")
    params, data = both.params(np.random.default_rng(3), 1.0), [np.full((1, 2), 1e30, "f"), np.full((1, 1), -1e38, "f")]
    for compute in (both.usual, both.slower):
        both.gradients.fill(0)
        assert math.isfinite(compute(params, data))
        assert np.isinf(both.gradients[:2]).all()
        assert both.gradients[2] > 1e37


@pytest.mark.parametrize("x", [np.ones((2, 2)), np.ones((1, 3)), np.ones(2), np.ones((1, 2, 1)), 3.0, [[1.0, 2.0]]])
def test_wrong_shapes_raise(x: Any) -> None:
    both = Both(derive(NETWORKS["2-2-2 sigmoid"]()))
    params = both.params(np.random.default_rng(0), 1.0)
    with pytest.raises(both.failures):
        both.usual(params, [x, np.ones((1, 2))])
    assert np.isnan(both.gradients).all()


@pytest.mark.parametrize("label", [[-1], [3], [1.0], [True], 1, [0, 1]])
def test_wrong_labels_raise(label: Any) -> None:
    both = Both(derive(NETWORKS["2-3-1 labels"]()))
    params = both.params(np.random.default_rng(0), 1.0)
    with pytest.raises(both.failures):
        both.usual(params, [np.ones((1, 2)), np.array(label)])
    assert np.isnan(both.gradients).all()


def fixed(name: str) -> Network | System | None:
    """A network of the corpus with every size but the number of examples fixed; None where that has to be another number."""
    if name in ALONE:
        return Network(**ALONE[name])
    described = EQUATION_NETWORKS[name]
    system = system_from_equations(**described)
    free = [axis.name for axis in system.axes.values() if axis.size is None and axis.rule is None and axis.name != system.batch]
    try:
        return system_from_equations(**{**described, "sizes": {**described.get("sizes", {}), **dict.fromkeys(free, 3)}})
    except InvalidDescription:
        return None


def test_the_same_as_plain_on_the_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other network, also with a few more parameters than are worth it."""
    monkeypatch.setattr("chainrule.codegen.backends.fast.scalar.code.MOST_PARAMETERS", 60)
    rng = np.random.default_rng(8)
    errors, refused = {}, {}
    for name in [*list(EQUATION_NETWORKS)[::2], *list(ALONE)[::4]]:
        network = fixed(name)
        if network is None:
            continue
        system = network if isinstance(network, System) else network.system
        if parameter_count(system) > 60:
            continue
        derivation = derive(network)
        code = scalar_code(derivation)
        if isinstance(code, str):
            refused[name] = code
            continue
        both = Both(derivation)
        params, data = both.params(rng, 0.5), both.data(rng, 1.0)
        try:
            value = both.usual(params, data)
        except both.failures:
            value = both.slower(params, data)
        # Where a gradient is 0 because terms cancel, rounding is all that is left of it.
        errors[name] = both.largest_error(value, params, data, floor=1e-4)
    assert {name: error for name, error in errors.items() if not error < 1e-12} == {}
    assert all("scalar operations" in reason or "examples" in reason or "sums run over" in reason for reason in refused.values()), refused
    assert len(errors) >= 20


def test_shared_and_dropped() -> None:
    """The output's difference from the target is computed once, for cost and gradients; the gradient in the input never."""
    code = scalar_code(derive(NETWORKS["2-2-2 sigmoid"]()))
    assert isinstance(code, ScalarCode)
    assert code.source.count("a2_0 - y_0") == 1
    assert "dx" not in code.source
    assert code.parameters == 12
    assert code.operations == 52


def test_the_same_text_each_time() -> None:
    first, second = (scalar_code(derive(NETWORKS["convolution"]())) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (lambda: Network(9, [Dense(6, "tanh")], "quadratic"), "60 parameters, more than 50"),
        (lambda: Network([1, 28, 28], [Layer("conv2d", {"channels": 2, "kernel": 3}, "tanh")], "quadratic"), "scalar operations"),
        (lambda: equations(POWERS, "W[k] b", ["x[n,k]"], ["y[n]"], batch="n", constants={"g": 2.5}), "the size of k is not fixed"),
    ],
)
def test_refused_with_a_reason(network: Any, reason: str) -> None:
    assert reason in str(scalar_code(derive(network())))
    assert not isinstance(scalar_code(derive(network())), ScalarCode)
