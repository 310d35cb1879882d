"""Two sides of a claim, compared by their numbers: those of a step, or an adjoint and what complex steps give.

A difference is told from rounding by what it is a part of: the largest entry of either side, or, where that is 0 up to rounding, what is
added up in it. Sides in which nothing is added up, as no term of them reaches the cost, agree whatever is claimed: that is no evidence.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Expr, Symbol

from chainrule.symbolic.derivation.adjoint import Adjoint, Step
from chainrule.symbolic.derivation.partial_derivative import PartialDerivative
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.index.index_letters import free_letters
from chainrule.symbolic.index.limits import MOST_TRIED_POSITIONS
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.system.recurrence import grouped
from chainrule.symbolic.system.system import Equation

from .complex_steps import slope_of_all, slopes
from .draws import MOST_ROUNDINGS, SEED, rounded_zeros
from .interpreter import evaluate
from .magnitudes import magnitude
from .numbers import Numbers
from .zero_adjoints import is_zero

TOLERANCE = 1e-9
#: A part of the largest adjoint below which, times the tolerance, another one is rounding.
CANCELLED = 1e-6
#: An error as small as that is rounding, whatever it is a part of.
EXACT = 1e-13
#: Where entries are smaller than this part of what is added up in them, they are 0 up to rounding.
SMALLEST_PART = 1e-3
#: Entries of an adjoint that are found by a complex step through the whole network; where it goes through more than a few steps each
#: time, some directions in their place.
MOST_SLOPES = 40
FEW_STEPS = 8
DIRECTIONS = 1


@dataclass(frozen=True, slots=True)
class Compared:
    """What was evaluated in the derivation of `tensor`: the two sides of a step, or an adjoint's equation beside complex steps.

    It is vacuous where nothing is added up on either side, though the formulas don't say so.
    """

    tensor: str
    claim: Step | Equation
    error: float
    is_vacuous: bool = False

    @property
    def is_equal(self) -> bool:
        return self.error <= TOLERANCE

    def checked(self) -> float:
        """The error; raises `CheckFailed` beyond the tolerance."""
        if not self.is_equal:
            raise CheckFailed(str(self))
        return self.error

    def __str__(self) -> str:
        """What does not hold, or was not seen, in words, with the equation."""
        if isinstance(self.claim, Equation):
            said, sides = f"∂C/∂{self.tensor}", f"  {self.claim}"
            wrong = f"{said} is not what complex steps give: they differ by {self.error:.1e}"
        else:
            said, sides = f"a step for {self.tensor}", f"  before: {self.claim.before}\n  after:  {self.claim.after}"
            wrong = f"{said} does not hold ({self.claim.rule}): the sides differ by {self.error:.1e}"
        unseen = (
            f"{said} was not checked: all its terms are 0 with up to {MOST_TRIED_POSITIONS} positions of an axis, the limit "
            f"(chainrule list limits); is {self.tensor} read further?"
        )
        return f"{unseen if self.is_equal else wrong}\n{sides}"


@dataclass(frozen=True, slots=True)
class Difference:
    """How large it is, relative to what it is a part of, and whether there was anything to differ."""

    error: float
    is_vacuous: bool = False


class LastSide:
    """The last side that was evaluated: most steps begin with what the one before them ended with."""

    def __init__(self) -> None:
        self.found: tuple[Expr, Numbers, tuple[Symbol, ...], NumericArray] | None = None

    def value(self, side: Expr, numbers: Numbers, over: tuple[Symbol, ...]) -> NumericArray:
        if self.found is None or self.found[1] is not numbers or self.found[0] != side or self.found[2] != over:
            self.found = side, numbers, over, evaluate(side, numbers, over)
        return self.found[3]


def compared_step(
    name: str, step: Step, numbers: Numbers, zeros: Collection[str] = (), adjoint: Adjoint | None = None, last: LastSide | None = None
) -> Compared:
    """Both sides of a step; `zeros` are the adjoints that are 0 by their formulas, and `last` is what the step before this one ended with.

    Where a side is the `adjoint` itself, as at the start of its derivation, neither side shows what is added up in it.
    """
    is_start = adjoint is not None and step.before == adjoint.as_tensor.own_entry
    found = sides_compared(step.before, step.after, numbers, adjoint if is_start else None, last)
    return Compared(name, step, found.error, found.is_vacuous and not (is_zero(step.before, zeros) or is_zero(step.after, zeros)))


def compared_adjoint(adjoint: Adjoint, numbers: Numbers, zeros: Collection[str] = (), most: int = MOST_SLOPES) -> Compared:
    """An adjoint beside complex steps through the whole network."""
    found = _beside_slopes(adjoint, numbers, most)
    return Compared(adjoint.tensor.name, adjoint.equation, found.error, found.is_vacuous and not is_zero(adjoint.expression, zeros))


def sides_compared(left: Expr, right: Expr, numbers: Numbers, adjoint: Adjoint | None = None, last: LastSide | None = None) -> Difference:
    """Two expressions evaluated at every position of the letters of either; in extended precision where double precision does not do.

    They are parts of what is added up in them, and in the `adjoint` that both are, where one is given.
    """
    over = tuple(sorted(free_letters(left) | free_letters(right), key=lambda letter: letter.name))
    last = last or LastSide()
    before, after = where_defined(numbers, *(last.value(side, numbers, over) for side in (left, right)))
    error = difference(before, after, 0.0)
    if error <= EXACT and (np.any(_finite(before)) or np.any(_finite(after))):
        return Difference(error)
    added = np.maximum(magnitude(left, numbers, over), magnitude(right, numbers, over))
    if adjoint is not None and set(over) == set(adjoint.equation.indices):
        added = np.maximum(added, added_up(adjoint, numbers, over))
    floor = SMALLEST_PART * added
    if left.has(PartialDerivative) or right.has(PartialDerivative):
        floor = floor + smallest_told(numbers)
    error = difference(before, after, floor)
    if not error <= TOLERANCE and numbers.precise is not None:
        return sides_compared(left, right, numbers.precise, adjoint)
    return Difference(error, not np.any(added))


def _finite(array: NumericArray) -> NumericArray:
    return np.where(np.isfinite(array), array, 0)


def where_defined(numbers: Numbers, left: NumericArray, right: NumericArray) -> tuple[NumericArray, NumericArray]:
    """Two sides without the entries that one has no number for, where some entry of the network itself is none.

    r/s and r²/z are not both numbers where r = z/s is 0/0. As the cost and all adjoints are numbers, what is left out reaches neither.
    """
    is_number = np.isfinite(left) & np.isfinite(right)
    if np.all(is_number) or numbers.first_gap() is None:
        return left, right
    return np.where(is_number, left, 0), np.where(is_number, right, 0)


def difference_of_sides(left: Expr, right: Expr, numbers: Numbers) -> float:
    """The difference of two expressions, relative to what it is a part of."""
    return sides_compared(left, right, numbers).error


def step_error(name: str, step: Step, numbers: Numbers) -> float:
    """The difference of the two sides; raises `CheckFailed` beyond the tolerance."""
    return compared_step(name, step, numbers).checked()


def difference(left: NumericArray, right: NumericArray, floor: NumericArray | float = 1e-3) -> float:
    """max |left − right| / max(|left|, |right|, floor); entries that are infinite or not numbers must be so on both sides."""
    finite = np.isfinite(left) & np.isfinite(right)
    if np.any(np.isfinite(left) != np.isfinite(right)):
        return float("inf")
    if not np.any(finite):
        return 0.0
    # In the wider of both types: 1e-2000 is no 0.
    largest = np.maximum(np.max(np.abs(left[finite])), np.max(np.abs(right[finite])))
    scale = np.maximum(largest, np.broadcast_to(floor, np.shape(left))[finite])
    apart = np.abs(left[finite] - right[finite])
    return float(np.max(np.divide(apart, scale, out=np.zeros_like(scale), where=apart > 0)))


def against_complex_step(adjoint: Adjoint, numbers: Numbers, most: int) -> float:
    """The error of an adjoint by complex steps at `most` positions or a few more.

    Raises:
        CheckFailed: where the adjoint differs from them.
    """
    return compared_adjoint(adjoint, numbers, most=most).checked()


def _beside_slopes(adjoint: Adjoint, numbers: Numbers, most: int) -> Difference:
    """∂C/∂u beside complex steps through the whole network: u is moved, everything after it is computed again.

    In single entries; where that is a way through many steps each time, in random directions: they are off by as much as the adjoint is.
    """
    name, found = adjoint.tensor.name, np.real(numbers.arrays[adjoint.as_tensor.name])
    # Behind the tensor's own axes are those of an entry that is held.
    own = found.shape[: len(adjoint.tensor.axes)]
    moves: list[NumericArray]
    if _most_steps(numbers) > FEW_STEPS:
        rng = np.random.default_rng(SEED)
        moves = [rng.standard_normal(own) for _ in range(DIRECTIONS)]
        expected = np.array([slope_of_all({name: move}, numbers) for move in moves])
    else:
        positions = _tried_positions(np.max(np.abs(found), axis=tuple(range(len(own), found.ndim)), initial=0), most)
        moves = [_unit(own, position) for position in positions]
        expected = slopes(name, positions, numbers)
    derived = np.array([np.tensordot(move, found, move.ndim) for move in moves])
    usual = np.array([np.sqrt(np.tensordot(move**2, found**2, move.ndim)) for move in moves])
    error = difference(derived, expected, usual)
    if error <= EXACT and np.any(derived):
        return Difference(error)
    added = added_up(adjoint, numbers, adjoint.equation.indices)
    rounding = rounded_zeros(numbers).get(adjoint.as_tensor.name, 0.0) * MOST_ROUNDINGS / TOLERANCE + smallest_told(numbers)
    if numbers.precise is None:
        # What cancels in the adjoints that this one reads is rounding of the largest of all.
        rounding += CANCELLED * max(float(np.max(np.abs(array), initial=0)) for array in _adjoints(numbers, adjoint))
    part = np.array([np.sqrt(np.tensordot(move**2, (SMALLEST_PART * added + rounding) ** 2, move.ndim)) for move in moves])
    error = difference(derived, expected, np.maximum(usual, part))
    if not error <= TOLERANCE and numbers.precise is not None:
        return _beside_slopes(adjoint, numbers.precise, most)
    return Difference(error, not np.any(added) and not np.any(np.abs(expected) > numbers.step))


def smallest_told(numbers: Numbers) -> np.floating[Any]:
    """What the tolerance is a part of where all is 0: f(u + ih) has h² f″/2 and more in it, so that slopes of 0 are something below h.

    Of double precision's step that is left to the wider one, which tells more.
    """
    return numbers.step / TOLERANCE if numbers.precise is None else np.float64(0.0)


def _adjoints(numbers: Numbers, adjoint: Adjoint) -> list[NumericArray]:
    """The values of all adjoints, this one among them."""
    names = [numbers.system.adjoint_name(name) for name in numbers.system.tensors]
    return [numbers.arrays[name] for name in (adjoint.as_tensor.name, *names) if name in numbers.arrays]


def added_up(adjoint: Adjoint, numbers: Numbers, letters: tuple[Symbol, ...]) -> NumericArray:
    """In the adjoint at every position of its letters, or in one of its earlier forms: what cancels may have been left out on the way."""
    # Local derivatives that are not worked out yet take as many evaluations as a tensor has entries.
    sides = (adjoint.expression, *(step.after for step in adjoint.steps if not step.after.has(PartialDerivative)))
    added = [magnitude(side, numbers, letters) for side in dict.fromkeys(sides) if free_letters(side) <= set(letters)]
    largest: NumericArray = np.maximum.reduce(added) if added else np.zeros([numbers.sizes[axis_name(letter)] for letter in letters])
    return largest


def _unit(shape: tuple[int, ...], position: tuple[int, ...]) -> NumericArray:
    unit = np.zeros(shape)
    unit[position] = 1
    return unit


def _most_steps(numbers: Numbers) -> int:
    """Of the longest recurrence."""
    groups = grouped(numbers.system.equations)
    return max(sum(numbers.sizes[direction.axis] for direction in group.directions) or 1 for group in groups)


def _tried_positions(found: NumericArray, most: int) -> list[tuple[int, ...]]:
    """Every position of a small array; of a large one the first, the last, the one of its largest entry, and some between.

    The steps of its derivation are evaluated at all of them; this holds the result against the network as a whole.
    """
    every = list(np.ndindex(found.shape))
    if len(every) <= most:
        return every
    between = np.random.default_rng(SEED).choice(len(every), most, replace=False)
    return [every[place] for place in sorted({0, len(every) - 1, int(np.argmax(np.abs(found))), *map(int, between)})]
