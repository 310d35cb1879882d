"""The parts that can be asked for, and the answer to a question: HTML, or what is wrong and where."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from chainrule.symbolic.index.failures import ChainruleError, InvalidDescription

from .derivation import derivation_part
from .description_text import problem_of
from .picture import picture_part
from .prepared import prepared
from .question import Question, question_of

PARTS: Mapping[str, Callable[[Question], str]] = {
    "picture": picture_part,
    "derivation": derivation_part,
}


def answer(part: str, asked: bytes) -> bytes:
    """JSON: `html` and the network's `title`; or the `problem`, with `line` and `column` from 1, 0 where they are not known."""
    question: Question | None = None
    try:
        question = question_of(part, asked)
        found: dict[str, object] = {"html": PARTS[part](question), "title": prepared(question.text).description.front.title}
    except InvalidDescription as failure:
        problem = problem_of(question.text if question else "", failure)
        found = {"problem": {"message": problem.message, "line": problem.line, "column": problem.column}}
    except (ChainruleError, RecursionError) as failure:
        found = {"problem": {"message": str(failure) or "it is nested too deeply", "line": 0, "column": 0}}
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")
