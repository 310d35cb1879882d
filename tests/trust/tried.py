"""One input tried on one target: how it ended, how long it took, and by how much memory grew."""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

#: Of one input: what a person waits for at most, and what the machine of a stranger's reader must have.
SECONDS, MEGABYTES = float(os.environ.get("CHAINRULE_FUZZING_SECONDS", "5")), 500
#: How many times as long by the clock, on a machine that is busy with other things.
PATIENCE = 6.0
#: A build derives, checks every step and writes documents: seconds of work even where all is well.
SECONDS_OF: Mapping[str, float] = {"building": 60.0}
ROOT = str(Path(__file__).parents[2])


@dataclass(frozen=True)
class Finding:
    """An input that went wrong. `signature` is the same for inputs that went wrong in the same way."""

    target: str
    signature: str
    message: str
    data: bytes

    def as_text(self) -> str:
        return json.dumps(asdict(self) | {"data": base64.b64encode(self.data).decode()})

    @staticmethod
    def of_text(text: str) -> Finding:
        given = json.loads(text)
        return Finding(**(given | {"data": base64.b64decode(given["data"])}))


@dataclass
class Tally:
    """What was tried so far on a target."""

    tried: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    slowest_input: bytes = b""
    hungriest: float = 0.0
    hungriest_input: bytes = b""
    findings: dict[str, Finding] = field(default_factory=dict)

    def as_table(self) -> dict[str, object]:
        return {
            "tried": self.tried,
            "seconds": round(self.seconds, 3),
            "slowest": round(self.slowest, 4),
            "slowest_input": base64.b64encode(self.slowest_input).decode(),
            "hungriest": round(self.hungriest, 2),
            "hungriest_input": base64.b64encode(self.hungriest_input).decode(),
        }


class Hanging(BaseException):
    """No exception that the code under test would catch."""


def peak_megabytes() -> float:
    """The most memory that this process ever had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def with_little_memory() -> None:
    """From here on this process gets `MEGABYTES` more than it has; what asks for more fails."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + MEGABYTES * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


def try_one(target: str, function: Callable[[bytes], None], data: bytes, tally: Tally, with_alarm: bool = True) -> Finding | None:
    """Tries an input, counts it, and says what went wrong, if anything did.

    `with_alarm` interrupts what takes too long; without it, whoever calls has a watch of its own.
    """
    before, started = peak_megabytes(), time.process_time()
    limit, finding = SECONDS_OF.get(target, SECONDS), None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            if with_alarm:
                _with_alarm(function, data, limit)
            else:
                function(data)
    except (Exception, Hanging) as problem:
        place = f" in {_place(problem)}" if isinstance(problem, Hanging) else ""
        finding = Finding(target, _signature(problem), f"{type(problem).__name__}: {problem}{place}"[:300], data)
    took, grown = time.process_time() - started, peak_megabytes() - before
    tally.tried += 1
    tally.seconds += took
    if took > tally.slowest:
        tally.slowest, tally.slowest_input = took, data
    if grown > tally.hungriest:
        tally.hungriest, tally.hungriest_input = grown, data
    if finding is None and took > limit:
        finding = Finding(target, "slow", f"took {took:.1f} s", data)
    if finding is None and grown > MEGABYTES:
        finding = Finding(target, "hungry", f"took {grown:.0f} MB", data)
    if finding is not None:
        tally.findings.setdefault(finding.signature, finding)
    return finding


def _with_alarm(function: Callable[[bytes], None], data: bytes, seconds: float) -> None:
    def ring(*_: object) -> None:
        raise Hanging(f"no end within {seconds:g} s")

    # Time of this process, as the machine may be busy; and by the clock, for what waits and computes nothing.
    timers = ((signal.SIGPROF, signal.ITIMER_PROF, seconds), (signal.SIGALRM, signal.ITIMER_REAL, PATIENCE * seconds))
    before = [signal.signal(number, ring) for number, _, _ in timers]
    try:
        for _, timer, limit in timers:
            signal.setitimer(timer, limit)
        function(data)
    finally:
        for (number, timer, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)


def _signature(problem: BaseException) -> str:
    """The kind of an exception and the innermost place of this project that it went through."""
    if isinstance(problem, Hanging):
        return "Hanging"
    return f"{type(problem).__name__} in {_place(problem)}"


def _place(problem: BaseException) -> str:
    """The innermost place of this project that an exception went through."""
    frames = traceback.extract_tb(problem.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(f"{ROOT}/src/chainrule")]
    place = own[-1] if own else frames[-1]
    return f"{Path(place.filename).name}:{place.name}"
