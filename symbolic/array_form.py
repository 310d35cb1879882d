"""From index notation to arrays: Σ_i W[j,i] x[n,i] becomes the product of W and x over i, everything else a function of every entry."""

from __future__ import annotations

from functools import reduce

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Piecewise, Pow, S, Sum, Symbol, UnevaluatedExpr
from sympy.core.relational import Relational

from .arrays import Apply, Array, Gather, Number, Positions, Product, Read, Reduce, Scatter, Size, apply
from .axes import axis_name, size_symbol
from .failures import NotExpressible
from .letters import bound_sum, free_letters, is_letter
from .named_functions import arg_max, axis_max, cases, log_sum_exp, sigmoid, softmax, softplus
from .ordering import fraction, ordered_terms

FUNCTIONS: dict[type[Expr], str] = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.Abs: "abs",
    sympy.sign: "sign",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tan: "tan",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.asin: "arcsin",
    sympy.acos: "arccos",
    sympy.atan: "arctan",
    sympy.erf: "erf",
    sympy.Min: "minimum",
    sympy.Max: "maximum",
    sigmoid: "sigmoid",
    softplus: "softplus",
}
#: Integers among real numbers: without it they would make wide floats of narrow ones.
CONVERTED = "of data type"
REDUCTIONS: dict[type[Expr], str] = {log_sum_exp: "log_sum_exp", axis_max: "max", arg_max: "argmax"}
COMPARISONS: dict[type[Relational], str] = {
    sympy.StrictGreaterThan: "greater",
    sympy.GreaterThan: "greater_equal",
    sympy.StrictLessThan: "less",
    sympy.LessThan: "less_equal",
}


def array_form(expression: Expr) -> Array:
    """The array that holds the expression's value for every combination of its free letters.

    Raises:
        NotExpressible: at a node that has no array form.
    """
    match expression:
        case Indexed() if expression.base.is_integer:
            return apply(CONVERTED, _read(expression))
        case Indexed():
            return _read(expression)
        case Symbol() if is_letter(expression):
            return apply(CONVERTED, Positions((expression,)))
        case Symbol() if expression.is_integer:
            return Size(_axis_of_size(expression))
        case Symbol():
            return Read(str(expression.name), ())
        case Add():
            return _sum_of_terms(expression)
        case Mul():
            return _product_of_factors(expression)
        case Pow() if not expression.is_number:
            return _power(expression)
        case Sum():
            return _contraction(expression)
        case Piecewise():
            return _cases(expression)
        case UnevaluatedExpr():
            inside = array_form(expression.args[0])
            # A label used as a number, or a letter along another axis than its own: its positions, which may be out of range there.
            return apply("of data type", inside) if isinstance(expression.args[0], Indexed) else apply("add", Number(S.Zero), inside)
        case KroneckerDelta():
            first, second = sorted(expression.args, key=lambda part: (bool(part.is_number), is_letter(part)))
            return apply("equal", place_form(first), place_form(second))
        case _ if expression.is_number:
            return Number(expression)
        case cases():
            return _cases(expression.distinction)
        case softmax() | log_sum_exp() | axis_max() | arg_max():
            return _along_an_axis(expression)
        case _ if type(expression) in FUNCTIONS:
            arguments = sorted(expression.args, key=lambda part: bool(part.is_number))
            return apply(FUNCTIONS[type(expression)], *(array_form(part) for part in arguments))
        case _:
            raise NotExpressible(f"there is no array form of {type(expression).__name__}: {expression}")


def place_form(place: Expr) -> Array:
    """The positions that an index takes: integers, as letters and integer tensors have them."""
    return _unconverted(array_form(place))


def _unconverted(array: Array) -> Array:
    if not isinstance(array, Apply):
        return array
    if array.function == CONVERTED:
        return array.arguments[0]
    return apply(array.function, *map(_unconverted, array.arguments))


def _axis_of_size(symbol: Symbol) -> str:
    return "n" if symbol == size_symbol("n") else str(symbol.name).removeprefix("N_")


def _read(entry: Indexed) -> Array:
    name, indices = str(entry.base.label), entry.indices
    if all(is_letter(part) for part in indices) and len(set(indices)) == len(indices):
        return Read(name, tuple(indices))
    places = tuple(place_form(part) for part in indices)
    return Gather(name, places, tuple(dict.fromkeys(letter for place in places for letter in place.axes)))


def _sum_of_terms(expression: Add) -> Array:
    result: Array | None = None
    for term in ordered_terms(expression):
        negative = term.could_extract_minus_sign() and result is not None
        value = array_form(-term if negative else term)
        result = value if result is None else apply("subtract" if negative else "add", result, value)
    assert result is not None
    return result


def _product_of_factors(expression: Mul) -> Array:
    switched = next((part for part in expression.args if isinstance(part, Piecewise) and _is_switch(part)), None)
    if switched is not None and expression.has(Indexed):
        # u where(c, 1, α) is where(c, u, α u): the branches are arrays of u's own type.
        rest = Mul(*(part for part in expression.args if part is not switched))
        if rest.has(Indexed):
            return _cases(Piecewise(*((value * rest, test) for value, test in switched.args), evaluate=False))
    sign, above, below = fraction(expression)
    result = _times(above) if above else Number(S.One)
    if below:
        result = apply("divide", result, _times(below))
    return apply("negative", result) if sign < 0 else result


def _times(factors: list[Expr]) -> Array:
    arrays = [array_form(factor) for factor in factors]
    return reduce(lambda left, right: apply("multiply", left, right), arrays)


def _power(expression: Pow) -> Array:
    base, exponent = expression.args
    if exponent.is_negative:
        below = base if exponent == -1 else base ** (-exponent)
        return apply("divide", Number(S.One), array_form(below))
    if exponent == S.Half:
        return apply("sqrt", array_form(base))
    return apply("power", array_form(base), array_form(exponent))


def _cases(expression: Piecewise) -> Array:
    if _is_maximum(expression):
        return apply("maximum", array_form(expression.args[0][0]), array_form(expression.args[1][0]))
    *branches, (otherwise, last) = expression.args
    if last != sympy.true:
        raise NotExpressible(f"a case distinction without a last branch: {expression}")
    result = array_form(otherwise)
    for value, condition in reversed(branches):
        result = apply("where", _condition(condition), array_form(value), result)
    return result


def _is_switch(expression: Piecewise) -> bool:
    """A case distinction between numbers."""
    return not any(value.has(Indexed) for value, _ in expression.args)


def _is_maximum(expression: Piecewise) -> bool:
    """where(u > c, u, c) with a number c."""
    if len(expression.args) != 2 or not isinstance(expression.args[0][1], sympy.StrictGreaterThan):
        return False
    (value, condition), (otherwise, _) = expression.args
    return bool(condition.args == (value, otherwise) and otherwise.is_number)


def _condition(condition: Relational) -> Array:
    left, right = condition.args
    if not free_letters(left) and free_letters(right):
        # δ > |u| is written |u| < δ
        condition = condition.reversed
        left, right = condition.args
    return apply(COMPARISONS[type(condition)], array_form(left), array_form(right))


def _along_an_axis(expression: Expr) -> Array:
    operand, letter = array_form(expression.args[0]), expression.args[1]
    if isinstance(expression, softmax):
        return Reduce("softmax", operand, (letter,), operand.axes)
    return Reduce(REDUCTIONS[type(expression)], operand, (letter,), tuple(axis for axis in operand.axes if axis != letter))


def _contraction(expression: Sum) -> Array:
    """Σ of a product: factors whose letters lie within another's are multiplied entry by entry, the rest are matrix products."""
    over = {limit[0] for limit in expression.limits}
    inside = expression.function
    while isinstance(inside, Sum):
        over |= {limit[0] for limit in inside.limits}
        inside = inside.function
    scattered = _scatter(inside, over)
    if scattered is not None:
        return scattered
    groups = _groups(inside, over)
    while len(groups) > 1:
        (left_letters, left), (right_letters, right), *rest = groups
        elsewhere = set().union(*(other for other, _ in rest)) if rest else set()
        summed = (left_letters & right_letters & over) - elsewhere
        left = _total(left, (left_letters & over) - right_letters - elsewhere)
        right = _total(right, (right_letters & over) - left_letters - elsewhere)
        product = _matrix_product(left, right, summed)
        groups = [(set(product.axes), product), *rest]
    letters, array = groups[0]
    array = _total(array, letters & over)
    # A letter that nothing reads counts its range.
    for letter in sorted(over - free_letters(inside), key=str):
        array = apply("multiply", Size(axis_name(letter)), array)
    return array


def _scatter(inside: Expr, over: set[Symbol]) -> Array | None:
    """Σ_i f(i) δ(u, e(i)): f added up at the places e, where nothing else depends on u."""
    deltas = [factor for factor in Mul.make_args(inside) if isinstance(factor, KroneckerDelta)]
    into, places = [], []
    for delta in deltas:
        own = [part for part in delta.args if is_letter(part) and part not in over]
        if len(own) != 1 or not free_letters(next(part for part in delta.args if part is not own[0])) & over:
            return None
        into.append(own[0])
        places.append(next(part for part in delta.args if part is not own[0]))
    rest = Mul(*(factor for factor in Mul.make_args(inside) if factor not in deltas))
    if (
        not deltas
        or free_letters(rest) & set(into)
        or len(set(into)) < len(into)
        or any(free_letters(place) & set(into) for place in places)
    ):
        return None
    needed = set().union(*(free_letters(place) for place in places))
    body = array_form(bound_sum(rest, *(over - needed))) if over - needed else array_form(rest)
    place_arrays = tuple(place_form(place) for place in places)
    every = dict.fromkeys(letter for part in (body, *place_arrays) for letter in part.axes)
    kept = tuple(letter for letter in every if letter not in over)
    return Scatter(body, tuple(into), place_arrays, (*kept, *into))


def _groups(inside: Expr, over: set[Symbol]) -> list[tuple[set[Symbol], Array]]:
    factors: list[tuple[set[Symbol], list[Expr]]] = []
    everything = sorted(Mul.make_args(inside), key=lambda factor: -len(free_letters(factor)))
    for factor in everything:
        own = free_letters(factor)
        # A vector that is summed away meets a matrix in a product: X w.
        home = next((group for group in factors if own <= group[0] and not (own < group[0] and own <= over and group[0] - over)), None)
        if home is None:
            factors.append((own, [factor]))
        else:
            home[1].append(factor)
    arrays = [(own, array_form(Mul(*members))) for own, members in factors]
    return sorted(arrays, key=lambda group: _names_in(group[1]))


def _names_in(array: Array) -> str:
    return array.name if isinstance(array, Read) else "~"


def _total(array: Array, over: set[Symbol]) -> Array:
    if not over:
        return array
    ordered = tuple(letter for letter in array.axes if letter in over)
    return Reduce("sum", array, ordered, tuple(letter for letter in array.axes if letter not in over))


def _matrix_product(left: Array, right: Array, summed: set[Symbol]) -> Array:
    if not summed:
        return apply("multiply", left, right)
    axes = tuple(dict.fromkeys(letter for letter in (*left.axes, *right.axes) if letter not in summed))
    return Product(left, right, tuple(sorted(summed, key=lambda letter: letter.name)), axes)
