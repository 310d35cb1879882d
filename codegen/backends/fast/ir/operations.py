"""An array program in single assignments: each operation makes one new array, and says by letters how its operands' dimensions meet.

    z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]      product  z1_1[n,j] = Σ_i x[n,i] W1[j,i]
                                              add      z1[n,j]   = z1_1[n,j] + b1[j]

Letters stand for dimensions only within one operation. How an array lies in memory, and in which, is decided by later passes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from chainrule.codegen.program.loops import Loop
from chainrule.codegen.program.program import Assignment
from chainrule.symbolic.forms.arrays import Array, Letters
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import Axis, axis_name
from chainrule.symbolic.index.functions import ELEMENTARY
from chainrule.symbolic.system.system import Equation

#: Functions of every entry that NumPy computes into an array that is there.
UFUNCS = frozenset("add subtract multiply divide negative square power".split()).union(
    function.ufunc for function in ELEMENTARY.values() if function.ufunc
)
COMPARISONS = frozenset("equal greater greater_equal less less_equal".split())
#: Functions of every entry that NumPy has not got: the module brings them.
OWN_FUNCTIONS = frozenset({"erf"})
#: Operations whose result can lie where one of their operands did. A "shift" takes off what a softmax need not be without.
ENTRYWISE = UFUNCS | COMPARISONS | OWN_FUNCTIONS | {"where", "copy", "shift"}
#: One for each dimension of an array.
Places = tuple[AffineIndex, ...]


class ElementType(Enum):
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
class ArrayOperand:
    """An array as an operand: a letter for each of its dimensions."""

    name: str
    letters: Letters


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number that is known before any data is: made of numbers, sizes and constants."""

    array: Array


Operand = ArrayOperand | Scalar


class Cut(Enum):
    """What a slice is of the dimension along which it is cut."""

    #: h[t - 1] in a loop over t: one position, `start` steps from the present one.
    STEP = "step"
    #: h[t - 1] for all t: as many positions as there are, from `start` on.
    SHIFTED = "shifted"
    #: h[-1]: the position `start`.
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of another array, cut along its dimension `along`; `dimensions` are the whole's, one for each of the part's own.

    The whole has further positions before the first and after the last, as far as its slices read, which are zero. A step may read other
    arrays there: `beyond` names those that hold boundary values, by position.
    """

    whole: str
    along: int
    start: int
    cut: Cut
    dimensions: tuple[int, ...]
    beyond: tuple[tuple[int, str], ...] = ()

    @property
    def arrays(self) -> tuple[str, ...]:
        """The arrays of which it is a part."""
        return (self.whole, *(name for _, name in self.beyond))

    def renamed(self, names: Mapping[str, str]) -> Slice:
        return replace(self, whole=names[self.whole], beyond=tuple((at, names[name]) for at, name in self.beyond))


@dataclass(frozen=True, slots=True)
class RowBlocks:
    """A loop over the positions of some `axes`, and in it over blocks of `rows` positions along `axis`, `count` of them from `start` on.

    No two loops have one `number`.
    """

    axes: tuple[str, ...]
    axis: str
    rows: int
    count: int
    start: int
    number: int


@dataclass(frozen=True, slots=True)
class Tile:
    """What a loop over blocks of rows reads or writes of another array in one step.

    Along the dimensions that are `fixed` it is one position, that of the loop's axis with the number; `along` is cut into blocks, the first
    of which begins at `start`. `dimensions` are the whole's, one for each of the tile's own.
    """

    whole: str
    fixed: tuple[tuple[int, int], ...]
    along: int | None
    start: int
    dimensions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """An array of the program: the axis of each dimension, by name. A `slice` or `tile` is no array of its own but a view of another.

    `of_step` names the value that it holds for all steps of a loop.
    """

    name: str
    axes: tuple[str, ...]
    kind: ElementType = ElementType.FLOAT
    origin: Origin = Origin.MADE
    slice: Slice | None = None
    of_step: str = ""
    tile: Tile | None = None

    @property
    def is_part(self) -> bool:
        return self.slice is not None or self.tile is not None

    @property
    def arrays(self) -> tuple[str, ...]:
        """The arrays that hold it: itself, or those of which it is a part."""
        if self.tile is not None:
            return (self.tile.whole,)
        return (self.name,) if self.slice is None else self.slice.arrays


@dataclass(frozen=True, slots=True)
class Output:
    """The parameter whose gradient a value is, and which of the value's dimensions each of the parameter's is."""

    parameter: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """`result` = `function` of the operands; sums run over `over`.

    `equation` names the tensor for which it is computed. "plain" operations have the expression that they print in `detail`, a loop as
    in plain style has its assignments there. Operations with the same `loop` follow each other and run together, step by step.
    `places` say where a "window" reads along each dimension of its operand, and where "pad", "spread" and "placed" write along each one
    of their result. A "product" is one of its own for each position of the letters `apart`.
    """

    function: str
    operands: tuple[Operand, ...]
    result: ArrayOperand
    equation: str
    over: Letters = ()
    detail: Array | tuple[Assignment, ...] | None = None
    loop: Loop | RowBlocks | None = None
    places: Places = ()
    apart: Letters = ()
    #: What is computed at once, where that is several.
    members: tuple[Operation, ...] = ()

    @property
    def results(self) -> tuple[ArrayOperand, ...]:
        """What the operation makes."""
        return tuple([member.result for member in self.members]) if self.members else (self.result,)

    @property
    def entries(self) -> tuple[ArrayOperand, ...]:
        """The operands that are arrays."""
        return tuple([operand for operand in self.operands if isinstance(operand, ArrayOperand)])

    def with_arrays(self, operands: tuple[Operand, ...], result: ArrayOperand) -> Operation:
        """The same of other arrays; `dataclasses.replace` takes several times as long."""
        return Operation(
            self.function,
            operands,
            result,
            self.equation,
            self.over,
            self.detail,
            self.loop,
            self.places,
            self.apart,
            self.members,
        )


@dataclass(frozen=True)
class ProgramSection:
    """Forward, cost or backward: the equations that it computes, by the name of their tensor."""

    title: str
    equations: dict[str, Equation]


@dataclass(frozen=True)
class ArrayProgram:
    """Operations in the order in which they run.

    `tensors` says which value holds a tensor, with the tensor's own letters for the value's dimensions, `declared` the order in which the
    tensor has them; `outputs` are the values that must be
    there at the end; `reasons` why something is printed as in plain style.
    """

    sections: tuple[ProgramSection, ...]
    operations: tuple[Operation, ...]
    values: dict[str, Value]
    tensors: dict[str, ArrayOperand]
    declared: dict[str, Letters]
    outputs: dict[str, Output]
    cost: str
    reasons: dict[str, str] = field(default_factory=dict)
    #: Axes of arrays that are no tensors: with a border of zeros.
    axes: dict[str, Axis] = field(default_factory=dict)
    #: Values that are there at the end beside those.
    kept: tuple[str, ...] = ()

    @property
    def first_function(self) -> Collection[str]:
        """The equations of the forward pass where it is a function by itself, which the backward pass may run after without it."""
        return self.sections[0].equations if self.kept else ()

    def keeping(self, tensors: Iterable[str]) -> ArrayProgram:
        """The program at whose end the arrays of these tensors are there too."""
        return replace(self, kept=tuple(dict.fromkeys(self.tensors[name].name for name in tensors)))

    def with_values(self, values: dict[str, Value]) -> ArrayProgram:
        return replace(self, values=values)


def axes_of(letters: Letters) -> tuple[str, ...]:
    return tuple(axis_name(letter) for letter in letters)
