"""The numeric check of a module: what it moves at a time, that whatever is wrong is found and named, and who does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from chainrule import Dense, Layer, Network, derive, load, write_module
from chainrule.codegen.backends.module_files import ModuleFiles
from chainrule.codegen.backends.numpy import check_plan as plans
from chainrule.codegen.backends.numpy.check_plan import MOST_WORK, check_plan, forward_work
from chainrule.codegen.backends.numpy_module import GRADIENT_TOLERANCE
from chainrule.codegen.backends.registry import BACKENDS, module_source
from chainrule.codegen.checking import gradient_check
from chainrule.codegen.checking.gradient_check import try_module
from chainrule.codegen.checking.loading import load_source
from chainrule.symbolic.checking.tensor_draw import DRAWS, TensorDraw
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import CheckFailed


def deep(activation: str = "tanh", depth: int = 5) -> Derivation:
    """Ten parameters, some of which hardly change the cost."""
    return derive(Network(11, [Dense(units, activation) for units in (7, 5, 3, 13, 2)[:depth]], "quadratic"))


def broken(derivation: Derivation, line: str) -> ModuleType:
    """The module with a line before its gradients are returned."""
    source = module_source(derivation)
    start = source.index("    return Parameters(dW1")
    return load_source(source[:start] + f"    {line}\n" + source[start:], "broken")


def wrong_ones(module: ModuleType, seed: int = 0) -> list[str]:
    with np.errstate(all="ignore"):
        return [name for name, error in module.check(np.random.default_rng(seed)).items() if not error <= GRADIENT_TOLERANCE]


def test_small_networks_are_checked_entry_by_entry_larger_ones_along_directions() -> None:
    assert check_plan(derive(Network(2, [Dense(2), Dense(2)])).system).way == "entries"
    assert check_plan(deep().system).way == "parameters"
    wide = Network(4096, [Dense(4096, "tanh") for _ in range(10)], "quadratic")
    plan = check_plan(wide.system)
    assert plan.way == "together"
    assert dict(plan.open_sizes) == {"n": 2}


def test_where_a_pass_takes_long_the_first_values_are_away_from_kinks() -> None:
    """With draws of the first kind, a difference over tens of millions of values of relu is none at any step that rounding leaves."""

    def first(activation: str, units: int, depth: int) -> TensorDraw:
        return check_plan(Network(units, [Dense(units, activation) for _ in range(depth)], "quadratic").system).draws[0]

    assert first("relu", 4096, 10) == plans.AWAY_FROM_KINKS
    assert first("tanh", 4096, 10) == first("relu", 8, 3) == DRAWS[0]
    assert set(check_plan(Network(4096, [Dense(4096, "relu")] * 10, "quadratic").system).draws) == set(DRAWS)


def test_work_counts_the_products_of_each_layer_and_a_call_for_each_step() -> None:
    system = Network(11, [Dense(7, "tanh")], "quadratic").system
    sizes = {letter: axis.size or 3 for letter, axis in system.axes.items()}
    products, results, cost = 3 * 7 * 11, 2 * 3 * 7 + 1, 3 * 7
    assert forward_work(system, sizes) == products + results + cost + 3 * plans.WORK_OF_A_CALL
    recurrent = Network([100, 2], [Layer("rnn", {"units": 3})], "quadratic").system
    assert forward_work(recurrent, {letter: axis.size or 3 for letter, axis in recurrent.axes.items()}) > 100 * plans.WORK_OF_A_CALL


@pytest.mark.parametrize("work", [MOST_WORK, 1_000_000, 1], ids=["parameters", "groups", "together"])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_right_gradients_pass_whatever_is_moved_at_a_time(work: int, activation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_WORK", work)
    checked = try_module(deep(activation))
    assert checked.plan.way == {MOST_WORK: "parameters", 1_000_000: "groups", 1: "together"}[work]
    assert list(checked.errors) == list(checked.module.Parameters._fields)
    assert checked.largest_error < GRADIENT_TOLERANCE


@pytest.mark.parametrize("work", [MOST_WORK, 1])
@pytest.mark.parametrize("name", ["W1", "b1", "W3", "b4", "b5"])
def test_one_wrong_parameter_is_the_one_that_is_named(name: str, work: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_WORK", work)
    assert wrong_ones(broken(deep(), f"d{name} = 1.01 * d{name}")) == [name]


@pytest.mark.parametrize("work", [MOST_WORK, 1_000_000], ids=["parameters", "groups"])
def test_what_differs_along_one_line_is_moved_along_others(work: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kink on the first line is none on the next; a wrong gradient differs on each."""
    monkeypatch.setattr(plans, "MOST_WORK", work)
    monkeypatch.setattr(plans, "_first_step", lambda *_: 1e-4)
    module = broken(deep("relu"), "")
    slope, steps = module._slope, []

    def first_beside_a_kink(at: Callable[[float], float], longest: float, least: float) -> float:
        steps.append(longest)
        return float(slope(at, longest, least)) * (1.01 if len(steps) == 1 else 1)

    module._slope = first_beside_a_kink
    assert not wrong_ones(module, 1)
    assert set(steps) == ({1e-4, 5e-5} if work == MOST_WORK else {1e-4})


@pytest.mark.parametrize("name", ["W1", "b2", "W3", "W4", "b5"])
def test_a_wrong_gradient_differs_along_all_of_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines along which the gradient's parts cancel would hide it: those of further tries add them up."""
    monkeypatch.setattr(plans, "_first_step", lambda *_: 1e-4)
    for seed in (1, 2, 3, 4):
        assert wrong_ones(broken(deep("relu"), f"d{name} = 1.01 * d{name}"), seed) == [name]


@pytest.mark.parametrize("line", ["dW1 = dW1[0]", "db1 = db1[None]", "db1 = db1[:2]", "dW2 = dW2.T", "db2 = db2.sum()"])
@pytest.mark.parametrize("work", [MOST_WORK, 1_000_000, 1], ids=["one by one", "groups", "together"])
def test_a_gradient_of_another_shape_has_an_infinite_error(line: str, work: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it could be broadcast or not; all others are as they were."""
    name = line.split(" ")[0][1:]
    for derivation in (derive(Network(2, [Dense(3, "tanh"), Dense(5, "sigmoid")], "quadratic")), deep()):
        monkeypatch.setattr(plans, "MOST_WORK", work)
        module = broken(derivation, line)
        assert wrong_ones(module) == [name]
        assert module.check(np.random.default_rng(0))[name] == np.inf


def test_a_gradient_of_another_shape_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    derivation = derive(Network(2, [Dense(3, "tanh")], "quadratic"))
    shorter = replace(BACKENDS["numpy"], load=lambda *_: broken(derivation, "db1 = db1[:2]"))
    monkeypatch.setitem(BACKENDS, "numpy", shorter)
    with pytest.raises(CheckFailed, match="the gradient of b1 differs"):
        gradient_check.checked_module(derivation)


@pytest.mark.parametrize("work", [MOST_WORK, 1])
def test_two_wrong_parameters_are_named_and_one_that_is_0(work: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_WORK", work)
    assert wrong_ones(broken(deep(), "dW2, db5 = -dW2, 0 * db5")) == ["W2", "b5"]


@pytest.mark.parametrize("work", [MOST_WORK, 1])
def test_a_single_wrong_entry_among_thousands_is_seen(work: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_WORK", work)
    derivation = derive(Network(101, [Dense(53, "tanh"), Dense(3, "tanh")], "quadratic"))
    assert wrong_ones(broken(derivation, "dW1[17, 31] *= 1.1")) == ["W1"]


def test_a_gradient_of_the_wrong_sign_of_a_parameter_that_hardly_matters_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bias before a normalisation changes nothing; the one of a small branch changes the cost by a thousandth."""
    monkeypatch.setattr(plans, "MOST_WORK", 1)
    layers = [Dense(7, "tanh"), Layer("dense", {"units": 5}, "1e-3*z", name="small"), Layer("add", sources=("asmall", "asmall")), Dense(3)]
    assert wrong_ones(broken(derive(Network(11, layers, "quadratic")), "dbsmall = -dbsmall")) == ["bsmall"]


@pytest.fixture
def with_a_wrong_sign(monkeypatch: pytest.MonkeyPatch) -> Derivation:
    sound = BACKENDS["numpy"]

    def render(*given: Any) -> ModuleFiles:
        return ModuleFiles(sound.render(*given).source.replace("dz2.T @ a1", "-(dz2.T @ a1)"))

    monkeypatch.setitem(BACKENDS, "numpy", replace(sound, render=render))
    return derive(Network(2, [Dense(3, "tanh"), Dense(2, "tanh")], "quadratic", name="net"))


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_no_wrong_module_is_handed_out(style: str, with_a_wrong_sign: Derivation, tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="W2"):
        load(with_a_wrong_sign)
    with pytest.raises(CheckFailed, match="W2"):
        write_module(with_a_wrong_sign, tmp_path / "net.py")
    assert not list(tmp_path.iterdir())
    assert load(with_a_wrong_sign, style=style, verify=False).Parameters._fields == ("W1", "b1", "W2", "b2")
    assert write_module(with_a_wrong_sign, tmp_path / "net.py", style=style, verify=False).exists()


def test_what_is_loaded_and_written_has_every_step_verified(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fails(derivation: Derivation) -> None:
        raise CheckFailed("a step does not hold")

    monkeypatch.setattr(gradient_check, "verify", fails)
    derivation = derive(Network(2, [Dense(3, "tanh")], name="net"))
    with pytest.raises(CheckFailed, match="a step"):
        load(derivation)
    with pytest.raises(CheckFailed, match="a step"):
        write_module(derivation, tmp_path / "net.py")
    _ = load(derivation, verify=False)
