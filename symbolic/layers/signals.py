"""What a layer gives to the next, and how a tensor with its letters is declared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signal:
    """What a layer gives to the next: a tensor, the letters of an example's axes, and the axis that labels point into.

    `classes` is the place of the axis of classes among the letters: channels or features.
    """

    name: str
    letters: tuple[str, ...]
    points_into: str | None = None
    classes: int = -1

    @property
    def unit(self) -> str:
        """The letter of the axis of classes; empty where an example is a single number."""
        return self.letters[self.classes] if self.letters else ""


def declaration(name: str, axes: Iterable[str], into: str | None) -> str:
    """A declaration in the equation language: tok[n,t] in v."""
    return f"{name}[{','.join(axes)}]" + (f" in {into}" if into else "")
