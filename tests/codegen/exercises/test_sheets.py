"""Sheets of exercises: so many questions as asked for, differing from seed to seed, and no format shows an answer."""

from __future__ import annotations

import html
import random
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from places import ROOT
from sheet_material import (
    NETWORKS,
    SEEDS,
    description,
    material,
    source,
)
from shown_text import given_away_in_text, shown_text

from chainrule import derive
from chainrule.codegen.build import Choices, build, material_of
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.cli.main import main_group
from chainrule.codegen.descriptions.reader import Description, read_description
from chainrule.codegen.document.document import BlankLines, Document, Fields, Heading
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.exercises import selection
from chainrule.codegen.exercises.draw import QuestionDraw
from chainrule.codegen.exercises.kinds import KINDS
from chainrule.codegen.exercises.question import POINTS_A_STAR
from chainrule.codegen.exercises.seeds import seeds_of
from chainrule.codegen.exercises.selection import MOST_QUESTIONS, given_away
from chainrule.codegen.exercises.sheet import Exercises, exercises
from chainrule.codegen.formats.registry import TEXTS, exercise_files
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.words.translation import speaking
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.index.failures import CheckFailed, InvalidDescription

COUNT = 12


@cache
def made(name: str, seed: int, language: str = "en", count: int = COUNT, notation: str | None = None) -> Exercises:
    return exercises(material(name, notation), language, count, seed)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_sheet_has_as_many_questions_as_asked_for_the_easy_ones_first(name: str, seed: int) -> None:
    found = made(name, seed)
    stars = [question.stars for question in found.questions]
    assert len(stars) == COUNT
    assert stars == sorted(stars)
    assert set(stars) == {1, 2, 3}
    points = POINTS_A_STAR * sum(stars)
    assert f"There are {COUNT} questions for {points} points" in shown_text(found.sheet.blocks)
    for number in range(1, COUNT + 1):
        for document in (found.sheet, found.key):
            assert f"Question {number} " in shown_text(document.blocks)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_questions_differ_and_come_from_all_families(name: str, seed: int) -> None:
    questions = made(name, seed).questions
    assert len({question.prompt for question in questions}) == COUNT
    families = Counter(KINDS.get(question.kind, KINDS["changed_network"]).family for question in questions)
    assert len(families) >= 5
    assert families["errors"] >= 1
    assert families["numbers"] >= 1


@pytest.mark.parametrize("name", NETWORKS)
def test_another_seed_is_another_sheet(name: str) -> None:
    prompts = [[question.prompt for question in made(name, seed).questions] for seed in SEEDS]
    for first in range(len(SEEDS)):
        for second in range(first):
            shared = [prompt for prompt in prompts[first] if prompt in prompts[second]]
            assert len(shared) < COUNT / 2
            assert source(name, SEEDS[first]).student.given_values != source(name, SEEDS[second]).student.given_values


@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_seed_is_the_same_sheet(name: str) -> None:
    again = exercises(material(name), "en", COUNT, 1)
    for kind in TEXTS.values():
        assert kind.render(again.sheet) == kind.render(made(name, 1).sheet)
        assert kind.render(again.key) == kind.render(made(name, 1).key)


def test_draws_are_those_of_every_python() -> None:
    """The sequence of `random()` after a whole-number seed is guaranteed; these are its first numbers for the first questions of seed 1."""
    assert [QuestionDraw(1, 0).below(1000), QuestionDraw(1, 1).below(1000), QuestionDraw(2, 0).below(1000)] == [
        int(random.Random(number).random() * 1000) for number in (65536, 65537, 131072)
    ]
    draw = QuestionDraw(3, 5)
    assert sorted(draw.shuffled(range(20))) == list(range(20))
    assert len(set(draw.some_of(range(9), 4))) == 4
    counted = Counter(QuestionDraw(seed, 0).one_of("abc") for seed in range(600))
    assert set(counted) == set("abc")
    assert min(counted.values()) > 150


def texts_of(document: Document) -> dict[str, str]:
    return {name: kind.render(document) for name, kind in TEXTS.items()}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_sheet_shows_no_answer(name: str, seed: int) -> None:
    found = made(name, seed)
    secrets = [secret for question in found.questions for secret in question.secrets]
    assert len(secrets) >= 5
    for look in (given_away, lambda secrets, blocks: given_away_in_text(secrets, shown_text(blocks))):
        assert not look(secrets, found.sheet.blocks)
        assert set(look(secrets, found.key.blocks)) == set(secrets)
    for own, other in ((own, other) for own in found.questions for other in found.questions if own is not other):
        assert not own.asks & (other.asks | other.shows)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_no_format_shows_an_answer(name: str, seed: int) -> None:
    found = made(name, seed)
    assert not found.sheet.levels
    secrets = [secret for question in found.questions for secret in question.secrets]
    numbers = [secret for secret in secrets if re.fullmatch(r"-?[\d.]+", write_latex(secret))]
    assert numbers
    for written in texts_of(found.sheet).values():
        assert not given_away_in_text(numbers, html.unescape(re.sub(r"</?m\w+[^>]*>", "", written)))
        assert "Checked" not in written
    for written in (TEXTS["tex"].render(found.sheet), TEXTS["md"].render(found.sheet)):
        assert not given_away_in_text(secrets, re.sub(r"\s+", " ", written))
    # The same look finds them in the key.
    for written in texts_of(found.key).values():
        assert given_away_in_text(numbers, html.unescape(re.sub(r"</?m\w+[^>]*>", "", written)))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_page_hides_nothing(name: str) -> None:
    page = TEXTS["html"].render(made(name, 1).sheet)
    # The contents alone are folded.
    assert page.count("<details") == page.count("<nav") <= 1
    assert 'class="level' not in page.split("<main")[1]
    assert not re.search(r"\sdata-", page)
    assert "<!--" not in page


@pytest.mark.tex
@pytest.mark.parametrize(("name", "language"), [("2-2-2", "zh-TW"), ("residual", "en")])
def test_the_pdf_shows_no_answer(name: str, language: str, tmp_path: Path) -> None:
    if shutil.which("xelatex") is None or shutil.which("pdftotext") is None:
        pytest.skip("xelatex or pdftotext is not installed")
    found = made(name, 1, language)
    numbers = [secret for question in found.questions for secret in question.secrets if re.fullmatch(r"-?[\d.]+", write_latex(secret))]
    texts = {}
    for file, content in exercise_files(found.sheet, found.key, "net", ["pdf"]).items():
        path = tmp_path / file
        path.write_bytes(content)
        read = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout
        texts[path.stem.rpartition("_")[2]] = read.replace("−", "-")
    assert numbers
    assert not given_away_in_text(numbers, texts["exercises"])
    assert set(given_away_in_text(numbers, texts["answers"])) == set(numbers)


def sheets_of_seeds(count: int) -> None:
    for seed in range(count):
        exercises(material("2-2-2"), "en", 30, seed)


def test_a_sheet_that_shows_an_answer_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the choice of questions wrong, the last look would find it."""
    monkeypatch.setattr(selection, "_fits", lambda *_: True)
    with pytest.raises(CheckFailed, match="the sheet shows the answer"):
        sheets_of_seeds(30)


def test_large_networks_get_other_questions() -> None:
    found = made("784-16-16-10", 1)
    assert source("784-16-16-10", 1).student is None
    assert not [question for question in found.questions if question.kind.startswith("calculate") or question.kind == "fill_entry"]
    assert "numbers of this sheet" not in shown_text(found.sheet.blocks)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_notation_has_a_sheet(notation: str) -> None:
    found = made("2-2-2", 1, "en", COUNT, notation)
    for kind in TEXTS.values():
        assert kind.render(found.sheet) != kind.render(found.key)


@pytest.mark.parametrize("language", ["zh-TW", "zh-CN"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_sheet_in_chinese_has_no_english_sentence(name: str, language: str) -> None:
    found = made(name, 1, language, 20)
    for document in (found.sheet, found.key):
        text = re.sub(r"\\[A-Za-z]+|[A-Za-z0-9_{}^]*[_^{}][A-Za-z0-9_{}^]*", " ", shown_text(document.blocks[3:]))
        sentences = re.findall(r"(?:[A-Za-z]{3,} ){3,}", text)
        assert not sentences
    with speaking(language):
        same = [question.kind for question in made(name, 1, "en", 20).questions]
    assert [question.kind for question in found.questions] == same


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main_group, ["build", *arguments])


def test_files_of_a_sheet_stand_beside_the_handout(tmp_path: Path) -> None:
    pytest.importorskip("nbformat", reason="nbformat writes notebooks")
    built = build(description("2-2-2"), tmp_path, Choices(["tex", "html", "md", "ipynb", "slides"], exercises=5, seed=3))
    names = {path.name for path in built.files}
    stem = "network_2_2_2"
    for ending in (".tex", ".html", ".md", ".ipynb"):
        assert {f"{stem}{ending}", f"{stem}_exercises{ending}", f"{stem}_answers{ending}"} <= names
    assert f"{stem}_exercises_slides.tex" not in names
    assert f"{stem}_slides.tex" in names


def test_a_class_has_a_sheet_and_a_key_for_each_seed(tmp_path: Path) -> None:
    """The sheet of a seed is the one that the seed alone has; `1,4-5` are three of them."""
    assert seeds_of("1,4-5, 4") == (1, 4, 5)
    several = build(description("2-2-2"), tmp_path / "class", Choices(["html", "md"], exercises=4, seeds=seeds_of("3,11-12")))
    names = {path.name for path in several.files}
    stem = "network_2_2_2"
    for kind in ("exercises", "answers"):
        assert {f"{stem}_{kind}_{seed}{ending}" for seed in (3, 11, 12) for ending in (".html", ".md")} <= names
        assert f"{stem}_{kind}.md" not in names
    build(description("2-2-2"), tmp_path / "alone", Choices(["md"], exercises=4, seed=11))
    for kind in ("exercises", "answers"):
        written = [(tmp_path / folder).read_text() for folder in (f"class/{stem}_{kind}_11.md", f"alone/{stem}_{kind}.md")]
        assert len({re.sub("<!--.*?-->", "", text, flags=re.DOTALL) for text in written}) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--exercises", "0"), "--exercises: found 0; expected a whole number from 1 to 50"),
        (("--exercises", "-3"), "--exercises: found -3; expected a whole number from 1 to 50"),
        (("--exercises", str(MOST_QUESTIONS + 1)), "--exercises: found 51; expected a whole number from 1 to 50"),
        (("--seed", "3"), "--seed goes with --exercises alone"),
        (("--seeds", "1-3"), "--seeds goes with --exercises alone"),
        (("--exercises", "3", "--seed", "1", "--seeds", "1-3"), "--seed is one sheet and --seeds are several; leave one of them out"),
        (("--exercises", "3", "--seeds", "1-"), "--seeds: found '1-'; expected whole numbers from 0 to 1000000000 and ranges of them"),
        (("--exercises", "3", "--seeds", ""), "--seeds: found ''; expected whole numbers"),
        (("--exercises", "3", "--seeds", "9-4"), "--seeds: found '9-4'; expected the smaller number first, 4-9"),
        (("--exercises", "3", "--seeds", "1000000001"), "--seeds: found 1000000001; expected whole numbers from 0 to 1000000000"),
        (("--exercises", "3", "--seeds", "1-501"), "--seeds: '1-501' has more than 500 seeds; expected that many at most"),
        (("--exercises", "3", "--seed", "-1"), "--seed: found -1; expected a whole number from 0"),
        (
            ("--exercises", "3", "--formats", "slides"),
            "--exercises goes with one of the formats tex, html, md, ipynb, pdf, moodle, nbgrader, json alone",
        ),
        (("--exercises", "3", "--formats", "docx"), "--formats: found 'docx'"),
    ],
)
def test_a_wrong_call_is_one_message(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    found = run("2-2-2", "-o", str(tmp_path / "out"), *arguments)
    assert isinstance(found.exception, InvalidDescription)
    assert message in str(found.exception)
    assert not (tmp_path / "out").exists()


def test_a_title_in_braces_stays_as_it_is() -> None:
    own = material("2-2-2")
    titled = replace(own, description=replace(own.description, front=replace(own.description.front, title="{seed} {title}")))
    assert exercises(titled, "en", 1, 7).sheet.front.title == "Exercises: {seed} {title} (sheet 7)"
    with pytest.raises(InvalidDescription, match="expected a whole number from 1 to 50"):
        exercises(own, "en", -1, 0)


@pytest.mark.parametrize("word", ["many", "1.5"])
def test_what_is_no_number_is_refused(word: str, tmp_path: Path) -> None:
    found = run("2-2-2", "-o", str(tmp_path / "out"), "--exercises", word)
    assert found.exit_code != 0
    assert not (tmp_path / "out").exists()


SMALL = 'name = "small"\nparameters = ["w"]\nequations = "C = (w - 3)**2"\n'


def small(tmp_path: Path) -> Description:
    file = tmp_path / "small.toml"
    file.write_text(SMALL)
    return read_description(file)


def test_a_small_network_has_further_questions_with_numbers_of_their_own(tmp_path: Path) -> None:
    own = small(tmp_path)
    derivation = derive(own.network)
    found = exercises(material_of(own, derivation, verify(derivation), checked_module(derivation)), "en", 20, 2)
    questions = found.questions
    assert len({question.prompt for question in questions}) == len(questions) == 20
    further = [question for question in questions if question.has_own_numbers]
    assert len(further) >= 10
    assert not any(question.needs_numbers for question in further)
    starts = {}
    for question in further:
        said = " ".join(shown_text(question.prompt).split())
        assert "numbers of its own" in said
        starts[question] = float(re.search(r"Parameters: w = (-?\d\.\d)", said.replace("−", "-")).group(1))
    values = [(starts[question], question.answer.value) for question in further if question.kind == "calculate_forward"]
    assert values
    # C = (w − 3)².
    assert all(abs((w - 3) ** 2 - value) < 1e-3 * value for w, value in values)
    assert len(set(values)) == len(values)
    signs = [question for question in further if question.kind == "predict_sign"]
    assert all(question.answer.right == 1 for question in signs)


def test_a_network_with_few_questions_says_how_many(tmp_path: Path) -> None:
    own = small(tmp_path)
    with pytest.raises(
        InvalidDescription, match=r"--exercises 50: small has \d+ different questions with seed 0; choose a number up to"
    ) as refused:
        build(own, tmp_path / "out", Choices(["md"], exercises=50, seed=0))
    assert not (tmp_path / "out").exists()
    possible = int(re.search(r"(\d+) different", str(refused.value)).group(1))
    build(own, tmp_path / "out", Choices(["md"], exercises=possible, seed=0))


def test_a_stopped_value_has_no_sign_of_differences() -> None:
    """A straight-through gradient is not the slope of the cost, so no weight is said to lower it."""
    assert KINDS["predict_sign"].places(source(str(ROOT / "generated" / "rounding" / "rounding.toml"), 1)) == ()


def test_a_sheet_begins_with_a_line_for_the_name() -> None:
    found = made("2-2-2", 1)
    points = sum(question.points for question in found.questions)
    assert isinstance(found.sheet.blocks[0], Fields)
    assert shown_text(found.sheet.blocks[:1]).splitlines() == ["Name:", "Class and date:", f"Points (of {points}):"]
    assert not [block for block in found.key.blocks if isinstance(block, Fields)]
    for name, rule in (("tex", r"\field{Name:}"), ("html", "<span>Name:</span>"), ("md", r"Name: \_\_")):
        assert rule in TEXTS[name].render(found.sheet)


@pytest.mark.parametrize("name", ["2-2-2", "residual"])
def test_every_question_is_one_piece(name: str) -> None:
    """What no page break may be in: its heading, all that is asked, and the room to write."""
    found = made(name, 1)
    whole = [piece for piece in found.sheet.pieces if len(piece) > 1]
    assert [piece[0].anchor for piece in whole if isinstance(piece[0], Heading)][-COUNT:] == [f"question-{n}" for n in range(1, COUNT + 1)]
    for piece, question in zip(whole[-COUNT:], found.questions, strict=True):
        assert piece[1:] == (*question.prompt, BlankLines(question.room))
    assert TEXTS["tex"].render(found.sheet).count(r"\begin{wholepart}") == len(whole)
    assert TEXTS["html"].render(found.sheet).count('<section class="whole"') == len(whole)


@pytest.mark.tex
@pytest.mark.parametrize("seed", [7, 8])
def test_no_page_of_a_printed_sheet_is_blank_and_no_question_is_torn(seed: int, tmp_path: Path) -> None:
    if shutil.which("xelatex") is None or shutil.which("pdftotext") is None:
        pytest.skip("xelatex or pdftotext is not installed")
    found = made("2-2-2", seed)
    for file, content in exercise_files(found.sheet, found.key, "net", ["pdf"]).items():
        path = tmp_path / file
        path.write_bytes(content)
        pages = subprocess.run(["pdftotext", str(path), "-"], check=True, capture_output=True, text=True).stdout.split("\f")[:-1]
        assert min(len(page.split()) for page in pages) > 5
        # The list of mistakes, and each answer, stand on the page of their question.
        for page in pages:
            assert not re.match(r"\s*(line 2|Checked)", page)


@pytest.mark.parametrize("name", ["2-2-2", "labelled", "residual"])
@pytest.mark.parametrize("seed", [0, 7])
def test_no_question_is_asked_twice_in_another_skin(name: str, seed: int) -> None:
    """No second table of shapes, no second entry of one gradient, no formula of an equal layer."""
    tasks = [question.task for question in made(name, seed).questions]
    assert None not in tasks
    assert len(set(tasks)) == COUNT
