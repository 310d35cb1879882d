"""Writing what was generated: each file whole or not at all, and none that a person has edited since.

A file whose fingerprint does not fit, or is missing, was edited or written by somebody else, and is left alone unless that is asked for.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from chainrule.symbolic.index.failures import InvalidDescription

from . import atomic_move
from .atomic_move import is_free, locked, move, remove
from .fingerprints import is_untouched, with_fingerprint

#: How the folders begin in which files wait to be moved; then comes what is drawn, and its hash.
STAGED = ".chainrule-"
#: Of either half, in hexadecimal digits.
HALF = 16

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
        for name in finished:
            _refuse_no_file(directory / name)
            if not force:
                _refuse_edited(directory / name)
        return _move_into_place(directory, finished)
    except OSError as problem:
        where = str(problem.filename or directory)[:LONGEST_PATH]
        raise InvalidDescription(f"{where}: cannot be written ({problem.strerror}); choose another folder with -o") from None


def write_data(path: Path, content: str | bytes) -> None:
    """Writes a file of data, which replaces one of that name, whole or not at all.

    Raises:
        InvalidDescription: where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_no_file(path)
        _move_into_place(path.parent, {path.name: content.encode() if isinstance(content, str) else content})
    except OSError as problem:
        where = str(problem.filename or path)[:LONGEST_PATH]
        raise InvalidDescription(f"{where}: cannot be written ({problem.strerror})") from None


def _refuse_no_file(path: Path) -> None:
    """What is no file is nobody's earlier output, and is not replaced even where that is asked for."""
    if path.is_dir() and not path.is_symlink():
        raise InvalidDescription(f"{path}: found a folder where a file is to be written; move it, or choose another folder with -o")
    if path.exists() and not path.is_file() and not path.is_symlink():
        raise InvalidDescription(f"{path}: found a device or pipe where a file is to be written; move it, or choose another folder with -o")


def _refuse_edited(path: Path) -> None:
    if path.exists() and not (path.is_file() and is_untouched(path.name, path.read_bytes())):
        raise InvalidDescription(
            f"{path}: found a file that was edited by hand, or not made by chainrule; it is left as it is. "
            "Move it away, choose another folder with -o, or replace it with --force"
        )


def _move_into_place(directory: Path, contents: Mapping[str, bytes]) -> list[Path]:
    with _staging_folder(directory) as (staged, lock):
        for name, content in contents.items():
            with open(staged / name, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        _move(staged, directory, lock)
    return [directory / name for name in contents]


@contextmanager
def _staging_folder(directory: Path) -> Iterator[tuple[Path, int | None]]:
    """A new folder beside the places of the files, and its lock; while somebody holds that, no build takes the folder for abandoned."""
    with ExitStack() as held:
        with locked(directory):
            _remove_abandoned(directory)
            drawn = secrets.token_hex(HALF // 2)
            staged = directory / f"{STAGED}{drawn}{_hash(drawn)}"
            staged.mkdir(mode=0o700)
            held.callback(remove, staged)
            lock = held.enter_context(locked(staged))
        yield staged, lock


def is_staged(name: str) -> bool:
    """Whether a folder of this name was made here: its second half is the hash of the first, as in no name that somebody thought of."""
    halves = name.removeprefix(STAGED)
    return name.startswith(STAGED) and len(halves) == 2 * HALF and halves[HALF:] == _hash(halves[:HALF])


def _hash(drawn: str) -> str:
    return hashlib.sha256(f"chainrule {drawn}".encode()).hexdigest()[:HALF]


def _remove_abandoned(directory: Path) -> None:
    """Removes what builds that were killed have left."""
    for left in sorted(directory.glob(f"{STAGED}*")):
        if is_staged(left.name) and left.is_dir() and not left.is_symlink() and is_free(left):
            remove(left)


def _move(staged: Path, directory: Path, lock: int | None) -> None:
    """By a process of its own, which goes on where this one is ended, and then still holds the lock."""
    if not sys.executable:
        move(staged, directory)
        return
    command = [sys.executable, "-I", "-S", atomic_move.__file__, str(staged), str(directory)]
    inherited = () if lock is None else (lock,)
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True, pass_fds=inherited, text=True
    ) as mover:
        try:
            _, said = mover.communicate()
        except KeyboardInterrupt:
            mover.communicate()
            raise
    if mover.returncode:
        number, _, reason = said.strip().partition("\n")
        meaning, _, filename = reason.partition("\n")
        raise OSError(int(number), meaning, filename)
