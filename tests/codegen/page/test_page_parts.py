"""What the page shows of a description, and what it says where there is something wrong with it."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from html import unescape
from io import BytesIO
from math import exp
from typing import Any
from zipfile import ZipFile

import pytest
from places import ROOT
from served import gallery

from chainrule.codegen.page.page import page
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


@pytest.mark.parametrize(("tag", "title"), [("en", "A gated recurrent unit"), ("zh-TW", "閘控循環單元（GRU）")])
def test_examples_are_called_what_they_are_called_in_the_language(tag: str, title: str) -> None:
    shown = page(tag).decode()
    assert f">{title}<" in shown
    assert "{&#39;" not in shown


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


# Numbers


def number_fields(html: str) -> dict[str, str]:
    found = dict(re.findall(r'<input [^>]*?\bname="([^"]+)" value="([^"]*)"', html))
    assert {"of", "rate"} <= set(found)
    return found


def cost(html: str) -> float:
    found = re.search(r"<output>(.*?)</output>", html)
    assert found
    return float(found[1])


def mazur_cost(values: dict[str, str]) -> float:
    """By hand, from the equations of the example."""
    x, y, b1, b2 = ([float(values[f"{name}.{place}"]) for place in range(2)] for name in ("x", "y", "b1", "b2"))
    w1, w2 = ([float(values[f"{name}.{place}"]) for place in range(4)] for name in ("W1", "W2"))

    def layer(given: list[float], w: list[float], b: list[float]) -> list[float]:
        return [1 / (1 + exp(-(w[2 * j] * given[0] + w[2 * j + 1] * given[1] + b[j]))) for j in range(2)]

    return sum((a - t) ** 2 / 2 for a, t in zip(layer(layer(x, w1, b1), w2, b2), y, strict=True))


def test_every_number_follows_a_weight() -> None:
    before = asked("numbers", gallery("mazur"))["html"]
    fields = number_fields(before)
    assert cost(before) == pytest.approx(mazur_cost(fields), abs=1e-9)
    changed = fields | {"W1.1": "-1.5", "y.0": "0.7"}
    after = asked("numbers", gallery("mazur"), fields=changed)["html"]
    assert number_fields(after) == changed
    assert cost(after) == pytest.approx(mazur_cost(changed), abs=1e-9)
    pictures = [re.findall(r"<svg.*?</svg>", html, re.DOTALL) for html in (before, after)]
    assert len(pictures[0]) == len(pictures[1]) >= 2
    assert all(first != second for first, second in zip(*pictures, strict=True))


def test_steps_of_learning_go_down_the_gradient() -> None:
    fields = number_fields(asked("numbers", gallery("mazur"))["html"])
    one = number_fields(asked("numbers", gallery("mazur"), fields=fields | {"steps": "1"})["html"])
    for name in ("W1.0", "b2.1", "W2.3"):
        up, down = ({**fields, name: str(float(fields[name]) + moved)} for moved in (1e-5, -1e-5))
        slope = (mazur_cost(up) - mazur_cost(down)) / 2e-5
        assert float(one[name]) - float(fields[name]) == pytest.approx(-float(fields["rate"]) * slope, rel=1e-5)
    again = fields
    for _ in range(10):
        again = number_fields(asked("numbers", gallery("mazur"), fields=again | {"steps": "1"})["html"])
    ten = number_fields(asked("numbers", gallery("mazur"), fields=fields | {"steps": "10"})["html"])
    assert [float(value) for name, value in again.items() if name != "of"] == pytest.approx(
        [float(value) for name, value in ten.items() if name != "of"], rel=1e-7
    )
    assert number_fields(asked("numbers", gallery("mazur"), fields=ten | {"reset": "1"})["html"]) == fields


@pytest.mark.parametrize(
    ("field", "written", "words"),
    [
        ("W1.0", "x", "expected a number"),
        ("b1.1", "nan", "expected a number"),
        ("x.0", "1e9", "expected a number"),
        ("rate", "", "expected a number"),
    ],
)
def test_what_is_no_number_is_said_of_its_field(field: str, written: str, words: str) -> None:
    fields = number_fields(asked("numbers", gallery("mazur"))["html"])
    found = asked("numbers", gallery("mazur"), fields=fields | {field: written})["field"]
    assert found["name"] == field
    assert words in found["message"]


def test_fields_of_another_network_are_left_alone() -> None:
    fields = number_fields(asked("numbers", gallery("mazur"))["html"])
    other = asked("numbers", gallery("one_feeding_two"), fields=fields | {"W1.0": "7"})["html"]
    assert number_fields(other)["W1.0"] == "1"


@pytest.mark.parametrize("name", ["logistic", "gaussian", "lenet", "affine_softmax", "digits"])
def test_networks_of_all_kinds_have_numbers(name: str) -> None:
    html = asked("numbers", gallery(name))["html"]
    assert cost(html) > -100
    assert number_fields(html)["rate"]


# Code


@pytest.mark.parametrize(("length", "least"), [("short", 4), ("full", 13)])
def test_numbers_in_the_code_lead_to_equations_of_the_derivation(length: str, least: int) -> None:
    code, derivation = (asked(part, gallery("mazur"), length=length)["html"] for part in ("code", "derivation"))
    links = re.findall(r'href="#(equation-\d+)"', code)
    assert len(links) >= least
    assert set(links) <= set(re.findall(r'id="(equation-\d+)"', derivation))


def test_code_has_two_styles() -> None:
    plain, fast = (asked("code", SMALL, fields={"style": style})["html"] for style in ("plain", "fast"))
    assert "Workspace" in fast
    assert "Workspace" not in plain
    assert asked("code", SMALL, fields={"style": "../x"})["field"]["name"] == "style"


def test_code_in_c_leads_to_equations_too() -> None:
    code, derivation = asked("code", SMALL, fields={"style": "c"})["html"], asked("derivation", SMALL)["html"]
    assert "void small_backward" in unescape(re.sub(r"<[^>]+>", "", code))
    assert "was not compiled here" in code
    links = re.findall(r'href="#(equation-\d+)"', code)
    assert len(links) >= 3
    assert set(links) <= set(re.findall(r'id="(equation-\d+)"', derivation))
    assert re.search(r"\*/ *</span><a [^>]*>→ \(", code)


def test_why_there_is_no_c_is_said() -> None:
    found = asked("code", gallery("equilibrium"), fields={"style": "c"})["html"]
    assert "There is no C for this network:" in found
    assert "the C target has no form of z" in found
    assert "<pre" not in found


# Exercises


def test_a_seed_says_which_questions() -> None:
    zero, again, one = (asked("exercises", gallery("mazur"), fields={"count": "5", "seed": seed})["html"] for seed in ("0", "0", "1"))
    assert zero == again != one
    sheet, _, key = zero.partition('<details class="key">')
    assert len(re.findall(r'id="sheet-question-\d+"', sheet)) == len(re.findall(r'id="key-question-\d+"', key)) == 5


@pytest.mark.parametrize(
    ("field", "written"), [("count", "0"), ("count", "51"), ("count", "²"), ("seed", "-1"), ("seed", "9" * 30), ("count", "x")]
)
def test_a_sheet_that_there_is_not_is_said_of_its_field(field: str, written: str) -> None:
    assert asked("exercises", gallery("mazur"), fields={field: written})["field"]["name"] == field


# Marking

WORK = """def backward(x, y, W1, b1, W2, b2):
    a1 = 1/(1 + np.exp(-(x @ W1.T + b1)))
    a2 = 1/(1 + np.exp(-(a1 @ W2.T + b2)))
    dz2 = (a2 - y)*a2*(1 - a2)/len(x)
    dW2 = 2*dz2.T @ a1
    db2 = dz2.sum(0)
    dz1 = dz2 @ W2*a1*(1 - a1)
    dW1 = dz1.T @ x
    db1 = dz1.sum(0)
"""


def test_a_wrong_backward_pass_is_marked_beside_its_lines() -> None:
    html = asked("marking", gallery("mazur"), fields={"work": WORK, "kind": ".py"})["html"]
    rows = re.findall(r"<tr><td class=\"right\">(\d+)</td><td><code>(.*?)</code></td><td>(.*?)</td></tr>", html, re.DOTALL)
    assert [unescape(text) for _, text, _ in rows] == WORK.split("\n")
    wrong = [int(number) for number, _, said in rows if 'class="wrong"' in said]
    assert wrong == [5]
    assert "It is twice dW2" in rows[4][2]
    assert "3 of 4 gradients are right" in html
    assert "<textarea" in html
    assert unescape(html[html.index("<textarea") :].partition(">")[2].partition("</textarea>")[0]).lstrip("\n") == WORK


def test_formulas_are_marked_too_and_in_chinese() -> None:
    found = asked("marking", gallery("mazur"), language="zh-TW", fields={"work": "dW2 = dz2 @ a1\ndb2 = sum(n, dz2[n,k])", "kind": ".txt"})
    assert "梯度" in found["html"]
    assert asked("marking", gallery("mazur"), fields={"work": "def (", "kind": ".py"})["field"]["name"] == "work"
    assert asked("marking", gallery("mazur"), fields={"work": "x", "kind": ".exe"})["field"]["name"] == "kind"


def test_a_work_is_shown_as_text() -> None:
    found = asked("marking", gallery("mazur"), fields={"work": "</textarea><script>alert(1)</script>", "kind": ".txt"})
    assert "<script" not in found["html"]


# Files


def test_files_are_those_of_build() -> None:
    html = asked("files", gallery("mazur"), fields={"pack": "1", "html": "1", "md": "1"})["html"]
    packet = re.search(r'href="data:application/zip;base64,([^"]+)" download="mazur.zip"', html)
    assert packet
    with ZipFile(BytesIO(b64decode(packet[1]))) as file:
        names = file.namelist()
        assert {"mazur/mazur.py", "mazur/test_mazur.py", "mazur/mazur.html", "mazur/mazur.md", "mazur/mazur.toml"} < set(names)
        for name in ("mazur.py", "test_mazur.py", "mazur.html", "mazur.md", "mazur.toml"):
            assert file.read(f"mazur/{name}") == (ROOT / "generated" / "mazur" / name).read_bytes()
    assert "data:" not in asked("files", gallery("mazur"))["html"]
