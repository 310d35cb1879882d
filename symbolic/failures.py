"""What can go wrong, as one family of exceptions whose message says where, what was found and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ChainruleError(Exception):
    """The base of everything this project raises on purpose."""


class InvalidDescription(ChainruleError):
    """A network, an expression or a file that cannot be used as it is."""


class CheckFailed(ChainruleError):
    """An equation or a gradient that does not agree with its numeric check."""


class NotExpressible(ChainruleError):
    """An expression that a view (matrix form, closed form, a printer) has no way to write."""


def nearest(word: str, options: Iterable[str]) -> str | None:
    """The option most like `word`, or None where nothing is near."""
    allowed = list(options)
    other_case = [option for option in allowed if option.lower() == word.lower()]
    found = other_case or difflib.get_close_matches(word, allowed, n=1, cutoff=0.5)
    return found[0] if found else None


def expected_one_of(word: str, options: Iterable[str]) -> str:
    """The end of a message about a wrong word: what is allowed, and the nearest of it."""
    allowed = list(options)
    close = nearest(word, allowed)
    ending = f"; did you mean {close!r}?" if close else ""
    return f"expected one of {', '.join(allowed)}{ending}"


def counted(number: int, one: str, many: str) -> str:
    """1 index, 2 indices."""
    return f"{number} {one if number == 1 else many}"


def shown(value: object) -> str:
    """A value as a message shows it: cut off where it is long, whatever it is."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**30:
        return f"a number of more than {value.bit_length() * 3 // 10} digits"
    written = repr(value)
    return written if len(written) <= 80 else f"{written[:77]}…"
