"""Thousands are grouped in one way, with commas, in prose, tables, formulas of shapes and figures of every language."""

from __future__ import annotations

import re

import pytest
from test_short_handouts import short

from chainrule.codegen.document.block_walk import sentences
from chainrule.codegen.document.document import Figure
from chainrule.codegen.document.spoken import write_spoken
from chainrule.codegen.formats.markdown import picture_file

#: Four digits together, but for a year or the name of a file.
UNGROUPED = re.compile(r"(?<![\d.,_])(?!20[12]\d\b)\d{4,}")


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_thousands_are_grouped(language: str) -> None:
    blocks = short("1200-3", None, language).blocks
    said = [write_spoken(sentence) for block in blocks for sentence in sentences(block)]
    assert any("3,603" in sentence for sentence in said)
    assert any(re.search(r"\b1,200\b", sentence) for sentence in said)
    assert [sentence for sentence in said if UNGROUPED.search(sentence)] == []
    drawn = [text for block in blocks if isinstance(block, Figure) for text in re.findall(r">([^<>]+)<", picture_file(block))]
    # In a circle stands which unit it is, and not how many there are.
    assert [text for text in drawn if UNGROUPED.search(text) and not text.isdigit()] == []
