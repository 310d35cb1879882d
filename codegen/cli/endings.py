"""How a run of the command ends."""

from __future__ import annotations

INTERRUPTED = "interrupted; every file is whole, and all are as they were or all are new"
#: Exit statuses.
DONE, WRONG_CALL, BY_CTRL_C = 0, 2, 130


class NobodyReads(Exception):
    """The reader of our output went away, as `head` does."""
