"""Explanations of signs stand where the signs are shown, and a document that would show a place for one is refused."""

from __future__ import annotations

import pytest

from chainrule import CheckFailed
from chainrule.codegen.document.document import Document, FrontMatter, Math, Paragraph, Words
from chainrule.codegen.document.evidence_required import evidenced
from chainrule.codegen.document.nodes import node
from chainrule.codegen.lesson.explained_signs import ExplainedSigns, ShownFormulas

SAID = (Words("x is the input."),)


def explanation(shown: ShownFormulas) -> tuple[Words, ...]:
    return SAID if shown.has(node("x")) else ()


def test_a_place_for_an_explanation_is_refused() -> None:
    mark = ExplainedSigns().place("input", explanation)
    with pytest.raises(CheckFailed, match="what was not evaluated"):
        evidenced(Document(FrontMatter("title"), (mark,), "en"))


def test_an_explanation_stands_at_the_first_place_behind_its_sign() -> None:
    signs = ExplainedSigns()
    first, second, third = (signs.place("input", explanation) for _ in range(3))
    shown, other = Paragraph((Math(node("x")),)), Paragraph((Math(node("y")),))
    assert signs.explained([first, shown, second], [third]) == [[shown, Paragraph(SAID)], []]
    assert signs.explained([first, other, second], [shown]) == [[other, Paragraph(SAID)], [shown]]
    assert signs.explained([first, other, second]) == [[other]]
