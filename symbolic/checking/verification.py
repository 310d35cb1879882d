"""Is every equation true? Each step of a derivation is evaluated before and after, on random tensors with pairwise different sizes.

The arrays obey the forward equations and the adjoint equations, and targets are what they claim to be (one-hot rows, labels), so a
rewrite that relies on such a fact is tested on it. Adjoints are also compared with complex steps through the whole network. What has no
effect at the first random tensors is tried at others, and at other sizes; what has none at any of them counts as not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from chainrule.symbolic.derivation.adjoint import Adjoint, Step
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.elimination import Collected
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.index.numeric_array import NumericArray

from .comparison import (
    MOST_SLOPES,
    SMALLEST_PART,
    TOLERANCE,
    Compared,
    LastSide,
    added_up,
    against_complex_step,
    compared_adjoint,
    compared_step,
    difference,
    difference_of_sides,
    smallest_told,
    step_error,
)
from .complex_steps import is_smooth, slope_of_all
from .draws import (
    MOST_ROUNDINGS,
    SEED,
    Trial,
    are_moderate,
    beside_gap,
    further_numbers,
    numbers_at_every_size,
    random_arrays,
    random_forward,
    random_numbers,
    rounded_zeros,
)
from .numbers import Numbers
from .trial_sizes import fitting_sizes, telling_sizes
from .zero_adjoints import vanishing

__all__ = [
    "MOST_SLOPES",
    "SEED",
    "TOLERANCE",
    "Claim",
    "Compared",
    "Trial",
    "Verified",
    "against_complex_step",
    "all_adjoints",
    "claims",
    "difference",
    "difference_of_sides",
    "random_arrays",
    "random_forward",
    "random_numbers",
    "step_error",
    "verify",
]

#: Equations up to which so many entries are moved by themselves; each takes a pass through all equations, so that of longer networks fewer
#: are. All entries of all adjoints are held against a step of their own together in any case.
FEW_EQUATIONS = 200
FEWEST_SLOPES = 4
#: A claim, to be compared at any numbers.
Claim = Callable[[Numbers], Compared]


@dataclass(frozen=True, slots=True)
class Verified:
    """How many equations were evaluated, and the largest error, relative to what it is a part of.

    `numbers` are those that the equations of a derivation were evaluated at; further equations can be evaluated at them too. `vacuous`
    counts those in which nothing was added up at any numbers: both sides are 0, whatever is given.
    """

    equations: int
    largest_error: float
    numbers: Numbers | None = field(default=None, compare=False, repr=False)
    vacuous: int = 0

    def together(self, *others: Verified) -> Verified:
        """All."""
        every = (self, *others)
        largest = max(each.largest_error for each in every)
        return Verified(sum(each.equations for each in every), largest, self.numbers, sum(each.vacuous for each in every))


def verify(derivation: Derivation, forms: Sequence[Collected] | None = None) -> Verified:
    """Evaluates every step of a derivation and of its collected forms (of the `forms` given), and every adjoint against complex steps.

    Steps of equal layers are the same up to names; each kind is evaluated once, and what the renaming made of it together with all others,
    at every size of open axes at which a module is tried too.

    Raises:
        CheckFailed: at the first equation that does not hold, with the equation; and at one that holds only because all of it is 0,
            where the sizes at which that would tell something are too large to be tried.
    """
    forms = derivation.collected_forms if forms is None else forms
    numbers = random_numbers(derivation, Trial(SEED, *fitting_sizes(derivation, forms=forms)))
    every = list(claims(derivation, forms))
    largest, waiting = 0.0, every
    for tried in chain([numbers], further_numbers(derivation, forms)):
        found = [(claim, claim(tried)) for claim in waiting]
        largest = max([largest, *(compared.checked() for _, compared in found)])
        waiting = [claim for claim, compared in found if compared.is_vacuous]
        if not waiting:
            break
    if waiting and (gap := numbers.first_gap()) is not None:
        raise CheckFailed(beside_gap(gap, waiting[0](numbers).tensor))
    if waiting and not telling_sizes(derivation, forms):
        raise CheckFailed(str(waiting[0](numbers)))
    # The last one that differs: each by itself comes after all together.
    for tried in chain([numbers], numbers_at_every_size(derivation, lambda drawn: _has_slope(derivation, drawn))):
        wrong = [compared for compared in all_adjoints(derivation, tried) if not compared.is_equal]
        # With one example its mean is itself, and what depends on their difference is at a kink: no slope is right there.
        if wrong and (tried is numbers or is_smooth(_directions(derivation, tried), tried)):
            raise CheckFailed(str(wrong[-1]))
    return Verified(len(every), largest, numbers, len(waiting))


def _has_slope(derivation: Derivation, numbers: Numbers) -> bool:
    """Whether a complex step gives a number: that of z/(1 + exp(−z)) gives none where the exponential overflows."""
    return are_moderate(numbers) or bool(np.all(np.isfinite(slope_of_all(_directions(derivation, numbers), numbers))))


def claims(derivation: Derivation, forms: Sequence[Collected]) -> Iterator[Claim]:
    """Every adjoint beside complex steps, and the two sides of every step, those of the collected `forms` too: not yet evaluated."""
    zeros, last = vanishing(derivation), LastSide()
    most = max(FEWEST_SLOPES, MOST_SLOPES * FEW_EQUATIONS // max(FEW_EQUATIONS, len(derivation.system.equations)))
    for adjoint in derivation.adjoints.values():
        if adjoint.is_first_of_kind:
            yield _of_adjoint(adjoint, zeros, most)
            yield from (_of_step(adjoint.tensor.name, step, zeros, last, adjoint) for step in derivation.steps(adjoint.tensor.name))
    for form in forms:
        yield from (_of_step(form.tensor.name, step, zeros, last) for step in form.steps)


def _of_adjoint(adjoint: Adjoint, zeros: Collection[str], most: int) -> Claim:
    return lambda numbers: compared_adjoint(adjoint, numbers, zeros, most)


def _of_step(name: str, step: Step, zeros: Collection[str], last: LastSide, adjoint: Adjoint | None = None) -> Claim:
    return lambda numbers: compared_step(name, step, numbers, zeros, adjoint, last)


def all_adjoints(derivation: Derivation, numbers: Numbers) -> Iterator[Compared]:
    """Every adjoint at once, by one complex step in all tensors: with v moved by i h w[v], Im C/h = Σ_v ⟨∂C/∂v, w[v]⟩.

    However many layers there are it takes one evaluation of the network. Where it does not hold, each adjoint is tried by itself.
    """
    error = _error_of_all(derivation, numbers)
    if not error <= TOLERANCE and numbers.precise is not None:
        error = _error_of_all(derivation, numbers.precise)
    if not error <= TOLERANCE:
        error = _error_of_all(derivation, numbers.precise or numbers, are_added=True)
    together = Compared("all tensors together", derivation.system.cost, error)
    yield together
    if not together.is_equal:
        for adjoint in derivation.adjoints.values():
            yield compared_adjoint(adjoint, numbers)


def _error_of_all(derivation: Derivation, numbers: Numbers, are_added: bool = False) -> float:
    """Relative to √Σ (w ∂C/∂v)², the usual size of such a sum, and to what rounding leaves of adjoints that are 0.

    Where the adjoints cancel, as those of a softmax of one class do, to a part of what is added up in each (`are_added`).
    """
    zeros, moves = rounded_zeros(numbers), _directions(derivation, numbers)
    names = {name: adjoint.as_tensor.name for name, adjoint in derivation.adjoints.items()}
    # The letters of an entry that is held come last.
    along = {name: move.reshape((*move.shape, *(1 for _ in numbers.system.held))) for name, move in moves.items()}
    products = [along[name] * np.real(numbers.arrays[own]) for name, own in names.items()]
    rounding = max((float(np.sqrt(np.sum(moves[name] ** 2))) * zeros.get(own, 0.0) for name, own in names.items()), default=0.0)
    expected = np.array(sum(np.sum(product, axis=tuple(range(moves[name].ndim))) for name, product in zip(names, products, strict=True)))
    adjoints = derivation.adjoints.items() if are_added else ()
    parts = [SMALLEST_PART * along[name] * added_up(adjoint, numbers, adjoint.equation.indices) for name, adjoint in adjoints]
    usual = np.sqrt(sum(np.sum(product**2) for product in (*products, *parts)))
    return difference(
        slope_of_all(moves, numbers), expected, np.max([usual, MOST_ROUNDINGS * rounding / TOLERANCE, smallest_told(numbers)])
    )


def _directions(derivation: Derivation, numbers: Numbers) -> dict[str, NumericArray]:
    """A random one in every tensor that has an adjoint."""
    rng = np.random.default_rng(SEED)
    return {name: rng.standard_normal(numbers.shape(adjoint.tensor)) for name, adjoint in derivation.adjoints.items()}
