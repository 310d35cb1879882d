"""The page of trials is what its records say, and the records are of enough trials, none of which went wrong."""

from __future__ import annotations

import pytest
from trust import report
from trust.record import VACUOUS

#: How many must have been tried at least.
ENOUGH = {
    "mutations": 40,
    "independent_systems": 50_000,
    "fuzzing": 1_000_000,
    "hostile": 30,
    "faults": 100,
    "awkward_numbers": 300,
    "determinism": 30,
}


def test_the_page_is_made_of_its_records(update: bool) -> None:
    if update:
        report.PAGE.write_text(report.page(report.sections()), encoding="utf-8")
    assert report.PAGE.read_text(encoding="utf-8") == report.page(report.sections())


#: What falls short, as the page says: that test is to be taken off here once it no longer does.
SHORT: dict[str, str] = {}
ROOMS = [pytest.param(room, marks=pytest.mark.xfail(reason=SHORT[room], strict=True) if room in SHORT else ()) for room in report.ROOMS]


@pytest.mark.parametrize("room", ROOMS)
def test_every_kind_was_recorded_and_nothing_went_wrong(room: str) -> None:
    record = next(section.record for section in report.sections() if section.room == room)
    assert record.failures == ()
    assert dict(record.counts).get(VACUOUS, 0) == 0
    # The inputs of fuzzing are counted together first, then by who made them.
    tried = [number for _, number in record.counts]
    assert (tried[0] if room == "fuzzing" else sum(tried)) >= ENOUGH.get(room, 1)


def test_marking_blames_nothing_that_is_right_and_calls_mistakes_what_they_are() -> None:
    (record,) = (section.record for section in report.sections() if section.room == "marking")
    wrong, found, named, right, blamed = (number for _, number in record.counts)
    assert wrong >= 2000
    assert right >= 1000
    assert blamed == 0
    assert found >= 0.99 * wrong
    assert named >= 0.95 * wrong
