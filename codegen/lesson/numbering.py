"""Equation numbers of a document in order of appearance, and which tensor's equation got which."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count


@dataclass
class Numbering:
    """Numbers from 1."""

    counter: count[int] = field(default_factory=lambda: count(1))
    of: dict[str, int] = field(default_factory=dict)

    def next_for(self, name: str) -> int:
        """The next number, which from now on stands for that name."""
        self.of[name] = next(self.counter)
        return self.of[name]
