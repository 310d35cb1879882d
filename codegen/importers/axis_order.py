"""Axes of a value as a model sees them, and as they lie in the array: reshapes and transposes that follow each other are one.

PyTorch writes attention as views and transposes in which the batch gets between heads and steps; Keras keeps the channels of an image last.
Here a value keeps the array that it lies in, whose axes are cut into pieces; a view or a transpose only says in another way how the pieces
are put together. An operator asks for the array in the order that it needs, and what it has already costs no node.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

#: A size: a number, and the free sizes that it is multiplied by, such as that of the batch.
Size = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of an axis that nothing cuts further. Each is itself alone; an axis of size 1 has none."""

    size: int | str


#: An axis: the product of its pieces, the first the slowest.
Axis = tuple[Piece, ...]


class NotCut(Exception):
    """A view that is none of the pieces that there are."""


@dataclass(frozen=True)
class Arranged:
    """`value` is an array with `axes`; what the model means by it has the axes `order`, of the same pieces."""

    value: str
    axes: tuple[Axis, ...]
    order: tuple[Axis, ...]

    @property
    def shape(self) -> tuple[Size, ...]:
        return tuple(size_of(axis) for axis in self.order)

    def permuted(self, places: Sequence[int]) -> Arranged:
        return Arranged(self.value, self.axes, tuple(self.order[place] for place in places))

    def viewed(self, shape: Sequence[Size]) -> Arranged:
        """With other sizes in the same order of entries.

        Raises:
            NotCut: where a size is no product of pieces, or of parts of them.
        """
        waiting = [piece for axis in self.order for piece in axis]
        parts: dict[Piece, Axis] = {}
        order = []
        for number, free in shape:
            wanted, missing, axis = number, list(free), []
            while wanted != 1 or missing:
                if not waiting:
                    raise NotCut
                piece = waiting.pop(0)
                if isinstance(piece.size, str):
                    if piece.size not in missing:
                        raise NotCut
                    missing.remove(piece.size)
                elif wanted % piece.size == 0:
                    wanted //= piece.size
                elif wanted > 1 and piece.size % wanted == 0:
                    cut = (Piece(wanted), Piece(piece.size // wanted))
                    parts = {whole: _cut(axis, {piece: cut}) for whole, axis in parts.items()} | {piece: cut}
                    waiting.insert(0, cut[1])
                    piece, wanted = cut[0], 1
                else:
                    raise NotCut
                axis.append(piece)
            order.append(tuple(axis))
        if waiting:
            raise NotCut
        return Arranged(self.value, tuple(_cut(axis, parts) for axis in self.axes), tuple(order))

    def natural(self, whole: Iterable[Axis], last: bool = False) -> Arranged:
        """As it lies, but that each axis of `whole` is one axis: where its first piece is, or at the end,
        behind axes that are more than 1.

        Where this is how the array lies already, no node is needed for it.
        """
        kept = [axis for axis in whole if axis]
        inside = {piece: axis for axis in kept for piece in axis}
        found: list[Axis] = []
        for axis in self.axes:
            run: list[Piece] = []
            for piece in axis:
                if piece not in inside:
                    run.append(piece)
                    continue
                found += [tuple(run)] if run else []
                found += [inside[piece]] if not last and inside[piece][0] is piece else []
                run = []
            found += [tuple(run)] if run or (not axis and not last) else []
        return Arranged(self.value, self.axes, tuple([*found, *kept] if last else found))


def _cut(axis: Axis, parts: dict[Piece, Axis]) -> Axis:
    return tuple(part for piece in axis for part in parts.get(piece, (piece,)))


def size_of(axis: Iterable[Piece]) -> Size:
    sizes = [piece.size for piece in axis]
    return prod(size for size in sizes if isinstance(size, int)), tuple(sorted(size for size in sizes if isinstance(size, str)))


def fresh(size: Size | int) -> Axis:
    """An axis that no other value has."""
    number, free = (size, ()) if isinstance(size, int) else size
    return tuple(Piece(name) for name in free) + ((Piece(number),) if number != 1 else ())


def fixed(size: Size) -> int | None:
    """The number, where nothing is free."""
    return size[0] if not size[1] else None
