"""Is every equation true? Each step of a derivation is evaluated before and after, on random tensors with pairwise different sizes.

The arrays obey the forward equations and the adjoint equations, and targets are what they claim to be (one-hot rows, labels), so a
rewrite that relies on such a fact is tested on it. Adjoints are also compared with complex steps through the whole network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sympy import Add, Expr

from .axes import axis_name
from .collected import Collected
from .derivation import Adjoint, Derivation, Step
from .equations import Equation, System
from .evaluate import STEP, Array, Numbers, evaluate, forward, solved
from .failures import CheckFailed
from .letters import free_letters
from .recurrence import grouped
from .tensors import Tensor, Values, entry
from .trial_sizes import CHOICES, fitting_sizes, small_sizes

TOLERANCE = 1e-9
#: Entries of an adjoint that are found by a complex step through the whole network.
MOST_SLOPES = 40
#: Equations up to which it is so many; each takes a pass through all equations, so that of longer networks fewer entries are moved by
#: themselves. All entries of all adjoints are held against a step of their own together in any case.
FEW_EQUATIONS = 200
FEWEST_SLOPES = 4
SEED = 20
#: exp(−z) beside a complex step is a number up to z = −700; steps are tried well inside.
LARGEST_VALUE = 600.0


@dataclass(frozen=True, slots=True)
class Draw:
    """Parameters are standard normal numbers times `scale`; `shift` is added to biases, or `everywhere`, to all parameters."""

    scale: float
    shift: float
    everywhere: bool = False


#: Tried in turn until all values are finite and moderate: outputs of any sign, positive ones, ones between 0 and 1, small ones; last
#: parameters that are all between 0 and 1, such as probabilities of which a logarithm is taken.
DRAWS = (Draw(1.0, 0.0), Draw(0.3, 2.0), Draw(0.05, 0.5), Draw(0.1, 0.0), Draw(0.05, 0.5, everywhere=True))

#: Of adjoints: above it one tries another draw, a hundredth of the tolerance of the comparisons to come.
MOST_ROUNDING = 1e-2 * TOLERANCE


@dataclass(frozen=True, slots=True)
class Trial:
    """One choice of random tensors: the seed, and the sizes that axes take in turn (the first of CHOICES where there are none)."""

    seed: int = SEED
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """What was evaluated in the derivation of `tensor`: the two sides of a step, or an adjoint's equation beside complex steps."""

    tensor: str
    claim: Step | Equation
    error: float

    @property
    def is_equal(self) -> bool:
        return self.error <= TOLERANCE

    def checked(self) -> float:
        """The error; raises `CheckFailed` beyond the tolerance."""
        if not self.is_equal:
            raise CheckFailed(str(self))
        return self.error

    def __str__(self) -> str:
        """What does not hold, in words, with the equation."""
        differ = f"differ by {self.error:.1e}"
        if isinstance(self.claim, Equation):
            return f"∂C/∂{self.tensor} is not what complex steps give: they {differ}\n  {self.claim}"
        sides = f"  before: {self.claim.before}\n  after:  {self.claim.after}"
        return f"a step for {self.tensor} does not hold ({self.claim.rule}): the sides {differ}\n{sides}"


@dataclass(frozen=True, slots=True)
class Verified:
    """How many equations were evaluated, and the largest error, relative to the largest entry of either side.

    `numbers` are those that the equations of a derivation were evaluated at; further equations can be evaluated at them too.
    """

    equations: int
    largest_error: float
    numbers: Numbers | None = field(default=None, compare=False, repr=False)

    def together(self, other: Verified) -> Verified:
        """Both."""
        return Verified(self.equations + other.equations, max(self.largest_error, other.largest_error), self.numbers)


def verify(derivation: Derivation, forms: Sequence[Collected] | None = None) -> Verified:
    """Evaluates every step of a derivation and of its collected forms (of the `forms` given), and every adjoint against complex steps.

    Steps of equal layers are the same up to names; each kind is evaluated once, and what the renaming made of it together with all others.

    Raises:
        CheckFailed: at the first equation that does not hold, with the equation.
    """
    checked, largest = 0, 0.0
    numbers = random_numbers(derivation)
    for compared in comparisons(derivation, derivation.collected_forms if forms is None else forms, numbers):
        checked, largest = checked + 1, max(largest, compared.checked())
    # The last one that differs: each by itself comes after all together.
    wrong = [compared for compared in all_adjoints(derivation, numbers) if not compared.is_equal]
    if wrong:
        raise CheckFailed(str(wrong[-1]))
    return Verified(checked, largest, numbers)


def comparisons(derivation: Derivation, forms: Sequence[Collected], numbers: Numbers) -> Iterator[Compared]:
    """Every adjoint beside complex steps, and the two sides of every step, those of the collected `forms` too."""
    most = max(FEWEST_SLOPES, MOST_SLOPES * FEW_EQUATIONS // max(FEW_EQUATIONS, len(derivation.system.equations)))
    for adjoint in derivation.adjoints.values():
        if adjoint.is_first_of_kind:
            yield Compared(adjoint.tensor.name, adjoint.equation, error_by_complex_steps(adjoint, numbers, most))
            yield from (_both_sides(adjoint.tensor.name, step, numbers) for step in derivation.steps(adjoint.tensor.name))
    for form in forms:
        yield from (_both_sides(form.tensor.name, step, numbers) for step in form.steps)


def all_adjoints(derivation: Derivation, numbers: Numbers) -> Iterator[Compared]:
    """Every adjoint at once, by one complex step in all tensors: with v moved by i h w[v], Im C/h = Σ_v ⟨∂C/∂v, w[v]⟩.

    However many layers there are it takes one evaluation of the network. Where it does not hold, each adjoint is tried by itself.
    """
    rng = np.random.default_rng(SEED)
    moves = {name: rng.standard_normal(numbers.shape(adjoint.tensor)) for name, adjoint in derivation.adjoints.items()}
    products = [moves[name] * np.real(numbers.arrays[adjoint.as_tensor.name]) for name, adjoint in derivation.adjoints.items()]
    expected = sum(float(np.sum(product)) for product in products)
    scale = max(float(np.sqrt(sum(np.sum(product**2) for product in products))), 1e-3)
    together = Compared("all tensors together", derivation.system.cost, abs(_slope_of_all(moves, numbers) - expected) / scale)
    yield together
    if not together.is_equal:
        for name, adjoint in derivation.adjoints.items():
            yield Compared(name, adjoint.equation, error_by_complex_steps(adjoint, numbers))


def _slope_of_all(moves: Mapping[str, Array], numbers: Numbers) -> float:
    """The step is added to what is given, and to the right sides of the equations of what is defined."""
    system = numbers.system
    arrays = dict(numbers.arrays)
    moved = []
    for equation in system.equations:
        name = equation.tensor.name
        own = [entry(f"step of {name}", equation.indices)] if name in moves else []
        moved.append(Equation(equation.tensor, Add(equation.expression, *own)))
    for name, move in moves.items():
        if name in system.definition:
            arrays[f"step of {name}"] = 1j * STEP * move
        else:
            arrays[name] = arrays[name] + 1j * STEP * move
    found = solved(moved, Numbers(system, arrays, numbers.sizes)).arrays
    return float(np.imag(found[system.cost.tensor.name])) / STEP


def step_error(name: str, step: Step, numbers: Numbers) -> float:
    """The largest difference of the two sides, relative to the largest entry; raises `CheckFailed` beyond the tolerance."""
    return _both_sides(name, step, numbers).checked()


def _both_sides(name: str, step: Step, numbers: Numbers) -> Compared:
    return Compared(name, step, difference_of_sides(step.before, step.after, numbers))


def difference_of_sides(left: Expr, right: Expr, numbers: Numbers) -> float:
    """Two expressions evaluated at every position of the letters of either."""
    over = tuple(sorted(free_letters(left) | free_letters(right), key=lambda letter: letter.name))
    before, after = (evaluate(side, numbers, over) for side in (left, right))
    return difference(before, after)


def difference(left: Array, right: Array, floor: float = 1e-3) -> float:
    """max |left − right| / max(|left|, |right|, floor); entries that are infinite or not numbers must be so on both sides."""
    finite = np.isfinite(left) & np.isfinite(right)
    if np.any(np.isfinite(left) != np.isfinite(right)):
        return float("inf")
    if not np.any(finite):
        return 0.0
    scale = max(float(np.max(np.abs(left[finite]))), float(np.max(np.abs(right[finite]))), floor)
    return float(np.max(np.abs(left[finite] - right[finite]))) / scale if scale else 0.0


def random_numbers(derivation: Derivation, trial: Trial | None = None, sizes: Mapping[str, int] | None = None) -> Numbers:
    """Random inputs, targets and parameters, the forward values and the adjoints that follow from them.

    Sizes are small ones that differ, unless others are given. Numbers at which rounding takes more than a few digits (log(1 − a) of an a
    near 1) are taken where no draw has better ones.
    """
    trial = trial or (Trial() if sizes is not None else Trial(sizes=fitting_sizes(derivation)))
    rounded: list[Numbers] = []
    for draw in DRAWS:
        numbers = random_forward(derivation.system, draw, trial, sizes)
        numbers = solved([adjoint.equation for adjoint in derivation.adjoints.values()], numbers)
        cost = complex(numbers.arrays[derivation.system.cost.tensor.name])
        moderate = all(np.all(np.abs(array) < LARGEST_VALUE) for name, array in numbers.arrays.items() if name in derivation.system.tensors)
        if cost.imag == 0 and moderate and all(np.all(np.isfinite(array)) for array in numbers.arrays.values()):
            if _rounding(derivation, numbers) <= MOST_ROUNDING:
                return numbers
            rounded.append(numbers)
    if rounded:
        return rounded[0]
    raise CheckFailed("the cost is not a finite number at any random point; is its formula defined for the values of the last layer?")


def _rounding(derivation: Derivation, numbers: Numbers) -> float:
    """How much of the adjoints is rounding: their difference to those that extended precision finds from the same tensors."""
    system = numbers.system
    names = [tensor.name for tensor in (*system.inputs, *system.targets, *system.directions, *system.parameters)]
    given = {name: numbers.arrays[name] for name in names}
    wide = {name: array if array.dtype.kind == "i" else array.astype(np.clongdouble) for name, array in given.items()}
    adjoints = list(derivation.adjoints.values())
    precise = solved([adjoint.equation for adjoint in adjoints], forward(system, wide, numbers.sizes)).arrays
    found = [adjoint.as_tensor.name for adjoint in adjoints]
    return max((difference(numbers.arrays[name], precise[name]) for name in found), default=0.0)


def random_forward(system: System, draw: Draw, trial: Trial, sizes: Mapping[str, int] | None = None) -> Numbers:
    """The values of all equations at random arrays; not every cost is a number at each of them (log of a negative output)."""
    sizes = small_sizes(system, trial.sizes or CHOICES[0]) if sizes is None else sizes
    arrays = random_arrays(system, sizes, np.random.default_rng(trial.seed), draw)
    # Complex, as in the complex steps to come: what overflows there is to be seen here.
    return forward(system, {name: array if array.dtype.kind == "i" else array.astype(complex) for name, array in arrays.items()}, sizes)


def random_arrays(system: System, sizes: Mapping[str, int], rng: np.random.Generator, draw: Draw) -> dict[str, Array]:
    """Arrays for all that a system does not define itself."""
    given = (*system.inputs, *system.targets, *system.directions, *system.parameters)
    arrays = {tensor.name: random_array(tensor, sizes, rng, system.batch) for tensor in given}
    for tensor in system.parameters:
        arrays[tensor.name] = draw.scale * arrays[tensor.name] + draw.shift * (draw.everywhere or len(tensor.axes) <= 1)
    return arrays


def random_array(tensor: Tensor, sizes: Mapping[str, int], rng: np.random.Generator, batch: str | None = "n") -> Array:
    """Numbers that are what the tensor says its entries are."""
    shape = tuple(sizes[axis_name(letter)] for letter in tensor.axes)
    match tensor.values:
        case Values.LABELS:
            return rng.integers(0, sizes[tensor.points_into or ""], size=shape)
        case Values.ONE_HOT:
            features = tensor.axes.index(tensor.class_axis(batch))
            classes = np.moveaxis(np.zeros(shape), features, -1)
            hot = rng.integers(0, shape[features], size=classes.shape[:-1])
            return np.moveaxis(np.eye(shape[features])[hot], -1, features)
        case Values.DISTRIBUTION:
            weights = rng.uniform(0.1, 1.0, size=shape)
            rows: Array = weights / weights.sum(axis=tensor.axes.index(tensor.class_axis(batch)), keepdims=True)
            return rows
        case Values.BINARY:
            return rng.uniform(0.1, 0.9, size=shape)
        case Values.SIGNS:
            return rng.choice([-1.0, 1.0], size=shape)
        case _:
            return rng.standard_normal(shape)


def against_complex_step(adjoint: Adjoint, numbers: Numbers, most: int) -> float:
    """The error of an adjoint by complex steps at `most` positions or a few more.

    Raises:
        CheckFailed: where the adjoint differs from them.
    """
    return Compared(adjoint.tensor.name, adjoint.equation, error_by_complex_steps(adjoint, numbers, most)).checked()


def error_by_complex_steps(adjoint: Adjoint, numbers: Numbers, most: int = MOST_SLOPES) -> float:
    """∂C/∂u beside complex steps through the whole network: u is moved, everything after it is computed again."""
    name = adjoint.tensor.name
    found = np.real(numbers.arrays[adjoint.as_tensor.name])
    positions = _tried_positions(found.shape, most)
    expected = np.array([_slope(name, position, numbers) for position in positions])
    return difference(np.array([found[position] for position in positions]), expected)


def _tried_positions(shape: tuple[int, ...], most: int) -> list[tuple[int, ...]]:
    """Every position of a small array; of a large one the first, the last, and some between.

    The steps of its derivation are evaluated at all of them; this holds the result against the network as a whole.
    """
    every = list(np.ndindex(shape))
    if len(every) <= most:
        return every
    between = np.random.default_rng(SEED).choice(len(every), most, replace=False)
    return [every[place] for place in sorted({0, len(every) - 1, *map(int, between)})]


def _slope(name: str, position: tuple[int, ...], numbers: Numbers) -> float:
    system = numbers.system
    arrays = dict(numbers.arrays)
    moved = np.array(arrays[name], dtype=complex)
    moved[position] += 1j * STEP
    changed = {name}
    while True:
        found = {equation.tensor.name for equation in system.equations if changed.intersection(equation.reads)} - changed
        if not found:
            break
        changed |= found
    if name in system.definition and _depends_on_itself(name, system):
        # The step is added to the entry's own equation: what follows in the recurrence then follows from it.
        return _slope_within(name, position, numbers, changed)
    affected = [equation for equation in system.equations if equation.tensor.name in changed - {name}]
    current = solved(affected, numbers.with_array(name, moved))
    return float(np.imag(current.arrays[system.cost.tensor.name])) / STEP


def _depends_on_itself(name: str, system: System) -> bool:
    return any(group.letter is not None and name in group.names for group in grouped(system.equations))


def _slope_within(name: str, position: tuple[int, ...], numbers: Numbers, changed: set[str]) -> float:
    system = numbers.system
    bump = np.zeros(numbers.arrays[name].shape, dtype=complex)
    bump[position] = 1j * STEP
    own = system.definition[name]
    moved = Equation(own.tensor, own.expression + entry("bump", own.indices))
    affected = [moved if equation is own else equation for equation in system.equations if equation.tensor.name in changed]
    current = solved(affected, numbers.with_array("bump", bump))
    return float(np.imag(current.arrays[system.cost.tensor.name])) / STEP
