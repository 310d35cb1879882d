"""Every rule of every table, alone: it fires where its condition holds, both sides are equal there, and it does not where it is broken."""

from __future__ import annotations

from functools import cache, reduce

import numpy as np
import pytest
from nets import SMALL, Block
from sympy import Expr, Max, Min, Symbol, exp
from trust.expressions import expression_from_text

from chainrule import derive
from chainrule.codegen.backends.fast.explanation import explanation
from chainrule.codegen.backends.fast.pass_table import OPTIONAL
from chainrule.codegen.program.quotients import undivided, with_odds
from chainrule.codegen.program.stability import SAFE_FORMS
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.tensor_draw import DRAWS
from chainrule.symbolic.checking.verification import difference_of_sides, random_arrays, random_numbers
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.index_letters import free_letters, names_read
from chainrule.symbolic.index.named_functions import sigmoid
from chainrule.symbolic.language.functions import maximum
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.rewriting.collecting_rewrites import COLLECTING
from chainrule.symbolic.rewriting.rewrites import REWRITES
from chainrule.symbolic.rewriting.rule import Facts
from chainrule.symbolic.system.small_sizes import small_sizes
from chainrule.symbolic.system.system import Equation, System


@cache
def system() -> System:
    """One tensor of each kind: real numbers, one-hot rows, labels, numbers above 0, 0 or 1; a softmax, a sigmoid, and what is neither."""
    return system_from_equations(
        """
        z[n,k] = w[k]*x[n,k]
        a[n,k] = exp(z[n,k])/sum(j, exp(z[n,j]))
        s[n,k] = 1/(1 + exp(-z[n,k]))
        u[n,k] = z[n,k]**2
        C = mean(n, sum(k, (a[n,k] + s[n,k] + u[n,k])*y[n,k]*r[n,k]*w[q[n]]*p[n,k]*m[n,k]))
        """,
        parameters=["w[k]"],
        inputs=["x[n,k]"],
        targets=["y[n,k] in one_hot", "r[n,k]", "q[n] in k", "p[n,k] in positive", "m[n,k] in {0, 1}"],
        sizes={"k": 3},
        batch="n",
    )


def equal(left: Expr, right: Expr) -> bool:
    own = system()
    sizes = small_sizes(own)
    for seed in range(3):
        arrays = random_arrays(own, sizes, np.random.default_rng(seed), DRAWS[0])
        rng = np.random.default_rng(seed)
        arrays |= {tensor: rng.standard_normal((sizes["n"], sizes["k"])) for tensor in ("z", "u")}
        exponentials = np.exp(arrays["z"])
        arrays |= {"a": exponentials / exponentials.sum(axis=1, keepdims=True), "s": exponentials / (1 + exponentials)}
        if difference_of_sides(left, right, Numbers(own, arrays, sizes)) > 1e-9:
            return False
    return True


SUMS = "Sum(r[n, k]*w[k], (k, 0, N_k - 1)) + 2*Sum(x[n, k]*w[k], (k, 0, N_k - 1))"
#: A rewrite with expressions that it changes, and such that it must leave alone.
ALONE: dict[str, tuple[list[str], list[str]]] = {
    "sift": (
        ["Sum(KroneckerDelta(k, q[n])*w[k]*x[n, k], (k, 0, N_k - 1))", "KroneckerDelta(k, q[n])*w[q[n]]"],
        ["KroneckerDelta(k, q[n])*w[k]", "Sum(w[k]*x[n, k], (k, 0, N_k - 1))", "w[q[n]]*x[n, k]"],
    ),
    "split the sum": (
        ["-Sum(-x[n, k]/N, (k, 0, N_k - 1))", "Sum(-2*x[n, k], (k, 0, N_k - 1))", "Sum(r[n, k]*w[k_]/w[k_]**2, (k, 0, N_k - 1))"],
        ["Sum(w[k]*x[n, k], (k, 0, N_k - 1))", "Sum(exp(w[k_]*x[n, k]), (k, 0, N_k - 1))"],
    ),
    "one-hot target": (
        ["Sum(y[n, k], (k, 0, N_k - 1))", "Sum(w[k_]*y[n, k], (k, 0, N_k - 1))"],
        [
            "Sum(r[n, k], (k, 0, N_k - 1))",
            "Sum(w[k]*y[n, k], (k, 0, N_k - 1))",
            "Sum(y[n, k], (n, 0, N - 1))",
            "Sum(y[n, k]**2, (k, 0, N_k - 1))",
            "Sum(y[n, k]*r[n, k], (k, 0, N_k - 1))",
        ],
    ),
    "absolute value": (
        ["sign(w[k])*w[k] + Abs(w[k])", "x[n, k]*sign(w[k])*w[k]/Abs(r[n, k])", "sign(w[k])/Abs(w[k])", "sign(w[k])*Abs(w[k])**3"],
        [
            "sign(w[k])*r[n, k] + Abs(w[k])",
            "sign(w[k])*w[k_] + Abs(w[k])",
            "sign(w[k]) + Abs(w[k])",
            "sign(w[k])*Abs(w[k_])",
            "sign(w[k])*Abs(w[k])**2",
        ],
    ),
    "declared": (
        ["Abs(p[n, k])", "sign(p[n, k])*w[k]", "Abs(p[n, k]*y[n, k] + m[n, k])", "m[n, k]**2*w[k]", "r[n, k]*m[n, k]**3"],
        ["Abs(r[n, k])", "sign(y[n, k])", "Abs(p[n, k]*r[n, k])", "Abs(p[n, k] - 1)", "r[n, k]**2", "1/m[n, k]"],
    ),
    "cancel": (
        ["(w[k]*x[n, k] + w[k]*r[n, k])/w[k]", "w[k]*(1/w[k] + x[n, k]/w[k])"],
        ["(w[k]*x[n, k] + r[n, k])/x[n, k_]", "w[k]/w[k_]", "Sum(x[n, k_], (k_, 0, N_k - 1))/x[n, k]", "x[n, k]/w[k] + r[n, k]/w[k_]"],
    ),
    "common factor": (
        ["w[k]*x[n, k] + w[k]*r[n, k]", "Sum(r[n, k_], (k_, 0, N_k - 1))*w[k] - w[k]*x[n, k]", SUMS],
        [
            "Sum(r[n, k]*w[k], (k, 0, N_k - 1)) + Sum(x[n, k]*w[k], (n, 0, N - 1))",
            "Sum(r[n, k], (k, 0, N_k - 1)) + Sum(w[k], (k, 0, N_k - 1))",
            "w[k]*x[n, k] + w[k_]*r[n, k]",
            "w[k] + x[n, k]",
        ],
    ),
}


@pytest.mark.parametrize("name", ALONE)
def test_a_rewrite_keeps_its_condition(name: str) -> None:
    rewrite = next(rewrite for rewrite in REWRITES if rewrite.rule == name)
    holds, broken = ALONE[name]
    for text in holds:
        before = expression_from_text(text, system())
        after = rewrite.apply(before, Facts(system(), frozenset(free_letters(before))))
        assert after != before, text
        assert equal(before, after), f"{before} is not {after}"
    for text in broken:
        before = expression_from_text(text, system())
        assert rewrite.apply(before, Facts(system(), frozenset(free_letters(before)))) == before, text


def test_every_rewrite_is_tried() -> None:
    assert set(ALONE) == {rewrite.rule for rewrite in REWRITES} - set(COLLECTED)
    assert set(COLLECTED) == {rewrite.rule for rewrite in COLLECTING} - set(ALONE)
    assert set(SAFE) == {form.name for form in SAFE_FORMS}


SAFE: dict[str, tuple[list[str], list[str]]] = {
    "log of exponentials": (
        [
            "log(a[n, k])",
            "log(s[n, k])",
            "log(1 - s[n, k])",
            "log(x[n, k]**2*s[n, k]**2*a[n, k])",
            "log(s[n, k] + a[n, k])",
            "log(1 - tanh(z[n, k])**2)",
            "log(1 + exp(z[n, k]))",
            "log(2 + exp(z[n, k]))",
            "log(Sum(exp(z[n, k_]), (k_, 0, N_k - 1)))",
            "log(Sum(exp(z[n, k_])*w[k_]**2, (k_, 0, N_k - 1)))",
            "log(cosh(z[n, k]))",
            "log(1 - a[n, k])",
        ],
        ["log(u[n, k])", "log(1 + s[n, k])", "log(1 + z[n, k]**2)", "log(s[n, k + 1])", "log(w[k] + exp(z[n, k]))"],
    ),
    "share of the rest": (
        ["Piecewise((a[n, k]/(1 - a[n, k_]), KroneckerDelta(k, k_) < 1), (0, True))"],
        ["Piecewise((a[n, k]/(1 - a[n, k_]), w[k] > 0), (0, True))", "Piecewise((a[n, k], KroneckerDelta(k, k_) < 1), (0, True))"],
    ),
    "quotient of exponentials": (
        ["exp(z[n, k])/Sum(exp(z[n, k_]), (k_, 0, N_k - 1))", "w[k]*exp(z[n, k])/Sum(exp(z[n, k_]), (k_, 0, N_k - 1))"],
        ["exp(z[n, k])/Sum(exp(w[k_]), (k_, 0, N_k - 1))", "z[n, k]/Sum(z[n, k_], (k_, 0, N_k - 1))"],
    ),
    "logistic function": (["1/(1 + exp(-z[n, k]))", "exp(z[n, k])/(1 + exp(z[n, k]))"], ["1/(1 + z[n, k])", "exp(z[n, k])*w[k]"]),
    "one exponential": (["exp(z[n, k])*exp(-w[k])*x[n, k]"], ["exp(z[n, k])*w[k]", "exp(z[n, k]) + exp(w[k])"]),
    "over a sum of probabilities": (
        ["s[n, k]/(s[n, k] + a[n, k])", "(x[n, k]*s[n, k]**2 - a[n, k])/(s[n, k] + 2*a[n, k]**2)**2", "1/(s[n, k] + a[n, k])"],
        ["s[n, k]/(1 + s[n, k])", "s[n, k]/(s[n, k] + w[k])", "s[n, k]/(s[n, k] - a[n, k])", "s[n, k]/(s[n, k]*a[n, k])"],
    ),
    "over the largest exponential": (
        [
            "z[n, k]/Sum(exp(z[n, k_]), (k_, 0, N_k - 1))",
            "Sum(w[k_]*exp(z[n, k_]), (k_, 0, N_k - 1))/Sum(exp(z[n, k_]), (k_, 0, N_k - 1))",
            "exp(z[n, k])/Sum(w[k_]*exp(z[n, k_]), (k_, 0, N_k - 1))",
            "exp(z[n, k])/(exp(z[n, k]) + exp(w[k]))",
            "(exp(z[n, k]) - exp(w[k]))/(exp(z[n, k]) + 2*exp(w[k]) + 3)**2",
        ],
        ["z[n, k]/Sum(z[n, k_], (k_, 0, N_k - 1))", "exp(z[n, k])", "z[n, k]/(1 + z[n, k])", "log(z[n, k])/exp(z[n, k])"],
    ),
    "guarded branch": (
        [
            "Piecewise((z[n, k], z[n, k] > 0), (exp(z[n, k]) - 1, True))",
            "Piecewise((z[n, k], z[n, k] > 1), (exp(z[n, k]) - 1, True))",
            "Piecewise((exp(2*z[n, k]), z[n, k] <= -1), (z[n, k], True))",
        ],
        [
            "Piecewise((z[n, k], z[n, k] < 0), (exp(z[n, k]) - 1, True))",
            "Piecewise((z[n, k], z[n, k] > w[k]), (exp(z[n, k]) - 1, True))",
            "Piecewise((z[n, k], z[n, k] > 1), (exp(w[k]) - 1, True))",
        ],
    ),
}


@pytest.mark.parametrize("name", SAFE)
def test_a_safe_form_keeps_its_condition(name: str) -> None:
    form = next(form for form in SAFE_FORMS if form.name == name)
    holds, broken = SAFE[name]
    for text in holds:
        before = expression_from_text(text, system())
        after = form.rewrite(before, system())
        assert after != before, text
        # The interpreter has but one way to choose: a case distinction.
        written = after.replace(Max, lambda *parts: reduce(maximum, parts)).replace(
            Min, lambda *parts: -reduce(maximum, [-u for u in parts])
        )
        assert equal(before, written), f"{before} is not {after}"
    for text in broken:
        before = expression_from_text(text, system())
        assert form.rewrite(before, system()) == before, text


def test_odds_are_an_exponential() -> None:
    u = Symbol("u", real=True)
    assert with_odds(sigmoid(u) / (1 - sigmoid(u))) == exp(u)
    assert with_odds(3 * (1 - sigmoid(u)) ** 2 / sigmoid(u)) == 3 * (1 - sigmoid(u)) * exp(-u)
    assert with_odds(sigmoid(u) * (1 - sigmoid(u))) == sigmoid(u) * (1 - sigmoid(u))
    assert with_odds(sigmoid(u) / (1 - sigmoid(2 * u))) == sigmoid(u) / (1 - sigmoid(2 * u))


def test_a_probability_in_every_term_is_not_divided_by() -> None:
    for text, is_left in (
        ("(KroneckerDelta(k, 1) - a[n, 1])*a[n, k]/(2*a[n, 1])", False),
        ("KroneckerDelta(k, 1)*a[n, k]/a[n, 1]", False),
        ("(KroneckerDelta(k, 1) - a[n, 2])*a[n, k]/a[n, 1]", True),
        ("(KroneckerDelta(k, 1) - u[n, 1])*u[n, k]/u[n, 1]", True),
    ):
        before = expression_from_text(text, system())
        after = undivided(before, system())
        assert (after == before) is is_left, text
        assert equal(before, after), text


@cache
def normalising() -> Derivation:
    """A batch normalisation and a softmax in their equations."""
    return derive(
        system_from_equations(
            """
            u[n,j] = sum(k, W[j,k]*x[n,k])
            m[j] = mean(n, u[n,j])
            d[n,j] = u[n,j] - m[j]
            v[j] = mean(n, d[n,j]**2)
            r[j] = 1/sqrt(v[j] + 1)
            h[n,j] = d[n,j]*r[j]
            c[n,j] = exp(u[n,j])
            s[n] = sum(j, c[n,j])
            g[n] = 1/s[n]
            p[n,j] = c[n,j]*g[n]
            C = sum(n, j, (h[n,j] - y[n,j])**2 + p[n,j]*y[n,j])
            """,
            ["W[j,k]"],
            ["x[n,k]"],
            ["y[n,j]"],
            sizes={"j": 3, "k": 2},
            batch="n",
        )
    )


LARGEST = "KroneckerDelta(j, arg_max(u[n, j_], j_))"
COLLECTED: dict[str, tuple[list[str], list[str]]] = {
    "multiply out": (
        ["(dh[n, j] + dp[n, j])*r[j]", "Sum((dh[n, j] - m[j]*dp[n, j])*y[n, j], (n, 0, N - 1))"],
        ["(u[n, j] + m[j])*dh[n, j]"],
    ),
    "deviations sum to 0": (
        ["Sum(d[n, j], (n, 0, N - 1))", "m[j]*Sum(dh[n, j]*Sum(d[n_, j], (n_, 0, N - 1)), (n, 0, N - 1)) + u[n, j]"],
        [
            "Sum(d[n, j], (j, 0, N_j - 1))",
            "Sum(u[n, j], (n, 0, N - 1))",
            "Sum(d[n, j]*y[n, j], (n, 0, N - 1))",
            "Sum(d[n, j]**2, (n, 0, N - 1))",
        ],
    ),
    "normalised": (
        ["Sum(p[n, j], (j, 0, N_j - 1))", "Sum(dh[n, j_]*p[n, j], (j, 0, N_j - 1))"],
        [
            "Sum(p[n, j], (n, 0, N - 1))",
            "Sum(c[n, j], (j, 0, N_j - 1))",
            "Sum(dh[n, j]*p[n, j], (j, 0, N_j - 1))",
            "Sum(p[n, j]**2, (j, 0, N_j - 1))",
        ],
    ),
    "own definition": (
        ["d[n, j]*r[j]*dh[n, j]", "dh[n, j]*(u[n, j] - m[j])", "dh[n, j]/s[n]"],
        ["d[n, j]*r[j_]*dh[n, j]", "dh[n, j]*(u[n, j] + m[j])", "dh[n, j]*(u[n, j] - m[j_])"],
    ),
    "squares sum": (
        ["Sum(d[n, j]**2, (n, 0, N - 1))"],
        ["Sum(d[n, j]**2, (j, 0, N_j - 1))", "Sum(u[n, j]**2, (n, 0, N - 1))", "Sum(d[n, j]**3, (n, 0, N - 1))"],
    ),
    "maximum": (
        [f"{LARGEST}*Sum(p[n, j_], (j_, 0, N_j - 1)) - {LARGEST} + dh[n, j]"],
        [f"{LARGEST}*Sum(c[n, j_], (j_, 0, N_j - 1)) - {LARGEST} + dh[n, j]", f"{LARGEST}*dh[n, j]"],
    ),
}


@pytest.mark.parametrize("name", COLLECTED)
def test_a_rewrite_of_collected_formulas_keeps_its_condition(name: str) -> None:
    """What the equations say is true of the values, so both sides are evaluated on values that obey them."""
    derivation = normalising()
    rewrite = next(rewrite for rewrite in COLLECTING if rewrite.rule == name)
    equations = tuple(equation for equation in derivation.system.equations if equation.tensor.name not in ("u", "C"))
    holds, broken = COLLECTED[name]
    for text in holds:
        before = expression_from_text(text, derivation.system)
        after = rewrite.apply(before, _facts(derivation, before, equations))
        assert after != before, text
        assert difference_of_sides(before, after, random_numbers(derivation)) < 1e-9, f"{before} is not {after}"
    for text in broken:
        before = expression_from_text(text, derivation.system)
        assert rewrite.apply(before, _facts(derivation, before, equations)) == before, text


@pytest.mark.parametrize("name", [name for name in COLLECTED if name not in ("multiply out", "maximum")])
def test_without_the_equations_there_is_nothing_to_rely_on(name: str) -> None:
    derivation = normalising()
    rewrite = next(rewrite for rewrite in COLLECTING if rewrite.rule == name)
    for text in COLLECTED[name][0]:
        before = expression_from_text(text, derivation.system)
        assert difference_of_sides(before, rewrite.apply(before, _facts(derivation, before, ())), random_numbers(derivation)) < 1e-9
        assert names_read(rewrite.apply(before, _facts(derivation, before, ()))).keys() == names_read(before).keys()


def _facts(derivation: Derivation, before: Expr, equations: tuple[Equation, ...]) -> Facts:
    return Facts(derivation.system, frozenset(free_letters(before)), equations, frozenset({"dh", "dp"}))


#: A network in which no pass over arrays has anything to do: one number, read once.
TRIVIAL = ("C = 3*w", ["w"])


def did(derivation: Derivation, batch: int | None) -> set[str]:
    return {report.entry.name for report in explanation(derivation, batch).passes if report.did}


def test_every_pass_has_something_to_do_where_its_condition_holds_and_nothing_where_it_does_not() -> None:
    done: set[str] = set()
    for name in ("relu", "deep", "lenet", "recurrent", "block"):
        done |= did(derive(SMALL[name].kind.network()), SMALL[name].batch)
    # Of few exponents the largest are quickly found.
    done |= did(derive(Block(17, 6, 2, 7).network()), 3)
    # Short sequences have no large arrays over pairs.
    done |= did(derive(Block(257, 6, 2, 7).network()), 3)
    assert done == {each.name for each in OPTIONAL}
    assert did(derive(system_from_equations(*TRIVIAL)), None) == {"scalar-code"}


@pytest.mark.parametrize(
    ("name", "without"),
    [
        ("relu", {"convolution", "hoisting", "exponent-shifts", "stacking", "scalar-code"}),
        ("deep", {"convolution", "hoisting", "exponent-shifts"}),
        ("lenet", {"hoisting", "exponent-shifts", "stacking", "scalar-code"}),
        ("recurrent", {"convolution", "exponent-shifts"}),
    ],
)
def test_passes_leave_networks_alone_that_are_not_theirs(name: str, without: set[str]) -> None:
    """No windows, no recurrence, few exponents, layers that differ, more than a few parameters."""
    reports = {report.entry.name: report.did for report in explanation(derive(SMALL[name].kind.network()), SMALL[name].batch).passes}
    assert {pass_name for pass_name in without if reports[pass_name] and not reports[pass_name].startswith("not done")} == set()
