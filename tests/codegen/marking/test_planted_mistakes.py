"""Generated modules as works in other forms: right as they are, and with one mistake its line and its kind are found."""

from __future__ import annotations

from collections import Counter

import pytest
from planted_networks import networks
from planted_trial import RIGHT, Trials, numbered

#: Of thirty; `python tests/trust/report.py marking` tries every one.
NAMES = ("kinks rows in-out", "labels columns out-in", "skipping")


def test_there_are_thirty_networks() -> None:
    assert len(networks()) == 30


@pytest.mark.parametrize("name", NAMES)
def test_a_planted_mistake_is_found(name: str) -> None:
    tried: Counter[str] = Counter()
    for outcome in Trials(name).outcomes(0, tried):
        assert outcome.found, f"{outcome.kind}: {outcome.what}\n{outcome.said}\n{numbered(outcome.text)}"
        assert outcome.named, f"{outcome.kind}: {outcome.what}\n{outcome.said}\n{numbered(outcome.text)}"
    assert set(tried) - {RIGHT}
