"""The server as a process: it listens, says where, and ends on Ctrl-C with all of its worker processes."""

from __future__ import annotations

import contextlib
import os
import socket
import sys

import uvicorn

from chainrule.symbolic.index.failures import InvalidDescription

from .application import application
from .rates import Rates

#: Connections that wait to be accepted, and seconds in which the last answers are sent at the end.
BACKLOG, LAST_ANSWERS = 256, 2


def serve(host: str, port: int, public: bool = False, workers: int | None = None) -> None:
    """Serves until the process is asked to end.

    Raises:
        InvalidDescription: where the address cannot be listened at.
    """
    # Copied processes have one thread each: there are as many of them as processors.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # A copy would run the program of this process once more, to have its names, and begin to serve.
    vars(sys.modules["__main__"]).pop("__file__", None)
    listening = _socket(host, port)
    app = application(workers or max(2, os.cpu_count() or 1) + 1, Rates() if public else None)
    name = f"[{host}]" if ":" in host else host
    print(f"chainrule: http://{name}:{listening.getsockname()[1]} (Ctrl-C ends it)", flush=True)
    settings = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=LAST_ANSWERS)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(settings).run(sockets=[listening])


def _socket(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError as problem:
        raise InvalidDescription(f"{host}:{port}: cannot listen there ({problem.strerror or problem}); choose another --port") from None
    return made
