"""exp, tanh and erf of modules in C: of vectors and of what is left behind them, those of libm, far from 0 too."""

from __future__ import annotations

import math
import platform

import numpy as np
import pytest
from test_c import STRICT

from chainrule import derive
from chainrule.codegen.backends.registry import module_files
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.language.system_reader import system_from_equations

FUNCTIONS = {"exp": np.exp, "tanh": np.tanh, "erf": np.vectorize(math.erf)}
#: What is not far from overflow, underflow, numbers without all digits, and limits of the functions.
NEAR = [0.0, -0.0, 1e-30, 1e-4, -0.34, 0.5, -2.3, 3.9, 4.1, -6.2, 9.9, -10.1, 21.0, -37.0, 71.0, -86.9, -87.5, 88.5, 89.5, -95.0, -105.0]
FAR = [-103.0, -709.0, 709.5, 711.0, -740.0, -747.0, 1e4, -1e30, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("flags", ["-O3 -march=native", "-O2 -mno-avx512f -mavx2 -mfma", "-O2 -mno-avx", "-O2 -DNETWORK_PLAIN"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_those_of_libm(name: str, flags: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "avx" in flags and platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("only x86 has these vectors")
    monkeypatch.setenv("CHAINRULE_CFLAGS", f"{STRICT} {flags}")
    values = [*NEAR, *FAR, *np.linspace(-9, 9, 67), *np.linspace(-0.4, 0.4, 29)]
    equations = f"a[n,i] = {name}(w[i]*x[n,i])\nC = mean(n, sum(i, a[n,i]))"
    system = system_from_equations(equations, ["w[i]"], ["x[n,i]"], sizes={"i": len(values)}, batch="n")
    derivation = derive(system)
    assert f" = vectors_{name}(" in module_files(derivation, style="c").beside["network.c"]
    module = load(derivation, target="c", verify=False)
    for kind in (np.float32, np.float64):
        x = np.array([values, values[::-1]]).astype(kind)
        with np.errstate(all="ignore"):
            wanted = FUNCTIONS[name](x.astype(np.float64)).astype(kind)
        found = module.forward(module.Parameters(np.ones(len(values), kind)), x).a
        # Of numbers that have not all digits, the last ones.
        smallest = np.nextafter(kind(0), kind(1))
        np.testing.assert_allclose(found, wanted, rtol=6 * np.finfo(kind).eps, atol=2 * smallest)
