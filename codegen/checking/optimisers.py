"""Steps of a module's optimisers against their formulas, number by number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.symbolic.index.tensors import scalar
from chainrule.symbolic.layers.optimisers import OPTIMISERS, Optimiser

from .entry_points import workspace_sizes
from .finding import Finding
from .point import TrialPoint
from .tally import Tally

STEPS = 3
#: Some entries of each parameter are followed.
ENTRIES = 3


def optimiser_findings(styles: Mapping[str, ModuleType], point: TrialPoint) -> list[Finding]:
    """A few steps of each, along made-up gradients."""
    rows = []
    for style, module in styles.items():
        workspaces = [module.Workspace(**workspace_sizes(module, point))] if hasattr(module, "Workspace") else []
        for optimiser in OPTIMISERS.values():
            tally = Tally()
            for holder in (module, *workspaces):
                _follow(module, getattr(holder, optimiser.name), optimiser, point, tally)
            rows.append(tally.finding("optimisers", f"{optimiser.name}, {style}", with_numeric=False))
    return rows


def _follow(module: ModuleType, step: Callable[..., Any], optimiser: Optimiser, point: TrialPoint, tally: Tally) -> None:
    rng = np.random.default_rng(len(point.parameters))
    params, _ = point.arguments(module)
    followed = {
        (name, int(place)): {"w": float(array.flat[place]), **dict.fromkeys(optimiser.state, 0.0)}
        for name, array in point.parameters.items()
        for place in rng.permutation(array.size)[:ENTRIES]
    }
    state = None
    for number in range(1, STEPS + 1):
        gradients = module.Parameters(*(np.asarray(rng.standard_normal(array.shape)) for array in params))
        params, state = step(params, gradients, state) if optimiser.state else (step(params, gradients), None)
        for (name, place), values in followed.items():
            values |= {"g": float(getattr(gradients, name).flat[place]), "t": float(number), **optimiser.constants}
            for symbol, formula in optimiser.expressions:
                values[symbol] = float(formula.xreplace({scalar(key): value for key, value in values.items()}))
            found = float(getattr(params, name).flat[place])
            tally.add(f"step {number} of {name}", abs(found - values["w"]) / max(1.0, abs(values["w"])))
