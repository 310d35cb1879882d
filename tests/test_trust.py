"""The page of trials is what its records say, and the records are of enough trials, none of which went wrong."""

from __future__ import annotations

import pytest
from trust import report

#: How often each kind must have been tried at least, by the first words of what was counted, or together.
ENOUGH = {"mutations": 40, "fuzzing": 1_000_000, "hostile": 30, "faults": 100, "numbers": 300, "determinism": 30}


def test_the_page_is_made_of_its_records(update: bool) -> None:
    if update:
        report.PAGE.write_text(report.page())
    assert report.PAGE.read_text() == report.page()


@pytest.mark.parametrize("name", report.ROOMS)
def test_every_kind_was_recorded_and_nothing_went_wrong(name: str) -> None:
    record = report.read(name).record
    assert record.failures == ()
    assert sum(number for _, number in record.counts) >= ENOUGH.get(name, 1)
