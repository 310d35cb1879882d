"""The corpus of published networks: how many there are, and that each agrees with numbers that share nothing with the tool.

Numbers that other files of this folder carry are tried there; here is what comes from NumPy and from complex steps through it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import corpus
import numpy as np
import pytest
from corpus import ALL, PAGE, Carried, Published, page
from numpy.typing import NDArray

from chainrule import InvalidDescription, derive, load
from chainrule.codegen.backends.numpy.arguments import sample_sizes
from chainrule.codegen.build import Choices, build
from chainrule.codegen.descriptions.reader import read_description
from chainrule.symbolic.checking.draws import random_arrays
from chainrule.symbolic.checking.tensor_draw import DRAWS
from chainrule.symbolic.system.system import System

#: Of axes without a size of their own, in the order of the description.
SIZES = (3, 2, 5, 4)
SEEDS, SMALLEST_SLOPE = 20, 1e-6
BY_NUMPY = [published for published in ALL if not isinstance(published.numbers, Carried)]
#: What of them has no C yet, with what the message says of it.
WITHOUT_C = {
    "gaussian_process": "no form of L (factor has no operation of its own)",
    "pointer_network": "no form of dd (a recurrence that reads y, which has no slices)",
    "ridge": "no form of B (solution has no operation of its own)",
    "sinkhorn": "no form of dv (a recurrence that reads more than slices of its steps)",
    "soft_dtw": "no form of r (a recurrence along two axes)",
}


def test_most_of_them_are_written_naturally() -> None:
    assert len(ALL) == len({published.name for published in ALL}) >= 70
    assert sum(not published.awkward for published in ALL) >= 66


def test_every_reference_is_in_the_corpus() -> None:
    taken = {published.numbers for published in BY_NUMPY}
    for subject in (value for value in vars(corpus).values() if getattr(value, "__name__", "").startswith("references.")):
        written = {value for value in vars(subject).values() if getattr(value, "__module__", "") == subject.__name__}
        assert {function for function in written if (corpus.CASES / f"{function.__name__}.toml").exists()} <= taken


@pytest.mark.parametrize("published", ALL, ids=lambda published: published.name)
def test_a_year_and_a_home(published: Published) -> None:
    assert re.fullmatch(r".+, (1[89]|20)\d\d", published.by)
    assert published.home.exists()


@pytest.mark.parametrize("published", [each for each in ALL if isinstance(each.numbers, Carried)], ids=lambda published: published.name)
def test_carried_numbers_are_where_the_table_says(published: Published) -> None:
    assert isinstance(published.numbers, Carried)
    module, _, name = published.numbers.test.partition(":")
    held = getattr(import_module(module), name)
    names = {getattr(value, "case", key) for key, value in held.items()} if isinstance(held, dict) else {published.name}
    assert published.name in names


@pytest.mark.parametrize("published", BY_NUMPY, ids=lambda published: published.name)
def test_cost_and_gradients_are_those_of_numpy(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not isinstance(published.numbers, Carried)
    system = read_description(published.home).system
    arrays, right, slopes = where_all_has_an_effect(published, system)
    params = {tensor.name: arrays[tensor.name] for tensor in system.parameters}
    data = [arrays[tensor.name] for tensor in (*system.inputs, *system.targets)]
    largest = max(float(np.abs(slope).max()) for slope in slopes.values())
    derivation = derive(system)
    modules = {style: load(derivation, style=style, verify=False) for style in ("plain", "fast")}
    if published.name in WITHOUT_C:
        with pytest.raises(InvalidDescription, match=re.escape(WITHOUT_C[published.name])):
            load(derivation, target="c", verify=False)
    else:
        monkeypatch.setenv("CHAINRULE_CFLAGS", "-O0")
        modules["c"] = load(derivation, target="c", verify=False)
    for style, module in modules.items():
        # A number that is none, even where nothing reads it, is a warning for users, and a second pass in fast style.
        with np.errstate(invalid="raise", divide="raise"):
            cost, gradients = module.cost_and_gradients(module.Parameters(**params), *data)
        assert cost == pytest.approx(right, rel=1e-11)
        for name, slope in slopes.items():
            np.testing.assert_allclose(getattr(gradients, name), slope, rtol=1e-8, atol=1e-10 * largest, err_msg=f"{name}, {style}")


Arrays = dict[str, NDArray[Any]]


def where_all_has_an_effect(published: Published, system: System) -> tuple[Arrays, float, Arrays]:
    """The first random arrays at which the cost has a slope in every parameter, the cost there, and the slopes by complex steps."""
    assert not isinstance(published.numbers, Carried)
    for seed in range(SEEDS):
        arrays = random_arrays(system, sample_sizes(system, SIZES), np.random.default_rng(seed), DRAWS[0])
        with np.errstate(all="ignore"):
            slopes = {tensor.name: by_complex_steps(published.numbers, arrays, tensor.name) for tensor in system.parameters}
            cost = float(np.real(published.numbers(**arrays)))
        if np.isfinite(cost) and all(SMALLEST_SLOPE < np.abs(slope).max() < np.inf for slope in slopes.values()):
            return arrays, cost, slopes
    raise AssertionError(f"{published.name}: no slope in some parameter at any of {SEEDS} random points")


def by_complex_steps(cost: Callable[..., Any], arrays: Arrays, name: str) -> NDArray[np.float64]:
    slope = np.zeros(arrays[name].shape)
    for place in np.ndindex(slope.shape):
        moved = np.array(arrays[name], complex)
        moved[place] += 1e-30j
        slope[place] = np.imag(cost(**{**arrays, name: moved})) / 1e-30
    return slope


def test_the_page_is_that_of_today(update: bool) -> None:
    if update:
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "the corpus has changed; run pytest --update"


@pytest.mark.parametrize("name", ["depthwise_separable", "end_of_text"])
def test_documents_are_made(name: str, tmp_path: Path) -> None:
    """A step whose matrix has one value along an axis; one class alone, of which the others have the probability 0."""
    built = build(read_description(corpus.CASES / f"{name}.toml"), tmp_path, Choices(("md",), length="full"))
    assert (tmp_path / f"{name}.md") in built.files
