"""The command's first step, before anything large is imported: Ctrl-C, and an output that is full, closed or of few signs.

Whatever of these happens, the user reads one line at most, and the exit status is one of those that are documented.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from types import FrameType

from .endings import BY_CTRL_C, DONE, INTERRUPTED, WRONG_CALL, NobodyReads

#: Garbage is collected when so many more objects were made than went away, and those that stayed after so many times. Expressions, of
#: which most objects are parts, never refer back to what has them: there is next to nothing to find.
COLLECTION = 50_000, 20, 20


def main() -> None:
    """Runs the command and ends the process."""
    signal.signal(signal.SIGINT, _leave)
    gc.set_threshold(*COLLECTION)
    from . import main as command
    from .spelling import spell_out

    spell_out(sys.stdout, sys.stderr)
    status = DONE
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        command.main()
        _flush()
    except SystemExit as ended:
        # Rich ends the process itself where nobody reads on.
        status = _flushed(DONE if isinstance(ended.__context__, BrokenPipeError) else int(ended.code or 0))
    except NobodyReads:
        _forget(sys.stdout)
    except KeyboardInterrupt:
        say(INTERRUPTED)
        status = BY_CTRL_C
    except OSError as problem:
        status = _ended_by(problem)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(status)


def say(line: str) -> None:
    """A line where errors go, if there is such a place."""
    try:
        print(line, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _forget(sys.stderr)


def _leave(_: int, __: FrameType | None) -> None:
    """Ctrl-C while libraries are imported, some of which would catch an exception: there is nothing to put in order yet."""
    os.write(2, f"{INTERRUPTED}\n".encode())
    os._exit(BY_CTRL_C)


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _flushed(status: int) -> int:
    """The status, where what was printed could be written."""
    try:
        _flush()
    except OSError as problem:
        return _ended_by(problem)
    return status


def _ended_by(problem: OSError) -> int:
    """The status after something could not be read or written; where nobody reads on, all is well."""
    _forget(sys.stdout)
    if isinstance(problem, BrokenPipeError):
        return DONE
    say(f"chainrule: {problem.filename or 'the output'}: cannot be written ({problem.strerror or problem})")
    return WRONG_CALL


def _forget(stream: object) -> None:
    """What still waits to be printed goes nowhere: Python would try once more when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())  # type: ignore[attr-defined]
    except (OSError, AttributeError, ValueError):
        # Not a file of the system's.
        pass
    finally:
        os.close(nowhere)


if __name__ == "__main__":
    main()
