"""Operations as they are made, each once: two are the same when functions, operands and the way in which dimensions meet are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace

from sympy import Symbol

from chainrule.codegen.program.array_sizes import ArraySizes
from chainrule.codegen.program.loops import Loop
from chainrule.symbolic.forms.arrays import Array, Letters, Read
from chainrule.symbolic.index.axes import Axis
from chainrule.symbolic.system.system import System

from .operations import UFUNCS, ArrayOperand, ElementType, Operand, Operation, Origin, Places, Value, axes_of
from .product_order import AsWritten, FewFirst
from .remembered import Remembered

COMMUTATIVE = frozenset("add multiply maximum minimum equal".split())
#: A number that is known before any data, or none, and what it is multiplied with.
Scaled = tuple[Array | None, Operand]


class Builder(ABC):
    """Makes operations of array expressions, and what is known meanwhile. `is_whole` says whether letters run over all of a tensor's axes.

    `sharing` and `few_first`, the order of factors and terms, can be switched off.
    """

    def __init__(self, system: System, is_whole: Callable[[str, Letters], bool], sharing: bool = True, few_first: bool = True) -> None:
        self.system, self.is_whole, self.sharing = system, is_whole, sharing
        self.order = FewFirst() if few_first else AsWritten()
        self.operations: list[Operation] = []
        self.values: dict[str, Value] = {}
        self.tensors: dict[str, ArrayOperand] = {}
        self.reasons: dict[str, str] = {}
        #: By what is computed: the result, and which of the letters involved are those of its dimensions.
        self.known: Remembered[object, tuple[str, tuple[int, ...]]] = Remembered()
        #: The tensor by whose name a value goes.
        self.named: dict[str, str] = {}
        self.made_by: Remembered[str, Operation] = Remembered()
        #: Whether a tensor shares its array with another one, or has none of its own.
        self.has_shared_arrays = False
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
        #: Whether gradients are computed, and no longer what they are gradients of.
        self.is_backward = False
        #: The equation for which a value is computed, by the name that it has until it gets one of its own.
        self.equation_of: dict[str, str] = {}

    def given(self, name: str, letters: Letters, kind: ElementType, origin: Origin) -> None:
        """A tensor that no equation defines."""
        self.values[name] = Value(name, axes_of(letters), kind, origin)
        self.tensors[name] = ArrayOperand(name, letters)
        self.named[name] = name
        self.declared[name] = letters

    def copied(self) -> dict[str, object]:
        """The state, to go back to."""
        return {name: copy(value) if isinstance(value, list | dict | set) else value for name, value in vars(self).items()}

    def go_back(self, before: dict[str, object]) -> None:
        vars(self).update(before)

    @abstractmethod
    def scaled(self, array: Array) -> Scaled:
        """An array as a coefficient, which is known before any data, times the rest."""

    @abstractmethod
    def whole(self, scaled: Scaled) -> Operand:
        """A coefficient and an operand, multiplied."""

    @abstractmethod
    def plain(self, array: Array, reason: str) -> ArrayOperand:
        """What has no operation of its own: NumPy as the plain style writes it."""

    def operand(self, array: Array) -> Operand:
        return self.whole(self.scaled(array))

    def entry(self, array: Array) -> ArrayOperand:
        """The same, as an array even where it is a number."""
        return self.as_array(self.operand(array))

    def as_array(self, operand: Operand) -> ArrayOperand:
        return operand if isinstance(operand, ArrayOperand) else self.emit("copy", (operand,), ())

    def read(self, array: Read) -> ArrayOperand:
        stored = self.tensors[array.name]
        by_letter = dict(zip(self.declared[array.name], array.axes, strict=True))
        return ArrayOperand(stored.name, tuple(by_letter[letter] for letter in stored.letters))

    def emit(
        self,
        function: str,
        operands: Sequence[Operand],
        letters: Letters | None = None,
        over: Letters = (),
        kind: ElementType = ElementType.FLOAT,
        shared: bool = True,
    ) -> ArrayOperand:
        """The result of an operation, computed now or before."""
        if function in UFUNCS and not any(isinstance(operand, ArrayOperand) and self.is_float(operand) for operand in operands):
            # NumPy has no difference of two tests, and their sum is a test.
            operands = [self.converted(operand) if isinstance(operand, ArrayOperand) else operand for operand in operands]
        operands = tuple(sorted(operands, key=rank) if function in COMMUTATIVE else operands)
        if letters is None:
            letters = tuple(letter for letter in letters_of(operands) if letter not in over)
        if not shared:
            return self.stored(Operation(function, operands, ArrayOperand(self.fresh(), letters), self.equation, over), kind)
        key = key_of(function, operands, letters, over)
        found = self.found(key, operands, letters)
        if found is not None:
            return found
        result = self.stored(Operation(function, operands, ArrayOperand(self.fresh(), letters), self.equation, over), kind)
        number = numbered(operands, letters)
        self.known[key] = (result.name, tuple([number[letter] for letter in letters]))
        return result

    def computed(self, function: str, operands: tuple[Operand, ...], letters: Letters, over: Letters = ()) -> ArrayOperand | None:
        """The result of the same operation, where there was one and it may be shared."""
        return self.found(key_of(function, operands, letters, over), operands, letters)

    def found(self, key: object, operands: tuple[Operand, ...], letters: Letters) -> ArrayOperand | None:
        """The same by the key of what is computed."""
        if not self.sharing or key not in self.known:
            return None
        name, places = self.known[key]
        every = tuple(numbered(operands, letters))
        return ArrayOperand(name, tuple([every[place] for place in places]))

    def stored(self, operation: Operation, kind: ElementType = ElementType.FLOAT, origin: Origin = Origin.MADE) -> ArrayOperand:
        self.values[operation.result.name] = Value(operation.result.name, axes_of(operation.result.letters), kind, origin)
        operation = operation if self.loop is None else replace(operation, loop=self.loop)
        self.made_by[operation.result.name] = operation
        self.operations.append(operation)
        if self.depends(operation.operands):
            self.recurrent.add(operation.result.name)
        return operation.result

    def depends(self, operands: Sequence[Operand]) -> bool:
        """Whether some operand is computed step by step."""
        return any(isinstance(operand, ArrayOperand) and operand.name in self.recurrent for operand in operands)

    def placed_operation(
        self,
        function: str,
        operand: ArrayOperand,
        letters: Letters,
        places: Places,
        kind: ElementType = ElementType.FLOAT,
        origin: Origin = Origin.MADE,
    ) -> ArrayOperand:
        """The result of an operation that says where it reads or writes, computed now or before."""
        number = {letter: position for position, letter in enumerate(dict.fromkeys((*operand.letters, *letters)))}
        written = tuple((tuple((number.get(letter, letter), step) for letter, step in place.steps), place.start) for place in places)
        own = tuple(number[letter] for letter in operand.letters)
        key = function, operand.name, own, tuple(number[letter] for letter in letters), written, axes_of(letters)
        if self.sharing and key in self.known:
            return ArrayOperand(self.known[key][0], letters)
        result = self.stored(
            Operation(function, (operand,), ArrayOperand(self.fresh(), letters), self.equation, places=places), kind, origin
        )
        self.known[key] = (result.name, ())
        if function == "window":
            self.views.add(result.name)
        return result

    def longer_axis(self, axis: str, more: int) -> str:
        """The name of an axis with so many more positions."""
        axes = self.system.axes
        size = (axes[axis].size or 0) + more
        name = f"{axis}to{size}"
        while name in axes and axes[name].size != size:
            name += "x"
        self.axes[name] = Axis(name, size)
        self.system = replace(self.system, axes={**axes, name: self.axes[name]})
        return name

    @property
    def sizes(self) -> ArraySizes:
        """Of axes with a border too."""
        return ArraySizes(self.system)

    def fresh(self) -> str:
        """A name that no tensor has, until the value gets one."""
        name = f"{self.equation}#{len(self.equation_of) + 1}"
        self.equation_of[name] = self.equation
        return name

    def is_float(self, entry: ArrayOperand) -> bool:
        return self.values[entry.name].kind is ElementType.FLOAT

    def converted(self, entry: ArrayOperand) -> ArrayOperand:
        if self.is_float(entry):
            return entry
        return self.emit("copy", (entry,), entry.letters)


def key_of(function: str, operands: tuple[Operand, ...], letters: Letters, over: Letters) -> object:
    """The same for two operations that compute the same: letters are numbered as they come."""
    number = numbered(operands, letters)
    written = [
        (operand.name, tuple([number[letter] for letter in operand.letters])) if isinstance(operand, ArrayOperand) else operand.array
        for operand in operands
    ]
    sizes = axes_of(letters) if function in ("copy", "positions") else ()
    return function, tuple(written), tuple(sorted([number[letter] for letter in over])), sizes


def numbered(operands: Sequence[Operand], letters: Letters) -> dict[Symbol, int]:
    """All letters of operands, and of a result, with their places as they come."""
    found: dict[Symbol, int] = {}
    for operand in operands:
        if isinstance(operand, ArrayOperand):
            for letter in operand.letters:
                found.setdefault(letter, len(found))
    for letter in letters:
        found.setdefault(letter, len(found))
    return found


def letters_of(operands: Sequence[Operand]) -> Letters:
    """All letters of operands as they come."""
    return tuple(numbered(operands, ()))


def rank(operand: Operand) -> tuple[int, str]:
    """Larger arrays first, numbers last."""
    return (-len(operand.letters), operand.name) if isinstance(operand, ArrayOperand) else (1, "")
