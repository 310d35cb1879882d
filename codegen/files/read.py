"""Reading a text file of the user's: everything that keeps it from being read is said in one message."""

from __future__ import annotations

from pathlib import Path

from chainrule.symbolic.index.failures import InvalidDescription, nearest
from chainrule.symbolic.index.limits import MOST_BYTES


def exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def read_text(
    path: Path,
    typed: str,
    what: str = "a description",
    most: int = MOST_BYTES,
    otherwise: str = " or sizes such as 784-16-16-10",
    words: str = "",
    kind: str = "TOML file",
) -> str:
    """The text of a file; everything that keeps it from being read is a failure that says so, after the file's name and some `words`."""
    content = read_bytes(path, f"{typed}: {words}", f"{what} in a {kind}", most, f"a {kind}{otherwise}")
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise InvalidDescription(f"{typed}:{line}: {words}found a NUL byte, expected a text file in UTF-8", line=line)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        line = problem.object.count(b"\n", 0, problem.start) + 1
        found = problem.object[problem.start]
        message = f"{typed}:{line}: {words}found the byte 0x{found:02x}, expected text in UTF-8"
        raise InvalidDescription(message, line=line) from None


def read_bytes(path: Path, where: str, what: str, most: int, missing: str = "") -> bytes:
    """What is in a file; a failure begins with `where` and says `what` was expected, or `missing` where there is no file."""
    try:
        if path.is_dir():
            raise InvalidDescription(f"{where}found a folder, expected {what}")
        if not path.exists():
            raise InvalidDescription(f"{where}no such file{_similar_file(path)}; expected {missing or what}")
        if not path.is_file():
            raise InvalidDescription(f"{where}found a device or pipe, expected {what}")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise InvalidDescription(f"{where}cannot be read ({reason})") from None
    if len(content) > most:
        raise InvalidDescription(f"{where}found more than {most} bytes, expected {what} of at most that")
    return content


def _similar_file(path: Path) -> str:
    names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    close = nearest(path.name, names[:MOST_BYTES])
    return f", did you mean {close!r}?" if close else ""
