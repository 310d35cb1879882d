"""Random systems of equations in C: the numbers of NumPy modules, or the reason why there is none."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from random_systems import random_system
from test_c import STRICT, assert_c_is_plain

from chainrule import InvalidDescription, derive
from chainrule.symbolic.language.system_reader import system_from_equations

CHUNK = 5
#: Numbers of systems, and whether they have words such as softmax, cumprod or std in each other.
CHUNKS = [(start, has_words) for has_words, end in ((False, 4 * CHUNK), (True, 2 * CHUNK)) for start in range(0, end, CHUNK)]
#: Found by trying many: a view of an array that is written over (61), slices of an array with a border (23), ∞ in a comment (103).
FOUND = [(61, False), (23, True), (103, True)]
#: What may be the reason.
REASONS = re.compile(r"the C target has no (form of .* \(a recurrence that reads|boundary values? |parameter)")


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_CFLAGS", STRICT)


def result(number: int, has_words: bool) -> str:
    """What became of a system: the same, refused in C, or no system at all."""
    made = random_system(number, has_words=has_words)
    try:
        derivation = derive(system_from_equations(**made.description))
    except InvalidDescription:
        return "none"
    try:
        with np.errstate(all="ignore"):
            assert_c_is_plain(derivation)
    except InvalidDescription as refusal:
        return "refused" if REASONS.search(str(refusal)) else str(refusal)
    except AssertionError as failure:
        raise AssertionError(f"system {number}: {failure}\n{made}") from failure
    return "same"


@pytest.mark.parametrize(("start", "has_words"), CHUNKS)
def test_systems_are_those_of_numpy_or_refused_with_a_reason(start: int, has_words: bool) -> None:
    found = Counter(result(number, has_words) for number in range(start, start + CHUNK))
    assert found.keys() <= {"same", "refused", "none"}
    assert found["same"] > CHUNK // 2


@pytest.mark.parametrize(("number", "has_words"), FOUND)
def test_those_that_were_not_the_same(number: int, has_words: bool) -> None:
    assert result(number, has_words) == "same"
