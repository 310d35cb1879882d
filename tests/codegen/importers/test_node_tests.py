"""The tests of operators that the package onnx ships: the table says how many pass, and a part of them is run again here."""

from __future__ import annotations

import re

import onnx
import pytest
from node_tests import OPERATORS, TABLE, cases, outcome
from places import ROOT

from chainrule.codegen.importers.operators import OPERATORS as WRITERS

TEXT = TABLE.read_text()
#: One in so many is run, others for each version of the package.
PART = 5


def test_nine_of_ten_pass() -> None:
    found = re.search(r"(\d+) of (\d+) pass", TEXT)
    assert found is not None
    assert int(found[1]) >= 0.9 * int(found[2])
    assert f"{found[1]} of the {found[2]} tests" in (ROOT / "README.md").read_text()


@pytest.mark.skipif(onnx.__version__ not in TEXT.splitlines()[0], reason="the table is of another version of the package onnx")
def test_those_that_pass_still_do() -> None:
    wrong = set(re.findall(r"^- `(\w+)`", TEXT, flags=re.MULTILINE))
    every = [case for operator in OPERATORS for case in cases().get(operator, [])]
    assert len(every) == sum(int(count) for count in re.findall(r"\| (\d+) \|$", TEXT, flags=re.MULTILINE))
    tried = [outcome(case) for case in every[::PART]]
    assert [each for each in tried if bool(each.problem) != (each.name in wrong)] == []


def test_every_operator_has_equations() -> None:
    assert not {*OPERATORS} - {*WRITERS}
