"""Modules in `fast` style: the numbers of plain ones, in both float types, for every network of the corpus and for random systems."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from types import ModuleType
from typing import Any

import equation_networks
import layer_networks
import numpy as np
import pytest
from random_systems import random_system

from codegen.loading import load
from symbolic import InvalidDescription, Network, derive
from symbolic.declared import system_from_equations
from symbolic.derivation import Derivation

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
from nets import SMALL  # noqa: E402

#: The largest difference, relative to an array's largest entry.
TOLERANCES = {"float64": 1e-12, "float32": 1e-5}
SYSTEMS = 300
CHUNK = 20
LONGEST_TEXT = 300


def corpus() -> Iterator[tuple[str, Any]]:
    for name, described in equation_networks.NETWORKS.items():
        yield f"equations {name}", lambda described=described: system_from_equations(**described)
    for name, layers in {**layer_networks.ALONE, **layer_networks.TOGETHER}.items():
        yield f"layers {name}", lambda layers=layers: Network(**layers)
    for name, net in SMALL.items():
        yield f"benchmark {name}", net.kind.network


CORPUS = dict(corpus())


@pytest.mark.parametrize("name", CORPUS)
def test_fast_is_plain(name: str) -> None:
    assert_fast_is_plain(derive(CORPUS[name]()))


@pytest.mark.parametrize("chunk", range(SYSTEMS // CHUNK))
def test_fast_is_plain_for_random_systems(chunk: int) -> None:
    short = (number for number in count() if len(random_system(number).description["equations"]) <= LONGEST_TEXT)
    for number in islice(short, chunk * CHUNK, (chunk + 1) * CHUNK):
        try:
            system = system_from_equations(**random_system(number).description)
        except InvalidDescription:
            continue
        try:
            assert_fast_is_plain(derive(system))
        except Exception as failure:
            raise AssertionError(f"system {number}: {type(failure).__name__}: {failure}\n{random_system(number)}") from failure


def assert_fast_is_plain(derivation: Derivation) -> None:
    plain, fast = load(derivation), load(derivation, style="fast")
    for name, tolerance in TOLERANCES.items():
        params, data = drawn(plain, np.dtype(name))
        with np.errstate(all="ignore"):
            expected = plain.cost_and_gradients(params, *data)
        # As they are, from one array, and again in a workspace that has been used.
        for given in (fast.Parameters(*params), fast.packed(params), fast.packed(params)):
            found = fast.cost_and_gradients(given, *data)
            assert_close("cost", found[0], expected[0], tolerance)
            for parameter, own, other in zip(plain.Parameters._fields, found[1], expected[1], strict=True):
                assert own.dtype == other.dtype, parameter
                assert own.shape == other.shape, parameter
                assert_close(parameter, own, other, tolerance)


def assert_close(name: str, found: Any, expected: Any, tolerance: float) -> None:
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    assert np.array_equal(np.isfinite(found), np.isfinite(expected)), name
    usable = np.isfinite(expected)
    largest = max(np.abs(expected[usable]).max(initial=0), np.finfo(np.float32).tiny)
    assert np.abs(found - expected)[usable].max(initial=0) <= tolerance * largest, name


def drawn(module: ModuleType, dtype: np.dtype[Any]) -> tuple[Any, list[Any]]:
    """Parameters and data of one type."""
    rng = np.random.default_rng(5)
    params = module.Parameters(*((array + 0.3 * rng.standard_normal(array.shape)).astype(dtype) for array in module.init(rng)))
    return params, [array.astype(dtype) if array.dtype.kind == "f" else array for array in module.sample(rng)]
