"""Works that several processes mark are marked as one process does it, in the order of their files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from test_many_works import WORK, WRONG

from chainrule import Dense, Derivation, Network, derive
from chainrule.codegen.marking import several
from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.marked import MarkedWork
from chainrule.codegen.words.translation import speaking


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    return derive(Network(3, [Dense(5, "tanh"), Dense(4, "relu"), Dense(3, "softmax")], "cross_entropy"))


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Some right, some wrong, one that cannot be read, one that is not there."""
    works = [WORK, *(WORK.replace(before, after) for before, after, _ in WRONG), "a = = 3"]
    found = [tmp_path / f"work{number}.py" for number in range(len(works) + 1)]
    for path, text in zip(found, works, strict=False):
        path.write_text(text, encoding="utf-8")
    return found


def marked(derivation: Derivation, paths: list[Path], processes: int) -> list[MarkedWork]:
    return several.marked_files(Marker(derivation), paths, None, lambda _: None, processes)


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_processes_say_what_one_says(derivation: Derivation, paths: list[Path], language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(several, "FEW", 1)
    with speaking(language):
        one, two = (marked(derivation, paths, processes) for processes in (1, 2))
    assert one == two
    assert [work.file for work in one] == [*map(str, paths)]
    assert [work.problem is not None for work in one] == [False] * (len(paths) - 2) + [True, True]


def test_what_an_ended_process_leaves_is_marked(derivation: Derivation, paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    parent, of_file = os.getpid(), several.marked_file

    def ending(marker: Marker, path: Path, function: str | None = None) -> MarkedWork:
        if os.getpid() != parent and path == paths[3]:
            os._exit(1)
        return of_file(marker, path, function)

    monkeypatch.setattr(several, "FEW", 1)
    monkeypatch.setattr(several, "marked_file", ending)
    assert [work.right for work in marked(derivation, paths, 2)] == [work.right for work in marked(derivation, paths, 1)]


@pytest.mark.parametrize(
    ("content", "line"), [(b"a = 1\nb = \0\n", 2), (b"a = 1\n\nb = '\xff'\n", 3), (b"# a = 1\nb = = 3\n", 2), (b"[" * 200, 1)]
)
def test_a_work_that_cannot_be_read_has_the_line_of_why(derivation: Derivation, tmp_path: Path, content: bytes, line: int) -> None:
    path = tmp_path / "work.py"
    path.write_bytes(content)
    (found,) = marked(derivation, [path], 1)
    assert found.problem is not None
    assert [each.line for each in found.lines] == [line]
    assert f"{path}:{line}: " in found.problem
