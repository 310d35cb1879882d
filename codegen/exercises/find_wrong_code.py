"""Find the bug: lines of the module's backward pass one below the other, one of them with a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.codegen.document.document import Code, Display, Listing, Paragraph
from chainrule.codegen.mistakes.code import WrongCode, made
from chainrule.codegen.words.sentences import say, say_with, together

from .backward_code import BackwardCode, CodeLine
from .draw import QuestionDraw
from .find_wrong_formula import one_of_lines, wrong_line
from .question import Question
from .source import QuestionSource

#: Of what is in a loop.
INDENT = "    "


def places(source: QuestionSource) -> tuple[int, ...]:
    """The block of lines that is shown."""
    code = source.backward_code
    return tuple(range(len(code.blocks))) if code is not None else ()


def question(source: QuestionSource, place: int, draw: QuestionDraw) -> Question | None:
    code = source.backward_code
    assert code is not None
    shown = code.blocks[place]
    for wrong in draw.shuffled(range(len(shown))):
        found = _visible_mistake(source, code, shown[wrong], draw)
        if found is not None:
            mistake, outcome = found
            break
    else:
        return None
    lines = [line.with_code(mistake.code) if number == wrong else line.written for number, line in enumerate(shown)]
    loops = [line.loop for line in shown]
    tensors = [line.name.removeprefix(source.system.adjoint_mark) for line in shown]
    adjoint = source.adjoint(tensors[wrong])
    mentions = {key: Code(part) for key, part in mistake.mentions.items()}
    said, answer = say_with(f"exercises.mistake.code.{mistake.kind}", mentions), one_of_lines(len(shown), wrong)
    return Question(
        "find_wrong_code",
        shown[0].name,
        2,
        (Paragraph(say("exercises.find.code")), Listing(_numbered(lines, loops))),
        (
            Paragraph(wrong_line(answer, together(said, say(f"exercises.code.{outcome}")))),
            Listing(shown[wrong].written),
            Paragraph(say("exercises.why.code")),
            Display((source.gradient_line(adjoint),)),
        ),
        say("exercises.checked.code"),
        3,
        frozenset({tensors[wrong]}),
        frozenset(tensors),
        answer=answer,
    )


def _numbered(lines: list[str], loops: list[str]) -> str:
    """Each with its number behind its first row; those of a loop below its head."""
    rows: list[tuple[str, str]] = []
    for number, (line, loop) in enumerate(zip(lines, loops, strict=True), 1):
        if loop and (number == 1 or loops[number - 2] != loop):
            rows.append((loop, ""))
        first, *others = line.split("\n")
        indent = INDENT if loop else ""
        rows += [(indent + first, f"  # {number}"), *((indent + other, "") for other in others)]
    width = max(len(row) for row, number in rows if number)
    return "\n".join(f"{row:{width}}{number}" if number else row for row, number in rows)


def _visible_mistake(source: QuestionSource, code: BackwardCode, line: CodeLine, draw: QuestionDraw) -> tuple[WrongCode, str] | None:
    """A mistake in a line that a run tells; every kind is as likely as any, and those that give wrong numbers come first."""
    gradients = {adjoint.as_tensor.name for adjoint in source.derivation.needed}
    tried = made(line.code, gradients, _near(source, code.values))
    said = (mistake for mistake in tried if not any("\n" in part for part in mistake.mentions.values()))
    found = [(mistake, outcome) for mistake in said if (outcome := code.outcome(line, mistake.code)) is not None]
    for kind in draw.shuffled(list(dict.fromkeys(mistake.kind for mistake, _ in found))):
        of_kind = [(mistake, outcome) for mistake, outcome in found if mistake.kind == kind]
        return draw.one_of([each for each in of_kind if each[1] == "value"] or of_kind)
    return None


def _near(source: QuestionSource, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """For each quantity of the forward pass those of its shape that it is computed from or that are computed from it."""
    system, near = source.system, dict[str, list[str]]()
    for equation in system.equations:
        for read in equation.reads:
            pair = equation.tensor.name, read
            if all(name in values for name in pair) and np.shape(values[pair[0]]) == np.shape(values[pair[1]]):
                for name, other in (pair, pair[::-1]):
                    near.setdefault(name, []).append(other)
    return near
