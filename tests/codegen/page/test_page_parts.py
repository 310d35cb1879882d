"""What the page shows of a description, and what it says where there is something wrong with it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from served import gallery

from chainrule.codegen.page.parts.answers import PARTS, answer

SMALL = """
name = "small"
input = 3

[[layers]]
units = 5
activation = "tanh"

[cost]
kind = "quadratic"
"""


def asked(part: str, text: str, **others: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer(part, json.dumps({"text": text, **others}).encode()))
    return found


def test_a_derivation_has_formulas_and_the_titles_of_the_language() -> None:
    english, chinese = (asked("derivation", SMALL, language=tag)["html"] for tag in ("en", "zh-TW"))
    assert english.count("<math") > 30
    assert "<h2" in english
    assert "損失" in chinese
    assert "損失" not in english


def test_notation_and_length_are_those_that_are_asked_for() -> None:
    usual, delta, full = (asked("derivation", SMALL, **chosen)["html"] for chosen in ({}, {"notation": "delta"}, {"length": "full"}))
    # An error of its own letter stands in every gradient; by index alone, δ is Kronecker's.
    assert delta.count("<mi>δ</mi>") >= 2 * usual.count("<mi>δ</mi>")
    assert len(full) > 1.2 * len(usual)


@pytest.mark.parametrize("name", ["mazur", "gaussian", "lenet"])
def test_no_two_elements_of_all_parts_have_one_name(name: str) -> None:
    everything = "".join(asked(part, gallery(name))["html"] for part in PARTS)
    names = re.findall(r'\bid="([^"]+)"', everything)
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([^"]+)"', everything)) <= set(names)
    labels = {name for each in re.findall(r'aria-labelledby="([^"]+)"', everything) for name in each.split()}
    assert labels <= set(names)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("inptu = 2", 1, 0, "did you mean 'input'"),
        (SMALL.replace("tanh", "tahn"), 7, 0, "did you mean 'tanh'"),
        (SMALL.replace("5\n", "five\n"), 6, 9, "not TOML"),
        ('name = "e"\nparameters = ["w"]\nequations = """\nC = w*(2 + v\n"""', 4, 7, "a bracket is not closed"),
        ("", 0, 0, "the file is empty"),
        ("3-", 0, 0, "3-"),
        ("x = 1\nb = \0", 2, 0, "NUL"),
    ],
)
def test_a_mistake_has_its_place(text: str, line: int, column: int, words: str) -> None:
    problem = asked("derivation", text)["problem"]
    assert words in problem["message"]
    assert (problem["line"], problem["column"]) == (line, column)
    assert "the description:" not in problem["message"]


@pytest.mark.parametrize("named", ['weights = "/etc/passwd"', '[document]\nlogo = "/etc/passwd"', '[document]\npreamble = "/etc/passwd"'])
def test_no_file_is_read(named: str) -> None:
    text = f"{named}\n{SMALL}" if named.startswith("weights") else f"{SMALL}\n{named}\n"
    problem = asked("derivation", text)["problem"]
    assert "reads no files" in problem["message"]
    assert problem["line"] == text[: text.index("/etc")].count("\n") + 1


def test_a_shorthand_is_a_description() -> None:
    assert asked("picture", "3-5-2\n")["title"] == asked("picture", " 3-5-2")["title"]
    assert "<svg" in asked("picture", "3-5-2")["html"]


@pytest.mark.parametrize(
    "question",
    [
        *(b"", b"[]", b"{}", b'{"text": 3}', b"[" * 100_000),
        *(b'{"text": "3-2", "language": "xx"}', b'{"text": "3-2", "notation": "../x"}'),
        *(b'{"text": "", "fields": [1]}', b'{"text": "3-2", "fields": {"a": 1}}'),
    ],
)
def test_what_is_no_question_is_refused(question: bytes) -> None:
    assert json.loads(answer("derivation", question))["problem"]["message"]


def test_half_a_character_is_no_failure() -> None:
    assert json.loads(answer("picture", b'{"text": "title = \\"\\ud800\\""}'))["problem"]["message"]


def test_what_is_written_is_shown_as_text() -> None:
    found = asked("derivation", SMALL.replace('name = "small"', 'name = "small"\ntitle = "<script>alert(1)</script>"'))
    assert "<script" not in found["html"]
    assert found["title"] == "<script>alert(1)</script>"
