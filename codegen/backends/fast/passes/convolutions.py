"""Products over windows as products for each output row, whose windows overlap in memory: a row of windows is copied, not every window.

    z[n,d,i,j] = Σ_c,p,q W[d,c,p,q] x[n,c,i + p,j + q]

    before    dot of W and all windows: C P Q entries for every n, i, j, in an array that no cache holds
    after     r[u,c,q,j,n] = x[n,c,u,j + q]: C Q entries for every n, u, j. Rows i … i + P − 1 follow each other in it, so
              r read at u = i + p is for each i a matrix (p c q, j n), and z stored (i, d, j, n) one product for each i

The gradient of W is the same with dz in the place of W, summed over i; that of x reads dz at u − p, and is a convolution too.
The examples lie innermost, as every window has all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, ArrayProgram, Operation, Origin, Places, Value, axes_of
from chainrule.codegen.backends.fast.ir.slices import Order
from chainrule.codegen.backends.fast.ir.windows import expanded
from chainrule.codegen.program.array_sizes import ArraySizes
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import axis_name, fresh, index
from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.system.system import System

from .array_layout import Sides, order_of, sides


@dataclass(frozen=True)
class Convolved:
    """Operations and values, and the order of dimensions of those that are `decided`, and of those for which there is a wish."""

    operations: tuple[Operation, ...]
    values: dict[str, Value]
    decided: dict[str, Order] = field(default_factory=dict)
    wished: dict[str, Order] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rows:
    """How a window is taken apart: dimension `number` of the array is read at `stack` + `merged`.

    For each position of `shared` letters and of `stack` there is a matrix: `merged` and `beside` by `along`.
    """

    number: int
    places: Places
    shared: Letters
    stack: Symbol
    merged: Symbol
    beside: Letters
    along: Letters
    is_summed: bool


def convolutions(program: ArrayProgram, operations: Sequence[Operation], system: System) -> Convolved:
    """Products over windows, row by row, where that can be done."""
    return _Convolutions(program, operations, system).convolved(operations)


class _Convolutions:
    def __init__(self, program: ArrayProgram, operations: Sequence[Operation], system: System) -> None:
        self.program, self.system = program, system
        self.values = dict(program.values)
        self.outputs = program.outputs
        self.windows = {operation.result.name: operation for operation in operations if operation.function == "window"}
        self.bordered = {operation.result.name for operation in operations if operation.function == "pad"}
        self.decided: dict[str, Order] = {}
        self.wished: dict[str, Order] = {}
        self.found: list[Operation] = []
        self.copies: dict[object, ArrayOperand] = {}

    def convolved(self, operations: Sequence[Operation]) -> Convolved:
        first = self.program.first_function
        for operation in operations:
            if first and operation.equation not in first:
                # Another function begins, which may run again without the first.
                self.copies.clear()
                first = ()
            if operation.function != "product" or not any(self.by_rows(operation, number) for number in (1, 0)):
                self.found.append(operation)
        return Convolved(tuple(self.found), self.values, self.decided, self.wished)

    def by_rows(self, operation: Operation, number: int) -> bool:
        """Writes the product over the windows of one operand, if it is one."""
        entry, other = list(operation.entries)[number], list(operation.entries)[1 - number]
        rows = self.rows(operation, entry, number)
        if rows is None:
            return False
        meeting = sides(operation)
        others = meeting.rows if number else meeting.columns
        window = self.window(operation, entry, rows)
        operands = (other, window) if number else (window, other)
        result = operation.result
        matrix = (rows.merged, *rows.beside)
        if rows.is_summed:
            partial = self.value(result.name + "_rows", ArrayOperand("", (*result.letters, rows.stack)).letters)
            over = tuple(letter for letter in operation.over if letter != rows.stack)
            self.found.append(Operation("product", operands, partial, operation.equation, over))
            self.found.append(Operation("sum", (partial,), result, operation.equation, (rows.stack,)))
            self.decided[partial.name] = order_of(partial.letters, (*rows.shared, rows.stack, *matrix, *others))
            self.wished.setdefault(other.name, order_of(other.letters, (*rows.shared, rows.stack, *others, *rows.along)))
        else:
            self.found.append(replace(operation, operands=operands, apart=(rows.stack,)))
            if result.name not in self.outputs:
                self.decided.setdefault(result.name, order_of(result.letters, (*rows.shared, rows.stack, *others, *rows.along)))
            if self.values[other.name].origin is Origin.PARAMETER and other.name not in self.windows:
                self.decided.setdefault(other.name, order_of(other.letters, (*rows.shared, *matrix, *others)))
        return True

    def rows(self, operation: Operation, entry: ArrayOperand, number: int) -> Rows | None:
        """How the windows of an operand are taken apart; None where they are none, or lie too far from each other."""
        made = self.windows.get(entry.name)
        if made is None or operation.apart or operation.loop is not None:
            return None
        renamed = dict(zip(made.result.letters, entry.letters, strict=True))
        places = tuple(AffineIndex(tuple((renamed[letter], step) for letter, step in place.steps), place.start) for place in made.places)
        meeting = sides(operation)
        own = meeting.columns if number else meeting.rows
        for dimension, place in enumerate(places):
            found = self.letters_of_rows(place, meeting, own)
            if found is not None:
                stack, merged = found
                one, two = (own, meeting.over) if stack in own else (meeting.over, own)
                beside = tuple(letter for letter in entry.letters if letter in two and letter != merged)
                along = self.examples_last(tuple(letter for letter in entry.letters if letter in one and letter != stack))
                if along:
                    return Rows(dimension, places, meeting.shared, stack, merged, beside, along, stack in meeting.over)
        return None

    def letters_of_rows(self, place: AffineIndex, meeting: Sides, own: Letters) -> tuple[Symbol, Symbol] | None:
        """Of 2 i + p the letter that a product is made for each position of, and the one along which rows follow each other."""
        if len(place.steps) != 2:
            return None
        summed = [letter for letter in place.letters if letter in meeting.over]
        kept = [letter for letter in place.letters if letter in own]
        if len(summed) != 1 or len(kept) != 1:
            return None
        has_examples = [any(axis_name(letter) == self.system.batch for letter in side) for side in (own, meeting.over)]
        count = ArraySizes(self.system).count
        is_kept = has_examples[0] if any(has_examples) else count(kept[0]) >= count(summed[0])
        stack, merged = (kept[0], summed[0]) if is_kept else (summed[0], kept[0])
        return (stack, merged) if dict(place.steps)[merged] == 1 else None

    def examples_last(self, letters: Letters) -> Letters:
        return tuple(sorted(letters, key=lambda letter: axis_name(letter) == self.system.batch))

    def window(self, operation: Operation, entry: ArrayOperand, rows: Rows) -> ArrayOperand:
        """The windows as a view of rows of windows."""
        made = self.windows[entry.name]
        (base,) = made.entries
        row = fresh(index(self.values[base.name].axes[rows.number]), expanded(rows.places))
        inner = tuple(AffineIndex(((row, 1),)) if number == rows.number else place for number, place in enumerate(rows.places))
        order = (*rows.shared, row, *rows.beside, *rows.along)
        copy = self.rows_of_windows(operation, base, inner, order)
        places = tuple(rows.places[rows.number] if letter == row else AffineIndex(((letter, 1),)) for letter in copy.letters)
        place = rows.places[rows.number]
        key = copy.name, rows.number, place.start, tuple(step for _, step in place.steps), axes_of(expanded(places))
        if key in self.copies:
            return ArrayOperand(self.copies[key].name, expanded(places))
        window = self.copies[key] = self.value(f"{copy.name}_windows", expanded(places))
        self.windows[window.name] = Operation("window", (copy,), window, operation.equation, places=places)
        self.found.append(self.windows[window.name])
        return window

    def rows_of_windows(self, operation: Operation, base: ArrayOperand, inner: Places, order: Letters) -> ArrayOperand:
        """A copy, stored in the order, of an array read at places; the array itself where nothing else depends on how it lies."""
        letters = expanded(inner)
        number = {letter: position for position, letter in enumerate(letters)}
        written = tuple((tuple((number[letter], step) for letter, step in place.steps), place.start) for place in inner)
        key = base.name, written, axes_of(letters), tuple(number[letter] for letter in order)
        if key in self.copies:
            return ArrayOperand(self.copies[key].name, letters)
        by_letter = {letter: position for position, place in enumerate(inner) for letter in place.letters}
        dimensions = tuple(dict.fromkeys(by_letter[letter] for letter in order))
        axes = self.values[base.name].axes
        is_whole = all(place.is_plain and axis_name(place.letters[0]) == axis for place, axis in zip(inner, axes, strict=True))
        if is_whole and base.name in self.bordered and base.name not in self.decided:
            self.decided[base.name] = dimensions
            self.copies[key] = base
            return ArrayOperand(base.name, letters)
        if self.values[base.name].origin is Origin.CALL and not is_whole:
            base = self.turned(operation, base, dimensions)
        else:
            self.wished.setdefault(base.name, dimensions)
        read = ArrayOperand(base.name, letters)
        if not is_whole:
            read = self.value(f"{base.name}_read", letters, self.values[base.name].origin)
            self.windows[read.name] = Operation("window", (base,), read, operation.equation, places=inner)
            self.found.append(self.windows[read.name])
        copy = self.value(f"{base.name}_rows", letters)
        self.found.append(Operation("copy", (read,), copy, operation.equation))
        self.decided[copy.name] = order_of(letters, order)
        self.copies[key] = copy
        return copy

    def turned(self, operation: Operation, base: ArrayOperand, order: Order) -> ArrayOperand:
        """What a call gives, with the examples innermost."""
        key = base.name, order
        if key not in self.copies:
            copy = self.value(f"{base.name}_turned", base.letters)
            self.found.append(Operation("copy", (base,), copy, operation.equation))
            self.decided[copy.name] = order
            self.copies[key] = copy
        return ArrayOperand(self.copies[key].name, base.letters)

    def value(self, wanted: str, letters: Letters, origin: Origin = Origin.MADE) -> ArrayOperand:
        name = free_name(wanted, self.values)
        self.values[name] = Value(name, axes_of(letters), origin=origin)
        return ArrayOperand(name, letters)
