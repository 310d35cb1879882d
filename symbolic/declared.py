"""A system from declarations and equations in text: letters are matched to axes, sizes inferred, and everything checked.

A tensor is declared by its name and indices (see `declarations`), an equation gives the entry on its left (see `language`), a left side
with an index sum places its values (see `placements`), one with an index before the first place is a boundary value (see `boundaries`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Indexed, Integer, Symbol

from .axes import PRIME, Axis, axis_name, index
from .boundaries import Boundary, with_boundaries
from .declarations import Declared, declared_tensors
from .definitions import Definition, defined_tensors
from .equations import Equation, System
from .failures import InvalidDescription, NotExpressible, expected_one_of, shown
from .index_expressions import index_expression
from .language import Scope, expression_of
from .letter_axes import LetterAxes, letters_in_sum, letters_read, symbols_of
from .lines import Line, read_lines
from .placements import Placement
from .recurrence import grouped
from .sizes import IndexSumRead, rules, with_rules
from .tensors import Role, Tensor, Values, entry, scalar

#: Letters for axes that only placements make up.
PLACE_LETTERS = "uvwrsqmlijkpabcdefgh"
#: Every letter of an equation is a dimension of an array while it is checked.
MOST_LETTERS = 26
MOST_POSITIONS = 10**9


def system_from_equations(
    equations: str,
    parameters: Sequence[str],
    inputs: Sequence[str] = (),
    targets: Sequence[str] = (),
    sizes: Mapping[str, int] | None = None,
    constants: Mapping[str, float] | None = None,
    batch: str | None = None,
    name: str = "network",
    values: Mapping[str, Values] | None = None,
) -> System:
    """The system that declarations and equations describe.

    `values` says of inputs and targets what their entries are, as the words of a declaration do.

    Raises:
        InvalidDescription: with the equation and the place in it, for whatever does not fit.
    """
    numbers = {constant: _finite_constant(constant, value) for constant, value in (constants or {}).items()}
    given = {Role.INPUT: inputs, Role.TARGET: targets, Role.PARAMETER: parameters}
    declared = declared_tensors(given, values or {}, numbers)
    if not any(tensor.role is Role.PARAMETER for tensor in declared.values()):
        raise InvalidDescription("parameters: found none, expected at least one tensor to differentiate by")
    lines = read_lines(equations)
    defined, boundaries = defined_tensors(lines, declared, numbers)
    _check_cost(defined, lines)
    return _Reading(name, declared, defined, boundaries, numbers, dict(sizes or {}), batch).system()


def _finite_constant(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
        raise InvalidDescription(f"constants: {name} is a finite number, found {shown(value)}")
    return float(value)


def _check_cost(defined: Mapping[str, Definition], lines: Sequence[Line]) -> None:
    numbers = {line.number for definition in defined.values() for line in definition.lines}
    last = next(line for line in reversed(lines) if line.number in numbers)
    if last.places:
        letters = ", ".join(last.letters) or "its indices"
        raise InvalidDescription(
            f"equation {last.number}: the last equation is the cost and has no index, found {last.left.text}; "
            f"sum over {letters}, as in C = sum({letters}, {last.left.text})"
        )


@dataclass(frozen=True)
class _Reading:
    """One description on its way to a system."""

    name: str
    declared: Mapping[str, Declared]
    defined: Mapping[str, Definition]
    boundaries: Sequence[Line]
    constants: Mapping[str, float]
    sizes: Mapping[str, int]
    batch: str | None

    def system(self) -> System:
        axes = LetterAxes()
        own = {name: tensor.letters for tensors in (self.declared, self.defined) for name, tensor in tensors.items()}
        points_into = {name: tensor.points_into for name, tensor in self.declared.items() if tensor.points_into}
        read = self.matched(own, points_into, axes)
        self.check_letters(own, points_into, axes)
        names = self.axis_names(own, axes)
        tensors = self.tensors(own, names)
        fixed = self.fixed_sizes(names)
        reader = _EquationReader(self, tensors, names, read, fixed)
        bounds = tuple(reader.boundary(line) for line in self.boundaries)
        reader.add_boundaries(bounds)
        equations = tuple(reader.equation(definition) for definition in self.defined.values())
        self.check_dependence(equations)
        # In the order in which they can be computed; a circle without a shift has none.
        equations = tuple(equation for group in self.ordered(equations) for equation in group)
        sized = self.axes(self.appearing(equations, tensors, read, names), fixed, tensors, reader)
        if self.batch and self.batch not in names:
            raise InvalidDescription(f"batch: no index is called {self.batch!r}; {expected_one_of(self.batch, _written(names))}")
        batch = names[self.batch] if self.batch else None
        return System(self.name, sized, tensors, equations, dict(self.constants), batch, bounds)

    def matched(self, own: Mapping[str, Sequence[str]], points_into: Mapping[str, str], axes: LetterAxes) -> dict[int, dict[str, None]]:
        """The letters of every line by its number; letters of the same place of a tensor are joined on the way."""
        for letters in own.values():
            for letter in letters:
                axes.find(letter)
        read = {}
        for line in (*(line for definition in self.defined.values() for line in definition.lines), *self.boundaries):
            found = letters_read(line.right.tree, own, points_into, axes)
            for letter, place in zip(own[line.name], line.places, strict=True):
                if isinstance(place, str):
                    found[place] = None
                    axes.find(place) if "@" in letter else axes.join(place, letter)
                elif not isinstance(place, int):
                    found |= letters_read(place, own, points_into, axes)
                    for part in letters_in_sum(place):
                        found[part] = None
                        axes.find(part)
            if len(found) > MOST_LETTERS:
                raise InvalidDescription(f"{line.title}: found {len(found)} different indices, expected at most {MOST_LETTERS}")
            read[line.number] = found
        return read

    def check_letters(self, own: Mapping[str, Sequence[str]], points_into: Mapping[str, str], axes: LetterAxes) -> None:
        used = {letter: None for letters in own.values() for letter in letters}
        for letter in used:
            if letter in own:
                raise InvalidDescription(f"{letter!r} is a tensor and an index; give one of them another name")
            if letter in self.constants:
                raise InvalidDescription(f"{letter!r} is a constant and an index; give one of them another name")
        axes_used = {axes.find(letter) for letter in used}
        for name, target in points_into.items():
            if axes.find(target) not in axes_used:
                known = sorted(letter for letter in used if "@" not in letter)
                raise InvalidDescription(f"'{name}[…] in {target}': no tensor has an index {target!r}; {expected_one_of(target, known)}")

    def axis_names(self, own: Mapping[str, Sequence[str]], axes: LetterAxes) -> dict[str, str]:
        order = [letter for letters in own.values() for letter in letters]
        marks = [letter for letter in order if "@" in letter]
        names = axes.names([letter for letter in order if "@" not in letter], marks)
        taken = {*names, *names.values(), *own, *self.constants}
        chosen: dict[str, str] = {}
        for mark in dict.fromkeys(name for name in names.values() if "@" in name):
            free = (letter for length in range(1, 100) for letter in (letter * length for letter in PLACE_LETTERS))
            chosen[mark] = next(letter for letter in free if letter not in taken)
            taken.add(chosen[mark])
        return {letter: chosen.get(name, name) for letter, name in names.items()}

    def tensors(self, own: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> dict[str, Tensor]:
        cost = list(self.defined)[-1]
        found = {}
        for name, letters in own.items():
            taken: dict[Symbol, None] = {}
            for letter in letters:
                symbol = index(names[letter])
                while symbol in taken:
                    symbol = index(symbol.name + PRIME)
                taken[symbol] = None
            declared = self.declared.get(name)
            if declared is None:
                last = name == cost and not letters
                found[name] = Tensor(name, tuple(taken), Role.COST if last else Role.INTERMEDIATE)
            else:
                into = names[declared.points_into] if declared.points_into else None
                found[name] = Tensor(name, tuple(taken), declared.role, declared.values, into)
        return found

    def fixed_sizes(self, names: Mapping[str, str]) -> dict[str, int]:
        fixed: dict[str, int] = {}
        first: dict[str, str] = {}
        for letter, size in self.sizes.items():
            if letter not in names:
                raise InvalidDescription(f"sizes: no index is called {letter!r}; {expected_one_of(letter, _written(names))}")
            if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MOST_POSITIONS:
                wanted = "a whole number of at least 1" if not isinstance(size, int) or size < 1 else f"at most {MOST_POSITIONS}"
                raise InvalidDescription(f"sizes: {letter} is {wanted}, found {shown(size)}")
            axis = names[letter]
            if fixed.setdefault(axis, size) != size:
                raise InvalidDescription(f"sizes: {letter} = {size}, but the same axis has size {fixed[axis]} as {first[axis]}")
            first.setdefault(axis, letter)
        return fixed

    def check_dependence(self, equations: Sequence[Equation]) -> None:
        """A cost that depends on no parameter has no gradient."""
        reads = {equation.tensor.name: equation.reads for equation in equations}
        cost = equations[-1].tensor.name
        if reader := next((equation for equation in equations if cost in equation.reads and equation.tensor.name != cost), None):
            title = self.defined[reader.tensor.name].first.title
            raise InvalidDescription(f"{title}: reads {cost!r}, which is the cost, being last; no other equation depends on the cost")
        waiting, seen = [cost], set()
        while waiting:
            name = waiting.pop()
            if name in self.declared and self.declared[name].role is Role.PARAMETER:
                return
            if name not in seen:
                seen.add(name)
                waiting += reads.get(name, ())
        parameters = ", ".join(name for name, tensor in self.declared.items() if tensor.role is Role.PARAMETER)
        last = self.defined[cost].first
        raise InvalidDescription(f"{last.title}: the cost depends on no parameter (declared: {parameters}), so that there is no gradient")

    def ordered(self, equations: Sequence[Equation]) -> list[tuple[Equation, ...]]:
        try:
            return [group.equations for group in grouped(equations)]
        except InvalidDescription as problem:
            names = str(problem).partition(":")[0].split(", ")
            numbers = [str(self.defined[name].first.number) for name in names if name in self.defined]
            placed = any(self.defined[name].placed for name in names if name in self.defined)
            remedy = "; a step reads the one before it, as in h[n,t] = … h[n,t-1] and not h[n,t+1] = … h[n,t]" if placed else ""
            raise InvalidDescription(f"equation{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}: {problem}{remedy}") from None

    def appearing(
        self, equations: Sequence[Equation], tensors: Mapping[str, Tensor], read: Mapping[int, Iterable[str]], names: Mapping[str, str]
    ) -> dict[str, None]:
        """The axes in the order of the tensors that have them, then those that only sums have."""
        order = {axis_name(letter): None for tensor in tensors.values() for letter in tensor.axes}
        for line in (line for equation in equations for line in self.defined[equation.tensor.name].lines):
            order |= dict.fromkeys(names[letter] for letter in sorted(read[line.number]) if letter in names)
        return order | dict.fromkeys(names[tensor.points_into] for tensor in self.declared.values() if tensor.points_into)

    def axes(
        self, names: Iterable[str], fixed: Mapping[str, int], tensors: Mapping[str, Tensor], reader: _EquationReader
    ) -> dict[str, Axis]:
        direct, by_targets = (
            {axis_name(letter): None for tensor in tensors.values() if tensor.role in roles for letter in tensor.axes}
            for roles in ((Role.INPUT, Role.PARAMETER), (Role.TARGET,))
        )
        placed = {axis: places for axis, places in reader.placed.items() if axis not in fixed}
        known = {axis: None for axis in (*direct, *fixed) if axis not in placed}
        found = rules(reader.sums, placed, known)
        if rest := [axis for axis in by_targets if axis not in found and axis not in known]:
            # What only a target has is read from it.
            known |= dict.fromkeys(rest)
            found = rules(reader.sums, placed, known)
        order = list(names)
        unknown = [axis for axis in order if axis not in known and axis not in found]
        if unknown:
            remedy = f"write sizes = {{ {unknown[0]} = … }}"
            raise InvalidDescription(f"sizes: {unknown[0]} is no index of an input, a target or a parameter; {remedy}")
        return with_rules(order, fixed, found, reader.sums)


def _written(names: Mapping[str, str]) -> list[str]:
    return [letter for letter in names if "@" not in letter]


class _EquationReader:
    """Reads right sides, and notes what they say of sizes."""

    def __init__(
        self,
        reading: _Reading,
        tensors: Mapping[str, Tensor],
        names: Mapping[str, str],
        read: Mapping[int, Mapping[str, None]],
        fixed: Mapping[str, int],
    ) -> None:
        self.reading, self.tensors, self.names, self.letters, self.fixed = reading, tensors, names, read, fixed
        self.sums: list[IndexSumRead] = []
        self.placed: dict[str, list[Expr]] = {}
        self.where = ""
        self.with_boundary_at = {(line.name, place) for line in reading.boundaries for place in line.places if isinstance(place, int)}
        self.values = {name: scalar(name) for name in reading.constants}
        self.reads: dict[str, Callable[..., Expr]] = {name: self.reading_of(tensor) for name, tensor in tensors.items()}
        self.ranks = {name: len(tensor.axes) for name, tensor in tensors.items()}
        self.integers = frozenset(name for name, tensor in tensors.items() if tensor.is_integer)

    def reading_of(self, tensor: Tensor) -> Callable[..., Expr]:
        name, is_integer = tensor.name, tensor.is_integer

        def read(*indices: Expr) -> Expr:
            for axis, part in zip(tensor.axes, indices, strict=True):
                if isinstance(part, Integer):
                    self.check_place(tensor, axis, int(part))
                elif not isinstance(part, Symbol | Indexed):
                    self.sums.append(IndexSumRead(axis_name(axis), part, self.where))
            return entry(name, indices, is_integer)

        return read

    def check_place(self, tensor: Tensor, axis: Symbol, place: int) -> None:
        """A whole number as an index is inside, or where a boundary value is."""
        if (tensor.name, place) in self.with_boundary_at:
            return
        if place < 0:
            raise NotExpressible(f"places are counted from 0, found {place}, at which {tensor.name} has no boundary value")
        size = self.fixed.get(axis_name(axis))
        if size is not None and place >= size:
            raise NotExpressible(f"the place {place} is outside of the axis {axis_name(axis)} of size {size}; its last is {size - 1}")

    def add_boundaries(self, bounds: Sequence[Boundary]) -> None:
        for name in dict.fromkeys(bound.tensor.name for bound in bounds):
            own = [bound for bound in bounds if bound.tensor.name == name]
            self.reads[name] = with_boundaries(self.reads[name], own)

    def expression(self, line: Line, symbols: Mapping[str, Symbol], left: Iterable[str]) -> Expr:
        self.where = line.title
        try:
            return expression_of(line.right, self.scope(symbols, left))
        except InvalidDescription as problem:
            raise InvalidDescription(f"{line.title}: {problem}") from None

    def scope(self, symbols: Mapping[str, Symbol], left: Iterable[str]) -> Scope:
        return Scope(
            values=self.values,
            tensors=self.reads,
            ranks=self.ranks,
            letters=frozenset(left),
            symbols=symbols,
            integers=self.integers,
        )

    def boundary(self, line: Line) -> Boundary:
        tensor = self.tensors[line.name]
        place, at = next((place, at) for place, at in enumerate(line.places) if isinstance(at, int))
        size = self.fixed.get(axis_name(tensor.axes[place]))
        if at >= 0 and (size is None or at < size):
            remedy = f"'{line.name}' has its own equation there" if size is not None else f"give the size of {tensor.axes[place]} in sizes"
            raise InvalidDescription(f"{line.title}: a boundary value stands before the first place (-1) or after the last; {remedy}")
        own = dict(zip(line.letters, tensor.axes[:place] + tensor.axes[place + 1 :], strict=True))
        value = self.expression(line, symbols_of(own, self.letters[line.number], self.names), own)
        return Boundary(tensor, place, at, value)

    def equation(self, definition: Definition) -> Equation:
        tensor = self.tensors[definition.name]
        if definition.placed:
            return Equation(tensor, Add(*(self.placement(line, definition, tensor).term(tensor.axes) for line in definition.lines)))
        own = {str(letter): axis for letter, axis in zip(definition.letters, tensor.axes, strict=True)}
        symbols = symbols_of(own, self.letters[definition.first.number], self.names)
        return Equation(tensor, self.expression(definition.first, symbols, own))

    def placement(self, line: Line, definition: Definition, tensor: Tensor) -> Placement:
        plain = {
            str(place): axis
            for position, (place, axis) in enumerate(zip(line.places, tensor.axes, strict=True))
            if position not in definition.placed
        }
        # A letter of its own for the placed axis, so that none on the left is taken for it.
        marked = {f"@{position}": tensor.axes[position] for position in definition.placed}
        symbols = symbols_of({**plain, **marked}, self.letters[line.number], self.names)
        left = {*plain, *(letter for letter in line.letters)}
        for place in line.places:
            if not isinstance(place, str | int):
                left |= set(letters_in_sum(place))
                left |= set(letters_read(place, {}, {}, LetterAxes()))
        scope = self.scope(symbols, left)
        self.where = line.title

        def subscript(node: object) -> Expr:
            return expression_of(type(line.left)(line.left.text, node), scope)  # type: ignore[arg-type]

        indices = []
        for position, (place, axis) in enumerate(zip(line.places, tensor.axes, strict=True)):
            if position not in definition.placed:
                indices.append(axis)
                continue
            if isinstance(place, str):
                found: Expr = symbols[place]
            elif isinstance(place, int):
                found = Integer(place)
            else:
                try:
                    found = index_expression(place, scope, {}, line.left, subscript)
                except InvalidDescription as problem:
                    raise InvalidDescription(f"{line.title}: {problem}") from None
            indices.append(found)
            self.placed.setdefault(axis_name(axis), []).append(found)
        return Placement(tuple(indices), self.expression(line, symbols, left))
