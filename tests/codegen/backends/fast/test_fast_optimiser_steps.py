"""Optimisers in place: lines that write over what they update, with few arrays for intermediate values."""

from __future__ import annotations

import re

import numpy as np
import pytest

from chainrule.codegen.backends.fast.source.optimisers import optimiser_steps
from chainrule.symbolic.layers.optimisers import OPTIMISERS, Optimiser


def test_momentum_writes_over_its_state_and_the_parameters() -> None:
    assert optimiser_steps(OPTIMISERS["momentum"]).lines == (
        "# v := beta v + (1 - beta) g",
        "np.multiply(v, beta, out=v)",
        "np.multiply(g, 1 - beta, out=work1)",
        "np.add(v, work1, out=v)",
        "# w := w - eta v",
        "np.multiply(v, eta, out=work1)",
        "np.subtract(w, work1, out=w)",
    )


@pytest.mark.parametrize("name", OPTIMISERS)
def test_gradients_are_not_written_over(name: str) -> None:
    written = set(re.findall(r"out=(\w+)", " ".join(optimiser_steps(OPTIMISERS[name]).lines)))
    steps = optimiser_steps(OPTIMISERS[name])
    assert written <= {"w", *OPTIMISERS[name].state, *(f"work{number + 1}" for number in range(steps.work))}


#: Formulas in which old values are read late, or are needed again.
CASES = {
    "old value read last": Optimiser("a", "a", (("v", "g*(1 - eta) + v**2 + v*g"), ("w", "w - eta*v*w")), ("v",), {"eta": 0.1}),
    "shared part": Optimiser("b", "b", (("v", "v*beta + w*g"), ("w", "w - eta*(w*g) - v")), ("v",), {"eta": 0.1, "beta": 0.9}),
    "old product kept": Optimiser("c", "c", (("s", "s*eta"), ("v", "s + v*eta"), ("w", "w*eta + s/(v**2 + 1)")), ("s", "v"), {"eta": 0.3}),
    "a mere copy": Optimiser("d", "d", (("v", "g"), ("w", "w - v")), ("v",), {"eta": 0.1}),
}


@pytest.mark.parametrize("case", [*CASES, *OPTIMISERS])
def test_lines_compute_the_formulas(case: str) -> None:
    optimiser = CASES.get(case) or OPTIMISERS[case]
    rng = np.random.default_rng(0)
    arrays = {name: rng.uniform(0.1, 1, 7) for name in ("w", "g", *optimiser.state)}
    expected = {name: array.copy() for name, array in arrays.items()} | dict(optimiser.constants) | {"t": 3}
    for name, text in optimiser.updates:
        expected[name] = eval(text, {"sqrt": np.sqrt}, expected)
    steps = optimiser_steps(optimiser)
    work = {f"work{number + 1}": np.empty(7) for number in range(steps.work)}
    exec("\n".join(steps.lines), {"np": np}, {**arrays, **work, **optimiser.constants, "t": 3})
    for name, array in arrays.items():
        assert np.allclose(array, expected[name], rtol=1e-13), name
