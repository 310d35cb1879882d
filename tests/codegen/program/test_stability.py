"""Where the cost and its gradients are numbers, the modules give these numbers: powers at 0, saturated sigmoids and softmaxes, norms at 0.

Everything is held against numbers of hundreds of digits and unlimited exponents, in both styles and both types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import multiprecision
import numpy as np
import pytest
from layer_networks import TOGETHER
from numpy.typing import ArrayLike

from chainrule import Network, derive
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.checking.comparison import compared_adjoint
from chainrule.symbolic.checking.solving import forward, solved
from chainrule.symbolic.language.system_reader import system_from_equations


@dataclass(frozen=True)
class Case:
    """Equations with the arrays at which they are computed; `digits` are enough for the exact values there."""

    equations: str
    parameters: dict[str, ArrayLike]
    data: dict[str, ArrayLike] = field(default_factory=dict)
    constants: dict[str, float] = field(default_factory=dict)
    digits: int = 60

    @property
    def sizes(self) -> dict[str, int]:
        return {
            letter: size
            for declared, values in {**self.parameters, **self.data}.items()
            for letter, size in zip(_letters(declared), np.shape(values), strict=True)
            if not letter.endswith("_")
        }

    def described(self) -> dict[str, Any]:
        return {"parameters": list(self.parameters), "inputs": list(self.data), "targets": [], "sizes": self.sizes}


#: Of what is right there is no warning.
WARNINGS = {"over": "raise", "divide": "raise", "invalid": "raise"}


def _letters(declared: str) -> list[str]:
    _, _, letters = declared.rstrip("]").partition("[")
    return letters.split(",") if letters else []


def _name(declared: str) -> str:
    return declared.partition("[")[0]


def assert_right(case: Case, told: Mapping[str, Any] = WARNINGS) -> None:
    given = {_name(declared): values for declared, values in {**case.parameters, **case.data}.items()}
    names = list(map(_name, case.parameters))
    cost, gradients = multiprecision.cost_and_gradients(case.equations, case.sizes, given, names, case.constants, case.digits)
    derivation = derive(system_from_equations(case.equations, constants=case.constants, **case.described()))
    for style in ("plain", "fast"):
        module = load(derivation, style=style, verify=False)
        for dtype, tolerance in (("float64", 1e-9), ("float32", 2e-4)):
            params = module.Parameters(*(np.asarray(values, dtype) for values in case.parameters.values()))
            with np.errstate(**told):
                found = module.cost_and_gradients(params, *(np.asarray(values, dtype) for values in case.data.values()))
            where = f"{style} {dtype}"
            np.testing.assert_allclose(found[0], cost, rtol=tolerance, atol=1e-30, err_msg=where)
            for name, slope, expected in zip(names, found[1], gradients, strict=True):
                scale = np.max(np.abs(expected), initial=0)
                np.testing.assert_allclose(slope, expected, rtol=tolerance, atol=tolerance * scale, err_msg=f"{where}, {name}")


POWERS = {
    "constant": Case("z[n] = w[n]*x[n]\na[n] = z[n]**g\nC = sum(n, a[n])", {"w[n]": [1.5, 0, 2]}, {"x[n]": [0, 2, 3]}, {"g": 2.0}),
    "of a product": Case("C = sum(n, (w*x[n])**g)", {"w": 0}, {"x[n]": [0, 2, 3]}, {"g": 2.0}),
    "to the first": Case("C = sum(n, (w[n]*x[n])**g)", {"w[n]": [0.0, 1]}, {"x[n]": [2.0, 3]}, {"g": 1.0}),
    "of a magnitude": Case("C = sum(n, abs(w[n]*x[n])**g)", {"w[n]": [1.5, 0, -1]}, {"x[n]": [0, 2, 3]}, {"g": 2.5}),
    "three halves": Case("C = sum(n, abs(w[n]*x[n])**1.5)", {"w[n]": [1.5, 0, -1]}, {"x[n]": [0, 2, 3]}),
    "an exponent of one's own": Case("C = sum(n, x[n]**v[n])", {"v[n]": [1.5, 2, -1]}, {"x[n]": [0.5, 2, 3]}),
    "with an exponent computed": Case(
        "C = sum(n, (w[n]*x[n])**(y[n]**2))", {"w[n]": [0.0, 2, 3]}, {"x[n]": [0.5, 2, 3], "y[n]": [2, 1, 0.5]}
    ),
}


@pytest.mark.parametrize("name", POWERS)
def test_powers(name: str) -> None:
    assert_right(POWERS[name])


X = [[1.0, 2.0, -1.0], [0.5, -1.0, 2.0]]
W = [[100.0, 200.0, 300.0], [200.0, -300.0, 100.0], [300.0, 100.0, 300.5]]
HALF = [[50.0, 100.0, 150.0], [100.0, -150.0, 50.0], [150.0, 50.0, 150.25]]
ROWS = [[1.0, 0.0, 0.0], [0.0, 0.25, 0.75]]
SCORES = "z[n,k] = sum(i, W[k,i]*x[n,i])\n"
SOFTMAX = SCORES + "p[n,k] = exp(z[n,k])/sum(k_, exp(z[n,k_]))\n"
OF_SOFTMAX: dict[str, Any] = {"parameters": {"W[k,i]": W}, "data": {"x[n,i]": X}, "digits": 900}

SATURATED = {
    "log of a sigmoid": Case("C = -mean(n, log(sigmoid(y[n]*w*x[n])))", {"w": 1.5}, {"x[n]": [-275, 3], "y[n]": [1, -1]}, digits=500),
    "log of what a sigmoid lacks": Case(
        "C = -mean(n, log(1 - sigmoid(y[n]*w*x[n])))", {"w": 1.5}, {"x[n]": [275, 3], "y[n]": [1, -1]}, digits=500
    ),
    "log of 1 - tanh²": Case(
        "a[n] = tanh(w*x[n])\nC = sum(n, log(1 - a[n]**2) - log(1 - tanh(w/x[n])**2))", {"w": 1.5}, {"x[n]": [300.0, 0.002]}, digits=1500
    ),
    "log of a sum of two": Case(
        "C = sum(n, log(exp(w*x[n]) + 2*exp(v*x[n]) + 3))", {"w": 1.0, "v": -2.0}, {"x[n]": [900.0, -900, 0.001]}, digits=2500
    ),
    "log of a weighted sum": Case(
        "C = sum(n, log(y[n]*exp(w*x[n]) + v**2*exp(-w*x[n])) - log(1 + y[n]*exp(w*x[n])) + log(exp(w*x[n]) - y[n]*exp(w*x[n]/2)))",
        {"w": 1.5, "v": -2.0},
        {"x[n]": [600.0, 500, 0.25, -0.25], "y[n]": [0.5, 0, 0.25, 0]},
        digits=900,
    ),
    "log of what an inline softmax lacks": Case(
        "C = -sum(k, y[k]*log(exp(z[k])/sum(k_, exp(z[k_]))) + (1 - y[k])*log(1 - exp(z[k])/sum(k_, exp(z[k_]))))",
        {"z[k]": [0.0, 800, -5]},
        {"y[k]": [1.0, 0, 0.5]},
        digits=1500,
    ),
    "log of what one class of it lacks": Case("C = -log(1 - exp(z[2])/sum(k, exp(z[k])))", {"z[k]": [0.0, -3, 50]}, digits=200),
    "log of what one class of a softmax lacks": Case(
        "q[k] = exp(z[k])/sum(k_, exp(z[k_]))\nC = -log(1 - q[2])", {"z[k]": [0.0, -3, 800]}, digits=1500
    ),
    "with a sum under a name": Case("s = sum(k_, exp(z[k_]))\nC = -sum(k, log(1 - exp(z[k])/s))", {"z[k]": [0.0, -3, 60]}, digits=200),
    "beside what is masked far above": Case(
        "C = log(sum(k, exp(z[k]/2))) - log(sum(k, m[k]*exp(z[k])))",
        {"z[k]": [0.0, 50, 1000]},
        {"m[k]": [0.0, 1, 0]},
        digits=1500,
    ),
    "a recurrence of two before": Case(
        "f[t,k] = log(exp(f[t-1,k]) + q[k]*exp(f[t-1,k-1])) + w[k]*e[t,k]\nf[t,-1] = -1e30\nf[0,k] = where(k == 0, w[0]*e[0,0], -1e30)\n"
        "C = f[2,2] - f[2,1]**2/800",
        {"w[k]": [1.0, -2.0, 0.5]},
        {"e[t,k]": [[300, 1, 2], [2, -500, 100], [400, 3, 50]], "q[k]": [0.5, 1, 2]},
        digits=1500,
    ),
    "a recurrence of sums of exponentials": Case(
        "f[-1,k] = s0[k]\nf[t,k_] = log(sum(k, exp(f[t-1,k] + A[k,k_]))) + e[t,k_]\nC = log(sum(k, exp(f[2,k])))",
        {"s0[k]": [300, -300], "A[k,k_]": [[1, 2], [3, -1]]},
        {"e[t,k]": [[300, 1], [2, -500], [400, 3]]},
        digits=800,
    ),
    "log of an inline softmax": Case(
        SCORES + "C = -mean(n, sum(k, y[n,k]*log(exp(z[n,k])/sum(j, exp(z[n,j])))))",
        {"W[k,i]": W},
        {"x[n,i]": X, "y[n,k]": ROWS, "r[j]": [0, 0, 0]},
        digits=900,
    ),
    "with a temperature": Case(
        SCORES + "p[n,k] = exp(z[n,k]/T)/sum(k_, exp(z[n,k_]/T))\nC = -mean(n, sum(k, y[n,k]*log(p[n,k])))",
        {"W[k,i]": HALF},
        {"x[n,i]": X, "y[n,k]": ROWS},
        {"T": 0.25},
        digits=1300,
    ),
    "of a formula": Case(
        "p[n,k] = exp(sum(i, W[k,i]*x[n,i]))/sum(k_, exp(sum(i, W[k_,i]*x[n,i])))\nC = -mean(n, sum(k, y[n,k]*log(p[n,k])))",
        {"W[k,i]": W},
        {"x[n,i]": X, "y[n,k]": ROWS},
        digits=900,
    ),
    "entropy": Case(SOFTMAX + "C = -mean(n, sum(k, p[n,k]*log(p[n,k])))", **OF_SOFTMAX),
    "mean over exponentials": Case(
        SCORES + "C = sum(n, sum(k, k_0[k]*exp(z[n,k]))/sum(k, exp(z[n,k])))".replace("k_0", "v"),
        {"W[k,i]": W, "v[k]": [1, 2, -3]},
        {"x[n,i]": X},
        digits=900,
    ),
}


@pytest.mark.parametrize("name", SATURATED)
def test_saturated(name: str) -> None:
    assert_right(SATURATED[name])


#: One example alone, as beside others what is lost in its slope would be rounding of theirs.
SMALL_SLOPES = {
    "a logistic cost": Case("C = sum(n, log(1 + exp(-y[n]*s[n])))", {"s[n]": [12.0]}, {"y[n]": [1.0]}),
    "of a single number": Case("C = log(1 + exp(-w))", {"w": 30.0}),
    "of scores": Case("s[n] = sum(i, w[i]*x[n,i])\nC = mean(n, log(1 + exp(-s[n])))", {"w[i]": [2.0, 5.0]}, {"x[n,i]": [[6.0, 1.0]]}),
    "of the other side": Case("C = sum(n, -log(1 - sigmoid(s[n])))", {"s[n]": [-80.0]}, digits=200),
    "twice as much": Case("C = sum(n, 2*log(1 + exp(s[n]/2)))", {"s[n]": [-40.0]}),
}


@pytest.mark.parametrize("name", SMALL_SLOPES)
def test_a_small_slope_has_all_its_digits(name: str) -> None:
    """1 − σ(12) of six digits in single precision has one."""
    assert_right(SMALL_SLOPES[name])


def test_what_overflows_under_a_name_is_not_added_to_1() -> None:
    case = Case("e[n] = exp(-w*x[n])\nC = sum(n, log(1 + e[n]))", {"w": -1.5}, {"x[n]": [600.0, 1.0, -600.0]}, digits=900)
    assert_right(case, {**WARNINGS, "over": "ignore"})


HIDDEN = "h[n,j] = tanh(sum(i, V[j,i]*x[n,i]))\n"
BINARY = "C = -mean(n, y[n]*log(o[n]) + (1 - y[n])*log(1 - o[n]))"
BIG: dict[str, ArrayLike] = {"V[j,i]": [[1.0, 2.0, 3.0], [2.0, 3.0, 1.0]], "w[j]": [400.0, -30.0]}

SCALED = {
    "a sigmoid of a formula": Case(
        HIDDEN + "o[n] = sigmoid(sum(j, w[j]*h[n,j]))\n" + BINARY, BIG, {"x[n,i]": X, "y[n]": [1, 0]}, digits=900
    ),
    "with a temperature": Case(
        HIDDEN + "o[n] = sigmoid(sum(j, w[j]*h[n,j])/T)\n" + BINARY, BIG, {"x[n,i]": X, "y[n]": [0, 0.5]}, {"T": 0.5}, digits=1900
    ),
    "a recurrence of sigmoids": Case(
        "h[-1] = h0\nh[t] = sigmoid(w*h[t-1] + x[t])\nC = -sum(t, log(h[t])) - log(1 - h[2])",
        {"w": 30, "h0": 2},
        {"x[t]": [-800, 30, 400]},
        digits=1000,
    ),
    "a product of two": Case(
        "a[n] = sigmoid(w[0]*x[n,0])\nb[n] = sigmoid(w[1]*x[n,1])\nC = -mean(n, log(a[n]*b[n]))",
        {"w[i]": [-500, 1000, 0]},
        {"x[n,i]": X},
        digits=1300,
    ),
    "focal, constant": Case(
        "p[n] = sigmoid(w[n]*x[n])\nC = -sum(n, (1 - p[n])**g*log(p[n]))",
        {"w[n]": [1.5, 0, -1, 1]},
        {"x[n]": [800, 2, 300, -500]},
        {"g": 2},
        digits=1300,
    ),
    "focal, a number": Case(
        "p[n] = sigmoid(w[n]*x[n])\nC = -sum(n, (1 - p[n])**2.5*log(p[n]))",
        {"w[n]": [1.5, 0, -1, 1]},
        {"x[n]": [800, 2, 300, -500]},
        digits=1300,
    ),
    "a hyperbolic tangent": Case(
        "a[n] = tanh(w*v*x[n])\nC = sum(n, log(1 - a[n]**2)*y[n])", {"w": 1.5, "v": 1.0}, {"x[n]": [300, -0.5], "y[n]": [1, 2]}, digits=1300
    ),
    "one that two softmaxes share": Case(
        SOFTMAX + "q[n,k] = exp(-2*z[n,k])/sum(k_, exp(-2*z[n,k_]))\nC = mean(n, sum(k, p[n,k]*log(p[n,k]/q[n,k])))",
        {"W[k,i]": HALF},
        {"x[n,i]": X},
        digits=1300,
    ),
    "a class that is given": Case(
        "t[n,k] = a[k]*x[n]\ns[n,k] = exp(t[n,k])/sum(k_, exp(t[n,k_]))\nC = mean(n, 0.5*log(s[n,1]))",
        {"a[k]": [0.5, -1, -1]},
        {"x[n]": [400, -400]},
        digits=1100,
    ),
    "a sum of probabilities": Case(
        "z[n] = w*x[n]\np[n] = sigmoid(z[n] + v)\nC = mean(n, log(sigmoid(2*z[n])**2 + p[n]**2/2))",
        {"w": 0.5, "v": -1},
        {"x[n]": [700, -700]},
        digits=1900,
    ),
    "a class that no example has": Case(
        "k[n,e] = where(g[n,e] > 0, exp(g[n,e]), 0)\np[n,e] = k[n,e]/sum(e_, k[n,e_])\n"
        "s[e] = sum(n, p[n,e])\nC = sum(e, (e + 1)*s[e]**3)/sum(e, s[e])**2",
        {"g[n,e]": [[1.0, -1, 2], [3, -2, 0.5]]},
    ),
    "exponents of which SymPy leaves exp(u) exp(-u) as it is": Case(
        "C = sum(k, exp(w[k] + pi*w[k])*sum(j, x[j]*exp(w[j] + pi*w[j])/sum(k_, exp(w[k_] + pi*w[k_]))))",
        {"w[k]": [0.25, -1.0, 0.5]},
        {"x[j]": [1.0, 2.0, -3.0]},
    ),
    "softmax in six equations": Case(
        SCORES
        + "m[n] = max(k, z[n,k])\nu[n,k] = z[n,k] - m[n]\nc[n,k] = exp(u[n,k])\ns[n] = sum(k, c[n,k])\n"
        + "r[n] = 1/s[n]\np[n,k] = c[n,k]*r[n]\nl[n,k] = log(p[n,k])\nC = -mean(n, sum(k, y[n,k]*l[n,k]))",
        {"W[k,i]": [[300.0, 600.0, 900.0], [600.0, -900.0, 300.0], [0.0, 0.0, 1.0]]},
        {"x[n,i]": X, "y[n,k]": ROWS},
        digits=2600,
    ),
    "a mixture": Case(
        SOFTMAX + "g[n,k] = exp(-(x[n,0] - m[k])**2/2)\nC = -mean(n, log(sum(k, p[n,k]*g[n,k])))",
        {"W[k,i]": HALF, "m[k]": [40.0, -30.0, 20.0]},
        {"x[n,i]": X},
        digits=1300,
    ),
    "sigmoids over their sum": Case(
        SCORES + "a[n,k] = sigmoid(-z[n,k] - 800)\nr[n,k] = a[n,k]/sum(k_, a[n,k_])\nC = mean(n, sum(k, v[k]*r[n,k]))",
        {"W[k,i]": [[1.0, 2.0, 3.0], [1.5, 2.5, 2.0], [2.0, 1.0, 3.5]], "v[k]": [1.0, 2.0, 4.0]},
        {"x[n,i]": X},
        digits=900,
    ),
    "one example": Case(HIDDEN + "o[n] = sigmoid(sum(j, w[j]*h[n,j]))\n" + BINARY, BIG, {"x[n,i]": X[:1], "y[n]": [0]}, digits=900),
}


@pytest.mark.parametrize("name", SCALED)
def test_what_all_readers_multiply_by_is_not_divided_by(name: str) -> None:
    assert_right(SCALED[name])


def test_a_scaled_adjoint_says_what_it_is() -> None:
    case = SCALED["a sigmoid of a formula"]
    source = module_source(derive(system_from_equations(case.equations, **case.described())))
    assert "# do_scaled[n] = do[n] o[n] (1 - o[n]) = (o[n] - y[n]) / 2" in source
    assert "/ o" not in source


MASK: dict[str, Any] = {
    "parameters": {"w[k]": [1.0, 2.0, 3.0], "v[k]": [1.0, 2.0, 3.5]},
    "data": {"x[n,k]": X, "m[n,k]": [[1, 1, 0], [0, 1, 1]], "r[n,k]": [[0, 1, 0], [0, 1, 1]]},
    "digits": 100,
}
MASKED = "\np[n,k] = exp(S[n,k])/sum(k_, exp(S[n,k_]))\nC = sum(n, k, p[n,k]*v[k]*(1 + r[n,k]))"
MASKS = {
    "subtracted": "S[n,k] = w[k]*x[n,k] + 1e9*(m[n,k] - 1)",
    "turned": "S[n,k] = w[k]*x[n,k] - 1e9*(1 - m[n,k])",
    "of two": "S[n,k] = 1e9*(m[n,k] + r[n,k] - 2) + w[k]*x[n,k] + 0.125",
    "two apart": "S[n,k] = 1e9*(m[n,k] - 1) + w[k]*x[n,k] - 1e8*(1 - r[n,k])",
    "by half": "S[n,k] = w[k]*x[n,k] + (2e9*m[n,k] - 1e9) - 1e9",
    "over a temperature": "S[n,k] = (w[k]*x[n,k] + 1e9*(m[n,k] - 1))/2",
    "without a number": "S[n,k] = 1e7*m[n,k] + w[k]*x[n,k] - 1e7*max(k_, m[n,k_])",
}


@pytest.mark.parametrize("name", MASKS)
def test_a_large_number_is_not_multiplied_out(name: str) -> None:
    assert_right(Case(MASKS[name] + MASKED, **MASK))


NORMS = {
    "in the cost": Case("C = sum(n, sqrt(sum(i, (w[i]*x[n,i])**2)))", {"w[i]": [1, 2, 3]}, {"x[n,i]": [[0, 0, 0], [1, -1, 2]]}),
    "by its name and that of its square": Case(
        "d[n,i] = w[i]*x[n,i]\ns[n] = sum(i, d[n,i]**2)\nr[n] = sqrt(s[n])\nC = sum(n, r[n])",
        {"w[i]": [1, 2, 3]},
        {"x[n,i]": [[0, 0, 0], [1, -1, 2]]},
    ),
    "of all differences": Case(
        "z[n,i] = w[i]*x[n,i]\nC = sum(n, sum(n_, sqrt(sum(i, (z[n,i] - z[n_,i])**2))))",
        {"w[i]": [1, 2, 3]},
        {"x[n,i]": [[0, 0, 0], [1, -1, 2], [1, -1, 2]]},
    ),
    "in a hinge": Case(
        "C = sum(n, maximum(1 - sqrt(sum(i, (w[i]*x[n,i])**2)), 0)**2)", {"w[i]": [1, 2, 3]}, {"x[n,i]": [[0, 0, 0], [0.1, -0.1, 0.2]]}
    ),
    "of which one divides, with a rest": Case(
        "r[n] = sqrt(sum(i, (w[i]*x[n,i])**2))\nu[n,i] = w[i]*x[n,i]/(r[n] + 0.125)\nC = sum(n, sum(i, u[n,i]*v[i]))",
        {"w[i]": [1, 2, 3], "v[i]": [1, 2, 4]},
        {"x[n,i]": [[0, 0, 0], [1, -1, 2]]},
    ),
    "root of a mean": Case("C = sum(n, sqrt(mean(i, (w[i]*x[n,i])**2)))", {"w[i]": [1, 2, 3]}, {"x[n,i]": [[0, 0, 0], [1, -1, 2]]}),
    "root of a magnitude": Case("C = sum(n, abs(w*x[n])**0.5 + abs(w*x[n])**g)", {"w": 1.5}, {"x[n]": [0, 2]}, {"g": 0.75}),
    "in a recurrence": Case("h[-1] = h0\nh[t] = sqrt((w*h[t-1])**2 + x[t]**2)\nC = sum(t, h[t])", {"w": 1.5, "h0": 0}, {"x[t]": [0, 0, 2]}),
}


@pytest.mark.parametrize("name", NORMS)
def test_a_norm_of_0_has_slope_0(name: str) -> None:
    """The differences on both sides of the kink are equal, and their mean is 0."""
    assert_right(NORMS[name])


@pytest.mark.parametrize("name", NORMS)
def test_the_interpreter_takes_the_same_slopes(name: str) -> None:
    case = NORMS[name]
    derivation = derive(system_from_equations(case.equations, constants=case.constants, **case.described()))
    given = {_name(declared): np.asarray(values, complex) for declared, values in {**case.parameters, **case.data}.items()}
    numbers = forward(derivation.system, given, case.sizes)
    numbers = solved([adjoint.equation for adjoint in derivation.adjoints.values()], numbers)
    module = load(derivation, verify=False)
    params = module.Parameters(*(np.asarray(values, float) for values in case.parameters.values()))
    _, gradients = module.cost_and_gradients(params, *(np.asarray(values, float) for values in case.data.values()))
    for tensor, slope in zip(derivation.system.parameters, gradients, strict=True):
        np.testing.assert_allclose(numbers.arrays[derivation.system.adjoint_name(tensor.name)], slope, rtol=1e-12)
        assert compared_adjoint(derivation.adjoint(tensor.name), numbers).error < 1e-9


def test_what_the_network_itself_divides_by_a_norm_of_0_has_no_value() -> None:
    derivation = derive(system_from_equations("r = sqrt(sum(i, w[i]**2))\nC = 1/r", ["w[i]"], [], [], sizes={"i": 3}))
    module = load(derivation, verify=False)
    with np.errstate(divide="ignore"):
        assert module.cost(module.Parameters(np.zeros(3))) == np.inf


def test_equal_pairs_of_the_built_in_contrastive_cost() -> None:
    """(1 − y) r²/2 + y max(1 − r, 0)²/2 with r = 0 for the first pair: whatever y is, its gradient is 0."""
    derivation = derive(Network(**TOGETHER["siamese"]))
    first, other = np.array([[1.0, 2.0, 3.0], [0.5, -0.25, 0.5]]), np.array([[1.0, 2.0, 3.0], [0.25, 0.5, -0.5]])
    for style in ("plain", "fast"):
        module = load(derivation, style=style, verify=False)
        params = module.init(np.random.default_rng(0))
        cost, gradients = module.cost_and_gradients(params, first, other, np.array([1.0, 0.875]))
        alone, expected = module.cost_and_gradients(params, first[1:], other[1:], np.array([0.875]))
        assert cost == pytest.approx((0.5 + alone) / 2, rel=1e-12)
        for found, slope in zip(gradients, expected, strict=True):
            np.testing.assert_allclose(found, slope / 2, rtol=1e-12, atol=1e-15)


ONE_BEFORE = "p[t] = sigmoid(w*x[t])*(p[t-1] + where(t < 1, 1, 0))\n"
TWO_BEFORE = "p[t] = exp(w*x[t])*(p[t-1] + p[t-2] + where(t < 1, 1, 0))\n"


@pytest.mark.parametrize("equation", [ONE_BEFORE, TWO_BEFORE])
@pytest.mark.parametrize("steps", [3, 211])
def test_the_logarithm_of_the_last_step_of_a_recurrence(equation: str, steps: int) -> None:
    """By the steps before where that is short, and as it stands of many steps, or of some that each read two."""
    x, w = np.cos(np.arange(steps)), 0.75 + 1e-30j
    p: list[complex] = []
    for t in range(steps):
        if equation == ONE_BEFORE:
            p.append(1 / (1 + np.exp(-w * x[t])) * (p[t - 1] if t else 1))
        else:
            p.append(np.exp(w * x[t]) * ((p[t - 1] if t else 1) + (p[t - 2] if t > 1 else 0)))
    right = -np.log(p[-1])
    equations = f"{equation}C = -log(p[{steps - 1}])"
    derivation = derive(system_from_equations(equations, inputs=["x[t]"], parameters=["w"], sizes={"t": steps}))
    for style in ("plain", "fast"):
        module = load(derivation, style=style, verify=False)
        cost, gradients = module.cost_and_gradients(module.Parameters(np.array(0.75)), x)
        assert cost == pytest.approx(right.real, rel=1e-12)
        assert gradients.w == pytest.approx(right.imag / 1e-30, rel=1e-10)
