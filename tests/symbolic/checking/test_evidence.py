"""Checks that prove something: whatever is read far along an axis, is large or tiny, is tried where it has an effect on the cost.

The right gradients come from the formulas below, written with plain loops, by complex steps; nothing of the tool is in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import sympy
from layer_networks import layer

from chainrule import CheckFailed, Dense, Network, derive
from chainrule.codegen.checking.call_check import check_calls
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.checking.comparison import compared_step
from chainrule.symbolic.checking.draws import random_numbers
from chainrule.symbolic.checking.verification import Verified, difference, verify
from chainrule.symbolic.checking.zero_adjoints import is_zero, vanishing
from chainrule.symbolic.derivation.adjoint import Step
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index import limits
from chainrule.symbolic.language.system_reader import system_from_equations

Array = Any
STEP = 1e-30


@dataclass(frozen=True)
class Case:
    """A description, the lengths of its open axes, and its cost by loops."""

    description: dict[str, Any]
    shapes: dict[str, tuple[int, ...]]
    cost: Callable[..., Any]


def fixed_point(W: Array, V: Array, x: Array, y: Array) -> Any:
    total = 0
    for n in range(x.shape[0]):
        h = np.zeros(3)
        for _ in range(11):
            h = np.tanh(W @ h + V @ x[n])
        total = total + np.sum((h - y[n]) ** 2)
    return total / x.shape[0]


def differential_equation(W: Array, u0: Array, y: Array) -> Any:
    u = u0
    for _ in range(20):
        u = u + 0.1 * np.tanh(W @ u)
    return np.sum((u - y) ** 2)


def fifth_step(u: Array, x: Array, y: Array) -> Any:
    total = 0
    for n in range(x.shape[0]):
        h = 0
        for t in range(5):
            h = np.tanh(u * h + x[n, t])
        total = total + (h - y[n]) ** 2
    return total / x.shape[0]


def two_ends_of_many_steps(w: Array, u: Array, v: Array, x: Array, y: Array) -> Any:
    total = 0
    for n in range(x.shape[0]):
        h, g, last = 0, 0, []
        for t in range(1501):
            h = np.tanh(w * x[n, t] + u * h)
            g = np.tanh(w * x[n, 1500 - t] + u * g) + (1 if t > 1400 else 2)
            last = [*last[-1:], h]
        total = total + (v[0] * last[1] + v[1] * last[0] + v[2] * g - y[n]) ** 2 * (1 if x[n, 1500] > 3000 else 2)
    return total / x.shape[0]


def ninth_unit(W: Array, x: Array) -> Any:
    return np.mean(np.tanh(x @ W[8]) ** 2)


def behind_a_mask(w: Array, v: Array, x: Array, m: Array) -> Any:
    total = 0
    for n in range(x.shape[0]):
        s = w * x[n] + 1e9 * (m[n] - 1)
        p = np.exp(s - np.max(s.real))
        total = total + np.sum(p / np.sum(p) * v)
    return total / x.shape[0]


def causal(w: Array, x: Array) -> Any:
    total = 0
    for q in range(len(x)):
        s = w * x[q] * x[: q + 1]
        p = np.exp(s - np.max(s.real))
        total = total + np.sum(p / np.sum(p) * x[: q + 1]) ** 2
    return total


def pixels(W: Array, E: Array, q: Array) -> Any:
    total = 0
    for n in range(q.shape[0]):
        total = total + np.sum((W @ q[n] + E[q[n]].sum()) ** 2)
    return total / q.shape[0]


def around_5000(w: Array, x: Array) -> Any:
    return np.mean((5000 + w * x) ** 2)


def later_directions(w: Array, x: Array) -> Any:
    total = 0
    for t in range(1, len(x)):
        z = w * x[t - 1]
        total = total + np.sum(z / np.sqrt(np.sum(z**2)) * x[t])
    return total


def thousandfold(w: Array, x: Array) -> Any:
    return np.mean((1000 * w * x) ** 2)


CASES = {
    "a fixed point, unrolled": Case(
        {
            "equations": "h[n,t,j] = tanh(sum(k, W[j,k]*h[n,t-1,k]) + sum(i, V[j,i]*x[n,i]))\nC = mean(n, sum(j, (h[n,10,j] - y[n,j])**2))",
            "inputs": ["x[n,i]"],
            "targets": ["y[n,j]"],
            "parameters": ["W[j,k]", "V[j,i]"],
            "sizes": {"t": 11, "j": 3, "k": 3, "i": 2},
        },
        {"W": (3, 3), "V": (3, 2), "x": (5, 2), "y": (5, 3)},
        fixed_point,
    ),
    "a differential equation, unrolled": Case(
        {
            "equations": "u[t,i] = u[t-1,i] + 0.1*tanh(sum(k, W[i,k]*u[t-1,k]))\nu[-1,i] = u0[i]\nC = sum(i, (u[19,i] - y[i])**2)",
            "inputs": ["u0[i]"],
            "targets": ["y[i]"],
            "parameters": ["W[i,k]"],
            "sizes": {"t": 20, "i": 3, "k": 3},
        },
        {"W": (3, 3), "u0": (3,), "y": (3,)},
        differential_equation,
    ),
    "a step of an open axis": Case(
        {
            "equations": "h[n,t] = tanh(u*h[n,t-1] + x[n,t])\nC = mean(n, (h[n,4] - y[n])**2)",
            "inputs": ["x[n,t]"],
            "targets": ["y[n]"],
            "parameters": ["u"],
        },
        {"u": (), "x": (3, 7), "y": (3,)},
        fifth_step,
    ),
    "both ends of 1501 steps": Case(
        {
            "equations": "h[n,t] = tanh(w*x[n,t] + u*h[n,t-1])\n"
            "g[n,t] = tanh(w*x[n,1500-t] + u*g[n,t-1]) + where(t > 1400, 1, 2)\n"
            "C = mean(n, (v[0]*h[n,1500] + v[1]*h[n,1499] + v[2]*g[n,1500] - y[n])**2*where(x[n,1500] > 3000, 1, 2))",
            "inputs": ["x[n,t]"],
            "targets": ["y[n]"],
            "parameters": ["w", "u", "v[k]"],
            "sizes": {"k": 3},
        },
        {"w": (), "u": (), "v": (3,), "x": (2, 1501), "y": (2,)},
        two_ends_of_many_steps,
    ),
    "an entry beyond the eighth": Case(
        {
            "equations": "h[n,j] = tanh(sum(i, W[j,i]*x[n,i]))\nC = mean(n, h[n,8]**2)",
            "inputs": ["x[n,i]"],
            "parameters": ["W[j,i]"],
            "sizes": {"j": 11, "i": 3},
        },
        {"W": (11, 3), "x": (5, 3)},
        ninth_unit,
    ),
    "a mask of -1e9": Case(
        {
            "equations": "s[n,k] = w*x[n,k] + 1e9*(m[n,k] - 1)\np[n,k] = exp(s[n,k])/sum(k_, exp(s[n,k_]))\n"
            "C = mean(n, sum(k, p[n,k]*v[k]))",
            "inputs": ["x[n,k]", "m[n,k]"],
            "parameters": ["w", "v[k]"],
        },
        {"w": (), "v": (5,), "x": (3, 5), "m": (3, 5)},
        behind_a_mask,
    ),
    "a causal mask of -1e9": Case(
        {
            "equations": "s[q,k] = where(k > q, -1e9, w*x[q]*x[k])\np[q,k] = exp(s[q,k])/sum(k_, exp(s[q,k_]))\n"
            "C = sum(q, sum(k, p[q,k]*x[k])**2)",
            "inputs": ["x[q]"],
            "parameters": ["w"],
            "sizes": {"q": 5, "k": 5},
        },
        {"w": (), "x": (5,)},
        causal,
    ),
    "pixels": Case(
        {
            "equations": "z[n,j] = sum(i, W[j,i]*q[n,i] + E[q[n,i]])\nC = mean(n, sum(j, z[n,j]**2))",
            "inputs": ["q[n,i] in v"],
            "parameters": ["W[j,i]", "E[v]"],
            "sizes": {"v": 256, "i": 5, "j": 3},
        },
        {"W": (3, 5), "E": (256,), "q": (2, 5)},
        pixels,
    ),
    "5000 and something": Case(
        {"equations": "z[n] = 5000 + w*x[n]\nC = mean(n, z[n]**2)", "inputs": ["x[n]"], "parameters": ["w"]},
        {"w": (), "x": (5,)},
        around_5000,
    ),
    "directions of which the first is 0/0, and not read": Case(
        {
            "equations": "z[t,d] = w[d]*x[t-1,d]\nr[t,d] = z[t,d]/sqrt(sum(d_, z[t,d_]**2))\nC = sum(t, d, r[t+1,d]*x[t+1,d])",
            "inputs": ["x[t,d]"],
            "parameters": ["w[d]"],
        },
        {"w": (3,), "x": (5, 3)},
        later_directions,
    ),
    "a thousandfold": Case(
        {"equations": "z[n] = 1000*w*x[n]\nC = mean(n, z[n]**2)", "inputs": ["x[n]"], "parameters": ["w"]},
        {"w": (), "x": (5,)},
        thousandfold,
    ),
}


def derived(title: str) -> Derivation:
    return derive(system_from_equations(**CASES[title].description))


@pytest.mark.parametrize("title", CASES)
def test_what_is_verified_has_an_effect_on_the_cost(title: str) -> None:
    derivation = derived(title)
    verified = verify(derivation)
    assert verified.vacuous == 0
    assert verified.numbers is not None
    for name in derivation.adjoints:
        assert np.any(np.abs(verified.numbers.arrays[f"d{name}"]) > 1e-12), name


def given(case: Case) -> dict[str, Array]:
    rng = np.random.default_rng(5)
    arrays: dict[str, Array] = {name: rng.standard_normal(shape) for name, shape in case.shapes.items()}
    if "q" in arrays:
        arrays["q"] = rng.integers(0, 256, case.shapes["q"])
    if "m" in arrays:
        arrays["m"] = (rng.random(case.shapes["m"]) < 0.6).astype(float)
    return arrays


def by_complex_steps(case: Case, arrays: Mapping[str, Array], name: str) -> Array:
    slopes = np.zeros(np.shape(arrays[name]))
    for place in np.ndindex(slopes.shape):
        moved = np.array(arrays[name], complex)
        moved[place] += 1j * STEP
        slopes[place] = np.imag(case.cost(**{**arrays, name: moved})) / STEP
    return slopes


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("title", CASES)
def test_the_module_has_the_right_numbers(title: str, style: str) -> None:
    """It is verified when it is loaded."""
    case, arrays = CASES[title], given(CASES[title])
    module = load(derived(title), style=style)
    params = module.Parameters(**{name: np.asarray(arrays[name]) for name in module.Parameters._fields})
    data = [arrays[text.partition("[")[0]] for role in ("inputs", "targets") for text in case.description.get(role, ())]
    cost, gradients = module.cost_and_gradients(params, *data)
    assert cost == pytest.approx(float(np.real(case.cost(**arrays))), rel=1e-12)
    for name, found in gradients._asdict().items():
        expected = by_complex_steps(case, arrays, name)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11 * np.abs(expected).max(), err_msg=name)


def test_the_last_of_eleven_steps_of_an_lstm_is_reached() -> None:
    lstm = layer("lstm", units=2, returns="last")
    verified = verify(derive(Network([11, 3], [lstm, Dense(2, "identity")], "quadratic")))
    assert verified.numbers is not None
    assert verified.numbers.sizes["t"] == 11
    zeros = [name for name, array in verified.numbers.arrays.items() if name.startswith("d") and not np.any(array)]
    assert not zeros


#: Of alignments by the soft minimum (Cuturi and Blondel, 2017), g log Σ exp(−cost/g) over all paths, diagonal by diagonal: weights of paths
#: are products of many small numbers.
ALIGNMENT = {
    "equations": """e[i,j] = exp(-(w*x[i] - y[j])**2/g)
p[k,i] = where(k - i >= 0, where(k - i <= 5, e[i,k-i], 0), 0)*(p[k-1,i-1] + p[k-1,i] + p[k-2,i-1] + where(k < 1, 1, 0))
C = -g*log(p[9,4])""",
    "inputs": ["x[i]"],
    "targets": ["y[j]"],
    "parameters": ["w"],
    "sizes": {"i": 5, "j": 6, "k": 10},
    "constants": {"g": 0.01},
}


def alignment(w: Array, x: Array, y: Array, g: float) -> Any:
    paths = np.zeros((len(x) + 1, len(y) + 1), np.clongdouble)
    paths[0, 0] = 1
    for i in range(len(x)):
        for j in range(len(y)):
            before = paths[i, j] + paths[i, j + 1] + paths[i + 1, j]
            paths[i + 1, j + 1] = np.exp(-((w * x[i] - y[j]) ** 2) / g) * before
    return -g * np.log(paths[-1, -1])


def test_values_far_below_the_usual_step_are_no_obstacle() -> None:
    """Beside 1e-140 a step of 1e-30 is not small."""
    verified = verify(derive(system_from_equations(**ALIGNMENT)))
    assert verified.vacuous == 0
    assert verified.numbers is not None
    arrays = {name: np.real(verified.numbers.arrays[name]).astype(np.longdouble) for name in ("w", "x", "y")}
    assert np.abs(verified.numbers.arrays["p"][9, 4]) < 1e-100
    assert float(np.real(verified.numbers.arrays["C"])) == pytest.approx(float(np.real(alignment(**arrays, g=0.01))), rel=1e-10)
    step = np.longdouble(1e-9)
    above, below = (np.real(alignment(arrays["w"] + side * step, arrays["x"], arrays["y"], 0.01)) for side in (1, -1))
    assert float(np.real(verified.numbers.arrays["dw"])) == pytest.approx(float((above - below) / (2 * step)), rel=1e-6)


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_the_module_of_an_alignment_has_the_right_numbers(style: str) -> None:
    """681 paths reach the last of p, which is computed step by step, down to 1e-202 for the largest of these numbers."""
    module = load(derive(system_from_equations(**ALIGNMENT)), style=style, verify=False)
    x, y = np.array([0.1, 0.7, 0.3, -0.4, 0.9]), np.array([0.2, -0.3, 0.8, 0.5, -0.6, 0.4])
    for scale in (0.5, 1.0, 2.5):
        cost, gradients = module.cost_and_gradients(module.Parameters(w=np.array(1.25)), scale * x, scale * y)
        right = alignment(np.clongdouble(1.25 + STEP * 1j), scale * x, scale * y, ALIGNMENT["constants"]["g"])
        assert cost == pytest.approx(float(right.real), rel=1e-12)
        assert gradients.w == pytest.approx(float(right.imag / STEP), rel=1e-9)


def written(equations: str, **declared: Any) -> Derivation:
    return derive(system_from_equations(equations=equations, **declared))


def test_what_never_reaches_the_cost_at_open_sizes_is_not_checked() -> None:
    """Twice 1000 steps back: no trial is that long, and nothing that is 0 = 0 counts."""
    derivation = written(
        "h[t] = tanh(w*x[t-100000])\nC = sum(t, h[t]**2)", inputs=["x[t]"], parameters=["w"]
    )  # fmt: skip
    with pytest.raises(CheckFailed, match="was not checked"):
        verify(derivation)


@pytest.mark.parametrize(
    ("growth", "message"),
    [
        ("x[t,0]/u[t-1]", r"q\[0\], which is not a finite number, but the gradient of v is none with it .* where\(t > 0"),
        ("x[t,0]/sum(k, v[k]*x[t-1,k])", r"does not depend on q\[0\]"),
        ("log(-(1 + u[t])**2)", "^the cost is not a finite number at any random point; is its formula defined"),
        ("log(u[t+9])", r"^the cost is not a finite number .* the first entry that is none is q\[1\]; is its formula defined"),
    ],
)
def test_a_number_that_is_none_is_named(growth: str, message: str) -> None:
    derivation = written(
        f"u[t] = sum(k, v[k]*x[t,k])*x[t-1,0]\nq[t] = {growth}\nC = q[3]**2", inputs=["x[t,k]"], parameters=["v[k]"], sizes={"k": 3}
    )
    with pytest.raises(CheckFailed, match=message):
        verify(derivation)


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_what_is_left_out_by_a_case_distinction_need_not_be_a_number(style: str) -> None:
    equations = "f[t] = w*where(t > 0, p[t]/p[t-1] - 1, 0)\nC = sum(t, (f[t] - y[t])**2)"
    module = load(written(equations, inputs=["p[t]"], targets=["y[t]"], parameters=["w"]), style=style)
    p, y = np.array([2.0, 3.0, 1.5]), np.array([1.0, 2.0, 4.0])
    cost, gradients = module.cost_and_gradients(module.Parameters(np.array(2.0)), p, y)
    assert cost == pytest.approx(1 + (1 - 2) ** 2 + (-1 - 4) ** 2)
    assert gradients.w == pytest.approx(2 * (1 - 2) * 0.5 + 2 * (-1 - 4) * -0.5)


def test_places_far_along_an_axis_are_tried_nearer() -> None:
    equations = "h[n,t] = tanh(u*h[n,t-1] + x[n,t])\nC = mean(n, h[n,{place}]**2 + h[n,1] + h[n,2*{place}])"
    for place in (limits.MOST_TRIED_POSITIONS // 2 - 1, 10 * limits.MOST_TRIED_POSITIONS):
        derivation = written(equations.replace("2*{place}", str(2 * place)).format(place=place), inputs=["x[n,t]"], parameters=["u"])
        verified = verify(derivation)
        assert verified.vacuous == 0
        assert verified.numbers is not None
        assert np.count_nonzero(verified.numbers.jacobians["C", "h"][0]) == 3


def test_shifts_are_checked_up_to_a_limit_that_is_named() -> None:
    derivation = written(f"h[t] = u*x[t-{limits.MOST_TRIED_POSITIONS}]\nC = sum(t, h[t]**2)", inputs=["x[t]"], parameters=["u"])
    with pytest.raises(CheckFailed, match=r"not checked: .* up to 600 positions of an axis, the limit \(chainrule list limits\)"):
        verify(derivation)


def test_a_mistake_far_along_an_axis_is_found() -> None:
    """The adjoint of h[n,3000] put at h[n,2999]."""
    derivation = written("h[n,t] = tanh(u*x[n,t])\nC = mean(n, h[n,3000]**2 + h[n,2999])", inputs=["x[n,t]"], parameters=["u"])
    own = derivation.adjoints["h"]
    wrong = own.expression.xreplace({sympy.Integer(3000): sympy.Integer(2999), sympy.Integer(2999): sympy.Integer(3000)})
    assert wrong != own.expression
    with pytest.raises(CheckFailed, match="∂C/∂h is not what complex steps give"):
        verify(replace(derivation, adjoints={**derivation.adjoints, "h": replace(own, expression=wrong)}))


def test_flat_functions_of_large_values_are_tried_at_small_ones() -> None:
    verified = verify(written("h[n] = tanh(1000*w*x[n])\nC = mean(n, h[n]**2)", inputs=["x[n]"], parameters=["w"]))
    assert verified.numbers is not None
    assert np.abs(verified.numbers.arrays["dw"]) > 1e-3


def test_one_step_is_verified_at_several() -> None:
    """With one step a recurrent weight has no effect; its formula is right at others."""
    equations = "h[n,t] = tanh(u*h[n,t-1] + x[n,t])\nC = mean(n, sum(t, h[n,t]**2))"
    assert verify(written(equations, inputs=["x[n,t]"], parameters=["u"], sizes={"t": 1})).vacuous == 0


def test_what_is_zero_by_its_formula_is_no_lack_of_evidence() -> None:
    derivation = written("h[n] = sign(w*x[n])*x[n]\nC = mean(n, (v*h[n])**2)", inputs=["x[n]"], parameters=["w", "v"])
    assert "dw" in vanishing(derivation)
    assert "dv" not in vanishing(derivation)
    assert is_zero(derivation.adjoint("w").expression, ())
    assert verify(derivation).vacuous == 0


def test_small_values_are_compared_as_exactly_as_large_ones() -> None:
    """A tenth too much of numbers of 1e-9 is a tenth too much."""
    derivation = written("z[n] = 0.000001*w*x[n]\nC = mean(n, z[n]**2)", inputs=["x[n]"], parameters=["w"])
    numbers, step = random_numbers(derivation), derivation.steps("w")[-1]
    assert np.abs(numbers.arrays["dw"]) < 1e-6
    assert compared_step("w", step, numbers).is_equal
    wrong = Step(step.rule, step.before, step.after * 11 / 10)
    assert compared_step("w", wrong, numbers).error == pytest.approx(0.1 / 1.1, rel=1e-3)


def test_what_cancels_is_compared_with_what_is_added_up() -> None:
    """A bias before a mean is taken off: its gradient is 0 up to rounding, and so is that of what the bias is made of."""
    derivation = written(
        "z[n,j] = sum(i, W[j,i]*x[n,i]) + A[j]*g\nm[j] = mean(n, z[n,j])\nc[n,j] = z[n,j] - m[j]\nC = mean(n, sum(j, c[n,j]**4))",
        inputs=["x[n,i]"],
        parameters=["W[j,i]", "A[j]", "g"],
    )
    assert verify(derivation).vacuous == 0


@pytest.mark.parametrize("cost", ["sum(j, v[j])", "sum(j, v[j]**2)", "-sum(j, log(0.1 + v[j]))"])
@pytest.mark.parametrize("size", [2, 3])
def test_an_adjoint_that_cancels_everywhere_is_no_mistake(cost: str, size: int) -> None:
    """∂v/∂μ = −2/N Σ (a − μ) is 0 but for rounding, exactly so for two examples."""
    equations = f"a[n,j] = tanh(w[j]*x[n,j])\nm[j] = mean(n, a[n,j])\nv[j] = mean(n, (a[n,j] - m[j])**2)\nC = {cost}"
    derivation = derive(system_from_equations(equations, ["w[j]"], ["x[n,j]"], sizes={"j": size}, batch="n"))
    verified = verify(derivation)
    assert verified.largest_error < 1e-9
    assert verified.vacuous == 0


def test_the_start_of_an_adjoint_that_cancels_is_still_held() -> None:
    """A part of the chain rule left out is no rounding."""
    equations = "a[n] = tanh(w*x[n])\nm = mean(n, a[n])\nv = mean(n, (a[n] - m)**2)\nC = v + 1e-3*m"
    derivation = derive(system_from_equations(equations, ["w"], ["x[n]"], batch="n"))
    start = next(step for step in derivation.steps("m") if step.rule == "chain rule")
    numbers = random_numbers(derivation)
    adjoint = derivation.adjoints["m"]
    assert compared_step("m", start, numbers, adjoint=adjoint).is_equal
    assert not compared_step("m", Step(start.rule, start.before, start.after * (1 + 1e-6)), numbers, adjoint=adjoint).is_equal


def test_integers_are_compared_as_other_numbers() -> None:
    """Labels are read through a module's cache."""
    assert difference(np.array([1, 2]), np.array([1, 4])) == 0.5
    assert difference(np.array([1, 2]), np.array([1, 2])) == 0


def test_what_is_counted_as_vacuous_adds_up() -> None:
    assert Verified(3, 0.0, vacuous=1).together(Verified(2, 0.0, vacuous=2)).vacuous == 3


def test_calls_are_compared_at_large_values() -> None:
    assert check_calls(derived("5000 and something"), load(derived("5000 and something"), style="fast", verify=False)) > 20


def test_adjoints_are_tried_at_every_size_of_an_open_axis() -> None:
    """What holds for as many examples as are tried first, and for no others: 1/N as a number."""
    derivation = derive(system_from_equations("C = mean(n, (w*x[n] - y[n])**2)", inputs=["x[n]", "y[n]"], parameters=["w"]))
    size = derivation.system.axes["n"].size_symbol
    (own,) = random_numbers(derivation).sizes.values()
    wrong = replace(derivation.adjoints["w"], expression=derivation.adjoints["w"].expression * size / own)
    with pytest.raises(CheckFailed, match="∂C/∂w is not what complex steps give"):
        verify(replace(derivation, adjoints={**derivation.adjoints, "w": wrong}))


@pytest.mark.parametrize(
    "cost", ["sqrt(mean(n, (o[n] - m)**2))", "mean(n, maximum(o[n], m)*o[n])", "mean(n, abs(o[n] - m))", "mean(n, (o[n] - m)/sqrt(v))"]
)
def test_a_single_example_that_is_its_own_mean_refuses_nothing(cost: str) -> None:
    """There o − m is 0, a kink of these costs."""
    equations = f"o[n] = sum(i, w[i]*x[n,i])\nm = mean(n, o[n])\nv = sum(n, (o[n] - m)**2)\nC = {cost} + sum(n, o[n]**2)"
    equations = equations if "v)" in cost else equations.replace("v = sum(n, (o[n] - m)**2)\n", "")
    assert verify(written(equations, inputs=["x[n,i]"], parameters=["w[i]"])).vacuous == 0


def test_what_cancels_to_0_altogether_is_right() -> None:
    """A softmax of one class is 1, whatever it is of: every adjoint is rounding of what was added up in it."""
    network = Network(1, [Dense(1)], "sum(k, exp(a[k]))/exp(a[y])", targets="labels")
    assert verify(derive(network)).equations > 0


def test_a_state_that_stays_0_is_no_mistake() -> None:
    """A complex step h in h[t] makes h² of the slope 0 of ½ h²: nothing beside h, and no evidence."""
    assert verify(written("h[t] = arctan(w[t]*h[t-1])\nC = sum(t, h[t]**2/2)", inputs=[], parameters=["w[t]"])).vacuous > 0


def test_a_tiny_gradient_is_held() -> None:
    """At a slope below double precision's step too the wider one tells a mistake."""
    derivation = written("C = sum(n, 1e-22*(1e-12*w*x[n])**2)", inputs=["x[n]"], parameters=["w"])
    assert verify(derivation).vacuous == 0
    wrong = replace(derivation.adjoints["w"], expression=derivation.adjoints["w"].expression * 11 / 10)
    with pytest.raises(CheckFailed, match="∂C/∂w is not what complex steps give"):
        verify(replace(derivation, adjoints={**derivation.adjoints, "w": wrong}))
