"""Sizes of axes at which a system can be tried: small ones, at which every read is inside of its axis somewhere."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Indexed, KroneckerDelta

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import is_letter, letters, nodes

from .far_places import nearer
from .reach import IsReached, Reach, long_enough, reaches
from .sizes import chosen_sizes, followed
from .system import System

#: Different for every axis of a short network; a long one takes them in turn (neighbours differ, which is what a lost transpose needs).
#: Where steps have many letters, as those of convolutions have, smaller ones.
CHOICES = ((2, 3, 5, 4, 7, 6), (2, 3, 5, 4), (2, 3))
#: Whether axes are long enough for a read: everywhere, or somewhere.
REACHES: tuple[IsReached, ...] = (Reach.is_all_inside, Reach.is_inside)
LARGEST_FIXED_SIZE = 8
#: By how much axes are longer than what just fits, where a module is tried.
LONGER = (1, 3)
MOST_LONGER = 5


def small_sizes(system: System, among: Sequence[int] = CHOICES[0], is_reached: IsReached = REACHES[0]) -> dict[str, int]:
    """The size of every axis: the fixed one where index sums or constant indices depend on it and it is small, else one that differs.

    An index such as 3 i + 2 on made-up sizes would be out of range almost everywhere, and a formula of zeros is right too easily: axes are
    long enough for what is read along them, as far as the network's own are; what is read far along them is read nearer. A size that
    follows from others does so here too.
    """
    computed = axes_of_computed_places(system)
    sizes = {name: axis.size for name, axis in system.axes.items() if name in computed and axis.size and axis.size <= LARGEST_FIXED_SIZE}
    others = [name for name in system.axes if name not in sizes]
    free = [size for size in among if size not in sizes.values()] or among
    sizes |= {name: free[number % len(free)] for number, name in enumerate(others)}
    longest = {name: max(axis.size, sizes[name]) for name, axis in system.axes.items() if axis.size is not None}
    moved = nearer(system)
    wanted = [moved.reach(reach) for reach in reaches(system)] if moved else None
    return long_enough(system, chosen_sizes(system.axes, {name: sizes[name] for name in system.axes}), longest, is_reached, wanted)


def sizes_to_try(system: System) -> tuple[dict[str, int], ...]:
    """Sizes of all axes at which whatever a system becomes must be right: open ones of 1, just long enough for reads, and 1 and 3 more.

    Long enough is an axis when every read is inside of it somewhere, and when it is so everywhere. All open axes have such a size at once,
    then each by itself while the others have different ones; what follows from them does so here too.
    """
    axes = system.axes
    fixed = {name: axis.size for name, axis in axes.items() if axis.size is not None and axis.rule is None}
    open_axes = [name for name, axis in axes.items() if axis.size is None and axis.rule is None]
    shortest = fixed | dict.fromkeys(open_axes, 1)
    fitting = [long_enough(system, shortest, fixed, is_reached) for is_reached in reversed(REACHES)]
    longer = [{name: sizes[name] + more for name in open_axes} for sizes in fitting for more in (0, *LONGER)]
    different = {name: fitting[-1][name] + 1 + place % MOST_LONGER for place, name in enumerate(open_axes)}
    alone = [different | {name: sizes[name]} for name in open_axes for sizes in (shortest, *longer)]
    tried = [followed(fixed | sizes, axes) for sizes in (shortest, *longer, *alone)]
    return tuple({tuple(sizes.items()): sizes for sizes in tried if min(sizes.values(), default=1) >= 1}.values())


def axes_of_computed_places(system: System) -> set[str]:
    """Axes that are read or written at other places than their own letters, and those whose letters say at which."""
    found: set[str] = set()
    for equation in system.equations:
        for node in nodes(equation.expression):
            if isinstance(node, Indexed) and node.base.name in system.tensors:
                stored = system.tensors[node.base.name].axes
                for place, own in zip(node.indices, stored, strict=True):
                    if not (is_letter(place) or isinstance(place, Indexed)):
                        found |= {axis_name(letter) for letter in (own, *letters(place))}
            elif isinstance(node, KroneckerDelta) and not all(is_letter(side) or not letters(side) for side in node.args):
                found |= set(map(axis_name, letters(node)))
    return found
