"""A line on the terminal that says what is being done, once that takes longer than a second."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

PATIENCE = 1.0


@contextlib.contextmanager
def shown_progress() -> Iterator[Callable[[str], None]]:
    """A function to call with what is being done; it shows only on a terminal, and only after a second."""
    from rich.console import Console

    console = Console(stderr=True)
    status = console.status("")
    current = [""]

    def show() -> None:
        status.update(current[0] + " …")
        status.start()

    timer = threading.Timer(PATIENCE, show)
    timer.daemon = True

    def say(what: str) -> None:
        current[0] = what
        status.update(what + " …")

    if console.is_terminal:
        timer.start()
    try:
        yield say
    finally:
        timer.cancel()
        status.stop()
