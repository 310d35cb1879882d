"""The page of trials, generated/TRUST.md, from records of real runs.

    cd tests
    python -m trust.report                            the page, from the records that there are
    python -m trust.report faults numbers             runs these trials first, and records them
    python -m trust.report all                        runs everything: hours, most of them fuzzing
    python -m trust.report determinism -p PYTHON …    also with further interpreters, each with the project's packages

A record stays until its trials are run again, so that a long run need not be repeated to change another part.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import jinja2
import numpy as np
import sympy

from .findings import FINDINGS
from .record import Progress, Record

HERE = Path(__file__).parent
GENERATED = HERE.parent.parent / "generated"
RECORDS = GENERATED / "trust"
PAGE = GENERATED / "TRUST.md"


def trials(name: str) -> Callable[..., Record]:
    """The function that runs the trials of a kind; its module is imported only where it is run."""

    def run(**arguments: object) -> Record:
        module = __import__(f"trust.{name}", fromlist=["run"])
        found: Record = module.run(**arguments)
        return found

    return run


#: Every kind of trial, in the order of the page.
ROOMS: dict[str, Callable[..., Record]] = {
    name: trials(name) for name in ("deep", "mutations", "differential", "fuzzing", "hostile", "faults", "numbers", "determinism")
}


@dataclasses.dataclass(frozen=True, slots=True)
class Recorded:
    """A record with the circumstances of its run."""

    record: Record
    date: str
    versions: str
    machine: str


def recorded(name: str, arguments: dict[str, object], progress: Progress) -> Path:
    """Runs the trials of a kind and writes their record."""
    record = ROOMS[name](progress=progress, **arguments)
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, SymPy {sympy.__version__}"
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    circumstances = Recorded(record, datetime.now(UTC).date().isoformat(), versions, machine)
    RECORDS.mkdir(exist_ok=True)
    path = RECORDS / f"{name}.json"
    path.write_text(json.dumps(dataclasses.asdict(circumstances), indent=1, ensure_ascii=False) + "\n")
    return path


def read(name: str) -> Recorded:
    """A record that was written before.

    Raises:
        FileNotFoundError: where these trials were never recorded.
    """
    found = json.loads((RECORDS / f"{name}.json").read_text())
    fields = found.pop("record")
    lists = {key: tuple(map(tuplewise, value)) if isinstance(value, list) else value for key, value in fields.items()}
    return Recorded(Record(**lists), **found)


def tuplewise(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def page() -> str:
    """The page, from all records."""
    # Text of the trials goes into Markdown: signs that have a meaning there are taken out of theirs.
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["plain"] = plain
    environment.filters["count"] = "{:,}".format
    environment.filters["time"] = duration
    rooms = {name: read(name) for name in ROOMS if (RECORDS / f"{name}.json").exists()}
    return environment.get_template("trust.md.jinja").render(rooms=rooms, findings=FINDINGS)


def plain(text: str) -> str:
    """Text for a cell of a table."""
    for sign in "\\`*_[]<>|#$":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", choices=[*ROOMS, "all", []], help="what to run and record before the page is written")
    parser.add_argument("-p", "--python", nargs="*", default=[], help="further interpreters for `determinism`")
    parser.add_argument("--kills", type=int, default=100, help="whole builds that `faults` kills")
    chosen = parser.parse_args()
    own: dict[str, dict[str, object]] = {"determinism": {"interpreters": chosen.python}, "faults": {"kills": chosen.kills}}
    for name in ROOMS if "all" in chosen.kinds else chosen.kinds:
        print(recorded(name, own.get(name, {}), partial(print, f"{name}:", flush=True)))
    PAGE.write_text(page())
    print(PAGE)


if __name__ == "__main__":
    main()
