"""Functions of every entry as operations, each in a form that stays finite and can be written into an array that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Integer, Rational, S

from chainrule.symbolic.forms.arrays import Apply, Array, Number

from .builder import letters_of
from .coefficients import ONE, ZERO, size_of, times
from .operations import COMPARISONS, OWN_FUNCTIONS, UFUNCS, ArrayOperand, ElementType, Operand, Scalar
from .sums_and_products import squared

if TYPE_CHECKING:
    from .lowering import Flattening

#: Functions whose values are finite (of log1p only those of arguments between 0 and 1 occur), and those whose values are where their
#: operands are.
FINITE = frozenset("product inner tanh sin cos arctan sign erf log1p".split()) | COMPARISONS
PASSED_ON = frozenset("add subtract multiply negative square copy sum max maximum minimum absolute where".split())
#: Between these, powers of a number up to the sixteenth neither overflow nor vanish beside the coefficients of a function.
LEAST, MOST = Rational(1, 10), Integer(10)


def applied(flattening: Flattening, array: Apply) -> Operand:
    function, arguments = array.function, array.arguments
    if function == "power":
        return power(flattening, array)
    if function == "sigmoid":
        return logistic(flattening, arguments[0])
    if function == "softplus":
        return softplus(flattening, arguments[0])
    if function in COMPARISONS:
        return compared(flattening, array)
    if function == "where":
        return cases(flattening, array)
    if function in UFUNCS:
        operands = [flattening.operand(argument) for argument in arguments]
        return flattening.emit(function, operands)
    if function in OWN_FUNCTIONS:
        return own_function(flattening, function, arguments[0])
    if function == "of data type":
        inner = flattening.operand(arguments[0])
        return flattening.converted(inner) if isinstance(inner, ArrayOperand) else inner
    return flattening.plain(array, f"{function} has no operation of its own")


def power(flattening: Flattening, array: Apply) -> Operand:
    """u², u³, u^(3/2) by products and a square root; other exponents by NumPy's power."""
    base, exponent = array.arguments
    value = exponent.value if isinstance(exponent, Number) else None
    if not isinstance(value, Rational) or abs(value) > 4 or value.q > 2 or (value.q == 2 and value < 0):
        return flattening.emit("power", (flattening.entry(base), flattening.operand(exponent)))
    entry = flattening.entry(base)
    whole, half = divmod(abs(value), 1)
    factors = [raised(flattening, entry, int(whole))] if whole else []
    if half:
        factors.append(flattening.emit("sqrt", (entry,)))
    result = factors[0] if len(factors) == 1 else flattening.emit("multiply", factors)
    return flattening.emit("divide", (Scalar(ONE), result)) if value < 0 else result


def raised(flattening: Flattening, entry: ArrayOperand, exponent: int) -> ArrayOperand:
    if exponent == 1:
        return entry
    square = squared(flattening, entry)
    if exponent == 2:
        return square
    return squared(flattening, square) if exponent == 4 else flattening.emit("multiply", (square, entry))


def logistic(flattening: Flattening, argument: Array) -> ArrayOperand:
    """1 / (1 + exp(−z)) as (tanh(z/2) + 1) / 2, which cannot overflow."""
    coefficient, operand = flattening.scaled(argument)
    half = Number(S.Half)
    inner = flattening.whole((half if coefficient is None else times(coefficient, half), operand))
    shifted = flattening.emit("add", (flattening.emit("tanh", (inner,)), Scalar(ONE)))
    return flattening.emit("multiply", (shifted, Scalar(half)))


def softplus(flattening: Flattening, argument: Array) -> ArrayOperand:
    """log(1 + exp(z)) as max(z, 0) + log(1 + exp(−|z|)): NumPy's logaddexp, which is safe too, takes twenty times as long."""
    entry = flattening.converted(flattening.entry(argument))
    spread = flattening.emit("exp", (flattening.emit("negative", (flattening.emit("absolute", (entry,)),)),))
    return flattening.emit("add", (flattening.emit("maximum", (entry, Scalar(ZERO))), flattening.emit("log1p", (spread,))))


def own_function(flattening: Flattening, function: str, argument: Array) -> ArrayOperand:
    """A function that the module brings takes a number before its argument into its coefficients, as long as they stay numbers."""
    coefficient, operand = flattening.scaled(argument)
    size = None if coefficient is None else size_of(coefficient)
    if isinstance(operand, ArrayOperand) and coefficient is not None and size is not None and bool(size >= LEAST) and bool(size <= MOST):
        return flattening.emit(function, (flattening.converted(operand), Scalar(coefficient)))
    return flattening.emit(function, (flattening.converted(flattening.entry(argument)),))


def compared(flattening: Flattening, array: Apply) -> Operand:
    operands = tuple(flattening.operand(argument) for argument in array.arguments)
    if array.function == "greater":
        # u > c where max(u, c) > c, and that is there.
        larger = flattening.computed("maximum", operands, letters_of(operands))
        operands = (larger, operands[1]) if larger is not None else operands
    return flattening.emit(array.function, operands, kind=ElementType.TEST)


def cases(flattening: Flattening, array: Apply) -> Operand:
    """where(test, first, second), entry by entry."""
    test, first, second = array.arguments
    condition = flattening.operand(test)
    branches = [flattening.operand(first), flattening.operand(second)]
    is_product = flattening.is_backward and second == ZERO and isinstance(condition, ArrayOperand)
    if is_product and isinstance(branches[0], ArrayOperand) and is_finite(flattening, branches[0]):
        # NumPy's case distinction takes ten times as long. Where what is left out is no number, the workspace computes otherwise.
        return flattening.emit("multiply", (flattening.converted(branches[0]), condition))
    return flattening.emit(
        "where", (condition, *(flattening.converted(branch) if isinstance(branch, ArrayOperand) else branch for branch in branches))
    )


def is_finite(flattening: Flattening, entry: ArrayOperand) -> bool:
    """Whether a value is finite wherever what it is made of is: then 0 times it is 0."""
    operation = flattening.made_by.get(entry.name)
    if operation is None:
        return entry.name not in flattening.doubtful
    if operation.function in FINITE:
        return True
    return operation.function in PASSED_ON and all(is_finite(flattening, entry) for entry in operation.entries)
