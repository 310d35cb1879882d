"""Numbers as arrays, each made once, before any call."""

from __future__ import annotations

import re
from dataclasses import replace

from sympy import S

from chainrule.codegen.backends.fast.ir.sizes import EntryCount, extent_of
from chainrule.codegen.backends.numpy.expressions import NumpySource
from chainrule.codegen.backends.numpy.source import tuple_text
from chainrule.symbolic.forms.arrays import Apply, Array, Letters, Number, Size, everything
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.system.system import System

from .views import ArrayViews, suffix

NUMBERS = {"0": "ZERO", "1": "ONE", "2": "TWO", "1 / 2": "HALF"}
#: How the signs of a formula are called in a name.
SPELLED = {"**": "_to_", "/": "_over_", "*": "_times_", "+": "_plus_", "-": "_minus_", "np.": "", ".": "_point_"}
LONGEST_NAME = 40


def number_name(text: str) -> str:
    """1 / (2 * N) is number_1_over_2_times_N; what would be too long is just a number."""
    for sign, spelled in SPELLED.items():
        text = text.replace(sign, spelled)
    name = "_".join(re.findall(r"[A-Za-z0-9]+", text))
    return f"number_{name}" if len(name) <= LONGEST_NAME else "number"


def divides_by_difference(array: Array) -> bool:
    """Whether a number is divided by what may be 0: the difference of sizes."""
    divisors = [part.arguments[1] for part in everything(array) if isinstance(part, Apply) and part.function == "divide"]
    inner = [part for divisor in divisors for part in everything(divisor)]
    is_difference = any(isinstance(part, Apply) and part.function in ("subtract", "negative") for part in inner)
    return is_difference and any(isinstance(part, Size) for part in inner)


def with_numpy_sizes(number: Array, system: System) -> Array:
    """Open sizes as numbers of NumPy's: 1 / (N - 1) is infinite for one example, where Python raises."""
    match number:
        case Size() if system.axes[number.axis].size is None:
            return Apply("float64", (number,), ())
        case Apply():
            return replace(number, arguments=tuple(with_numpy_sizes(part, system) for part in number.arguments))
        case _:
            return number


class NumberArrays:
    """Numbers and their arrays by name; the lines that make them go to `made`."""

    def __init__(self, system: System, source: NumpySource, views: ArrayViews, made: list[str]) -> None:
        self.system, self.source, self.views, self.made = system, source, views, made
        self.constants: dict[Array, str] = {}
        self.arrays_of_numbers: dict[tuple[Array, tuple[str, ...]], str] = {}
        self.vectors_of_ones: dict[EntryCount, str] = {}

    def of(self, number: Array) -> str:
        """A number as an array without dimensions, which costs less to read than a Python number."""
        if number not in self.constants:
            text = self.source.source(number, ()).text
            wanted = NUMBERS.get(text) or number_name(text)
            self.constants[number] = self.views.fresh(wanted)
            printed = self.source.source(with_numpy_sizes(number, self.system), ()).text if divides_by_difference(number) else text
            self.made.append(f"{self.constants[number]} = np.array({printed}, dtype)")
        return self.constants[number]

    @property
    def zero(self) -> str:
        return self.of(Number(S.Zero))

    def filled(self, array: Array, axes: tuple[str, ...]) -> str:
        """A number as an array of these axes."""
        if (array, axes) not in self.arrays_of_numbers:
            number = self.of(array)
            name = self.views.fresh(f"{number}_{''.join(axes)}")
            self.arrays_of_numbers[array, axes] = name
            self.made.append(f"{name} = np.full({tuple_text([*map(self.source.size, axes)])}, {number})")
        return self.arrays_of_numbers[array, axes]

    def ones(self, letters: Letters) -> str:
        extent = extent_of(tuple(map(axis_name, letters)), self.system)
        if extent not in self.vectors_of_ones:
            self.vectors_of_ones[extent] = self.views.fresh(f"ones_{suffix((letters,))}")
            self.made.append(f"{self.vectors_of_ones[extent]} = np.ones({extent}, dtype)")
        return self.vectors_of_ones[extent]
