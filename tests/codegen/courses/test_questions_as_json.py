"""Questions as data: every answer is of its type, and what the data say is what the key says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sheet_material import NETWORKS, SEEDS, description, of_kind, source

from chainrule.codegen.build import Choices, build
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.exercises.answers import GapAnswer, NumberAnswer
from chainrule.codegen.exercises.kinds import KINDS
from chainrule.codegen.files.fingerprints import is_untouched
from chainrule.symbolic.index.failures import InvalidDescription

#: Type of answer: its other keys, as the README's table has them.
KEYS = {
    "number": {"value": {"type": "number"}, "tolerance": {"type": "number", "exclusiveMinimum": 0}, "text": {"type": "string"}},
    "choice": {"options": {"type": "array", "minItems": 2, "items": {"type": "string"}}, "right": {"type": "integer", "minimum": 0}},
    "selection": {"options": {"type": "array", "items": {"type": "string"}}, "right": {"type": "array", "items": {"type": "integer"}}},
    "truth": {"value": {"type": "boolean"}},
    "order": {"letters": {"type": "array", "minItems": 3, "uniqueItems": True, "items": {"type": "string", "pattern": "^[A-Z]$"}}},
    "gap": {"missing": {"type": "string"}, "others": {"type": "array", "uniqueItems": True, "items": {"type": "string"}}},
    "shapes": {"arrays": {"type": "array", "items": {"required": ["array", "shape"]}}},
    "counts": {"counts": {"type": "array", "items": {"required": ["what", "count"]}}},
    "formula": {"gradient": {"type": "string"}, "formula": {"type": "string"}},
}
ANSWER = {
    "oneOf": [
        {"properties": {"type": {"const": name}, **keys}, "required": ["type", *keys], "additionalProperties": False}
        for name, keys in KEYS.items()
    ]
}
TEXT = {"type": "string", "minLength": 1}
QUESTION = {
    "number": {"type": "integer"},
    "kind": TEXT,
    "stars": {"enum": [1, 2, 3]},
    "points": {"type": "integer"},
    "needs_numbers": {"type": "boolean"},
    "prompt": TEXT,
    "answer": ANSWER,
    "solution": TEXT,
    "checked": TEXT,
}
SCHEMA = {
    "properties": {
        "format": {"const": "chainrule questions"},
        "version": {"const": 1},
        "name": TEXT,
        "title": TEXT,
        "language": {"enum": ["en", "zh-TW", "zh-CN"]},
        "seed": {"type": "integer"},
        "points": {"type": "integer"},
        "network": TEXT,
        "numbers": {"type": "string"},
        "questions": {
            "type": "array",
            "items": {"properties": QUESTION, "required": [*QUESTION], "additionalProperties": False},
        },
        "fingerprint": TEXT,
    },
    "additionalProperties": False,
}
SCHEMA["required"] = [*SCHEMA["properties"]]


def written(folder: Path, name: str, language: str = "en", seed: int = 1, count: int = 14) -> dict[str, Any]:
    built = build(description(name), folder, Choices(["json"], exercises=count, seed=seed, language=language))
    (path,) = [path for path in built.files if path.suffix == ".json"]
    assert is_untouched(path.name, path.read_bytes())
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "language"), [("2-2-2", "zh-TW"), ("labelled", "en"), ("equations_net", "zh-CN")])
def test_the_file_is_as_the_table_says(name: str, language: str, tmp_path: Path) -> None:
    found = written(tmp_path, name, language)
    Draft202012Validator(SCHEMA).validate(found)
    assert [question["number"] for question in found["questions"]] == [*range(1, 15)]
    assert found["points"] == sum(question["points"] for question in found["questions"])
    assert bool(found["numbers"]) == any(question["needs_numbers"] for question in found["questions"])
    for question in found["questions"]:
        for text in (question["prompt"], question["solution"]):
            assert len(re.findall(r"(?<!\\)\$", text)) % 2 == 0
    if language == "en":
        wrong_lines = [question for question in found["questions"] if question["kind"].startswith("find_wrong")]
        assert wrong_lines
        for question in wrong_lines:
            answer = question["answer"]
            assert answer["options"][answer["right"]].removeprefix("line ") in question["solution"].splitlines()[0]


def test_a_fingerprint_is_a_last_key(tmp_path: Path) -> None:
    written(tmp_path, "equations_net", count=3)
    (path,) = tmp_path.glob("*_questions.json")
    content = path.read_bytes()
    assert written(tmp_path, "equations_net", count=3)
    assert path.read_bytes() == content
    assert not is_untouched(path.name, content.replace(b'"points": ', b'"points": 1'))
    assert not is_untouched(path.name, b"[]")
    path.write_bytes(content.replace(b'"seed": 1', b'"seed": 2'))
    with pytest.raises(InvalidDescription, match="edited by hand"):
        written(tmp_path, "equations_net", count=3)


def test_without_questions_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidDescription, match="--formats json is made of questions; add --exercises N"):
        build(description("2-2-2"), tmp_path / "out", Choices(["json"]))
    assert not (tmp_path / "out").exists()


def test_a_class_has_a_file_for_each_seed(tmp_path: Path) -> None:
    built = build(description("equations_net"), tmp_path, Choices(["json"], exercises=2, seeds=(3, 5)))
    assert {path.name for path in built.files if path.suffix == ".json"} == {f"equations_net_questions_{seed}.json" for seed in (3, 5)}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_number_is_that_of_the_arrays(name: str) -> None:
    for seed in SEEDS[:1]:
        own = source(name, seed)
        for kind in ("calculate_forward", "calculate_gradient"):
            for place, question in of_kind(name, seed, kind):
                answer = question.answer
                assert isinstance(answer, NumberAnswer)
                assert abs(answer.value - own.student.in_other_way(place)) <= 0.51 * answer.tolerance
                assert answer.tolerance <= 1e-3 * abs(answer.value) + 1e-12


@pytest.mark.parametrize("name", NETWORKS)
def test_wrong_answers_of_a_gap_are_offered_and_are_others(name: str) -> None:
    found = [question for kind in ("fill_formula", "fill_matrix", "fill_entry") for _, question in of_kind(name, 1, kind)]
    answers = [question.answer for question in found]
    assert all(isinstance(answer, GapAnswer) and answer.missing not in answer.others for answer in answers)
    assert sum(bool(answer.others) for answer in answers) > len(answers) / 2
    for answer in answers:
        assert len({write_latex(node) for node in (answer.missing, *answer.others)}) == 1 + len(answer.others)


def test_every_kind_says_what_is_right() -> None:
    types = {type(question.answer).__name__ for kind in KINDS for _, question in of_kind("2-2-2", 1, kind)[:1]}
    assert types >= {"NumberAnswer", "ChoiceAnswer", "TruthAnswer", "OrderAnswer", "GapAnswer", "ShapesAnswer", "FormulaAnswer"}
