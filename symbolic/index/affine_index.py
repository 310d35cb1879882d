"""Places that are whole-number combinations of index letters: 2 i + p − 1."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Symbol

from .index_letters import is_letter


@dataclass(frozen=True, slots=True)
class AffineIndex:
    """Σ step · letter + start, where along an axis something is read or written; the letters with the largest steps first."""

    steps: tuple[tuple[Symbol, int], ...]
    start: int = 0

    @property
    def letters(self) -> tuple[Symbol, ...]:
        return tuple(letter for letter, _ in self.steps)

    @property
    def is_plain(self) -> bool:
        """A letter by itself."""
        return self.start == 0 and len(self.steps) == 1 and self.steps[0][1] == 1


@cache
def affine(index: Expr) -> AffineIndex | None:
    """An index as a place; None where it is read from a tensor, or counts in anything but whole numbers."""
    start, steps = 0, []
    for part, coefficient in index.as_coefficients_dict().items():
        if not coefficient.is_Integer:
            return None
        if part == 1:
            start = int(coefficient)
        elif is_letter(part):
            steps.append((part, int(coefficient)))
        else:
            return None
    return AffineIndex(tuple(sorted(steps, key=lambda pair: (-abs(pair[1]), pair[0].name))), start)
