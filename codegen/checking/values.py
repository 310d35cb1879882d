"""More of what modules compute: values of the forward pass against the equations, one style against the other, the self-check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType

import numpy as np

from chainrule.codegen.backends.numpy_module import GRADIENT_TOLERANCE
from chainrule.symbolic.checking.solving import forward
from chainrule.symbolic.checking.verification import difference
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.numeric_array import NumericArray

from .entry_points import copied, ways
from .extrapolation import EXTENDED
from .finding import Finding
from .point import TrialPoint
from .predictions import predictions
from .tally import Tally


def value_findings(derivation: Derivation, styles: Mapping[str, ModuleType], points: Sequence[TrialPoint], seed: int) -> list[Finding]:
    """All three, a row for each style."""
    rows = []
    for style, module in styles.items():
        values, own = Tally(), Tally()
        for point in points:
            _compare_values(derivation, module, point, values)
        with np.errstate(all="ignore"):
            for name, error in module.check(np.random.default_rng(seed)).items():
                own.add(name, error, limit=GRADIENT_TOLERANCE)
        rows += [values.finding("values", style, with_numeric=False), own.finding("self-check", style, with_numeric=False)]
    first, *others = styles
    for style in others:
        tally = Tally()
        for point in points:
            _compare_styles(styles[first], styles[style], point, tally)
        rows.append(tally.finding("styles", f"{style} against {first}", with_numeric=False))
    return rows


def _compare_values(derivation: Derivation, module: ModuleType, point: TrialPoint, tally: Tally) -> None:
    """Every array of the cache, and the outputs that `predict` returns."""
    system = derivation.system
    known = point.numbers(EXTENDED)
    expected = forward(system, known.arrays, point.sizes, EXTENDED).arrays
    params, data = point.arguments(module)
    inputs = data[: len(system.inputs)]
    with np.errstate(all="ignore"):
        found = module.forward(params, *inputs)._asdict()
        predicted = predictions(system, module, params, inputs)
    for name, array in [*found.items(), *predicted.items()]:
        _compare(name, array, expected[name], tally)


def _compare_styles(first: ModuleType, second: ModuleType, point: TrialPoint, tally: Tally) -> None:
    """The cost and every entry of every gradient."""
    with np.errstate(all="ignore"):
        params, data = point.arguments(first)
        cost, gradients = first.cost_and_gradients(params, *data)
        for way in ways(second, point):
            other, found = way.call(*point.arguments(second))
            _compare(f"{way.name}: cost", np.asarray(other), np.asarray(cost), tally)
            for name, array in copied(found).items():
                _compare(f"{way.name}: {name}", array, getattr(gradients, name), tally)


def _compare(where: str, found: NumericArray, expected: NumericArray, tally: Tally) -> None:
    """Arrays of one shape, entry by entry."""
    if np.shape(found) != np.shape(expected):
        tally.failures.append(f"{where}: shape {np.shape(found)}, not {np.shape(expected)}")
    else:
        tally.add(where, difference(np.asarray(found), np.asarray(expected)))
