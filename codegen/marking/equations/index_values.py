"""The numbers of a formula by index: every letter has a dimension of its own, and a sum adds up the dimension of its letter."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from math import prod

import numpy as np

from chainrule.codegen.marking.python.bounds import Bounds
from chainrule.codegen.marking.python.reasons import Mismatch, Unreadable
from chainrule.symbolic.index.numeric_array import NumericArray

from .functions import ACTIVATIONS, ALONG, ENTRYWISE, entrywise
from .quantities import Arrays, Start

#: Formulas of which it is kept what they read.
KEPT = 2_000
OPERATORS: dict[type[ast.operator], Callable[[NumericArray, NumericArray], NumericArray]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.MatMult: np.multiply, ast.Div: np.divide, ast.Pow: np.power,
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], Callable[[NumericArray, NumericArray], NumericArray]] = {
    ast.Eq: np.equal, ast.NotEq: np.not_equal, ast.Lt: np.less, ast.Gt: np.greater, ast.LtE: np.less_equal, ast.GtE: np.greater_equal,
}  # fmt: skip


def indices(node: ast.Subscript) -> Sequence[ast.expr]:
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


@lru_cache(KEPT)
def entries(tree: ast.AST) -> Sequence[ast.Subscript]:
    """Everything that is read at indices. A formula is looked at again for every convention that is tried."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Subscript)]


@lru_cache(KEPT)
def letters(target: ast.expr, value: ast.expr) -> Mapping[str, None]:
    """Those of the left side, then those that stand alone as an index or are bound, in the order in which they are met."""
    found = [node.id for own in entries(target) for node in indices(own) if isinstance(node, ast.Name)]
    for node in ast.walk(value):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ALONG:
            found += [each.id for each in node.args[:-1] if isinstance(each, ast.Name)]
        if isinstance(node, ast.Subscript):
            found += [each.id for index in indices(node) for each in _outer_names(index)]
    return dict.fromkeys(found)


def _outer_names(index: ast.expr) -> Iterator[ast.Name]:
    """The letters of an index, without those inside of an entry that is an index itself."""
    if isinstance(index, ast.Name):
        yield index
    elif isinstance(index, ast.BinOp):
        yield from (*_outer_names(index.left), *_outer_names(index.right))
    elif isinstance(index, ast.UnaryOp):
        yield from _outer_names(index.operand)


def own_sizes(trees: Sequence[ast.AST], arrays: Arrays) -> Iterator[tuple[str, int]]:
    """The sizes that entries say their letters to have."""
    for entry in chain.from_iterable(map(entries, trees)):
        array = arrays.quantity(entry.value.id) if isinstance(entry.value, ast.Name) else None
        if array is not None and np.ndim(array) == len(indices(entry)):
            for index, size in zip(indices(entry), np.shape(array), strict=True):
                if isinstance(index, ast.Name):
                    yield index.id, size


@dataclass(frozen=True)
class IndexValues:
    """Values over the letters of one formula."""

    arrays: Arrays
    sizes: Mapping[str, int]
    bounds: Bounds

    @classmethod
    def of(cls, target: ast.expr, value: ast.expr, arrays: Arrays, bounds: Bounds) -> IndexValues:
        """Of one equation; a letter is as long as the axis where it stands on the left, or else in an entry.

        Raises:
            Mismatch: where a letter runs over axes of different sizes without a case distinction.
            Unreadable: where nothing says how long a letter is, or there are too many of them.
        """
        sizes: dict[str, int] = {}
        for letter, size in own_sizes([target, value], arrays):
            if sizes.setdefault(letter, size) != size and not any(isinstance(node, ast.Compare) for node in ast.walk(value)):
                raise Mismatch("places", letter=letter.replace("_", "'"), first=sizes[letter], second=size)
        for letter in letters(target, value):
            size_of_axis = arrays.size(letter)
            if letter not in sizes and size_of_axis is not None:
                sizes[letter] = size_of_axis
            if letter not in sizes:
                raise Mismatch("size", letter=letter.replace("_", "'"))
        own = {letter: sizes[letter] for letter in letters(target, value)}
        bounds.entries_once(prod(own.values()))
        return cls(arrays, own, bounds)

    def dimension(self, letter: str) -> int:
        return list(self.sizes).index(letter)

    def over(self, value: ast.expr, target: ast.expr) -> NumericArray:
        """The values at every position of the letters of the left side.

        Raises:
            Unreadable: where something has no meaning, or a letter is left over that no sum binds.
        """
        with np.errstate(all="ignore"):
            found = self.value(value)
        own = list(dict.fromkeys(index.id for entry in entries(target) for index in indices(entry) if isinstance(index, ast.Name)))
        found = found.reshape((1,) * (len(self.sizes) - found.ndim) + found.shape)
        for letter, size in zip(self.sizes, found.shape, strict=True):
            if letter not in own and size != 1:
                raise Mismatch("left", letter=letter.replace("_", "'"))
        return np.broadcast_to(found.reshape(found.shape[: len(own)]), [self.sizes[letter] for letter in own])

    def value(self, node: ast.expr) -> NumericArray:
        self.bounds.step()
        match node:
            case ast.Constant(value=int() | float() as number):
                return np.asarray(float(number))
            case ast.Name(id=own) if own in self.sizes:
                return self.positions(own)
            case ast.Name(id=own):
                return self.number(own)
            case ast.Subscript(value=ast.Name(id="delta"), slice=ast.Tuple(elts=[first, second])) if self.arrays.quantity("delta") is None:
                # Kronecker's, where a z without a number could have it as its gradient.
                return np.equal(self.value(first), self.value(second)).astype(float)
            case ast.Subscript(value=ast.Name(id=own)):
                return self.read(self.known(own), indices(node), self.arrays.start(own))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return OPERATORS[type(op)](self.value(left), self.value(right))
            case ast.List(elts=[test]):
                return self.holds(test).astype(float)
            case ast.Call(func=ast.Name(id=function), args=arguments):
                return self.called(function, arguments)
        raise Unreadable("index", part=ast.unparse(node))

    def positions(self, letter: str) -> NumericArray:
        shape = [1] * len(self.sizes)
        shape[self.dimension(letter)] = self.sizes[letter]
        return np.arange(float(self.sizes[letter])).reshape(shape)

    def known(self, name: str) -> NumericArray:
        found = self.arrays.quantity(name)
        if found is None:
            raise Unreadable("name", name=name)
        return np.asarray(found)

    def number(self, name: str) -> NumericArray:
        if name == "pi":
            return np.asarray(np.pi)
        if name == "e" and self.arrays.quantity(name) is None:
            return np.asarray(np.e)
        found = self.known(name)
        if found.size != 1:
            raise Unreadable("indices", name=name)
        return found.reshape(()).astype(float)

    def read(self, array: NumericArray, places: Sequence[ast.expr], start: Start | None = None) -> NumericArray:
        """Entries at every position; 0 where an index is out of range, and before the first place the values of a start."""
        if array.ndim != len(places):
            raise Mismatch("indices.other", own=array.ndim, found=len(places))
        at = [np.rint(np.nan_to_num(self.value(place))).astype(int) for place in places]
        inside = np.asarray(True)
        for place, size in zip(at, array.shape, strict=True):
            inside = inside & (place >= 0) & (place < size)
        clipped = tuple(np.clip(place, 0, size - 1) for place, size in zip(at, array.shape, strict=True))
        found: NumericArray = np.where(inside, array[clipped], 0) if places else array
        if start is not None:
            place, number, values = start
            others = tuple(at[:place] + at[place + 1 :])
            if len(others) != values.ndim:
                raise Mismatch("indices.start", own=values.ndim + 1, found=array.ndim)
            within = tuple(np.clip(other, 0, size - 1) for other, size in zip(others, values.shape, strict=True))
            found = np.where(at[place] == number, values[within], found)
        return found

    def holds(self, test: ast.expr) -> NumericArray:
        match test:
            case ast.BoolOp(values=tests):
                every: NumericArray = np.logical_and.reduce(np.broadcast_arrays(*map(self.holds, tests)))
                return every
            case ast.Compare(left=left, ops=operators, comparators=others):
                found, before = np.asarray(True), self.value(left)
                for operator, other in zip(operators, map(self.value, others), strict=True):
                    found, before = found & COMPARISONS[type(operator)](before, other), other
                return found
        raise Unreadable("comparison", part=ast.unparse(test))

    def called(self, function: str, arguments: Sequence[ast.expr]) -> NumericArray:
        if function in ACTIVATIONS and len(arguments) == 1:
            return self.arrays.activation(arguments[0], self.value(arguments[0]), function)
        if function == "derivative":
            return self.derivative(arguments)
        if function == "where" and len(arguments) == 3:
            return np.where(self.holds(arguments[0]), self.value(arguments[1]), self.value(arguments[2]))
        if function in ALONG and len(arguments) > 1:
            value = self.value(arguments[-1])
            for letter in arguments[:-1]:
                if not isinstance(letter, ast.Name):
                    raise Unreadable("letter", function=function, found=ast.unparse(letter))
                value = ALONG[function](self.spread(value, letter.id), self.dimension(letter.id))
            return value
        if function in ENTRYWISE:
            return entrywise(function, [self.value(each) for each in arguments])
        raise Unreadable("function.unknown", function=function)

    def spread(self, value: NumericArray, letter: str) -> NumericArray:
        """A value with all places of a letter, as a sum counts them even where nothing depends on it."""
        shape = list(value.shape or (1,) * len(self.sizes))
        shape[self.dimension(letter)] = self.sizes[letter]
        return np.broadcast_to(value, shape)

    def derivative(self, arguments: Sequence[ast.expr]) -> NumericArray:
        """∂z1[n,j]/∂W1[j,i], of which all entries are known."""
        heads = [part.value if isinstance(part, ast.Subscript) else part for part in arguments]
        names = [head.id for head in heads if isinstance(head, ast.Name)]
        if len(names) != 2 or len(arguments) != 2:
            raise Unreadable("derivative")
        places = [index for part in arguments if isinstance(part, ast.Subscript) for index in indices(part)]
        found = self.arrays.derivative(*names)
        if found is None:
            raise Unreadable("derivative.unknown", of=names[0], by=names[1])
        return self.read(found, places)
