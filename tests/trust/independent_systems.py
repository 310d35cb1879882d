"""The second generator's systems, more of them than a test has time for: modules against a reading that shares nothing with the project."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor

from independent.comparing import Tally, faults
from independent.systems import drawn

from .record import Progress, Record

SYSTEMS = 2000
#: Every so many systems also with Hessian products, and as `load` hands modules out after its own checks.
WITH_SECOND, VERIFIED = 5, 10


def compared(number: int) -> tuple[Tally, list[str]]:
    """What was compared of one system, and what failed."""
    tally = Tally()
    found = faults(drawn(number), tally, second=number % WITH_SECOND == 0, verified=number % VERIFIED == 0)
    return tally, [f"system {number}: {fault.kind}: {' '.join(fault.message.split())[:200]}" for fault in found]


def run(progress: Progress = lambda _: None, systems: int = SYSTEMS) -> Record:
    """Compares the modules of so many systems, on all processors."""
    started, tally, failures = time.monotonic(), Tally(), []
    with ProcessPoolExecutor() as pool:
        for number, (of_one, failed) in enumerate(pool.map(compared, range(systems), chunksize=5)):
            progress(f"system {number}")
            tally += of_one
            failures += failed
    return Record(
        "A second generator",
        "Do modules say what the text says, by a reading of another hand?",
        (
            ("systems whose modules were compared, plain and fast", tally.systems),
            ("calls, at several sizes of open axes, in which some gradient is not 0", tally.calls - tally.vacuous),
            ("arrays of gradients", tally.gradients),
            ("gradients along a direction, of Hessian products", tally.products),
        ),
        tuple(failures),
        time.monotonic() - started,
        remarks=(
            f"{tally.undecided} systems are not counted: at no arrays that were drawn is the cost a number and every comparison certain.",
            f"{tally.refused} are refused by a message that says the way around.",
            f"In {tally.vacuous} further calls every gradient is 0, by both readings and at all arrays that were drawn: "
            "the cost alone is evidence there.",
        ),
    )
