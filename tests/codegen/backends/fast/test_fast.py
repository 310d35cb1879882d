"""Modules in `fast` style: the numbers of plain ones, in both float types, for every network of the corpus.

Those of random systems are compared where these are derived: tests/symbolic/checking/test_random_systems.py.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from derived_networks import CORPUS, derived

from chainrule.codegen.checking.loading import load, load_source
from chainrule.symbolic.checking.without_effect import without_effect
from chainrule.symbolic.derivation.derivation import Derivation

#: The largest difference, relative to an array's largest entry.
TOLERANCES = {"float64": 1e-12, "float32": 1e-5}


@pytest.mark.parametrize("name", CORPUS)
def test_fast_is_plain(name: str) -> None:
    assert_fast_is_plain(derived(name))


def assert_fast_is_plain(derivation: Derivation, without: Collection[str] = (), plain_source: str | None = None) -> None:
    """`plain_source` is that of the plain module, where it is there already."""
    plain = load_source(plain_source, derivation.system.name) if plain_source else load(derivation, verify=False)
    fast = load(derivation, style="fast", without=without, verify=False)
    source = "".join(linecache.getlines(fast.forward.__code__.co_filename))
    held = set(re.findall(r"^ +(\w+) = (np\.array\(.+, dtype\))$", source, re.MULTILINE))
    assert len({name for name, _ in held}) == len({number for _, number in held}), f"a number is held twice: {held}"
    for name, tolerance in TOLERANCES.items():
        params, data = drawn(plain, np.dtype(name))
        with np.errstate(all="ignore"):
            value, gradients = plain.cost_and_gradients(params, *data)
        exact = Exact(derivation, plain, params, data)
        # As they are, from one array, and again in a workspace that has been used.
        for given in (fast.Parameters(*params), fast.packed(params), fast.packed(params)):
            found_value, found = fast.cost_and_gradients(given, *data)
            for parameter, own, other in zip(plain.Parameters._fields, found, gradients, strict=True):
                assert own.dtype == other.dtype, parameter
                assert own.shape == other.shape, parameter
            assert_close(["cost", *plain.Parameters._fields], [found_value, *found], [value, *gradients], tolerance, exact)


@dataclass(frozen=True)
class Exact:
    """The cost and the gradients in the next wider type, where they are needed, and the parameters whose gradients cancel altogether."""

    derivation: Derivation
    plain: ModuleType
    params: Any
    data: list[Any]

    @cached_property
    def arrays(self) -> list[Any]:
        if hasattr(self.plain, "scatter"):
            self.plain.scatter = added_up
        with np.errstate(all="ignore"):
            value, gradients = self.plain.cost_and_gradients(*wider(self.params, self.data))
        return [value, *gradients]

    @cached_property
    def cancelled(self) -> tuple[str, ...]:
        return without_effect(self.derivation)


def assert_close(names: list[str], found: list[Any], expected: list[Any], tolerance: float, exact: Exact) -> None:
    """Relative to the largest entry; where terms cancel, as near to the exact value as the plain module comes itself.

    Where they cancel altogether, as those of a bias of keys do, all that is left is rounding: relative to the largest of all gradients, and
    where all gradients do, as those of a sum of a softmax, that of numbers of the cost's size.
    """
    are_all_cancelled = {*names[1:]} <= {*exact.cancelled}
    rounding_of_cost = np.finfo(np.asarray(expected[-1]).dtype).eps * abs(expected[0]) if are_all_cancelled else 0
    for place, name in enumerate(names):
        own, other = np.asarray(found[place], np.longdouble), np.asarray(expected[place], np.longdouble)
        assert np.array_equal(np.isfinite(own), np.isfinite(other)), name
        usable = np.isfinite(other)
        largest = np.abs(other[usable]).max(initial=0)
        if np.abs(own - other)[usable].max(initial=0) > tolerance * largest:
            if name in exact.cancelled:
                largest = max(np.abs(array).max(initial=0, where=np.isfinite(array)) for array in expected[1:])
            better = exact.arrays[place]
            rounding = np.abs(other - better)[usable].max(initial=0)
            assert np.abs(own - better)[usable].max(initial=0) <= tolerance * largest + 4 * rounding + rounding_of_cost, name


def added_up(shape: tuple[int, ...], values: Any, *places: Any) -> Any:
    """`scatter` of the modules for types wider than NumPy's bincount has."""
    values, *places = np.broadcast_arrays(values, *places)
    inside = np.logical_and.reduce([(place >= 0) & (place < size) for place, size in zip(places, shape, strict=True)])
    result = np.zeros(shape, values.dtype)
    np.add.at(result, tuple(place[inside] for place in places), values[inside])
    return result


def wider(params: Any, data: list[Any]) -> tuple[Any, ...]:
    """The same numbers in the next wider type."""
    dtype = np.dtype(np.float64 if params[0].dtype == np.float32 else np.longdouble)
    return type(params)(*(array.astype(dtype) for array in params)), *(
        array.astype(dtype) if array.dtype.kind == "f" else array for array in data
    )


def drawn(module: ModuleType, dtype: np.dtype[Any]) -> tuple[Any, list[Any]]:
    """Parameters and data of one type."""
    rng = np.random.default_rng(5)
    params = module.Parameters(*((array + 0.3 * rng.standard_normal(array.shape)).astype(dtype) for array in module.init(rng)))
    return params, [array.astype(dtype) if array.dtype.kind == "f" else array for array in module.sample(rng)]
