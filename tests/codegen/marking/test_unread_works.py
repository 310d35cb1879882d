"""What keeps a whole work from being read is said in the language that is spoken, after the place as it is written everywhere."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from chainrule import Dense, Network, derive
from chainrule.codegen.document.chinese_letters import is_chinese
from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.several import marked_file
from chainrule.codegen.marking.work_file import MOST_OF_CELLS
from chainrule.codegen.words.sentences import ENGLISH
from chainrule.codegen.words.translation import speaking

#: Files that cannot be read, by what is wrong with them: their name, what is in them, and the line of it.
FILES: dict[str, tuple[str, bytes | None, int]] = {
    "too long": ("work.py", b"a = 1\n" * 40_000, 0),
    "too many bytes": ("work.py", b"a = 1\n" * 400_000, 0),
    "too many formulas": ("work.txt", b"a = 1\n" * 400_000, 0),
    "NUL": ("work.py", b"a = 1\nb = \0\n", 2),
    "encoding": ("work.py", b"a = 1\n\nb = '\xff'\n", 3),
    "no Python": ("work.py", b"# a = 1\nb = = 3\n", 2),
    "prose": ("work.py", b"The gradient of the cost is larger\n", 1),
    "never closed": ("work.py", b"[" * 150, 1),
    "nested": ("work.py", b"a = " + b"-" * 60_000 + b"1\n", 0),
    "ending": ("work.pdf", b"", 0),
    "near ending": ("work.pyn", b"", 0),
    "no notebook": ("work.ipynb", b"{}", 0),
    "large notebook": ("work.ipynb", json.dumps({"cells": [], "text": "a b" * (MOST_OF_CELLS // 2)}).encode(), 0),
    "half of a sign": ("work.ipynb", b'{"cells": [{"cell_type": "code", "source": "a = 1\\nb = \'\\ud800\'"}]}', 2),
    "NUL in a notebook": ("work.ipynb", b'{"cells": [{"cell_type": "code", "source": "a = \\u0000"}]}', 1),
    "not there": ("other.py", None, 0),
    "no formulas there": ("other.md", None, 0),
}


@pytest.fixture(scope="module")
def marker() -> Marker:
    return Marker(derive(Network(3, [Dense(2, "sigmoid")])))


def said(marker: Marker, path: Path, language: str, function: str | None = None) -> tuple[str, int]:
    with speaking(language):
        work = marked_file(marker, path, function)
    assert work.problem is not None
    (line,) = work.lines
    assert line.message == work.problem
    return work.problem, line.line


def assert_said(marker: Marker, path: Path, number: int, function: str | None = None) -> None:
    """The place and nothing else of it is in English too, but for names."""
    place = f"{path}:{number}: " if number else f"{path}: "
    english, line = said(marker, path, "en", function)
    assert english.startswith(place)
    assert line == number
    for language in ("zh-TW", "zh-CN"):
        message, _ = said(marker, path, language, function)
        assert message.startswith(place)
        own = message.removeprefix(place)
        assert any(map(is_chinese, own))
        assert not re.search(r"\b(?:found|expected|no|such|cannot|file|did|you)\b", own)


@pytest.mark.parametrize("name", FILES)
def test_what_is_wrong_with_a_file(name: str, marker: Marker, tmp_path: Path) -> None:
    file, content, number = FILES[name]
    if content is not None:
        (tmp_path / file).write_bytes(content)
    assert_said(marker, tmp_path / file, number)


def test_what_is_no_file(marker: Marker, tmp_path: Path) -> None:
    for ending in (".py", ".ipynb", ".tex", ""):
        (tmp_path / f"folder{ending}").mkdir()
        assert_said(marker, tmp_path / f"folder{ending}", 0)
    os.mkfifo(tmp_path / "pipe.py")
    assert_said(marker, tmp_path / "pipe.py", 0)
    (tmp_path / "work.py").write_text("a = 1\n", encoding="utf-8")
    assert_said(marker, tmp_path / "wrk.py", 0)


def test_a_function_that_is_not_there(marker: Marker, tmp_path: Path) -> None:
    path = tmp_path / "work.py"
    for text, function in (("a = 1\n", "f"), ("def forward(x):\n    return x\n", "f"), ("def backward(x):\n    return x\n", "backwards")):
        path.write_text(text, encoding="utf-8")
        assert_said(marker, path, 0, function)


def test_what_is_said_of_works_has_fields_that_are_said() -> None:
    """No message about a file is another one by the words that stand around its fields."""
    own = [english for key, english in ENGLISH.items() if key.startswith("marking.refused.work.")]
    assert len(own) == len(set(own)) > 20
