"""Sums of products, sums, and the other reductions along axes: softmax, logarithms of sums of exponentials, maxima."""

from __future__ import annotations

from chainrule.symbolic.forms.arrays import Letters, Product, Reduce

from .builder import Builder, Scaled
from .coefficients import ONE, product_of
from .operations import ArrayOperand, Scalar
from .pooling import over_window


def product(builder: Builder, array: Product) -> Scaled:
    """Σ of left · right; a number that stands before a factor is left to the end."""
    (first, left), (second, right) = builder.scaled(array.left), builder.scaled(array.right)
    left, right = (builder.converted(side) if isinstance(side, ArrayOperand) else side for side in (left, right))
    if isinstance(left, Scalar) or isinstance(right, Scalar):
        raise AssertionError("a product with a number is no sum of products")
    letters = tuple(dict.fromkeys(letter for letter in (*left.letters, *right.letters) if letter not in array.over))
    return product_of(first, second), builder.emit("product", (left, right), letters, array.over)


def summed(builder: Builder, array: Reduce) -> Scaled:
    coefficient, operand = builder.scaled(array.operand)
    if isinstance(operand, Scalar):
        raise AssertionError("a sum of a number")
    operand = builder.converted(operand)
    if not set(array.over) <= set(operand.letters):
        raise AssertionError("a sum over a letter that is not there")
    if set(array.over) == set(operand.letters):
        factors = pair(builder, operand)
        if factors is not None:
            return coefficient, builder.emit("inner", factors, (), array.over)
    return coefficient, over_window(builder, "add", operand, array.over) or builder.emit("sum", (operand,), over=array.over)


def pair(builder: Builder, operand: ArrayOperand) -> tuple[ArrayOperand, ArrayOperand] | None:
    """The two factors of which an array is the product, entry by entry; the product itself may then not be needed."""
    made = builder.made_by.get(operand.name)
    if made is None or made.function not in ("square", "multiply"):
        return None
    entries = list(made.entries)
    if made.function == "square":
        entries = entries * 2
    if len(entries) != 2 or any(set(entry.letters) != set(made.result.letters) for entry in entries):
        return None
    renamed = dict(zip(made.result.letters, operand.letters, strict=True))
    first, second = (ArrayOperand(entry.name, tuple(renamed[letter] for letter in entry.letters)) for entry in entries)
    return first, second


def reduced(builder: Builder, array: Reduce) -> ArrayOperand:
    if array.function == "max" and isinstance(array.operand, Reduce) and array.operand.function == "max":
        # The largest of the largest is the largest of all.
        inner = array.operand
        return reduced(builder, Reduce("max", inner.operand, (*inner.over, *array.over), array.axes))
    operand = builder.entry(array.operand)
    match array.function:
        case "softmax":
            spread, total = exponentials(builder, operand, array.over)
            return builder.emit("multiply", (spread, builder.emit("divide", (Scalar(ONE), total))), operand.letters)
        case "log_sum_exp":
            _, total = exponentials(builder, operand, array.over)
            logarithm = builder.emit("log", (total,))
            return builder.emit("add", (logarithm, builder.emit("max", (operand,), over=array.over)))
        case "max":
            return over_window(builder, "maximum", operand, array.over) or builder.emit("max", (operand,), over=array.over)
        case _:
            return builder.plain(array, f"{array.function} has no operation of its own")


def exponentials(builder: Builder, operand: ArrayOperand, over: Letters) -> tuple[ArrayOperand, ArrayOperand]:
    """exp(u − max u) and its sum: the softmax and the logarithm of a sum of exponentials share them."""
    largest = builder.emit("max", (operand,), over=over)
    spread = builder.emit("exp", (builder.emit("shift", (operand, largest), operand.letters),))
    return spread, builder.emit("sum", (spread,), over=over)
