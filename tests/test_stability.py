"""Where the cost and its gradients are numbers, the modules give these numbers: powers at 0, saturated sigmoids and softmaxes, norms at 0.

Everything is held against numbers of hundreds of digits and unlimited exponents, in both styles and both types.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import multiprecision
import numpy as np
import pytest
from numpy.typing import ArrayLike

from codegen.loading import load
from symbolic import derive
from symbolic.declared import system_from_equations


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


def _letters(declared: str) -> list[str]:
    _, _, letters = declared.rstrip("]").partition("[")
    return letters.split(",") if letters else []


def _name(declared: str) -> str:
    return declared.partition("[")[0]


def assert_right(case: Case) -> None:
    given = {_name(declared): values for declared, values in {**case.parameters, **case.data}.items()}
    names = list(map(_name, case.parameters))
    cost, gradients = multiprecision.cost_and_gradients(case.equations, case.sizes, given, names, case.constants, case.digits)
    derivation = derive(system_from_equations(case.equations, constants=case.constants, **case.described()))
    for style in ("plain", "fast"):
        module = load(derivation, style=style)
        for dtype, tolerance in (("float64", 1e-9), ("float32", 2e-4)):
            params = module.Parameters(*(np.asarray(values, dtype) for values in case.parameters.values()))
            with np.errstate(all="ignore"):
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
