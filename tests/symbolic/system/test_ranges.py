"""Reads and values out of an axis's range: 0 there, whatever the formula would say. Numbers are from loops written here, by hand."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from itertools import groupby, product
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scalar_reading import Reading
from sympy import Symbol

from chainrule import InvalidDescription, Network, derive
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.checking.loading import load
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.index.axes import index
from chainrule.symbolic.index.index_letters import free_letters
from chainrule.symbolic.index.named_functions import arg_max
from chainrule.symbolic.index.tensors import Role, Tensor, entry
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.boundaries import Boundary

Array = NDArray[Any]
STYLES = ("plain", "fast")


def module_of(equations: str, parameters: list[str], inputs: list[str], style: str = "plain", **options: Any) -> ModuleType:
    """The module of a description, its derivation verified, the module checked."""
    derivation = derive(Network.from_equations(equations, parameters, inputs, **options))
    verify(derivation)
    return checked_module(derivation, style=style).module


def found(module: ModuleType, params: Mapping[str, Array], *data: Array) -> tuple[float, dict[str, Array]]:
    """The cost and the gradients, without a warning on the way."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cost, gradients = module.cost_and_gradients(module.Parameters(**params), *data)
    return float(cost), gradients._asdict()


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("value", ["1", "where(s > 0, 1, 1)", "one[s]"])
@pytest.mark.parametrize(("steps", "width"), [(1, 3), (3, 1), (2, 5)])
def test_a_boundary_is_as_long_as_its_own_letters(style: str, value: str, steps: int, width: int) -> None:
    text = f"a[t,s] = w*a[t-1,s-1] + x[t,s]\na[-1,s] = {value}\nC = sum(t, s, a[t,s])"
    module = module_of(text, ["w"], ["x[t,s]", *(["one[s]"] if "one" in value else [])], style)
    data = [np.zeros((steps, width)), *([np.ones(width)] if "one" in value else [])]
    # Step t carries the boundary's ones along the diagonal: w^(t+1) at every s > t.
    cost, gradients = found(module, {"w": np.float64(0.5)}, *data)
    assert cost == pytest.approx(sum(0.5 ** (t + 1) * max(0, width - t - 1) for t in range(steps)))
    assert gradients["w"] == pytest.approx(sum((t + 1) * 0.5**t * max(0, width - t - 1) for t in range(steps)))


def test_a_formula_of_two_letters_and_shifts_of_two() -> None:
    """Two boundary values, each read at another shift along the other axis, as the loops say."""
    text = (
        "a[t,s,k] = u*a[t-1,s+1,k] + v*a[t-2,s-2,k]**2 + x[t,s,k]\na[-1,s,k] = exp(g[s]) + k*h[k]\na[-2,s,k] = where(s > k, 2, g[s]**2)\n"
    )
    module = module_of(text + "C = sum(t, s, k, a[t,s,k]**2)", ["u", "v", "g[s]", "h[k]"], ["x[t,s,k]"])
    rng = np.random.default_rng(3)
    for shape in [(1, 1, 1), (3, 5, 2), (2, 3, 7)]:
        x, g, h = rng.standard_normal(shape), rng.standard_normal(shape[1]), rng.standard_normal(shape[2])
        params = {"u": np.array(0.3), "v": np.array(0.2), "g": g, "h": h}
        cost, gradients = found(module, params, x)
        assert cost == pytest.approx(_two_boundaries(params, x).real, rel=1e-12)
        for name, gradient in gradients.items():
            for place in np.ndindex(gradient.shape):
                moved = {other: np.array(value, dtype=complex) for other, value in params.items()}
                moved[name][place] += 1e-30j
                assert gradient[place] == pytest.approx(_two_boundaries(moved, x).imag / 1e-30, rel=1e-10, abs=1e-12)


def _two_boundaries(params: Mapping[str, Array], x: Array) -> complex:
    steps, width, depth = x.shape

    def before(t: int, s: int, k: int) -> complex:
        if not 0 <= s < width:
            return 0
        if t == -1:
            return complex(np.exp(params["g"][s]) + k * params["h"][k])
        if t == -2:
            return complex(2 if s > k else params["g"][s] ** 2)
        return complex(a[t, s, k])

    a = np.zeros(x.shape, complex)
    for t, s, k in product(range(steps), range(width), range(depth)):
        a[t, s, k] = params["u"] * before(t - 1, s + 1, k) + params["v"] * before(t - 2, s - 2, k) ** 2 + x[t, s, k]
    return complex((a**2).sum())


CTC = """
p[t,k] = exp(z[t,k])/sum(k_, exp(z[t,k_]))
a[t,s] = (a[t-1,s] + a[t-1,s-1] + skip[s]*a[t-1,s-2])*p[t,label[s]]
a[-1,s] = where(s > 0, 0, 1)
C = -log(a[4,6] + a[4,5])
"""


@pytest.mark.parametrize("style", STYLES)
def test_connectionist_temporal_classification(style: str) -> None:
    """Before the first step the path is at the first blank, from where it may stay or go on; the sum over all paths has the same value."""
    steps, classes, labels = 5, 4, (1, 1, 2)
    extended = [0, *(part for label in labels for part in (label, 0))]
    skip = [float(s >= 2 and extended[s] not in (0, extended[s - 2])) for s in range(len(extended))]
    module = module_of(CTC, ["z[t,k]"], ["label[s] in k", "skip[s] in unit"], style, sizes={"t": steps, "s": len(extended), "k": classes})
    z = np.random.default_rng(7).standard_normal((steps, classes))
    cost, gradients = found(module, {"z": z}, np.array(extended), np.array(skip))
    assert cost == pytest.approx(_by_all_paths(z, labels).real, rel=1e-12)
    for place in np.ndindex(z.shape):
        moved = z.astype(complex)
        moved[place] += 1e-30j
        assert gradients["z"][place] == pytest.approx(_by_all_paths(moved, labels).imag / 1e-30, rel=1e-10, abs=1e-13)


def _by_all_paths(z: Array, labels: tuple[int, ...]) -> complex:
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    total = 0j
    for path in product(range(z.shape[1]), repeat=len(z)):
        if tuple(label for label, _ in groupby(path) if label) == labels:
            total += np.prod([p[t, label] for t, label in enumerate(path)])
    return complex(-np.log(total))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("entries", [6, 7, 9, 11])
def test_the_range_of_a_placed_letter(style: str, entries: int) -> None:
    """v takes four entries of w, from the third on; what comes after has no part in the cost, however long w is."""
    module = module_of("v[1*k] = w[k+2]\nv[4+i] = y[i]\nC = sum(z, v[z]**2)", ["w[j]"], ["y[i]"], style, sizes={"k": 4})
    w, y = np.arange(1.0, entries + 1), np.array([2.0, 5.0, 7.0])
    cost, gradients = found(module, {"w": w}, y)
    assert cost == (w[2:6] ** 2).sum() + (y**2).sum()
    np.testing.assert_array_equal(gradients["w"], np.where((np.arange(entries) >= 2) & (np.arange(entries) < 6), 2 * w, 0))


@pytest.mark.parametrize("style", STYLES)
def test_letters_of_a_boundary_value_are_its_own(style: str) -> None:
    """Σ_i Σ_i′ x[i] is N Σ_i x[i], also where the letter that only counts has the name that the other one gets."""
    text = "h[-1] = sum(i, sum(i_, x[i]))\nh[t] = w*h[t-1] + sum(i, q[i,t])*sum(i_, h[t-1]*x[i_])\nC = sum(t, h[t])"
    module = module_of(text, ["w"], ["x[i]", "q[i,t]"], style)
    x, q, w = np.array([1.0, -2.0, 4.0]), np.arange(6.0).reshape(3, 2) / 7, 0.3
    first = 3 * x.sum()
    steps = [w + q[:, t].sum() * x.sum() for t in range(2)]
    cost, gradients = found(module, {"w": np.array(w)}, x, q)
    assert cost == pytest.approx(first * steps[0] * (1 + steps[1]))
    assert gradients["w"] == pytest.approx(first * (1 + steps[1]) + first * steps[0])


DIVIDED = {
    "a quotient": ("h[n,t] = u*h[n,t-1]/s[n,t] + x[n,t]", lambda h, s: h / s),
    "a logarithm": ("h[n,t] = u*h[n,t-1]*log(s[n,t]) + x[n,t]", lambda h, s: h * np.log(s)),
    "a power": ("h[n,t] = u*tanh(h[n,t-1])*s[n,t]**(-1.5) + x[n,t]", lambda h, s: np.tanh(h) * s**-1.5),
    "a difference": ("h[n,t] = u*h[n,t-1]/(s[n,t] - 1/4) + x[n,t]", lambda h, s: h / (s - 0.25)),
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", DIVIDED)
def test_what_is_divided_by_past_the_end_is_none_of_the_sum(kind: str, style: str) -> None:
    equation, function = DIVIDED[kind]
    module = module_of(
        f"S[n,t] = s[n,t]**2 + 1\n{equation.replace('s[', 'S[')}\nC = mean(n, sum(t, h[n,t]**2))", ["u"], ["x[n,t]", "s[n,t]"], style
    )
    rng = np.random.default_rng(2)
    for steps in (1, 2, 5):
        x, s = rng.standard_normal((3, steps)), rng.standard_normal((3, steps))

        def cost_of(u: complex, x: Array = x, s: Array = s) -> complex:
            h, total = np.zeros(3, complex), 0j
            for t in range(x.shape[1]):
                h = u * function(h, s[:, t] ** 2 + 1) + x[:, t]
                total += (h**2).sum() / 3
            return complex(total)

        cost, gradients = found(module, {"u": np.array(0.4)}, x, s)
        assert cost == pytest.approx(cost_of(0.4).real, rel=1e-12)
        assert gradients["u"] == pytest.approx(cost_of(0.4 + 1e-30j).imag / 1e-30, rel=1e-10)


@pytest.mark.parametrize("style", STYLES)
def test_an_output_form_is_taken_inside_of_its_range_alone(style: str) -> None:
    """∂y/∂W by log y: y has no entry past the last one, of which the logarithm would be −∞."""
    module = module_of("y[i] = 2**tanh(W[i-1])\nC = sum(i, x[i]*y[i]**2)", ["W[i]"], ["x[i]"], style)
    W, x = np.array([0.3, -0.7, 1.1]), np.array([2.0, 3.0, 5.0])
    cost, gradients = found(module, {"W": W}, x)
    y = 2 ** np.tanh(np.array([0, *W[:-1]]))
    assert cost == pytest.approx((x * y**2).sum())
    slopes = 2 * np.log(2) * x[1:] * y[1:] ** 2 * (1 - np.tanh(W[:-1]) ** 2)
    np.testing.assert_allclose(gradients["W"], [*slopes, 0], rtol=1e-12)


def test_boundaries_are_printed_as_they_were_written() -> None:
    text = "a[t,s] = w*a[t-1,s-1] + x[t,s]\na[-1,s] = where(s > 0, 0, 1)\nC = sum(t, s, a[t,s])"
    system = Network.from_equations(text, ["w"], ["x[t,s]"])
    printed = LanguageText(system).equations()
    assert "where(s >= 1" not in printed
    assert LanguageText(Network.from_equations(printed, ["w"], ["x[t,s]"])).equations() == printed


@pytest.mark.parametrize("style", STYLES)
def test_a_label_out_of_range_says_no_entry(style: str) -> None:
    """After the last token there is none: it is not token 0, neither forwards nor backwards."""
    text = "C = mean(n, sum(t, d, E[tok[n,t+1],d]*x[n,t,d])) + sum(n, t, E[tok[n,t-2],0]**2)"
    module = module_of(text, ["E[v,d]"], ["tok[n,t] in v", "x[n,t,d]"], style)
    rng = np.random.default_rng(4)
    for steps in (1, 2, 5):
        tok, x, E = rng.integers(0, 4, (3, steps)), rng.standard_normal((3, steps, 2)), rng.standard_normal((4, 2))
        cost, expected = 0.0, np.zeros_like(E)
        for n, t in product(range(3), range(steps)):
            if t + 1 < steps:
                cost += E[tok[n, t + 1]] @ x[n, t] / 3
                expected[tok[n, t + 1]] += x[n, t] / 3
            if t >= 2:
                cost += E[tok[n, t - 2], 0] ** 2
                expected[tok[n, t - 2], 0] += 2 * E[tok[n, t - 2], 0]
        value, gradients = found(module, {"E": E}, tok, x)
        assert value == pytest.approx(cost, rel=1e-12, abs=1e-15)
        np.testing.assert_allclose(gradients["E"], expected, rtol=1e-12, atol=1e-15)


def test_a_label_that_is_always_there_needs_no_condition() -> None:
    """u runs as far as u + 1 is inside of tok."""
    system = Network.from_equations("C = sum(n, u, W[tok[n,u+1]]*x[n,1*u])", ["W[v]"], ["tok[n,t] in v", "x[n,s]"])
    assert "where" not in LanguageText(system).equations()


@pytest.mark.parametrize("style", STYLES)
def test_the_entry_at_place_0_has_an_equation_of_its_own(style: str) -> None:
    text = "h[n,0,k] = log(h0[k])\nh[n,t,k] = tanh(w[k]*h[n,t-1,k] + x[n,t])/h[n,t-1,k]\nC = mean(n, sum(t, k, h[n,t,k]**2))"
    module = module_of(text, ["w[k]", "h0[k]"], ["x[n,t]"], style)
    rng = np.random.default_rng(6)
    params = {"w": rng.standard_normal(2), "h0": np.array([1.5, 3.0])}
    for steps in (1, 2, 4):
        x = rng.standard_normal((3, steps))

        def cost_of(w: Array, h0: Array, x: Array = x) -> complex:
            h = np.log(h0) * np.ones((3, 1))
            total = (h**2).sum() / 3
            for t in range(1, x.shape[1]):
                h = np.tanh(w * h + x[:, t, None]) / h
                total += (h**2).sum() / 3
            return complex(total)

        cost, gradients = found(module, params, x)
        assert cost == pytest.approx(cost_of(**params).real, rel=1e-12)
        for name, k in product(params, range(2)):
            moved = {other: value.astype(complex) for other, value in params.items()}
            moved[name][k] += 1e-30j
            assert gradients[name][k] == pytest.approx(cost_of(**moved).imag / 1e-30, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("lines", "sizes"),
    [
        ("h[0] = g\nh[1] = 2*g\nh[t] = tanh(h[t-1] - h[t-2])", {}),
        ("h[6] = g\nh[t] = tanh(h[t+1] + x[t])", {"t": 7}),
        ("h[0] = g\nh[-1] = 3\nh[t] = tanh(h[t-2]*x[t])", {}),
        ("h[0] = 0\nh[t] = tanh(h[t-1] + g*x[t])", {}),
    ],
)
def test_first_and_last_entries_by_equations_of_their_own(lines: str, sizes: dict[str, int]) -> None:
    """The same as the independent reading of the text finds, and printed so that it can be read back."""
    text = f"{lines}\nC = sum(t, x[t]*h[t]**2)"
    system = Network.from_equations(text, ["g"], ["x[t]"], sizes=sizes)
    module = module_of(text, ["g"], ["x[t]"], sizes=sizes)
    x = np.random.default_rng(8).standard_normal(sizes.get("t", 5))
    cost, gradients = found(module, {"g": np.array(0.7)}, x)
    given = {"x": {(place,): value for place, value in enumerate(x)}}

    def reading(g: float) -> float:
        return float(Reading(text, {"t": len(x)}, {**given, "g": {(): g}}, {}).cost)

    assert cost == pytest.approx(reading(0.7), rel=1e-12)
    assert gradients["g"] == pytest.approx((reading(0.7 + 1e-6) - reading(0.7 - 1e-6)) / 2e-6, rel=1e-6)
    printed = LanguageText(system).equations()
    assert LanguageText(Network.from_equations(printed, ["g"], ["x[t]"], sizes=sizes)).equations() == printed


def test_a_place_in_the_middle_is_refused() -> None:
    with pytest.raises(InvalidDescription, match="equations for the places 2 of t alone"):
        Network.from_equations("h[2] = g\nh[t] = tanh(h[t-1] + x[t])\nC = sum(t, h[t])", ["g"], ["x[t]"])


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "term", ["h[t-1]/s[t-1]", "w*h[t-2]*log(s[t-1])*x[t]", "h[t-1]**2*s[t-1]**(-1.5)", "h[t-1]/(3*s[t-1]*s[t])", "tanh(h[t-1]/s[t-2] + 1)"]
)
def test_a_product_with_a_factor_out_of_range_is_0(term: str, style: str) -> None:
    """Whatever is divided by there."""
    text = f"s[t] = x[t]**2 + 1\nh[t] = w*{term} + x[t]\nC = sum(t, h[t]**2)"
    if "tanh" in term:
        text = text.replace("h[t-1]/s", "h[t-2]/s")
    module = module_of(text, ["w"], ["x[t]"], style)
    for steps in (1, 2, 4):
        x = np.random.default_rng(steps).standard_normal(steps)
        cost, gradients = found(module, {"w": np.array(0.6)}, x)
        given = {"x": {(place,): value for place, value in enumerate(x)}}

        def reading(w: float, given: Any = given, steps: int = steps) -> float:
            return float(Reading(text, {"t": steps}, {**given, "w": {(): w}}, {}).cost)

        assert cost == pytest.approx(reading(0.6), rel=1e-12)
        assert gradients["w"] == pytest.approx((reading(0.6 + 1e-6) - reading(0.6 - 1e-6)) / 2e-6, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    "cost",
    [
        "sum(i, (w[i+2]*w[i-1]/s[i-1])**2)",
        "sum(n, t, W[tok[n,t+1],tok[n,t-1]]*w[t])",
        "sum(n, t, where(t > 0, W[tok[n,t-1],0], w[t]))",
    ],
)
def test_conditions_are_not_said_again(cost: str) -> None:
    """What is printed can be read back, and is then the same."""
    declared: Any = {"parameters": ["w[i]", "W[v,v_]"], "inputs": ["tok[n,t] in v", "s[i]", "u[t]"], "sizes": {"i": 5, "t": 5}}
    printed = LanguageText(Network.from_equations(f"C = {cost} + sum(t, u[t])", **declared)).equations()
    assert LanguageText(Network.from_equations(printed, **declared)).equations() == printed
    assert printed.count("where") <= 2


def test_one_condition_where_one_is_needed() -> None:
    """q is divided by along t alone: at s + 1 past the end the product is 0 times a number."""
    text = "q[t] = x[t,0]**3\na[t,s] = w*a[t-1,s-1]/q[t] + x[t,s]\nC = sum(t, s, a[t,s]**2)"
    derivation = derive(Network.from_equations(text, ["w"], ["x[t,s]"]))
    assert str(derivation.gradient("a")).count("Piecewise") == 1
    verify(derivation)


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("least", [-1.0, 0.5])
def test_a_label_out_of_range_inside_of_a_comparison(style: str, least: float) -> None:
    """At n = 0 the label is not there, and what it would say is 0: 0 > -1 holds, and 0 > 0.5 does not."""
    text = f"m[n,l] = where(gain[tok[n-1,l],n] > {least}, z[l]**2, x[n,l]*z[l])\nC = sum(n, l, m[n,l]*y[n,l])"
    module = load(
        derive(system_from_equations(text, ["gain[v,n]", "z[l]"], ["tok[n,l] in v", "x[n,l]", "y[n,l]"])), style=style, verify=False
    )
    rng = np.random.default_rng(3)
    gain, z = rng.standard_normal((3, 5)), rng.standard_normal(2)
    tok, x, y = rng.integers(0, 3, (5, 2)), rng.standard_normal((5, 2)), rng.standard_normal((5, 2))
    cost, dz = 0.0, np.zeros(2)
    for n, place in np.ndindex(5, 2):
        holds = (gain[tok[n - 1, place], n] if n else 0.0) > least
        cost += y[n, place] * (z[place] ** 2 if holds else x[n, place] * z[place])
        dz[place] += y[n, place] * (2 * z[place] if holds else x[n, place])
    value, found = module.cost_and_gradients(module.Parameters(gain, z), tok, x, y)
    assert value == pytest.approx(cost, rel=1e-12)
    np.testing.assert_allclose(found.z, dz, rtol=1e-12)
    np.testing.assert_array_equal(found.gain, np.zeros_like(gain))


def test_a_boundary_at_the_place_of_a_maximum_binds_no_letter_of_it() -> None:
    """h[argmax_i x[i] + k] at its boundary: δ is of k and of the place as a whole, and not of the letter i inside of it."""
    i, k, t = (index(name) for name in "ikt")
    h = Tensor("h", (t,), Role.INTERMEDIATE)
    place = arg_max(entry("x", (i,)), i) + k - 2
    term = Boundary(h, 0, -1, Symbol("v")).term((place,))
    assert free_letters(term) == {k}
