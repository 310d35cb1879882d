"""Generated modules as works: right as they are, and with one mistake its line and its kind are found."""

from __future__ import annotations

import random

import pytest
from planted import networks, planted, work_text

from chainrule import derive
from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.marked import Verdict

NETWORKS = networks()
#: Of all; `python tests/codegen/marking/planted_trial.py` tries every one.
NAMES = ("tanh rows out-in quadratic", "relu columns in-out quadratic", "labels rows in-out", "penalty columns out-in")
MISTAKES = 6


@pytest.mark.parametrize("name", NAMES)
def test_a_planted_mistake_is_found(name: str) -> None:
    derivation = derive(NETWORKS[name])
    text, marker = work_text(derivation), Marker(derivation)
    right = marker.marked(text, name)
    assert right.is_right
    assert Verdict.UNREAD not in {line.verdict for line in right.lines}
    for mistake in random.Random(name).sample([*planted(text)], MISTAKES):
        first = marker.marked(mistake.text, name).first_wrong
        assert first is not None, mistake.what
        assert first.line == mistake.line, mistake.what
        assert first.mistake in mistake.kinds, mistake.what
