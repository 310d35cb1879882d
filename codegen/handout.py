"""The handout: the sections of a lesson, and the questions on it."""

from __future__ import annotations

from chainrule.codegen.document.document import Document
from chainrule.codegen.exercises.closing_questions import questions_section
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.sections.registry import SECTIONS, Section, document

#: By the names that notations choose them by.
HANDOUT_SECTIONS: dict[str, Section] = {**SECTIONS, "questions": Section(questions_section)}


def handout(material: Material, language: str) -> Document:
    """The whole document in a language.

    Raises:
        CheckFailed: where an equation of it does not hold, or was not evaluated, or a letter is not in the ledger.
    """
    return document(material, language, HANDOUT_SECTIONS)
