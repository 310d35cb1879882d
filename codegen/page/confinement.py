"""What a worker process may do: it opens no file but those of Python, writes none, connects to nothing, and its memory is bounded."""

from __future__ import annotations

import os
import sys
from importlib import resources
from pathlib import Path
from typing import Any

#: What nobody who derives has a use for, by the names of Python's audit events.
REFUSED = (
    *("subprocess.", "socket.", "os.system", "os.exec", "os.fork", "os.posix_spawn"),
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink"),
)
#: Names of files that are none of the disk.
DEVICES = ("/dev/null", "/dev/urandom")


def confine(memory: int) -> None:
    """This process, for good; it may take so many bytes of address space."""
    _bound("RLIMIT_AS", memory)
    _bound("RLIMIT_FSIZE", 0)
    _bound("RLIMIT_CORE", 0)
    places = _places()

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            _refuse_file(places, arguments[0], arguments[2])
        elif event.startswith(REFUSED):
            raise PermissionError(f"{event} is not allowed here")

    sys.addaudithook(refuse)


def allow_time(seconds: int) -> None:
    """From now on so many seconds of processor time, after which the system ends this process."""
    used = os.times()
    _bound("RLIMIT_CPU", int(used.user + used.system) + seconds + 1, for_good=False)


def _bound(name: str, most: int, for_good: bool = True) -> None:
    """A limit of the system's, where it has it: Windows has none, and macOS none of the address space."""
    try:
        import resource

        kind = getattr(resource, name)
        resource.setrlimit(kind, (most, most if for_good else resource.getrlimit(kind)[1]))
    except (ImportError, AttributeError, ValueError, OSError):
        return


def _places() -> tuple[str, ...]:
    """Folders of Python, of its packages, and of this project."""
    ours = [Path(str(resources.files(package))) for package in ("chainrule.codegen", "chainrule.templates")]
    packages = [Path(entry) for entry in sys.path if entry and Path(entry).resolve() != Path.cwd()]
    folders = [Path(sys.prefix), Path(sys.base_prefix), *packages, *ours, *(folder.resolve() for folder in ours)]
    return tuple(f"{os.path.abspath(folder)}{os.sep}" for folder in folders)


def _refuse_file(places: tuple[str, ...], path: object, flags: object) -> None:
    if isinstance(path, int):
        return
    name = os.path.abspath(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else ""
    writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if name in DEVICES or (name.startswith(places) and not writes):
        return
    raise PermissionError("no file of this machine is opened here")


def most_held() -> int:
    """The most bytes of memory that this process has held, 0 where the system doesn't say."""
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
