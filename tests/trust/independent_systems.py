"""The second generator's systems, more of them than a test has time for: modules against a reading that shares nothing with the project."""

from __future__ import annotations

import time

from independent.comparing import Tally, faults
from independent.systems import drawn

from .record import Progress, Record

SYSTEMS = 2000
#: Every so many systems also with Hessian products, and as `load` hands modules out after its own checks.
WITH_SECOND, VERIFIED = 5, 10


def run(progress: Progress = lambda _: None, systems: int = SYSTEMS) -> Record:
    """Compares the modules of so many systems."""
    started, tally, failures = time.monotonic(), Tally(), []
    for number in range(systems):
        progress(f"system {number}")
        for fault in faults(drawn(number), tally, second=number % WITH_SECOND == 0, verified=number % VERIFIED == 0):
            failures.append(f"system {number}: {fault.kind}: {' '.join(fault.message.split())[:200]}")
    return Record(
        "A second generator",
        "Do modules say what the text says, by a reading of another hand?",
        (
            ("systems whose modules were compared, plain and fast", tally.systems),
            ("calls, at several sizes of open axes", tally.calls),
            ("arrays of gradients", tally.gradients),
            ("gradients along a direction, of Hessian products", tally.products),
        ),
        tuple(failures),
        time.monotonic() - started,
        remarks=(
            f"{tally.undecided} systems are not counted: at no arrays that were drawn is the cost a number and every comparison certain.",
            f"{tally.refused} are refused by a message that says the way around.",
            f"In {tally.vacuous} calls every gradient was 0; all others say something.",
        ),
    )
