"""What type the entries of an array have in NumPy: that of the data, or one of their own, as tests, labels and numbers do."""

from __future__ import annotations

from chainrule.symbolic.forms.arrays import Apply, Array, Gather, Placed, Positions, Product, Read, Reduce, Scatter, Window, parts

COMPARISONS = ("equal", "greater", "greater_equal", "less", "less_equal")


def is_float_array(array: Array) -> bool:
    """Whether an array has the type of the data: tests, labels and numbers have one of their own."""
    match array:
        case Read() | Window() | Gather():
            return bool(array.axes)
        case Positions() | Reduce(function="argmax"):
            return False
        case Scatter() | Placed() | Product() | Reduce(function="sum"):
            return True
        case Apply(function="where"):
            return any(is_float_array(branch) for branch in array.arguments[1:])
        case Apply() if is_test(array):
            return False
        case _:
            return any(is_float_array(part) for part in parts(array))


def is_test(array: Array) -> bool:
    """Whether the entries are true or false."""
    return isinstance(array, Apply) and array.function in COMPARISONS


def leftmost(array: Array) -> Array:
    """The first factor of a product."""
    while isinstance(array, Apply) and array.function in ("multiply", "divide"):
        array = array.arguments[0]
    return array


def starts_with_a_test(array: Array) -> bool:
    """Whether the first factor is a boolean array."""
    return is_test(leftmost(array))
