"""Numbers that are known before any data, as constant expressions of C."""

from __future__ import annotations

from collections.abc import Collection

from chainrule.codegen.program.array_sizes import size_name
from chainrule.symbolic.forms.arrays import Apply, Array, Number, Read, Size
from chainrule.symbolic.index.functions import ufunc_name
from chainrule.symbolic.index.named_functions import written_out

from .functions import FUNCTIONS, of_doubles
from .sizes import CSizes


def scalar(array: Array, sizes: CSizes, named: Collection[str] = ()) -> str:
    """As a double, in brackets where it is more than a number; constants that are `named` are variables."""
    match array:
        case Number():
            return number(float(written_out(array.value).evalf(30)))
        case Size():
            fixed = sizes.system.axes[array.axis].size
            return f"(double){sizes.macro(size_name(array.axis))}" if fixed is None else number(float(fixed))
        case Read() if array.name in named:
            return array.name
        case Read() if array.name in sizes.system.constants:
            return number(float(sizes.system.constants[array.name]))
        case Apply():
            pattern = FUNCTIONS[ufunc_name(array.function)]
            return f"({of_doubles(pattern, *(scalar(argument, sizes, named) for argument in array.arguments))})"
    raise AssertionError(f"{type(array).__name__} is no number")


def number(value: float) -> str:
    """A literal, in brackets where it has a sign."""
    if value != value:
        return "NAN"
    if value in (float("inf"), -float("inf")):
        return "INFINITY" if value > 0 else "(-INFINITY)"
    return repr(value) if value >= 0 else f"({value!r})"
