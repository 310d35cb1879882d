"""Questions and answers as JSON: texts are Markdown with formulas between dollar signs, and what is right is data."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from chainrule.codegen.document.document import Block, Figure
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.exercises.answers import (
    Answer,
    ChoiceAnswer,
    CountsAnswer,
    FormulaAnswer,
    GapAnswer,
    NumberAnswer,
    OrderAnswer,
    SelectionAnswer,
    ShapesAnswer,
    TruthAnswer,
)
from chainrule.codegen.exercises.question import Question
from chainrule.codegen.formats.markdown import PANDOC, markdown_block, markdown_sentence
from chainrule.codegen.words.sentences import formula

from .course import Course

#: A reader of an older form meets another number.
VERSION = 1


def render_json(course: Course) -> str:
    """The file. Same questions, same text."""
    asked = course.exercises
    content = {
        "format": "chainrule questions",
        "version": VERSION,
        "name": course.name,
        "title": asked.sheet.front.title,
        "language": asked.sheet.language,
        "seed": asked.seed,
        "points": asked.points,
        "network": _text([*asked.network, *asked.forward]),
        "numbers": _text(asked.numbers),
        "questions": [_question(number, question) for number, question in enumerate(asked.questions, 1)],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _question(number: int, question: Question) -> dict[str, Any]:
    return {
        "number": number,
        "kind": question.kind,
        "stars": question.stars,
        "points": question.points,
        "needs_numbers": question.needs_numbers,
        "prompt": _text(question.prompt),
        "answer": _answer(question.answer),
        "solution": _text(question.solution),
        "checked": markdown_sentence(question.checked, PANDOC),
    }


def _answer(answer: Answer) -> dict[str, Any]:
    match answer:
        case NumberAnswer(shown, value, tolerance):
            return {"type": "number", "value": value, "tolerance": tolerance, "text": markdown_sentence((shown,), PANDOC)}
        case ChoiceAnswer(options, right):
            return {"type": "choice", "options": [markdown_sentence(option, PANDOC) for option in options], "right": right}
        case SelectionAnswer(options, chosen):
            return {"type": "selection", "options": [markdown_sentence(option, PANDOC) for option in options], "right": list(chosen)}
        case TruthAnswer(is_true):
            return {"type": "truth", "value": is_true}
        case OrderAnswer(letters):
            return {"type": "order", "letters": list(letters)}
        case GapAnswer(missing, others):
            return {"type": "gap", "missing": _formula(missing), "others": [_formula(other) for other in others]}
        case ShapesAnswer(shapes):
            return {"type": "shapes", "arrays": [{"array": _formula(array), "shape": list(shape)} for array, shape in shapes]}
        case CountsAnswer(counts):
            return {"type": "counts", "counts": [{"what": markdown_sentence(what, PANDOC), "count": count} for what, count in counts]}
        case FormulaAnswer(gradient, right):
            return {"type": "formula", "gradient": _formula(gradient), "formula": _formula(right)}


def _formula(node: Node) -> str:
    return markdown_sentence(formula(node), PANDOC)


def _text(blocks: Iterable[Block]) -> str:
    """Pictures are left out: they would be files of their own."""
    return "\n\n".join(markdown_block(block, PANDOC) for block in blocks if not isinstance(block, Figure))
