"""Modules of random descriptions against a reading that shares nothing with the project: cost and gradients, plain and fast."""

from __future__ import annotations

import pytest
from independent.comparing import Tally, faults
from independent.drawing import Drawn
from independent.systems import drawn

SYSTEMS, CHUNK = 300, 10
WITH_WORDS = 10
#: Every so many systems also with Hessian products, and as `load` hands modules out after its own checks.
WITH_SECOND, VERIFIED = 5, 10


def described(made: Drawn) -> str:
    rest = {key: value for key, value in made.description.items() if key != "equations"}
    return f"{made.description['equations']}\n{rest}\nsizes of open axes: {made.sizes}"


@pytest.mark.parametrize("chunk", range(SYSTEMS // CHUNK))
def test_modules_say_what_the_text_says(chunk: int) -> None:
    tally = Tally()
    for number in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        made = drawn(number)
        found = faults(made, tally, second=number % WITH_SECOND == 0, verified=number % VERIFIED == 0, sizes=(1, 3))
        assert not found, f"system {number}: {found[0].kind}: {found[0].message}\n{described(made)}"
    # What cannot be compared, as numbers lie at a kink or are none, must not become the rule.
    assert tally.systems >= CHUNK // 2


@pytest.mark.parametrize("chunk", range(WITH_WORDS // CHUNK))
def test_modules_say_what_words_say(chunk: int) -> None:
    """Softmax, running sums and products, norms, roundings …: what is stopped has no second derivative that differences would find."""
    tally = Tally()
    for number in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        made = drawn(number, "words")
        found = faults(made, tally, second=False, verified=number % VERIFIED == 0, sizes=(1, 3))
        assert not found, f"system {number}: {found[0].kind}: {found[0].message}\n{described(made)}"
    assert tally.systems >= CHUNK // 2
