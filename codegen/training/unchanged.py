"""Files that nothing writes to while they are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chainrule.symbolic.index.failures import InvalidDescription


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Raises InvalidDescription where a file is another after it was read; what was wrong with it then is not said."""
    before = _state(path)
    try:
        yield
    except InvalidDescription:
        _compare(path, before)
        raise
    _compare(path, before)


def _compare(path: Path, before: tuple[int, int, int] | None) -> None:
    if _state(path) != before:
        raise InvalidDescription(f"{path}: the file changed while it was read; try again when nothing writes to it") from None


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    return state.st_size, state.st_mtime_ns, state.st_ino
