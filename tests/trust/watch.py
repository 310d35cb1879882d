"""What Python does beside computing while something runs: files written and read, programs started, connections made.

By an audit hook, which sees whatever the code under watch does, in C as well; it cannot be taken off again, only looked away from.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainrule.codegen.files import atomic_move

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
STARTING = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "subprocess.Popen", "pty.spawn")
REACHING = ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "urllib.Request", "ctypes.dlopen")
CHANGING = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.chmod", "os.truncate", "shutil.rmtree")


@dataclass
class Watch:
    """What was seen that must not be: `folders` may be written to, `secrets` not be read, `programs` may be started."""

    folders: tuple[Path, ...]
    secrets: tuple[Path, ...] = ()
    programs: tuple[str, ...] = ()
    seen: list[str] = field(default_factory=list)

    def look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if isinstance(path, str | bytes | os.PathLike):
                self.look_at_file(os.fsdecode(path), isinstance(mode, str) and any(sign in mode for sign in "wax+"), flags or 0)
        elif event in STARTING or event in REACHING:
            if not (event == "subprocess.Popen" and self.may_start(*arguments[:2])):
                self.seen.append(f"{event} {arguments[:2]!r}"[:200])
        elif event in CHANGING:
            paths = [part for part in arguments if isinstance(part, str | bytes | os.PathLike)]
            self.seen += [f"{event} {path!r}" for path in paths if not self.is_allowed(os.fsdecode(path))]

    def may_start(self, program: str | bytes, command: Sequence[str]) -> bool:
        # What moves files into their folder is a program of its own: `python -I -S moving.py STAGED FOLDER`.
        is_mover = list(command[1:4]) == ["-I", "-S", atomic_move.__file__] and self.is_allowed(command[4]) and self.is_allowed(command[5])
        return is_mover or os.path.basename(os.fsdecode(program)) in self.programs

    def look_at_file(self, path: str, by_mode: bool, flags: int) -> None:
        place = Path(os.path.realpath(path))
        if any(place == secret for secret in self.secrets):
            self.seen.append(f"read {path!r}")
        if (by_mode or flags & WRITING) and not self.is_allowed(path):
            self.seen.append(f"opened {path!r} for writing")

    def is_allowed(self, path: str) -> bool:
        # Python keeps what it has compiled beside its sources.
        if path == os.devnull or "__pycache__" in path:
            return True
        place = Path(os.path.realpath(path))
        return any(place == folder or folder in place.parents for folder in self.folders)


_WATCHES: list[Watch] = []
_INSTALLED: list[bool] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _WATCHES:
        watch = _WATCHES.pop()
        try:
            watch.look(event, arguments)
        finally:
            _WATCHES.append(watch)


@contextlib.contextmanager
def watched(*folders: Path, secrets: tuple[Path, ...] = (), programs: tuple[str, ...] = ()) -> Iterator[Watch]:
    """A watch over what happens inside of the block."""
    if not _INSTALLED:
        sys.addaudithook(_hook)
        _INSTALLED.append(True)
    watch = Watch(tuple(Path(os.path.realpath(folder)) for folder in folders), secrets, programs)
    _WATCHES.append(watch)
    try:
        yield watch
    finally:
        _WATCHES.pop()
