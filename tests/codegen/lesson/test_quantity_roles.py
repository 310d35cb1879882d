"""What symbols of networks of equations stand for is said in words, found by the form of their equations and not by their names."""

from __future__ import annotations

from typing import Any

import pytest
from gallery_networks import document

from chainrule import Network
from chainrule.codegen.formats.markdown import render_markdown
from chainrule.codegen.lesson.quantity_roles import role_of
from chainrule.symbolic.system.system import System

GIVEN: dict[str, Any] = {"parameters": ["W[j,i]", "b[j]", "g[j]"], "inputs": ["x[n,i]", "y[n,j]"], "sizes": {"i": 2, "j": 3}}
#: The last equation but the cost, and the key of what its tensor is.
FORMS = {
    "a[n,j] = sum(i, W[j,i]*x[n,i]) + b[j]": "weighted",
    "a[n,j] = y[n,j] + sum(i, W[j,i]*x[n,i])": "residual",
    "a[n,j] = sigmoid(sum(i, W[j,i]*x[n,i]))": "sigmoid.sums",
    "a[n,j] = relu(y[n,j])": "relu",
    "a[n,j] = tanh(y[n,j])": "tanh",
    "a[n,j] = exp(sum(i, W[j,i]*x[n,i]))": "exp.sums",
    "a[n] = mean(j, y[n,j])": "mean",
    "m[n] = mean(j, y[n,j])\na[n] = mean(j, (y[n,j] - m[n])**2)": "variance",
    "m[n] = mean(j, y[n,j])\na[n,j] = g[j]*(y[n,j] - m[n])/sqrt(1 + m[n]**2) + b[j]": "normalised",
    "a[n,j] = exp(y[n,j])/sum(k, exp(y[n,k]))": "softmax",
    "a[n,j] = fixed_point(tanh(g[j]*a[n,j] + y[n,j]))": "implicit",
    "a[n] = norm(j, y[n,j])": "length",
    "m[n] = sum(j, y[n,j])\na[n,j] = y[n,j] - m[n]": "difference",
    "m[n] = sum(j, y[n,j])\na[n,j] = y[n,j]/m[n]": "quotient",
    "a[n,j] = g[j]*y[n,j]": "product",
    "a[n,j] = g[j]*sum(i, W[j,i]*x[n,i])": None,
    # What is taken off is no mean, and what divides is another sum.
    "m[n] = sum(j, y[n,j])\na[n] = mean(j, (y[n,j] - m[n])**2)": "square.mean.difference",
    "a[n,j] = exp(y[n,j])/sum(i, exp(x[n,i]))": None,
    "a[n,j] = y[n,j]*log(1 + y[n,j]**2)": None,
}


def system_of(equations: str) -> System:
    return Network.from_equations(equations, targets=[], **GIVEN)


def key_of(system: System, name: str) -> str | None:
    role = role_of(system.tensors[name], system)
    return role.key if role is not None else None


@pytest.mark.parametrize("equations", FORMS)
def test_what_is_computed(equations: str) -> None:
    axes, sums = ("[n,j]", "n, j") if "a[n,j]" in equations else ("[n]", "n")
    assert key_of(system_of(f"{equations}\nC = sum({sums}, a{axes}**2) + sum(j, b[j]**2)"), "a") == FORMS[equations]


def test_a_gate_multiplies_others_and_a_sigmoid_that_is_weighed_is_none() -> None:
    assert key_of(system_of("a[n,j] = sigmoid(y[n,j])\nC = sum(n, j, a[n,j]*y[n,j]) + sum(j, b[j]**2)"), "a") == "gate"
    assert key_of(system_of("a[n,j] = sigmoid(y[n,j])\nC = sum(n, j, g[j]*a[n,j])"), "a") == "sigmoid"


@pytest.mark.parametrize(
    ("equations", "key"),
    [
        ("a[n,j] = y[n,j] - b[j]", "centre"),
        ("a[n,j] = exp(-(b[j] - y[n,j])**2/2)", "centre"),
        ("a[n,j] = solve(j_, W[j,j_], y[n,j] - b[j])", "centre"),
        ("a[n,j] = y[n,j] + b[j]", "biases"),
        ("a[n,j] = sigmoid(sum(i, W[j,i]*x[n,i]) + b[j])", "biases"),
        ("a[n,j] = tanh(sum(i, W[j,i]*x[n,i]) - b[j])", "thresholds"),
        ("z[n,j] = sum(i, W[j,i]*x[n,i])\na[n,j] = tanh(z[n,j] - b[j])", "thresholds"),
    ],
)
def test_what_is_subtracted_is_no_bias(equations: str, key: str) -> None:
    given = GIVEN | {"parameters": ["W[j,j_]" if "solve" in equations else "W[j,i]", "b[j]"]}
    system = Network.from_equations(f"{equations}\nC = sum(n, j, a[n,j]**2)", targets=[], **given)
    assert key_of(system, "b") == key


MEANINGS = {
    "gru": {
        "Wr": "weights of $x$ in $r$",
        "Uu": "weights of $h$, $r$ in $u$",
        "br": "biases of $r$",
        "h0": "initial state",
        "u": "candidate",
    },
    "equilibrium": {"z": "solution of its equation"},
    "block": {
        "m1": "mean of $x$",
        "v2": "variance of $o$",
        "g1": "gains of $u^{(1)}$",
        "s": "scores: inner products of $q$, $k$",
        "p": "softmax of $s$",
        "c": "mean of $v$, weighted by $p$",
        "o": "$x$ plus weighted sums of $c$",
        "a": "ReLU of $z$",
    },
}


@pytest.mark.parametrize("name", MEANINGS)
def test_symbol_tables_say_it(name: str) -> None:
    rows = [line for line in render_markdown(document(name, length="short")).splitlines() if line.startswith("|")]
    for symbol, words in MEANINGS[name].items():
        assert any(words in row for row in rows if row.endswith(f"| `{symbol}` |")), symbol
    assert not any("parameter in the equation" in row or "computed from" in row for row in rows)
