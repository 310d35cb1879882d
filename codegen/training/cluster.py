"""A cluster of Dask: one that is there, or workers on this machine for as long as they are needed."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chainrule.symbolic.index.failures import InvalidDescription

if TYPE_CHECKING:
    from distributed import Client

#: So many seconds a scheduler may take to answer, and then a worker to be there.
SECONDS = 20


@contextmanager
def cluster(scheduler: str | None, workers: int | None) -> Iterator[Client]:
    """A client of the scheduler at an address, or of as many workers of our own, each a process.

    Raises:
        InvalidDescription: where Dask is not installed, nothing answers, or there is no worker.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        raise InvalidDescription("several workers need Dask: pip install 'chainrule[distributed]'") from None
    with _quiet(), dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GB"}):
        if scheduler is None:
            options = {"threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}
            with _main_program_alone():
                try:
                    with _without_ctrl_c():
                        local = LocalCluster(n_workers=workers, **options)
                except (RuntimeError, OSError) as problem:
                    raise InvalidDescription(f"--workers: {workers} processes cannot be started ({problem})") from None
                with local, Client(local) as client:
                    yield client
            return
        try:
            client = Client(scheduler, timeout=SECONDS)
        except (OSError, ValueError, ImportError) as problem:
            raise InvalidDescription(f"--scheduler: nothing answers at {scheduler} ({problem}); expected tcp://HOST:PORT") from None
        with client:
            try:
                client.wait_for_workers(1, timeout=SECONDS)
            except TimeoutError:
                raise InvalidDescription(f"--scheduler: {scheduler} has no workers; start some with dask worker {scheduler}") from None
            yield client


@contextmanager
def _main_program_alone() -> Iterator[None]:
    """A worker needs nothing of the program that starts it, which Python would run again in each where it knows its file."""
    main = sys.modules["__main__"].__dict__
    file = main.pop("__file__", None)
    try:
        yield
    finally:
        if file is not None:
            main["__file__"] = file


@contextmanager
def _quiet() -> Iterator[None]:
    """What happens to workers is Dask's to mend and not to be told; what it cannot mend is one message of ours."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Processes that are begun in here don't hear Ctrl-C: it ends this one, which ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
