"""The parts that can be asked for, and the answer to a question: HTML, or what is wrong and where."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from chainrule.symbolic.index.failures import ChainruleError, InvalidDescription

from .code import code_part
from .derivation import derivation_part
from .exercises import exercises_part
from .files import files_part
from .marking import marking_part
from .numbers import numbers_part
from .picture import picture_part
from .prepared import prepared
from .question import InvalidField, Question, question_of

PARTS: Mapping[str, Callable[[Question], str]] = {
    "picture": picture_part,
    "derivation": derivation_part,
    "numbers": numbers_part,
    "code": code_part,
    "exercises": exercises_part,
    "marking": marking_part,
    "files": files_part,
}


def answer(part: str, asked: bytes) -> bytes:
    """JSON: `html` and the network's `title`; or the `problem`, with `line` and `column` from 1, 0 if not known; or the `field`."""
    try:
        question = question_of(part, asked)
        html, front = PARTS[part](question), prepared(question.text).description.front
        found: dict[str, object] = {"html": html, "title": front.in_language(question.language).title}
    except InvalidField as failure:
        found = {"field": {"name": failure.field, "message": failure.words}}
    except InvalidDescription as failure:
        found = {"problem": {"message": failure.words, "line": failure.line, "column": failure.column}}
    except ChainruleError as failure:
        found = {"problem": _problem(f"{failure}")}
    except RecursionError:
        found = {"problem": _problem("it is nested too deeply")}
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def _problem(message: str) -> dict[str, object]:
    """One that has no place in the text."""
    return {"message": message, "line": 0, "column": 0}
