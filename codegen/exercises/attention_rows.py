"""Attention: a row of the softmax by numbers, the gradient of a score, what a mask does to it, and how the scores grow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from sympy import Expr, Indexed, Mul, Pow, Sum, exp

from chainrule.codegen.document.document import Display, Formula, Line, Math, Paragraph
from chainrule.codegen.document.nodes import Node, bracketed, fraction, node, row, scripted, separated
from chainrule.codegen.formulas.printed_number import last_place, printed, signed
from chainrule.codegen.words.sentences import Field, say
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.system.system import System

from .answers import CountsAnswer, NumberAnswer
from .calculate import is_telling
from .draw import QuestionDraw
from .question import Question
from .source import QuestionSource
from .working import DIGITS, number_answer, rounded

SCORES, BACK = (-1, 0, 1, 2, 3), (-2, -1, 1, 2, 3)
ROW = 3
STEP = 1e-20
KINDS = ("weight", "score", "masked", "length")


@dataclass(frozen=True, slots=True)
class Asked:
    """The weights of an attention, and what is asked of a row of them."""

    weights: str
    kind: str


def places(source: QuestionSource) -> tuple[Asked, ...]:
    rows = scores_of_weights(source.system)
    return tuple(Asked(name, kind) for name, scores in rows.items() if scores in source.derivation.adjoints for kind in KINDS)


def scores_of_weights(system: System) -> dict[str, str]:
    """Softmax weights exp(s)/Σ exp(s) of sums of products, over which values are summed; each with its scores. As the equations say."""
    found: dict[str, str] = {}
    for equation in system.equations:
        scores = _softmax_of(equation.expression)
        definition = system.definition.get(scores or "")
        if definition is None or scores is None or not any(isinstance(part, Sum) for part in nodes(definition.expression)):
            continue
        over = {axis_name(letter) for part in nodes(equation.expression) if isinstance(part, Sum) for letter in part.variables}
        if any(_sums_values(system, reader.expression, equation.tensor.name, over) for reader in system.equations):
            found[equation.tensor.name] = scores
    return found


def _softmax_of(expression: Expr) -> str | None:
    score: Indexed | None = None
    total: Sum | None = None
    for factor in Mul.make_args(expression):
        match factor:
            case exp(args=[Indexed() as read]):
                score = read
            case Pow(args=[Sum() as below, power]) if power == -1:
                total = below
            case _:
                return None
    if score is None or total is None:
        return None
    match total.function:
        case exp(args=[Indexed() as read]) if read.base == score.base:
            return str(score.base.name)
        case _:
            return None


def _sums_values(system: System, expression: Expr, weights: str, over: set[str]) -> bool:
    """Whether a sum over the places of the softmax multiplies the weights by another tensor."""
    for part in nodes(expression):
        if isinstance(part, Sum) and {axis_name(letter) for letter in part.variables} & over:
            reads = {factor.base.name for factor in Mul.make_args(part.function) if isinstance(factor, Indexed)}
            if weights in reads and len(reads) > 1:
                return True
    return False


def question(source: QuestionSource, place: Asked, draw: QuestionDraw) -> Question | None:
    if place.kind == "length":
        return _length_question(source, place)
    return _weight_question(source, place, draw) if place.kind == "weight" else _score_question(source, place, draw)


def _softmax(scores: NumericArray) -> NumericArray:
    powers = np.exp(scores)
    return np.asarray(powers / np.sum(powers))


def _weight_question(source: QuestionSource, place: Asked, draw: QuestionDraw) -> Question | None:
    scores, at = draw.some_of(SCORES, ROW), draw.below(ROW)
    value = float(np.exp(scores[at]) / sum(np.exp(score) for score in scores))
    if not is_telling(value):
        return None
    powers = [scripted("e", above=signed(str(score))) for score in scores]
    answer = number_answer(source, fraction(powers[at], separated(powers, "+")), value, float(_softmax(np.array(scores))[at]))
    return Question(
        "attention",
        f"{place.weights} {place.kind}",
        1,
        (Paragraph(say("exercises.attention.weight", scores=Math(_row(scores)), weights=_bare(source, place.weights), place=at + 1)),),
        (Paragraph(say("exercises.attention.weight.answer", result=answer.shown)),),
        say("exercises.checked.twice"),
        2,
        secrets=(rounded(value),),
        answer=answer,
    )


def _score_question(source: QuestionSource, place: Asked, draw: QuestionDraw) -> Question | None:
    """p (g − Σ p g), by the formula that the chain rule found; its number by a complex step through the softmax."""
    is_masked = place.kind == "masked"
    scores, back, at = draw.some_of(SCORES, ROW), draw.some_of(BACK, ROW), draw.below(ROW)
    row_of_scores = np.array(scores, dtype=complex)
    if is_masked:
        row_of_scores[at] = -np.inf
    weights = np.real(_softmax(row_of_scores))
    moved = row_of_scores.copy()
    moved[at] += 1j * STEP
    value = float(np.imag(np.sum(np.array(back) * _softmax(moved))) / STEP) if not is_masked else 0.0
    shown_weights = [printed(float(weight), DIGITS) for weight in weights]
    mean = sum(weight.value * each for weight, each in zip(shown_weights, back, strict=True))
    by_hand = shown_weights[at].value * (back[at] - mean)
    if not is_masked and not is_telling(value):
        return None
    products = separated([row(weight.node, "·", _factor(each)) for weight, each in zip(shown_weights, back, strict=True)], "+")
    left = Formula(row(shown_weights[at].node, "·", bracketed(row(signed(str(back[at])), "−", bracketed(products)))))
    result = printed(value, DIGITS - 1)
    allowed = last_place(value, DIGITS - 1) + 2 * max(map(abs, back)) * 10.0**-DIGITS
    evidence = source.checker.within("the gradient of a score", by_hand, value, allowed, left, result.formula)
    score = scores_of_weights(source.system)[place.weights]
    weighted, gradient = _bare(source, place.weights), Math(source.bare(score))
    asked: dict[str, Field] = {
        "weights": weighted,
        "back": Math(source.bare(place.weights)),
        "gradient": gradient,
        "row": Math(_row_of([weight.node for weight in shown_weights])),
        "came": Math(_row(back)),
        "place": at + 1,
    }
    return Question(
        "attention",
        f"{place.weights} {place.kind}",
        2,
        (Paragraph(say(f"exercises.attention.{place.kind}", **asked)),),
        (
            Paragraph(say(f"exercises.attention.{place.kind}.answer", weights=weighted)),
            Display((source.gradient_line(source.adjoint(score)),)),
            Display((Line(left, result.formula, relation=node("≈"), evidence=evidence),)),
        ),
        say("exercises.checked.step"),
        3,
        frozenset({score}),
        answer=NumberAnswer(Math(result.node), result.value, allowed),
    )


def _length_question(source: QuestionSource, place: Asked) -> Question | None:
    """A sequence of twice the length has four times as many scores."""
    score = source.system.tensors[scores_of_weights(source.system)[place.weights]]
    axis, count = Counter(source.system.axis(letter).name for letter in score.axes).most_common(1)[0]
    if count < 2:
        return None
    sizes = source.numbers.sizes
    ratio = np.prod([sizes[axis_name(letter)] * (2 if source.system.axis(letter).name == axis else 1) for letter in score.axes])
    times = int(ratio // np.size(source.numbers.arrays[score.name]))
    letter = Math(source.by_index.letter(source.system.axes[axis].index))
    return Question(
        "attention",
        f"{place.weights} {place.kind}",
        1,
        (Paragraph(say("exercises.attention.length", letter=letter, scores=_bare(source, score.name))),),
        (Paragraph(say("exercises.attention.length.answer", letter=letter, count=times)),),
        say("exercises.checked.shapes"),
        1,
        answer=CountsAnswer(((say("exercises.count.of.times"), times),)),
    )


def _bare(source: QuestionSource, name: str) -> Math:
    return Math(source.material.bare(name))


def _row(values: tuple[int, ...]) -> Node:
    return _row_of([signed(str(value)) for value in values])


def _row_of(values: list[Node]) -> Node:
    return bracketed(separated(values, ","))


def _factor(value: int) -> Node:
    return signed(str(value)) if value >= 0 else bracketed(signed(str(value)))
