"""The derivation: the handout, with its levels to switch."""

from __future__ import annotations

from chainrule.codegen.handout import handout

from .fragment import document_fragment
from .prepared import prepared
from .question import Question


def derivation_part(question: Question) -> str:
    """Every equation of the handout, each of which was checked."""
    return document_fragment(handout(prepared(question.text).material(question), question.language))
