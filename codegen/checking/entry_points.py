"""The ways in which a module's cost and gradients are asked for; each must say the same."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.codegen.program.array_sizes import size_name
from chainrule.symbolic.index.numeric_array import NumericArray

from .point import TrialPoint

EntryCall = Callable[[Any, tuple[NumericArray, ...]], tuple[float, Any]]


@dataclass(frozen=True)
class EntryPoint:
    """One way: its name, what it does with parameters and data, and whether the next call may write over what it returns."""

    name: str
    call: EntryCall
    returns_its_own: bool = False


def ways(module: ModuleType, point: TrialPoint) -> Iterator[EntryPoint]:
    """In two steps and in one; of a module in fast style also with packed parameters and in a workspace."""
    inputs = len(point.system.inputs)

    def in_steps(of: Any, params: Any, data: tuple[NumericArray, ...]) -> tuple[float, Any]:
        cost = of.cost(params, *data)
        return cost, of.backward(params, of.forward(params, *data[:inputs]), *data[inputs:])

    yield EntryPoint("cost_and_gradients", lambda params, data: module.cost_and_gradients(params, *data))
    yield EntryPoint("forward, then backward", lambda params, data: in_steps(module, params, data))
    if not hasattr(module, "Workspace"):
        return
    yield EntryPoint(
        "cost_and_gradients of packed parameters", lambda params, data: module.cost_and_gradients(module.packed(params), *data)
    )
    workspace = module.Workspace(**workspace_sizes(module, point))
    yield EntryPoint("Workspace.cost_and_gradients", lambda params, data: workspace.cost_and_gradients(module.packed(params), *data), True)
    yield EntryPoint("Workspace.cost_and_gradients of other arrays", lambda params, data: workspace.cost_and_gradients(params, *data), True)
    yield EntryPoint("Workspace.forward, then backward", lambda params, data: in_steps(workspace, params, data), True)


def workspace_sizes(module: ModuleType, point: TrialPoint) -> Mapping[str, int]:
    wanted = inspect.signature(module.Workspace).parameters
    known = {size_name(axis): size for axis, size in point.sizes.items()}
    known["batch"] = point.sizes.get(point.system.batch or "", 1)
    return {name: known[name] for name in wanted if name in known}


def copied(gradients: Any) -> dict[str, NumericArray]:
    """The gradients by parameter in arrays of their own."""
    return {name: np.array(array) for name, array in gradients._asdict().items()}
