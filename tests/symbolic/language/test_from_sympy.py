"""Networks given as SymPy expressions are the same systems as their texts; what has no meaning is refused."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from equation_networks import NETWORKS
from sympy import Eq, Idx, IndexedBase, Max, Min, Piecewise, Rational, Sum, Symbol, erf, exp, log, sqrt, symbols, tanh

from chainrule import InvalidDescription, Network, derive
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.symbolic.index.index_letters import tidy
from chainrule.symbolic.language.from_sympy import text_of_equations
from chainrule.symbolic.language.system_reader import system_from_equations

n, k, c, j, i, o, p, u, d, a = symbols("n k c j i o p u d a", integer=True)
N, K, J = symbols("N K J", integer=True, positive=True)
X, Y, W, b, z, q, y, w, s, T, V, U, h, x, g, B, cat, D = map(IndexedBase, "X Y W b z q y w s T V U h x g B cat D".split())
L = Symbol("L")


def mean(letter: Symbol, size: Symbol, body: sympy.Expr) -> sympy.Expr:
    """A mean is a sum over the number of its terms, which is a sum of ones."""
    return Sum(body, (letter, 0, size - 1)) / Sum(1, (letter, 0, size - 1), evaluate=False)


#: Equations as SymPy writes them, for networks of the corpus.
EQUATIONS: dict[str, list[Any]] = {
    "rounded_straight_through": [
        Eq(z[n, j], Sum(W[j, k] * X[n, k], (k, 0, 4))),
        Eq(q[n, j], z[n, j] + sympy.Function("stop")(sympy.Function("round")(z[n, j]) - z[n, j])),
        (L, Sum(T[j] * sympy.floor(2 * z[n, j]) + sympy.ceiling(z[n, j]) ** 2 + q[n, j] ** 2, (n, 0, N), (j, 0, 2))),
    ],
    "logistic_regression": [
        Eq(s[n], Sum(X[n, k] * w[k], (k, 0, 2))),
        Eq(L, Sum(log(1 + exp(-y[n] * s[n])), (n, 0, N - 1))),
    ],
    "quadratic_form": [(L, Sum(x[i] * IndexedBase("A")[i, j] * x[j], (i, 0, 4), (j, 0, K)))],
    "conv1d": [
        Eq(y[n, o, u], Sum(IndexedBase("K")[o, c, p] * x[n, c, u + p], (c, 0, 1), (p, 0, 2)) + b[o]),
        Eq(L, Sum(Sum(y[n, o, u] ** 2, (o, 0, 4), (u, 0, 4)), (n, 0, N - 1)) / Sum(1, (n, 0, N - 1))),
    ],
    "autoencoder_tied": [
        (h[n, j], 1 / (1 + exp(-Sum(W[j, k] * X[n, k], (k, 0, 6)) - b[j]))),
        (IndexedBase("r")[n, k], Sum(W[j, k] * h[n, j], (j, 0, 2)) + IndexedBase("c")[k]),
        (L, Sum(Rational(1, 2) * (IndexedBase("r")[n, k] - X[n, k]) ** 2, (k, 0, 6), (n, 0, N)) / Sum(1, (n, 0, N))),
    ],
    "flatten": [
        Eq(IndexedBase("a")[n, c, Symbol("h"), Symbol("w")], tanh(g[c] * x[n, c, Symbol("h"), Symbol("w")])),
        Eq(IndexedBase("flat")[n, 15 * c + 5 * Symbol("h") + Symbol("w")], IndexedBase("a")[n, c, Symbol("h"), Symbol("w")]),
        Eq(z[n, k], Sum(W[k, Symbol("f")] * IndexedBase("flat")[n, Symbol("f")], (Symbol("f"), 0, N)) + b[k]),
        Eq(L, Sum((z[n, k] - T[n, k]) ** 2, (k, 0, 6), (n, 0, N - 1)) / Sum(1, (n, 0, N - 1))),
    ],
}


@pytest.mark.parametrize("name", EQUATIONS)
def test_the_same_system_as_its_text(name: str) -> None:
    given = {key: value for key, value in NETWORKS[name].items() if key != "equations"}
    expected = system_from_equations(**NETWORKS[name])
    found = Network.from_equations(EQUATIONS[name], **given)
    assert found.tensors == expected.tensors
    assert found.known_sizes == expected.known_sizes
    gradients = [derive(system) for system in (found, expected)]
    for parameter in expected.parameters:
        first, second = (derivation.gradient(parameter.name).xreplace(expected.known_sizes) for derivation in gradients)
        # A size that is no number is a sum of ones in one of them.
        first, second = (side.replace(Sum, _counted) for side in (first, second))
        assert sympy.simplify(tidy(first) - tidy(second)) == 0
    assert checked_module(gradients[0]).largest_error < 1e-6


def _counted(function: sympy.Expr, *limits: sympy.Tuple) -> sympy.Expr:
    return sympy.Mul(*(limit[2] + 1 for limit in limits)) if function == 1 else Sum(function, *limits)


def test_products_and_deltas() -> None:
    equations = [Eq(L, sympy.Product(w[k] + sympy.KroneckerDelta(k, 2), (k, 0, 4)))]
    assert text_of_equations(equations) == ("L = prod(k, (w[k] + [2 == k]))", {"k": 5})


def test_functions_and_cases() -> None:
    t = Sum(X[n, k] * w[k], (k, 0, K - 1))
    equations = [
        Eq(s[n], Piecewise((t, t > 0), (exp(t) - 1, t > -2), (-1, True))),
        Eq(h[n], Max(s[n], 0.25, -s[n]) + Min(s[n], 2) * erf(s[n]) / sqrt(1 + s[n] ** 2) + sympy.Abs(s[n]) ** Rational(3, 2)),
        Eq(L, Sum(sympy.atan(h[n]) * sympy.pi + sympy.E * h[n] ** -2, (n, 0, N - 1))),
    ]
    system = Network.from_equations(equations, ["w[k]"], ["X[n,k]"], batch="n")
    text = (
        "s[n] = where(sum(k, X[n,k]*w[k]) > 0, sum(k, X[n,k]*w[k]), where(sum(k, X[n,k]*w[k]) > -2, exp(sum(k, X[n,k]*w[k])) - 1, -1))\n"
        "h[n] = maximum(maximum(-s[n], s[n]), 0.25) + minimum(s[n], 2)*erf(s[n])/sqrt(1 + s[n]**2) + abs(s[n])**1.5\n"
        "L = sum(n, arctan(h[n])*pi + exp(1)*h[n]**-2)"
    )
    assert system.equations == system_from_equations(text, ["w[k]"], ["X[n,k]"], batch="n").equations


def test_ranges_of_indices_are_sizes() -> None:
    r, m = Idx("r", 3), Idx("m", N)
    equations = [Eq(s[m], Sum(X[m, r] * w[r], (r, 0, 2))), Eq(L, Sum(s[m] ** 2, (m, 0, N - 1)))]
    system = Network.from_equations(equations, ["w[r]"], ["X[m,r]"])
    assert {name: axis.size for name, axis in system.axes.items()} == {"m": None, "r": 3}


REFUSED: dict[str, tuple[list[Any], str]] = {
    "Heaviside": ([Eq(L, Sum(sympy.Heaviside(w[k]), (k, 0, K)))], "equation 1: Heaviside .*Piecewise"),
    "derivative": ([Eq(L, sympy.Derivative(Symbol("b") ** 2, Symbol("b")))], "equation 1: Derivative"),
    "gamma function": ([Eq(s[n], w[0]), Eq(L, Sum(sympy.gamma(s[n]), (n, 0, N)))], "equation 2: gamma"),
    "from one": ([Eq(L, Sum(w[k], (k, 1, K)))], "what runs over k begins at 1; places are counted from 0"),
    "two ranges": ([Eq(L, Sum(w[k], (k, 0, 2)) + Sum(w[k] ** 2, (k, 0, 3)))], "k runs over . places here and over . elsewhere"),
    "no otherwise": ([Eq(L, Piecewise((w[0], w[0] > 0)))], "says nothing otherwise"),
    "a condition of two": ([Eq(L, Piecewise((w[0], (w[0] > 0) & (w[1] > 0)), (0, True)))], "is no comparison"),
    "no equation": ([w[0] ** 2], "a pair .* was expected"),
    "text": ([("L", "w[0]")], "a pair .* was expected"),
    "right side that is text": ([(L, "w[0]")], "a SymPy expression was expected"),
    "unknown tensor": ([Eq(L, D[0])], "equation 1 .L.: unknown tensor 'D'"),
    "complex": ([Eq(L, sympy.I * w[0])], "ImaginaryUnit"),
    "infinite": ([Eq(L, sympy.oo * w[0])], "equation 1: Infinity"),
}


@pytest.mark.parametrize("title", REFUSED)
def test_what_has_no_meaning_is_refused(title: str) -> None:
    equations, message = REFUSED[title]
    with pytest.raises(InvalidDescription, match=message):
        Network.from_equations(equations, ["w[k]"])
