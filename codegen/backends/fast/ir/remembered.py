"""What is known of what was computed, and whether what follows a border asks for anything from before it."""

from __future__ import annotations

from typing import TypeVar

Key = TypeVar("Key")
Known = TypeVar("Known")
Default = TypeVar("Default")


class Remembered(dict[Key, Known]):
    """A dictionary; from the border on it notices when someone asks for what was in it before."""

    def __init__(self) -> None:
        super().__init__()
        self.before: frozenset[Key] = frozenset()
        self.is_asked_for_before = False

    def begin(self) -> None:
        """The border is here."""
        self.before = frozenset(self)

    def __contains__(self, key: object) -> bool:
        self.is_asked_for_before |= key in self.before
        return super().__contains__(key)

    def get(self, key: Key, default: Default | None = None) -> Known | Default | None:  # type: ignore[override]
        self.is_asked_for_before |= key in self.before
        return super().get(key, default)
