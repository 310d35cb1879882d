"""Random compositions of sigmoids, softmaxes, exponentials, logarithms and quotients, at logits that saturate all of them.

Wherever the exact cost and gradients are moderate numbers, those of the modules are these numbers.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import multiprecision
import numpy as np
import pytest

from chainrule import derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.language.system_reader import system_from_equations

LOGITS = [0.0, 1.0, -1.0, 30.0, -30.0, 700.0, -700.0]
ARGUMENTS = ["z[n]", "-z[n]", "z[n]/2", "z[n]*v", "z[n] + v", "2*z[n]", "z[n] - q[n]"]
FORMS = [
    "log(A)",
    "log(A*B)",
    "log(A/B)",
    "y[n]*log(A) + (1 - y[n])*log(B)",
    "A*log(A)",
    "log(A + B)",
    "A*log(B)",
    "(1 - A)**2*log(A)",
    "A/(A + B)",
    "log(A) - log(B)",
    "log(A**2)",
    "log(1 + A)",
    "log(A + B/2)",
    "A*log(A/B)",
]
OF_SOFTMAX = [
    "0",
    "0.5*log(s[n,1])",
    "s[n,0]*log(s[n,0])",
    "-sum(k, s[n,k]*log(s[n,k]))",
    "log(sum(k, exp(t[n,k])))",
    "log(sum(k, s[n,k]*a[k]**2))",
]
PARAMETERS = ["w", "v", "b", "a[k]"]
#: Beyond the logarithm of these, differences of 10^−1300 do not reach.
DIGITS = 2600


@dataclass(frozen=True)
class Composition:
    equations: str
    parameters: list[object]
    x: list[float]
    y: list[float]


def _probability(draw: random.Random) -> str:
    argument, other = draw.choice(ARGUMENTS), draw.choice(["q[n]", "-q[n]", "v"])
    return draw.choice(
        [
            f"sigmoid({argument})",
            f"(1 - sigmoid({argument}))",
            "p[n]",
            "(1 - p[n])",
            "s[n,0]",
            f"exp({argument})",
            f"exp({argument})/(exp({argument}) + exp({other}))",
            f"sigmoid({argument})**{draw.choice(['2', '0.5', '3'])}",
        ]
    )


def composition(seed: int) -> Composition:
    draw = random.Random(seed)
    form = draw.choice(FORMS).replace("A", f"({_probability(draw)})").replace("B", f"({_probability(draw)})")
    scores = draw.choice(["t[n,k]", "t[n,k]/2", "2*t[n,k]"])
    lines = [
        "z[n] = w*x[n]",
        "q[n] = v*x[n] + b",
        draw.choice(["p[n] = sigmoid(z[n])", "p[n] = sigmoid(w*x[n] + b)"]),
        "t[n,k] = a[k]*x[n]",
        f"s[n,k] = exp({scores})/sum(k_, exp({scores.replace('k', 'k_')}))",
        f"C = mean(n, {form} + {draw.choice(OF_SOFTMAX)})",
    ]
    x = [draw.choice(LOGITS) for _ in range(draw.choice([1, 2]))]
    y = [draw.choice([0.0, 1.0, 0.5]) for _ in x]
    parameters = [draw.choice([1.0, -1.0, 0.5]), draw.choice([1.0, -1.0, 0.25]), draw.choice([0.0, 1.0])]
    return Composition("\n".join(lines), [*parameters, [draw.choice([1.0, -1.0, 0.5]) for _ in range(3)]], x, y)


@pytest.mark.parametrize("seed", range(20))
def test_compositions(seed: int) -> None:
    made = composition(seed)
    names = [declared.partition("[")[0] for declared in PARAMETERS]
    given = {**dict(zip(names, made.parameters, strict=True)), "x": made.x, "y": made.y}
    sizes = {"k": 3, "n": len(made.x)}
    digits = DIGITS if max(map(abs, made.x)) > 100 else 200
    cost, gradients = multiprecision.cost_and_gradients(made.equations, sizes, given, names, {}, digits)
    if not all(np.all(np.isfinite(value)) and np.max(np.abs(value)) < 1e100 for value in (cost, *gradients)):
        pytest.skip("no moderate numbers")
    derivation = derive(system_from_equations(made.equations, PARAMETERS, ["x[n]", "y[n]"], [], sizes={"k": 3}))
    scale = max(1.0, *(float(np.max(np.abs(gradient))) for gradient in gradients))
    for style in ("plain", "fast"):
        module = load(derivation, style=style, verify=False)
        params = module.Parameters(*(np.asarray(values, float) for values in made.parameters))
        with np.errstate(all="ignore"):
            found, slopes = module.cost_and_gradients(params, np.array(made.x), np.array(made.y))
        assert found == pytest.approx(cost, rel=1e-9, abs=1e-9), style
        for slope, expected in zip(slopes, gradients, strict=True):
            np.testing.assert_allclose(slope, expected, rtol=1e-8, atol=1e-8 * scale, err_msg=style)
