"""Right sides of lines to equations of SymPy, with a note of every index sum, from which sizes follow."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from sympy import Add, Expr, Indexed, Integer, Symbol

from chainrule.symbolic.index.axes import axis_name, size_symbol
from chainrule.symbolic.index.failures import KeyPath, NotExpressible, located
from chainrule.symbolic.index.implicit import implicit
from chainrule.symbolic.index.index_letters import names_read, substitute
from chainrule.symbolic.index.tensors import Tensor, entry, scalar
from chainrule.symbolic.system.boundaries import Boundary, with_boundaries
from chainrule.symbolic.system.placements import Placement
from chainrule.symbolic.system.sizes import IndexSumRead
from chainrule.symbolic.system.system import Equation

from .axis_inference import letters_of_place, symbols_of
from .definitions import Definition
from .equation_lines import EquationLine
from .expression_reader import Scope, expression_of
from .functions import FIXED_POINT
from .index_expressions import index_expression
from .named_axes import NamedAxes
from .starts import Start, with_starts


class EquationReader:
    """Reads right sides, and notes what they say of sizes."""

    def __init__(
        self,
        tensors: Mapping[str, Tensor],
        named: NamedAxes,
        definitions: Iterable[Definition],
        boundaries: Sequence[EquationLine],
        constants: Iterable[str],
        fixed: Mapping[str, int],
    ) -> None:
        self.tensors, self.named, self.fixed = tensors, named, fixed
        #: Index sums at which tensors are read, and the places that left sides say, by axis.
        self.sums: list[IndexSumRead] = []
        self.placed: dict[str, list[Expr]] = {}
        self.where: tuple[str, KeyPath] = ("", ())
        self.with_boundary_at = {(line.name, place) for line in boundaries for place in line.places if isinstance(place, int)}
        #: Constants, and N_k for the number of places along the axis of k.
        self.values: dict[str, Expr] = {
            size_symbol(letter).name: size_symbol(axis) for letter, axis in named.names.items() if "@" not in letter
        }
        self.values |= {name: scalar(name) for name in constants}
        self.reads: dict[str, Callable[..., Expr]] = {name: self.reading_of(tensor) for name, tensor in tensors.items()}
        self.ranks = {name: len(tensor.axes) for name, tensor in tensors.items()}
        self.integers = frozenset(name for name, tensor in tensors.items() if tensor.is_integer)
        # The letters that a boundary value sums over are none of the equations that may read it.
        every = [self.line_symbols(line, definition) for definition in definitions for line in definition.lines] if boundaries else []
        self.apart = {symbol: symbol for symbols in every for symbol in symbols.values()}
        self.starts = [line for line in boundaries if self.is_start(line)]
        self.boundaries = tuple(self.boundary(line) for line in boundaries if line not in self.starts)
        # A boundary value itself is read without boundaries.
        for name in dict.fromkeys(bound.tensor.name for bound in self.boundaries):
            own = [bound for bound in self.boundaries if bound.tensor.name == name]
            self.reads[name] = with_boundaries(self.reads[name], own)

    def reading_of(self, tensor: Tensor) -> Callable[..., Expr]:
        name, is_integer = tensor.name, tensor.is_integer

        def read(*indices: Expr) -> Expr:
            for axis, part in zip(tensor.axes, indices, strict=True):
                if isinstance(part, Integer):
                    self.check_place(tensor, axis, int(part))
                elif not isinstance(part, Symbol | Indexed):
                    self.sums.append(IndexSumRead(axis_name(axis), part, *self.where))
            return entry(name, indices, is_integer)

        return read

    def check_place(self, tensor: Tensor, axis: Symbol, place: int) -> None:
        """A whole number as an index is inside, or where a boundary value is."""
        if (tensor.name, place) in self.with_boundary_at:
            return
        if place < 0:
            raise NotExpressible(f"places are counted from 0, found {place}, at which {tensor.name} has no boundary value")
        size = self.size(axis)
        if size is not None and place >= size:
            raise NotExpressible(f"the place {place} is outside of the axis {axis_name(axis)} of size {size}; its last is {size - 1}")

    def symbols(self, line: EquationLine, own: Mapping[str, Symbol]) -> dict[str, Symbol]:
        return symbols_of(own, self.named.read[line.key], self.named.names)

    def line_symbols(self, line: EquationLine, definition: Definition) -> dict[str, Symbol]:
        """The letters of a line. That of a placed axis is taken too, under a name that no letter has."""
        axes = enumerate(zip(line.places, self.tensors[line.name].axes, strict=True))
        return self.symbols(line, {f"@{at}" if at in definition.placed else str(place): axis for at, (place, axis) in axes})

    def expression(self, line: EquationLine, symbols: Mapping[str, Symbol], left: Iterable[str]) -> Expr:
        self.where = line.title, line.at
        with located(line.at, f"{line.title}: "):
            return expression_of(line.right, self.scope(symbols, left))

    def scope(self, symbols: Mapping[str, Symbol], left: Iterable[str]) -> Scope:
        return Scope(
            values=self.values,
            tensors=self.reads,
            ranks=self.ranks,
            letters=frozenset(left),
            symbols=symbols,
            integers=self.integers,
        )

    def size(self, axis: Symbol) -> int | None:
        return self.fixed.get(axis_name(axis))

    def is_start(self, line: EquationLine) -> bool:
        """Whether the fixed index of a line is a place of the axis."""
        place, at = fixed_place(line)
        size = self.size(self.tensors[line.name].axes[place])
        return at >= 0 and (size is None or at < size)

    def value_at(self, line: EquationLine) -> Expr:
        """The right side of a line with one fixed index."""
        axes, (place, _) = self.tensors[line.name].axes, fixed_place(line)
        own = dict(zip(line.letters, axes[:place] + axes[place + 1 :], strict=True))
        return substitute(self.expression(line, self.symbols(line, own), own), self.apart)

    def boundary(self, line: EquationLine) -> Boundary:
        place, at = fixed_place(line)
        return Boundary(self.tensors[line.name], place, at, self.value_at(line), self.tensors)

    def equation(self, definition: Definition) -> Equation:
        tensor = self.tensors[definition.name]
        starts = [Start(*fixed_place(line), self.value_at(line)) for line in self.starts if line.name == definition.name]
        if starts:
            rest = self.parts(definition)
            line = next(line for line in self.starts if line.name == definition.name)
            with located(line.at, f"{line.title}: "):
                return Equation(tensor, with_starts(tensor, starts, rest, [self.size(axis) for axis in tensor.axes]))
        if definition.placed:
            return Equation(tensor, Add(*(self.placement(line, definition, tensor).term(tensor.axes) for line in definition.lines)))
        line = definition.first
        if isinstance(call := line.right.tree, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == FIXED_POINT:
            with located(line.at, f"{line.title}: "):
                if len(call.args) != 1:
                    raise line.right.at(call, f"{FIXED_POINT} takes 1 argument, found {len(call.args)}")
            inside = self.expression(
                replace(line, right=replace(line.right, tree=call.args[0])), self.line_symbols(line, definition), line.letters
            )
            return Equation(tensor, implicit(tensor.own_entry, inside) if tensor.name in names_read(inside) else inside)
        return Equation(tensor, self.parts(definition))

    def parts(self, definition: Definition) -> Expr:
        """The right side; of several lines each says 0 outside of its own part of the axes."""
        return Add(*(self.expression(line, self.line_symbols(line, definition), line.letters) for line in definition.lines))

    def placement(self, line: EquationLine, definition: Definition, tensor: Tensor) -> Placement:
        """The indices on the left and the value; the letters of a placed index are letters of the line's own."""
        symbols = self.line_symbols(line, definition)
        left = {letter for place in line.places for letter in letters_of_place(place)}
        indices = []
        for position, (place, axis) in enumerate(zip(line.places, tensor.axes, strict=True)):
            indices.append(self.place(place, line, symbols, left) if position in definition.placed else axis)
            if position in definition.placed:
                self.placed.setdefault(axis_name(axis), []).append(indices[-1])
        return Placement(tuple(indices), self.expression(line, symbols, left))

    def place(self, place: str | int | ast.expr, line: EquationLine, symbols: Mapping[str, Symbol], left: Iterable[str]) -> Expr:
        """An index on the left as an expression."""
        if isinstance(place, str):
            return symbols[place]
        if isinstance(place, int):
            return Integer(place)
        scope = self.scope(symbols, left)
        self.where = line.title, line.at
        with located(line.at, f"{line.title}: "):
            return index_expression(place, scope, {}, line.left, lambda node: expression_of(replace(line.left, tree=node), scope))


def fixed_place(line: EquationLine) -> tuple[int, int]:
    """The position of a line's one fixed index, and the index."""
    return next((place, at) for place, at in enumerate(line.places) if isinstance(at, int))
