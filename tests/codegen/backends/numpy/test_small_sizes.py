"""Every module at every small size of its open axes, shorter than its shifts among them: fast against plain, plain against the interpreter.

Systems of the corpus, and random ones whose sizes are left open wherever arrays can tell them.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import count, islice
from typing import Any

import numpy as np
import pytest
from derived_networks import derived
from equation_networks import NETWORKS
from every_call import Calls, given_arrays, small_sizes_of
from random_systems import RandomSystem, random_system

from chainrule import InvalidDescription, Network, derive, load
from chainrule.symbolic.checking.solving import forward, solved
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System

SMALL = (1, 2, 3, 5)
MOST_SIZES = 6
SYSTEMS = 40
LONGEST_TEXT = 240
#: Recurrences whose steps read further back than an axis is long, and other axes.
SHIFTED: dict[str, dict[str, Any]] = {
    "two steps back": {"equations": "h[t] = tanh(w*h[t-2] + x[t])*z[t-1] + 1\nC = sum(t, h[t]**2)", "inputs": ["x[t]", "z[t]"]},
    "two steps back, another axis": {
        "equations": "h[t] = tanh(w*h[t-2] + x[t])*z[t-1] + 1\nC = sum(t, h[t]**2)",
        "inputs": ["x[t]", "z[s]"],
    },
    "three steps back with boundary values": {
        "equations": "h[t] = sin(w*h[t-3] + x[t])\nh[-1] = a\nh[-3] = a*w\nC = sum(t, h[t]**2)",
        "inputs": ["x[t]", "a"],
    },
    "forwards and backwards": {
        "equations": "h[t] = tanh(w*h[t-1] + x[t-2])\ng[t] = tanh(w*g[t+3] + h[t+1])\nC = mean(t, g[t]*h[t-1])",
        "inputs": ["x[t]"],
    },
    "an entry before the last": {
        "equations": "h[t] = tanh(w*h[t-1] + x[t])\nu[i] = h[i]*y[i]\nC = sum(i, u[i+1])",
        "inputs": ["x[t]", "y[i]"],
    },
    "two that read each other": {
        "equations": "h[t] = tanh(w*c[t-1] + x[t])\nc[t] = c[t-2]/2 + h[t]*x[t+1]\nC = sum(t, c[t]**2)",
        "inputs": ["x[t]"],
    },
}


@cache
def opened_systems() -> list[RandomSystem]:
    """Random systems with as many sizes left open as there can be."""
    return list(islice((made for made in map(opened, map(random_system, count(20_000))) if made is not None), SYSTEMS))


def opened(made: RandomSystem) -> RandomSystem | None:
    """The system without the sizes that its arrays tell; None of long ones and of those that have none."""
    if len(made.description["equations"]) > LONGEST_TEXT:
        return None
    sizes = dict(made.description["sizes"])
    given = {
        axis
        for role in ("inputs", "targets", "parameters")
        for text in made.description.get(role, [])
        for axis in re.findall(r"\w+", text)[1:]
    }
    for axis in sorted(given & set(made.axes.values())):
        fewer = {letter: size for letter, size in sizes.items() if made.axes[letter] != axis}
        try:
            system_from_equations(**{**made.description, "sizes": fewer})
        except InvalidDescription:
            continue
        sizes = fewer
    if len(sizes) == len(made.sizes):
        return None
    made.description["sizes"] = sizes
    return made


def assert_right(derivation: Derivation) -> None:
    calls, tried = Calls(derivation), 0
    for sizes in small_sizes_of(derivation.system, SMALL, MOST_SIZES):
        if calls.assert_both_refuse(sizes):
            continue
        calls.assert_alike(sizes)
        assert_as_defined(derivation, calls, sizes)
        tried += 1
    assert tried


def assert_as_defined(derivation: Derivation, calls: Calls, sizes: dict[str, int]) -> None:
    """The plain module's cost and gradients are what the equations and their adjoints give, read node by node."""
    system: System = derivation.system
    arrays = given_arrays(system, sizes, 7)
    params, inputs, targets = calls.arguments(calls.plain, arrays)
    with np.errstate(all="ignore"):
        found, gradients = calls.plain.cost_and_gradients(params, *inputs, *targets)
        complex_arrays = {name: array if array.dtype.kind == "i" else array.astype(complex) for name, array in arrays.items()}
        numbers = solved([adjoint.equation for adjoint in derivation.adjoints.values()], forward(system, complex_arrays, sizes))
    expected = {system.cost.tensor.name: found, **{system.adjoint_name(name): array for name, array in gradients._asdict().items()}}
    for name, array in expected.items():
        other = np.real(numbers.arrays.get(name, np.zeros(np.shape(array))))
        scale = max(np.abs(other[np.isfinite(other)]).max(initial=0), 1e-3)
        assert np.allclose(array, other, rtol=0, atol=1e-9 * scale, equal_nan=True), f"{name} at {sizes}: {array}, expected {other}"


@pytest.mark.parametrize("name", SHIFTED)
def test_recurrences_shorter_than_their_shifts(name: str) -> None:
    assert_right(derive(system_from_equations(**SHIFTED[name], parameters=["w"])))


@pytest.mark.parametrize("name", [name for name, network in NETWORKS.items() if "character" not in name])
def test_networks_of_the_corpus(name: str) -> None:
    assert_right(derived(f"equations {name}"))


@pytest.mark.parametrize("number", range(SYSTEMS))
def test_random_systems(number: int) -> None:
    made = opened_systems()[number]
    try:
        derivation = derive(system_from_equations(**made.description))
    except InvalidDescription as refusal:
        pytest.skip(str(refusal))
    try:
        assert_right(derivation)
    except Exception as failure:
        raise AssertionError(f"{type(failure).__name__}: {failure}\n{made}") from failure


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_a_size_that_follows_from_that_of_a_target(style: str) -> None:
    """u is as long as l and t together less 1, and t is an axis of the target alone."""
    network = Network.from_equations("v[t+l] = w[l]*y[t]\nC = v[1] + sum(t, y[t])", ["w[l]"], [], ["y[t]"], sizes={"l": 3})
    module = load(derive(network), style=style)
    w, y = np.array([0.5, -2.0, 3.0]), np.array([1.5, 0.25, -1.0, 7.0])
    cost, gradients = module.cost_and_gradients(module.Parameters(w), y)
    assert cost == pytest.approx(0.5 * 0.25 - 2.0 * 1.5 + y.sum(), rel=1e-14)
    np.testing.assert_allclose(gradients[0], [0.25, 1.5, 0], rtol=1e-14)
