"""A worker process: it answers questions one after the other, inside of its limits, until it is full or nobody asks any more."""

from __future__ import annotations

import json
from multiprocessing.connection import Connection

from .confinement import allow_time, confine, most_held
from .limits import Limits
from .parts.answers import answer

#: In front of an answer: whether this process goes on behind it.
GOES_ON, ENDS = b"+", b"."


def work(questions: Connection, limits: Limits) -> None:
    """Reads the name of a part and the question behind it, and writes the answer."""
    confine(limits.memory)
    for number in range(1, limits.answers + 1):
        try:
            part, _, asked = questions.recv_bytes().partition(b"\n")
        except (EOFError, OSError):
            return
        allow_time(limits.seconds)
        goes_on = number < limits.answers
        try:
            found = answer(part.decode(), asked)
            if len(found) > limits.most_answered:
                found = stopped("size")
        except MemoryError:
            found, goes_on = stopped("memory"), False
        goes_on = goes_on and most_held() < limits.full
        questions.send_bytes((GOES_ON if goes_on else ENDS) + found)
        if not goes_on:
            return


def stopped(why: str) -> bytes:
    """The answer where none was made: "time", "memory", "size", or "ended" where the process did."""
    return json.dumps({"stopped": why}).encode()
