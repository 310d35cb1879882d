"""Numbers as arrays, each made once, before any call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sympy import Expr, Integer, Pow, Rational, S, pi

from chainrule.codegen.backends.fast.ir.sizes import EntryCount, extent_of
from chainrule.codegen.backends.numpy.expressions import NumpySource
from chainrule.codegen.backends.numpy.source import tuple_text
from chainrule.codegen.program.array_sizes import size_name
from chainrule.symbolic.forms.arrays import Apply, Array, Letters, Number, Read, Size, everything
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.named_functions import written_out
from chainrule.symbolic.system.system import System

from .made_line import MadeLine, NewArray
from .views import ArrayViews, suffix

NUMBERS = {"0": "ZERO", "1": "ONE", "2": "TWO", "1_over_2": "HALF"}
#: How functions of two numbers are called between these.
BETWEEN = {"power": "to", "divide": "over", "multiply": "times", "add": "plus", "subtract": "minus"}
LONGEST_NAME = 40


def number_name(array: Array) -> str:
    """1 / 2 is HALF, 1 / (2 * N) is number_1_over_2_times_N; what would be too long is just a number."""
    name = "_".join(_words(array))
    return NUMBERS.get(name) or (f"number_{name}" if len(name) <= LONGEST_NAME else "number")


def _words(array: Array) -> list[str]:
    match array:
        case Number():
            return _digits(array.value)
        case Size():
            return [size_name(array.axis)]
        case Read():
            return [array.name]
        case Apply(function, (argument,)) if function == "negative":
            return ["minus", *_words(argument)]
        case Apply(function, (first, second)) if function in BETWEEN:
            return [*_words(first), BETWEEN[function], *_words(second)]
        case Apply():
            return [array.function, *(word for part in array.arguments for word in _words(part))]
    return ["of", type(array).__name__.lower()]


def _digits(value: Expr) -> list[str]:
    """-0.5 is minus 0 point 5, and 1e-05 is 1e minus 05."""
    if isinstance(value, Rational) and value.q != 1:
        return [*_digits(Integer(value.p)), "over", str(value.q)]
    if isinstance(value, Pow) and value.exp == S.Half:
        return [*_digits(value.base), "to", "0", "point", "5"]
    if value == pi:
        return ["pi"]
    written = str(value) if value.is_Integer else repr(float(written_out(value)))
    return written.replace("-", " minus ").replace(".", " point ").replace("+", "").split()


def divides_by_difference(array: Array) -> bool:
    """Whether a number is divided by what may be 0: the difference of sizes."""
    divisors = [part.arguments[1] for part in everything(array) if isinstance(part, Apply) and part.function == "divide"]
    inner = [part for divisor in divisors for part in everything(divisor)]
    is_difference = any(isinstance(part, Apply) and part.function in ("subtract", "negative") for part in inner)
    return is_difference and any(isinstance(part, Size) for part in inner)


def with_sizes(number: Array, written: Callable[[Size], Array]) -> Array:
    match number:
        case Size():
            return written(number)
        case Apply():
            return replace(number, arguments=tuple(with_sizes(part, written) for part in number.arguments))
        case _:
            return number


def numpy_size(size: Size) -> Array:
    """As a number of NumPy's: 1 / (N - 1) is infinite for one example, where Python raises."""
    return Apply("float64", (size,), ())


class NumberArrays:
    """Numbers and their arrays by name; the lines that make them go to `made`."""

    def __init__(self, system: System, source: NumpySource, views: ArrayViews, made: list[MadeLine]) -> None:
        self.system, self.source, self.views, self.made = system, source, views, made
        #: By what makes them: 1 / 2 is one number, whether it stands in a formula or divides by a size that is 2.
        self.constants: dict[str, str] = {}
        self.arrays_of_numbers: dict[tuple[str, tuple[str, ...]], str] = {}
        self.vectors_of_ones: dict[EntryCount, str] = {}

    def of(self, number: Array) -> str:
        """A number as an array without dimensions, which costs less to read than a Python number."""
        number = with_sizes(number, self.known)
        printed = self.source.source(with_sizes(number, numpy_size) if divides_by_difference(number) else number, ()).text
        if printed not in self.constants:
            self.constants[printed] = self.views.fresh(number_name(number))
            self.made.append(MadeLine(self.constants[printed], f"np.array({printed}, dtype)", (), NewArray((EntryCount(1),))))
        return self.constants[printed]

    def known(self, size: Size) -> Array:
        """A size that is fixed is that number."""
        fixed = self.system.axes[size.axis].size
        return size if fixed is None else Number(Integer(fixed))

    @property
    def zero(self) -> str:
        return self.of(Number(S.Zero))

    def filled(self, array: Array, axes: tuple[str, ...]) -> str:
        """A number as an array of these axes."""
        number = self.of(array)
        if (number, axes) not in self.arrays_of_numbers:
            name = self.views.fresh(f"{number}_{''.join(axes)}")
            self.arrays_of_numbers[number, axes] = name
            text = f"np.full({tuple_text([*map(self.source.size, axes)])}, {number})"
            self.made.append(MadeLine(name, text, (number,), NewArray((extent_of(axes, self.system),))))
        return self.arrays_of_numbers[number, axes]

    def ones(self, letters: Letters) -> str:
        extent = extent_of(tuple(map(axis_name, letters)), self.system)
        if extent not in self.vectors_of_ones:
            self.vectors_of_ones[extent] = self.views.fresh(f"ones_{suffix((letters,))}")
            self.made.append(MadeLine(self.vectors_of_ones[extent], f"np.ones({extent}, dtype)", (), NewArray((extent,))))
        return self.vectors_of_ones[extent]
