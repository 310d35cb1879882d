"""Formulas that people write by hand in LaTeX are read to the last one, right or called what they are."""

from __future__ import annotations

from functools import cache

import pytest
from handwritten import NETWORKS, WRITTEN

from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.marked import Verdict
from chainrule.symbolic.derivation.chain_rule import derive


@cache
def marker(name: str) -> Marker:
    return Marker(derive(NETWORKS[name]))


@pytest.mark.parametrize("name", WRITTEN)
def test_a_handwritten_text(name: str) -> None:
    written = WRITTEN[name]
    work = marker(written.network).marked(written.text, name, None, ".tex")
    first = work.first_wrong
    assert not [line for line in work.lines if line.verdict is Verdict.UNREAD]
    assert (first and first.mistake, first.line if first else 0) == (written.mistake, written.line)
    assert work.right == written.right
