"""A sheet of questions on the network, and its key, which opens where somebody wants it."""

from __future__ import annotations

from markupsafe import Markup

from chainrule.codegen.exercises.seeds import MOST_SEED
from chainrule.codegen.exercises.selection import MOST_QUESTIONS
from chainrule.codegen.exercises.sheet import exercises
from chainrule.codegen.templating.environments import html_template
from chainrule.symbolic.index.failures import InvalidDescription

from .fragment import document_fragment
from .prepared import prepared
from .question import InvalidField, Question

COUNT, SEED = 6, 0


def exercises_part(question: Question) -> str:
    """The same seed has always the same questions."""
    count, seed = (_whole(question, *asked) for asked in (("count", COUNT, 1, MOST_QUESTIONS), ("seed", SEED, 0, MOST_SEED)))
    material = prepared(question.text).material(question)
    try:
        made = exercises(material, question.language, count, seed)
    except InvalidDescription as refused:
        raise InvalidField("count", refused.words) from None
    return html_template("page_exercises.html.jinja", question.language).render(
        count=count,
        seed=seed,
        most=MOST_QUESTIONS,
        sheet=Markup(document_fragment(made.sheet, "sheet-")),
        key=Markup(document_fragment(made.key, "key-")),
    )


def _whole(question: Question, name: str, otherwise: int, least: int, most: int) -> int:
    written = question.fields.get(name) or str(otherwise)
    if not (written.isascii() and written.isdigit() and len(written) < 20 and least <= int(written) <= most):
        raise InvalidField(name, f"{name}: found {written[:40]!r}, expected a whole number from {least} to {most}")
    return int(written)
