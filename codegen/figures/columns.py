"""Which layers and neurons of a stack of dense layers a picture shows: all of a small one, the first and the last of a large one."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.symbolic.layers.network import Network

MOST_NEURONS = 6
MOST_COLUMNS = 6
#: How many of the first and of the last neurons, or columns, of a large layer are shown.
FIRST, LAST = 3, 2


@dataclass(frozen=True, slots=True)
class Column:
    """The input or a layer: its place (the input's is 0), its units, and those shown, counted from 0; None stands for three dots."""

    place: int
    units: int
    shown: tuple[int | None, ...]

    @property
    def is_whole(self) -> bool:
        return None not in self.shown

    @property
    def neurons(self) -> tuple[tuple[int, int], ...]:
        """The slot and the number of every neuron shown."""
        return tuple((slot, unit) for slot, unit in enumerate(self.shown) if unit is not None)


def columns(network: Network, most: int = MOST_NEURONS) -> tuple[Column | None, ...]:
    """The input and the layers from first to last; None stands for layers that are left out."""
    found: list[Column | None] = []
    for place in some(len(network.sizes), MOST_COLUMNS):
        found.append(None if place is None else Column(place, network.sizes[place], some(network.sizes[place], most)))
    return tuple(found)


def is_shortened(network: Network) -> bool:
    """Whether a picture leaves out layers or neurons."""
    return any(column is None or not column.is_whole for column in columns(network))


def some(count: int, most: int) -> tuple[int | None, ...]:
    """All numbers below `count`, or of too many the first, None, and the last."""
    if count <= most:
        return tuple(range(count))
    last = min(LAST, most - FIRST)
    return (*range(FIRST), None, *range(count - last, count)) if last > 0 else (*range(most - 1), None, count - 1)
