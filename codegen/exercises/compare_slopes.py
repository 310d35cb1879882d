"""Two units get the same gradient back: how many times as large is what the one passes on, by the slopes of the activation?"""

from __future__ import annotations

from sympy import Expr, Integer, Symbol

from chainrule.codegen.document.document import Display, Formula, Line, Math, Paragraph
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import fraction, node, row
from chainrule.codegen.formulas.printed_number import last_place, printed
from chainrule.codegen.lesson.worked_values import entry_value
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.derivation.activation_derivatives import ActivationDerivative, slopes

from .answers import NumberAnswer
from .calculate import is_telling
from .draw import QuestionDraw
from .question import Question
from .source import QuestionSource, checked_in_two_ways
from .working import DIGITS, rounded

#: Where the activation is steep, and where it may be flat.
STEEP, FLAT = (0.0, 0.5, 1.0), (2.5, 3.0, 3.5, 4.0)
STEP, LEAST = 1e-5, 1e-5


def places(source: QuestionSource) -> tuple[str, ...]:
    """What an activation is applied to whose slope depends on it."""
    constants = {Symbol(name) for name in source.system.constants}
    return tuple(
        name
        for name, slope in slopes(source.derivation).items()
        if name in {adjoint.tensor.name for adjoint in source.adjoints}
        and not slope.equation.expression.is_number
        and _read_beside(source, slope) <= constants
        and _is_defined(source, slope)
    )


def _is_defined(source: QuestionSource, slope: ActivationDerivative) -> bool:
    """Whether it has a value on both sides of 0, as 1/√(v + ε) has not."""
    expression = source.system.definition[slope.of.name].expression
    places = (*STEEP, *(sign * far for far in FLAT for sign in (-1.0, 1.0)))
    return all(expression.xreplace(_known(source, slope, z)).evalf().is_real for z in places)


def _read_beside(source: QuestionSource, slope: ActivationDerivative) -> set[Symbol]:
    """What the activation reads but its argument: where(t < u, 0, exp(s[t, u])) is another function at each place."""
    without = source.system.definition[slope.of.name].expression.xreplace({slope.at.own_entry: Integer(1)})
    return set(without.atoms(Symbol))


def question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    slope = slopes(source.derivation)[place]
    steep, flat = draw.one_of(STEEP), draw.one_of((-1.0, 1.0)) * draw.one_of(FLAT)
    first, second = (_slope(source, slope, z) for z in (steep, flat))
    if abs(second) < LEAST or abs(first / second) <= 1:
        return None
    ratio = first / second
    if not is_telling(ratio):
        return None
    checks = [
        source.checker.within(f"the slope of {slope.of.name}", found, _by_differences(source, slope, z), STEP)
        for found, z in ((first, steep), (second, flat))
    ]
    adjoint = source.adjoint(place)
    z = source.material.entry(place)
    shown = Formula(fraction(rounded(first), rounded(second))), printed(ratio, DIGITS).formula
    by_hand = printed(first, DIGITS).value / printed(second, DIGITS).value
    allowed = last_place(ratio, DIGITS) + abs(ratio) * (last_place(second, DIGITS) / abs(second) + last_place(first, DIGITS) / abs(first))
    evidence = source.checker.within("a ratio of slopes", by_hand, ratio, allowed, *shown)
    answer = NumberAnswer(Math(rounded(ratio)), printed(ratio, DIGITS).value, last_place(ratio, DIGITS))
    given = [Math(row(z, "=", rounded(value)), Defined("given")) for value in (steep, flat)]
    return Question(
        "compare_slopes",
        place,
        2,
        (
            Paragraph(
                say(
                    "exercises.compare",
                    first=given[0],
                    second=given[1],
                    back=Math(source.bare(slope.of.name)),
                    gradient=Math(source.bare(place)),
                )
            ),
        ),
        (
            Paragraph(say("exercises.compare.formula")),
            Display((source.gradient_line(adjoint),)),
            Paragraph(say("exercises.compare.slopes", first=Math(rounded(first)), second=Math(rounded(second)))),
            Display((Line(*shown, relation=node("≈"), evidence=evidence),)),
            Paragraph(say("exercises.compare.answer", ratio=answer.shown)),
        ),
        checked_in_two_ways(*checks),
        3,
        frozenset({place}),
        secrets=(rounded(ratio),),
        answer=answer,
    )


def _slope(source: QuestionSource, slope: ActivationDerivative, z: float) -> float:
    """By the formula that the chain rule found."""
    return entry_value(slope.equation.expression, {**_known(source, slope, z), slope.of.own_entry: _activation(source, slope, z)})


def _by_differences(source: QuestionSource, slope: ActivationDerivative, z: float) -> float:
    return (_activation(source, slope, z + STEP) - _activation(source, slope, z - STEP)) / (2 * STEP)


def _activation(source: QuestionSource, slope: ActivationDerivative, z: float) -> float:
    return entry_value(source.system.definition[slope.of.name].expression, _known(source, slope, z))


def _known(source: QuestionSource, slope: ActivationDerivative, z: float) -> dict[Expr, float]:
    return {slope.at.own_entry: z, **{Symbol(name): value for name, value in source.system.constants.items()}}
