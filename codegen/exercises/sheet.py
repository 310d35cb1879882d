"""The sheet that is handed out and the key with its answers, as two documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chainrule.codegen.checking.checker import Checker
from chainrule.codegen.document.document import BlankLines, Block, Display, Document, Fields, FrontMatter, Heading, Listing, Math, Paragraph
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.evidence_required import evidenced
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.node_walk import nodes
from chainrule.codegen.document.nodes import Number, row
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.sections.network import forward_section, network_section
from chainrule.codegen.words.sentences import listed, plain, say, text_of
from chainrule.codegen.words.translation import speaking, written_date
from chainrule.symbolic.index.failures import CheckFailed

from .gaps import SMALL_GAP
from .order_steps import LETTERS
from .question import Question
from .said_numbers import said_numbers
from .selection import chosen_questions, given_away
from .source import QuestionSource

#: What questions say themselves: a gap, and how hard they are.
SIGNS = (SMALL_GAP.text, "★")


@dataclass(frozen=True)
class Exercises:
    """What is handed out and what is kept, and of what: the network, its forward pass, the student's numbers if a question needs them."""

    sheet: Document
    key: Document
    network: tuple[Block, ...]
    forward: tuple[Block, ...]
    numbers: tuple[Block, ...]
    questions: tuple[Question, ...]
    seed: int

    @property
    def points(self) -> int:
        return sum(question.points for question in self.questions)


def exercises(material: Material, language: str, count: int, seed: int) -> Exercises:
    """A sheet of so many questions and its key.

    Raises:
        InvalidDescription: where the network has fewer questions.
        CheckFailed: where an answer does not hold, a formula was not evaluated, a letter is not in the ledger, or the sheet gives an
            answer away.
    """
    own = replace(material.with_sections(material.sections), checker=Checker())
    with speaking(language):
        source = QuestionSource(own, seed)
        network, forward = own.signs.explained(network_section(own), forward_section(own))
        numbers = _numbers(source)
        questions = chosen_questions(source, count, [*network, *forward, *numbers])
        needed = numbers if any(question.needs_numbers for question in questions) else []
        asked = [_fields(questions), *network, *forward, *needed, *_asked(questions)]
        _refuse_leaks(questions, asked)
        answered = _answered(questions)
        own.ledger.to_themselves([*asked, *answered], SIGNS, LETTERS)
        own.ledger.check([*asked, *answered])
        front, prompts = material.description.front.in_language(language), [block for question in questions for block in question.prompt]
        sheet = Document(_front(front, "sheet", seed), tuple(asked), language, numbered=False, kept_whole=True)
        key = Document(_front(front, "key", seed), tuple(answered), language, numbered=False)
        given = tuple(network), tuple(forward), tuple(needed)
        return Exercises(evidenced(sheet, prompts), evidenced(key, prompts), *given, questions, seed)


def _front(front: FrontMatter, kind: str, seed: int) -> FrontMatter:
    title = text_of(f"exercises.title.{kind}").replace("{seed}", str(seed)).replace("{title}", front.title)
    return replace(front, title=title, date=written_date(front.date))


def _refuse_leaks(questions: Sequence[Question], asked: Sequence[Block]) -> None:
    for question in questions:
        if found := given_away(question.secrets, asked):
            raise CheckFailed(f"the sheet shows the answer {write_latex(found[0])} of a question about {question.place}")


def _numbers(source: QuestionSource) -> list[Block]:
    """What is given for the questions with numbers."""
    if source.student is None:
        return []
    blocks: list[Block] = [Heading(1, say("exercises.heading.numbers"), "numbers"), Paragraph(said_numbers(source))]
    if source.system.batch in source.system.axes:
        blocks.append(Paragraph(say("exercises.one_example", count=Math(row("N", "=", "1"), Defined("given")))))
    return [*blocks, Paragraph(say("exercises.rounding"))]


def _points(questions: Sequence[Question]) -> Math:
    return Math(Number(str(sum(question.points for question in questions))))


def _fields(questions: Sequence[Question]) -> Fields:
    """What stands at the head of a sheet."""
    return Fields((say("exercises.field.name"), say("exercises.field.date"), say("exercises.field.points", points=_points(questions))))


def _asked(questions: Sequence[Question]) -> list[Block]:
    blocks: list[Block] = [
        Heading(1, say("exercises.heading.questions"), "questions"),
        Paragraph(say("exercises.intro", count=len(questions), points=_points(questions))),
        *([Paragraph(say("exercises.gap", gap=Math(SMALL_GAP)))] if any(_has_gap(question) for question in questions) else []),
    ]
    for number, question in enumerate(questions, 1):
        blocks += [_heading(number, question), *question.prompt, BlankLines(question.room)]
    return blocks


def _has_gap(question: Question) -> bool:
    lines = (line for block in question.prompt if isinstance(block, Display) for line in block.lines)
    return any(SMALL_GAP in nodes(side.node) for line in lines for side in (line.left, line.right))


def _answered(questions: Sequence[Question]) -> list[Block]:
    blocks: list[Block] = [Heading(1, say("exercises.heading.answers"), "answers"), Paragraph(say("exercises.key.intro"))]
    shown_in: dict[Block, int] = {}
    for number, question in enumerate(questions, 1):
        own, before = _without_shown(question, shown_in)
        shown_in |= {block: number for block in own if isinstance(block, Display)}
        earlier = [Paragraph(say("exercises.above", questions=listed([plain(str(other)) for other in before])))] if before else []
        blocks += [_heading(number, question), *_repeated(question), *earlier, *own, Paragraph(question.checked)]
    return blocks


def _without_shown(question: Question, shown_in: Mapping[Block, int]) -> tuple[list[Block], list[int]]:
    """An answer without the calculations that stand in answers above, and the numbers of those."""
    if not question.needs_numbers:
        return list(question.solution), []
    repeated = [block for block in question.solution if block in shown_in]
    return [block for block in question.solution if block not in shown_in], sorted({shown_in[block] for block in repeated})


def _repeated(question: Question) -> list[Block]:
    """What was asked, so that the key can be read by itself."""
    return [block for block in question.prompt if isinstance(block, Paragraph | Display | Listing)]


def _heading(number: int, question: Question) -> Heading:
    stars = Math(row(*"★" * question.stars))
    return Heading(2, say("exercises.question", number=number, stars=stars, points=question.points), f"question-{number}")
