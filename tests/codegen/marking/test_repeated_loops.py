"""A run that puts back what loops left in runs before is the same as one that goes through them."""

from __future__ import annotations

import ast
from dataclasses import replace

import numpy as np
import pytest
from test_course_works import CASES, derivation

from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.python.bounds import Spent
from chainrule.codegen.marking.python.reader import CodeWork, read_code
from chainrule.codegen.marking.python.recorded import Changes, Run

LOOPS = [name for name, (_, text) in CASES.items() if any(isinstance(node, ast.For) for node in ast.walk(ast.parse(text)))]
#: Of the places of a work, at which there is another value.
PLACES = 5


def everything(run: Run) -> list[tuple[object, ...]]:
    return [
        (
            each.place,
            each.target,
            each.in_place,
            each.scope,
            each.rounds,
            each.failed,
            np.shape(each.value),
            np.asarray(each.value).tobytes(),
        )
        for each in run.lines
    ] + [(line, each.reason) for line, each in run.unread.items()]


@pytest.mark.parametrize("name", LOOPS)
def test_runs_with_another_value(name: str) -> None:
    trial = Marker(derivation(name)).conventions.trial(read_code(CASES[name][1], "work"))
    work, given = trial.work, trial.givens[0]
    assert isinstance(work, CodeWork)
    begun = work.run(given)
    assert everything(work.run(given)) == everything(begun)
    assert not begun.is_exhausted
    for recorded in begun.lines[:: 1 + len(begun.lines) // PLACES]:
        changes = Changes({recorded.place: recorded.value + 0.25})
        alone = everything(CodeWork(work.tree).run(given, changes))
        work = replace(work, spent=Spent())
        assert everything(work.run(given, changes)) == alone
        assert everything(work.run(given, changes)) == alone


def test_a_loop_that_was_gone_through_takes_no_steps() -> None:
    text = "total = np.zeros(3)\nfor i in range(50):\n    total += np.tanh(x[0, :3] * i)\n"
    trial = Marker(derivation("recurrent")).conventions.trial(read_code(text, "work"))
    first = trial.work.run(trial.givens[0])
    before = trial.work.spent.steps
    assert everything(trial.work.run(trial.givens[0])) == everything(first)
    assert 10 * (trial.work.spent.steps - before) < before


ALIASES = """
whole = np.zeros((4, 3))
part = whole[1]
for i in range(3):
    own = whole[2]
    other = own
    part += i
    own -= 1
other *= 5
kept = whole.copy()
part[0] = 9
last = whole.copy()
"""


def test_arrays_that_are_parts_of_each_other_stay_so() -> None:
    trial = Marker(derivation("recurrent")).conventions.trial(read_code(ALIASES, "work"))
    for _ in range(3):
        run = trial.work.run(trial.givens[0])
        found = {each.target: each.value for each in run.lines}
        assert found["kept"].tolist() == [[0, 0, 0], [3, 3, 3], [-15, -15, -15], [0, 0, 0]]
        assert found["last"].tolist() == [[0, 0, 0], [9, 3, 3], [-15, -15, -15], [0, 0, 0]]


def test_what_a_function_reads_of_a_file_tells_two_runs_apart() -> None:
    text = """
rate = 2.0
def stepped(v):
    return v * rate
def run(x):
    total = 0.0
    for i in range(3):
        total = total + stepped(i)
    return total + 0.0
"""
    trial = Marker(derivation("recurrent")).conventions.trial(read_code(text, "work"))
    for value in (None, 5.0, None, 7.0, 5.0):
        changes = Changes({(2, "rate", 0): np.array(value)} if value else {})
        run = trial.work.run(trial.givens[0], changes)
        (last,) = [each.value for each in run.lines if each.target == "return" and each.line == 9]
        assert last == 3 * (value or 2.0)
