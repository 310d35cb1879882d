"""Tensors without indices: costs beside NumPy's, gradients beside complex steps through NumPy; what does not go together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from test_round_trip import check_same

from chainrule import InvalidDescription, derive
from chainrule.codegen.checking.loading import load
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System

Array = NDArray[Any]
SHAPES = {
    "W": ("W[j,k]", (5, 3)),
    "b": ("b[j]", (5,)),
    "x": ("x[n,k]", (7, 3)),
    "y": ("y[n,j]", (7, 5)),
    "v": ("v[k]", (3,)),
    "S": ("S[k,k_]", (3, 3)),
    "B": ("B[n,j,k]", (7, 5, 3)),
}


class Whole(NamedTuple):
    """Equations in parameters W, b, v, S and inputs x, y, B, and the cost as NumPy computes it of those that it takes."""

    equations: str
    cost: Callable[..., Any]


def softmax(u: Array) -> Array:
    return np.exp(u) / np.exp(u).sum(-1, keepdims=True)


WHOLE = {
    "dense": Whole("h = tanh(x @ W.T + b)\nC = mean((h - y)**2)", lambda W, b, x, y: ((np.tanh(x @ W.T + b) - y) ** 2).mean()),
    "columns": Whole("h = tanh(W @ x.T + b)\nC = sum((h - y.T)**2)", lambda W, b, x, y: ((np.tanh(W @ x.T + b[:, None]) - y.T) ** 2).sum()),
    "quadratic form": Whole("C = v @ S @ v/2 + v @ S.T @ v", lambda v, S: 3 * (v @ S @ v) / 2),
    "trace": Whole("C = trace(W @ S @ W.T)", lambda W, S: np.trace(W @ S @ W.T)),
    "norm": Whole("R = x @ W.T - y\nC = norm(R)**2/N + sum(W**2)", lambda W, x, y: ((x @ W.T - y) ** 2).sum() / 7 + (W**2).sum()),
    "centred": Whole(
        "Z = x*v - mean(n, x*v)\nC = sum((Z.T @ Z)**2)/N",
        lambda v, x: (((x * v - (x * v).mean(0)).T @ (x * v - (x * v).mean(0))) ** 2).sum() / 7,
    ),
    "softmax": Whole(
        "p = softmax(j, x @ W.T + b)\nC = -mean(n, sum(j, y*log(p)))",
        lambda W, b, x, y: -(y * np.log(softmax(x @ W.T + b))).sum(1).mean(),
    ),
    "attention": Whole("Q = x @ S\nA = softmax(n_, Q @ x.T)\nC = sum((A @ x)**2)", lambda S, x: ((softmax(x @ S @ x.T) @ x) ** 2).sum()),
    "batches": Whole("C = sum((B @ S @ v)**2)", lambda S, v, B: ((B @ S @ v) ** 2).sum()),
    "with indices beside": Whole(
        "h[n,j] = x @ W.T\nC = sum(n, j, h[n,j]*y[n,j]) + sum(j, b[j]*sum(n, y)) + max(v)",
        lambda W, b, v, x, y: (x @ W.T * y).sum() + (b * y.sum(0)).sum() + v[np.argmax(v.real)],
    ),
    "a letter of a sum on the right": Whole(
        "Y = x*v + mean(n, x*sum(k, v[k]*x[n,k]))\nC = sum(Y**2)",
        lambda v, x: ((x * v + (x * (x @ v)[:, None]).mean(0)) ** 2).sum(),
    ),
    "where": Whole("C = sum(where(x > 0 and x < 1, v, 2*x*v**2))", lambda v, x: np.where((x > 0) & (x < 1), v, 2 * x * v**2).sum()),
}


def read(whole: Whole) -> System:
    names = whole.cost.__code__.co_varnames[: whole.cost.__code__.co_argcount]
    declared = {name: SHAPES[name][0] for name in names}
    given = [text for name, text in declared.items() if name in "xyB"]
    return system_from_equations(
        whole.equations, [text for name, text in declared.items() if name not in "xyB"], given, batch="n" if given else None
    )


@pytest.mark.parametrize("name", WHOLE)
def test_values_and_gradients(name: str) -> None:
    whole = WHOLE[name]
    system = read(whole)
    derivation = derive(system)
    verify(derivation)
    rng = np.random.default_rng(1)
    arrays = {tensor.name: rng.uniform(0.2, 1, SHAPES[tensor.name][1]) for tensor in (*system.parameters, *system.inputs)}
    for style in ("plain", "fast"):
        module = load(derivation, style=style)
        params = module.Parameters(*(arrays[tensor.name] for tensor in system.parameters))
        cost, gradients = module.cost_and_gradients(params, *(arrays[tensor.name] for tensor in system.inputs))
        np.testing.assert_allclose(cost, whole.cost(**arrays), rtol=1e-12)
        for tensor in system.parameters:
            array = arrays[tensor.name]
            expected = np.zeros(array.shape)
            for place in np.ndindex(array.shape):
                step = np.zeros(array.shape, complex)
                step[place] = 1e-30j
                expected[place] = whole.cost(**{**arrays, tensor.name: array + step}).imag / 1e-30
            np.testing.assert_allclose(getattr(gradients, tensor.name), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_printed_is_read_again(name: str) -> None:
    check_same(read(WHOLE[name]))


def test_axes_follow() -> None:
    assert LanguageText(read(WHOLE["dense"])).equations() == (
        "h[n,j] = tanh(sum(k, x[n,k]*W[j,k]) + b[j])\nC = mean(n, j, (h[n,j] - y[n,j])**2)"
    )


@pytest.mark.parametrize(
    ("equations", "said"),
    [
        ("C = sum(v + b)", "b (j) beside v (k): the first has an axis that the other lacks; write the indices"),
        ("C = sum(x @ W)", "x (n, k) @ W (j, k) would sum over the axes k and j, which are two"),
        ("C = sum(S + v)", "v (k) beside S (k, k): the first goes along one of two axes k"),
        ("C = sum(B.T)", ".T is of a matrix or a vector, found 3 axes: B (n, j, k)"),
        ("C = trace(v)", "trace is of one matrix, found v (k)"),
        ("C = trace(S, S)", "trace is of one matrix, found 2 arguments"),
        ("C = 2 @ v", "@ stands between tensors, found 2 (no axis)"),
        ("C = sum(n, sum(softmax(n, x @ x.T)))", "x @ x.T (n, n) has 2 axes n: n_ is the second"),
        ("z[m] = W @ v\nC = sum(z)", "z[m] has other indices than the right side, W @ v (j)"),
        ("z = W @ v\nC = z", "the last equation is the cost and has no index, found C[j]"),
        ("z[2*k+1] = v[k]\nC = sum(z)", "z is put together of parts; write its indices"),
        ("z = exp(z) + v[0]\nC = z", "a cycle needs a shift"),
        ("z = x*grad(C, v)\nC = sum(cumsum(k, z)) + sum(v)", "cumsum(k, …) has a value at every k"),
        ("C = sum(" + "-" * 61 + "v)", "more than 60 levels"),
    ],
)
def test_what_does_not_go_together_is_said(equations: str, said: str) -> None:
    with pytest.raises(InvalidDescription) as raised:
        system_from_equations(equations, [SHAPES[name][0] for name in "WbvS"], [SHAPES[name][0] for name in "xyB"])
    assert said in str(raised.value)
    assert str(raised.value).count("equation") <= 2
