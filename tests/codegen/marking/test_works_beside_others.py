"""What is said of a work is the same whatever was marked before it, and with less of it run."""

from __future__ import annotations

import random

import pytest
from generated_works import generated_work
from other_forms import other_form
from planted_networks import networks
from plantings import Planting
from written_as import written_as

from chainrule import Derivation, derive
from chainrule.codegen.marking.first_draw import gradients_at_most, lines_at_most
from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.marked import MarkedWork

NAME = "quadratic rows out-in"
KINDS = ("sign", "transpose", "sum", "mean", "shape", "operand")


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    return derive(networks()[NAME])


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Works in the description's own convention and in three others, right and with mistakes."""
    found = []
    for number, name in enumerate(name for name in networks() if name.startswith("quadratic")):
        draw = random.Random(number)
        form, _ = other_form(generated_work(derive(networks()[name]), number), draw)
        found.append(written_as(form, random.Random(number)).text)
        planted = [Planting(form).one(kind, draw) for kind in KINDS[number % 2 :: 2]]
        found += [written_as(each.work, random.Random(number)).text for each in planted if each is not None]
    assert len(found) > 12
    return found


def marked(derivation: Derivation, texts: list[str]) -> list[MarkedWork]:
    marker = Marker(derivation)
    return [marker.marked(text, "work.py") for text in texts]


def test_works_are_marked_in_any_order_as_one_by_one(derivation: Derivation, texts: list[str]) -> None:
    together = marked(derivation, texts)
    assert len({work.convention for work in together}) > 3
    assert marked(derivation, texts[::-1]) == together[::-1]
    assert [Marker(derivation).marked(text, "work.py") for text in texts] == together


def test_the_first_draw_says_at_least_what_both_say(derivation: Derivation, texts: list[str]) -> None:
    """A trial that is left out by its first draw could not have been the best one."""
    conventions = Marker(derivation).conventions
    for text in texts:
        work = Marker(derivation).read(text, "work.py", None, ".py")
        _, trial = conventions.best(work)
        assert trial.right_gradients <= gradients_at_most(trial)
        assert len([line for line in trial.lines if trial.match(line) is not None]) <= lines_at_most(trial)
        for line in trial.lines[::5]:
            other = trial.with_value(line, (-line.values[0], -line.values[1]))
            assert other.right_gradients <= gradients_at_most(other)
