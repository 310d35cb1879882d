"""What stands on a frame: a list of things on few frames, about equally full, and pictures that can be read there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chainrule.codegen.document.cut_drawing import can_be_read
from chainrule.codegen.document.document import Block, Display, Figure, Heading, Table
from chainrule.codegen.document.nodes import Node
from chainrule.codegen.document.sentence import Math, Sentence
from chainrule.codegen.formulas.slide_measure import ROOM, height, is_too_wide, picture_room
from chainrule.codegen.lesson.cut_rows import cut_rows
from chainrule.codegen.words.sentences import say

#: In lines of text.
EVEN_STEP = 0.5
#: Of a table that is cut, at its end.
MOST_LAST = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """Blocks that stay together, and the letter of what they are about."""

    letter: Node
    blocks: tuple[Block, ...]


def frame(title: Sentence, anchor: str, blocks: Sequence[Block]) -> list[Block]:
    """One frame; none where there is nothing on it."""
    return [Heading(2, title, anchor), *blocks] if blocks else []


def frames(key: str, items: Sequence[Shown], most: int) -> list[Block]:
    """As few frames as the items need; where they would need more than `most`, the first ones and the last.

    The headline `key` says from what to what each goes; for one thing alone it is that of `key`.one.
    """
    groups = _even(items)
    groups = groups if len(groups) <= most else [*groups[: most - 1], groups[-1]]
    found: list[Block] = []
    for number, group in enumerate(groups, 1):
        first, last = Math(group[0].letter), Math(group[-1].letter)
        title = say(f"{key}.one", first=first) if len(group) == 1 else say(key, first=first, last=last)
        found += frame(title, f"{key.replace('.', '-')}-{number}", [block for item in group for block in item.blocks])
    return found


def _even(items: Sequence[Shown]) -> list[list[Shown]]:
    groups = _groups(items, ROOM)
    smaller = sum(height(item.blocks) for item in items) / max(1, len(groups))
    while smaller < ROOM:
        even = _groups(items, smaller)
        if len(even) == len(groups):
            return even
        smaller += EVEN_STEP
    return groups


def _groups(items: Sequence[Shown], room: float) -> list[list[Shown]]:
    groups: list[list[Shown]] = []
    full = room
    for item in items:
        own = height(item.blocks)
        if not groups or full + own > room:
            groups.append([])
            full = 0.0
        groups[-1].append(item)
        full += own
    return groups


def fits(blocks: Sequence[Block]) -> bool:
    """Whether all of it stands on one frame, no formula wider than it."""
    return height(blocks) <= ROOM and not any(isinstance(block, Display) and is_too_wide(block.lines) for block in blocks)


def readable(figures: Sequence[Figure], others: Sequence[Block] = ()) -> list[Figure]:
    """Those whose letters can be read among the other blocks of a frame; a headline says what their captions would."""
    bare = [replace(figure, caption=()) for figure in figures]
    return [figure for figure in bare if can_be_read(figure.drawing, picture_room(figure, others))]


def cut_to_fit(table: Table, beside: Sequence[Block] = ()) -> Table:
    """The table, or so many of its first rows, and its last, as there is room for among the other blocks of a frame."""
    fitting = table
    for most in range(len(table.rows) - 1, MOST_LAST + 1, -1):
        if height([fitting, *beside]) <= ROOM:
            break
        fitting = replace(table, rows=cut_rows(table.rows, most, most - MOST_LAST - 1, MOST_LAST))
    return fitting
