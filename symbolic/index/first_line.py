"""What the failure of another library, or of a user's template, says, for a message of one line."""

from __future__ import annotations


def first_line(problem: BaseException) -> str:
    """The first line that says something, else the kind of failure."""
    return next((line.strip() for line in str(problem).splitlines() if line.strip()), type(problem).__name__)
