"""Where a place is a position of an axis, and what vanishes where it is none.

A place e along an axis of N positions is one where 0 ≤ e and e < N. A formula that is to hold there alone is where(e ≥ 0, …, 0). A bound
is left out where the letters imply it (t − 1 < N for a letter t of that axis), or where the product itself does: a tensor read at e is 0
out of its range, and so is the product, if everything else in it is a finite number there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations

import sympy
from sympy import Add, Basic, Expr, Function, Indexed, KroneckerDelta, Mul, Piecewise, Pow, S, Sum, Symbol, expand
from sympy.core.relational import Relational

from .affine_index import affine
from .axes import Axis, axis_name, axis_of_size, letter_size, size_symbol
from .functions import ELEMENTARY, NAMES
from .index_letters import free_letters, holds, is_letter
from .named_functions import arg_max
from .tensors import Tensor

#: Functions that are finite wherever their argument is.
FINITE_FUNCTIONS = tuple(node for node, name in NAMES.items() if not ELEMENTARY[name].is_partial)
Inequality = sympy.GreaterThan | sympy.LessThan | sympy.StrictGreaterThan | sympy.StrictLessThan
#: Rules that lead from one size to the next, at most.
MOST_RULES = 20


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of an axis that a place has to keep: 0 ≤ place, or place < N."""

    place: Expr
    axis: str
    is_last: bool

    @property
    def condition(self) -> Relational:
        """The bound as a comparison, solved for the letter where there is one: t ≥ 1."""
        combination = affine(self.place)
        start = combination.start if combination else 0
        letters = self.place - start
        if letters.could_extract_minus_sign():
            # 9 − i ≥ 0 is i ≤ 9.
            end = start - size_symbol(self.axis)
            return sympy.StrictGreaterThan(-letters, end) if self.is_last else sympy.LessThan(-letters, start)
        return sympy.StrictLessThan(letters, size_symbol(self.axis) - start) if self.is_last else sympy.GreaterThan(letters, -start)

    def is_implied_by(self, read: Indexed, tensors: Mapping[str, Tensor]) -> bool:
        """Whether an entry is 0 wherever the bound is not kept: it is read at the place, along the same axis for the last position."""
        return any(place == self.place and (not self.is_last or axis == self.axis) for place, axis in places(read, tensors))


def places(read: Indexed, tensors: Mapping[str, Tensor]) -> Iterator[tuple[Expr, str]]:
    """Every index of an entry with the axis along which it is read."""
    known = tensors.get(read.base.name)
    stored = known.axes if known else ()
    for number, place in enumerate(read.indices):
        if number < len(stored):
            yield place, axis_name(stored[number])
        elif is_letter(place):
            # The second parameter of a Hessian adds axes, which are those of its letters.
            yield place, axis_name(place)


def bounds(place: Expr, axis: str, tensors: Mapping[str, Tensor], axes: Mapping[str, Axis] | None = None) -> tuple[Bound, ...]:
    """The bounds that a place may not keep. What is known of sizes counts where `axes` are given."""
    if isinstance(place, Indexed):
        known = tensors.get(place.base.name)
        return () if known and known.points_into == axis else (Bound(place, axis, True),)
    if isinstance(place, arg_max):
        return () if axis_name(place.args[1]) == axis else (Bound(place, axis, True),)
    if is_letter(place) and axis_name(place) == axis:
        return ()
    if affine(place) is None:
        return Bound(place, axis, False), Bound(place, axis, True)
    above, below = place, size_symbol(axis) - 1 - place
    ends = ((False, above), (True, below))
    return tuple(Bound(place, axis, is_last) for is_last, distance in ends if not is_never_negative(distance, axes))


def is_never_negative(difference: Expr, axes: Mapping[str, Axis] | None = None) -> bool:
    """Whether a combination of letters and sizes is at least 0 at all positions of the letters."""
    least = _least(difference)
    if least is None or _is_nonnegative(least):
        return least is not None
    for _ in range(MOST_RULES):
        following = least.xreplace(_known_sizes(least, axes or {}))
        if following == least:
            break
        least = following
    return _is_nonnegative(least)


@cache
def _least(difference: Expr) -> Expr | None:
    """A combination with each letter where it is smallest; None where a letter counts in anything but whole numbers."""
    for letter in sorted(free_letters(difference), key=str):
        step = difference.coeff(letter)
        if not step.is_Integer or step == 0:
            return None
        difference = difference.xreplace({letter: S.Zero if step.is_positive else letter_size(letter) - 1})
    return difference


@cache
def _is_nonnegative(sizes: Expr) -> bool:
    return bool(expand(sizes).is_nonnegative)


def _known_sizes(expression: Basic, axes: Mapping[str, Axis]) -> dict[Symbol, Expr]:
    """The sizes in an expression by their numbers or rules; a network has thousands of axes, an expression few."""
    found: dict[Symbol, Expr] = {}
    for symbol in expression.atoms(Symbol):
        axis = axes.get(axis_of_size(symbol))
        if axis is not None and axis.size_symbol == symbol:
            found[symbol] = axis.rule if axis.size is None and axis.rule is not None else axis.size_expression
    return found


def is_certain(condition: Relational) -> bool:
    """Whether a comparison of places holds at all of them: t + 1 > 0."""
    if not isinstance(condition, Inequality) or condition.has(Indexed):
        return False
    is_strict = isinstance(condition, sympy.StrictGreaterThan | sympy.StrictLessThan)
    return is_never_negative(expand(condition.gts - condition.lts - int(is_strict)))


def is_never(condition: Relational) -> bool:
    """Whether a comparison of places holds at none of them: t + 1 < 0."""
    return isinstance(condition, Inequality) and is_certain(condition.negated)


def without_certain(expression: Expr) -> Expr:
    """The expression without conditions on places that hold anyway or never, and with 0 for deltas of places that are never equal."""
    if isinstance(expression, Indexed) or not holds(expression, Piecewise, KroneckerDelta):
        return expression
    if isinstance(expression, KroneckerDelta):
        differences = () if expression.has(Indexed) else (first - second - 1 for first, second in permutations(expression.args))
        return S.Zero if any(map(is_never_negative, differences)) else expression
    if isinstance(expression, Piecewise):
        branches = [(value, condition) for value, condition in expression.args if not is_never(condition)]
        if is_certain(branches[0][1]) or branches[0][1] == sympy.true:
            return without_certain(branches[0][0])
        if len(branches) < len(expression.args):
            return without_certain(Piecewise(*branches))
    parts = [without_certain(part) for part in expression.args]
    return expression.func(*parts) if parts != list(expression.args) else expression


def within(value: Expr, needed: Iterable[Bound], axes: Mapping[str, Axis] | None = None) -> Expr:
    """The value where the bounds are kept, else 0; by the numbers of the sizes that are known of the `axes`."""
    conditions = [bound.condition for bound in needed]
    known = {symbol: size for condition in conditions for symbol, size in _known_sizes(condition, axes or {}).items() if size.is_Integer}
    for condition in reversed(list(dict.fromkeys(condition.xreplace(known) for condition in conditions))):
        value = Piecewise((value, condition), (S.Zero, True)) if value != 0 else value
    return value


def not_kept(product: Sequence[Expr], needed: Iterable[Bound], tensors: Mapping[str, Tensor]) -> tuple[Bound, ...]:
    """Of some bounds, those that a product of factors does not keep by itself."""
    return tuple(bound for bound in needed if not _is_kept(product, bound, tensors))


def _is_kept(product: Sequence[Expr], bound: Bound, tensors: Mapping[str, Tensor]) -> bool:
    dependent = [factor for factor in product if may_depend(factor, bound)]
    if not any(vanishes_outside(factor, bound, tensors) for factor in dependent):
        return False
    return all(is_finite(factor, tensors) or _is_left_out(factor, bound) for factor in dependent)


def may_depend(factor: Expr, bound: Bound) -> bool:
    """Whether a factor may be read at the place of a bound; one at a fixed place, 1 < N, says nothing of letters."""
    letters = free_letters(bound.place)
    return not letters or bool(free_letters(factor) & letters)


def _is_left_out(expression: Expr, bound: Bound) -> bool:
    """Whether a case distinction says the bound itself, so that it is 0 where that is not kept, whatever its formula is."""
    inside = within(S.One, [bound])
    if not isinstance(inside, Piecewise):
        # Without letters it may be kept for certain, N_t - 1 < N_t.
        return bool(inside == 1)
    kept = inside.args[0][1]
    return isinstance(expression, Piecewise) and all(condition == kept or value == 0 for value, condition in expression.args)


def vanishing(factor: Expr) -> Iterator[Indexed]:
    """The entries that make a factor 0 wherever one of them is."""
    match factor:
        case Indexed():
            yield factor
        case Pow() if factor.exp.is_positive:
            yield from vanishing(factor.base)
        case Mul():
            for part in factor.args:
                yield from vanishing(part)
        case Sum():
            bound = {limit[0] for limit in factor.limits}
            yield from (read for read in vanishing(factor.function) if not free_letters(read) & bound)
        case Piecewise() if len(factor.args) == 2 and factor.args[1][0] == 0:
            yield from vanishing(factor.args[0][0])


def is_finite(expression: Expr, tensors: Mapping[str, Tensor]) -> bool:
    """Whether an expression is a finite number for all values of its entries, also where they are read out of range, as 0."""
    match expression:
        case Indexed() | Symbol() | KroneckerDelta() | arg_max():
            return True
        case Pow() if not (expression.exp.is_Integer and expression.exp.is_positive):
            base = _out_of_range(expression.base, tensors)
            whole = bool(expression.exp.is_Integer)
            allowed = base.is_nonzero if whole else base.is_nonnegative if expression.exp.is_positive else False
            return bool(allowed or _is_positive(base)) and all(is_finite(part, tensors) for part in expression.args)
        case sympy.log():
            return _is_positive(_out_of_range(expression.args[0], tensors)) and is_finite(expression.args[0], tensors)
        case Sum():
            return is_finite(expression.function, tensors)
        case Piecewise():
            return all(is_finite(value, tensors) for value, _ in expression.args)
        case Function() if type(expression).__module__.startswith("sympy.") and not isinstance(expression, FINITE_FUNCTIONS):
            return bool(expression.is_number)
        case _:
            return all(is_finite(part, tensors) for part in expression.args)


def _out_of_range(expression: Expr, tensors: Mapping[str, Tensor]) -> Expr:
    """The expression with 0 for every entry that may be read out of range."""
    reads = expression.atoms(Indexed)
    beyond = {read: S.Zero for read in reads if any(bounds(place, axis, tensors) for place, axis in places(read, tensors))}
    return expression.xreplace(beyond)


def _is_positive(expression: Expr) -> bool:
    match expression:
        case Sum():
            return _is_positive(expression.function)
        case Add():
            return all(part.is_nonnegative or _is_positive(part) for part in expression.args) and any(map(_is_positive, expression.args))
        case Mul():
            return all(map(_is_positive, expression.args))
        case _:
            return bool(expression.is_positive)


def vanishes_outside(expression: Expr, bound: Bound, tensors: Mapping[str, Tensor]) -> bool:
    """Whether an expression is 0 wherever a bound is not kept."""
    match expression:
        case Indexed():
            return bound.is_implied_by(expression, tensors)
        case Add():
            return all(vanishes_outside(term, bound, tensors) for term in expression.args)
        case Mul():
            return _is_kept(expression.args, bound, tensors)
        case Sum():
            return vanishes_outside(expression.function, bound, tensors)
        case Pow():
            return bool(expression.exp.is_positive) and vanishes_outside(expression.base, bound, tensors)
        case Piecewise():
            return _is_left_out(expression, bound) or all(vanishes_outside(value, bound, tensors) for value, _ in expression.args)
        case _:
            return bool(expression == 0)
