"""Every call of a module is compared, at several sizes of its open axes, before a build hands it out."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from chainrule import CheckFailed, Dense, Network, derive
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.call_check import check_calls
from chainrule.codegen.checking.loading import load, load_source
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.language.system_reader import system_from_equations


def network() -> Derivation:
    return derive(Network(3, [Dense(5, "tanh"), Dense(2, "softmax")], "cross_entropy"))


def recurrence() -> Derivation:
    written = "h[n,t] = tanh(u*h[n,t-2] + x[n,t])*z[n,t-1] + 1\nC = mean(n, h[n,4]**2)"
    return derive(system_from_equations(equations=written, inputs=["x[n,t]", "z[n,t]"], parameters=["u"]))


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("made", [network, recurrence])
def test_right_modules_pass(made: Callable[[], Derivation], style: str) -> None:
    assert check_calls(made(), load(made(), style=style)) > 20


def changed(module: ModuleType, method: str, change: Callable[[Any], Any]) -> ModuleType:
    """The module with what a method of its workspace returns changed."""
    right = getattr(module.Workspace, method)
    setattr(module.Workspace, method, lambda self, *arguments: change(right(self, *arguments)))
    return module


def doubled(arrays: Any) -> Any:
    return type(arrays)(*(2 * np.asarray(array) for array in arrays))


#: What a method returns, made wrong.
WRONG: dict[str, Callable[[Any], Any]] = {
    "cost": lambda cost: cost + 1,
    "cost_and_gradients": lambda found: (found[0] + 1, found[1]),
    "forward": doubled,
    "backward": doubled,
    "predict": lambda output: -output,
}


@pytest.mark.parametrize("method", WRONG)
def test_a_wrong_result_of_any_method_of_a_workspace_is_refused(method: str) -> None:
    module = changed(load(network(), style="fast"), method, WRONG[method])
    with pytest.raises(CheckFailed, match="Workspace"):
        check_calls(network(), module)


def test_wrong_gradients_of_a_workspace_are_refused() -> None:
    module = changed(load(network(), style="fast"), "cost_and_gradients", lambda found: (found[0], doubled(found[1])))
    with pytest.raises(CheckFailed, match="the gradient of W1"):
        check_calls(network(), module)


def replaced(derivation: Derivation, style: str, right: str, wrong: str) -> ModuleType:
    source = module_source(derivation, style=style)
    assert right in source
    return load_source(source.replace(right, wrong), derivation.system.name)


def test_a_batch_of_one_that_is_wrong_is_refused() -> None:
    """The mean over the examples as a sum of them divided by N + 1 − 1: right for five examples alone."""
    module = replaced(network(), "plain", "/ N", "/ 5")
    with pytest.raises(CheckFailed, match="n = 1"):
        check_calls(network(), module)


def test_steps_too_few_for_a_shift_are_tried() -> None:
    """z[n, t-1] as z[n, max(t-1, 0)]: its first step reads z before its start, where it is 0."""
    derivation = recurrence()
    module = load(derivation)
    right = module.step

    def without_a_start(array: Any, axis: int, place: int) -> Any:
        return right(array, axis, place if array.shape[axis] > 1 else 0)

    module.step = without_a_start
    with pytest.raises(CheckFailed, match="t = 1"):
        check_calls(derivation, module)
