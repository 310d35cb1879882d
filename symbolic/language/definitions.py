"""Which lines of a text define which tensor: one plain equation, or placements that add up; boundary values apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from chainrule.symbolic.index.failures import InvalidDescription, counted, located
from chainrule.symbolic.index.tensors import adjoint_name

from .declarations import Declared, check_name
from .equation_lines import EquationLine


@dataclass(frozen=True, slots=True)
class Definition:
    """A tensor with its lines. `placed` are the positions of its indices at which some line has an index sum.

    `letters` are those of its axes as they are written; an axis that is placed has a mark that no letter can be, "flat@1".
    """

    name: str
    lines: tuple[EquationLine, ...]
    letters: tuple[str, ...]
    placed: frozenset[int] = frozenset()

    @property
    def first(self) -> EquationLine:
        return self.lines[0]


def defined_tensors(
    lines: list[EquationLine], declared: Mapping[str, Declared], constants: Collection[str]
) -> tuple[dict[str, Definition], list[EquationLine]]:
    """The tensors that equations define, in order, and the lines that are boundary values.

    Raises:
        InvalidDescription: where a tensor is given twice, or its lines do not fit each other.
    """
    by_name: dict[str, list[EquationLine]] = {}
    for line in lines:
        by_name.setdefault(line.name, []).append(line)
    boundaries: list[EquationLine] = []
    found: dict[str, Definition] = {}
    for name, own in by_name.items():
        sums = any(not isinstance(place, str | int) for line in own for place in line.places)
        has_plain_line = not sums and any(line.is_plain for line in own)
        fixed = [line for line in own if _is_boundary(line, has_plain_line)]
        boundaries += fixed
        rest = [line for line in own if not _is_boundary(line, has_plain_line)]
        if not rest:
            if name in declared:
                raise InvalidDescription(f"{own[0].title}: {name!r} is given from outside and has no boundary values of its own", own[0].at)
            raise InvalidDescription(f"{own[0].title}: {name!r} has a boundary value but no equation", own[0].at)
        for line in fixed:
            _check_boundary(line, rest[0])
        found[name] = _definition(name, rest, declared)
        with located(rest[0].at, f"equation {rest[0].number}: "):
            check_name(name, rest[0].letters, constants)
    if not found:
        raise InvalidDescription("there is no equation but boundary values; the last one is the cost", ("equations",))
    for name in (*declared, *found):
        if adjoint_name(name) in declared or adjoint_name(name) in found:
            message = f"{adjoint_name(name)!r} is how the derivative by {name!r} is called; give the tensor another name"
            raise InvalidDescription(message, ("equations",))
    return found, sorted(boundaries, key=lambda line: line.key)


def refuse_repeated(lines: Iterable[EquationLine]) -> None:
    """A left side without indices has one equation, which is said before thousands of lines are written out.

    Raises:
        InvalidDescription: at the second equation of one.
    """
    first: dict[str, EquationLine] = {}
    for line in lines:
        if not line.places and first.setdefault(line.name, line) is not line:
            raise _given_twice(first[line.name], line)


def _given_twice(first: EquationLine, second: EquationLine) -> InvalidDescription:
    name = first.name
    return InvalidDescription(
        f"equation {second.number}: {name!r} is given twice, first in equation {first.number}; equations for parts of a tensor "
        f"say which, as in {name}[5 + k] or {name}[k < 5]",
        second.at,
    )


def _is_boundary(line: EquationLine, has_plain_line: bool) -> bool:
    """A fixed index before the first place; or any, where a plain equation already gives every place."""
    fixed = [place for place in line.places if isinstance(place, int)]
    return bool(fixed) and (has_plain_line or min(fixed) < 0)


def _check_boundary(line: EquationLine, first: EquationLine) -> None:
    if len(line.places) - len(line.letters) > 1:
        raise InvalidDescription(f"{line.title}: a boundary value has one fixed index, found {line.left.text}", line.at)
    if len(line.places) != len(first.places):
        raise _other_rank(line, first)


def _other_rank(line: EquationLine, first: EquationLine) -> InvalidDescription:
    found = counted(len(line.places), "index", "indices")
    return InvalidDescription(f"{line.title}: found {found} on the left, but {len(first.places)} in {first.title}", line.at)


def _definition(name: str, lines: list[EquationLine], declared: Mapping[str, Declared]) -> Definition:
    first = lines[0]
    placing = [line for line in lines if not line.is_plain]
    if name in declared:
        message = f"equation {first.number}: {name!r} is given twice, here and as one of the {declared[name].role.value}s"
        raise InvalidDescription(message, first.at)
    if len(lines) > 1 and not placing and not all(line.is_part for line in lines):
        raise _given_twice(first, lines[1])
    for line in lines[1:]:
        if len(line.places) != len(first.places):
            raise _other_rank(line, first)
    placed = frozenset(position for line in placing for position, place in enumerate(line.places) if not isinstance(place, str))
    letters = tuple(f"{name}@{position}" if position in placed else str(place) for position, place in enumerate(first.places))
    return Definition(name, tuple(lines), letters, placed)
