"""Array expressions that have no operation of their own, entry by entry in loops: largest places, maxima of windows, parts of arrays.

da1[n, i2 p2] += da2[n,i2]  where  p2 = argmax_p2 a1[n, 2 i2 + p2]:

for n, i2:  largest = −∞, argmax = 0
            for p2:  larger a1[2 i2 + p2] is the largest, and p2 its place
            place = argmax + 2 i2
            if place is in range: da1[place] += da2[i2]

What does not depend on a loop is computed before it, and what is computed there once is not computed again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.operations import Operation
from chainrule.codegen.program.data_types import is_test
from chainrule.symbolic.forms.array_form import CONVERTED
from chainrule.symbolic.forms.arrays import (
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
    everything,
    parts,
)
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.functions import ufunc_name

from .code import Block, Code, looped
from .entries import EntryCode

#: What a reduction begins with.
STARTS = {"sum": "0", "max": "-INFINITY", "argmax": "-INFINITY"}


@dataclass
class Scope:
    """The body of one loop: what runs over a letter, the lines so far, and what they have computed."""

    letter: Symbol | None = None
    variable: str = ""
    lines: list[Code] = field(default_factory=list)
    computed: dict[object, str] = field(default_factory=dict)


#: The loops around an entry, outermost first; the first scope is that outside of all loops.
Scopes = Sequence[Scope]


class ExpressionCode:
    """Prints the expression of one operation."""

    def __init__(self, entries: EntryCode, operation: Operation) -> None:
        self.entries, self.operation = entries, operation
        self.places, self.real = entries.places, entries.real
        self.whole_numbers = {name for name, tensor in self.places.system.tensors.items() if tensor.is_integer}

    def code(self) -> list[Code]:
        """The loops that fill the operation's result.

        Raises:
            InvalidDescription: where the expression has a part that has no C.
        """
        array, result = self.operation.detail, self.operation.result
        stored = self.places.layouts.stored(result)
        if isinstance(array, Placed | Scatter):
            cleared = self.scopes([Scope()], stored)
            cleared[-1].lines.append(f"{self.places.entry(result, variables(cleared))} = 0;")
            return [*self.closed(cleared), *self.added(array)]
        if array is None or isinstance(array, tuple):
            raise self.no_c()
        scopes = self.scopes([Scope()], stored)
        text = self.value(array, scopes)
        scopes[-1].lines.append(f"{self.places.entry(result, variables(scopes))} = {text};")
        return self.closed(scopes)

    def added(self, array: Placed | Scatter) -> list[Code]:
        """Each entry of the operand added at its place; what falls out of range is dropped."""
        moving = [part.letters if isinstance(part, AffineIndex) else part.axes for part in array.places]
        letters = dict.fromkeys((*array.operand.axes, *(letter for each in moving for letter in each)))
        scopes = self.scopes([Scope()], self.by_memory(letters, array.operand))
        value = self.value(array.operand, scopes)
        where, tests = variables(scopes), []
        for letter, place in zip(array.into, array.places, strict=True):
            where[letter], inside = self.placed(place, letter, scopes)
            tests += inside
        result = self.operation.result
        target = self.places.at_index(self.places.of(result.name), [where[letter] for letter in result.letters])
        scopes[-1].lines += self.entries.where(tests, f"{target} += {value};")
        return self.closed(scopes)

    # Loops.

    def by_memory(self, letters: Collection[Symbol], array: Array) -> Letters:
        """Letters in the order in which the entries of the first tensor lie that an expression reads; those that it has not, innermost."""
        for part in everything(array):
            if isinstance(part, Read) and part.name in self.places.at.program.tensors:
                operand = self.places.at.program.tensors[part.name]
                own = dict(zip(self.places.at.program.declared[part.name], part.axes, strict=True))
                lies = [own[letter] for letter in self.places.layouts.stored(operand) if own[letter] in letters]
                return *lies, *(letter for letter in letters if letter not in lies)
        return tuple(letters)

    def scopes(self, outside: Scopes, letters: Letters) -> list[Scope]:
        named = self.entries.variables(letters)
        return [*outside, *(Scope(letter, named[letter]) for letter in letters)]

    def closed(self, scopes: Scopes) -> list[Code]:
        """The loops of some scopes, each inside of the one before."""
        body: list[Code] = []
        for scope in reversed(scopes):
            body = [*scope.lines, *body]
            if scope.letter is not None:
                body = list(looped([(scope.variable, self.places.sizes.of_letter(scope.letter))], body))
        return [Block(tuple(body))] if len(body) > 1 and scopes[0].letter is None else body

    def outermost(self, letters: Letters, scopes: Scopes) -> Scopes:
        """The loops that an expression of these letters depends on, and those around them."""
        inner = [number for number, scope in enumerate(scopes) if scope.letter in letters]
        return scopes[: max(inner, default=0) + 1]

    def fresh(self, wanted: str) -> str:
        """A variable of this operation and no other."""
        names = self.entries.names
        return names.of(("computed", len(names.given)), wanted)

    # Numbers.

    def value(self, array: Array, scopes: Scopes) -> str:
        """An entry, as a variable, a number or in brackets."""
        match array:
            case Number() | Size():
                return self.entries.number(array)
            case Read() if array.name in self.places.system.constants:
                return self.entries.number(array)
            case Read():
                return self.read(array.name, [variables(scopes)[letter] for letter in array.axes])
            case Positions():
                return variables(scopes)[array.axes[0]]
            case Window() | Gather():
                return self.elsewhere(array, scopes)
            case Apply():
                return f"({self.applied(array, scopes)})"
            case Product() | Reduce(function="sum" | "max" | "argmax"):
                return self.reduced(array, scopes)
        raise self.no_c()

    def applied(self, array: Apply, scopes: Scopes) -> str:
        if array.function == CONVERTED:
            return f"({self.real}){self.value(array.arguments[0], scopes)}"
        operands = [self.value(each, scopes) for each in array.arguments]
        return self.entries.function(ufunc_name(array.function), operands, list(map(is_test, array.arguments)))

    def read(self, name: str, indices: Sequence[str]) -> str:
        """An entry of a tensor, whose dimensions are as it was declared."""
        program = self.places.at.program
        if name not in program.tensors:
            raise self.no_c()
        operand, declared = program.tensors[name], program.declared[name]
        return self.places.entry(operand, dict(zip(declared, indices, strict=True)))

    def elsewhere(self, array: Window | Gather, scopes: Scopes) -> str:
        """An entry at another place; 0 out of range."""
        declared = self.places.at.program.declared.get(array.name, ())
        if len(declared) != len(array.places):
            raise self.no_c()
        indices, tests = [], []
        for place, letter in zip(array.places, declared, strict=True):
            text, inside = self.placed(place, letter, scopes)
            indices.append(text)
            tests += inside
        found = self.read(array.name, indices)
        if tests:
            scopes[-1].lines.append(self.entries.one_by_one())
        return f"({' && '.join(tests)} ? {found} : 0)" if tests else found

    def reduced(self, array: Product | Reduce, scopes: Scopes) -> str:
        """The variable that holds a sum, the largest entry or its place; the loops that find it stand where its letters have theirs."""
        outside = self.outermost(array.axes, scopes)
        key = written(array, {})
        if key in outside[-1].computed:
            return outside[-1].computed[key]
        function = "sum" if isinstance(array, Product) else array.function
        if function == "argmax" and len(array.over) > 1:
            raise self.no_c()
        letters = "_".join(map(str, array.over))
        found = self.fresh(f"total_{letters}" if function == "sum" else f"largest_{letters}")
        inside = self.scopes(outside, array.over)
        terms = (array.left, array.right) if isinstance(array, Product) else (array.operand,)
        value = " * ".join(self.value(term, inside) for term in terms)
        body, before = inside[-1].lines, [f"{self.real} {found} = {STARTS[function]};"]
        match function:
            case "sum":
                body.append(f"{found} += {value};")
            case "max":
                entry = self.fresh("entry")
                body += [f"const {self.real} {entry} = {value};", larger(found, entry)]
            case "argmax":
                # The first of the largest; what is no number is larger than any.
                place, entry = self.fresh(f"argmax_{letters}"), self.fresh("entry")
                before.append(f"ptrdiff_t {place} = 0;")
                body += [f"const {self.real} {entry} = {value};", f"if (!({entry} <= {found}) && {found} == {found}) {{"]
                body += [f"    {found} = {entry};", f"    {place} = {inside[-1].variable};", "}"]
                found = place
        outside[-1].lines += [*before, *self.closed(inside[len(outside) :])]
        outside[-1].computed[key] = found
        return found

    # Places.

    def placed(self, place: AffineIndex | Array, letter: Symbol, scopes: Scopes) -> tuple[str, list[str]]:
        """A place along the axis of a letter, and what is to be asked of it where it can be out of range."""
        if isinstance(place, AffineIndex):
            text, size = self.entries.affine(place, variables(scopes)), self.places.sizes.of_letter(letter)
            return text, [] if self.entries.is_inside(place, letter) else in_range(text, size)
        if isinstance(place, Positions) and self.entries.array_sizes.is_as_long(place.axes[0], axis_name(letter)):
            return variables(scopes)[place.axes[0]], []
        text = self.position(place, scopes)
        outside = self.outermost(place.axes, scopes)[-1]
        if text not in outside.computed:
            outside.computed[text] = self.fresh(f"place_{letter}")
            outside.lines.append(f"const ptrdiff_t {outside.computed[text]} = {text};")
        found = outside.computed[text]
        return found, in_range(found, self.places.sizes.of_letter(letter))

    def position(self, array: Array, scopes: Scopes) -> str:
        """A whole number."""
        match array:
            case Number():
                return str(array.value)
            case Apply(function="add" | "subtract" | "multiply"):
                left, right = (self.position(each, scopes) for each in array.arguments)
                sign = {"add": "+", "subtract": "-", "multiply": "*"}[array.function]
                return f"({left} {sign} {right})"
            case Positions() | Reduce(function="argmax"):
                return self.value(array, scopes)
            case Read() | Window() | Gather() if array.name in self.whole_numbers:
                return self.value(array, scopes)
        raise self.no_c()

    def no_c(self) -> InvalidDescription:
        return self.entries.refused(self.operation)


def variables(scopes: Scopes) -> dict[Symbol, str]:
    return {scope.letter: scope.variable for scope in scopes if scope.letter is not None}


def in_range(place: str, size: str) -> list[str]:
    return [f"{place} >= 0", f"{place} < {size}"]


def larger(held: str, value: str) -> str:
    """What is no number is larger than any."""
    return f"if ({value} > {held} || {value} != {value}) {held} = {value};"


def written(array: Array | AffineIndex, bound: Mapping[Symbol, int]) -> object:
    """The same for two expressions that differ in the letters alone over which they sum, or look for the largest."""
    match array:
        case AffineIndex():
            return tuple((bound.get(letter, letter), step) for letter, step in array.steps), array.start
        case Reduce() | Product():
            own = {letter: len(bound) + number for number, letter in enumerate(array.over)}
            function = array.function if isinstance(array, Reduce) else "product"
            return function, len(own), *(written(part, {**bound, **own}) for part in parts(array))
        case Window():
            return array.name, *(written(place, bound) for place in array.places)
        case Read() | Positions():
            return getattr(array, "name", ""), *(bound.get(letter, letter) for letter in array.axes)
        case Gather():
            return "gather", array.name, *(written(place, bound) for place in array.places)
        case Apply():
            return array.function, *(written(part, bound) for part in array.arguments)
    return array
