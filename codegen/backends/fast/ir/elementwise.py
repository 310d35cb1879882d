"""Functions of every entry as operations, each in a form that stays finite and can be written into an array that is there."""

from __future__ import annotations

from sympy import Integer, Rational, S

from chainrule.symbolic.forms.arrays import Apply, Array, Number
from chainrule.symbolic.index.functions import ufunc_name

from .builder import Builder, letters_of
from .coefficients import ONE, ZERO, size_of, times
from .operations import COMPARISONS, OWN_FUNCTIONS, UFUNCS, ArrayOperand, ElementType, Operand, Scalar
from .sums_and_products import squared

#: Functions whose values are finite, and those whose values are where their operands are.
FINITE = frozenset("product inner tanh sin cos arctan sign erf".split()) | COMPARISONS
PASSED_ON = frozenset("add subtract multiply negative square copy sum max maximum minimum absolute rint floor ceil where".split())
INFINITE = (Number(S.Infinity), Number(S.NegativeInfinity))
#: Between these, powers of a number up to the sixteenth neither overflow nor vanish beside the coefficients of a function.
LEAST, MOST = Rational(1, 10), Integer(10)


def applied(builder: Builder, array: Apply) -> Operand:
    function, arguments = array.function, array.arguments
    if function == "power":
        return power(builder, array)
    if function == "sigmoid":
        return logistic(builder, arguments[0])
    if function == "softplus":
        return softplus(builder, arguments[0])
    if function in COMPARISONS:
        return compared(builder, array)
    if function == "where":
        return cases(builder, array)
    if function == "stop":
        # It matters to the chain rule alone, and to the check, which plain functions do.
        return builder.operand(arguments[0])
    if function == "clip":
        value, low, high = map(builder.operand, arguments)
        return builder.emit("minimum", (builder.emit("maximum", (value, low)), high))
    function = ufunc_name(function)
    if function in UFUNCS:
        operands = [builder.operand(argument) for argument in arguments]
        return builder.emit(function, operands)
    if function in OWN_FUNCTIONS:
        return own_function(builder, function, arguments[0])
    if function == "of data type":
        inner = builder.operand(arguments[0])
        return builder.converted(inner) if isinstance(inner, ArrayOperand) else inner
    return builder.plain(array, f"{function} has no operation of its own")


def power(builder: Builder, array: Apply) -> Operand:
    """u², u³, u^(3/2) by products and a square root; other exponents by NumPy's power."""
    base, exponent = array.arguments
    value = exponent.value if isinstance(exponent, Number) else None
    if not isinstance(value, Rational) or abs(value) > 4 or value.q > 2 or (value.q == 2 and value < 0):
        return builder.emit("power", (builder.entry(base), builder.operand(exponent)))
    entry = builder.entry(base)
    whole, half = divmod(abs(value), 1)
    factors = [raised(builder, entry, int(whole))] if whole else []
    if half:
        factors.append(builder.emit("sqrt", (entry,)))
    result = factors[0] if len(factors) == 1 else builder.emit("multiply", factors)
    return builder.emit("divide", (Scalar(ONE), result)) if value < 0 else result


def raised(builder: Builder, entry: ArrayOperand, exponent: int) -> ArrayOperand:
    if exponent == 1:
        return entry
    square = squared(builder, entry)
    if exponent == 2:
        return square
    return squared(builder, square) if exponent == 4 else builder.emit("multiply", (square, entry))


def logistic(builder: Builder, argument: Array) -> ArrayOperand:
    """1 / (1 + exp(−z)) as (tanh(z/2) + 1) / 2, which cannot overflow; in adjoints as exp(z − softplus(z)), which has all digits near 0.

    There the small values are the gradient, and softplus(z) is computed where z is the logit of a logarithmic cost.
    """
    coefficient, operand = builder.scaled(argument)
    half = Number(S.Half)
    inner = builder.whole((half if coefficient is None else times(coefficient, half), operand))
    if builder.is_backward and builder.computed("tanh", (inner,), letters_of((inner,))) is None:
        entry = builder.converted(builder.entry(argument))
        return builder.emit("exp", (builder.emit("subtract", (entry, softplus(builder, argument))),))
    shifted = builder.emit("add", (builder.emit("tanh", (inner,)), Scalar(ONE)))
    return builder.emit("multiply", (shifted, Scalar(half)))


def softplus(builder: Builder, argument: Array) -> ArrayOperand:
    """log(1 + exp(z)) as max(z, 0) + log(1 + exp(−|z|)): NumPy's logaddexp, which is safe too, takes twenty times as long."""
    entry = builder.converted(builder.entry(argument))
    spread = builder.emit("exp", (builder.emit("negative", (builder.emit("absolute", (entry,)),)),))
    return builder.emit("add", (builder.emit("maximum", (entry, Scalar(ZERO))), builder.emit("log1p", (spread,))))


def own_function(builder: Builder, function: str, argument: Array) -> ArrayOperand:
    """A function that the module brings takes a number before its argument into its coefficients, as long as they stay numbers."""
    coefficient, operand = builder.scaled(argument)
    size = None if coefficient is None else size_of(coefficient)
    if isinstance(operand, ArrayOperand) and coefficient is not None and size is not None and bool(size >= LEAST) and bool(size <= MOST):
        return builder.emit(function, (builder.converted(operand), Scalar(coefficient)))
    return builder.emit(function, (builder.converted(builder.entry(argument)),))


def compared(builder: Builder, array: Apply) -> Operand:
    operands = tuple(builder.operand(argument) for argument in array.arguments)
    if array.function == "greater":
        # u > c where max(u, c) > c, and that is there.
        larger = builder.computed("maximum", operands, letters_of(operands))
        operands = (larger, operands[1]) if larger is not None else operands
    return builder.emit(array.function, operands, kind=ElementType.TEST)


def cases(builder: Builder, array: Apply) -> Operand:
    """where(test, first, second), entry by entry."""
    test, first, second = array.arguments
    condition = builder.operand(test)
    branches = [builder.operand(first), builder.operand(second)]
    is_product = builder.is_backward and second == ZERO and isinstance(condition, ArrayOperand)
    if is_product and isinstance(branches[0], ArrayOperand) and is_finite(builder, branches[0]):
        # NumPy's case distinction takes ten times as long. Where what is left out is no number, the workspace computes otherwise.
        return builder.emit("multiply", (builder.converted(branches[0]), condition))
    return builder.emit(
        "where", (condition, *(builder.converted(branch) if isinstance(branch, ArrayOperand) else branch for branch in branches))
    )


def is_finite(builder: Builder, entry: ArrayOperand) -> bool:
    """Whether a value is finite wherever what it is made of is: then 0 times it is 0."""
    operation = builder.made_by.get(entry.name)
    if operation is None:
        return entry.name not in builder.doubtful
    if operation.function in FINITE or _is_of_softplus(builder, entry):
        return True
    if any(isinstance(operand, Scalar) and operand.array in INFINITE for operand in operation.operands):
        return False
    return operation.function in PASSED_ON and all(is_finite(builder, entry) for entry in operation.entries)


def _is_of_softplus(builder: Builder, entry: ArrayOperand) -> bool:
    """Whether it is log(1 + exp(−|z|)), which lies between 0 and log 2."""
    for function in ("log1p", "exp", "negative", "absolute"):
        operation = builder.made_by.get(entry.name)
        if operation is None or operation.function != function:
            return False
        (entry,) = operation.entries
    return True
