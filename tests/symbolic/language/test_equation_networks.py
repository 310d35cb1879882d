"""Networks written as index equations: every step evaluated, gradients against numeric ones, float types kept, bad input refused."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from derived_networks import derived
from equation_networks import NETWORKS

from chainrule import InvalidDescription, derive
from chainrule.codegen.backends.numpy.arguments import sample_sizes
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.gradient_check import CheckedModule, checked_module
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.symbolic.checking.solving import forward
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.tensors import Values
from chainrule.symbolic.language.system_reader import system_from_equations

TOLERANCE = 1e-6
each_network = pytest.mark.parametrize("name", NETWORKS)


def derivation(name: str) -> Derivation:
    return derived(f"equations {name}")


@cache
def checked(name: str) -> CheckedModule:
    return checked_module(derivation(name))


@each_network
def test_every_step_holds(name: str) -> None:
    assert verify(derivation(name)).equations > 0


@each_network
def test_every_parameter_has_the_numeric_gradient(name: str) -> None:
    errors = checked(name).errors
    assert list(errors) == [tensor.name for tensor in derivation(name).system.parameters]
    for parameter, error in errors.items():
        assert error < TOLERANCE, parameter


@each_network
def test_the_cost_of_the_module_is_the_cost_of_the_equations(name: str) -> None:
    system, module = derivation(name).system, checked(name).module
    params, data = drawn(name)
    given = params._asdict() | {tensor.name: array for tensor, array in zip((*system.inputs, *system.targets), data, strict=True)}
    sizes = sample_sizes(system)
    expected = forward(system, given, sizes).arrays[system.cost.tensor.name]
    assert module.cost(params, *data) == pytest.approx(float(np.real(expected)), rel=1e-9, abs=1e-12)


@each_network
def test_no_gradient_is_zero_everywhere(name: str) -> None:
    """A network of which nothing reaches the cost would pass every other test."""
    module = checked(name).module
    params, data = drawn(name)
    for parameter, gradient in module.cost_and_gradients(params, *data)[1]._asdict().items():
        assert np.any(gradient), parameter


@each_network
def test_float32_stays_float32(name: str) -> None:
    module = checked(name).module
    params, data = drawn(name)
    value, gradients = module.cost_and_gradients(params, *data)
    narrow = module.Parameters(*(array.astype(np.float32) for array in params))
    narrow_data = [array.astype(np.float32) if array.dtype.kind == "f" else array for array in data]
    given = narrow_data[: len(derivation(name).system.inputs)]
    for tensor, array in module.forward(narrow, *given)._asdict().items():
        assert np.asarray(array).dtype == np.float32 or np.asarray(array).dtype.kind == "i", tensor
    found_value, found = module.cost_and_gradients(narrow, *narrow_data)
    assert isinstance(found_value, float)
    assert found_value == pytest.approx(value, rel=1e-3, abs=1e-4)
    for parameter, exact in gradients._asdict().items():
        own = getattr(found, parameter)
        assert own.dtype == np.float32, parameter
        assert own.shape == np.shape(exact), parameter
        np.testing.assert_allclose(own, exact, rtol=0, atol=1e-3 * max(float(np.abs(exact).max()), 1e-2), err_msg=parameter)


def drawn(name: str, start: int = 0) -> tuple[Any, tuple[Any, ...]]:
    """Parameters, and inputs with targets, at which the module was checked."""
    module = checked(name).module
    rng = np.random.default_rng(start)
    params = module.Parameters(*(np.asarray(array + 0.3 * rng.standard_normal(array.shape)) for array in module.init(rng)))
    return params, module.sample(rng)


GOOD: dict[str, Any] = {
    "equations": "s[n] = sum(k, X[n,k]*w[k])\nL = sum(n, s[n]**2)",
    "parameters": ["w[k]"],
    "inputs": ["X[n,k]"],
}
COST = "\nL = sum(n, s[n]**2)"

#: What is changed in a good description, and words that the message holds, in order.
BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "undeclared tensor": ({"equations": "s[n] = sum(k, X[n,k]*v[k])" + COST}, ["equation 1 (s)", "unknown tensor 'v'", "X", "w"]),
    "undeclared tensor in the second equation": (
        {"equations": "s[n] = sum(k, X[n,k]*w[k])\nL = sum(n, r[n]**2)"},
        ["equation 2 (L)", "unknown tensor 'r'"],
    ),
    "unknown index": (
        {"equations": "s[n] = sum(k, X[n,k]*w[j])" + COST},
        ["equation 1 (s)", "index 'j' is neither on the left nor summed over", "k, n"],
    ),
    "free index in the cost": (
        {"equations": "s[n] = sum(k, X[n,k]*w[k])\nL = s[n]**2"},
        ["equation 2 (L)", "index 'n' is neither on the left nor summed over"],
    ),
    "cost with an index left": (
        {"equations": "s[n] = sum(k, X[n,k]*w[k])"},
        ["equation 1", "the last equation is the cost and has no index", "s[n]", "sum over n, as in C = sum(n, s[n])"],
    ),
    "index in a cost of nothing else": ({"equations": "L = w[k]"}, ["equation 1 (L)", "'k' is neither on the left", "sum(k, …)", "^"]),
    "product of letters in an index": (
        {"equations": "s[n] = sum(k, X[n,n*k]*w[k])" + COST},
        ["equation 1 (s)", "an index sum multiplies a letter by a whole number only"],
    ),
    "tensor given by two equations": ({"equations": "s[n] = X[n,0]\ns[n] = w[0]" + COST}, ["equation 2", "'s' is given twice"]),
    "tensor declared twice": ({"inputs": ["X[n,k]", "w[k]"]}, ["'w' is given twice"]),
    "input given by an equation": ({"equations": "X[n,k] = w[k]\nL = sum(n, k, X[n,k])"}, ["equation 1", "'X' is given twice"]),
    "real tensor as an index": (
        {"equations": "s[n] = sum(k, X[n,k]*w[X[n,k]])" + COST},
        ["equation 1 (s)", "'X' is no integer tensor", "X[…] in k"],
    ),
    "too few indices": ({"equations": "s[n] = sum(k, X[k]*w[k])" + COST}, ["equation 1 (s)", "X has 2 axes, found 1 index"]),
    "too many indices": ({"equations": "s[n] = sum(k, X[n,k]*w[k,n])" + COST}, ["equation 1 (s)", "w has 1 axis, found 2 indices"]),
    "no indices": (
        {"equations": "s[n] = X[n,0]*w" + COST},
        ["equation 1 (s)", "s[n] has other indices than the right side, X[n, 0] * w (k)"],
    ),
    "indices of a scalar": (
        {"equations": "s[n] = b[n]*sum(k, X[n,k]*w[k])" + COST, "parameters": ["w[k]", "b"]},
        ["equation 1 (s)", "b has 0 axes, found 1 index"],
    ),
    "unclosed bracket": ({"equations": "s[n] = sum(k, X[n,k]*w[k]" + COST}, ["equation 1", "a bracket is not closed", "s[n] = sum"]),
    "bracket closed twice": ({"equations": "s[n] = sum(k, X[n,k]*w[k]))" + COST}, ["equation 1 (s)", "this ')' closes no bracket"]),
    "empty text": ({"equations": ""}, ["there is no equation"]),
    "nothing but a remark": ({"equations": "\n  # L = 1\n"}, ["there is no equation"]),
    "unknown size": ({"sizes": {"q": 3}}, ["sizes", "no index is called 'q'", "n, k"]),
    "size 0": ({"sizes": {"k": 0}}, ["sizes", "k is a whole number of at least 1, found 0"]),
    "size that is no whole number": ({"sizes": {"k": 2.0}}, ["sizes", "k is a whole number of at least 1, found 2.0"]),
    "one axis with two sizes": (
        {"inputs": ["X[n,j]"], "sizes": {"k": 3, "j": 4}},
        ["sizes", "j = 4", "the same axis has size 3"],
    ),
    "a power as on paper": ({"equations": "L = sum(k, w[k]^2)"}, ["equation 1 (L)", "a power is written **", "^"]),
    "a product of matrices": (
        {"equations": "L = sum(k, w[k] @ w[k])"},
        ["equation 1 (L)", "@ stands between tensors, found w[k] (no axis)"],
    ),
    "factors without a sign": ({"equations": "L = sum(k, w[k] w[k])"}, ["equation 1 (L)", "an operator such as *"]),
    "a number before a name": ({"equations": "L = 2w[0]"}, ["equation 1 (L)", "a product is written with *"]),
    "bracket open at the end": ({"equations": "L = sum(k, (w[k])"}, ["equation 1", "a bracket is not closed: '('", "L = sum(k", "^"]),
    "bracket of another kind": ({"equations": "L = sum(k, w[k)]"}, ["equation 1 (L)", "']' was expected before this ')'"]),
    "a minus from a book": ({"equations": "L = 1 − w[0]"}, ["equation 1 (L)", "the character '−': write -"]),
    "a letter that is none here": ({"equations": "L = sum(κ, w[κ])"}, ["equation 1 (L)", "names are of the letters a to z"]),
    "two equal signs": ({"equations": "L == w[0]"}, ["equation 1", "one = sign stands between the sides"]),
    "two equations in a line": ({"equations": "s = w[0] L = s"}, ["equation 1 (s)", "a second = sign"]),
    "a word of Python's": ({"equations": "lambda = w[0]\nL = lambda"}, ["equation 1", "'lambda' is a word of Python's"]),
    "a place beyond the end": (
        {"equations": "L = w[9]", "sizes": {"k": 3}},
        ["equation 1 (L)", "the place 9 is outside", "size 3"],
    ),
    "a place before the first": ({"equations": "L = w[-1]"}, ["equation 1 (L)", "counted from 0, found -1"]),
    "a whole axis": ({"equations": "L = sum(k, w[k]*X[0,:])"}, ["equation 1 (L)", "write a letter for every index"]),
    "a square in an index": ({"equations": "L = sum(k, w[k**2])"}, ["equation 1 (L)", "a letter by a whole number only"]),
    "half an index": ({"equations": "L = sum(k, w[k//2])"}, ["equation 1 (L)", "a letter by a whole number only"]),
    "tensor as an index": ({"equations": "s[n] = X[n,w]" + COST}, ["equation 1 (s)", "'w' is a tensor or a constant, and no index"]),
    "sum over a letter on the left": (
        {"equations": "s[k] = sum(k, w[k])\nL = sum(k, s[k])"},
        ["equation 1 (s)", "'k' stands on the left", "such as k_"],
    ),
    "integers as a parameter": ({"parameters": ["w[k] in k"]}, ["parameters", "'w' is an integer tensor, which has no derivative"]),
    "one-hot rows as a parameter": ({"parameters": ["w[k] in one_hot"]}, ["parameters", "'w' is changed by its gradient"]),
    "labels along an unknown axis": ({"targets": ["y[n] in q"]}, ["'y[…] in q': no tensor has an index 'q'", "k, n"]),
    "values of an unknown tensor": ({"values": {"z": Values.SIGNS}}, ["values: no tensor 'z' is declared"]),
    "values of an integer tensor": ({"targets": ["y[n] in k"], "values": {"y": Values.SIGNS}}, ["'y' is declared 'in k'"]),
    "a word for values as an index": ({"inputs": ["X[n,signs]"]}, ["X: 'signs' already has a meaning"]),
    "a function as an index": ({"inputs": ["X[n,sum]"]}, ["X: 'sum' already has a meaning"]),
    "a constant as an index": ({"constants": {"k": 2.0}}, ["'k' is a constant and an index"]),
    "a cost without parameters": ({"equations": "L = sum(n, k, X[n,k])"}, ["equation 1 (L)", "the cost depends on no parameter", "w"]),
    "an axis without an array": ({"equations": "s[n,q] = w[0]*X[n,0]\nL = sum(n, q, s[n,q])"}, ["q is no index of an input", "sizes"]),
    "a boundary of nothing": ({"equations": "h[n,-1] = w[0]\nL = sum(k, w[k])"}, ["equation 1 (h)", "no equation"]),
    "a boundary of an input": ({"equations": "X[n,-1] = w[0]\nL = sum(k, w[k])"}, ["equation 1 (X)", "given from outside"]),
    "a boundary inside": (
        {"equations": "h[n,t] = X[n,t]*w[0] + h[n,t-1]\nh[n,2] = w[1]\nL = sum(n, t, h[n,t])", "sizes": {"t": 5}},
        ["equation 2 (h)", "before the first place (-1) or after the last"],
    ),
    "a boundary with two places": (
        {"equations": "h[n,t] = X[n,t]*w[0]\nh[-1,-1] = w[1]\nL = sum(n, t, h[n,t])"},
        ["equation 2 (h)", "a boundary value has one fixed index"],
    ),
    "placements that do not fit": (
        {"equations": "c[n,k] = X[n,k]\nc[3+k] = w[k]\nL = sum(n, k, c[n,k])"},
        ["equation 2 (c)", "found 1 index on the left, but 2 in equation 1 (c)"],
    ),
    "placement into an input": ({"equations": "X[n,3+k] = w[k]\nL = sum(n, k, X[n,k])"}, ["equation 1", "'X' is given twice", "input"]),
    "placement at a product": (
        {"equations": "c[n*k] = X[n,k]*w[k]\nL = sum(u, c[u])"},
        ["equation 1 (c)", "a whole number only", "c[n*k]"],
    ),
    "a step that says the next one": (
        {"equations": "h[n,t+1] = w[0]*h[n,t] + X[n,t]\nL = sum(n, t, h[n,t])"},
        ["equation 1: h", "a step reads the one before it", "h[n,t-1]"],
    ),
    "a cycle of two": ({"equations": "s[n] = u[n]*w[0]\nu[n] = s[n]" + COST}, ["equations 1, 2: s, u", "a cycle needs a shift"]),
    "more indices than an array has": (
        {"inputs": [f"X[{','.join(f'a{number}' for number in range(20))}]"]},
        ["X: found 20 indices, expected at most 16"],
    ),
    "a cycle": ({"equations": "s[n] = s[n]*w[0]" + COST}, ["s", "a cycle needs a shift"]),
    "no room for an index sum": (
        {"equations": "s[n,u] = sum(p, K[p]*X[n,u + p])\nL = sum(n, u, s[n,u])", "parameters": ["K[p]"], "sizes": {"k": 3, "p": 5}},
        ["leaves no position inside an axis of size 3"],
    ),
    "index that is a tensor": ({"inputs": ["X[n,k]", "k[n]"]}, ["'k' is a tensor and an index"]),
    "name of a function": ({"parameters": ["w[k]", "exp"]}, ["'exp' already has a meaning"]),
    "letter summed over twice": (
        {"equations": "s[n] = sum(k, sum(k, X[n,k]*w[k]))" + COST},
        ["equation 1 (s)", "'k' already has a meaning"],
    ),
    "equal letters on the left": ({"equations": "s[n,n] = w[0]\nL = sum(n, s[n,n])"}, ["equation 1", "the indices of a tensor differ"]),
    "left side that is an expression": ({"equations": "2*L = w[0]"}, ["equation 1", "the left side is a name", "2*L"]),
    "no right side": ({"equations": "L ="}, ["equation 1", "expected name[indices] = expression"]),
    "declaration that is none": ({"parameters": ["w[k"]}, ["a declaration is a name with its indices", "w[k"]),
    "unknown function": ({"equations": "L = sum(k, tahn(w[k]))"}, ["equation 1 (L)", "unknown function 'tahn'", "tanh"]),
}


@pytest.mark.parametrize("title", BAD)
def test_bad_input_is_refused(title: str) -> None:
    change, words = BAD[title]
    with pytest.raises(InvalidDescription) as refused:
        system_from_equations(**{**GOOD, **change})
    assert re.search(".*".join(map(re.escape, words)), str(refused.value), flags=re.DOTALL), str(refused.value)


def test_the_good_description_is_accepted() -> None:
    assert system_from_equations(**GOOD).cost.tensor.name == "L"


def test_the_mark_stands_under_the_place() -> None:
    with pytest.raises(InvalidDescription) as refused:
        system_from_equations(**{**GOOD, **BAD["undeclared tensor"][0]})
    text, mark = str(refused.value).splitlines()[-2:]
    assert text[mark.index("^")] == "v"


def test_a_sum_of_ones_is_the_number_of_examples() -> None:
    equations = "m = mean(n, w*x[n])\nC = sum(n, (w*x[n] - m)**2)/(sum(n, 1) - 1)"
    system = system_from_equations(equations=equations, inputs=["x[n]"], targets=[], parameters=["w"])
    written = LanguageText(system).equations()
    assert written.endswith("/(N - 1)")
    assert "Σ_n 1" not in module_source(derive(system))
    again = system_from_equations(equations=written, inputs=["x[n]"], targets=[], parameters=["w"])
    assert again.equations == system.equations


def test_a_sum_of_ones_is_a_fixed_size() -> None:
    equations = "L[n] = sum(k, X[n,k]*w[k]**2)/sum(k, 1)\nC = sum(n, L[n])"
    system = system_from_equations(equations=equations, inputs=["X[n,k]"], targets=[], parameters=["w[k]"], sizes={"k": 3})
    module = checked_module(derive(system)).module
    x, w = np.arange(6.0).reshape(2, 3), np.array([1.0, 2.0, 3.0])
    assert module.cost(module.Parameters(w), x) == pytest.approx(np.sum(x * w**2) / 3)
