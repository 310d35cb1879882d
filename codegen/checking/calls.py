"""What must be true of calls whatever they compute: shapes and types of results, and that no call disturbs another.

A stale buffer, a result that is an alias of another array, or an operand that is written over before its last read show in a second call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.symbolic.index.numeric_array import NumericArray

from .entry_points import EntryPoint, copied, ways
from .finding import Finding
from .point import TrialPoint


def call_findings(styles: Mapping[str, ModuleType], pairs: Sequence[tuple[TrialPoint, TrialPoint]]) -> list[Finding]:
    """Each pair is two points of the same sizes."""
    rows = []
    for style, module in styles.items():
        found = [
            (shapes_in(module, way, first), disturbances(module, way, first, other))
            for first, other in pairs
            for way in ways(module, first)
        ]
        for place, check in enumerate(("shapes", "calls")):
            failures = [f"{style}: {line}" for both in found for line in both[place]]
            rows.append(Finding(check, style, len(found), failures=tuple(dict.fromkeys(failures))))
    return rows


def shapes_in(module: ModuleType, way: EntryPoint, point: TrialPoint) -> list[str]:
    """Results of one call whose shape or type is not that of what they belong to."""
    wrong = []
    params, data = point.arguments(module)
    with np.errstate(all="ignore"):
        cost, gradients = way.call(params, data)
    if type(cost) is not float:
        wrong.append(f"{way.name}: the cost is a {type(cost).__name__}, not a float")
    for name, array in params._asdict().items():
        found = getattr(gradients, name)
        if np.shape(found) != array.shape:
            wrong.append(f"{way.name}: the gradient of {name} has shape {np.shape(found)}, not {array.shape}")
        elif np.asarray(found).dtype != array.dtype:
            wrong.append(f"{way.name}: the gradient of {name} has type {np.asarray(found).dtype}, not {array.dtype}")
    return wrong


def disturbances(module: ModuleType, way: EntryPoint, first: TrialPoint, other: TrialPoint) -> list[str]:
    """What differs when one call comes before, between and after another one."""
    params, data = first.arguments(module)
    before = [array.copy() for array in (*params, *data)]
    wrong = []
    with np.errstate(all="ignore"):
        cost, gradients = way.call(params, data)
        kept = copied(gradients)
        way.call(*other.arguments(module))
        if not way.returns_its_own and _different(copied(gradients), kept):
            wrong.append(f"{way.name}: a later call changes the gradients of {', '.join(_different(copied(gradients), kept))}")
        again, repeated = way.call(params, data)
    different = _different(copied(repeated), kept)
    if again != cost and not np.isnan(again):
        wrong.append(f"{way.name}: the same call gives the cost {cost!r}, then {again!r}")
    if different:
        wrong.append(f"{way.name}: the same call gives other gradients of {', '.join(different)} the second time")
    names = [*params._fields, *first.data]
    changed = [name for name, array, start in zip(names, (*params, *data), before, strict=True) if not np.array_equal(array, start)]
    if changed:
        wrong.append(f"{way.name}: the call writes to its argument {', '.join(changed)}")
    return wrong + _unnoticed_change(module, way, other, params, data)


def _unnoticed_change(module: ModuleType, way: EntryPoint, other: TrialPoint, params: Any, data: tuple[NumericArray, ...]) -> list[str]:
    """Arrays that were changed in place, as an optimiser does, must be read anew: the call is that of the other point."""
    with np.errstate(all="ignore"):
        for own, value in zip((*params, *data), other.arrays.values(), strict=True):
            own[...] = value
        cost, found = way.call(params, data)
        found = copied(found)
        expected_cost, expected = way.call(*other.arguments(module))
    stale = _different(found, copied(expected))
    if cost != expected_cost and not np.isnan(cost):
        stale = ["the cost", *stale]
    return [f"{way.name}: {', '.join(stale)} of arrays that were changed in place is that of before"] if stale else []


def _different(found: Mapping[str, NumericArray], expected: Mapping[str, NumericArray]) -> list[str]:
    return [name for name in expected if not np.array_equal(found[name], expected[name], equal_nan=True)]
