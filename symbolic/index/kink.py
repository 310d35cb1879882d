"""Which slope is taken at a kink, where a description chooses one: that to the left, that to the right, or the middle of both."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from .failures import InvalidDescription, expected_one_of, shown


class Kink(StrEnum):
    """The word of a description."""

    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


def chosen_kink(word: str | None) -> Kink | None:
    """The kink of that name; None is what functions have by themselves.

    Raises:
        InvalidDescription: where there is none of that name.
    """
    known: Iterable[str] = [kink.value for kink in Kink]
    if word is None:
        return None
    if word not in known:
        raise InvalidDescription(f"kink: found {shown(word)}, {expected_one_of(str(word), known)}", ("kink",))
    return Kink(word)
