"""Moves files into a folder, all or none: a program of its own, so that nothing that ends a build can come between two of the moves.

    python moving.py STAGED FOLDER

Every file of the folder STAGED goes to FOLDER, and STAGED is gone. It runs in a session of its own: neither Ctrl-C nor the end of the
build reaches it. While it moves it holds FOLDER's lock, so that two builds into one folder come one after the other. It needs the
standard library alone, and starts in hundredths of a second.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: The folder inside of STAGED where the former files wait until every new one is in its place.
FORMER = "former"


def move(staged: Path, folder: Path) -> None:
    """Moves every file of `staged` into `folder`.

    Raises:
        OSError: where one cannot be moved; then the folder is as it was.
    """
    names = sorted(os.listdir(staged))
    with locked(folder):
        former = staged / FORMER
        former.mkdir()
        moved: list[str] = []
        try:
            for name in names:
                if os.path.lexists(folder / name):
                    _keep(folder / name, former / name)
                os.replace(staged / name, folder / name)
                moved.append(name)
        except OSError:
            for name in moved:
                if os.path.lexists(former / name):
                    os.replace(former / name, folder / name)
                else:
                    os.unlink(folder / name)
            remove(staged)
            raise
        remove(staged)


def _keep(place: Path, former: Path) -> None:
    """A second name of the file, so that at no moment the folder is without it; a copy where the disk knows no second names."""
    try:
        os.link(place, former, follow_symlinks=False)
    except OSError:
        if not place.is_symlink() and not place.is_file():
            raise
        shutil.copy2(place, former, follow_symlinks=False)


def remove(staged: Path) -> None:
    shutil.rmtree(staged, ignore_errors=True)


@contextmanager
def locked(folder: Path) -> Iterator[int | None]:
    """Holds the lock of a folder, waiting for it: the descriptor to pass on to who shall hold it too, or None where a system has no such
    locks. It ends with the last process that holds it."""
    try:
        import fcntl
    except ImportError:
        yield None
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
        except OSError:
            # A disk without locks, as some in a network are: what one build writes is whole there too.
            yield None
        else:
            yield number
    finally:
        os.close(number)


def is_free(folder: Path) -> bool:
    """Whether nobody holds the lock of a folder; false, to be careful, where the system has no such locks."""
    try:
        import fcntl

        number = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        return False
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(number)
    return True


if __name__ == "__main__":
    try:
        move(Path(sys.argv[1]), Path(sys.argv[2]))
    except OSError as problem:
        sys.exit(f"{problem.errno or errno.EIO}\n{problem.strerror}\n{problem.filename2 or problem.filename}")
