"""What a layer gives to the next, and how a tensor with its letters is declared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signal:
    """What a layer gives to the next: a tensor, the letters of an example's axes, and the axis that labels point into."""

    name: str
    letters: tuple[str, ...]
    points_into: str | None = None


def declaration(name: str, axes: Iterable[str], into: str | None) -> str:
    """A declaration in the equation language: tok[n,t] in v."""
    return f"{name}[{','.join(axes)}]" + (f" in {into}" if into else "")
