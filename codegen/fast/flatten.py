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

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import reduce

from sympy import Expr, Integer, Rational, S, Symbol

from codegen.numpy_source import NumpySource
from codegen.recurrent import Loop
from symbolic.arrays import (
    Apply,
    Array,
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
    Window,
    apply,
    everything,
)
from symbolic.axes import Axis
from symbolic.equations import Equation, System

from .gathers import gathered, scattered
from .operations import (
    COMPARISONS,
    OWN_FUNCTIONS,
    UFUNCS,
    Cut,
    Entry,
    Kind,
    Operand,
    Operation,
    Origin,
    Places,
    Scalar,
    Slice,
    Value,
    axes_of,
)
from .placements import placement, times_spread
from .pooling import over_window
from .product_order import AsWritten, FewFirst
from .windows import longer_axis, window

COMMUTATIVE = frozenset("add multiply maximum minimum equal".split())
#: Functions whose values are finite (of log1p only those of arguments between 0 and 1 occur), and those whose values are where their
#: operands are.
FINITE = frozenset("product inner tanh sin cos arctan sign erf log1p".split()) | COMPARISONS
PASSED_ON = frozenset("add subtract multiply negative square copy sum max maximum minimum absolute where".split())
ONE, ZERO = Number(S.One), Number(S.Zero)
#: Between these, powers of a number up to the sixteenth neither overflow nor vanish beside the coefficients of a function.
LEAST, MOST = Rational(1, 10), Integer(10)
#: A number that is known before any data, or none, and what it is multiplied with.
Scaled = tuple[Array | None, Operand]


class Flattening:
    """Makes operations of equations. `is_whole` says whether letters run over all of a tensor's axes.

    `sharing` and `few_first`, the order of factors and terms, can be switched off.
    """

    def __init__(self, system: System, is_whole: Callable[[str, Letters], bool], sharing: bool = True, few_first: bool = True) -> None:
        self.system, self.is_whole, self.sharing = system, is_whole, sharing
        self.order = FewFirst() if few_first else AsWritten()
        self.operations: list[Operation] = []
        self.values: dict[str, Value] = {}
        self.tensors: dict[str, Entry] = {}
        self.reasons: dict[str, str] = {}
        #: By what is computed: the result, and which of the letters involved are those of its dimensions.
        self.known: dict[object, tuple[str, tuple[int, ...]]] = {}
        #: The tensor by whose name a value goes.
        self.named: dict[str, str] = {}
        self.made_by: dict[str, Operation] = {}
        #: Of the values whose making is forgotten, those that may not be finite.
        self.doubtful: set[str] = set()
        #: A tensor's letters in the order in which it is declared.
        self.declared: dict[str, Letters] = {}
        #: Tensors that are computed step by step, and along which of their axes.
        self.stepwise: dict[str, int] = {}
        #: The recurrence whose steps are being made, and the values that depend on it.
        self.loop: Loop | None = None
        self.recurrent: set[str] = set()
        #: Values that are views of others.
        self.views: set[str] = set()
        self.axes: dict[str, Axis] = {}
        self.equation = ""
        self.count = 0

    def given(self, name: str, letters: Letters, kind: Kind, origin: Origin) -> None:
        """A tensor that no equation defines."""
        self.values[name] = Value(name, axes_of(letters), kind, origin)
        self.tensors[name] = Entry(name, letters)
        self.named[name] = name
        self.declared[name] = letters

    def copied(self) -> dict[str, object]:
        """The state, to go back to."""
        return {name: copy(value) if isinstance(value, list | dict | set) else value for name, value in vars(self).items()}

    def go_back(self, before: dict[str, object]) -> None:
        vars(self).update(before)

    def equated(self, equation: Equation, array: Array, is_output: bool = False) -> None:
        """The operations of one equation, whose right side is `array`."""
        name, letters = equation.tensor.name, equation.indices
        self.equation = name
        operand = self.whole(self.scaled(array))
        if (
            not isinstance(operand, Entry)
            or set(operand.letters) != set(letters)
            or (is_output and (operand.name in self.named or operand.name in self.views or not self.is_float(operand)))
        ):
            operand = self.emit("copy", (operand,), letters, shared=False)
        self.tensors[name] = operand
        self.declared[name] = letters
        if operand.name not in self.named:
            self.named[operand.name] = name

    def emit(
        self,
        function: str,
        operands: Sequence[Operand],
        letters: Letters | None = None,
        over: Letters = (),
        kind: Kind = Kind.FLOAT,
        shared: bool = True,
    ) -> Entry:
        """The result of an operation, computed now or before."""
        if function in UFUNCS and not any(isinstance(operand, Entry) and self.is_float(operand) for operand in operands):
            # NumPy has no difference of two tests, and their sum is a test.
            operands = [self.converted(operand) if isinstance(operand, Entry) else operand for operand in operands]
        operands = tuple(sorted(operands, key=_rank) if function in COMMUTATIVE else operands)
        if letters is None:
            letters = tuple(letter for letter in _letters_of(operands) if letter not in over)
        found = self.computed(function, operands, letters, over) if shared else None
        if found is not None:
            return found
        result = self.stored(Operation(function, operands, Entry(self.fresh(), letters), self.equation, over), kind)
        if shared:
            every = tuple(dict.fromkeys((*_letters_of(operands), *letters)))
            self.known[key_of(function, operands, letters, over)] = (result.name, tuple(every.index(letter) for letter in letters))
        return result

    def computed(self, function: str, operands: tuple[Operand, ...], letters: Letters, over: Letters = ()) -> Entry | None:
        """The result of the same operation, where there was one and it may be shared."""
        key = key_of(function, operands, letters, over)
        if not self.sharing or key not in self.known:
            return None
        name, places = self.known[key]
        every = tuple(dict.fromkeys((*_letters_of(operands), *letters)))
        return Entry(name, tuple(every[place] for place in places))

    def stored(self, operation: Operation, kind: Kind = Kind.FLOAT, origin: Origin = Origin.MADE) -> Entry:
        self.values[operation.result.name] = Value(operation.result.name, axes_of(operation.result.letters), kind, origin)
        operation = operation if self.loop is None else replace(operation, loop=self.loop)
        self.made_by[operation.result.name] = operation
        self.operations.append(operation)
        if self.depends(operation.operands):
            self.recurrent.add(operation.result.name)
        return operation.result

    def forget(self) -> None:
        """What follows reads no values of what came before but those of tensors."""
        self.doubtful |= {name for name in self.made_by if not self.is_finite(Entry(name, ()))}
        self.known.clear()
        self.made_by.clear()

    def depends(self, operands: Sequence[Operand]) -> bool:
        """Whether some operand is computed step by step."""
        return any(isinstance(operand, Entry) and operand.name in self.recurrent for operand in operands)

    def placed_operation(
        self, function: str, operand: Entry, letters: Letters, places: Places, kind: Kind = Kind.FLOAT, origin: Origin = Origin.MADE
    ) -> Entry:
        """The result of an operation that says where it reads or writes, computed now or before."""
        number = {letter: position for position, letter in enumerate(dict.fromkeys((*operand.letters, *letters)))}
        written = tuple((tuple((number.get(letter, letter), step) for letter, step in place.steps), place.start) for place in places)
        own = tuple(number[letter] for letter in operand.letters)
        key = function, operand.name, own, tuple(number[letter] for letter in letters), written, axes_of(letters)
        if self.sharing and key in self.known:
            return Entry(self.known[key][0], letters)
        result = self.stored(Operation(function, (operand,), Entry(self.fresh(), letters), self.equation, places=places), kind, origin)
        self.known[key] = (result.name, ())
        if function == "window":
            self.views.add(result.name)
        return result

    def longer_axis(self, axis: str, more: int) -> str:
        """The name of an axis with so many more positions."""
        longer = longer_axis(self.system.axes, axis, more)
        self.axes[longer.name] = longer
        self.system = replace(self.system, axes={**self.system.axes, longer.name: longer})
        return longer.name

    @property
    def source(self) -> NumpySource:
        """What knows sizes, also of axes with a border."""
        return NumpySource(self.system)

    def fresh(self) -> str:
        """A name that no tensor has, until the value gets one."""
        self.count += 1
        return f"{self.equation}#{self.count}"

    # What an array expression is made of.

    def whole(self, scaled: Scaled) -> Operand:
        """A coefficient and an operand, multiplied."""
        coefficient, operand = scaled
        if coefficient is None:
            return operand
        if isinstance(operand, Scalar):
            return Scalar(_times(coefficient, operand.array))
        spread_out = times_spread(self, coefficient, operand)
        if spread_out is not None:
            return spread_out
        if coefficient == Number(S.NegativeOne):
            return self.emit("negative", (operand,))
        return self.emit("multiply", (operand, Scalar(coefficient)))

    def operand(self, array: Array) -> Operand:
        return self.whole(self.scaled(array))

    def entry(self, array: Array) -> Entry:
        """The same, as an array even where it is a number."""
        return self.as_array(self.operand(array))

    def as_array(self, operand: Operand) -> Entry:
        return operand if isinstance(operand, Entry) else self.emit("copy", (operand,), ())

    def scaled(self, array: Array) -> Scaled:
        """An array as a coefficient, which is known before any data, times the rest."""
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
                return self.total(array)
            case Apply(function="multiply" | "divide" | "negative"):
                return self.quotient(array)
            case Apply():
                return None, self.applied(array)
            case Product():
                return self.product(array)
            case Reduce(function="sum"):
                return self.summed(array)
            case Reduce():
                return None, self.reduced(array)
            case Positions():
                return None, self.emit("positions", (), array.axes, kind=Kind.INTEGER)
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
                return not array.axes and all(map(self.is_scalar, array.arguments))
            case _:
                return False

    def read(self, array: Read) -> Entry:
        stored = self.tensors[array.name]
        by_letter = dict(zip(self.declared[array.name], array.axes, strict=True))
        return Entry(stored.name, tuple(by_letter[letter] for letter in stored.letters))

    def part(self, array: Window) -> Entry | None:
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
        return Entry(self.slice(array.name, start, cut), tuple(letters[letter] for letter in kept))

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

    def total(self, array: Apply) -> Scaled:
        """Terms in the order that is chosen, what depends on a recurrence last; numbers are added to the first."""
        terms = [(sign, self.scaled(term)) for sign, term in _terms(array)]
        numbers = [
            _times(*(part for part in (_sign(sign), coefficient, operand.array) if part is not None))
            for sign, (coefficient, operand) in terms
            if isinstance(operand, Scalar)
        ]
        arrays = [(sign, coefficient, operand) for sign, (coefficient, operand) in terms if isinstance(operand, Entry)]
        arrays = [
            (-sign, _without_sign(coefficient), operand) if _is_negative(coefficient) else (sign, coefficient, operand)
            for sign, coefficient, operand in arrays
        ]
        arrays = [arrays[place] for place in self.order.terms([operand.letters for _, _, operand in arrays])]
        arrays.sort(key=lambda term: self.depends(term[2:]))
        first = next((place for place, term in enumerate(arrays) if term[0] > 0), None)
        constant = _sum_of(numbers)
        result: Operand | None = None
        if first is not None:
            _, coefficient, operand = arrays.pop(first)
            result = self.whole((coefficient, operand))
            if constant is not None:
                result = self.emit("add", (result, Scalar(constant)))
        elif constant is not None:
            result = Scalar(constant)
        outer = None
        if result is None:
            # −a − b is −(a + b).
            _, coefficient, operand = arrays.pop(0)
            result, outer = self.whole((coefficient, operand)), Number(S.NegativeOne)
            arrays = [(-sign, coefficient, operand) for sign, coefficient, operand in arrays]
        for sign, coefficient, operand in arrays:
            result = self.emit("add" if sign > 0 else "subtract", (result, self.whole((coefficient, operand))))
        return outer, result

    def quotient(self, array: Apply) -> Scaled:
        """Factors in the order that is chosen, divisors inverted or divided by, and the number that stands before all of it."""
        above, below = _factors(array)
        coefficient: Array | None = None
        factors: list[Entry] = []
        for part in above:
            own, operand = self.scaled(part)
            if isinstance(operand, Scalar):
                own = _times(*(each for each in (own, operand.array) if each is not None))
            else:
                factors.append(operand)
            coefficient = own if coefficient is None else coefficient if own is None else _times(coefficient, own)
        divisors: list[Entry] = []
        for part in below:
            own, operand = self.scaled(part)
            if isinstance(operand, Scalar):
                own = _times(*(each for each in (own, operand.array) if each is not None))
            else:
                divisors.append(operand)
            if own is not None:
                coefficient = apply("divide", coefficient or ONE, own)
        every = {letter for entry in (*factors, *divisors) for letter in entry.letters}
        small = self.order.inverted(divisors, every)
        full = [entry for entry in divisors if entry not in small]
        if small:
            inverse = self.emit("divide", (Scalar(ONE), self.multiplied(small)))
            factors.append(inverse)
        if not factors:
            result: Operand = self.emit("divide", (Scalar(coefficient or ONE), self.multiplied(full)))
            return None, result
        few = self.order.scaled(factors, every)
        if few is not None and coefficient is not None and coefficient != Number(S.NegativeOne):
            factors[factors.index(few)] = self.emit("multiply", (few, Scalar(coefficient)))
            coefficient = None
        result = self.multiplied(factors)
        if full:
            result = self.emit("divide", (result, self.multiplied(full)))
        return _plain_one(coefficient), result

    def multiplied(self, factors: Sequence[Entry]) -> Entry:
        """A product of arrays, in the order that is chosen; what depends on a recurrence last."""
        apart = [[factor for factor in factors if self.depends([factor]) == depends] for depends in (False, True)]
        groups = [reduce(self.times, group) for part in apart for group in self.order.factors(part)]
        return reduce(lambda left, right: self.emit("multiply", (left, right)), groups)

    def times(self, left: Entry, right: Entry) -> Entry:
        return self.squared(left) if left == right else self.emit("multiply", (left, right))

    def squared(self, entry: Entry) -> Entry:
        return self.emit("square", (entry,))

    def applied(self, array: Apply) -> Operand:
        function, arguments = array.function, array.arguments
        if function == "power":
            return self.power(array)
        if function == "sigmoid":
            return self.logistic(arguments[0])
        if function == "softplus":
            return self.softplus(arguments[0])
        if function in COMPARISONS:
            return self.compared(array)
        if function == "where":
            return self.cases(array)
        if function in UFUNCS:
            operands = [self.operand(argument) for argument in arguments]
            return self.emit(function, operands)
        if function in OWN_FUNCTIONS:
            return self.own_function(function, arguments[0])
        if function == "of data type":
            inner = self.operand(arguments[0])
            return self.converted(inner) if isinstance(inner, Entry) else inner
        return self.plain(array, f"{function} has no operation of its own")

    def is_float(self, entry: Entry) -> bool:
        return self.values[entry.name].kind is Kind.FLOAT

    def converted(self, entry: Entry) -> Entry:
        if self.is_float(entry):
            return entry
        return self.emit("copy", (entry,), entry.letters)

    def power(self, array: Apply) -> Operand:
        """u², u³, u^(3/2) by products and a square root; other exponents by NumPy's power."""
        base, exponent = array.arguments
        value = exponent.value if isinstance(exponent, Number) else None
        if not isinstance(value, Rational) or abs(value) > 4 or value.q > 2 or (value.q == 2 and value < 0):
            return self.emit("power", (self.entry(base), self.operand(exponent)))
        entry = self.entry(base)
        whole, half = divmod(abs(value), 1)
        factors = [self.raised(entry, int(whole))] if whole else []
        if half:
            factors.append(self.emit("sqrt", (entry,)))
        result = factors[0] if len(factors) == 1 else self.emit("multiply", factors)
        return self.emit("divide", (Scalar(ONE), result)) if value < 0 else result

    def raised(self, entry: Entry, exponent: int) -> Entry:
        if exponent == 1:
            return entry
        square = self.squared(entry)
        if exponent == 2:
            return square
        return self.squared(square) if exponent == 4 else self.emit("multiply", (square, entry))

    def logistic(self, argument: Array) -> Entry:
        """1 / (1 + exp(−z)) as (tanh(z/2) + 1) / 2, which cannot overflow."""
        coefficient, operand = self.scaled(argument)
        half = Number(S.Half)
        inner = self.whole((half if coefficient is None else _times(coefficient, half), operand))
        shifted = self.emit("add", (self.emit("tanh", (inner,)), Scalar(ONE)))
        return self.emit("multiply", (shifted, Scalar(half)))

    def softplus(self, argument: Array) -> Entry:
        """log(1 + exp(z)) as max(z, 0) + log(1 + exp(−|z|)): NumPy's logaddexp, which is safe too, takes twenty times as long."""
        entry = self.converted(self.entry(argument))
        spread = self.emit("exp", (self.emit("negative", (self.emit("absolute", (entry,)),)),))
        return self.emit("add", (self.emit("maximum", (entry, Scalar(ZERO))), self.emit("log1p", (spread,))))

    def own_function(self, function: str, argument: Array) -> Entry:
        """A function that the module brings takes a number before its argument into its coefficients, as long as they stay numbers."""
        coefficient, operand = self.scaled(argument)
        size = None if coefficient is None else _size_of(coefficient)
        if isinstance(operand, Entry) and coefficient is not None and size is not None and bool(size >= LEAST) and bool(size <= MOST):
            return self.emit(function, (self.converted(operand), Scalar(coefficient)))
        return self.emit(function, (self.converted(self.entry(argument)),))

    def compared(self, array: Apply) -> Operand:
        operands = tuple(self.operand(argument) for argument in array.arguments)
        if array.function == "greater":
            # u > c where max(u, c) > c, and that is there.
            larger = self.computed("maximum", operands, _letters_of(operands))
            operands = (larger, operands[1]) if larger is not None else operands
        return self.emit(array.function, operands, kind=Kind.TEST)

    def cases(self, array: Apply) -> Operand:
        """where(test, first, second), entry by entry."""
        test, first, second = array.arguments
        condition = self.operand(test)
        branches = [self.operand(first), self.operand(second)]
        if second == ZERO and isinstance(condition, Entry) and isinstance(branches[0], Entry) and self.is_finite(branches[0]):
            # NumPy's case distinction takes five times as long.
            return self.emit("multiply", (self.converted(branches[0]), condition))
        return self.emit("where", (condition, *(self.converted(branch) if isinstance(branch, Entry) else branch for branch in branches)))

    def is_finite(self, entry: Entry) -> bool:
        """Whether a value is finite wherever what it is made of is: then 0 times it is 0."""
        operation = self.made_by.get(entry.name)
        if operation is None:
            return entry.name not in self.doubtful
        if operation.function in FINITE:
            return True
        return operation.function in PASSED_ON and all(map(self.is_finite, operation.entries))

    def product(self, array: Product) -> Scaled:
        """Σ of left · right; a number that stands before a factor is left to the end."""
        (first, left), (second, right) = self.scaled(array.left), self.scaled(array.right)
        left, right = (self.converted(side) if isinstance(side, Entry) else side for side in (left, right))
        if isinstance(left, Scalar) or isinstance(right, Scalar):
            raise AssertionError("a product with a number is no sum of products")
        letters = tuple(dict.fromkeys(letter for letter in (*left.letters, *right.letters) if letter not in array.over))
        return self.product_of((first, second)), self.emit("product", (left, right), letters, array.over)

    def product_of(self, numbers: Sequence[Array | None]) -> Array | None:
        """Of coefficients, some of which may not be there."""
        there = [number for number in numbers if number is not None]
        return _times(*there) if there else None

    def summed(self, array: Reduce) -> Scaled:
        coefficient, operand = self.scaled(array.operand)
        if isinstance(operand, Scalar):
            raise AssertionError("a sum of a number")
        operand = self.converted(operand)
        if not set(array.over) <= set(operand.letters):
            raise AssertionError("a sum over a letter that is not there")
        if set(array.over) == set(operand.letters):
            pair = self.pair(operand)
            if pair is not None:
                return coefficient, self.emit("inner", pair, (), array.over)
        return coefficient, over_window(self, "add", operand, array.over) or self.emit("sum", (operand,), over=array.over)

    def pair(self, operand: Entry) -> tuple[Entry, Entry] | None:
        """The two factors of which an array is the product, entry by entry; the product itself may then not be needed."""
        made = self.made_by.get(operand.name)
        if made is None or made.function not in ("square", "multiply"):
            return None
        entries = list(made.entries)
        if made.function == "square":
            entries = entries * 2
        if len(entries) != 2 or any(set(entry.letters) != set(made.result.letters) for entry in entries):
            return None
        renamed = dict(zip(made.result.letters, operand.letters, strict=True))
        first, second = (Entry(entry.name, tuple(renamed[letter] for letter in entry.letters)) for entry in entries)
        return first, second

    def reduced(self, array: Reduce) -> Entry:
        if array.function == "max" and isinstance(array.operand, Reduce) and array.operand.function == "max":
            # The largest of the largest is the largest of all.
            inner = array.operand
            return self.reduced(Reduce("max", inner.operand, (*inner.over, *array.over), array.axes))
        operand = self.entry(array.operand)
        match array.function:
            case "softmax":
                spread, total = self.exponentials(operand, array.over)
                return self.emit("multiply", (spread, self.emit("divide", (Scalar(ONE), total))), operand.letters)
            case "log_sum_exp":
                _, total = self.exponentials(operand, array.over)
                logarithm = self.emit("log", (total,))
                return self.emit("add", (logarithm, self.emit("max", (operand,), over=array.over)))
            case "max":
                return over_window(self, "maximum", operand, array.over) or self.emit("max", (operand,), over=array.over)
            case _:
                return self.plain(array, f"{array.function} has no operation of its own")

    def exponentials(self, operand: Entry, over: Letters) -> tuple[Entry, Entry]:
        """exp(u − max u) and its sum: the softmax and the logarithm of a sum of exponentials share them."""
        largest = self.emit("max", (operand,), over=over)
        spread = self.emit("exp", (self.emit("shift", (operand, largest), operand.letters),))
        return spread, self.emit("sum", (spread,), over=over)

    def plain(self, array: Array, reason: str) -> Entry:
        """What has no operation of its own: NumPy as the plain style writes it."""
        self.reasons.setdefault(self.equation, reason)
        reads = dict.fromkeys(part.name for part in everything(array) if isinstance(part, Read | Window | Gather))
        operands = tuple(Entry(self.tensors[name].name, self.tensors[name].letters) for name in reads if name in self.tensors)
        return self.stored(Operation("plain", operands, Entry(self.fresh(), array.axes), self.equation, (), array))


def key_of(function: str, operands: tuple[Operand, ...], letters: Letters, over: Letters) -> object:
    """The same for two operations that compute the same: letters are numbered as they come."""
    number = {letter: place for place, letter in enumerate(dict.fromkeys((*_letters_of(operands), *letters)))}
    written = tuple(
        (operand.name, tuple(number[letter] for letter in operand.letters)) if isinstance(operand, Entry) else operand.array
        for operand in operands
    )
    sizes = axes_of(letters) if function in ("copy", "positions") else ()
    return function, written, tuple(sorted(number[letter] for letter in over)), sizes


def _letters_of(operands: Sequence[Operand]) -> Letters:
    return tuple(dict.fromkeys(letter for operand in operands if isinstance(operand, Entry) for letter in operand.letters))


def _rank(operand: Operand) -> tuple[int, str]:
    """Larger arrays first, numbers last."""
    return (-len(operand.letters), operand.name) if isinstance(operand, Entry) else (1, "")


def _terms(array: Array) -> list[tuple[int, Array]]:
    match array:
        case Apply(function="add", arguments=(left, right)):
            return [*_terms(left), *_terms(right)]
        case Apply(function="subtract", arguments=(left, right)):
            return [*_terms(left), *((-sign, term) for sign, term in _terms(right))]
        case Apply(function="negative", arguments=(inner,)):
            return [(-sign, term) for sign, term in _terms(inner)]
        case _:
            return [(1, array)]


def _factors(array: Array) -> tuple[list[Array], list[Array]]:
    """What stands above and below the fraction bar."""
    match array:
        case Apply(function="multiply", arguments=(left, right)):
            (above, below), (more_above, more_below) = _factors(left), _factors(right)
            return above + more_above, below + more_below
        case Apply(function="divide", arguments=(left, right)):
            (above, below), (more_above, more_below) = _factors(left), _factors(right)
            return above + more_below, below + more_above
        case Apply(function="negative", arguments=(inner,)):
            above, below = _factors(inner)
            return [Number(S.NegativeOne), *above], below
        case _:
            return [array], []


def _sign(sign: int) -> Array | None:
    return None if sign > 0 else Number(S.NegativeOne)


def _times(*factors: Array) -> Array:
    """A product of numbers that are known before any data."""
    value: Expr = Integer(1)
    rest: list[Array] = []
    for factor in factors:
        if isinstance(factor, Number):
            value = value * factor.value
        else:
            rest.append(factor)
    result: Array | None = None if value == 1 and rest else Number(value)
    for part in rest:
        result = part if result is None else apply("multiply", result, part)
    assert result is not None
    return result


def _size_of(coefficient: Array) -> Expr | None:
    """The absolute value of what is made of numbers alone, such as √2 / 2."""
    match coefficient:
        case Number():
            return abs(coefficient.value).evalf()
        case Apply(function="multiply" | "divide" as function, arguments=(first, second)):
            sizes = _size_of(first), _size_of(second)
            if sizes[0] is None or not sizes[1]:
                return None
            return sizes[0] * sizes[1] if function == "multiply" else sizes[0] / sizes[1]
        case Apply(function="power", arguments=(Number(value=base), Number(value=exponent))):
            return abs(base**exponent).evalf()
        case _:
            return None


def _sum_of(numbers: Sequence[Array]) -> Array | None:
    result: Array | None = None
    for number in numbers:
        result = (
            number
            if result is None
            else Number(result.value + number.value)
            if isinstance(result, Number) and isinstance(number, Number)
            else apply("add", result, number)
        )
    return result


def _plain_one(coefficient: Array | None) -> Array | None:
    return None if coefficient == ONE else coefficient


def _is_negative(coefficient: Array | None) -> bool:
    match coefficient:
        case Number():
            return bool(coefficient.value.is_negative)
        case Apply(function="multiply" | "divide", arguments=(first, _)):
            return _is_negative(first)
        case _:
            return False


def _without_sign(coefficient: Array | None) -> Array | None:
    match coefficient:
        case Number():
            return _plain_one(Number(-coefficient.value))
        case Apply(function=function, arguments=(first, second)):
            inner = _without_sign(first)
            return apply(function, inner or ONE, second) if inner is not None or function == "divide" else second
        case _:
            return coefficient
