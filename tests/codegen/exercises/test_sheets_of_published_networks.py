"""Sheets of networks that others published: numbers on a jump, and formulas of which a mistake leaves no number."""

from __future__ import annotations

from pathlib import Path

import pytest
from places import TESTS

from chainrule.codegen.build import Choices, build
from chainrule.codegen.descriptions.reader import read_description

CASES = TESTS / "problems" / "cases"


@pytest.mark.parametrize("name", ["binarised", "bernoulli_divergence", "continuous_bernoulli", "rotary"])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_sheet_is_made(name: str, seed: int, tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    """Signs and roundings leap where sums of tenths are 0; 1/0 is no mistake that anyone writes; a mask is no slope; no warning is seen."""
    build(read_description(CASES / f"{name}.toml"), tmp_path, Choices(("md",), exercises=4, seed=seed))
    assert (tmp_path / f"{name}_answers.md").exists()
    assert [str(warning.message) for warning in recwarn if issubclass(warning.category, RuntimeWarning)] == []
