"""Several works of one network: the first ones in this process, the others in as many as the machine has processors.

The numbers of the network are computed once, before the other processes begin. What is said of a work depends neither on the process that
marks it nor on the works before.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path

from chainrule.codegen.words.translation import speaking, spoken_language
from chainrule.symbolic.index.failures import InvalidDescription

from .mark import Marker
from .marked import MarkedWork
from .work_file import read_work

#: Works that are marked before another process is worth its beginning.
FEW = 12
#: A copy of this process has the numbers of the network already; where there is none, a new one gets them.
CONTEXT = "fork" if sys.platform == "linux" else "spawn"


def marked_file(marker: Marker, path: Path, function: str | None = None) -> MarkedWork:
    """A work, or what the message about it says where it cannot be read."""
    try:
        return marker.marked(read_work(path), str(path), function, path.suffix)
    except InvalidDescription as problem:
        return marker.unread(str(path), problem)


def marked_files(
    marker: Marker, paths: Sequence[Path], function: str | None, progress: Callable[[str], None], processes: int | None = None
) -> list[MarkedWork]:
    """Works in the order of their files."""
    found: list[MarkedWork] = []

    def keep(works: Iterable[MarkedWork]) -> None:
        for work in works:
            found.append(work)
            progress(f"marked {len(found)} of {len(paths)}")

    progress("marking")
    keep(marked_file(marker, path, function) for path in paths[:FEW])
    others = paths[len(found) :]
    count = min(processes or _processors(), len(others))
    if count > 1:
        # One of them may be ended from outside, as where memory is short: what is left then is marked here.
        with suppress(BrokenProcessPool):
            keep(_in_processes(marker, others, function, count))
    keep(marked_file(marker, path, function) for path in paths[len(found) :])
    return found


def _in_processes(marker: Marker, paths: Sequence[Path], function: str | None, processes: int) -> Iterator[MarkedWork]:
    context = multiprocessing.get_context(CONTEXT)
    pool = ProcessPoolExecutor(processes, context, _begin, (marker, spoken_language().tag))
    try:
        for future in [pool.submit(_marked, path, function) for path in paths]:
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


#: Of a process that was begun for this.
_own: list[tuple[Marker, str]] = []


def _begin(marker: Marker, language: str) -> None:
    """A process gets the network; it ends at once when it is interrupted, as the one that began it says so."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _own[:] = [(marker, language)]


def _marked(path: Path, function: str | None) -> MarkedWork:
    ((marker, language),) = _own
    with speaking(language):
        return marked_file(marker, path, function)


def _processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
