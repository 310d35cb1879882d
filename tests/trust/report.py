"""The page `generated/TRUST.md`, from recorded runs.

    python tests/trust/report.py                    runs every room that has no record yet, and writes the page
    python tests/trust/report.py deep mutations     runs these again
    python tests/trust/report.py --page             writes the page from the records as they are
    python tests/trust/report.py determinism --pythons PYTHON …   with further interpreters, each with the project's packages

A room is a module of this folder with `run(progress=…) -> Record`. Its record is kept as generated/trust/NAME.json with the date, the
versions and the machine, so that one section can be run again without the others: a long run of fuzzing need not be repeated.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
#: Rooms of tests that lend something to others, as in pyproject.toml.
LENDING = ("", "networks", "readings", "benchmarks", "codegen/backends/fast", "codegen/marking", "symbolic/checking")
sys.path[:0] = [str(path) for path in (ROOT / "src", *(ROOT / "tests" / room for room in LENDING)) if str(path) not in sys.path]

from trust.findings import FINDINGS  # noqa: E402
from trust.keeping import keep  # noqa: E402
from trust.missed import MISSED  # noqa: E402
from trust.record import VACUOUS, Record  # noqa: E402

from chainrule.codegen.templating.environments import text_template  # noqa: E402

#: Modules of this folder, in the order of the page; those that are not there have no section.
ROOMS = (
    "deep",
    "mutations",
    "differential",
    "independent_systems",
    "fuzzing",
    "hostile",
    "faults",
    "awkward_numbers",
    "determinism",
    "marking",
    "marked_formulas",
)
RECORDS = ROOT / "generated" / "trust"
PAGE = ROOT / "generated" / "TRUST.md"


@dataclass(frozen=True)
class Section:
    """A record with when and where it was made."""

    room: str
    record: Record
    date: str
    machine: str


def exists(room: str) -> bool:
    """Whether there is such a module."""
    return (Path(__file__).parent / f"{room}.py").exists()


def run_room(room: str, **arguments: Any) -> None:
    """Runs a room and keeps its record."""
    is_terminal = sys.stderr.isatty()

    def progress(what: str) -> None:
        if is_terminal:
            print(f"\r\x1b[K{room}: {what[:100]}", end="", file=sys.stderr, flush=True)

    record = importlib.import_module(f"trust.{room}").run(progress=progress, **arguments)
    if is_terminal:
        print("\r\x1b[K", end="", file=sys.stderr)
    keep(RECORDS / f"{room}.json", record)
    tried = ", ".join(f"{number:,} {what}" for what, number in record.counts)
    print(f"{room}: {tried}; {len(record.failures)} failed, {record.seconds:.0f} s")


def section_from(room: str, kept: dict[str, Any]) -> Section:
    """What was kept of a run."""
    fields = {name: _tuples(value) for name, value in kept.get("record", kept).items()}
    return Section(room, Record(**fields), kept.get("date", "date not recorded"), kept.get("machine", "machine not recorded"))


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def sections() -> list[Section]:
    """Those rooms that have been run."""
    files = [(room, RECORDS / f"{room}.json") for room in ROOMS]
    return [section_from(room, json.loads(file.read_text(encoding="utf-8"))) for room, file in files if file.exists()]


def page(found: Sequence[Section]) -> str:
    """The page in Markdown."""
    return text_template("trust.md.jinja").render(
        sections=[_section(section) for section in found],
        failures=sum(len(section.record.failures) for section in found),
        findings=[tuple(map(_cell, (finding.what, finding.mended, _holder(finding.held_by)))) for finding in FINDINGS],
        vacuous=VACUOUS,
        missed=[tuple(map(_cell, (each.what, each.why, _holder(each.held_by)))) for each in MISSED],
    )


def _section(section: Section) -> dict[str, Any]:
    record = section.record
    counted = dict(record.counts)
    return {
        "title": record.title,
        "asked": record.asked,
        "counts": [(_cell(what), f"{number:,}") for what, number in record.counts],
        "trials": " + ".join(f"{number:,}" for what, number in record.counts if what != VACUOUS),
        "vacuous": f"{counted[VACUOUS]:,}" if VACUOUS in counted else "–",
        "failures": list(map(_cell, record.failures)),
        "columns": [_cell(column) for column in record.columns],
        "rows": [[_cell(str(cell)) for cell in row] for row in record.rows],
        "remarks": list(map(_cell, record.remarks)),
        "seconds": f"{record.seconds:,.0f}",
        "date": section.date,
        "machine": section.machine,
    }


def _holder(held_by: str) -> str:
    module, _, name = held_by.partition(":")
    if module == "mutation":
        return f"tests/trust/test_mutations.py, “{name.strip()}”"
    return f"{next((ROOT / 'tests').rglob(f'{module}.py')).relative_to(ROOT).as_posix()}, {name}"


def _cell(text: str) -> str:
    """Text that is one cell of a table: signs that mean something in Markdown stand for themselves."""
    for sign in "\\`*_[]<>|#$":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs the trials and writes generated/TRUST.md.")
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"run these again: {', '.join(filter(exists, ROOMS))}")
    parser.add_argument("--pythons", nargs="+", default=[], metavar="PYTHON", help="for determinism: further interpreters")
    parser.add_argument("--page", action="store_true", help="write the page from the records as they are")
    chosen = parser.parse_args()
    for room in chosen.rooms:
        if room not in ROOMS or not exists(room):
            parser.error(f"found {room!r}, expected some of {', '.join(filter(exists, ROOMS))}")
    missing = [room for room in ROOMS if exists(room) and not (RECORDS / f"{room}.json").exists()]
    for room in [] if chosen.page else chosen.rooms or missing:
        run_room(room, **({"interpreters": chosen.pythons} if room == "determinism" else {}))
    found = sections()
    PAGE.write_text(page(found), encoding="utf-8")
    print(PAGE)
    if any(section.record.failures for section in found):
        sys.exit(1)


if __name__ == "__main__":
    main()
