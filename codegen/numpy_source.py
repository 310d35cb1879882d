"""Array expressions as NumPy source, one line an expression, in the order of dimensions that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import sympy
from sympy import Expr

from symbolic.arrays import Apply, Array, Gather, Letters, Number, Positions, Product, Read, Reduce, Scatter, Size, parts
from symbolic.axes import axis_name, size_symbol
from symbolic.equations import System
from symbolic.failures import NotExpressible


class Level(IntEnum):
    """Python's precedences, as far as they are used here; a matrix product is kept apart from other products."""

    COMPARISON = 0
    SUM = 1
    PRODUCT = 2
    SIGN = 3
    POWER = 4
    ATOM = 5


Source = tuple[str, Level]

OPERATORS: dict[str, tuple[str, Level]] = {
    "add": ("+", Level.SUM),
    "subtract": ("-", Level.SUM),
    "multiply": ("*", Level.PRODUCT),
    "divide": ("/", Level.PRODUCT),
    "equal": ("==", Level.COMPARISON),
    "greater": (">", Level.COMPARISON),
    "greater_equal": (">=", Level.COMPARISON),
    "less": ("<", Level.COMPARISON),
    "less_equal": ("<=", Level.COMPARISON),
}
#: The type of the data, in every function of a module.
ELEMENT_TYPE = "params[0].dtype"
#: a - (b + c) and a / (b * c): the right side needs brackets at equal precedence too.
LEFT_ASSOCIATIVE = ("subtract", "divide")
#: Functions that the module brings itself, because NumPy has none or none that is safe.
METHODS = ("sum", "max", "argmax")
OWN_FUNCTIONS = ("sigmoid", "softplus", "erf", "softmax", "log_sum_exp")


@dataclass
class NumpySource:
    """Prints arrays for one system; `used` collects what the module has to define: its own functions, and sizes."""

    system: System

    def __post_init__(self) -> None:
        self.used: set[str] = set()
        #: Names that stand for slices, with how they are written.
        self.written: dict[str, str] = {}

    def line(self, array: Array, order: Letters) -> str:
        """The source of an array whose dimensions are `order`."""
        missing = [letter for letter in order if letter not in array.axes]
        if missing:
            shape = ", ".join(self.size(axis_name(letter)) for letter in order)
            shape = f"({shape}{',' if len(order) == 1 else ''})"
            return f"np.full({shape}, {self.aligned(array, order)[0]}, {ELEMENT_TYPE})"
        written, level = self.source(array, order)
        if order and not is_float_array(array) and ELEMENT_TYPE not in written:
            return f"{written if level == Level.ATOM else f'({written})'}.astype({ELEMENT_TYPE})"
        return written

    def size(self, axis: str) -> str:
        """The number of positions along an axis, by its name where it is read from the arrays."""
        fixed = self.system.axes[axis].size
        if fixed is not None:
            return str(fixed)
        self.used.add(size_name(axis))
        return size_name(axis)

    def source(self, array: Array, order: Letters) -> Source:
        """Dimensions are those letters of `order` that the array has, in that order."""
        own = tuple(letter for letter in order if letter in array.axes)
        match array:
            case Read():
                return self.read(array, own)
            case Number():
                return number(array.value)
            case Size():
                return self.size(array.axis), Level.ATOM
            case Positions():
                return f"np.arange({self.size(axis_name(array.axes[0]))})", Level.ATOM
            case Apply():
                return self.apply(array, own)
            case Product():
                return self.product(array, own)
            case Reduce():
                return self.reduce(array, own)
            case Gather():
                return self.gather(array, own)
            case Scatter():
                return self.scatter(array, own)
        raise NotExpressible(f"there is no NumPy source for {type(array).__name__}")

    def read(self, array: Read, own: Letters) -> Source:
        name = self.written.get(array.name, array.name)
        if name.startswith("step("):
            self.used.add("step")
        if array.axes == own:
            return name, Level.ATOM
        if len(own) == 2:
            return f"{name}.T", Level.ATOM
        places = tuple(array.axes.index(letter) for letter in own)
        return f"{name}.transpose{places}", Level.ATOM

    def aligned(self, array: Array, order: Letters) -> Source:
        """The array so that it broadcasts against dimensions `order`: missing ones in between become None."""
        written, level = self.source(array, order)
        first = next((place for place, letter in enumerate(order) if letter in array.axes), len(order))
        if all(letter in array.axes for letter in order[first:]):
            return written, level
        subscript = ", ".join(":" if letter in array.axes else "None" for letter in order[first:])
        return f"{written if level == Level.ATOM else f'({written})'}[{subscript}]", Level.ATOM

    def apply(self, array: Apply, own: Letters) -> Source:
        function, arguments = array.function, array.arguments
        if function in OPERATORS:
            return self.operator(array, own)
        if function == "negative":
            # NumPy has no minus of a boolean array, which a delta is.
            least = Level.ATOM if _starts_with_a_test(arguments[0]) else Level.PRODUCT
            return f"-{self.within(arguments[0], own, least)}", Level.SIGN
        if function == "power":
            return f"{self.within(arguments[0], own, Level.ATOM)}**{self.within(arguments[1], own, Level.ATOM)}", Level.POWER
        if function == "of data type":
            return f"({self.aligned(arguments[0], own)[0]}).astype({ELEMENT_TYPE})", Level.ATOM
        inside = ", ".join(self.aligned(argument, own)[0] for argument in arguments)
        if function == "where" and array.axes and not is_float_array(array):
            return f"np.where({inside}).astype({ELEMENT_TYPE})", Level.ATOM
        if function in OWN_FUNCTIONS:
            self.used.add(function)
            return f"{function}({inside})", Level.ATOM
        return f"np.{function}({inside})", Level.ATOM

    def operator(self, array: Apply, own: Letters) -> Source:
        function = array.function
        sign, level = OPERATORS[function]
        first, second = (self.of_data_type(part, array) for part in array.arguments)
        left = self.within(first, own, level)
        right = self.within(second, own, Level(level + 1) if function in LEFT_ASSOCIATIVE else level)
        return f"{left} {sign} {right}", level

    def of_data_type(self, part: Array, whole: Apply) -> Array:
        """A test gets the type of the data where nothing beside it has that: a boolean over an integer would be float64."""
        if whole.axes and _is_test(part) and not _is_test(whole) and not is_float_array(whole):
            return Apply("of data type", (part,), part.axes)
        return part

    def within(self, array: Array, own: Letters, least: Level) -> str:
        written, level = self.aligned(array, own)
        # A matrix product among other products is put in brackets for the reader.
        loose = level < least or (isinstance(array, Product) and level < Level.ATOM and least >= Level.PRODUCT)
        return f"({written})" if loose else written

    def product(self, array: Product, own: Letters) -> Source:
        left, right = array.left, array.right
        left_own = tuple(letter for letter in own if letter in left.axes)
        right_own = tuple(letter for letter in own if letter in right.axes)
        if left_own and right_own and own == right_own + left_own:
            left, right, left_own, right_own = right, left, right_own, left_own
        # NumPy's @ multiplies the last axis of a stack with a matrix.
        simple = len(array.over) == 1 and len(right_own) <= 1 and not set(left_own) & set(right_own) and own == left_own + right_own
        if not simple or (len(left_own) > 1 and not right_own):
            return self.einsum(array, own)
        first = self.factor(left, left_own + array.over)
        second = self.factor(right, array.over + right_own)
        return f"{first} @ {second}", Level.PRODUCT

    def factor(self, array: Array, order: Letters) -> str:
        written, level = self.source(array, order)
        return written if level == Level.ATOM else f"({written})"

    def einsum(self, array: Product, own: Letters) -> Source:
        every = dict.fromkeys((*array.left.axes, *array.right.axes))
        names = {letter: "abcdefghijklmnopqrstuvwxyz"[place] for place, letter in enumerate(every)}
        subscripts = ["".join(names[letter] for letter in part.axes) for part in (array.left, array.right)]
        result = "".join(names[letter] for letter in own)
        operands = ", ".join(self.source(part, part.axes)[0] for part in (array.left, array.right))
        return f'np.einsum("{",".join(subscripts)}->{result}", {operands})', Level.ATOM

    def reduce(self, array: Reduce, own: Letters) -> Source:
        if array.function == "softmax":
            operand, order = array.operand, own
        else:
            operand = array.operand
            order = operand.axes if tuple(letter for letter in operand.axes if letter in own) == own else own + array.over
        written, _ = self.source(operand, order)
        places = [order.index(letter) for letter in array.over]
        axis = "" if len(places) == len(order) and array.function == "sum" else f"axis={places[0] if len(places) == 1 else tuple(places)}"
        if array.function in METHODS:
            if isinstance(operand, Read):
                return f"{written}.{array.function}({axis})", Level.ATOM
            if array.function != "sum":
                return f"np.{array.function}({written}, {axis})", Level.ATOM
            return f"np.sum({written}{', ' if axis else ''}{axis})", Level.ATOM
        self.used.add(array.function)
        return f"{array.function}({written}, {axis})", Level.ATOM

    def gather(self, array: Gather, own: Letters) -> Source:
        """a[n, y[n]] for every n; E[tok[n,t], d] for every n, t and d."""
        places, name = array.places, self.written.get(array.name, array.name)
        if name.startswith("step("):
            self.used.add("step")
        whole = [place for place in places if not isinstance(place, Positions)]
        if len(whole) == 1 and isinstance(whole[0], Read) and own == self.taken_order(places):
            # One integer tensor, whose letters are its own: NumPy's take puts its axes where the looked-up one was.
            return f"{name}.take({whole[0].name}, axis={places.index(whole[0])})", Level.ATOM
        indices = ", ".join(self.aligned(place, own)[0] for place in places)
        if all(isinstance(place, Positions | Read) for place in places):
            return f"{name}[{indices}]", Level.ATOM
        self.used.add("gather")
        return f"gather({name}, {indices})", Level.ATOM

    def taken_order(self, places: tuple[Array, ...]) -> Letters | None:
        """The dimensions that `take` gives, or None where a letter would stand twice."""
        order = tuple(letter for place in places for letter in place.axes)
        return order if len(set(order)) == len(order) else None

    def scatter(self, array: Scatter, own: Letters) -> Source:
        """Zeros of the result's shape, to which the operand's entries are added at their places."""
        self.used.add("scatter")
        inner = tuple(dict.fromkeys(letter for part in (array.operand, *array.places) for letter in part.axes))
        shape = ", ".join(self.size(axis_name(letter)) for letter in own)
        where = [array.places[array.into.index(letter)] if letter in array.into else Positions((letter,)) for letter in own]
        indices = ", ".join(self.aligned(place, inner)[0] for place in where)
        values = self.aligned(array.operand, inner)[0]
        if not is_float_array(array.operand):
            values = f"np.asarray({values}, {ELEMENT_TYPE})"
        return f"scatter(({shape}{',' if len(own) == 1 else ''}), {values}, {indices})", Level.ATOM


def size_name(axis: str) -> str:
    """N for the examples, N_k for another axis."""
    return str(size_symbol(axis))


def is_float_array(array: Array) -> bool:
    """Whether an array has the type of the data: tests, labels and numbers have one of their own."""
    match array:
        case Read() | Gather():
            return bool(array.axes)
        case Positions() | Reduce(function="argmax"):
            return False
        case Scatter():
            return True
        case Apply(function="where"):
            return any(is_float_array(branch) for branch in array.arguments[1:])
        case Apply() if _is_test(array):
            return False
        case _:
            return any(is_float_array(part) for part in parts(array))


def _starts_with_a_test(array: Array) -> bool:
    while isinstance(array, Apply) and array.function in ("multiply", "divide"):
        array = array.arguments[0]
    return _is_test(array)


def _is_test(array: Array) -> bool:
    return isinstance(array, Apply) and OPERATORS.get(array.function, ("", Level.ATOM))[1] == Level.COMPARISON


def number(value: Expr) -> Source:
    """A number as a Python float or integer: NumPy's own scalars would turn float32 arrays into float64."""
    match value:
        case sympy.Integer():
            return str(value), Level.SIGN if value.is_negative else Level.ATOM
        case sympy.Rational():
            return f"{value.p} / {value.q}", Level.PRODUCT
        case sympy.Float():
            return repr(float(value)), Level.SIGN if value.is_negative else Level.ATOM
        case _ if value == sympy.pi:
            return "np.pi", Level.ATOM
        case _ if isinstance(value, sympy.Pow) and value.exp == sympy.S.Half:
            return f"{_bracketed_number(value.base)}**0.5", Level.POWER
        case _:
            return repr(float(value)), Level.ATOM


def _bracketed_number(value: Expr) -> str:
    written, level = number(value)
    return written if level == Level.ATOM else f"({written})"
