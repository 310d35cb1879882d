"""A derivation at several choices of random tensors: every step, every adjoint, and every rewrite by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod

from sympy import Add, Expr

from symbolic.axes import axis_name
from symbolic.collecting import COLLECTING
from symbolic.derivation import Derivation, Step
from symbolic.letters import letters
from symbolic.rewrites import REWRITES
from symbolic.verification import TOLERANCE, Compared, Trial, all_adjoints, comparisons, difference_of_sides, random_numbers, small_sizes

from .finding import Finding

#: Sizes of axes, the first that fit: different primes, as a sum that runs over another axis has another number of terms then. Where steps
#: have many letters, smaller ones, and at last so small ones that only neighbours differ.
SIZES = ((2, 3, 5, 7, 11, 13), (2, 3, 5, 7, 4, 6), (2, 3, 5, 4), (2, 3))
#: Positions of all letters of a step together: so many numbers are computed.
MOST_POSITIONS = 2_000_000
MOST_SMALL = 4
NAMED = frozenset(rewrite.name for rewrite in (*REWRITES, *COLLECTING))


def trials(derivation: Derivation, seed: int, count: int) -> tuple[Trial, ...]:
    """So many seeds, in each of which axes have other sizes."""
    largest = {tuple(sorted(axis_name(letter) for letter in letters(step.before) | letters(step.after))) for step in _steps(derivation)}
    found = []
    for number in range(count):
        turned = [_turned(sizes, number) for sizes in SIZES]
        fitting = (sizes for sizes in turned if _positions(small_sizes(derivation.system, sizes), largest) <= MOST_POSITIONS)
        found.append(Trial(seed + number, next(fitting, turned[-1])))
    return tuple(found)


def _steps(derivation: Derivation) -> Iterator[Step]:
    for adjoint in derivation.adjoints.values():
        if adjoint.is_first_of_kind:
            yield from derivation.steps(adjoint.tensor.name)
    for form in derivation.collected_forms:
        yield from form.steps


def _turned(sizes: tuple[int, ...], number: int) -> tuple[int, ...]:
    """The small ones in another order; the large ones stay behind, where only networks of many axes need them."""
    small = min(len(sizes), MOST_SMALL)
    place = number % small
    return (*sizes[place:small], *sizes[:place], *sizes[small:])


def _positions(sizes: Mapping[str, int], steps: Iterable[tuple[str, ...]]) -> int:
    return max((prod(sizes[axis] for axis in axes) for axes in steps), default=1)


def step_findings(derivation: Derivation, chosen: Sequence[Trial]) -> list[Finding]:
    """Every step and every adjoint of a derivation and its collected forms, and the rewrites among the steps by name."""
    everything: list[Compared] = []
    alone: dict[str, list[Compared]] = {}
    for trial in chosen:
        numbers = random_numbers(derivation, trial)
        for compared in comparisons(derivation, derivation.collected_forms, numbers):
            everything.append(compared)
            step = compared.claim
            if isinstance(step, Step) and step.rule in NAMED:
                error = difference_of_sides(*changed_terms(step), numbers)
                alone.setdefault(step.rule, []).append(Compared(compared.tensor, step, error))
        everything += all_adjoints(derivation, numbers)
    steps = [compared for compared in everything if isinstance(compared.claim, Step)]
    adjoints = [compared for compared in everything if not isinstance(compared.claim, Step)]
    rows = [_finding("steps", "derivation", steps), _finding("adjoints", "derivation", adjoints)]
    return rows + [_finding("rewrites", name, found) for name, found in sorted(alone.items())]


def changed_terms(step: Step) -> tuple[Expr, Expr]:
    """Both sides without the terms that they have in common, beside which a change could be too small to be seen."""
    before, after = (Add.make_args(side) for side in (step.before, step.after))
    common = set(before) & set(after)
    return Add(*(term for term in before if term not in common)), Add(*(term for term in after if term not in common))


def _finding(check: str, subject: str, found: Iterable[Compared]) -> Finding:
    tried = list(found)
    failures = tuple(dict.fromkeys(str(compared) for compared in tried if not compared.error <= TOLERANCE))
    largest = max((compared.error for compared in tried), default=0.0)
    return Finding(check, subject, len(tried), largest, failures=failures)
