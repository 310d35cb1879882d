"""Writing what was generated: each file whole or not at all, and none that a person has edited since.

A generated file ends in a comment with a fingerprint of the rest. A file whose fingerprint does not fit, or is missing, was edited or
written by somebody else, and is left alone unless that is asked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from symbolic.failures import InvalidDescription

#: How a comment looks in each kind of file.
COMMENTS = {".py": "# {}", ".tex": "% {}", ".html": "<!-- {} -->", ".md": "<!-- {} -->", ".svg": "<!-- {} -->", ".toml": "# {}"}
MARK = re.compile(r"\n[^\n]*chainrule fingerprint ([0-9a-f]{16})[^\n]*\n?\Z")


def with_fingerprint(name: str, text: str) -> str:
    """The text with its fingerprint as a last comment."""
    body = text.rstrip("\n") + "\n"
    comment = COMMENTS[Path(name).suffix].format(f"chainrule fingerprint {_fingerprint(body)}")
    return f"{body}\n{comment}\n"


def is_untouched(text: str) -> bool:
    """Whether a file is as it was generated."""
    found = MARK.search(text)
    return found is not None and found.group(1) == _fingerprint(text[: found.start()].rstrip("\n") + "\n")


def _fingerprint(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def write_all(directory: Path, texts: Mapping[str, str], force: bool) -> list[Path]:
    """Writes all files into a directory, or none: everything is written beside its place first and then moved there.

    Raises:
        InvalidDescription: where a file would replace one that was edited by hand, or cannot be written.
    """
    finished = {name: with_fingerprint(name, text) for name, text in texts.items()}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if not force:
            for name in finished:
                _refuse_edited(directory / name)
        return _move_into_place(directory, finished)
    except OSError as problem:
        where = problem.filename or directory
        raise InvalidDescription(f"{where}: cannot be written ({problem.strerror}); choose another folder with -o") from None


def _refuse_edited(path: Path) -> None:
    if not path.exists():
        return
    if path.is_dir():
        raise InvalidDescription(f"{path}: found a folder where a file is to be written; move it, or choose another folder with -o")
    if not is_untouched(path.read_bytes().decode("utf-8", errors="replace").replace("\r\n", "\n")):
        raise InvalidDescription(
            f"{path}: found a file that was edited by hand, or not made by chainrule; it is left as it is. "
            "Move it away, choose another folder with -o, or replace it with --force"
        )


def _move_into_place(directory: Path, texts: Mapping[str, str]) -> list[Path]:
    with tempfile.TemporaryDirectory(prefix=".chainrule-", dir=directory) as beside:
        for name, text in texts.items():
            with open(Path(beside) / name, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        with _not_interrupted():
            for name in texts:
                os.replace(Path(beside) / name, directory / name)
    return [directory / name for name in texts]


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
