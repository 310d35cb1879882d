"""Gradients found in two ways are the same; the pairs are in `trust/differential.py`, and a recorded run tries more of them."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from trust.differential import against_scalars, recurrent_against_unrolled, rows_against_columns, small_systems
from trust.random_recurrences import random_recurrence

CHUNK = 5


@pytest.mark.parametrize("chunk", range(3))
def test_the_chain_rule_over_indices_is_that_of_scalars(chunk: int) -> None:
    compared = 0
    for number in islice(small_systems(), chunk * CHUNK, (chunk + 1) * CHUNK):
        with np.errstate(all="ignore"):
            compared += against_scalars(number)
    assert compared >= CHUNK // 2


@pytest.mark.parametrize("number", range(8))
def test_a_recurrence_is_what_its_steps_are(number: int) -> None:
    assert recurrent_against_unrolled(number)


@pytest.mark.parametrize("number", range(8))
def test_rows_are_columns_the_other_way_round(number: int) -> None:
    assert rows_against_columns(number)


def test_random_recurrences_are_of_many_kinds() -> None:
    texts = [random_recurrence(number).recurrent["equations"] for number in range(60)]
    for part in ("t-1", "t-2", "t+1", "[n,-1,j]", "[n,-2,j]", "relu", "sigmoid", "x[n,0,1]"):
        assert sum(part in text for text in texts) >= 5, part
    assert len(set(texts)) == len(texts)


def test_an_unrolled_recurrence_has_none() -> None:
    for number in range(20):
        made = random_recurrence(number)
        assert "t-" not in made.unrolled["equations"]
        assert "t+" not in made.unrolled["equations"]
