"""Small systems of equations, each of which was wrong once: found among random ones, and made as short as they can be."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import pytest
from sympy import Add

from chainrule import Layer, Network, derive
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.symbolic.checking.trial_sizes import MOST_NUMBERS, fitting_sizes
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.forms.array_form import array_form
from chainrule.symbolic.forms.arrays import Read, everything
from chainrule.symbolic.index.axes import axis_name, index
from chainrule.symbolic.index.index_letters import letters
from chainrule.symbolic.index.tensors import entry
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.rewriting.algebra import MOST_SYMBOLS, cheapest
from chainrule.symbolic.system.small_sizes import small_sizes

CASES: dict[str, dict[str, Any]] = {
    "a total's derivative is not written through some of its terms": {
        "equations": "u = sum(i, W[i])\nC = log(2 + cos(u)) + b**2",
        "parameters": ["W[i]", "b"],
    },
    "√(t²) is not t where t may be negative": {
        "equations": "u[k] = sign(arctan(W[k]))*arctan(W[k])\nC = sum(k, u[k]*W[k])",
        "parameters": ["W[k]"],
    },
    "a square is not solved for what may be negative": {
        "equations": "u[k] = tanh(W[k])**2\nC = sum(k, u[k]*W[k])",
        "parameters": ["W[k]"],
    },
    "a gradient that is a number": {"equations": "C = sum(i, W[i]) + b", "parameters": ["W[i]", "b"], "inputs": ["X[i]"]},
    "a gradient that is 0": {
        "equations": "u[i] = where(V[i] < W[i], 2*W[i], W[i]**2)\nC = sum(i, u[i])",
        "parameters": ["V[i]", "W[i]"],
    },
    "a gradient that is a constant": {"equations": "C = alpha*b + b**2*0", "parameters": ["b"], "constants": {"alpha": 0.7}},
    "an integer tensor as a number": {
        "equations": "u[i] = q[i]*W[i] + where(q[i] > 0, W[i], 2*b)\nC = sum(i, u[i]**2) + b*sum(i, q[i])",
        "parameters": ["W[i]", "b"],
        "inputs": ["q[i] in k", "X[k]"],
    },
    "a position as a number": {
        "equations": "u[j,i] = W[i]*X[j,i]/(1 + q[j,i]**2)\nv[j,i] = W[i]*u[j,q[j,i]]/(1 + q[j,i]**2)\nC = sum(j, i, v[j,i])",
        "parameters": ["W[i]"],
        "inputs": ["X[j,i]", "q[j,i] in i"],
    },
    "a loop reads an embedding": {
        "equations": "h[k] = h[k-1]/2 + tanh(E[q[k]]*h[k-1] + W[k])\nC = sum(k, h[k]**2)",
        "parameters": ["E[j]", "W[k]"],
        "inputs": ["q[k] in j"],
    },
    "a loop reads with a stride": {
        "equations": "h[i,j] = tanh(h[i,j-2] + W[i]*X[i + 3*j] + W[i-1])\nC = sum(i, j, h[i,j]**2)",
        "parameters": ["W[i]"],
        "inputs": ["X[i]"],
        "sizes": {"i": 7, "j": 3},
    },
    "a loop reads one tensor along two axes": {
        "equations": "h[j,i] = tanh(W[i,j-i]*h[j,i-1] + X[j,i] + h[2 - j,i-1])\nC = sum(i, j, h[j,i]**2)",
        "parameters": ["W[i,j]"],
        "inputs": ["X[j,i]"],
        "sizes": {"i": 5, "j": 3},
    },
    "two recurrences in a row along one axis": {
        "equations": "h[j] = h[j-1]/2 + tanh(W[j])\ng[j] = g[j-1]/2 + tanh(h[j-1]*V[j]) + X[j]\nC = sum(j, g[j]**2)",
        "parameters": ["W[j]", "V[j]"],
        "inputs": ["X[j]"],
    },
    "what a loop adds to is no view of the cache": {
        "equations": "h[i,j] = arctan(b*X[i] + h[i,j-1])\nC = sum(i, j, h[i,j]**2/2)",
        "parameters": ["b"],
        "inputs": ["X[i]"],
        "sizes": {"j": 3},
    },
    "a diagonal shift stays a recurrence": {
        "equations": "h[k,j] = W[k]*tanh(h[k-2,k-1]) + X[k,j]\nC = sum(k, j, h[k,j]**2)",
        "parameters": ["W[k]"],
        "inputs": ["X[k,j]"],
        "sizes": {"k": 5, "j": 3},
    },
    "a boundary value that sums over the recurrence's own axis": {
        "equations": "h[i] = sigmoid(b*h[i-2])\nh[-2] = sum(i, W[i])\nC = sum(i, h[i]**2)",
        "parameters": ["b", "W[i]"],
        "inputs": ["X[i]"],
    },
    "a boundary value that sums over a letter of the reading equation": {
        "equations": "h[t,j] = tanh(sum(k, U[j,k]*h[t-1,k]))\nh[-1,j] = sum(k, A[j,k]*s[k])\nC = sum(t, j, h[t,j]*X[t,j])",
        "parameters": ["U[j,k]", "A[j,k]", "s[k]"],
        "inputs": ["X[t,j]"],
    },
    "a letter of another axis has another range": {
        "equations": "u[i,k] = V[i - k]*X[i,k]*(Y[i - k,k] - Y[i,k])\nC = sum(i, k, u[i,k]**2)",
        "parameters": ["V[k]"],
        "inputs": ["X[i,k]", "Y[i,k]"],
        "sizes": {"i": 2, "k": 3},
    },
    "a delta fixes no letter out of range": {
        "equations": "h[j,k] = h[j-2,k]/2 + tanh(u[k]*h[j-2,k])\nh[-1,k] = b\nu[k] = X[k]\nC = sum(i, k, 1/(1 + (X[k] - h[k+1,i])**2))",
        "parameters": ["b"],
        "inputs": ["X[k]"],
        "sizes": {"i": 3, "k": 3, "j": 7},
    },
    "a maximum over a case distinction": {
        "equations": "u[i] = max(j, where(X[j,i] > W[i], W[i]*X[j,i], V[j]))\nv = max(j, relu(V[j]))\nC = sum(i, u[i]**2) + v",
        "parameters": ["W[i]", "V[j]"],
        "inputs": ["X[j,i]"],
    },
    "a test times a number times data": {
        "equations": "h[i,j] = h[i-2,j]*W[j]/4 + h[i-2,j]/4\nh[-2,j] = sum(k, W[j])\nC = sum(i, j, h[i,j]**2)",
        "parameters": ["W[j]"],
        "sizes": {"i": 3, "k": 5},
    },
    "a sum of tests": {
        "equations": "u[j] = b*X[j]\nh[j,i] = h[j,i-1]/2\nh[j,-1] = b\nC = sum(j, (u[j] - h[j,3*j - 2])**2)",
        "parameters": ["b"],
        "inputs": ["X[j]"],
        "sizes": {"i": 3, "j": 5},
    },
}


def derived(title: str) -> Derivation:
    return derive(system_from_equations(**CASES[title]))


@pytest.mark.parametrize("title", CASES)
def test_every_step_holds_and_gradients_agree(title: str) -> None:
    derivation = derived(title)
    verify(derivation)
    assert set(checked_module(derivation).errors) == {tensor.name for tensor in derivation.system.parameters}


@pytest.mark.parametrize("title", CASES)
def test_float32_stays_float32(title: str) -> None:
    module = checked_module(derived(title)).module
    rng = np.random.default_rng(3)
    params = module.Parameters(*(np.asarray(rng.standard_normal(array.shape), np.float32) for array in module.init(rng)))
    data = [array.astype(np.float32) if array.dtype.kind == "f" else array for array in module.sample(rng)]
    for name, gradient in module.cost_and_gradients(params, *data)[1]._asdict().items():
        assert gradient.dtype == np.float32, name
        assert gradient.shape == getattr(params, name).shape, name


def test_an_output_divided_by_a_parameter_is_no_shorter_form() -> None:
    """exp(x) is u/b for u = b exp(x), but a bias is 0 at first."""
    derivation = derive(system_from_equations("u[i] = b*exp(X[i])\nC = sum(i, u[i]**2)", ["b"], ["X[i]"]))
    module = checked_module(derivation).module
    assert np.isfinite(module.cost_and_gradients(module.Parameters(np.zeros(())), np.ones(3))[1].b)


def test_recurrences_in_a_row_have_a_loop_each() -> None:
    source = module_source(derived("two recurrences in a row along one axis"))
    forward = source[source.index("def forward") : source.index("def backward")]
    assert forward.count("    for j in range(N_j):") == 2


def test_long_formulas_are_not_factored() -> None:
    many = sum((entry("W", (k,)) ** 2 * entry("X", (k,)) for k in range(MOST_SYMBOLS)), start=entry("b", (0,)))
    assert cheapest(many) is many


def test_verification_keeps_small_sizes_that_index_sums_need() -> None:
    system = system_from_equations(
        "u[i] = sum(p, K[p]*X[3*i + p])\nv[i,m] = u[i]*W[m]\nC = sum(i, m, v[i,m]**2) + K[1]",
        ["K[p]", "W[m]"],
        ["X[k]"],
        sizes={"k": 8, "p": 2, "i": 3, "m": 100},
    )
    sizes = small_sizes(system)
    assert {name: sizes[name] for name in "kpi"} == {"k": 8, "p": 2, "i": 3}
    assert sizes["m"] not in (2, 3, 8)


def test_a_deep_stack_of_padded_convolutions_is_tried_at_small_sizes() -> None:
    """Each would have to be longer than the next for every read to be inside, 2, 4, 6, … and twice that before each pool."""

    def layers(depth: int) -> list[Layer]:
        convolution = Layer("conv2d", {"channels": 5, "kernel": 3, "padding": 1}, "relu")
        return [*[convolution, convolution, Layer("max_pool2d", {"kernel": 2})] * depth, Layer("flatten"), Layer("dense", {"units": 3})]

    derivation = derive(Network([2, 224, 224], layers(5), "quadratic"))
    sizes = small_sizes(derivation.system, *fitting_sizes(derivation))
    for _, step in derivation.all_steps:
        assert prod(sizes[axis_name(letter)] for letter in letters(step.before) | letters(step.after)) <= MOST_NUMBERS
    assert verify(derivation).vacuous == 0


def test_a_total_of_a_thousand_terms_is_not_a_thousand_levels_deep() -> None:
    """The gradient of a weight that a thousand equations share."""
    letter = index("i")
    array = array_form(Add(*(entry(f"u{number}", (letter,)) * number for number in range(1, 1501))))
    reads = [part.name for part in everything(array) if isinstance(part, Read)]
    assert sorted(reads) == sorted(f"u{number}" for number in range(1, 1501))
