"""Whether a wrong formula gives the author's numbers: each of the table is evaluated at both draws."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import product
from math import prod

import numpy as np
from sympy import Expr

from chainrule.codegen.mistakes.kinds import MistakeKind
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.checking.solving import solved
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import ChainruleError
from chainrule.symbolic.index.index_letters import free_letters, letters
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.system.system import Equation

from .factors import as_operand
from .hypotheses import Case, Mistake, of_scale
from .wrong_formulas import OF_FORMULAS, left_out, of_exercises, slope_of_layer

#: Of formulas, tried for one line.
MOST_TRIED = 400
#: One whose letters have so many places together counts twice.
LARGE = 1000
#: Two mistakes of one line, as they are made together.
PAIRS = ((left_out, slope_of_layer), (left_out, of_exercises), (slope_of_layer, of_exercises))


def by_formula(case: Case, recorded: Collection[str]) -> Mistake | None:
    """The first mistake that gives the numbers, in the formula of a quantity or of one on the way to it that has no line of its own."""
    derivation = case.matcher.reference.derivation
    equations = _equations(case, recorded)
    tried = 0
    for equation in reversed(equations):
        later = equations[equations.index(equation) + 1 :]
        for make in OF_FORMULAS:
            for wrong in make(equation, derivation.system):
                tried += 1 + len(later) + _size(wrong.expression, case) // LARGE
                if tried > MOST_TRIED or case.trial.work.spent.is_over:
                    return None
                values = _values(case, equation, wrong.expression, later)
                scale = None if values is None else case.times(values)
                if scale is not None:
                    right = case.times(case.right)
                    if right is None and (scale.is_one or of_scale(scale, case) is not None):
                        return replace(as_operand(wrong.mistake, equation, derivation.system), also=case.beyond(scale))
    return None


def by_pair(case: Case, recorded: Collection[str]) -> Mistake | None:
    """Two mistakes in formulas that lead to a quantity and have no line of their own, which give the numbers together."""
    system, equations = case.matcher.reference.derivation.system, _equations(case, recorded)
    tried = 0
    for first_kind, second_kind in PAIRS:
        firsts = [(place, wrong) for place, each in enumerate(equations) for wrong in first_kind(each, system)]
        seconds = [(place, wrong) for place, each in enumerate(equations) for wrong in second_kind(each, system)]
        for (place, wrong), (other_place, other) in product(firsts, seconds):
            tried += len(equations)
            if tried > MOST_TRIED:
                return None
            if place != other_place:
                wrongs = {place: wrong.expression, other_place: other.expression}
                changed = [replace(each, expression=wrongs.get(number, each.expression)) for number, each in enumerate(equations)]
                values = _values(case, changed[0], changed[0].expression, changed[1:])
                if values is not None and (scale := case.times(values)) is not None and scale.is_one:
                    return replace(wrong.mistake, also=other.mistake)
    return None


def _size(expression: Expr, case: Case) -> int:
    sizes = case.matcher.sizes[0]
    return prod(sizes.get(axis_name(letter), 1) for letter in letters(expression))


def _equations(case: Case, recorded: Collection[str]) -> list[Equation]:
    """That of the quantity last, before it those that it depends on and that no line of the author's stands for."""
    derivation, wanted, found = case.matcher.reference.derivation, [case.quantity], set()
    by_name = {adjoint.as_tensor.name: adjoint.equation for adjoint in derivation.adjoints.values()}
    by_name |= derivation.system.definition
    while wanted:
        name = wanted.pop()
        if name in by_name and name not in found:
            found.add(name)
            wanted += [read for read in by_name[name].reads if read not in recorded and read in by_name]
    adjoints = [equation for name, equation in by_name.items() if name in found and name not in derivation.system.definition]
    own = [equation for name, equation in derivation.system.definition.items() if name in found]
    return own if case.quantity in derivation.system.definition else adjoints


def _values(case: Case, equation: Equation, wrong: Expr, later: list[Equation]) -> tuple[NumericArray, NumericArray] | None:
    """What the quantity is at both draws with one wrong formula."""
    if free_letters(wrong) - set(equation.indices):
        return None
    found = []
    for draw in case.matcher.draws:
        try:
            numbers = draw.numbers.with_array(equation.tensor.name, evaluate(wrong, draw.numbers, equation.indices))
            numbers = solved(later, numbers)
        except (ChainruleError, ArithmeticError, LookupError, ValueError, TypeError):
            return None
        tensor = case.matcher.reference.quantities[case.quantity]
        found.append(np.asarray(case.matcher.layouts.laid(tensor, np.real(numbers.arrays[case.quantity]), draw)))
    return found[0], found[1]


def by_update(case: Case, recorded: Collection[str]) -> Mistake | None:
    """Whether a parameter's new value is used, where the gradient is one of the old values."""
    matcher = case.matcher
    for line in case.trial.lines[: case.trial.lines.index(case.line)]:
        name = matcher.spellings.tensor(line.name)
        if matcher.updated(line) is None or name is None or case.trial.work.spent.is_over:
            continue
        tensor, found = matcher.reference.quantities[name], []
        for draw, value in zip(matcher.draws, line.values, strict=True):
            numbers = draw.numbers.with_array(name, matcher.layouts.as_described(tensor, value, draw).astype(complex))
            numbers = solved(_equations(case, recorded), numbers)
            own = np.real(numbers.arrays[case.quantity])
            found.append(np.asarray(matcher.layouts.laid(matcher.reference.quantities[case.quantity], own, draw)))
        if case.times((found[0], found[1])) is not None:
            return Mistake(MistakeKind.UPDATE_ORDER, "marking.update", {"parameter": line.target})
    return None
