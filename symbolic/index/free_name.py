"""Names that nothing else has."""

from __future__ import annotations

from collections.abc import Collection


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with underscores where it is taken."""
    while name in taken:
        name += "_"
    return name
