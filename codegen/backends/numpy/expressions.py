"""Array expressions as NumPy source, one line an expression, in the order of dimensions that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy
from sympy import Expr

from chainrule.codegen.formulas.printer import Precedence
from chainrule.codegen.program.data_types import is_float_array, is_test, leftmost, starts_with_a_test
from chainrule.symbolic.forms.arrays import (
    Apply,
    Array,
    Factor,
    Gather,
    Letters,
    Number,
    Placed,
    Positions,
    Product,
    Read,
    Reduce,
    Scatter,
    Size,
    Solution,
    Window,
)
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import axis_name, index
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.named_functions import written_out

from .array_printer import ArrayPrinter
from .gathers import gather_source, scatter_source
from .products import product_source, transposed
from .solutions import factor_source, solution_source
from .source import Memory, Source, made_of
from .windows import placed_source, window_source

OPERATORS: dict[str, tuple[str, Precedence]] = {
    "add": ("+", Precedence.SUM),
    "subtract": ("-", Precedence.SUM),
    "multiply": ("*", Precedence.PRODUCT),
    "divide": ("/", Precedence.PRODUCT),
    "equal": ("==", Precedence.COMPARISON),
    "greater": (">", Precedence.COMPARISON),
    "greater_equal": (">=", Precedence.COMPARISON),
    "less": ("<", Precedence.COMPARISON),
    "less_equal": ("<=", Precedence.COMPARISON),
}
#: No array holds it as an integer.
LARGEST_INTEGER = 2**63
#: a - (b + c) and a / (b * c): the right side needs brackets at equal precedence too.
LEFT_ASSOCIATIVE = ("subtract", "divide")
#: Functions that the module brings itself, because NumPy has none or none that is safe.
METHODS = ("sum", "max", "argmax")
OWN_FUNCTIONS = ("sigmoid", "softplus", "erf", "softmax", "log_sum_exp")
#: Of numbers that are no arrays too.
STOP = "stop"


class NumpySource(ArrayPrinter):
    """Prints all kinds of arrays."""

    def line(self, array: Array, order: Letters) -> Source:
        """The source of an array whose dimensions are `order`."""
        if any(letter not in array.axes for letter in order):
            shape, inner = self.shape(order), self.aligned(array, order)
            return made_of(f"np.full({shape.text}, {inner.text}, {self.element_type.text})", (shape, inner, self.element_type))
        found = self.source(array, order)
        if not order and not self.reads_data(array):
            return self.as_array(found)
        if order and not is_float_array(array) and found.uses.isdisjoint(self.element_type.uses):
            return self.as_type(found.bracketed, (found,))
        # A view of windows cannot be written to.
        return made_of(f"{found.text}.copy()", (found,)) if found.memory is Memory.OVERLAPPING else found

    def as_type(self, text: str, parts: Sequence[Source]) -> Source:
        """An array made of these parts in the data's type."""
        return made_of(f"{text}.astype({self.element_type.text})", (*parts, self.element_type))

    def source(self, array: Array, order: Letters) -> Source:
        own = tuple(letter for letter in order if letter in array.axes)
        match array:
            case Read():
                return self.read(array, own)
            case Number():
                return number(array.value)
            case Size():
                return Source(self.size(array.axis), uses=self.open_sizes([index(array.axis)]))
            case Positions():
                return Source(f"np.arange({self.size(axis_name(array.axes[0]))})", uses=self.open_sizes(array.axes))
            case Apply():
                return self.apply(array, own)
            case Product():
                return product_source(array, own, self.data, self.count)
            case Reduce():
                return self.reduce(array, own)
            case Window():
                return window_source(array, own, self)
            case Placed():
                return placed_source(array, own, self)
            case Gather():
                return gather_source(array, own, self)
            case Scatter():
                return scatter_source(array, own, self)
            case Solution():
                return solution_source(array, own, self)
            case Factor():
                return factor_source(array, own, self)
        raise NotExpressible(f"there is no NumPy source for {type(array).__name__}")

    def read(self, array: Read, own: Letters) -> Source:
        if not self.is_whole(array.name, array.axes):
            return window_source(Window(array.name, tuple(AffineIndex(((letter, 1),)) for letter in array.axes), array.axes), own, self)
        return transposed(self.named(array.name), array.axes, own)

    def apply(self, array: Apply, own: Letters) -> Source:
        function, arguments = array.function, array.arguments
        if function in OPERATORS:
            return self.operator(array, own)
        if function == "negative":
            # NumPy has no minus of a boolean array, which a delta is.
            inner = self.of_data_type(arguments[0], array)
            least = Precedence.ATOM if starts_with_a_test(inner) else Precedence.PRODUCT
            part = self.within(inner, own, least)
            return made_of(f"-{part.text}", (part,), Precedence.SIGN)
        if function == "power":
            base, exponent = (self.within(argument, own, Precedence.ATOM) for argument in arguments)
            return made_of(f"{base.text}**{exponent.text}", (base, exponent), Precedence.POWER)
        if function == "of data type":
            converted = self.aligned(arguments[0], own)
            # In a loop a test is a plain True or False.
            return self.as_type(converted.bracketed, (converted,)) if array.axes else self.as_array(converted)
        parts = [self.aligned(argument, own) for argument in arguments]
        inside = ", ".join(part.text for part in parts)
        if function == "where" and not is_float_array(array):
            return self.as_type(f"np.where({inside})", parts)
        if function == STOP:
            # The array itself is handed on.
            return replace(made_of(f"stop({inside})", parts, uses=(STOP,)), memory=parts[0].memory)
        if function in OWN_FUNCTIONS:
            return made_of(f"{function}({inside})", parts, uses=(function,))
        if not array.axes and not self.reads_data(array):
            # Of sizes alone. NumPy's own scalars would turn float32 arrays into float64; one is asked for where it becomes an array itself.
            if function == "sqrt":
                return made_of(f"{parts[0].bracketed}**0.5", parts, Precedence.POWER)
            if function != "float64":
                return made_of(f"float(np.{function}({inside}))", parts, uses=("float",))
        return made_of(f"np.{function}({inside})", parts)

    def operator(self, array: Apply, own: Letters) -> Source:
        function = array.function
        sign, level = OPERATORS[function]
        first, second = (self.of_data_type(part, array) for part in array.arguments)
        # Python reads a == b < c as (a == b) and (b < c).
        left = self.within(first, own, Precedence.SUM if level is Precedence.COMPARISON else level)
        # A test times a number would be an integer: the number is multiplied with the data first.
        is_apart = level is Precedence.COMPARISON or function in LEFT_ASSOCIATIVE
        apart = is_apart or (bool(first.axes) and starts_with_a_test(first) and not is_float_array(leftmost(second)))
        right = self.within(second, own, Precedence(level + 1) if apart else level)
        return made_of(f"{left.text} {sign} {right.text}", (left, right), level)

    def of_data_type(self, part: Array, whole: Apply) -> Array:
        """A test gets the type of the data where nothing beside it has that: a boolean over an integer would be float64.

        Two tests of NumPy's have no difference, and their sum is a test; in a loop over positions a test is a plain True or False.
        """
        is_array = bool(whole.axes) or self.reads_data(part)
        if is_array and is_test(part) and not is_test(whole) and not is_float_array(whole):
            return Apply("of data type", (part,), part.axes)
        return part

    def data(self, array: Array, order: Letters) -> Source:
        """An array of the data's type: NumPy's product of two tests would be a test."""
        return self.source(array if is_float_array(array) else Apply("of data type", (array,), array.axes), order)

    def within(self, array: Array, own: Letters, least: Precedence) -> Source:
        found = self.aligned(array, own)
        # A matrix product among other products is put in brackets for the reader.
        is_apart = isinstance(array, Product) and least >= Precedence.PRODUCT
        return found.rewritten(found.within(Precedence.ATOM if is_apart else least))

    def reduce(self, array: Reduce, own: Letters) -> Source:
        if array.function in ("sum", "max") and not is_float_array(array.operand):
            # A sum of tests would be a wide integer.
            array = replace(array, operand=Apply("of data type", (array.operand,), array.operand.axes))
        if array.function == "softmax":
            operand, order = array.operand, own
        else:
            operand = array.operand
            order = operand.axes if tuple(letter for letter in operand.axes if letter in own) == own else own + array.over
        found = self.source(operand, order)
        places = [order.index(letter) for letter in array.over]
        axis = "" if len(places) == len(order) and array.function == "sum" else f"axis={places[0] if len(places) == 1 else tuple(places)}"
        if array.function not in METHODS:
            return made_of(f"{array.function}({found.text}, {axis})", (found,), uses=(array.function,))
        if isinstance(operand, Read):
            return made_of(f"{found.text}.{array.function}({axis})", (found,))
        return made_of(f"np.{array.function}({found.text}{', ' if axis else ''}{axis})", (found,))


def number(value: Expr) -> Source:
    """A number as a Python float or integer: NumPy's own scalars would turn float32 arrays into float64."""
    match value:
        case sympy.Integer() if abs(value) >= LARGEST_INTEGER:
            return number(sympy.Float(value))
        case sympy.Integer():
            return Source(str(value), Precedence.SIGN if value.is_negative else Precedence.ATOM)
        case sympy.Rational():
            return Source(f"{value.p} / {value.q}", Precedence.PRODUCT)
        case sympy.Float():
            return Source(repr(float(value)), Precedence.SIGN if value.is_negative else Precedence.ATOM)
        case _ if value == sympy.pi:
            return Source("np.pi")
        case _ if value == -sympy.oo:
            return Source("-np.inf", Precedence.SIGN)
        case _ if value == sympy.oo:
            return Source("np.inf")
        case _ if isinstance(value, sympy.Pow) and value.exp == sympy.S.Half:
            return Source(f"{number(value.base).bracketed}**0.5", Precedence.POWER)
        case _:
            # softplus(π) is a number by its definition.
            found = float(written_out(value))
            return Source(repr(found), Precedence.SIGN if found < 0 else Precedence.ATOM)
