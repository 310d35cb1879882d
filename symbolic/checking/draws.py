"""Random tensors: what a system is given, all that follows from it, and the adjoints; at which sizes, and of which scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.elimination import Collected
from chainrule.symbolic.forms.scalar_form import fixed_sizes
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.system.far_places import nearer
from chainrule.symbolic.system.reach import IsReached
from chainrule.symbolic.system.small_sizes import CHOICES, REACHES, small_sizes
from chainrule.symbolic.system.system import System

from .elementary_functions import HAS_WIDE_EXPONENTS
from .numbers import Numbers
from .random_array import NormalNumbers, random_array
from .solving import forward, solved
from .tensor_draw import DRAWS, TensorDraw
from .trial_sizes import fitting_sizes, small_sizes_to_try, telling_sizes

SEED = 20


IS_NO_NUMBER = "the cost is not a finite number at any random point"
IS_IT_DEFINED = (
    "is its formula defined for the values that it reads? Inputs and targets may be declared, as in x[n] in unit for numbers from 0 to 1"
)
NO_NUMBER = f"{IS_NO_NUMBER}; {IS_IT_DEFINED}"
#: Of the draws, where something has no effect at the first; at other sizes one.
FEW_DRAWS = (DRAWS[0], DRAWS[3], DRAWS[5], DRAWS[6])
#: exp(710) is beyond double precision.
LARGEST_MODERATE = 700.0
#: Of adjoints: above it one tries another draw, a hundredth of the tolerance of the comparisons to come.
MOST_ROUNDING = 1e-11
#: Of the largest entry of all adjoints: what extended precision finds to be off by less is rounded, by more is another case of a formula.
LARGEST_ROUNDING = 1e-12
#: The adjoint of a probability of 1e-35 is 1e35: a complex step is no small part of such a probability.
LARGEST_ADJOINT = 1e15
#: A number no larger than so many times its rounding is 0.
MOST_ROUNDINGS = 100


@dataclass(frozen=True, slots=True)
class Trial:
    """One choice of random tensors: the seed, the sizes that axes take in turn, and where reads are inside of axes."""

    seed: int = SEED
    sizes: tuple[int, ...] = CHOICES[0]
    is_reached: IsReached = REACHES[0]


def random_numbers(derivation: Derivation, trial: Trial | None = None, sizes: Mapping[str, int] | None = None) -> Numbers:
    """Random inputs, targets and parameters, the forward values and the adjoints that follow from them.

    Sizes are small ones that differ, unless others are given. Numbers at which rounding takes more than a few digits (log(1 − a) of an a
    near 1) are taken where no draw has better ones; those that are finite in extended precision alone, where none else are.

    Raises:
        CheckFailed: where the cost is a finite number for no draw.
    """
    trial = trial or (Trial() if sizes is not None else Trial(SEED, *fitting_sizes(derivation)))
    # Where no numbers fit, the largest sizes first: XᵀX of fewer examples than features has no inverse.
    trials = [trial] if sizes is not None else [trial, replace(trial, sizes=tuple(sorted(trial.sizes, reverse=True)))]
    best: tuple[tuple[bool, bool, bool, bool, int], Numbers] | None = None
    drawn = (_drawn(derivation, each, sizes) for each in trials)
    for numbers in next((chain([first], rest) for rest in drawn if (first := next(rest, None)) is not None), ()):
        # Rounded, without a number somewhere, extended precision alone, beyond complex steps, adjoints that are 0 everywhere: as little of
        # each as can be had.
        has_gaps = numbers.first_gap() is not None
        is_steep = max((_largest(numbers.arrays[name]) for name in _adjoints(numbers)), default=0.0) > LARGEST_ADJOINT
        faults = (_rounding(numbers) > MOST_ROUNDING, has_gaps, numbers.element is not np.complex128, is_steep, _zeros(numbers))
        if best is None or faults < best[0]:
            best = faults, numbers
        if not any(faults):
            break
    if best is None:
        raise CheckFailed(_no_number(_with_adjoints(derivation, random_forward(derivation.system, DRAWS[0], trial, sizes))))
    return best[1]


def _no_number(numbers: Numbers) -> str:
    """What is said where no draw gives a cost with its adjoints: which gradient is none where the cost is one, and where it begins."""
    system, gap = numbers.system, numbers.first_gap()
    wrong = [tensor.name for tensor in system.parameters if not _is_finite(numbers, system.adjoint_name(tensor.name))]
    if gap is None or not wrong or not _has_cost(numbers):
        first = "" if gap in {None, system.cost.tensor.name} else f", and the first entry that is none is {gap}"
        return f"{IS_NO_NUMBER}{first}; {IS_IT_DEFINED}"
    return beside_gap(gap, ", ".join(wrong))


def beside_gap(gap: str, names: str) -> str:
    """What is said where the cost is a number, and gradients multiply an entry that is none by 0."""
    return (
        f"the cost does not depend on {gap}, which is not a finite number, but the gradient of {names} is none with it "
        "(0 times infinity); leave such entries out with a case distinction, as in where(t > 0, x[t]/x[t-1], 0)"
    )


def entry_numbers(derivation: Derivation) -> Numbers:
    """Numbers for a system that is written out entry by entry: at the sizes of the description, with one example.

    Raises:
        NotExpressible: where a size is not fixed.
        CheckFailed: where the cost is no number at any random point.
    """
    return random_numbers(derivation, sizes=fixed_sizes(derivation.system, 1))


def _drawn(derivation: Derivation, trial: Trial, sizes: Mapping[str, int] | None, draws: Sequence[TensorDraw] = DRAWS) -> Iterator[Numbers]:
    """Those of each draw, as far as they are finite."""
    for draw in draws:
        numbers = _with_adjoints(derivation, random_forward(derivation.system, draw, trial, sizes))
        if _are_finite(numbers):
            yield numbers
        elif numbers.precise is not None and _are_finite(numbers.precise):
            yield numbers.precise


def _zeros(numbers: Numbers) -> int:
    return len(rounded_zeros(numbers)) + sum(not _largest(numbers.arrays[name]) for name in _adjoints(numbers))


def further_numbers(derivation: Derivation, forms: Sequence[Collected] | None = None) -> Iterator[Numbers]:
    """Other choices, at which something may have an effect on the cost that has none at the first: other draws, and other sizes."""
    trial = Trial(SEED + 1, *fitting_sizes(derivation, forms=forms))
    yield from _drawn(derivation, trial, None, FEW_DRAWS)
    for sizes in telling_sizes(derivation, forms):
        yield from _drawn(derivation, trial, sizes, DRAWS[:1])


def numbers_at_every_size(derivation: Derivation, are_fit: Callable[[Numbers], bool]) -> Iterator[Numbers]:
    """The first fit choice at each of the sizes at which all must be right; none at those where no draw gives such numbers.

    Those at which rounding takes digits are not fit: the slope of arccos at 1 − 1e-16 is 1e8 times the rounding of what it multiplies.
    Those that extended precision alone holds come last: of a softmax of such numbers every slope may be what rounding leaves of 0, which
    nothing beside it tells.
    """
    for sizes in small_sizes_to_try(derivation):
        fit = (numbers for numbers in _drawn(derivation, Trial(), sizes) if _rounding(numbers) <= MOST_ROUNDING and are_fit(numbers))
        alone: list[Numbers] = []
        for numbers in fit:
            if numbers.precise is not None or not HAS_WIDE_EXPONENTS:
                yield numbers
                break
            alone.append(numbers)
        else:
            yield from alone[:1]


def _with_adjoints(derivation: Derivation, numbers: Numbers) -> Numbers:
    """The adjoints too, and all of it again in extended precision from the same tensors."""
    system, adjoints = numbers.system, [adjoint.equation for adjoint in derivation.adjoints.values()]
    if not HAS_WIDE_EXPONENTS:
        return solved(adjoints, numbers)
    names = [tensor.name for tensor in (*system.inputs, *system.targets, *system.directions, *system.parameters)]
    given = {name: numbers.arrays[name] for name in names}
    wide = {name: array if array.dtype.kind == "i" else array.astype(np.clongdouble) for name, array in given.items()}
    precise = solved(adjoints, forward(system, wide, numbers.sizes, np.clongdouble, numbers.nearer))
    return replace(solved(adjoints, numbers), precise=precise)


def are_moderate(numbers: Numbers) -> bool:
    """Whether exponentials of all numbers are finite, and those of complex steps with them."""
    return all(_largest(array) <= LARGEST_MODERATE for array in numbers.arrays.values())


def _are_finite(numbers: Numbers) -> bool:
    """Whether the cost and all adjoints are; an entry that is none, 0/0 of what is read before the start, then reaches neither.

    Nor does one that is not real: arccos(1 + 1e-16), of a vector of one entry by its length, may cancel in the cost.
    """
    return _has_cost(numbers) and all(_is_real(numbers, name) for name in _adjoints(numbers))


def _has_cost(numbers: Numbers) -> bool:
    """Whether it is a finite real number: log(−1) is none."""
    return _is_real(numbers, numbers.system.cost.tensor.name)


def _is_real(numbers: Numbers, name: str) -> bool:
    return bool(np.all(np.imag(numbers.arrays[name]) == 0)) and _is_finite(numbers, name)


def _is_finite(numbers: Numbers, name: str) -> bool:
    return bool(np.all(np.isfinite(numbers.arrays[name])))


def rounded_zeros(numbers: Numbers) -> dict[str, float]:
    """The adjoints that are 0 up to rounding, with how much that is: a bias before a batch normalisation has one.

    Its rounding is what extended precision makes different in it. Where that is no small part of all adjoints, a kink lies between the two.
    """
    rounding, largest = _roundings(numbers), {name: _largest(numbers.arrays[name]) for name in _adjoints(numbers)}
    most = LARGEST_ROUNDING * max(largest.values(), default=0.0)
    return {name: own for name, own in rounding.items() if 0 < own <= most and largest[name] <= MOST_ROUNDINGS * own}


def _rounding(numbers: Numbers) -> float:
    """The largest of the other adjoints, relative to their largest entries."""
    zeros = rounded_zeros(numbers)
    others = {name: own for name, own in _roundings(numbers).items() if own and name not in zeros}
    return max((own / (_largest(numbers.arrays[name]) or own) for name, own in others.items()), default=0.0)


def _roundings(numbers: Numbers) -> dict[str, float]:
    precise = numbers.precise
    return {name: _largest(numbers.arrays[name] - precise.arrays[name]) for name in _adjoints(numbers)} if precise is not None else {}


def _adjoints(numbers: Numbers) -> list[str]:
    """What the arrays hold beside a system's own tensors."""
    return [name for name in numbers.arrays if name not in numbers.system.tensors]


def _largest(array: NumericArray) -> float:
    return float(np.max(np.abs(array), initial=0))


def random_forward(system: System, draw: TensorDraw, trial: Trial, sizes: Mapping[str, int] | None) -> Numbers:
    """The values of all equations at random arrays; not every cost is a number at each of them (log of a negative output)."""
    moved = nearer(system) if sizes is None else None
    sizes = small_sizes(system, trial.sizes, trial.is_reached) if sizes is None else sizes
    arrays = random_arrays(system, sizes, np.random.default_rng(trial.seed), draw)
    # Complex, as in the complex steps to come: what overflows there is to be seen here.
    given = {name: array if array.dtype.kind == "i" else array.astype(complex) for name, array in arrays.items()}
    return forward(system, given, sizes, nearer=moved)


def random_arrays(system: System, sizes: Mapping[str, int], rng: np.random.Generator, draw: TensorDraw) -> dict[str, NumericArray]:
    """Arrays for all that a system does not define itself."""
    given = (*system.inputs, *system.targets, *system.directions, *system.parameters)
    switches = draw.switches_among(system)
    arrays = {tensor.name: random_array(tensor, sizes, system.batch, NormalNumbers(rng, tensor.name in switches)) for tensor in given}
    for tensor in system.parameters:
        arrays[tensor.name] = draw.scale * arrays[tensor.name] + draw.shift * (draw.everywhere or len(tensor.axes) <= 1)
    return arrays
