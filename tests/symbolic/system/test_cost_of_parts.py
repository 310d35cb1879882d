"""Costs of parts make up the cost of all, in numbers too; where they don't the equation is named."""

from __future__ import annotations

import re

import numpy as np
import pytest
from equation_networks import NETWORKS
from sympy import S

from chainrule import Dense, InvalidDescription, Layer, Network, derive, load
from chainrule.symbolic.checking.draws import Trial, random_forward
from chainrule.symbolic.checking.interpreter import Interpreter, evaluated_by
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import forward
from chainrule.symbolic.checking.tensor_draw import DRAWS
from chainrule.symbolic.index.axes import size_symbol
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.cost_of_parts import CostOfParts, ExamplesJoined, cost_of_parts
from chainrule.symbolic.system.system import System

N = size_symbol("n")
SIZES = {"k": 3, "j": 2, "t": 5}
X, Y, W = ["x[n,k]", "mask[n,t]"], ["y[n]"], ["W[j,k]"]
Z = "z[n,j] = tanh(sum(k, W[j,k]*x[n,k]))\n"


def system(equations: str, inputs: list[str] = X[:1], targets: list[str] = Y, parameters: list[str] = W) -> System:
    sizes = {letter: size for letter, size in SIZES.items() if re.search(rf"\b{letter}\b", equations)}
    return system_from_equations(equations, parameters, inputs, targets, name="parts", batch="n", sizes=sizes)


ADDITIVE = {
    "mean": (Z + "C = mean(n, sum(j, z[n,j]**2)*y[n])", "N", False),
    "sum": (Z + "C = sum(n, j, z[n,j]*y[n])/7", "1", False),
    "mean and penalty": (Z + "C = mean(n, j, z[n,j]*y[n]) + sum(j, k, W[j,k]**2)", "N", True),
    "sum and penalty": (Z + "C = sum(n, j, z[n,j]*y[n]) + sum(j, k, W[j,k]**2)", "1", True),
    "totals with names and a penalty of a total": (
        Z + "D = mean(n, j, z[n,j]*y[n])\nR = sum(j, k, W[j,k]**2)\nC = 2*D + R/3 + exp(R)*D",
        "N",
        True,
    ),
    "totals along another axis": (Z + "m[j] = mean(n, z[n,j]*y[n])\nC = sum(j, W[j,0]*m[j])", "N", False),
    "parameters of parameters": (
        "V[j,k] = W[j,k]/sum(k_, W[j,k_]**2)\nz[n,j] = sum(k, V[j,k]*x[n,k])\nC = mean(n, j, z[n,j]*y[n])",
        "N",
        False,
    ),
    "a mask": (Z + "C = sum(n, t, mask[n,t]*z[n,0]*y[n])/sum(n, t, mask[n,t])", "mask", False),
    "a mask's count by name, and a penalty": (
        Z + "count = sum(n, t, mask[n,t])\nL = sum(n, t, mask[n,t]*z[n,0]*y[n])\nC = L/count/3 + sum(j, k, W[j,k]**2)",
        "mask",
        True,
    ),
    "a recurrence inside of an example": ("h[n,t] = tanh(mask[n,t] + W[0,0]*h[n,t-1]*x[n,0])\nC = mean(n, t, h[n,t]*y[n])", "N", False),
}


@pytest.mark.parametrize("name", ADDITIVE)
def test_the_cost_of_all_is_that_of_its_parts(name: str) -> None:
    equations, divisor, has_shared_terms = ADDITIVE[name]
    own = system(equations, X if "mask" in equations else X[:1])
    found = cost_of_parts(own)
    expected = {"1": S.One, "N": N}.get(divisor, found.divisor)
    assert found == CostOfParts(expected, has_shared_terms)
    module = load(derive(own))
    rng = np.random.default_rng(5)
    params = module.init(rng)
    x, y, mask = rng.standard_normal((11, 3)), rng.standard_normal(11), rng.integers(0, 2, (11, 5)).astype(float)
    given = [x, mask, y] if "mask" in equations else [x, y]

    def counted(part: slice) -> float:
        return {"1": 1.0, "N": float(len(x[part]))}.get(divisor, float(mask[part].sum()))

    def whole(parts: list[slice]) -> tuple[float, list[np.ndarray]]:
        shares = [counted(part) if divisor != "1" else 1.0 for part in parts]
        total = sum(shares) if divisor != "1" else 1.0
        results = [module.cost_and_gradients(params, *(array[part] for array in given)) for part in parts]
        cost = sum(share / total * result[0] for share, result in zip(shares, results, strict=True))
        gradients = [
            sum(share / total * result[1][place] for share, result in zip(shares, results, strict=True)) for place in range(len(params))
        ]
        return cost, gradients

    (cost, gradients), (of_parts, gradients_of_parts) = whole([slice(0, 11)]), whole([slice(0, 2), slice(2, 7), slice(7, 11)])
    shared = 2 * float(np.sum(params[0] ** 2)) if name == "sum and penalty" else 0.0
    assert of_parts - shared == pytest.approx(cost, rel=1e-13)
    shared_gradient = 4 * params[0] if name == "sum and penalty" else 0.0
    assert np.allclose(gradients_of_parts[0] - shared_gradient, gradients[0], rtol=0, atol=1e-13 * np.abs(gradients[0]).max())


JOINED = {
    "batch normalisation": (Z + "m[j] = mean(n, z[n,j])\nu[n,j] = z[n,j] - m[j]\nC = mean(n, j, u[n,j]**2*y[n])", "m[j] = "),
    "a mean in the same equation": (Z + "u[n,j] = z[n,j] - mean(n_, z[n_,j])\nC = mean(n, j, u[n,j]**2*y[n])", "u[n, j] = "),
    "a softmax over the batch": (
        Z + "s[n,m] = sum(j, z[n,j]*z[m,j])\nC = mean(n, log(sum(m, exp(s[n,m]))) - s[n,n]*y[n])",
        "s[n, ",
    ),
    "the greatest of the batch": (Z + "g[j] = max(n, z[n,j])\nC = mean(n, j, z[n,j]*y[n]) + sum(j, g[j])", "g[j] = "),
    "the example before": (Z + "u[n,j] = z[n,j] - z[n-1,j]\nC = mean(n, j, u[n,j]**2*y[n])", "u[n, j] = "),
    "the square of a mean": (Z + "m[j] = mean(n, z[n,j]*y[n])\nC = sum(j, m[j]**2)", "m[j] = "),
    "the number of an example": (Z + "C = mean(n, j, z[n,j]*y[n]*where(n > 2, 1, 0))", "C = "),
    "a penalty by the number of examples": (Z + "C = mean(n, j, z[n,j]*y[n]) + sum(j, k, W[j,k]**2)/N", "C = "),
    "a mean and a sum": (Z + "C = mean(n, j, z[n,j]*y[n]) + sum(n, z[n,0])", "C = "),
    "a divisor that learns": (Z + "C = sum(n, z[n,0]*y[n])/sum(n, z[n,0]**2)", "C = "),
    "one less than the examples": (Z + "C = sum(n, z[n,0]*y[n])/(sum(n, 1) - 1)", "C = "),
    "the standard deviation of the batch": (Z + "C = sqrt(mean(n, z[n,0]**2*y[n]))", "C = "),
}


@pytest.mark.parametrize("name", JOINED)
def test_the_equation_that_joins_examples_is_named(name: str) -> None:
    equations, said = JOINED[name]
    with pytest.raises(ExamplesJoined) as problem:
        cost_of_parts(system(equations))
    assert problem.value.said.startswith(said)


def test_a_parameter_of_each_example_is_named() -> None:
    with pytest.raises(ExamplesJoined, match=r"they mix in C = "):
        cost_of_parts(system("C = mean(n, v[n]*y[n])", [], parameters=["v[n]"]))


def test_layers() -> None:
    stack = Network(3, [Dense(5, "relu"), Dense(2, "softmax")], "cross_entropy", regularisation={"l2": 0.1})
    assert cost_of_parts(stack.system) == CostOfParts(N, True)
    normalised = Network(3, [Dense(5, "relu"), Layer("batch_norm"), Dense(2, "softmax")], "cross_entropy")
    with pytest.raises(ExamplesJoined, match=r"they mix in m2\[j\] = .*, which .* reads"):
        cost_of_parts(normalised.system)
    by_layer = Network(3, [Dense(5, "relu"), Layer("layer_norm"), Dense(2, "softmax")], "cross_entropy")
    assert not cost_of_parts(by_layer.system).has_shared_terms


def test_without_an_axis_of_examples() -> None:
    with pytest.raises(InvalidDescription, match="no axis of examples"):
        cost_of_parts(system_from_equations("C = sum(k, w[k]**2)", ["w[k]"], name="one", batch=None))


def of_parts(own: System, found: CostOfParts, whole: Numbers) -> complex:
    """The cost of all examples from that of the first, and that of the others."""
    batch, count = own.batch or "", whole.sizes[own.batch or ""]
    total = 0j
    for places in ([0], range(1, count)):
        arrays = {}
        for tensor in (*own.inputs, *own.targets, *own.parameters):
            place, array = tensor.place_of(batch), whole.arrays[tensor.name]
            arrays[tensor.name] = array if place is None else np.take(array, places, axis=place)
        part = forward(own, arrays, {**whole.sizes, batch: len(places)})
        share = evaluated_by(Interpreter, found.divisor, part, ()) / evaluated_by(Interpreter, found.divisor, whole, ())
        total += complex(share * part.arrays[own.cost.tensor.name])
    return total


def test_the_costs_of_a_corpus_are_those_of_their_parts() -> None:
    counted, joined = 0, []
    for name, text in NETWORKS.items():
        if not any("[n," in given or "[n]" in given for given in text.get("inputs", ())):
            continue
        own = system_from_equations(**{"name": name, "batch": "n", **text})
        try:
            found = cost_of_parts(own)
        except ExamplesJoined:
            joined.append(name)
            continue
        draws = (random_forward(own, draw, Trial(), None) for draw in DRAWS)
        whole = next(numbers for numbers in draws if np.isfinite(numbers.arrays[own.cost.tensor.name]))
        if found != CostOfParts(S.One, True):
            assert of_parts(own, found, whole) == pytest.approx(complex(whole.arrays[own.cost.tensor.name]), rel=1e-12), name
            counted += 1
    assert counted >= 70
    assert all(name.startswith(("placed_by_", "batch_norm_", "character_model")) for name in joined), joined
