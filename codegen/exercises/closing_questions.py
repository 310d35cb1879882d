"""Questions at the end of a handout, with short answers: none needs the numbers of a sheet, and none shows a formula that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Block, Display, Formula, Heading, Items, Line, Math, Paragraph, Words
from chainrule.codegen.document.nodes import MEDIUM, Node, row
from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.formulas.measure import formula_width
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.sections.one_page import in_a_sentence
from chainrule.codegen.words.sentences import fill, listed, say
from chainrule.codegen.words.sentences import together as together_said

from .answers import ChoiceAnswer, CountsAnswer, FormulaAnswer, NumberAnswer, ShapesAnswer
from .draw import QuestionDraw
from .kinds import KINDS
from .own_sizes import with_times
from .question import Question
from .selection import FIRST_QUESTION, next_question
from .source import QuestionSource

#: Kinds that a few lines ask and answer, those of few networks first.
COMPACT = (
    "recurrent_factor",
    "recurrent_paths",
    "recurrent_sum",
    "attention",
    "convolution_shape",
    "convolution_uses",
    "changed_network",
    "compare_slopes",
    "zero_or_not",
    "change_batch",
    "shapes",
    "count_operations",
)
#: Kinds with numbers, where few numbers are given.
NUMERIC, MOST_GIVEN = ("calculate_gradient", "calculate_update", "calculate_forward"), 8
MOST, SEED = 6, 0
STAR = "★"
#: In em, inside of a line of text.
WIDEST = 36.0


def questions_section(material: Material) -> list[Block]:
    """One question of each kind that the network has, the easier ones first; and the answers in one paragraph."""
    questions = _chosen(QuestionSource(material, SEED))
    if not questions:
        return []
    answers = (_numbered(number, _answer(question)) for number, question in enumerate(questions, 1))
    asked: list[Block] = [Items(tuple(map(_asked, questions)), ordered=True)]
    return [
        Heading(1, say("exercises.heading.questions"), "questions"),
        *material.ledger.to_themselves(asked, (STAR,)),
        Paragraph(say("questions.answers", answers=together_said(*answers))),
    ]


def _numbered(number: int, answer: Sentence) -> Sentence:
    """With a full stop behind what is a list or a formula, and has none."""
    last = answer[-1]
    is_sentence = isinstance(last, Words) and last.text.rstrip().endswith((".", "。"))
    return say("questions.answer" if is_sentence else "questions.answer.phrase", number=number, answer=answer)


def _chosen(source: QuestionSource) -> list[Question]:
    waiting = {name: list(KINDS[name].places(source)) for name in COMPACT}
    chosen: list[Question] = []
    for number, name in enumerate(COMPACT, FIRST_QUESTION):
        question = next_question(source, QuestionDraw(SEED, number), (name,), waiting, chosen, ()) if len(chosen) < MOST else None
        if question is not None and all(formula_width(shown) <= WIDEST for shown in _formulas(question)):
            chosen.append(question)
    chosen += _with_numbers(source, chosen, MOST - len(chosen))
    return sorted(chosen, key=lambda question: question.stars)


def _with_numbers(source: QuestionSource, chosen: list[Question], wanted: int) -> list[Question]:
    """What a small network has too few other questions for: a number each, from numbers of its own."""
    found: list[Question] = []
    for number, name in enumerate(NUMERIC[:wanted], 1):
        own = replace(source, further=number)
        if own.student is None or len(own.student.given_values) > MOST_GIVEN:
            continue
        waiting = {name: list(KINDS[name].places(own))}
        question = next_question(own, QuestionDraw(SEED, FIRST_QUESTION + len(COMPACT) + number), (name,), waiting, [*chosen, *found], ())
        if question is not None:
            found.append(question)
    return found


def _formulas(question: Question) -> list[Node]:
    """What stands in a line of text."""
    return [part.node for part in (*_asked(question), *_answer(question)) if isinstance(part, Math)]


def _asked(question: Question) -> Sentence:
    """Its sentences, and the first equation that they speak of: the second is the cost, which that one is added to."""
    sentences = [block.sentence for block in question.prompt if isinstance(block, Paragraph)]
    equations = [(in_a_sentence(block.lines[0]),) for block in question.prompt if isinstance(block, Display)]
    stars = Math(row(*STAR * question.stars))
    return fill("{stars} {asked}", stars=stars, asked=together_said(*sentences, *equations))


def _answer(question: Question) -> Sentence:
    """What is right; with its reason where one is asked for."""
    match question.answer:
        case ShapesAnswer(shapes):
            return listed([(Math(row(name, ":", MEDIUM, with_times(shape))),) for name, shape in shapes], between="phrases")
        case CountsAnswer(counts):
            return listed([say("questions.count", what=what, count=count) for what, count in counts], between="phrases")
        case ChoiceAnswer():
            return question.answer.chosen
        case NumberAnswer(shown) if question.has_own_numbers:
            return (shown,)
        case FormulaAnswer():
            return (in_a_sentence(_formula_line(question, question.answer)),)
    by_itself = [block.sentence for block in question.solution if isinstance(block, Paragraph) and not block.announces]
    return together_said(*by_itself) if by_itself else together_said(*_whole(question))


def _whole(question: Question) -> Iterator[Sentence]:
    """What a solution says, with the formulas that it announces."""
    for block in question.solution:
        match block:
            case Paragraph(sentence):
                yield sentence
            case Display(lines):
                yield listed([(in_a_sentence(line),) for line in lines], between="descriptions")


def _formula_line(question: Question, answer: FormulaAnswer) -> Line:
    """The last line of the derivation that ends in the formula, with the gradient on its left."""
    derived = (line for block in question.solution if isinstance(block, Display) for line in block.lines)
    line = next(line for line in derived if line.right.node == answer.formula)
    left = Formula(answer.gradient)
    return replace(line, left=left, reason=(), evidence=together([evidence_of(line)], left))
