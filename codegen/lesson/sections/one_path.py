"""One weight: nudged, and its influence followed along the only path to the cost as a product of slopes, with numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sympy import Expr, Integer, Mul

from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Block, Display, Formula, Heading, Line, Math, Paragraph, Sentence
from chainrule.codegen.document.formula import NOTHING
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.nodes import EMPTY, Node, bracketed, derivative, fraction, node, row, separated
from chainrule.codegen.formulas.printed_number import printed
from chainrule.codegen.lesson.curves import NUDGE, CostAlong, along_figure
from chainrule.codegen.lesson.entry_numbers import EntryNumbers, places_of
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.index.step_functions import stop
from chainrule.symbolic.index.tensors import entry_name, scalar

COST_DIGITS = 7
#: A difference quotient is the slope but for so much of it, by the curve's bend.
QUOTIENT = 0.02
#: A slope below this is no slope to look at.
FLAT = 1e-6
#: Entries that are tried, the steepest first.
MOST_TRIED = 12


@dataclass(frozen=True)
class FollowedWeight:
    """The one weight whose influence on the cost is followed, and how it is written.

    `path` has the adjoints from the weight back to the cost; it is empty where there are several paths, or too many entries.
    """

    along: CostAlong
    letter: Node
    path: tuple[Expr, ...] = ()


def followed_weight(material: Material) -> FollowedWeight | None:
    """The weight with the longest path, if that is the only one; else the one along which the cost is steepest; None where it is flat."""
    numbers = material.entry_numbers
    path = _longest_path(numbers) if numbers is not None else ()
    if numbers is not None and len(path) > 1:
        entry = numbers.entry_of(path[0])
        along = CostAlong(material, material.system.tensors[entry_name(entry)], places_of(entry))
        return FollowedWeight(along, numbers.by_index.node(entry), path)
    steep = steepest(material)
    if steep is None:
        return None
    return FollowedWeight(steep, material.single_example.node(steep.parameter.at(*map(Integer, steep.place))))


def asked_weight(material: Material) -> Node | None:
    """The weight whose path is followed; None where there is none, or where the network is larger."""
    weight = followed_weight(material) if material.entry_numbers is not None else None
    return weight.letter if weight is not None and weight.path else None


def one_path_section(material: Material) -> list[Block]:
    """∂C/∂w of one weight whose influence has one path to the cost, the longest there is; nothing where there is no such weight."""
    weight, numbers = followed_weight(material), material.entry_numbers
    if weight is None:
        return []
    return _nudged(material, weight) if numbers is None or not weight.path else _followed(material, weight, numbers)


def _followed(material: Material, weight: FollowedWeight, numbers: EntryNumbers) -> list[Block]:
    cost = Math(node(material.by_index.cost))
    return [
        Heading(1, say("heading.path"), "one-path"),
        Paragraph(say("path.question", w=Math(weight.letter), cost=cost)),
        factors_display(numbers, weight.path),
        Paragraph(say("path.product")),
        product_display(numbers, weight.path),
        Paragraph(path_answer(material, weight)),
        *_nudge(material, weight),
    ]


def path_answer(material: Material, weight: FollowedWeight) -> Sentence:
    """What the product of the slopes says; where values are stopped on the way, it is not the slope of the cost."""
    is_stopped = any(equation.expression.has(stop) for equation in material.system.equations)
    key = f"path.answer.stopped.{way(weight)}" if is_stopped else f"path.answer.{way(weight)}"
    return say(key, w=Math(weight.letter), cost=Math(node(material.by_index.cost)))


def way(weight: FollowedWeight) -> str:
    """Where the weight must go so that the cost falls."""
    return "down" if weight.along.slope > 0 else "up"


def _nudge(material: Material, weight: FollowedWeight) -> list[Block]:
    """The curve, its tangent and the difference quotient, where no kink and no stopped value lies between."""
    if not is_smooth(weight.along):
        return []
    return [
        along_figure(material, weight.along, weight.letter),
        Paragraph(say("path.nudge", w=Math(weight.letter), step=Math(printed(NUDGE).node))),
        quotient_display(material, weight),
    ]


def _nudged(material: Material, weight: FollowedWeight) -> list[Block]:
    """A weight of a larger network: the difference quotient says which way, and the tangent is what backpropagation finds."""
    w, cost = Math(weight.letter), Math(node(material.by_index.cost))
    count = sum(array.size for array in material.example.params)
    return [
        Heading(1, say("heading.nudge"), "one-weight"),
        Paragraph(say("nudge.question", w=w, cost=cost, step=Math(printed(NUDGE).node))),
        quotient_display(material, weight),
        Paragraph(say(f"nudge.answer.{way(weight)}", w=w, cost=cost)),
        along_figure(material, weight.along, weight.letter),
        Paragraph(say("nudge.many", count=count)),
    ]


def steepest(material: Material) -> CostAlong | None:
    """The entry of a parameter along which the cost is steepest, of those with the most axes; None where the cost is flat."""
    most = max(len(tensor.axes) for tensor in material.system.parameters)
    found: list[CostAlong] = []
    for tensor in material.system.parameters:
        slopes = np.abs(np.asarray(getattr(material.example.gradients, tensor.name), dtype=float))
        if len(tensor.axes) == most and slopes.size:
            steepest = np.argsort(-slopes, axis=None, kind="stable")[:MOST_TRIED]
            found += [CostAlong(material, tensor, tuple(int(at) for at in np.unravel_index(place, slopes.shape))) for place in steepest]
    steep = sorted((along for along in found if abs(along.slope) > FLAT), key=lambda along: -abs(along.slope))
    return next((along for along in steep[:MOST_TRIED] if is_smooth(along)), None)


def is_smooth(along: CostAlong) -> bool:
    """Whether differences tell the slope: no kink lies within the nudge, and no value is stopped on the way."""
    above, below = along.nudged
    quotient = (above - below) / (2 * NUDGE)
    return bool(abs(quotient - along.slope) <= QUOTIENT / 2 * abs(along.slope))


def _longest_path(numbers: EntryNumbers) -> tuple[Expr, ...]:
    """The adjoints from a parameter's entry back to the cost, each passed on by the one before alone."""
    found: tuple[Expr, ...] = ()
    adjoints = numbers.derivation.adjoints
    # A parameter without effect on the cost has no adjoint. Weights are followed, and single numbers where there are no others.
    most = max((len(tensor.axes) for tensor in numbers.system.parameters), default=0)
    weights = [tensor for tensor in numbers.system.parameters if len(tensor.axes) >= min(most, 2)]
    for tensor in (each for each in weights if each.name in adjoints):
        adjoint = adjoints[tensor.name].as_tensor.name
        start = next((entry for entry in numbers.backward if entry_name(entry) == adjoint), None)
        path = _only_path(numbers, start) if start is not None else ()
        if len(path) > len(found):
            found = path
    return found


def _only_path(numbers: EntryNumbers, start: Expr) -> tuple[Expr, ...]:
    """From the start to the cost, every quantity read by the next; () where there are several paths, or steps were put together."""
    path = [start]
    while passed := numbers.passed_on_by(path[-1]):
        # A weight with a penalty has another way to the cost, on which no adjoint is passed.
        if len(passed) > 1 or not numbers.is_passed_on_alone(path[-1]):
            return ()
        path.append(passed[0])
    entries = [*map(numbers.entry_of, path), numbers.system.cost.tensor.own_entry]
    return tuple(path) if all(numbers.is_read_by(*pair) for pair in pairwise(entries)) else ()


@dataclass(frozen=True, slots=True)
class _Slope:
    """A factor of the product: its letter ∂v/∂u, its formula, and its number by a complex step."""

    letter: Node
    expression: Expr
    by_step: float


def _slopes(numbers: EntryNumbers, path: tuple[Expr, ...]) -> Iterator[_Slope]:
    """From the cost back: ∂C/∂a, ∂a/∂z, ∂z/∂w."""
    entries = [numbers.entry_of(adjoint) for adjoint in path]
    cost = numbers.system.cost.tensor.own_entry
    last = derivative(numbers.by_index.cost, numbers.by_index.node(entries[-1]))
    yield _Slope(last, numbers.backward[path[-1]].expression, numbers.slope(cost, entries[-1]))
    for place in range(len(path) - 2, -1, -1):
        of, by = entries[place + 1], entries[place]
        letter = derivative(numbers.by_index.node(of), numbers.by_index.node(by))
        yield _Slope(letter, numbers.local_derivative(path[place], path[place + 1]), numbers.slope(of, by))


def factors_display(numbers: EntryNumbers, path: tuple[Expr, ...]) -> Display:
    """∂a/∂z = a (1 − a) = 0.75 · (1 − 0.75) = 0.19, each slope held by a complex step."""
    return Display(tuple(_factors(numbers, path)))


def _factors(numbers: EntryNumbers, path: tuple[Expr, ...]) -> Iterator[Line]:
    for factor in _slopes(numbers, path):
        written, letter = numbers.by_index.formula(factor.expression), Formula(factor.letter)
        found = numbers.put_in(write_latex(factor.letter), factor.expression)
        same = found.numbers.node == found.result.node
        sides = [written] if written.node != found.numbers.node else []
        right = _chained([*sides, found.result] if same else [*sides, found.numbers, found.result])
        slope = numbers.checker.numbers_agree(write_latex(factor.letter), found.value, factor.by_step, letter, written)
        yield Line(letter, right, evidence=together([slope, found.evidence], right))


def _chained(sides: Sequence[Formula]) -> Formula:
    first, *others = sides
    for other in others:
        first = first.joined("=", other)
    return first


def product_display(numbers: EntryNumbers, path: tuple[Expr, ...]) -> Display:
    """∂C/∂w = 0.74 · 0.19 · 0.59 = 0.082"""
    adjoint, slopes = path[0], list(_slopes(numbers, path))
    values = {scalar(f"slope{place}"): numbers.put_in("", factor.expression).value for place, factor in enumerate(slopes)}
    left = numbers.by_index.formula(adjoint)
    found = numbers.put_in(write_latex(left.node), Mul(*values, evaluate=False), values)
    letters = Formula(separated([factor.letter for factor in slopes], "·"))
    agree = numbers.checker.numbers_agree(write_latex(left.node), found.value, numbers.values[adjoint], left, letters)
    right = letters.joined("=", found.joined())
    return Display((Line(left, right, evidence=together([agree, found.evidence], right)),))


def quotient_display(material: Material, weight: FollowedWeight, is_narrow: bool = False) -> Display:
    """(C(w + h) − C(w − h))/2h, with the costs as they are printed; where it is to be narrow, a line for each side."""
    along, w, cost = weight.along, weight.letter, material.by_index.cost
    shown = [printed(value, COST_DIGITS) for value in along.nudged]
    at = [row(cost, bracketed(row(w, sign, printed(NUDGE).node))) for sign in "+−"]
    width = printed(2 * NUDGE).node
    formula_of = fraction(row(at[0], "−", at[1]), width)
    below = bracketed(shown[1].node) if shown[1].value < 0 else shown[1].node
    worked = fraction(row(shown[0].node, "−", below), width)
    quotient = printed((shown[0].value - shown[1].value) / (2 * NUDGE), 3)
    left, right = Formula(row(formula_of, "=", worked)), quotient.formula
    room = abs(along.slope) * QUOTIENT + 10.0 ** (1 - COST_DIGITS) * abs(along.nudged[0]) / NUDGE
    sides = [Formula(formula_of), Formula(worked), quotient.formula]
    evidence = material.checker.within("the difference quotient", quotient.value, along.slope, room, left, right, *sides)
    if not is_narrow:
        return Display((Line(left, right, relation=node("≈"), evidence=evidence),))
    relations = (EMPTY, node("="), node("≈"))
    return Display(tuple(Line(NOTHING, side, relation=sign, evidence=evidence) for side, sign in zip(sides, relations, strict=True)))
