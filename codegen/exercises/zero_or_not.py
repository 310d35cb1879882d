"""True or false, with a reason: is a gradient 0 where another array is 0 everywhere?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Expr, Indexed, S

from chainrule.codegen.checking.checker import CLEARLY_WRONG
from chainrule.codegen.document.document import Display, Math, Paragraph, Sentence
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.words.sentences import formula, listed, say, together
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import forward, solved
from chainrule.symbolic.index.index_letters import names_read, nodes
from chainrule.symbolic.index.tensors import Role, Values

from .answers import TruthAnswer
from .draw import QuestionDraw
from .question import Question
from .source import QuestionSource, checked_by_evaluation

EXACTLY = 1e-12
"""A gradient below this is 0 up to rounding."""


@dataclass(frozen=True, slots=True)
class Zeros:
    """The array that is 0, and the parameter whose gradient is asked about."""

    zero: str
    parameter: str


def places(source: QuestionSource) -> tuple[Zeros, ...]:
    """Every parameter with every input and every array of weights; biases that are 0 say nothing."""
    system = source.system
    given = [tensor for tensor in (*system.inputs, *system.parameters) if tensor.values is Values.REAL and len(tensor.axes) > 1]
    asked = [adjoint.tensor.name for adjoint in source.adjoints if adjoint.tensor.role is Role.PARAMETER]
    return tuple(Zeros(tensor.name, name) for name in asked for tensor in given if tensor.name != name)


def question(source: QuestionSource, place: Zeros, draw: QuestionDraw) -> Question | None:
    """The network is computed once more with the array set to 0."""
    system, numbers = source.system, source.numbers
    given = {tensor.name: numbers.arrays[tensor.name] for tensor in (*system.inputs, *system.targets, *system.parameters)}
    moved = forward(system, {**given, place.zero: np.zeros_like(given[place.zero])}, numbers.sizes, nearer=numbers.nearer)
    moved = solved([adjoint.equation for adjoint in source.derivation.adjoints.values()], moved)
    adjoint = source.adjoint(place.parameter)
    gradient = moved.arrays[adjoint.as_tensor.name]
    usual = float(np.max(np.abs(numbers.arrays[adjoint.as_tensor.name])))
    largest = float(np.max(np.abs(gradient)))
    if not np.all(np.isfinite(gradient)) or EXACTLY * usual < largest < CLEARLY_WRONG * usual:
        return None
    answer = TruthAnswer(largest <= EXACTLY * usual)
    symbols = {"array": Math(source.material.bare(place.zero)), "gradient": Math(source.bare(place.parameter))}
    is_direct = place.zero in names_read(adjoint.expression)
    line = source.gradient_line(adjoint)
    return Question(
        "zero_or_not",
        f"{place.zero} {place.parameter}",
        1 if is_direct else 2,
        (Paragraph(say("exercises.zero", **symbols)),),
        (Paragraph(_reason(source, place, moved, answer.is_true)), Display((line,))),
        together(checked_by_evaluation(evidence_of(line)), say("exercises.checked.zero")),
        2,
        answer=answer,
    )


def _reason(source: QuestionSource, place: Zeros, moved: Numbers, is_zero: bool) -> Sentence:
    """The factor that is 0 in every term, as the formula with 0 in its place is 0; or that no factor is."""
    expression, write = source.adjoint(place.parameter).expression, source.material.bare
    symbols = {"array": Math(write(place.zero)), "gradient": Math(source.bare(place.parameter))}
    read = [name for name in names_read(expression) if name in moved.arrays]
    gone = [name for name in read if np.max(np.abs(moved.arrays[name])) == 0]
    if not is_zero:
        factors = listed([formula(_written(source, name)) for name in read])
        return say("exercises.zero.false.way", **symbols) if gone else say("exercises.zero.false.factors", factors=factors, **symbols)
    factor = next((name for name in gone if _is_factor_of_all(expression, name)), None)
    if factor is None:
        return say("exercises.zero.true.way", **symbols)
    if factor == place.zero:
        return say("exercises.zero.true.factor", **symbols)
    return say("exercises.zero.true.other", factor=Math(_written(source, factor)), **symbols)


def _written(source: QuestionSource, name: str) -> Node:
    """A tensor or a gradient, inside of a sentence."""
    if name in source.system.tensors:
        return source.material.bare(name)
    return source.bare(name.removeprefix(source.system.adjoint_mark))


def _is_factor_of_all(expression: Expr, name: str) -> bool:
    entries = [node for node in nodes(expression) if isinstance(node, Indexed) and node.base.name == name]
    return bool(expression.xreplace(dict.fromkeys(entries, S.Zero)).doit() == 0)
