"""The seeds of a class: `1-30`, or `1,4,9-12`. Each seed is a sheet of its own."""

from __future__ import annotations

import re

from chainrule.symbolic.index.failures import InvalidDescription

MOST_SEED = 1_000_000_000
#: Sheets of one call.
MOST_SHEETS = 500
_PART = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,10}))?")


def seeds_of(text: str) -> tuple[int, ...]:
    """Every seed of a text once, in the order in which they stand there.

    Raises:
        InvalidDescription: where the text is no list of seeds, or has a seed that no sheet has, or too many.
    """
    found: dict[int, None] = {}
    for part in text.split(","):
        seeds = _range(part.strip())
        if len(found) + len(seeds) > MOST_SHEETS:
            raise InvalidDescription(f"--seeds: {text!r} has more than {MOST_SHEETS} seeds; expected that many at most in one call")
        found |= dict.fromkeys(seeds)
    return tuple(found)


def _range(part: str) -> range:
    matched = _PART.fullmatch(part)
    if matched is None:
        raise InvalidDescription(
            f"--seeds: found {part!r}; expected whole numbers from 0 to {MOST_SEED} and ranges of them with commas between, "
            "such as 1-30 or 1,4,9-12"
        )
    first, last = int(matched[1]), int(matched[2] or matched[1])
    if last < first:
        raise InvalidDescription(f"--seeds: found {part!r}; expected the smaller number first, {last}-{first}")
    if last > MOST_SEED:
        raise InvalidDescription(f"--seeds: found {last}; expected whole numbers from 0 to {MOST_SEED}")
    return range(first, last + 1)
