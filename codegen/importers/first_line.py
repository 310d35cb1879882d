"""What the failure of another library says, for a message of one line."""

from __future__ import annotations

#: Longer ones are of use to that library's authors alone.
LONGEST = 200


def first_line(problem: BaseException) -> str:
    """The first line that says something, else the kind of failure."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return lines[0][:LONGEST] if lines else type(problem).__name__
