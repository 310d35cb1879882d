"""Questions for Moodle, read by a reader of their own: as the format's documentation has it, and what is right is the question's."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest
from sheet_material import description, material

from chainrule.codegen.build import Choices, build
from chainrule.codegen.courses.course import Course
from chainrule.codegen.courses.moodle import render_moodle
from chainrule.codegen.courses.moodle_html import moodle_html
from chainrule.codegen.document.document import Code, Items, Listing, Paragraph, Table, Words
from chainrule.codegen.document.nodes import Text, row
from chainrule.codegen.document.sentence import Math
from chainrule.codegen.exercises.answers import (
    Answer,
    ChoiceAnswer,
    CountsAnswer,
    GapAnswer,
    NumberAnswer,
    OrderAnswer,
    SelectionAnswer,
    ShapesAnswer,
    TruthAnswer,
)
from chainrule.codegen.exercises.sheet import Exercises, exercises
from chainrule.codegen.files.fingerprints import is_untouched, with_fingerprint
from chainrule.codegen.words.translation import speaking

NETWORKS = ("2-2-2", "labelled", "equations_net")
COUNT = 14
#: Percentages that Moodle takes; what is below nothing, likewise.
FRACTIONS = "100 90 83.33333 80 75 70 66.66667 60 50 40 33.33333 30 25 20 16.66667 14.28571 12.5 11.11111 10 5 0".split()
#: A gap with one whole number: weight, type, the right one, and how far off it may be.
GAP = re.compile(r"\{(\d+):NUMERICAL:=(-?\d+):(\d+)\}")
#: What Moodle would take for the beginning of a gap.
ANY_GAP = re.compile(r"\{\d*:(?:MULTICHOICE|MULTIRESPONSE|NUMERICAL|SHORTANSWER|[MNS][A-Z]{1,3}|NM):")


@cache
def asked(name: str, language: str = "en") -> Exercises:
    return exercises(material(name), language, COUNT, 1)


@cache
def written(name: str, language: str = "en") -> str:
    with speaking(language):
        return render_moodle(Course(material(name), asked(name, language)))


def questions(name: str, language: str = "en") -> list[ElementTree.Element]:
    root = ElementTree.fromstring(written(name, language).encode())
    assert root.tag == "quiz"
    first, *others = root.findall("question")
    assert first.get("type") == "category"
    assert first.findtext("category/text").startswith("$course$/top/")
    return others


class Tags(HTMLParser):
    """Whether every tag is closed, and what text there is."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "hr":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def is_right(found: ElementTree.Element, answer: Answer) -> bool:
    """Whether the answer that the file calls right is the question's."""
    answers = found.findall("answer")
    right = [place for place, each in enumerate(answers) if float(each.get("fraction")) > 0]
    match found.get("type"), answer:
        case "numerical", NumberAnswer(_, value, tolerance):
            return float(answers[0].findtext("text")) == value and float(answers[0].findtext("tolerance")) == tolerance
        case "truefalse", TruthAnswer(is_true):
            return [answers[place].findtext("text") for place in right] == [str(is_true).lower()]
        case "multichoice", ChoiceAnswer(options, place):
            return right == [place] and len(answers) == len(options) and found.findtext("single") == "true"
        case "multichoice", SelectionAnswer(options, places):
            return set(right) == set(places) and len(answers) == len(options) and found.findtext("single") == "false"
        case "multichoice", GapAnswer(_, others):
            return right == [0] and len(answers) == 1 + len(others) and found.findtext("shuffleanswers") == "true"
        case "matching", OrderAnswer(letters):
            return [each.findtext("answer/text") for each in found.findall("subquestion")] == list(letters)
        case "cloze", ShapesAnswer(shapes):
            gaps = GAP.findall(Tags(found.findtext("questiontext/text")).text)
            return [int(size) for _, size, _ in gaps] == [size for _, shape in shapes for size in shape]
        case "cloze", CountsAnswer(counts):
            gaps = GAP.findall(Tags(found.findtext("questiontext/text")).text)
            return [int(number) for _, number, _ in gaps] == [count for _, count in counts]
        case "essay", _:
            return bool(found.findtext("graderinfo/text")) and not isinstance(answer, NumberAnswer | ChoiceAnswer | TruthAnswer)
        case _:
            return False


@pytest.mark.parametrize(("name", "language"), [*((name, "en") for name in NETWORKS), ("2-2-2", "zh-TW"), ("2-2-2", "zh-CN")])
def test_every_question_is_as_the_format_has_it_and_its_right_answer_is_right(name: str, language: str) -> None:
    found = questions(name, language)
    assert len(found) == COUNT
    assert len({each.findtext("name/text") for each in found}) == COUNT
    for each, question in zip(found, asked(name, language).questions, strict=True):
        assert is_right(each, question.answer), (each.get("type"), question.answer)
        assert (each.findtext("defaultgrade") or str(question.points)) == str(question.points)
        for answer in each.findall("answer"):
            assert answer.get("fraction").removeprefix("-") in FRACTIONS
        if each.get("type") == "multichoice":
            shares = [float(answer.get("fraction")) for answer in each.findall("answer")]
            assert sum(share for share in shares if share > 0) == pytest.approx(100, abs=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_texts_are_html_with_formulas_that_are_whole(name: str) -> None:
    for each in questions(name):
        for part in (each, *each.findall("answer"), *each.findall("subquestion")):
            for tag in ("questiontext", "generalfeedback", "graderinfo", "."):
                node = part if tag == "." else part.find(tag)
                if node is None or node.get("format") != "html":
                    continue
                read = Tags(node.findtext("text"))
                assert not read.open
                counts = [len(re.findall(rf"(?<!\\){re.escape(mark)}", read.text)) for mark in (r"\(", r"\)", r"\[", r"\]")]
                assert counts[0] == counts[1]
                assert counts[2] == counts[3]
                assert "$" not in read.text.replace("$course$", "")
                assert (each.get("type") == "cloze" and tag == "questiontext") == bool(ANY_GAP.search(read.text))
        # The network is with it, and the reason why an answer is right.
        assert "<hr>" in each.findtext("questiontext/text")
        assert each.findtext("generalfeedback/text")


def test_questions_of_many_types_are_made() -> None:
    types = {each.get("type") for name in NETWORKS for each in questions(name)}
    assert types >= {"numerical", "multichoice", "truefalse", "matching", "essay", "cloze"}


def test_the_sheet_s_numbers_stand_with_the_questions_that_need_them() -> None:
    for each, question in zip(questions("2-2-2"), asked("2-2-2").questions, strict=True):
        has_numbers = "four significant digits" in each.findtext("questiontext/text")
        assert has_numbers == question.needs_numbers


def test_a_title_is_text_whatever_is_in_it() -> None:
    own, title = asked("2-2-2"), 'a/b ]]></text> <b>&amp; "x" 1 < 2'
    named = replace(own, sheet=replace(own.sheet, front=replace(own.sheet.front, title=title)))
    root = ElementTree.fromstring(render_moodle(Course(material("2-2-2"), named)).encode())
    assert root.findtext("question/category/text") == f"$course$/top/{title.replace('/', '//')}"


def test_what_means_something_in_html_is_text() -> None:
    blocks = (
        Paragraph((Words("a < b & c ]]> d"), Code("<i>"))),
        Items(((Words("one"),), (Math(row(Text("<"))),)), ordered=True),
        Table(((Words("x"),),), (((Words("1"),),),), "r", (Words("A table"),)),
        Listing("if a < b:\n    pass", caption=(Words("Code"),)),
    )
    html = str(moodle_html(blocks))
    read = Tags(html)
    assert not read.open
    assert "a < b & c ]]> d" in read.text
    assert "if a < b:" in read.text
    assert "<ol><li>one</li>" in html
    assert "text-align: right" in html


def test_the_same_questions_are_the_same_bytes_and_an_edited_file_is_noticed(tmp_path) -> None:
    with speaking("en"):
        assert render_moodle(Course(material("2-2-2"), asked("2-2-2"))) == written("2-2-2")
    content = with_fingerprint("net.xml", written("2-2-2"))
    assert is_untouched("net.xml", content)
    assert not is_untouched("net.xml", content.replace(b"<hidden>0", b"<hidden>1"))
    assert ElementTree.fromstring(content).tag == "quiz"
    built = build(description("equations_net"), tmp_path, Choices(["moodle"], exercises=2, seeds=(1, 2)))
    assert {"equations_net_moodle_1.xml", "equations_net_moodle_2.xml"} <= {path.name for path in built.files}
