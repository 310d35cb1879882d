"""Builds that are killed, a full disk, an unwritable folder, two builds at once: old files or new files, never a mixture."""

from __future__ import annotations

import sys

import pytest
from trust import faults

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and locks of POSIX")


def quiet(_: str) -> None:
    """No progress is shown."""


def wrong(trials: list[faults.Trial], at_least: int) -> list[str]:
    assert len(trials) >= at_least
    return [trial.wrong for trial in trials if trial.wrong]


def test_killed_at_any_moment_of_a_build() -> None:
    assert wrong(list(faults.killed_builds(6, quiet)), 6) == []


def test_killed_at_every_call_while_writing() -> None:
    assert wrong(list(faults.killed_writing(quiet)), 40) == []


def test_a_full_disk() -> None:
    assert wrong(list(faults.full_disks(quiet)), 6) == []


def test_an_unwritable_folder() -> None:
    assert wrong(list(faults.unwritable_folders(quiet)), 6) == []


def test_two_builds_into_one_folder() -> None:
    assert wrong(list(faults.builds_at_once(4, quiet)), 12) == []


def test_edited_files_are_kept() -> None:
    assert wrong(list(faults.edited_files(quiet)), 6) == []


def test_a_mixture_would_be_seen() -> None:
    old, new = {"a": b"1", "b": b"1"}, {"a": b"2", "b": b"2"}
    assert "a mixture" in faults.judged("kill", {"a": b"1", "b": b"2"}, (old, new)).wrong
