"""Why a piece of a work cannot be read: data, which is said where the other sentences of a work are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Reason:
    """The key of a sentence, and what it mentions; an `error` is what Python or NumPy say themselves, in English."""

    key: str
    fields: Mapping[str, str] = field(default_factory=dict)


class Unreadable(Exception):
    """A piece of a work that the interpreter has no meaning for, with the key of its reason and what that mentions."""

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(key)
        self.reason = Reason(key, {name: str(value) for name, value in fields.items()})

    @classmethod
    def of(cls, problem: Exception) -> Self:
        """What Python or NumPy refuse, by the first line of what they say; what is one already stays."""
        return problem if isinstance(problem, cls) else cls("refused", error=str(problem).split("\n")[0].strip())


class Mismatch(Unreadable):
    """Arrays whose shapes do not go together."""


class Exhausted(Unreadable):
    """A work that goes on beyond its bounds: nothing more of it is read."""


TOO_DEEP = Reason("deep")
