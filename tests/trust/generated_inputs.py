"""A run of Hypothesis on one target, in a process of its own.

python -m trust.generated_inputs TARGET TALLY FINDINGS INPUTS SECONDS SEED
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from trust.fuzzing_targets import TARGETS
from trust.input_grammar import inputs, seeds_of
from trust.tried import Tally, try_one, with_little_memory

#: Inputs that Hypothesis makes in a row; it slows down where there are more.
CHUNK = 2_000


class TimeIsUp(KeyboardInterrupt):
    """Hypothesis lets this one through; another exception it would take for a finding."""


def run(target: str, tally: Tally, most: int, seconds: float, seed: int, wrong: Path | None = None, current: Path | None = None) -> None:
    """Tries so many inputs on a target, or as many as the time allows."""
    # Where inputs come from is made before the time runs.
    first = seeds_of(target)[0]
    try_one(target, TARGETS[target], first, tally)
    until = time.monotonic() + seconds
    round_number = 0
    while tally.tried < most and time.monotonic() < until:
        _round(target, tally, min(CHUNK, most - tally.tried), until, seed * 10_000 + round_number, wrong, current)
        round_number += 1


def _round(target: str, tally: Tally, count: int, until: float, seed: int, wrong: Path | None, current: Path | None) -> None:
    @seeded(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(target))
    def one(data: bytes) -> None:
        if time.monotonic() > until:
            raise TimeIsUp
        if current is not None:
            current.write_bytes(data)
        known = len(tally.findings)
        finding = try_one(target, TARGETS[target], data, tally)
        if finding is not None and wrong is not None and len(tally.findings) > known:
            with wrong.open("a", encoding="utf-8") as file:
                file.write(finding.as_text() + "\n")

    with contextlib.suppress(TimeIsUp):
        one()


def main() -> None:
    target, tally_path, findings_path, most, seconds, seed = sys.argv[1:]
    tally = Tally()
    with_little_memory()
    try:
        run(target, tally, int(most), float(seconds), int(seed), Path(findings_path), Path(tally_path + ".current"))
    finally:
        Path(tally_path).write_text(json.dumps(tally.as_table()), encoding="utf-8")


if __name__ == "__main__":
    main()
