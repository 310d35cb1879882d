"""Mistakes that people reported are found in the line that has them, and named as they were named."""

from __future__ import annotations

from functools import cache

import pytest
from further_reports import FURTHER_REPORTS
from more_reports import MORE_REPORTS
from reported_works import REPORTS as FIRST_REPORTS

from chainrule import Derivation, derive, mark, read_description
from chainrule.codegen.marking.marked import Verdict

REPORTS = FIRST_REPORTS | FURTHER_REPORTS | MORE_REPORTS


@cache
def derivation(name: str) -> Derivation:
    network = REPORTS[name].network
    return derive(read_description(network) if isinstance(network, str) else network)


@pytest.mark.parametrize("name", REPORTS)
def test_without_the_mistake_it_is_right(name: str) -> None:
    work = mark(derivation(name), REPORTS[name].work)
    assert not [line for line in work.lines if line.verdict not in (Verdict.RIGHT, Verdict.UNKNOWN)]
    assert (work.right, work.missing) == (work.of, ())


@pytest.mark.parametrize("name", REPORTS)
def test_a_reported_mistake(name: str) -> None:
    report = REPORTS[name]
    text = report.work.replace(report.right, report.wrong)
    assert text != report.work
    first = mark(derivation(name), text).first_wrong
    assert first is not None
    assert first.mistake == report.kind
    start = text[: text.index(report.wrong)].count("\n") + 1
    assert start <= first.line <= start + report.wrong.count("\n")
