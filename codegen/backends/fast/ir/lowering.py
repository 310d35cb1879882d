"""Equations as operations, one array each: factors and terms in a good order, and what was computed before is not computed again.

    u2[n,t,i] = (r[n,t,i] − m2[n,t]) / √(v2[n,t] + eps)       subtract  u2_1 = r − m2
                                                              add       u2_2 = v2 + eps
                                                              sqrt      u2_3 = √u2_2
                                                              divide    u2_4 = 1 / u2_3          few entries
                                                              multiply  u2   = u2_1 · u2_4
    dv2[n,t] = −Σ_i du2[n,t,i] (r[n,t,i] − m2[n,t]) …         reads u2_1, which is there

Two expressions are the same when the functions, the operands and the way in which their dimensions meet are (value numbering).
"""

from __future__ import annotations

from sympy import S, Symbol

from chainrule.symbolic.forms.arrays import (
    Apply,
    Array,
    Gather,
    Number,
    Placed,
    Positions,
    Product,
    Read,
    Reduce,
    Scatter,
    Size,
    Window,
    everything,
)
from chainrule.symbolic.system.system import Equation

from .builder import Builder, Scaled
from .coefficients import times
from .elementwise import applied, is_finite
from .gathers import gathered, scattered
from .operations import COMPARISONS, ArrayOperand, Cut, ElementType, Operand, Operation, Scalar, Slice, Value, axes_of
from .placements import placement, times_spread
from .reductions import product, reduced, summed
from .sums_and_products import quotient, total
from .windows import window


class Flattening(Builder):
    """Makes operations of equations."""

    def equated(self, equation: Equation, array: Array, is_output: bool) -> None:
        """The operations of one equation, whose right side is `array`."""
        name, letters = equation.tensor.name, equation.indices
        self.equation = name
        operand = self.whole(self.scaled(array))
        if not isinstance(operand, ArrayOperand) or set(operand.letters) != set(letters):
            operand = self.emit("copy", (operand,), letters, shared=False)
        elif not (self.is_array_of_its_own(operand.name) and self.is_float(operand)):
            self.has_shared_arrays = True
            operand = self.emit("copy", (operand,), letters, shared=False) if is_output else operand
        self.tensors[name] = operand
        self.declared[name] = letters
        if operand.name not in self.named:
            self.named[operand.name] = name

    def begin_function(self) -> None:
        """From here on it is noticed whether anything is asked for that was computed before, other than tensors."""
        self.known.begin()
        self.made_by.begin()

    @property
    def is_asked_for_before(self) -> bool:
        return self.known.is_asked_for_before or self.made_by.is_asked_for_before

    def is_array_of_its_own(self, name: str) -> bool:
        """Whether a value is neither another tensor's nor a view of an array whose memory others may get."""
        return name not in self.named and name not in self.views and self.values[name].slice is None

    def forget(self) -> None:
        """What follows reads no values of what came before but those of tensors."""
        self.doubtful |= {name for name in self.made_by if not is_finite(self, ArrayOperand(name, ()))}
        self.known.clear()
        self.made_by.clear()

    # What an array expression is made of.

    def whole(self, scaled: Scaled) -> Operand:
        coefficient, operand = scaled
        if coefficient is None:
            return operand
        if isinstance(operand, Scalar):
            return Scalar(times(coefficient, operand.array))
        spread_out = times_spread(self, coefficient, operand)
        if spread_out is not None:
            return spread_out
        if coefficient == Number(S.NegativeOne):
            return self.emit("negative", (operand,))
        return self.emit("multiply", (operand, Scalar(coefficient)))

    def scaled(self, array: Array) -> Scaled:
        if self.is_scalar(array):
            return None, Scalar(array)
        match array:
            case Read() if self.is_whole(array.name, array.axes):
                return None, self.read(array)
            case Window() if (part := self.part(array)) is not None:
                return None, part
            case Read() | Window() | Placed() | Gather() | Scatter():
                return self.elsewhere(array)
            case Apply(function="add" | "subtract"):
                return total(self, array)
            case Apply(function="multiply" | "divide" | "negative"):
                return quotient(self, array)
            case Apply():
                return None, applied(self, array)
            case Product():
                return product(self, array)
            case Reduce(function="sum"):
                return summed(self, array)
            case Reduce():
                return None, reduced(self, array)
            case Positions():
                return None, self.emit("positions", (), array.axes, kind=ElementType.INTEGER)
            case _:
                return None, self.plain(array, f"{type(array).__name__.lower()} has no operation of its own")

    def elsewhere(self, array: Read | Window | Placed | Gather | Scatter) -> Scaled:
        """What is read or written at other places than its own; in a loop, and where places depend on the arrays, as plain style does."""
        found: Scaled | None = None
        if self.loop is None:
            match array:
                case Placed():
                    found = placement(self, array)
                case Gather() if (entry := gathered(self, array)) is not None:
                    found = None, entry
                case Scatter() if (entry := scattered(self, array)) is not None:
                    found = None, entry
                case Read() | Window() if (entry := window(self, array)) is not None:
                    found = None, entry
        return found or (None, self.plain(array, "places in a loop, or that only the arrays know, or a diagonal"))

    def is_scalar(self, array: Array) -> bool:
        match array:
            case Number() | Size():
                return True
            case Read():
                return array.name in self.system.constants
            case Apply():
                # What a comparison gives is a test, also of two numbers.
                return not array.axes and array.function not in COMPARISONS and all(map(self.is_scalar, array.arguments))
            case _:
                return False

    def part(self, array: Window) -> ArrayOperand | None:
        """What was computed step by step, read at every step's neighbour or at one position: a view of the whole."""
        if array.name not in self.stepwise or any(len(place.steps) > 1 for place in array.places):
            return None
        declared, whole = self.declared[array.name], self.tensors[array.name]
        along = self.stepwise[array.name]
        letters: dict[Symbol, Symbol] = {}
        for letter, place in zip(declared, array.places, strict=True):
            is_here = letter == declared[along]
            if place.is_plain or (is_here and len(place.steps) == 1 and place.steps[0][1] == 1):
                letters[letter] = place.letters[0]
            elif not is_here or place.steps:
                return None
        if len(set(letters.values())) < len(letters) or any(axes_of((old,)) != axes_of((new,)) for old, new in letters.items()):
            return None
        start = array.places[along].start
        kept = tuple(letter for letter in whole.letters if letter in letters)
        cut = Cut.SHIFTED if declared[along] in letters else Cut.FIXED
        if cut is Cut.FIXED and not 0 <= start < (self.system.axis(declared[along]).size or 1):
            return None
        return ArrayOperand(self.slice(array.name, start, cut), tuple(letters[letter] for letter in kept))

    def slice(self, tensor: str, start: int, cut: Cut) -> str:
        """The name of a slice of a tensor that was computed step by step, which has the whole's other dimensions in their order."""
        whole, letter = self.tensors[tensor], self.declared[tensor][self.stepwise[tensor]]
        along = whole.letters.index(letter)
        key = (cut, whole.name, along, start)
        if key not in self.known:
            name = self.fresh()
            dimensions = tuple(place for place in range(len(whole.letters)) if cut is Cut.SHIFTED or place != along)
            axes = tuple(self.values[whole.name].axes[place] for place in dimensions)
            self.values[name] = Value(name, axes, slice=Slice(whole.name, along, start, cut, dimensions))
            self.known[key] = name, ()
        return self.known[key][0]

    def plain(self, array: Array, reason: str) -> ArrayOperand:
        self.reasons.setdefault(self.equation, reason)
        reads = dict.fromkeys(part.name for part in everything(array) if isinstance(part, Read | Window | Gather))
        operands = tuple(ArrayOperand(self.tensors[name].name, self.tensors[name].letters) for name in reads if name in self.tensors)
        return self.stored(Operation("plain", operands, ArrayOperand(self.fresh(), array.axes), self.equation, (), array))
