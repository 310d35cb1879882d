"""exp(u) - 1 and log(1 + u) keep their digits where u is near 0, however they are written; values by mpmath."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from chainrule import Dense, Network, derive
from chainrule.codegen.checking.loading import load

#: In the language, and with the digits of mpmath.
FORMULAS = {
    "exp(w) - 1": lambda w: mpmath.expm1(w),
    "expm1(w)": lambda w: mpmath.expm1(w),
    "1 - exp(-w)": lambda w: -mpmath.expm1(-w),
    "3*exp(2*w) - 3": lambda w: 3 * mpmath.expm1(2 * w),
    "log(1 + w)": lambda w: mpmath.log1p(w),
    "log1p(w)": lambda w: mpmath.log1p(w),
    "log(1 - w**2)": lambda w: mpmath.log1p(-(w**2)),
    "(exp(w) - 1)/w": lambda w: mpmath.expm1(w) / w,
    "where(w > 0, w, 2*(exp(w) - 1))": lambda w: w if w > 0 else 2 * mpmath.expm1(w),
}


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("value", [1e-13, -3e-11, 0.5, -0.75])
def test_digits_near_0(value: float, style: str) -> None:
    lines = [f"f{number} = {formula}".replace("w", f"w[{number}]") for number, formula in enumerate(FORMULAS)]
    equations = "\n".join(lines).replace(f"w[{len(FORMULAS) - 1}]here", "where")
    total = " + ".join(f"v[{number}]*f{number}" for number in range(len(FORMULAS)))
    system = Network.from_equations(f"{equations}\nC = {total}", ["w[i]", "v[i]"], sizes={"i": len(FORMULAS)})
    module = load(derive(system), style=style)
    _, gradients = module.cost_and_gradients(module.Parameters(np.full(len(FORMULAS), value), np.ones(len(FORMULAS))))
    with mpmath.workdps(50):
        exact = [float(formula(mpmath.mpf(value))) for formula in FORMULAS.values()]
    np.testing.assert_allclose(gradients.v, exact, rtol=4e-16 * 4)


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_a_layer_of_elu(style: str) -> None:
    module = load(derive(Network(1, [Dense(1, "elu")], "a*y")), style=style)
    cost = module.cost(module.Parameters(np.ones((1, 1)), np.zeros(1)), np.full((1, 1), -1e-12), np.ones((1, 1)))
    assert cost == pytest.approx(-1e-12, rel=1e-15)


def test_below_minus_one_a_case_leaves_the_logarithm_out() -> None:
    """In fast style what is left out is multiplied by 0 where it is finite, which log(1 + u) is not for u = -1."""
    system = Network.from_equations("C = sum(i, where(w[i] > -1, log(1 + w[i])*v[i], 0))", ["w[i]", "v[i]"])
    for style in ("plain", "fast"):
        module = load(derive(system), style=style)
        with np.errstate(all="ignore"):
            cost, gradients = module.cost_and_gradients(module.Parameters(np.array([-1.0, -2.0, 1.0]), np.ones(3)))
        assert cost == pytest.approx(np.log(2))
        np.testing.assert_allclose(gradients.w, [0, 0, 0.5])
        np.testing.assert_allclose(gradients.v, [0, 0, np.log(2)])
