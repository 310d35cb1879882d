"""What arguments are declared to hold, as a condition in NumPy: a module refuses others with what it expected."""

from __future__ import annotations

from chainrule.symbolic.index.tensors import Tensor, Values


def condition(tensor: Tensor, size: str | None = None) -> tuple[str, str] | None:
    """Where the entries of a tensor are right, in NumPy, and what they are then, in words; None where nothing is declared that is checked.

    `size` is that of the axis that lengths are along, where it is known.
    """
    name = tensor.name
    whole = f"({name} >= 0) & ({name} == np.floor({name}))"
    match tensor.values:
        case Values.POSITIVE:
            return f"{name} > 0", "numbers above 0"
        case Values.COUNT:
            return whole, "whole numbers from 0"
        case Values.LENGTHS:
            return (
                (f"{whole} & ({name} <= {size})", f"whole numbers up to the size of axis {tensor.points_into}")
                if size
                else (whole, "whole numbers from 0")
            )
        case Values.MASK:
            return f"({name} == 0) | ({name} == 1)", "0 or 1"
        case Values.RANGE if tensor.limits is not None:
            first, last = tensor.limits
            return f"({name} >= {first!r}) & ({name} <= {last!r})", f"numbers from {first:g} to {last:g}"
        case Values.SYMMETRIC:
            return f"{name} == np.swapaxes({name}, -1, -2)", "an array that is its own transpose"
        case _:
            return None


def check_line(tensor: Tensor, size: str | None = None) -> str | None:
    """The line of a module that refuses other entries."""
    found = condition(tensor, size)
    return f'_expect_values("{tensor.name}", {tensor.name}, {found[0]}, "{found[1]}")' if found else None
