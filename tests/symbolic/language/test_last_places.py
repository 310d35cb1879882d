"""Entries at the end of an axis by equations of their own: h[T-1] = … beside h[t] = …, held against loops in plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainrule import Network, derive
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.system.system import System


def system(equations: str, **given: Any) -> System:
    return Network.from_equations(equations, **({"parameters": ["w[t]", "v[t]"]} | given))


BACK = "h[T-1] = w[T-1]**2\nh[t] = h[t+1]*v[t]\nC = sum(t, h[t]*t)"


def backwards(w: np.ndarray, v: np.ndarray) -> float:
    state = w[-1] ** 2
    total = state * (len(w) - 1)
    for t in range(len(w) - 2, -1, -1):
        state = state * v[t]
        total += state * t
    return float(total)


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("sizes", [{}, {"t": 5}])
def test_a_recurrence_that_runs_back(sizes: dict[str, int], style: str) -> None:
    module = checked_module(derive(system(BACK, sizes=sizes)), style=style).module
    for length in [5] if sizes else [1, 2, 5]:
        numbers = np.random.default_rng(length)
        w, v = numbers.normal(size=length), numbers.normal(size=length)
        cost, gradients = module.cost_and_gradients(module.Parameters(w, v))
        assert cost == pytest.approx(backwards(w, v))
        step = 1e-6
        for name in ("w", "v"):
            for place in range(length):
                moved = [{"w": w.copy(), "v": v.copy()} for _ in range(2)]
                moved[0][name][place] += step
                moved[1][name][place] -= step
                slope = (backwards(**moved[0]) - backwards(**moved[1])) / (2 * step)
                assert getattr(gradients, name)[place] == pytest.approx(slope, abs=1e-7)


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_several_last_places_and_two_axes(style: str) -> None:
    """The line that is written first says the corner."""
    table = "D[T-1,s] = w[s]\nD[t,S-1] = v[t]\nD[t,s] = D[t+1,s] + D[t,s+1]*u\nC = D[0,0]"
    module = checked_module(derive(system(table, parameters=["w[s]", "v[t]", "u"])), style=style).module
    w, v, u = np.array([2.0, 3.0, 5.0]), np.array([7.0, 11.0]), 0.5
    found = module.cost(module.Parameters(w, v, np.array(u)))
    # D[1,:] = w, D[0,2] = v[0], D[0,1] = w[1] + u v[0], D[0,0] = w[0] + u D[0,1]
    assert found == pytest.approx(2 + u * (3 + u * 7))
    two = "h[T-1] = w[T-1]\nh[T-2] = 3*v[T-2]\nh[t] = h[t+1] + h[t+2]\nC = h[0]"
    module = checked_module(derive(system(two)), style=style).module
    assert module.cost(module.Parameters(np.arange(4.0), np.arange(4.0))) == pytest.approx(2 * 3 * 2 + 3)


def test_beyond_the_last_place() -> None:
    beyond = "h[T] = w[T-1]**2\nh[t] = h[t+1]*v[t]\nC = sum(t, h[t])"
    assert "h[3] = w[2]**2" in LanguageText(system(beyond, sizes={"t": 3})).equations()
    with pytest.raises(InvalidDescription, match=r"h\[T\] lies behind the last place; give the axis a number, as in sizes = \{ t = 5 \}"):
        system(beyond)


def test_what_is_printed_is_read_again() -> None:
    first = system(BACK)
    again = system(LanguageText(first).equations())
    assert again.equations == first.equations


def test_a_letter_may_be_a_capital() -> None:
    printed = LanguageText(system("v[K+2] = w[K]\nC = sum(k, v[k]**2)", parameters=["w[K]"])).equations()
    assert printed.startswith("v[K + 2] = w[K]")
    printed = LanguageText(
        system("a[K] = w[K]**2\nb[K] = a[K]*2\nC = sum(K, b[K]) + sum(k, u[k]**2)", parameters=["w[K]", "u[k]"])
    ).equations()
    assert "b[K] = 2*a[K]" in printed


@pytest.mark.parametrize(
    ("equations", "message"),
    [
        (
            "h[T-2] = w[T-1]\nh[t] = h[t+1]*v[t]\nC = sum(t, h[t])",
            "equations for the places N_t - 2 alone, expected the last ones of the axis",
        ),
        ("h[T-1] = w[T-1]**2\nC = sum(t, h[t]*v[t])", r"h\[T-1\] is one entry; an equation for h\[t\] says the others"),
    ],
)
def test_wrong_places(equations: str, message: str) -> None:
    with pytest.raises(InvalidDescription, match=message):
        system(equations)
