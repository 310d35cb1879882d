"""A question of a sheet as cells: what a machine can mark is a value in Python, all else is read by a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chainrule.codegen.document.document import Block, Heading, Items, Paragraph
from chainrule.codegen.document.nodes import row
from chainrule.codegen.document.sentence import Code, Math, Sentence
from chainrule.codegen.exercises.answers import (
    Answer,
    ChoiceAnswer,
    CountsAnswer,
    GapAnswer,
    NumberAnswer,
    OrderAnswer,
    SelectionAnswer,
    ShapesAnswer,
    TruthAnswer,
)
from chainrule.codegen.exercises.question import Question
from chainrule.codegen.formats.markdown import JUPYTER, markdown_block
from chainrule.codegen.words.sentences import formula, plain, say

from .nbgrader_cells import solution_cell, test_cell, text_cell, written_cell

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def question_cells(number: int, question: Question, seed: int) -> Iterator[dict[str, Any]]:
    """The question, where its answer goes, and the test of it."""
    name = f"answer_{number}"
    stars = Math(row(*"★" * question.stars))
    heading = Heading(2, say("exercises.question", number=number, stars=stars, points=question.points), f"question-{number}")
    marked = _marked(question.answer, name, number + seed)
    if marked is None:
        yield text_cell(f"question-{number}", _text([heading, *question.prompt]))
        yield written_cell(f"answer-{number}", question.points, _text(question.solution))
        return
    asked, right, test = marked
    yield text_cell(f"question-{number}", _text([heading, *question.prompt, *asked]))
    yield solution_cell(f"answer-{number}", [], [f"{name} = {right}"])
    yield test_cell(f"test-answer-{number}", question.points, [f"{name}"], [f"assert {test}"])


def _text(blocks: Sequence[Block]) -> str:
    return "\n\n".join(markdown_block(block, JUPYTER) for block in blocks)


def _marked(answer: Answer, name: str, turn: int) -> tuple[list[Block], str, str] | None:
    """How the answer is to be given, the right one as Python, and the condition that it fulfils; None where a person reads it."""

    def asked(how: str) -> Paragraph:
        return Paragraph(say(f"assignment.answer.{how}", name=Code(name)))

    match answer:
        case NumberAnswer(_, value, tolerance):
            return [asked("number")], repr(value), f"abs({name} - ({value!r})) <= {1.0001 * tolerance!r}"
        case TruthAnswer(is_true):
            return [asked("truth")], repr(is_true), f"{name} is {is_true!r}"
        case OrderAnswer(letters):
            right = repr("".join(letters))
            return [asked("order")], right, f'"".join({name}).replace(",", "").replace(" ", "").upper() == {right}'
        case ShapesAnswer(shapes):
            right = repr([shape for _, shape in shapes])
            return [asked("shapes")], right, f"[tuple(np.ravel(each)) for each in {name}] == {right}"
        case CountsAnswer(counts):
            right = repr([count for _, count in counts])
            return [Items(tuple(what for what, _ in counts)), asked("counts")], right, f"list({name}) == {right}"
        case ChoiceAnswer(options, place):
            right = repr(LETTERS[place])
            return [*_offered(options), asked("choice")], right, f"{name}.strip().upper() == {right}"
        case SelectionAnswer(options, places):
            right = repr("".join(LETTERS[place] for place in sorted(places)))
            return [*_offered(options), asked("selection")], right, f"sorted(set({name}.upper()) - set(' ,')) == sorted({right})"
        case GapAnswer(missing, others) if others:
            place = turn % (len(others) + 1)
            written = [formula(node) for node in (*others[:place], missing, *others[place:])]
            right = repr(LETTERS[place])
            return [*_offered(written), asked("choice")], right, f"{name}.strip().upper() == {right}"
        case _:
            return None


def _offered(options: Sequence[Sentence]) -> list[Block]:
    """The options, each with its letter; nothing where they are the letters of lines in the question."""
    named = list(zip(LETTERS, options, strict=False))
    if all(option == plain(letter) for letter, option in named):
        return []
    return [Items(tuple((*plain(f"{letter}: "), *option) for letter, option in named))]
