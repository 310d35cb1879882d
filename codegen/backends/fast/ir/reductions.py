"""Sums of products, sums, and the other reductions along axes: softmax, logarithms of sums of exponentials, maxima."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.symbolic.forms.arrays import Letters, Product, Reduce

from .builder import Scaled
from .coefficients import ONE, product_of
from .operations import ArrayOperand, Scalar
from .pooling import over_window

if TYPE_CHECKING:
    from .lowering import Flattening


def product(flattening: Flattening, array: Product) -> Scaled:
    """Σ of left · right; a number that stands before a factor is left to the end."""
    (first, left), (second, right) = flattening.scaled(array.left), flattening.scaled(array.right)
    left, right = (flattening.converted(side) if isinstance(side, ArrayOperand) else side for side in (left, right))
    if isinstance(left, Scalar) or isinstance(right, Scalar):
        raise AssertionError("a product with a number is no sum of products")
    letters = tuple(dict.fromkeys(letter for letter in (*left.letters, *right.letters) if letter not in array.over))
    return product_of(first, second), flattening.emit("product", (left, right), letters, array.over)


def summed(flattening: Flattening, array: Reduce) -> Scaled:
    coefficient, operand = flattening.scaled(array.operand)
    if isinstance(operand, Scalar):
        raise AssertionError("a sum of a number")
    operand = flattening.converted(operand)
    if not set(array.over) <= set(operand.letters):
        raise AssertionError("a sum over a letter that is not there")
    if set(array.over) == set(operand.letters):
        factors = pair(flattening, operand)
        if factors is not None:
            return coefficient, flattening.emit("inner", factors, (), array.over)
    return coefficient, over_window(flattening, "add", operand, array.over) or flattening.emit("sum", (operand,), over=array.over)


def pair(flattening: Flattening, operand: ArrayOperand) -> tuple[ArrayOperand, ArrayOperand] | None:
    """The two factors of which an array is the product, entry by entry; the product itself may then not be needed."""
    made = flattening.made_by.get(operand.name)
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


def reduced(flattening: Flattening, array: Reduce) -> ArrayOperand:
    if array.function == "max" and isinstance(array.operand, Reduce) and array.operand.function == "max":
        # The largest of the largest is the largest of all.
        inner = array.operand
        return reduced(flattening, Reduce("max", inner.operand, (*inner.over, *array.over), array.axes))
    operand = flattening.entry(array.operand)
    match array.function:
        case "softmax":
            spread, total = exponentials(flattening, operand, array.over)
            return flattening.emit("multiply", (spread, flattening.emit("divide", (Scalar(ONE), total))), operand.letters)
        case "log_sum_exp":
            _, total = exponentials(flattening, operand, array.over)
            logarithm = flattening.emit("log", (total,))
            return flattening.emit("add", (logarithm, flattening.emit("max", (operand,), over=array.over)))
        case "max":
            return over_window(flattening, "maximum", operand, array.over) or flattening.emit("max", (operand,), over=array.over)
        case _:
            return flattening.plain(array, f"{array.function} has no operation of its own")


def exponentials(flattening: Flattening, operand: ArrayOperand, over: Letters) -> tuple[ArrayOperand, ArrayOperand]:
    """exp(u − max u) and its sum: the softmax and the logarithm of a sum of exponentials share them."""
    largest = flattening.emit("max", (operand,), over=over)
    spread = flattening.emit("exp", (flattening.emit("shift", (operand, largest), operand.letters),))
    return spread, flattening.emit("sum", (spread,), over=over)
