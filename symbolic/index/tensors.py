"""A tensor: a name, its axes, and its role in the network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache

from sympy import Expr, Indexed, IndexedBase, Symbol

from .axes import axis_name

#: What stands before a tensor's name in the name of its adjoint.
ADJOINT_MARK = "d"
#: The same of directions and of second adjoints, vW1 is the direction of W1, hW1 is ∂φ/∂W1; and of cotangents.
DIRECTION_MARK, SECOND_MARK, COTANGENT_MARK = "v", "h", "u"


class Role(Enum):
    """What a tensor is to the network. Only parameters get a gradient that is returned."""

    INPUT = "input"
    TARGET = "target"
    PARAMETER = "parameter"
    INTERMEDIATE = "intermediate"
    COST = "cost"
    ADJOINT = "adjoint"
    DIRECTION = "direction"


class Values(Enum):
    """What the entries of a tensor may be; rewrites depend on it (Σ_k y_k = 1 holds for one-hot rows only)."""

    REAL = "real numbers"
    ONE_HOT = "one-hot rows"
    LABELS = "labels"
    BINARY = "numbers from 0 to 1"
    SIGNS = "-1 or 1"
    DISTRIBUTION = "rows of numbers from 0 that sum to 1"
    POSITIVE = "numbers above 0"
    COUNT = "whole numbers from 0"
    MASK = "0 or 1"
    RANGE = "numbers within limits"
    LENGTHS = "whole numbers up to the size of an axis"
    SYMMETRIC = "arrays that are their own transposes"


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array.

    `axes` are the letters of its own axes in order; `points_into` is the axis that labels count along, `classes` the letter of the axis
    along which one-hot rows and distributions lie, where it is not the last. Of lengths, `points_into` is the axis whose size they have at
    most; `limits` are those of numbers within limits.
    """

    name: str
    axes: tuple[Symbol, ...]
    role: Role
    values: Values = Values.REAL
    points_into: str | None = None
    classes: Symbol | None = None
    limits: tuple[float, float] | None = None

    @property
    def is_integer(self) -> bool:
        return self.values is Values.LABELS

    def class_axis(self, batch: str | None) -> Symbol:
        """The axis along which one-hot rows have their 1: the declared one, else the last that is not the axis of the examples."""
        return self.classes if self.classes in self.axes else next(letter for letter in reversed(self.axes) if letter.name != batch)

    def place_of(self, axis: str) -> int | None:
        """Where it has an axis; None where it has it not."""
        return next((place for place, letter in enumerate(self.axes) if axis_name(letter) == axis), None)

    def at(self, *indices: Expr) -> Expr:
        """The entry at these indices; a tensor without axes is a plain symbol."""
        return entry(self.name, tuple(indices), self.is_integer)

    @property
    def own_entry(self) -> Expr:
        """The entry at the tensor's own letters, e.g. W1[j, i]."""
        return self.at(*self.axes)


class Entry(Indexed):  # type: ignore[misc]
    """The entry of a base, made once, also where SymPy puts others in place of its indices: most of the time that one takes goes into what
    is known of it as a number, and two of the same are compared by that.
    """

    _content: tuple[object, ...]

    @cache  # type: ignore[misc]
    def __new__(cls, tensor: IndexedBase, *indices: Expr) -> Entry:
        made: Entry = super().__new__(cls, tensor, *indices)
        made._content = super()._hashable_content(made)
        return made

    def _hashable_content(self) -> tuple[object, ...]:
        return self._content


class Base(IndexedBase):  # type: ignore[misc]
    """What such entries are of."""

    def __getitem__(self, indices: Expr | tuple[Expr, ...]) -> Entry:
        made: Entry = Entry(self, *(indices if isinstance(indices, tuple) else (indices,)))
        return made


#: SymPy orders what is unlike by the names of its classes.
Entry.__name__, Base.__name__ = Indexed.__name__, IndexedBase.__name__


@cache
def base(name: str, is_integer: bool = False) -> Base:
    """The SymPy base of a tensor's entries; real, so that |u| and sign(u) differentiate as they do on paper."""
    return Base(name, integer=True) if is_integer else Base(name, real=True)


def has_labels(entry: Indexed) -> bool:
    """Whether a tensor's entries are positions along an axis, as its base was told."""
    return bool(entry.base.assumptions0.get("integer"))


@cache
def scalar(name: str) -> Symbol:
    """A tensor without axes."""
    return Symbol(name, real=True)


def entry(name: str, indices: tuple[Expr, ...], is_integer: bool = False) -> Expr:
    """name[indices], or the plain symbol where there are none."""
    return entry_of(base(name, is_integer), indices) if indices else scalar(name)


def entry_of(tensor: IndexedBase, indices: tuple[Expr, ...]) -> Expr:
    """The entry of a base."""
    return tensor[indices]


def entry_name(entry: Expr) -> str:
    """The tensor's name of an entry, or of the plain symbol that it is."""
    return str(entry.base.name if isinstance(entry, Indexed) else entry.name)


def entry_indices(entry: Expr) -> tuple[Expr, ...]:
    """Where an entry is; a tensor without axes has no indices."""
    return tuple(entry.indices) if isinstance(entry, Indexed) else ()


def adjoint_name(name: str, mark: str = ADJOINT_MARK) -> str:
    """The name of ∂C/∂name; a system whose tensors are adjoints themselves has another mark for its own."""
    return f"{mark}{name}"
