"""An array program in single assignments: each operation makes one new array, and says by letters how its operands' dimensions meet.

    z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]      product  z1_1[n,j] = Σ_i x[n,i] W1[j,i]
                                              add      z1[n,j]   = z1_1[n,j] + b1[j]

Letters stand for dimensions only within one operation. How an array lies in memory, and in which, is decided by later passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from symbolic.arrays import Array, Letters
from symbolic.axes import axis_name

#: Functions of every entry that NumPy computes into an array that is there.
UFUNCS = frozenset(
    "add subtract multiply divide negative exp log sqrt square power tanh sinh cosh sin cos tan arcsin arccos arctan absolute sign "
    "maximum minimum logaddexp".split()
)
COMPARISONS = frozenset("equal greater greater_equal less less_equal".split())
#: Operations whose result can lie where one of their operands did.
ENTRYWISE = UFUNCS | COMPARISONS | {"where", "copy"}


class Kind(Enum):
    """What the entries of an array are."""

    FLOAT = "dtype"
    TEST = "bool"
    INTEGER = "int"


class Origin(Enum):
    """Since when an array is there."""

    MADE = "the workspace"
    PARAMETER = "the parameters"
    CALL = "each call"


@dataclass(frozen=True, slots=True)
class Entry:
    """An array as an operand: a letter for each of its dimensions."""

    name: str
    letters: Letters


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number that is known before any data is: made of numbers, sizes and constants."""

    array: Array


Operand = Entry | Scalar


@dataclass(frozen=True, slots=True)
class Value:
    """An array of the program: the axis of each dimension, by name."""

    name: str
    axes: tuple[str, ...]
    kind: Kind = Kind.FLOAT
    origin: Origin = Origin.MADE


@dataclass(frozen=True, slots=True)
class Output:
    """The parameter whose gradient a value is, and which of the value's dimensions each of the parameter's is."""

    parameter: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """`result` = `function` of the operands; sums run over `over`.

    `equation` names the tensor for which it is computed. "plain" operations have the expression that they print in `detail`, a loop that
    is printed as it stands has its lines there.
    """

    function: str
    operands: tuple[Operand, ...]
    result: Entry
    equation: str
    over: Letters = ()
    detail: Array | tuple[str, ...] | None = None
    #: What is computed at once, where that is several.
    members: tuple[Operation, ...] = ()

    @property
    def results(self) -> tuple[Entry, ...]:
        """What the operation makes."""
        return tuple(member.result for member in self.members) or (self.result,)

    @property
    def entries(self) -> Iterator[Entry]:
        """The operands that are arrays."""
        return (operand for operand in self.operands if isinstance(operand, Entry))


@dataclass(frozen=True)
class Section:
    """Forward, cost or backward: the equations that it computes, by the name of their tensor, as text with their shapes."""

    title: str
    equations: dict[str, str]


@dataclass(frozen=True)
class ArrayProgram:
    """Operations in the order in which they run.

    `tensors` says which value holds a tensor, with the tensor's own letters for the value's dimensions, `declared` the order in which the
    tensor has them; `outputs` are the values that must be
    there at the end; `reasons` why something is printed as in plain style.
    """

    sections: tuple[Section, ...]
    operations: tuple[Operation, ...]
    values: dict[str, Value]
    tensors: dict[str, Entry]
    declared: dict[str, Letters]
    outputs: dict[str, Output]
    cost: str
    reasons: dict[str, str] = field(default_factory=dict)
    #: Values that are there at the end beside those.
    kept: tuple[str, ...] = ()

    def with_values(self, values: dict[str, Value]) -> ArrayProgram:
        return replace(self, values=values)


def axes_of(letters: Letters) -> tuple[str, ...]:
    return tuple(axis_name(letter) for letter in letters)
