"""A run of the coverage-guided fuzzer on one target, in a process of its own: `python -m trust.guided TARGET TALLY FINDINGS …`.

What follows is for libFuzzer. It never comes back from its loop, so that the tally is written every second; inputs that went wrong are
written and passed over, so that fuzzing goes on behind them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from glob import glob
from importlib.util import find_spec
from pathlib import Path

import atheris
from trust.tried import Tally, try_one, with_little_memory

#: What the inputs of a target run through, where that is a part of the project: a process is ready to run in a fifth of the time where
#: the rest is not made ready to be counted.
OF_EQUATIONS = ("symbolic.index", "symbolic.language", "symbolic.system", "symbolic.layers")
ROOMS = {
    "equations": OF_EQUATIONS,
    "declarations": OF_EQUATIONS,
    "description": (*OF_EQUATIONS, "codegen.descriptions", "codegen.files", "codegen.formulas"),
}


def passed_over(target: str) -> list[str]:
    """The modules whose lines are not counted for a target."""
    if target not in ROOMS:
        return []
    (package,) = find_spec("chainrule").submodule_search_locations  # type: ignore[union-attr, misc]
    names = [path.removesuffix(".py").replace(os.sep, ".") for path in glob("**/*.py", root_dir=package, recursive=True)]
    return [f"chainrule.{name.removesuffix('.__init__')}" for name in names if not name.startswith(ROOMS[target])]


with atheris.instrument_imports(include=["chainrule", "tomllib"], exclude=passed_over(sys.argv[1])):
    from trust.fuzzing_targets import TARGETS

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
