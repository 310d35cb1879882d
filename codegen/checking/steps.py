"""A derivation at several choices of random tensors: every step, every adjoint, and every rewrite by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Add, Expr

from chainrule.symbolic.checking.draws import further_numbers
from chainrule.symbolic.checking.trial_sizes import fitting_sizes
from chainrule.symbolic.checking.verification import Claim, Compared, Trial, all_adjoints, claims, difference_of_sides, random_numbers
from chainrule.symbolic.derivation.adjoint import Step
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.rewriting.collecting_rewrites import COLLECTING
from chainrule.symbolic.rewriting.rewrites import REWRITES

from .finding import Finding

#: Sizes of axes, the first that fit: different primes, as a sum that runs over another axis has another number of terms then. Where steps
#: have many letters, smaller ones, and at last so small ones that only neighbours differ.
SIZES = ((2, 3, 5, 7, 11, 13), (2, 3, 5, 7, 4, 6), (2, 3, 5, 4), (2, 3))
MOST_SMALL = 4
NAMED = frozenset(rewrite.rule for rewrite in (*REWRITES, *COLLECTING))


def trials(derivation: Derivation, seed: int, count: int) -> tuple[Trial, ...]:
    """So many seeds, in each of which axes have other sizes."""
    found = []
    for number in range(count):
        turned = [_turned(sizes, number) for sizes in SIZES]
        found.append(Trial(seed + number, *fitting_sizes(derivation, turned)))
    return tuple(found)


def _turned(sizes: tuple[int, ...], number: int) -> tuple[int, ...]:
    """The small ones in another order; the large ones stay behind, where only networks of many axes need them."""
    small = min(len(sizes), MOST_SMALL)
    place = number % small
    return (*sizes[place:small], *sizes[:place], *sizes[small:])


def step_findings(derivation: Derivation, chosen: Sequence[Trial]) -> list[Finding]:
    """Every step and every adjoint of a derivation and its collected forms, and the rewrites among the steps by name."""
    every = list(claims(derivation, derivation.collected_forms))
    everything: list[Compared] = []
    alone: dict[str, list[Compared]] = {}
    waiting = dict.fromkeys(every)
    for trial in chosen:
        numbers = random_numbers(derivation, trial)
        for claim in every:
            compared = claim(numbers)
            everything.append(compared)
            if not compared.is_vacuous:
                waiting.pop(claim, None)
            step = compared.claim
            if isinstance(step, Step) and step.rule in NAMED:
                error = difference_of_sides(*changed_terms(step), numbers)
                alone.setdefault(step.rule, []).append(Compared(compared.tensor, step, error))
        everything += all_adjoints(derivation, numbers)
    further, vacuous = _tried_elsewhere(derivation, list(waiting))
    rows = []
    for check, is_step in (("steps", True), ("adjoints", False)):
        found = [compared for compared in (*everything, *further) if isinstance(compared.claim, Step) == is_step]
        rows.append(_finding(check, "derivation", found, sum(isinstance(compared.claim, Step) == is_step for compared in vacuous)))
    return rows + [_finding("rewrites", name, tried) for name, tried in sorted(alone.items())]


def _tried_elsewhere(derivation: Derivation, waiting: list[Claim]) -> tuple[list[Compared], list[Compared]]:
    """What was vacuous so far, at other numbers and sizes: all that is compared there, and what is vacuous at each of them."""
    everything: list[Compared] = []
    vacuous: list[Compared] = []
    for numbers in further_numbers(derivation) if waiting else ():
        found = [(claim, claim(numbers)) for claim in waiting]
        everything += [compared for _, compared in found]
        vacuous = [compared for _, compared in found if compared.is_vacuous]
        waiting = [claim for claim, compared in found if compared.is_vacuous]
        if not waiting:
            break
    return everything, vacuous


def changed_terms(step: Step) -> tuple[Expr, Expr]:
    """Both sides without the terms that they have in common, beside which a change could be too small to be seen."""
    before, after = (Add.make_args(side) for side in (step.before, step.after))
    common = set(before) & set(after)
    return Add(*(term for term in before if term not in common)), Add(*(term for term in after if term not in common))


def _finding(check: str, subject: str, found: Iterable[Compared], vacuous: int = 0) -> Finding:
    tried = list(found)
    failures = tuple(dict.fromkeys(str(compared) for compared in tried if not compared.is_equal))
    largest = max((compared.error for compared in tried), default=0.0)
    return Finding(check, subject, len(tried), largest, failures=failures, vacuous=vacuous)
