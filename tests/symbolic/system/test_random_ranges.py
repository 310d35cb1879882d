"""Random systems in which axes end where something is read: lengths of 1, shorter than the shifts, and longer, beside a second reading."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from random_ranges import RandomRanges, random_ranges
from scalar_reading import Reading

from chainrule import derive
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.language.system_reader import system_from_equations

Array = NDArray[Any]
SYSTEMS = 40
LENGTHS = ((1, 1), (2, 1), (1, 3), (4, 3))
MOST_ENTRIES = 3
STEP = 1e-5


@pytest.mark.parametrize("number", range(SYSTEMS))
def test_systems_are_right(number: int) -> None:
    made = random_ranges(number)
    try:
        check(made, number)
    except Exception as failure:
        raise AssertionError(f"system {number}: {type(failure).__name__}: {failure}\n{made.equations}") from failure


def check(made: RandomRanges, number: int) -> None:
    system = system_from_equations(**made.description)
    # Once read back, letters of sums may have got other primes.
    printed = reprinted(made, LanguageText(system).equations())
    assert reprinted(made, printed) == printed
    derivation = derive(system)
    verify(derivation)
    modules = [checked_module(derivation, style=style).module for style in ("plain", "fast")]
    rng = np.random.default_rng(number)
    for steps, width in LENGTHS:
        shapes = {"x": (steps, width), "p": (steps, width), "q": (steps,), "v": (), "w": (), "g": (width,), "E": (4,)}
        arrays: dict[str, Array] = {name: np.asarray(rng.standard_normal(shape)) for name, shape in shapes.items()}
        arrays |= {"p": rng.uniform(0.2, 0.9, (steps, width)), "lab": rng.integers(0, 4, steps)}
        sizes = made.sizes(steps, width)
        given = {text.partition("[")[0]: arrays[text.partition("[")[0]] for text in (*made.inputs, *made.parameters)}
        expected = cost_of(made, sizes, given)
        for module in modules:
            names = module.Parameters._fields
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                cost, gradients = module.cost_and_gradients(
                    module.Parameters(*(given[name] for name in names)), *(given[text.partition("[")[0]] for text in made.inputs)
                )
            assert cost == pytest.approx(expected, rel=1e-9, abs=1e-12), f"cost at {sizes}"
            for name in names:
                for place in list(np.ndindex(given[name].shape))[:MOST_ENTRIES]:
                    above, below = (cost_of(made, sizes, moved(given, name, place, step)) for step in (STEP, -STEP))
                    slope = (above - below) / (2 * STEP)
                    found = np.asarray(getattr(gradients, name))[place]
                    assert found == pytest.approx(slope, rel=1e-5, abs=1e-6 * max(1.0, abs(expected))), f"d{name}{list(place)} at {sizes}"


def reprinted(made: RandomRanges, equations: str) -> str:
    return LanguageText(system_from_equations(**{**made.description, "equations": equations})).equations()


def moved(given: dict[str, Array], name: str, place: tuple[int, ...], step: float) -> dict[str, Array]:
    other = given[name].copy()
    other[place] += step
    return {**given, name: other}


def cost_of(made: RandomRanges, sizes: dict[str, int], given: dict[str, Array]) -> float:
    entries = {name: {place: array[place].item() for place in np.ndindex(array.shape)} for name, array in given.items()}
    return float(Reading(made.equations, sizes, entries, {}).cost)
