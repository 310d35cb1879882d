"""Assignments for nbgrader: the key has full marks, the empty sheet none, a half-right one those of its half."""

from __future__ import annotations

import csv
import json
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from notebooks import cells, emptied, own, points, source_of
from sheet_material import description, material
from test_render import required

from chainrule.codegen.courses.assignment import render_assignment
from chainrule.codegen.courses.course import Course
from chainrule.codegen.courses.functions_to_write import functions_to_write
from chainrule.codegen.courses.given_numbers import given_numbers
from chainrule.codegen.courses.nbgrader_cells import given_cell
from chainrule.codegen.courses.question_cells import question_cells
from chainrule.codegen.document.document import Paragraph
from chainrule.codegen.document.nodes import Letter, Number
from chainrule.codegen.document.sentence import Math
from chainrule.codegen.exercises.answers import (
    Answer,
    ChoiceAnswer,
    CountsAnswer,
    FormulaAnswer,
    GapAnswer,
    NumberAnswer,
    OrderAnswer,
    SelectionAnswer,
    ShapesAnswer,
    TruthAnswer,
)
from chainrule.codegen.exercises.question import Question
from chainrule.codegen.exercises.sheet import exercises
from chainrule.codegen.words.sentences import plain
from chainrule.codegen.words.translation import speaking
from chainrule.symbolic.index.failures import CheckFailed, InvalidDescription

pytest.importorskip("nbformat", reason="nbformat writes notebooks")

GENERATED = Path(__file__).parents[3] / "generated"
#: Layers, labels, equations, a recurrence, convolutions of many parameters, a fixed point, and rounding, which has no slope.
GALLERY = ("gru", "lenet", "equilibrium", "rounding")
NETWORKS = ("2-2-2", "labelled", "equations_net", *(str(GENERATED / name / f"{name}.toml") for name in GALLERY))


@cache
def assignment(name: str, language: str = "en", seed: int = 1, count: int = 6) -> str:
    own_material = material(name)
    asked = exercises(own_material, language, count, seed)
    with speaking(language):
        return render_assignment(Course(own_material, asked))


@pytest.mark.parametrize("name", NETWORKS)
def test_full_marks_for_the_key_and_none_for_the_empty_sheet(name: str) -> None:
    found = cells(assignment(name))
    given, most = points(found)
    assert given == most > 10
    assert points(found, frozenset()) == (0, most)
    gradients = {cell["id"] for cell in found if "def gradient_" in source_of(cell) and own(cell)["solution"]}
    assert len(gradients) >= 2
    # Where the chain rule passes through a step, differences of the cost are no slopes.
    assert ("differences" in {cell["id"] for cell in found}) == ("rounding" not in name)
    # No other function is needed for their points.
    expected = sum(own(cell)["points"] for cell in found if cell["id"].replace("test", "function") in gradients and own(cell)["grade"])
    assert points(found, frozenset(gradients)) == (expected, most)


@pytest.mark.parametrize("name", NETWORKS[:4])
def test_a_wrong_gradient_has_no_marks(name: str) -> None:
    found = cells(assignment(name))
    _, most = points(found)
    for place, cell in enumerate(found):
        if "def gradient_" in source_of(cell) and own(cell)["solution"]:
            results = source_of(cell).split("return ")[1].split("\n")[0]
            first, *others = results.split(", ")
            for wrong in (f"-{first}", f"1.001 * {first}"):
                other = {**cell, "source": source_of(cell).replace(f"return {results}", f"return {', '.join([wrong, *others])}")}
                given, _ = points([*found[:place], other, *found[place + 1 :]], frozenset(each["id"] for each in found))
                assert given <= most - 2, source_of(other)


def test_cells_are_those_of_the_schema_and_have_names_of_their_own() -> None:
    found = cells(assignment("2-2-2"))
    names = [cell["id"] for cell in found]
    assert len(set(names)) == len(names)
    assert [own(cell)["grade_id"] for cell in found] == names
    for cell in found:
        data = own(cell)
        assert data["schema_version"] == 3
        assert data["cell_type"] == cell["cell_type"]
        assert {"grade", "solution", "locked", "task"} <= data.keys()
        assert ("points" in data) == data["grade"]
        assert data["locked"] != data["solution"]
        if data["grade"] and cell["cell_type"] == "code":
            assert source_of(cell).count("### BEGIN HIDDEN TESTS") == source_of(cell).count("### END HIDDEN TESTS") <= 1


@pytest.mark.parametrize("language", ["zh-TW", "zh-CN"])
def test_an_assignment_speaks_the_language_and_is_the_same_every_time(language: str) -> None:
    text = assignment("2-2-2", language)
    assert text == assignment.__wrapped__("2-2-2", language)
    said = [source_of(cell) for cell in cells(text) if cell["cell_type"] == "markdown"]
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in each) for each in said if "\n" in each)
    assert points(cells(text))[0] == points(cells(assignment("2-2-2")))[0]


@pytest.mark.parametrize(
    ("right", "others", "wrong"),
    [
        (ChoiceAnswer((plain("one"), plain("two")), 1), ["'B'", "'b '"], ["'A'", "''"]),
        (SelectionAnswer((plain("one"), plain("two"), plain("three")), (0, 2)), ["'AC'", "'C, a'"], ["'A'", "'ABC'"]),
        (OrderAnswer(("B", "A", "C")), ["'BAC'", "'b, a, c'", "['B', 'A', 'C']"], ["'ABC'", "'BA'"]),
        (ShapesAnswer(((Letter("A"), (2, 3)), (Letter("B"), (4,)))), ["[(2, 3), (4,)]", "[[2, 3], 4]"], ["[(3, 2), (4,)]", "[(2, 3)]"]),
        (CountsAnswer(((plain("one"), 20), (plain("two"), 54))), ["[20, 54]", "(20, 54)"], ["[54, 20]", "[20]"]),
        (TruthAnswer(False), ["False"], ["True", "None", "0"]),
        (NumberAnswer(Math(Number("0.5")), -0.1234, 0.0001), ["-0.1234", "-0.12345"], ["0.1234", "-0.1237"]),
        (GapAnswer(Letter("x"), (Letter("y"), Letter("z"))), [], ["'D'"]),
    ],
)
def test_an_answer_is_right_however_it_is_written(right: Answer, others: list[str], wrong: list[str]) -> None:
    question = Question("kind", "place", 2, (Paragraph(plain("?")),), (Paragraph(plain("!")),), plain("."), 1, answer=right)
    found = list(question_cells(3, question, 7))
    assert points([given_cell("numbers", "import numpy as np"), *found]) == (4, 4)
    for written, has_points in [*((each, True) for each in others), *((each, False) for each in wrong)]:
        cell = {**found[1], "source": f"answer_3 = {written}"}
        names = frozenset(each["id"] for each in found)
        assert points([given_cell("numbers", "import numpy as np"), found[0], cell, found[2]], names) == (4 * has_points, 4), written


def test_what_nobody_can_mark_is_left_to_a_person() -> None:
    for answer in (FormulaAnswer(Letter("x"), Letter("y")), GapAnswer(Letter("x"), ())):
        question = Question("kind", "place", 3, (Paragraph(plain("?")),), (Paragraph(plain("!")),), plain("."), 1, answer=answer)
        _, cell = question_cells(1, question, 0)
        assert cell["cell_type"] == "markdown"
        assert own(cell) | {"grade": True, "solution": True, "locked": False, "points": 6} == own(cell)


@pytest.mark.parametrize("name", ["2-2-2", "equations_net"])
def test_a_wrong_function_makes_no_assignment(name: str) -> None:
    """Each line of each is held against the equations by index."""
    right = functions_to_write(material(name).program)
    for place, function in enumerate(right):
        wrong = replace(function, lines=(*function.lines, f"{function.results[0]} = 1.001 * {function.results[0]}"))
        with pytest.raises(CheckFailed, match=r"the assignment's .* is not that of the equations"):
            given_numbers(material(name), [*right[:place], wrong, *right[place + 1 :]], 1)


def test_another_seed_has_other_numbers() -> None:
    numbers = [next(source_of(cell) for cell in cells(assignment("2-2-2", seed=seed)) if cell["id"] == "numbers") for seed in (1, 2)]
    assert numbers[0] != numbers[1]


def test_a_name_that_the_notebook_needs_is_one_message(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('name = "own"\nparameters = ["right[k]"]\nequations = "C = sum(k, (right[k] - 3)**2)"\nsizes = { k = 3 }\n')
    from chainrule import derive
    from chainrule.codegen.build import Choices, build

    described = description(str(file))
    assert derive(described.network)
    with pytest.raises(InvalidDescription, match="--formats nbgrader: found a quantity called right"):
        build(described, tmp_path / "out", Choices(["nbgrader"], exercises=1))


def with_parts_of(released: str, key: str, chosen: frozenset[str]) -> str:
    """What a student hands in who has written some cells."""
    solved = {cell["id"]: cell for cell in cells(key)}
    notebook = json.loads(released)
    for cell in notebook["cells"]:
        if cell["id"] in chosen:
            cell["source"] = solved[cell["id"]]["source"]
    return json.dumps(notebook)


def test_nbgrader_releases_collects_and_grades(tmp_path: Path) -> None:
    program = required("nbgrader")
    key = assignment("equations_net", count=4)
    found = cells(key)
    (tmp_path / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "course"\n')
    source = tmp_path / "source" / "week1"
    source.mkdir(parents=True)
    (source / "net.ipynb").write_text(key, encoding="utf-8")

    def run(*arguments: str) -> None:
        ended = subprocess.run(
            [program, *arguments], cwd=tmp_path, capture_output=True, text=True, env={"PATH": Path(program).parent.as_posix()}
        )
        assert ended.returncode == 0, ended.stderr

    run("generate_assignment", "week1", "--create")
    released = (tmp_path / "release" / "week1" / "net.ipynb").read_text(encoding="utf-8")
    for cell, shown in zip(found, cells(released), strict=True):
        assert cell["id"] == shown["id"]
        assert "HIDDEN" not in source_of(shown)
        assert "SOLUTION" not in source_of(shown)
        if own(cell)["solution"] and cell["cell_type"] == "code":
            assert "raise NotImplementedError" in source_of(shown)
            assert emptied(source_of(cell)).split("raise")[0].strip() in source_of(shown).replace("# YOUR CODE HERE\n", "")
    half = frozenset(cell["id"] for cell in found if "def compute_" in source_of(cell) and own(cell)["solution"])
    submissions = {"key": with_parts_of(released, key, frozenset(cell["id"] for cell in found if own(cell)["solution"])), "empty": released}
    for student, text in {**submissions, "half": with_parts_of(released, key, half)}.items():
        folder = tmp_path / "submitted" / student / "week1"
        folder.mkdir(parents=True)
        (folder / "net.ipynb").write_text(text, encoding="utf-8")
    run("autograde", "week1")
    run("export")
    with open(tmp_path / "grades.csv", encoding="utf-8") as file:
        scores = {row["student_id"]: float(row["raw_score"]) for row in csv.DictReader(file)}
    given, most = points(found)
    assert given == most
    assert scores == {"key": most, "half": points(found, half)[0], "empty": 0}
    assert 0 < scores["half"] < scores["key"]
