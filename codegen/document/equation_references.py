"""The number of an equation behind the comment that says it in code: # z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]  → (2).

In C it is a comment of its own: /* z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j] */  // → (2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .document import Listing
from .highlighting import Colour, Piece

#: A comment that is an equation, by the language of the code: its left side.
_EQUATIONS = {
    "python": re.compile(r"^ *# (\w+)(?:\[[^\]]*\])? = .*$", re.MULTILINE),
    "c": re.compile(r"^ */\* (\w+)(?:\[[^\]]*\])? = .*\*/$", re.MULTILINE),
}
#: What begins a comment in which a number stands, where that of the equation has ended.
_BEGINS = {"c": "// "}
_NUMBER = re.compile(r"(?:// )?→ \((\d+)\)\Z")


def with_numbers(listing: Listing, numbers: Mapping[str, int]) -> Listing:
    """The listing with the number behind each equation that the document has numbered; `numbers` go by the names of left sides in code."""
    begins = _BEGINS.get(listing.language, "")

    def behind(found: re.Match[str]) -> str:
        number = numbers.get(found[1])
        return found[0] if number is None else f"{found[0]}  {begins}→ ({number})"

    return replace(listing, code=_EQUATIONS[listing.language].sub(behind, listing.code))


def number_behind(line: Sequence[Piece]) -> int | None:
    """The number at the end of a line of code, where there is one."""
    found = _NUMBER.search(line[-1].text) if line and line[-1].colour is Colour.COMMENT else None
    return int(found[1]) if found else None


def without_number(line: Sequence[Piece]) -> tuple[Piece, ...]:
    """The line up to its number."""
    return (*line[:-1], replace(line[-1], text=_NUMBER.sub("", line[-1].text)))
