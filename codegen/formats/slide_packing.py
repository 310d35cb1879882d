"""Which parts share a slide: as many as fit, but no announcement without what it announces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .slide_parts import Part

#: What fits on a slide, in lines of text; lines of Chinese stand further apart.
ROOM, ROOM_OF_CHINESE = 15.5, 15.0

#: In lines of text.
EVEN_STEP = 0.5


@dataclass(frozen=True, slots=True)
class Frame:
    """A slide with its overlays. `section` is its name where it begins one."""

    title: str
    section: str
    parts: tuple[str, ...]


def packed(parts: Sequence[Part], title: str, section: str, room: float) -> list[Frame]:
    """The frames of what stands under one heading."""
    groups = _even(parts, room)
    return [Frame(title, section if number == 0 else "", tuple(_written(group))) for number, group in enumerate(groups)]


def _even(parts: Sequence[Part], room: float) -> list[list[Part]]:
    """As few groups as the room asks for, and of these about equally high ones: no slide with a single line at the end."""
    groups = list(_groups(parts, room))
    smaller = height(parts) / max(1, len(groups))
    while smaller < room:
        even = list(_groups(parts, smaller))
        if len(even) == len(groups):
            return even
        smaller += EVEN_STEP
    return groups


def _groups(parts: Sequence[Part], room: float) -> Iterator[list[Part]]:
    group: list[Part] = []
    for bundle in _bundles(parts):
        if group and height([*group, *bundle]) > room:
            yield group
            group = []
        group = [*group, *bundle]
    if group:
        yield group


def height(parts: Sequence[Part]) -> float:
    """In lines of text."""
    return sum(part.height for part in parts)


def _bundles(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """An announcement and the parts up to the first that can stand alone."""
    bundle: list[Part] = []
    for part in parts:
        bundle.append(part)
        if not part.announces:
            yield bundle
            bundle = []
    if bundle:
        yield bundle


def _written(group: Sequence[Part]) -> Iterator[str]:
    """An announcement comes together with the first step of what it announces; everything else comes one after the other."""
    step = 1
    for part in group:
        yield part.written(step)
        step += part.steps
