"""Hoisting out of recurrences: what reads nothing of its loop is computed for all steps at once, where that pays."""

from __future__ import annotations

import pytest
from test_fast import assert_fast_is_plain
from test_fast_recurrences import BY_STEPS, system
from test_recurrences import recurrent

from chainrule import Layer, Network, derive
from chainrule.codegen.backends.fast import workspace
from chainrule.codegen.backends.fast.compilation import Fast
from chainrule.codegen.backends.fast.pipeline import fast


def in_loops(made: Fast) -> list[str]:
    return [f"{operation.function} {operation.equation}" for operation in made.operations if operation.loop is not None]


def before_loops(made: Fast) -> list[str]:
    return [f"{operation.function} {operation.equation}" for operation in made.operations if operation.loop is None]


def test_the_projection_of_the_input_and_the_slope_leave_their_loops() -> None:
    derivation = derive(recurrent("rnn"))
    hoisted, not_hoisted = fast(derivation), fast(derivation, without={"hoisting"})
    assert in_loops(hoisted) == ["product z", "add z", "tanh h", "product dh", "add dh", "multiply dz"]
    assert {"product z", "add z", "square dz", "subtract dz"} <= set(before_loops(hoisted))
    assert {"square dz", "subtract dz"} <= set(in_loops(not_hoisted))
    assert in_loops(not_hoisted).count("product z") == 2


@pytest.mark.parametrize("left_out", ["hoisting", "sharing", "dead-work", "layout", "in-place", "reuse"])
@pytest.mark.parametrize("name", ["gru", "two boundary values", "as many steps as the arrays have", "attention to other positions"])
def test_switched_off_the_numbers_are_the_same(name: str, left_out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hoisting, and each other pass on which a loop could depend."""
    monkeypatch.setattr(workspace, "fast", lambda derivation, taken, without, *more: fast(derivation, taken, {*without, left_out}, *more))
    assert_fast_is_plain(derive(BY_STEPS[name]))


def test_functions_of_large_steps_stay_in_the_loop_and_products_leave_it() -> None:
    """An array of all steps would not fit into the nearest memory."""
    wide = fast(derive(Network([5, 7], [Layer("rnn", {"units": 2048})], "quadratic")))
    assert {"square dz1", "subtract dz1"} <= set(in_loops(wide))
    assert in_loops(wide).count("product z1") == 1
    assert "product z1" in before_loops(wide)


def test_what_is_there_is_not_computed_again() -> None:
    """1 - u is needed for ds and for dzu: one array of all steps."""
    made = fast(derive(Network([5, 3], [Layer("gru", {"units": 2})], "quadratic")))
    hoisted = [operation for operation in made.operations if operation.loop is None and operation.function == "subtract"]
    assert len({tuple(map(str, operation.operands)) for operation in hoisted}) == len(hoisted)
    assert sum("u1" in {entry.name for entry in operation.entries} for operation in hoisted) == 1


def test_what_is_the_same_at_every_step_is_computed_once() -> None:
    made = fast(derive(system("h[n,t,j] = tanh(h[n,t-1,j]*exp(w[j]) + x[n,t,j])\n", ["w[j]"], ("x[n,t,j]",))))
    assert "exp h" in before_loops(made)
    assert not any(text.startswith("exp") for text in in_loops(made))
