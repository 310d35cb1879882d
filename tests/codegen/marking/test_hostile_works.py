"""Works that would do harm if they were run, or take all time and memory: nothing is run, and each ends with a message."""

from __future__ import annotations

import time

import pytest
from hostile_works import FORMULAS, WORKS
from trust.tried import peak_megabytes

from chainrule import Dense, Derivation, InvalidDescription, Network, derive, mark
from chainrule.codegen.marking.marked import Verdict

#: Of which no line is beyond bounds.
QUIET = ("odd names", "class", "many functions", "many products", "texts as numbers", "left")


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    return derive(Network(3, [Dense(2, "sigmoid")]))


@pytest.mark.parametrize("name", WORKS)
def test_a_hostile_work_ends_with_a_message(name: str, derivation: Derivation) -> None:
    before = peak_megabytes()
    started = time.process_time()
    said(name, derivation)
    assert time.process_time() - started < 5
    assert peak_megabytes() - before < 300


@pytest.mark.parametrize("name", FORMULAS)
def test_hostile_formulas_end_with_a_message(name: str, derivation: Derivation) -> None:
    ending, text = FORMULAS[name]
    before, started = peak_megabytes(), time.process_time()
    work = mark(derivation, text, ending=ending)
    assert time.process_time() - started < 5
    assert peak_megabytes() - before < 300
    assert not work.is_right


def said(name: str, derivation: Derivation) -> None:
    try:
        work = mark(derivation, WORKS[name])
    except InvalidDescription as problem:
        message = str(problem)
    else:
        message = "no Python"
        assert work.right == 0
        if name not in QUIET:
            assert [line for line in work.lines if line.verdict is Verdict.UNREAD]
    assert "no Python" in message


def test_too_long_a_work_is_refused(derivation: Derivation) -> None:
    with pytest.raises(InvalidDescription, match="found 10000000 characters"):
        mark(derivation, "a = 1\n" * 1_666_666 + "a = ")
