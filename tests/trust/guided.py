"""A run of the coverage-guided fuzzer on one target, in a process of its own: `python -m trust.guided TARGET TALLY FINDINGS …`.

What follows is for libFuzzer. It never comes back from its loop, so that the tally is written every second; inputs that went wrong are
written and passed over, so that fuzzing goes on behind them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["chainrule", "tomllib"]):
    from trust.fuzzing_targets import TARGETS

from trust.tried import Tally, try_one, with_little_memory

#: Seconds between two writings of the tally.
PATIENCE = 0.5


def main() -> None:
    target, tally_path, findings_path, *rest = sys.argv[1:]
    function, tally = TARGETS[target], Tally()
    most = next((int(word.removeprefix("-runs=")) for word in rest if word.startswith("-runs=")), -1)
    written = 0.0

    def one(data: bytes) -> None:
        nonlocal written
        known = len(tally.findings)
        finding = try_one(target, function, data, tally, with_alarm=False)
        if finding is not None and len(tally.findings) > known:
            with Path(findings_path).open("a", encoding="utf-8") as file:
                file.write(finding.as_text() + "\n")
        if time.monotonic() - written > PATIENCE or tally.tried >= most > 0:
            written = time.monotonic()
            # In one move: the process may be ended at any moment.
            Path(tally_path + ".new").write_text(json.dumps(tally.as_table()), encoding="utf-8")
            os.replace(tally_path + ".new", tally_path)

    atheris.Setup([sys.argv[0], *rest], one)
    with_little_memory()
    atheris.Fuzz()


if __name__ == "__main__":
    main()
