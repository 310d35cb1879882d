"""Writing what was generated: each file whole or not at all, and none that a person has edited since.

A file whose fingerprint does not fit, or is missing, was edited or written by somebody else, and is left alone unless that is asked for.
"""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from symbolic.failures import InvalidDescription

from .fingerprints import is_untouched, with_fingerprint

#: How much of a path a message shows.
LONGEST_PATH = 400


def write_all(directory: Path, contents: Mapping[str, str | bytes], force: bool) -> list[Path]:
    """Writes all files into a directory, or none: everything is written beside its place first and then moved there.

    Raises:
        InvalidDescription: where a file would replace one that was edited by hand, or cannot be written.
    """
    finished = {name: with_fingerprint(name, content) for name, content in contents.items()}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if not force:
            for name in finished:
                _refuse_edited(directory / name)
        return _move_into_place(directory, finished)
    except OSError as problem:
        where = str(problem.filename or directory)[:LONGEST_PATH]
        raise InvalidDescription(f"{where}: cannot be written ({problem.strerror}); choose another folder with -o") from None


def _refuse_edited(path: Path) -> None:
    if not path.exists():
        return
    if path.is_dir():
        raise InvalidDescription(f"{path}: found a folder where a file is to be written; move it, or choose another folder with -o")
    if not path.is_file():
        raise InvalidDescription(f"{path}: found a device or pipe where a file is to be written; move it, or choose another folder with -o")
    if not is_untouched(path.name, path.read_bytes()):
        raise InvalidDescription(
            f"{path}: found a file that was edited by hand, or not made by chainrule; it is left as it is. "
            "Move it away, choose another folder with -o, or replace it with --force"
        )


def _move_into_place(directory: Path, contents: Mapping[str, bytes]) -> list[Path]:
    with tempfile.TemporaryDirectory(prefix=".chainrule-", dir=directory) as beside:
        for name, content in contents.items():
            with open(Path(beside) / name, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        with _not_interrupted():
            for name in contents:
                os.replace(Path(beside) / name, directory / name)
    return [directory / name for name in contents]


@contextlib.contextmanager
def _not_interrupted() -> Iterator[None]:
    """Ctrl-C waits until the moves are done, so that old and new files do not mix."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pending: list[int] = []
    before = {number: signal.signal(number, lambda number, _: pending.append(number)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if pending:
            raise KeyboardInterrupt
