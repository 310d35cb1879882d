"""From index notation to arrays: a sum of products becomes matrix products, everything else a function of every entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Piecewise, Pow, Rational, S, Sum, Symbol, UnevaluatedExpr
from sympy.core.relational import Relational

from chainrule.symbolic.index.affine_index import affine
from chainrule.symbolic.index.axes import axis_name, axis_of_size
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.functions import NAMES
from chainrule.symbolic.index.index_letters import free_letters, is_letter
from chainrule.symbolic.index.named_functions import arg_max, axis_max, cases, clip, determinant, log_sum_exp, of_determinant, softmax
from chainrule.symbolic.index.ordering import Order
from chainrule.symbolic.index.tensors import has_labels

from .arrays import Apply, Array, Gather, Number, Positions, Read, Reduce, Size, Window, apply
from .contractions import contraction

#: A number from which on digits are lost where it is added to others and subtracted again.
LARGE = 1000
#: Integers among real numbers: without it they would make wide floats of narrow ones.
CONVERTED = "of data type"
#: Terms that are added up one after the other; the gradient of a weight that a thousand layers share has a term for each, and as deep
#: an array is too deep for those who walk through it.
MOST_IN_A_ROW = 50
#: In place of log 0, below all logarithms: exp of it is 0, and it is a number in single precision too, as is twice of it.
OF_NOTHING = sympy.Integer(-(10**35))
REDUCTIONS: dict[type[Expr], str] = {log_sum_exp: "log_sum_exp", axis_max: "max", arg_max: "argmax"}
COMPARISONS: dict[type[Relational], str] = {
    sympy.StrictGreaterThan: "greater",
    sympy.GreaterThan: "greater_equal",
    sympy.StrictLessThan: "less",
    sympy.LessThan: "less_equal",
}


def array_form(expression: Expr, order: Order | None = None) -> Array:
    """The array that holds the expression's value for every combination of its free letters.

    Terms and factors are taken in their `order`.

    Raises:
        NotExpressible: at a node that has no array form.
    """
    return _ArrayForms(order or Order()).of(expression)


@dataclass(frozen=True, slots=True)
class _ArrayForms:
    """Makes the arrays of the parts of an expression."""

    order: Order

    def of(self, expression: Expr) -> Array:
        match expression:
            case Indexed() if has_labels(expression):
                return apply(CONVERTED, self.read(expression))
            case Indexed():
                return self.read(expression)
            case Symbol() if is_letter(expression):
                return apply(CONVERTED, Positions((expression,)))
            case Symbol() if expression.is_integer:
                return Size(axis_of_size(expression))
            case Symbol():
                return Read(str(expression.name), ())
            case Add():
                return self.sum_of_terms(expression)
            case Mul():
                return self.product_of_factors(expression)
            case Pow() if not expression.is_number:
                return self.power(expression)
            case Sum():
                return contraction(expression, self.of, self.place)
            case Piecewise():
                return self.cases(expression)
            case UnevaluatedExpr():
                # A label used as a number, or a letter along another axis than its own: its positions, which may be out of range there.
                inside = self.of(expression.args[0])
                return inside if isinstance(expression.args[0], Indexed) else apply("add", Number(S.Zero), inside)
            case KroneckerDelta():
                first, second = sorted(expression.args, key=lambda part: (bool(part.is_number), is_letter(part)))
                return apply("equal", self.place(first), self.place(second))
            case _ if expression.is_number:
                return Number(expression)
            case cases():
                return self.cases(expression.distinction)
            case softmax() | log_sum_exp() | axis_max() | arg_max():
                return self.along_an_axis(expression)
            case determinant():
                return self.determinant("det", expression)
            case sympy.log() if (matrices := of_determinant(expression.args[0])) is not None:
                # Of a large matrix the determinant itself is out of range.
                return self.determinant("logdet", matrices)
            case clip():
                return apply("clip", *map(self.of, expression.args))
            case _ if type(expression) in NAMES:
                arguments = [self.of(part) for part in sorted(expression.args, key=lambda part: bool(part.is_number))]
                while len(arguments) > 2:
                    # The largest of three is the larger of one and the largest of two.
                    arguments = [*arguments[:-2], apply(NAMES[type(expression)], *arguments[-2:])]
                return apply(NAMES[type(expression)], *arguments)
            case _:
                raise NotExpressible(f"there is no array form of {type(expression).__name__}: {expression}")

    def place(self, place: Expr) -> Array:
        """The positions that an index takes: integers, as letters and integer tensors have them."""
        return _unconverted(self.of(place))

    def read(self, entry: Indexed) -> Array:
        name, indices = entry.base.name, entry.indices
        if all(is_letter(part) for part in indices) and len(set(indices)) == len(indices):
            return Read(name, tuple(indices))
        combinations = [affine(part) for part in indices]
        known = tuple(place for place in combinations if place is not None)
        if len(known) == len(indices):
            return Window(name, known, tuple(dict.fromkeys(letter for place in known for letter in place.letters)))
        places = tuple(self.place(part) for part in indices)
        return Gather(name, places, tuple(dict.fromkeys(letter for place in places for letter in place.axes)))

    def sum_of_terms(self, expression: Add) -> Array:
        result: Array | None = None
        rest, together = _large_together(expression)
        terms = self.order.terms(rest) if rest != 0 else []
        for start in range(0, len(terms), MOST_IN_A_ROW):
            in_a_row = self.in_a_row(terms[start : start + MOST_IN_A_ROW])
            result = in_a_row if result is None else apply("add", result, in_a_row)
        for factor, inside in together:
            value = apply("multiply", Number(factor), self.of(inside))
            result = value if result is None else apply("add", result, value)
        assert result is not None
        return result

    def in_a_row(self, terms: Sequence[Expr]) -> Array:
        result = self.of(terms[0])
        for term in terms[1:]:
            negative = term.could_extract_minus_sign()
            result = apply("subtract" if negative else "add", result, self.of(-term if negative else term))
        return result

    def product_of_factors(self, expression: Mul) -> Array:
        switched = next((part for part in expression.args if isinstance(part, Piecewise) and _is_switch(part)), None)
        if switched is not None and expression.has(Indexed):
            # u where(c, 1, α) is where(c, u, α u): the branches are arrays of u's own type.
            rest = Mul(*(part for part in expression.args if part is not switched))
            if rest.has(Indexed):
                return self.cases(Piecewise(*((value * rest, test) for value, test in switched.args), evaluate=False))
        sign, above, below = self.order.fraction(expression)
        result = self.times(above) if above else Number(S.One)
        if below:
            result = apply("divide", result, self.times(below))
        return apply("negative", result) if sign < 0 else result

    def times(self, factors: list[Expr]) -> Array:
        arrays = [self.of(factor) for factor in factors]
        return reduce(lambda left, right: apply("multiply", left, right), arrays)

    def power(self, expression: Pow) -> Array:
        base, exponent = expression.args
        if exponent.is_negative:
            below = base if exponent == -1 else base ** (-exponent)
            return apply("divide", Number(S.One), self.of(below))
        if exponent == S.Half:
            return apply("sqrt", self.of(base))
        return apply("power", self.of(base), self.of(exponent))

    def cases(self, expression: Piecewise) -> Array:
        if _is_maximum(expression):
            return apply("maximum", self.of(expression.args[0][0]), self.of(expression.args[1][0]))
        *branches, (otherwise, last) = expression.args
        if last != sympy.true:
            raise NotExpressible(f"a case distinction without a last branch: {expression}")
        result = self.of(otherwise)
        for value, condition in reversed(branches):
            result = apply("where", self.condition(condition), self.of(value), result)
        return result

    def condition(self, condition: Relational) -> Array:
        left, right = condition.args
        if not free_letters(left) and free_letters(right):
            # δ > |u| is written |u| < δ
            condition = condition.reversed
            left, right = condition.args
        # Places are compared as the whole numbers that they are.
        form = self.of if condition.has(Indexed) else self.place
        return apply(COMPARISONS[type(condition)], form(left), form(right))

    def along_an_axis(self, expression: Expr) -> Array:
        operand, letter = self.of(expression.args[0]), expression.args[1]
        assert is_letter(letter), "a reduction along one place"
        if letter not in operand.axes:
            return _along_an_axis_not_read(type(expression), operand, Size(axis_name(letter)))
        if isinstance(expression, softmax):
            return Reduce("softmax", operand, (letter,), operand.axes)
        if isinstance(expression, log_sum_exp) and _may_be_of_nothing(expression.args[0]):
            # log Σ exp of nothing but −∞ is −∞, and no difference of two of them.
            operand = apply("maximum", operand, Number(OF_NOTHING))
        return Reduce(REDUCTIONS[type(expression)], operand, (letter,), tuple(axis for axis in operand.axes if axis != letter))

    def determinant(self, function: str, expression: Expr) -> Array:
        value, *own = expression.args[:3]
        operand = self.of(value)
        others = tuple(letter for letter in operand.axes if letter not in own)
        if len(others) + len(own) > len(operand.axes):
            raise NotExpressible("the entry of a matrix whose determinant is taken depends on its row and on its column")
        return Reduce(function, operand, tuple(own), others)


def _unconverted(array: Array) -> Array:
    if not isinstance(array, Apply):
        return array
    if array.function == CONVERTED:
        return array.arguments[0]
    return apply(array.function, *map(_unconverted, array.arguments))


def _large_together(expression: Add) -> tuple[Expr, list[tuple[Expr, Expr]]]:
    """The terms of w x + 10⁹ m − 10⁹, as SymPy multiplies it out, apart: w x, and 10⁹ (m − 1), of which no digits of w x are lost."""
    groups: dict[Expr, list[Expr]] = {}
    constant, terms = expression.as_coeff_Add()
    split = [term.as_coeff_Mul() for term in Add.make_args(terms)]
    if all(abs(coefficient) < LARGE for coefficient, _ in split):
        return expression, []
    for coefficient, rest in split:
        groups.setdefault(abs(coefficient), []).append(rest if coefficient.is_positive else -rest)
    together: list[tuple[Expr, Expr]] = []
    apart: list[Expr] = []
    for size, members in sorted(groups.items(), key=lambda group: -group[0]):
        # Of the numbers, what is nearest: −2 of 10⁹ (m + r − 2) + 0.125.
        own = Rational(round(2 * constant / size), 2) if size >= LARGE and constant.is_Rational else S.Zero
        if size >= LARGE and (len(members) > 1 or own != 0):
            together.append((size, Add(*members, own)))
            constant -= size * own
        else:
            apart += [size * member for member in members]
    return Add(*apart, constant), together


def _may_be_of_nothing(exponent: Expr) -> bool:
    """Whether numbers decide what is there, so that it may be nothing: where(m[n,k] > 0, u[n,k], −∞)."""
    return any(
        value == S.NegativeInfinity and any(test.has(Indexed) for _, test in part.args)
        for part in exponent.atoms(Piecewise)
        for value, _ in part.args
    )


def _is_switch(expression: Piecewise) -> bool:
    """A case distinction between numbers."""
    return not any(value.has(Indexed) for value, _ in expression.args)


def _is_maximum(expression: Piecewise) -> bool:
    """where(u > c, u, c) with a number c."""
    if len(expression.args) != 2 or not isinstance(expression.args[0][1], sympy.StrictGreaterThan):
        return False
    (value, condition), (otherwise, _) = expression.args
    return bool(condition.args == (value, otherwise) and otherwise.is_number)


def _along_an_axis_not_read(function: type[Expr], operand: Array, size: Size) -> Array:
    """N equal numbers u: the largest is u, the first of them; log Σ exp(u) = u + log N, and each is 1/N of their sum."""
    if function is axis_max:
        return operand
    if function is log_sum_exp:
        return apply("add", operand, apply("log", size))
    return Number(S.Zero) if function is arg_max else apply("divide", Number(S.One), size)
