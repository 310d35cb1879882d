"""The sizes of axes at which a derivation is tried: different ones, as far as the arrays of its steps stay small."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import prod

from chainrule.symbolic.derivation.adjoint import Step
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.elimination import Collected
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import letters
from chainrule.symbolic.index.limits import MOST_TRIED_POSITIONS
from chainrule.symbolic.system.reach import IsReached, reaches
from chainrule.symbolic.system.recurrence import grouped
from chainrule.symbolic.system.sizes import chosen_sizes
from chainrule.symbolic.system.small_sizes import CHOICES, REACHES, sizes_to_try, small_sizes
from chainrule.symbolic.system.system import Equation, System

#: Positions of all letters of a step together: so many numbers are computed.
MOST_NUMBERS = 2_000_000
#: And the equations of both passes together, at each of the sizes at which all of them are evaluated.
MOST_COMPUTED = 1_000_000
#: Of a tensor, at sizes that only a few steps are tried at.
MOST_ENTRIES = 1500


def fitting_sizes(
    derivation: Derivation, choices: Sequence[tuple[int, ...]] = CHOICES, forms: Sequence[Collected] | None = None
) -> tuple[tuple[int, ...], IsReached]:
    """The first sizes of some choices for which no step computes more than MOST_NUMBERS numbers; the last where none are.

    Steps are those of the derivation and of its collected forms, or of the `forms` given.

    With them how far axes reach: until every read is inside everywhere, where that fits, else somewhere. Each convolution of a deep stack
    would have to be longer than the next, up to the sizes of the network.
    """
    axes_of_steps = _axes_of_steps(derivation, forms)
    every = [(among, is_reached) for is_reached in REACHES for among in choices]
    return next((choice for choice in every if _are_small(axes_of_steps, small_sizes(derivation.system, *choice))), every[-1])


def telling_sizes(derivation: Derivation, forms: Sequence[Collected] | None = None) -> tuple[dict[str, int], ...]:
    """Sizes at which what has no effect has none at all, as far as the arrays of steps are small there.

    They are long ones, beyond all constants in places together, as a read of a read is; and those of axes that are fixed, others long.
    """
    system, axes_of_steps = derivation.system, _axes_of_steps(derivation, forms)
    beyond = dict.fromkeys(system.axes, 0)
    for reach in reaches(system):
        for name in {axis_name(letter) for letter in reach.place.letters} | ({reach.axis} if reach.axis else set()):
            beyond[name] += abs(reach.place.start)
    free = [size for size in CHOICES[0] if size > 2]
    long = {name: free[place % len(free)] + beyond[name] for place, name in enumerate(system.axes)}
    own = {name: axis.size or long[name] for name, axis in system.axes.items()}
    both = [chosen_sizes(system.axes, sizes) for sizes in (long, own)]
    return tuple(
        sizes
        for sizes in both
        if max(sizes.values(), default=1) <= MOST_TRIED_POSITIONS and _are_small(axes_of_steps, sizes) and _are_few(system, sizes)
    )


def _are_few(system: System, sizes: Mapping[str, int]) -> bool:
    """Whether no tensor has many entries: a local derivative by each of them is evaluated."""
    return all(prod(sizes[axis_name(letter)] for letter in tensor.axes) <= MOST_ENTRIES for tensor in system.tensors.values())


def _axes_of_steps(derivation: Derivation, forms: Sequence[Collected] | None) -> set[tuple[str, ...]]:
    steps = _steps(derivation, derivation.collected_forms if forms is None else forms)
    return {tuple(sorted(axis_name(letter) for letter in letters(step.before) | letters(step.after))) for step in steps}


def _are_small(axes_of_steps: Collection[tuple[str, ...]], sizes: Mapping[str, int]) -> bool:
    return all(prod(sizes[axis] for axis in axes) <= MOST_NUMBERS for axes in axes_of_steps)


def _steps(derivation: Derivation, forms: Sequence[Collected]) -> Iterator[Step]:
    for adjoint in derivation.adjoints.values():
        if adjoint.is_first_of_kind:
            yield from derivation.steps(adjoint.tensor.name)
    for form in forms:
        yield from form.steps


def small_sizes_to_try(derivation: Derivation) -> list[dict[str, int]]:
    """Those of them at which the equations of both passes compute no more than MOST_COMPUTED numbers."""
    return [sizes for sizes in sizes_to_try(derivation.system) if _numbers_computed(derivation, sizes) <= MOST_COMPUTED]


def _numbers_computed(derivation: Derivation, sizes: Mapping[str, int]) -> int:
    """Of both passes: the positions of all letters of an equation, as often as a recurrence goes through them."""
    total = 0
    for equations in (derivation.system.equations, [adjoint.equation for adjoint in derivation.needed]):
        for group in grouped(equations):
            total += group.rounds(sizes) * sum(_positions(equation, sizes) for equation in group.equations)
    return total


def _positions(equation: Equation, sizes: Mapping[str, int]) -> int:
    return prod(sizes[axis_name(letter)] for letter in letters(equation.expression).union(equation.indices))
