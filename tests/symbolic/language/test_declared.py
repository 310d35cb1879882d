"""Declarations and left sides: what entries are, twins of letters, placements, boundary values, sizes that follow; and in linear time."""

from __future__ import annotations

import cProfile
import math
from typing import Any

import numpy as np
import pytest
from declaration_text import declaration_text
from sympy import Integer, Max, Min, floor

from chainrule import InvalidDescription, Network, derive
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.checking.loading import load
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.forms.scalar_form import scalar_form
from chainrule.symbolic.index.axes import size_symbol
from chainrule.symbolic.index.tensors import Values
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.sizes import chosen_sizes
from chainrule.symbolic.system.small_sizes import small_sizes
from chainrule.symbolic.system.system import System

SOFTMAX = """
    z[n,k] = sum(i, W[k,i]*x[n,i])
    p[n,k] = exp(z[n,k])/sum(j, exp(z[n,j]))
    C = -mean(n, sum(k, y[n,k]*log(p[n,k])))
"""


def softmax(target: str, **given: Any) -> System:
    return system_from_equations(SOFTMAX, ["W[k,i]"], ["x[n,i]"], [target], batch="n", **given)


@pytest.mark.parametrize(("word", "values"), [("one_hot", Values.ONE_HOT), ("unit", Values.BINARY), ("signs", Values.SIGNS)])
def test_a_word_says_what_entries_are(word: str, values: Values) -> None:
    system = softmax(f"y[n,k] in {word}")
    assert system.tensors["y"].values is values
    assert system == softmax("y[n,k]", values={"y": values})
    assert declaration_text(system.tensors["y"]) == f"y[n,k] in {word}"


def test_one_hot_rows_shorten_the_gradient() -> None:
    """Σ_k y[n,k] = 1 leads to p − y."""
    assert str(derive(softmax("y[n,k] in one_hot")).gradient("z")) == "(p[n, k] - y[n, k])/N"
    assert "Sum" in str(derive(softmax("y[n,k]")).gradient("z"))
    module = checked_module(derive(softmax("y[n,k] in one_hot"))).module
    targets = module.sample(np.random.default_rng(0))[-1]
    assert set(np.unique(targets)) == {0.0, 1.0}
    assert np.all(targets.sum(axis=1) == 1)


def test_rows_of_classes_have_an_axis_besides_the_examples() -> None:
    with pytest.raises(InvalidDescription, match=r"'y' is declared to hold one-hot rows, but its one axis, n, is that of the examples"):
        system_from_equations("C = sum(n, y[n]*w)", ["w"], [], ["y[n] in one_hot"], batch="n")


def test_one_hot_rows_of_a_sequence_are_along_the_last_axis() -> None:
    text = """
        z[n,t,k] = sum(i, W[k,i]*x[n,t,i])
        p[n,t,k] = exp(z[n,t,k])/sum(j, exp(z[n,t,j]))
        C = -mean(n, sum(t, k, y[n,t,k]*log(p[n,t,k])))
    """
    derivation = derive(system_from_equations(text, ["W[k,i]"], ["x[n,t,i]"], ["y[n,t,k] in one_hot"], batch="n"))
    assert verify(derivation).equations > 0
    assert str(derivation.gradient("z")) == "(p[n, t, k] - y[n, t, k])/N"
    targets = checked_module(derivation).module.sample(np.random.default_rng(0))[-1]
    assert targets.ndim == 3
    assert np.all(targets.sum(axis=2) == 1)


def test_an_underscore_makes_a_twin() -> None:
    system = system_from_equations("s[n] = sum(k, k_, X[n,k]*A[k,k_]*X[n,k_])\nL = sum(n, s[n])", ["A[k,k_]"], ["X[n,k]"], sizes={"k": 3})
    assert {name: axis.size for name, axis in system.axes.items()} == {"n": None, "k": 3}


def test_a_boundary_value_keeps_its_own_letters() -> None:
    """The sum inside of the boundary value runs over k, and so does the sum in which h is read."""
    text = """
        h[n,t,j] = tanh(sum(k, U[j,k]*h[n,t-1,k]) + x[n,t,j])
        h[n,-1,j] = sum(k, V[j,k]*s[k])
        C = sum(n, t, j, h[n,t,j]**2)
    """
    derivation = derive(system_from_equations(text, ["U[j,k]", "V[j,k]", "s[k]"], ["x[n,t,j]"], sizes={"j": 3, "t": 4}))
    assert verify(derivation).equations > 0
    assert checked_module(derivation).largest_error < 1e-7
    assert derivation.system.boundaries[0].at == -1


def test_a_boundary_value_sums_over_letters_that_equations_have() -> None:
    """z is read at j on the left and k in the sum; the boundary value sums over letters of the same names."""
    text = """
        z[n,t,j] = sum(k, U[j,k]*h[n,t-1,k]) + 2*x[n,t,j]
        h[n,t,k] = tanh(z[n,t,k]) - h[n,t-1,k]/2
        h[n,-1,k] = sum(j, V[k,j]*s[j]) + max(j, V[j,k])
        C = sum(n, t, j, h[n,t,j]**2)
    """
    derivation = derive(system_from_equations(text, ["U[j,k]", "V[j,k]", "s[k]"], ["x[n,t,j]"], sizes={"j": 3, "t": 4}))
    assert verify(derivation).equations > 0
    assert checked_module(derivation).largest_error < 1e-7
    printed = LanguageText(derivation.system).equations().splitlines()
    assert [line[:9] for line in printed if "V" in line] == ["h[n,-1,j]"]


def test_a_boundary_after_the_last_place() -> None:
    text = "h[n,t] = tanh(w*h[n,t+1] + x[n,t])\nh[n,4] = v**2\nC = sum(n, t, h[n,t]**2)"
    derivation = derive(system_from_equations(text, ["w", "v"], ["x[n,t]"], sizes={"t": 4}))
    assert verify(derivation).equations > 0
    assert checked_module(derivation).largest_error < 1e-7


def gradients(text: str, parameters: list[str], inputs: list[str], **given: Any) -> dict[str, str]:
    derivation = derive(system_from_equations(text, parameters, inputs, **given))
    return {name: str(adjoint.expression) for name, adjoint in derivation.adjoints.items()}


def test_placements_turn_into_reads() -> None:
    found = gradients(
        "a[n,c,h] = g[c]*x[n,c,h]\nf[n, 3*c + h] = a[n,c,h]\nC = sum(n, k, W[k]*f[n,k]**2)",
        ["g[c]", "W[k]"],
        ["x[n,c,h]"],
        sizes={"c": 2, "h": 3},
    )
    assert found["a"] == "df[n, 3*c + h]"
    found = gradients(
        "a[n,j] = g[j]*x[n,j]\nb[n,k] = v[k]*x[n,0]\nf[n,j] = a[n,j]\nf[n,5 + k] = b[n,k]\nC = sum(n, q, tanh(w[q]*f[n,q]))",
        ["g[j]", "v[k]", "w[q]"],
        ["x[n,j]"],
        sizes={"j": 5, "k": 2},
    )
    assert found["a"] == "df[n, j]"
    assert found["b"] == "df[n, k + 5]"
    found = gradients(
        "h[n,d,i] = g[d]*x[n,d,i]\ny[n,c,2*i + p] = sum(d, h[n,d,i]*K[d,c,p])\nC = sum(n, c, u, tanh(y[n,c,u]))",
        ["g[d]", "K[d,c,p]"],
        ["x[n,d,i]"],
    )
    assert found["h"].startswith("Sum(K[d, c, p]*dy[n, c, 2*i + p],")
    assert found["K"].startswith("Sum(dy[n, c, 2*i + p]*h[n, d, i],")


def test_what_is_placed_twice_adds_up() -> None:
    system = system_from_equations("f[n, j] = x[n,j]*w\nf[n, 1 + j] = x[n,j]\nC = sum(n, u, f[n,u]**2)", ["w"], ["x[n,j]"])
    module = checked_module(derive(system)).module
    x = np.array([[1.0, 2.0, 3.0]])
    assert module.forward(module.Parameters(np.array(4.0)), x).f.tolist() == [[4.0, 9.0, 14.0, 3.0]]


N = {letter: size_symbol(letter) for letter in "abcdghijlmpqu"}
#: A right side that reads x[n,l] and w[p], and the size of u.
RULES: dict[str, tuple[str, Any]] = {
    "shift": ("sum(p, x[n,u + p]*w[p])", N["l"] - N["p"] + 1),
    "stride": ("sum(p, x[n,2*u + p]*w[p])", floor((N["l"] - N["p"]) / Integer(2)) + 1),
    "dilation": ("sum(p, x[n,u + 3*p]*w[p])", N["l"] - 3 * N["p"] + 3),
    "padding": ("sum(p, x[n,u + p - 1]*w[p])", N["l"] - N["p"] + 2),
    "stride alone": ("x[n,3*u]*w[0]", floor((N["l"] - 1) / Integer(3)) + 1),
    "two reads": ("sum(p, x[n,u + p]*w[p]) + x[n,u + 2]*w[0]", Min(N["l"] - N["p"] + 1, N["l"] - 2)),
    "backwards": ("x[n,6 - u]*w[0]", Integer(7)),
}


@pytest.mark.parametrize("title", RULES)
def test_a_range_keeps_every_read_inside(title: str) -> None:
    right, rule = RULES[title]
    derivation = derive(system_from_equations(f"y[n,u] = {right}\nC = sum(n, u, y[n,u]**2)", ["w[p]"], ["x[n,l]"]))
    axis = derivation.system.axes["u"]
    assert axis.rule == rule
    assert axis.size == (int(rule) if rule.is_Integer else None)
    assert small_sizes(derivation.system)["u"] >= 2
    assert verify(derivation).equations > 0
    assert checked_module(derivation).largest_error < 1e-7


def test_a_placed_axis_ends_with_its_last_place() -> None:
    text = "f[n,j] = x[n,j]*w\nf[n,2*k + 4] = y[n,k]*w\nC = sum(n, u, f[n,u]**2)"
    system = system_from_equations(text, ["w"], ["x[n,j]", "y[n,k]"])
    assert system.axes["u"].rule == Max(size_symbol("j"), 2 * size_symbol("k") + 3)
    fixed = system_from_equations(text, ["w"], ["x[n,j]", "y[n,k]"], sizes={"j": 4, "k": 3})
    assert fixed.axes["u"].size == 9
    longer = system_from_equations(text, ["w"], ["x[n,j]", "y[n,k]"], sizes={"j": 4, "k": 3, "u": 12})
    assert longer.axes["u"].size == 12


CONVOLUTION = """
    z[n,o,u] = sum(c, p, K[o,c,p]*x[n,c,u + p])
    s[n,o,i] = mean(g, z[n,o,2*i + g])
    C = mean(n, sum(o, i, (s[n,o,i] - y[n,o,i])**2))
"""


def test_sizes_are_computed_where_the_arrays_come_in() -> None:
    system = system_from_equations(CONVOLUTION, ["K[o,c,p]"], ["x[n,c,l]"], ["y[n,o,i]"], {"g": 2}, batch="n")
    checked = checked_module(derive(system))
    assert "    N_u = N_l - N_p + 1\n    if N_u < 1:\n" in checked.source
    assert "    N_i = N_u // 2\n" in checked.source
    module, rng = checked.module, np.random.default_rng(0)
    params = module.Parameters(rng.standard_normal((3, 2, 4)))
    for length in (5, 8, 11):
        positions = (length - 4 + 1 - 2) // 2 + 1
        x, y = rng.standard_normal((2, 2, length)), rng.standard_normal((2, 3, positions))
        assert module.forward(params, x).s.shape == (2, 3, positions)
        assert module.cost_and_gradients(params, x, y)[1].K.shape == (3, 2, 4)
    with pytest.raises(ValueError, match="N_u = N_l - N_p \\+ 1 is -1 for N_l = 2, N_p = 4, expected at least 1"):
        module.forward(params, rng.standard_normal((2, 2, 2)))
    with pytest.raises(ValueError, match="y: found shape"):
        module.cost(params, rng.standard_normal((2, 2, 8)), rng.standard_normal((2, 3, 3)))


def test_a_parameter_must_fit_a_placed_axis() -> None:
    text = "f[n,4*a + d] = x[n,a,d]\nz[n] = sum(j, W[j]*f[n,j])\nC = sum(n, z[n]**2)"
    module = checked_module(derive(system_from_equations(text, ["W[j]"], ["x[n,a,d]"]))).module
    with pytest.raises(ValueError, match="W: found shape"):
        module.cost(module.Parameters(np.ones(8)), np.ones((2, 2, 3)))
    assert module.cost(module.Parameters(np.ones(7)), np.ones((2, 2, 3))) == 72.0


def test_the_scalar_form_follows_the_rules() -> None:
    """Every second example; what is read out of range is 0."""
    system = system_from_equations("y[u] = x[2*u]*w + x[2*u + 3]\nC = sum(u, y[u]**2)", ["w"], ["x[n]"], sizes={"u": 3}, batch="n")
    entries = {str(equation.entry): str(equation.expression) for equation in scalar_form(derive(system), examples=5).forward}
    assert entries["y[0]"] == "w*x[0] + x[3]"
    assert entries["y[2]"] == "w*x[4]"
    system = system_from_equations("y[u] = x[2*u]*w\nC = sum(u, y[u]**2)", ["w"], ["x[n]"], batch="n")
    entries = {str(equation.entry): str(equation.expression) for equation in scalar_form(derive(system), examples=5).forward}
    assert list(entries) == ["y[0]", "y[1]", "y[2]", "C"]


def test_fixed_sizes_stay_where_there_is_no_room() -> None:
    system = system_from_equations("y[n,u] = sum(p, x[n,u + p]*w[p])\nC = sum(n, u, y[n,u]**2)", ["w[p]"], ["x[n,l]"], sizes={"p": 5})
    assert chosen_sizes(system.axes, {"n": 2, "l": 3, "p": 5}, {"p": 5}) == {"n": 2, "l": 6, "p": 5, "u": 2}


def test_labels_are_checked_against_an_axis_of_another_target() -> None:
    system = system_from_equations("L = sum(n, w*T[n,y[n]]**2)", ["w"], [], ["y[n] in k", "T[n,k]"])
    module = checked_module(derive(system)).module
    with pytest.raises(ValueError, match="y: found labels from 0 to 7, expected 0 to 2"):
        module.cost(module.Parameters(np.array(1.0)), np.array([0, 7]), np.ones((2, 3)))


def test_a_label_used_as_a_number_keeps_the_type_of_the_data() -> None:
    system = system_from_equations("L = mean(n, (sum(k, X[n,k]*w[k]) - y[n])**2)", ["w[k]"], ["X[n,k]"], ["y[n] in k"])
    module = checked_module(derive(system)).module
    params = module.Parameters(np.ones(3, np.float32))
    assert module.cost_and_gradients(params, np.ones((2, 3), np.float32), np.array([0, 2]))[1].w.dtype == np.float32


def test_network_from_equations_takes_values() -> None:
    system = Network.from_equations(SOFTMAX, ["W[k,i]"], ["x[n,i]"], ["y[n,k]"], batch="n", values={"y": Values.ONE_HOT})
    assert system.tensors["y"].values is Values.ONE_HOT


def deep(layers: int, name: str) -> tuple[str, dict[str, Any]]:
    """Dense layers as text, three lines each; no two networks share a name, so that nothing is in a cache."""
    lines, parameters = [], []
    for layer in range(1, layers + 1):
        source, feature, unit = ("x" if layer == 1 else f"h{name}{layer - 1}"), f"i{layer - 1}", f"i{layer}"
        weight, bias, z, a, h = (f"{stem}{name}{layer}" for stem in "WbzaH")
        parameters += [f"{weight}[{unit},{feature}]", f"{bias}[{unit}]"]
        lines.append(f"{z}[n,{unit}] = sum({feature}, {weight}[{unit},{feature}]*{source}[n,{feature}]) + {bias}[{unit}]")
        lines.append(f"{a}[n,{unit}] = 1/(1 + exp(-{z}[n,{unit}]))")
        lines.append(f"{h.lower()}[n,{unit}] = {a}[n,{unit}]*tanh({a}[n,{unit}])")
    last = f"i{layers}"
    lines.append(f"C = mean(n, sum({last}, (h{name}{layers}[n,{last}] - y[n,{last}])**2))")
    return "\n".join(lines), {"parameters": parameters, "inputs": ["x[n,i0]"], "targets": [f"y[n,{last}]"], "batch": "n"}


def test_work_grows_with_the_number_of_lines() -> None:
    """Counted in calls of functions: what looks through all axes or tensors at every line makes more of them a line."""

    def calls_a_line(layers: int, name: str) -> float:
        text, given = deep(layers, name)
        profile = cProfile.Profile()
        system = profile.runcall(system_from_equations, text, **given)
        return sum(entry.callcount for entry in profile.getstats()) / len(system.equations)

    calls_a_line(2, "first")
    few, many = calls_a_line(60, "few"), calls_a_line(480, "many")
    assert many < 1.2 * few, (few, many)


@pytest.mark.parametrize("name", "a b c d e f g h".split())
def test_a_comparison_with_a_maximum_over_cases_is_refused_whatever_else_is_compared(name: str) -> None:
    """Which of two case distinctions is looked at first depends on the names; the maximum over one is refused beside any other."""
    text = f"C = where(maximum({name}, w) > max(k, where(s[k] > 0, s[k], 1)), w, 2*{name})"
    with pytest.raises(InvalidDescription, match="give the sum or maximum an equation of its own"):
        system_from_equations(text, [name, "w", "s[k]"])


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_a_function_of_a_number_is_a_number(style: str) -> None:
    module = load(derive(system_from_equations("C = w*softplus(pi) + log(1 + exp(2)) - 3*log(sigmoid(-pi))", ["w"])), style=style)
    value = 2 * math.log1p(math.exp(math.pi)) + math.log1p(math.exp(2)) + 3 * math.log1p(math.exp(math.pi))
    assert module.cost(module.Parameters(np.array(2.0))) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_in_its_own_case_a_distinction_is_its_value(style: str) -> None:
    """Minima and maxima in each other; without that their cases multiply, and SymPy takes minutes over those that exclude each other."""
    text = "C = minimum(relu(minimum(p, q)), maximum(minimum(b, b*w), 0.1*minimum(b, b*w)))**2 + p"
    system = system_from_equations(text, list("pqbw"))
    assert system.equations[0].expression.count_ops() < 150
    module = load(derive(system), style=style, verify=False)

    def right(p: Any, q: Any, b: Any, w: Any) -> Any:
        inner = min(b, b * w)
        return min(max(min(p, q), 0), max(inner, 0.1 * inner)) ** 2 + p

    rng = np.random.default_rng(0)
    for _ in range(40):
        point = rng.standard_normal(4)
        value, found = module.cost_and_gradients(module.Parameters(*map(np.array, point)))
        assert value == pytest.approx(right(*point), rel=1e-12)
        slopes = [(right(*(point + 1e-6 * way)) - right(*(point - 1e-6 * way))) / 2e-6 for way in np.eye(4)]
        np.testing.assert_allclose(np.array(found), slopes, rtol=1e-6, atol=1e-8)
