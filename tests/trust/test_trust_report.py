"""The page of trials: from records alone, whatever rooms there are; a failed trial is seen on it and in the exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from places import ROOT
from trust import report
from trust.mutations import MUTATIONS
from trust.record import Progress, Record

GOOD = Record(
    "Mutations", "Is it caught?", (("mistakes", 1234),), (), 12.3, ("mistake", "caught by"), (("a | b", "steps"),), ("A remark.",)
)


@dataclass
class Room:
    """A module with a run."""

    record: Record

    def run(self, progress: Progress) -> Record:
        progress("a trial")
        return self.record


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(report, "RECORDS", tmp_path / "trust")
    monkeypatch.setattr(report, "PAGE", tmp_path / "TRUST.md")
    return tmp_path / "trust"


def test_a_record_comes_back_as_it_was(records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report.importlib, "import_module", lambda _: Room(GOOD))
    report.run_room("mutations")
    (section,) = report.sections()
    assert section.record == GOOD
    assert "NumPy" in section.machine
    assert set(json.loads((records / "mutations.json").read_text())) == {"date", "machine", "record"}


def test_the_page_says_what_was_tried() -> None:
    written = report.page([report.Section("mutations", GOOD, "2026-11-21", "a machine")])
    for part in (
        "Every trial below turned out as it must.",
        "| mistakes | 1,234 |",
        "| a \\| b | steps |",
        "A remark.",
        "2026-11-21, 12 s, a machine",
    ):
        assert part in written
    assert "Found while the trials were made" in written


def test_a_failed_trial_is_on_the_page_and_in_the_exit_status(records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = Record("Mutations", "Is it caught?", (("mistakes", 2),), ("a lost sign is caught by nothing",), 1.0)
    monkeypatch.setattr(report.importlib, "import_module", lambda _: Room(bad))
    monkeypatch.setattr(sys, "argv", ["report.py", "mutations"])
    with pytest.raises(SystemExit, match="1"):
        report.main()
    written = report.PAGE.read_text()
    assert "**Not every trial turned out as it must: 1 failed.**" in written
    assert "- a lost sign is caught by nothing" in written


def test_only_rooms_that_were_not_run_are_run(records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(report, "run_room", lambda room, **_: ran.append(room))
    monkeypatch.setattr(report, "ROOMS", ("deep", "mutations", "no_such_room"))
    records.mkdir()
    kept = {"date": "2026-11-21", "machine": "a machine", "record": asdict(GOOD)}
    (records / "mutations.json").write_text(json.dumps(kept))
    monkeypatch.setattr(sys, "argv", ["report.py"])
    report.main()
    assert ran == ["deep"]


def test_a_wrong_room_is_named() -> None:
    command = [sys.executable, str(ROOT / "tests" / "trust" / "report.py"), "depp"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "found 'depp', expected some of deep, mutations" in done.stderr


def test_the_number_of_mistakes_that_the_readme_names() -> None:
    assert f"{len(MUTATIONS)} deliberate mistakes" in " ".join((ROOT / "README.md").read_text().split())
