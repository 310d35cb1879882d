"""Awkward numbers and arrays, empty batches, threads: what a generated module makes of them."""

from __future__ import annotations

import pytest
from trust import awkward_numbers as numbers

SUBJECTS = {subject.name: subject for subject in numbers.subjects()}


@pytest.mark.parametrize("kind", numbers.KINDS)
@pytest.mark.parametrize("name", SUBJECTS)
def test_what_is_documented_comes_out(name: str, kind: str) -> None:
    trials = list(numbers.KINDS[kind](SUBJECTS[name]))
    assert trials
    assert [f"{label}: {wrong}" for label, wrong in trials if wrong] == []
