"""A system from declarations and equations in text: letters are matched to axes, sizes inferred, and everything checked.

Letters that index the same place of a tensor run over the same axis. All letters of an axis become the first one's twins (`k`, `k_`), so
that an axis has one name whatever it is called where.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Indexed, Integer, KroneckerDelta, Mul, Sum, Symbol

from .axes import PRIME, Axis, axis_name, index, size_symbol
from .equations import Equation, System
from .failures import InvalidDescription, expected_one_of, shown
from .language import RESERVED, Scope, parse_expression
from .letters import is_letter, letters, nodes
from .recurrence import grouped
from .tensors import Role, Tensor, Values, adjoint_name, scalar

DECLARATION = re.compile(r"\s*([A-Za-z]\w*)\s*(?:\[([^\]]*)\])?\s*(?:in\s+([A-Za-z]\w*))?\s*")
LEFT_SIDE = re.compile(r"\s*([A-Za-z]\w*)\s*(?:\[([^\]]*)\])?\s*")
#: Tensors whose arrays are given, and from which sizes are read.
GIVEN = (Role.INPUT, Role.TARGET, Role.PARAMETER)
LETTER = re.compile(r"[A-Za-z]\w*")


@dataclass(frozen=True, slots=True)
class Declared:
    """A tensor as it is declared: its name, its letters as written, and the axis that its entries point into."""

    name: str
    letters: tuple[str, ...]
    points_into: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One equation as written, with its place in the text."""

    number: int
    left: Declared
    right: str
    #: Of a boundary such as h[n,-1,j] = h0[n,j]: the position of the fixed index, and its value.
    fixed: tuple[int, int] | None = None


def system_from_equations(
    equations: str,
    parameters: Sequence[str],
    inputs: Sequence[str] = (),
    targets: Sequence[str] = (),
    sizes: Mapping[str, int] | None = None,
    constants: Mapping[str, float] | None = None,
    batch: str | None = None,
    name: str = "network",
) -> System:
    """The system that declarations and equations describe.

    Raises:
        InvalidDescription: with the equation and the place in it, for whatever does not fit.
    """
    return _Reading(equations, parameters, inputs, targets, sizes or {}, constants or {}, batch, name).system()


class _Reading:
    """One description on its way to a system."""

    def __init__(
        self,
        equations: str,
        parameters: Sequence[str],
        inputs: Sequence[str],
        targets: Sequence[str],
        sizes: Mapping[str, int],
        constants: Mapping[str, float],
        batch: str | None,
        name: str,
    ) -> None:
        self.name, self.batch, self.sizes, self.constants = name, batch, dict(sizes), dict(constants)
        lines = _lines(equations)
        self.lines = [line for line in lines if line.fixed is None]
        self.boundaries = [line for line in lines if line.fixed is not None]
        if not self.lines:
            raise InvalidDescription("there is no equation but boundary values; the last one is the cost")
        given = [(Role.INPUT, inputs), (Role.TARGET, targets), (Role.PARAMETER, parameters)]
        self.declared: dict[str, tuple[Declared, Role]] = {}
        for role, texts in given:
            for text in texts:
                self.add(_declared(text), role)
        for line in self.lines:
            is_last = line is self.lines[-1]
            self.add(line.left, Role.COST if is_last and not line.left.letters else Role.INTERMEDIATE, line)
        self.check_names()

    def add(self, declared: Declared, role: Role, line: Line | None = None) -> None:
        where = f"equation {line.number}: " if line else ""
        if declared.name in self.declared:
            raise InvalidDescription(f"{where}{declared.name!r} is given twice")
        if declared.name in RESERVED or declared.name in self.constants:
            raise InvalidDescription(f"{where}{declared.name!r} already has a meaning; choose another name")
        for word in (declared.name, adjoint_name(declared.name), *declared.letters):
            if keyword.iskeyword(word):
                raise InvalidDescription(
                    f"{where}{declared.name!r} would make {word!r} a name, which is a word of Python's; choose another"
                )
        self.declared[declared.name] = declared, role

    def check_names(self) -> None:
        if self.lines[-1].left.letters:
            last = self.lines[-1]
            left = f"{last.left.name}[{','.join(last.left.letters)}]"
            raise InvalidDescription(
                f"equation {last.number}: the last equation is the cost and has no index, found {left}; sum over its indices"
            )
        for name in self.declared:
            if adjoint_name(name) in self.declared:
                raise InvalidDescription(
                    f"{adjoint_name(name)!r} is how the derivative by {name!r} is called; give the tensor another name"
                )
            if name == "N" or name.startswith("N_"):
                raise InvalidDescription(f"{name!r} is how a size is called (N, N_k); give the tensor another name")
        if not any(role is Role.PARAMETER for _, role in self.declared.values()):
            raise InvalidDescription("parameters: found none, expected at least one tensor to differentiate by")
        used = {letter for declared, _ in self.declared.values() for letter in declared.letters}
        for letter in used & set(self.declared):
            raise InvalidDescription(f"{letter!r} is a tensor and an index; give one of them another name")

    def system(self) -> System:
        written = {line.left.name: self.parsed(line) for line in self.lines}
        for boundary in self.boundaries:
            value = self.parsed(boundary)
            written = {name: self.with_boundary(expression, boundary, value) for name, expression in written.items()}
        same = _SameAxis()
        for declared, _ in self.declared.values():
            for letter in declared.letters:
                same.find(letter)
        for line in self.lines:
            self.match_letters(line, written[line.left.name], same)
        names = same.representatives([letter for declared, _ in self.declared.values() for letter in declared.letters])
        tensors = {name: self.tensor(declared, role, names) for name, (declared, role) in self.declared.items()}
        equations = tuple(
            Equation(tensors[line.left.name], self.renamed(written[line.left.name], line, tensors, names)) for line in self.lines
        )
        # In the order in which they can be computed; a circle without a shift has none.
        equations = tuple(equation for group in grouped(equations) for equation in group.equations)
        axes = self.axes(equations, tensors, names)
        constants = {name: _finite_constant(name, value) for name, value in self.constants.items()}
        if self.batch and self.batch not in names:
            raise InvalidDescription(f"batch: no index is called {self.batch!r}; {expected_one_of(self.batch, names)}")
        batch = names.get(self.batch, self.batch) if self.batch else None
        return System(self.name, axes, tensors, equations, constants, batch)

    def parsed(self, line: Line) -> Expr:
        ranks = {name: len(declared.letters) for name, (declared, _) in self.declared.items()}
        integers = frozenset(name for name, (declared, _) in self.declared.items() if declared.points_into)
        tensors = {name: Tensor(name, (), Role.INPUT, Values.LABELS if name in integers else Values.REAL).at for name in ranks}
        scope = Scope(
            values={name: scalar(name) for name in self.constants},
            tensors=tensors,
            ranks=ranks,
            letters=frozenset(line.left.letters),
            integers=integers,
        )
        try:
            return parse_expression(line.right, scope)
        except InvalidDescription as problem:
            raise InvalidDescription(f"equation {line.number} ({line.left.name}): {problem}") from None

    def with_boundary(self, expression: Expr, line: Line, value: Expr) -> Expr:
        """Every read of a tensor at a shifted place with its boundary added: h[n,t-1,j] + δ(t-1, -1) h0[n,j]; out of range h is 0."""
        if line.left.name not in self.declared:
            raise InvalidDescription(f"equation {line.number}: {line.left.name!r} has a boundary value but no equation")
        assert line.fixed is not None
        place, at = line.fixed
        replaced = {}
        for node in nodes(expression):
            if isinstance(node, Indexed) and str(node.base.label) == line.left.name and not is_letter(node.indices[place]):
                own = [index(letter) for letter in line.left.letters]
                others = [part for position, part in enumerate(node.indices) if position != place]
                here = value.xreplace(dict(zip(own, others, strict=True)))
                shifted = node.indices[place]
                letter = next(iter(letters(shifted)), None)
                fixes = KroneckerDelta(letter, at - (shifted - letter)) if letter is not None else KroneckerDelta(shifted, at)
                replaced[node] = node + fixes * here
        return expression.xreplace(replaced)

    def match_letters(self, line: Line, expression: Expr, same: _SameAxis) -> None:
        """Letters that index the same place of a tensor run over the same axis."""
        for letter in letters(expression):
            same.find(str(letter.name))
        for node in nodes(expression):
            if not isinstance(node, Indexed):
                continue
            declared, _ = self.declared[str(node.base.label)]
            for place, letter in zip(node.indices, declared.letters, strict=True):
                if is_letter(place):
                    same.join(str(place.name), letter)
                elif isinstance(place, Indexed):
                    target = self.declared[str(place.base.label)][0].points_into
                    if target is not None:
                        same.join(target, letter)

    def tensor(self, declared: Declared, role: Role, names: Mapping[str, str]) -> Tensor:
        taken: set[Symbol] = set()
        own = []
        for letter in declared.letters:
            chosen = index(names[letter])
            while chosen in taken:
                chosen = index(chosen.name + PRIME)
            taken.add(chosen)
            own.append(chosen)
        values = Values.LABELS if declared.points_into else Values.REAL
        into = names.get(declared.points_into, declared.points_into) if declared.points_into else None
        return Tensor(declared.name, tuple(own), role, values, into)

    def renamed(self, expression: Expr, line: Line, tensors: Mapping[str, Tensor], names: Mapping[str, str]) -> Expr:
        """The letters of an equation as twins of their axes' names; the left side keeps its tensor's own."""
        tensor = tensors[line.left.name]
        mapping: dict[Symbol, Symbol] = {index(old): new for old, new in zip(line.left.letters, tensor.axes, strict=True)}
        taken = set(tensor.axes)
        for letter in sorted(letters(expression) - set(mapping), key=lambda letter: str(letter.name)):
            chosen = index(names.get(str(letter.name), str(letter.name)))
            while chosen in taken:
                chosen = index(chosen.name + PRIME)
            taken.add(chosen)
            mapping[letter] = chosen
        sizes = {axis_size: new for old, new_letter in mapping.items() for axis_size, new in [_size_pair(old, new_letter)]}
        return _counted(expression.xreplace({**mapping, **sizes}), {axis_name(letter) for each in tensors.values() for letter in each.axes})

    def axes(self, equations: Sequence[Equation], tensors: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Axis]:
        sizes: dict[str, int] = {}
        for letter, size in self.sizes.items():
            axis = names.get(letter)
            if axis is None:
                raise InvalidDescription(f"sizes: no index is called {letter!r}; {expected_one_of(letter, names)}")
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise InvalidDescription(f"sizes: {letter} is a whole number of at least 1, found {size!r}")
            if sizes.setdefault(axis, size) != size:
                raise InvalidDescription(f"sizes: {letter} = {size}, but the same axis has size {sizes[axis]} elsewhere")
            sizes[axis] = size
        found = [axis_name(letter) for tensor in tensors.values() for letter in tensor.axes]
        found += [axis_name(letter) for equation in equations for letter in sorted(letters(equation.expression), key=str)]
        found += [tensor.points_into for tensor in tensors.values() if tensor.points_into]
        axes = {axis: Axis(axis, sizes.get(axis)) for axis in dict.fromkeys(found)}
        derived = _with_derived_sizes(axes, equations, tensors)
        given = {axis_name(letter) for tensor in tensors.values() if tensor.role in GIVEN for letter in tensor.axes}
        unknown = [name for name, axis in derived.items() if axis.size is None and name not in given]
        if unknown:
            remedy = f"write sizes = {{ {unknown[0]} = … }}"
            raise InvalidDescription(f"sizes: {unknown[0]} is no index of an input, a target or a parameter; {remedy}")
        return derived


def _counted(expression: Expr, axes: set[str]) -> Expr:
    """Σ_n 1 is the number of examples N, as it is where it comes up in a derivation; Σ_n 1 - 1 would read as Σ_n (1 - 1)."""
    counts = {}
    for total in expression.atoms(Sum):
        counted = [axis_name(limit[0]) for limit in total.limits]
        if total.function.is_number and axes.issuperset(counted):
            counts[total] = Mul(total.function, *map(size_symbol, counted))
    return expression.xreplace(counts)


def _size_pair(old: Symbol, new: Symbol) -> tuple[Symbol, Symbol]:
    return size_symbol(axis_name(old)), size_symbol(axis_name(new))


def _finite_constant(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
        raise InvalidDescription(f"constants: {name} is a finite number, found {shown(value)}")
    return float(value)


class _SameAxis:
    """Which letters run over one axis (union-find)."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}

    def find(self, letter: str) -> str:
        self.parent.setdefault(letter, letter)
        while self.parent[letter] != letter:
            letter = self.parent[letter]
        return letter

    def join(self, first: str, second: str) -> None:
        self.parent[self.find(first)] = self.find(second)

    def representatives(self, order: Sequence[str]) -> dict[str, str]:
        """Letter → the first letter of its axis in the order of declaration."""
        first: dict[str, str] = {}
        for letter in [*order, *self.parent]:
            first.setdefault(self.find(letter), letter.rstrip(PRIME) or letter)
        return {letter: first[self.find(letter)] for letter in self.parent}


def _with_derived_sizes(axes: dict[str, Axis], equations: Sequence[Equation], tensors: Mapping[str, Tensor]) -> dict[str, Axis]:
    """An axis that only occurs in index sums gets the largest range that keeps every read inside."""
    direct = {axis_name(letter) for tensor in tensors.values() if tensor.role in (Role.INPUT, Role.PARAMETER) for letter in tensor.axes}
    for equation in equations:
        for node in nodes(equation.expression):
            if not isinstance(node, Indexed):
                continue
            for part, own in zip(node.indices, tensors[str(node.base.label)].axes, strict=True):
                if is_letter(part) or isinstance(part, Indexed | Integer):
                    continue
                _derive(part, axes[axis_name(own)].size, axes, direct)
    return axes


def _derive(place: Expr, extent: int | None, axes: dict[str, Axis], direct: set[str]) -> None:
    """The size of the one unknown letter of an index sum: a i + b p + c stays below the extent."""
    unknown = [
        letter for letter in sorted(letters(place), key=str) if axes[axis_name(letter)].size is None and axis_name(letter) not in direct
    ]
    if len(unknown) != 1 or extent is None:
        return
    letter = unknown[0]
    step = place.coeff(letter)
    rest = place - step * letter
    top = rest
    for other in letters(rest):
        size = axes[axis_name(other)].size
        if size is None:
            return
        top = top.xreplace({other: Integer(size - 1) if rest.coeff(other) > 0 else Integer(0)})
    if step.is_positive:
        count = (extent - 1 - int(top)) // int(step) + 1
        if count < 1:
            raise InvalidDescription(f"the index sum {place} leaves no position inside an axis of size {extent}")
        axes[axis_name(letter)] = Axis(axis_name(letter), count)


def _lines(text: str) -> list[Line]:
    """The equations of a text, one a line; a line goes on while a bracket is open, and # begins a remark."""
    lines: list[Line] = []
    pending, depth, number = "", 0, 0
    for row in text.splitlines():
        row = row.split("#", 1)[0]
        if not pending and not row.strip():
            continue
        pending += " " + row.strip()
        depth = pending.count("(") + pending.count("[") - pending.count(")") - pending.count("]")
        if depth > 0:
            continue
        number += 1
        lines.append(_line(pending.strip(), number))
        pending = ""
    if pending:
        raise InvalidDescription(f"equation {number + 1}: a bracket is not closed: {pending.strip()[:80]}")
    if not lines:
        raise InvalidDescription("there is no equation; the last one is the cost, as in C = sum(n, (a[n] - y[n])**2)")
    return lines


def _line(text: str, number: int) -> Line:
    left, sign, right = text.partition("=")
    if not sign or not right.strip():
        raise InvalidDescription(f"equation {number}: expected name[indices] = expression, found {text[:80]!r}")
    matched = LEFT_SIDE.fullmatch(left)
    if matched is None:
        raise InvalidDescription(f"equation {number}: the left side is a name with its indices, as in z[n,j], found {left.strip()[:80]!r}")
    parts = [part.strip() for part in (matched.group(2) or "").split(",")]
    fixed = [(place, int(part)) for place, part in enumerate(parts) if re.fullmatch(r"-?\d{1,9}", part)]
    if len(fixed) > 1:
        raise InvalidDescription(f"equation {number}: a boundary value has one fixed index, found {left.strip()}")
    written = ",".join(part for part in parts if part not in {str(value) for _, value in fixed}) if fixed else matched.group(2)
    declared = Declared(matched.group(1), _split_letters(written or None, f"equation {number}"))
    return Line(number, declared, right.strip(), fixed[0] if fixed else None)


def _declared(text: str) -> Declared:
    matched = DECLARATION.fullmatch(text)
    if matched is None:
        raise InvalidDescription(f"a declaration is a name with its indices, as in X[n,k], found {text[:80]!r}")
    return Declared(matched.group(1), _split_letters(matched.group(2), matched.group(1)), matched.group(3))


def _split_letters(text: str | None, where: str) -> tuple[str, ...]:
    if text is None:
        return ()
    parts = [part.strip() for part in text.split(",")]
    for part in parts:
        if LETTER.fullmatch(part) is None:
            raise InvalidDescription(f"{where}: an index on the left or in a declaration is a letter, found {part!r}")
    if len(set(parts)) < len(parts):
        raise InvalidDescription(f"{where}: the indices of a tensor differ, found {', '.join(parts)}")
    return tuple(parts)
