"""The schema that editors take says what this project's own check says, with no word of its own."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from places import ROOT
from small_descriptions import EQUATIONS, SMALL
from test_bad_descriptions import BAD
from test_command_line import chainrule

from chainrule.codegen.descriptions.published_schema import published_schema
from chainrule.codegen.descriptions.schema_problems import check_schema
from chainrule.symbolic.index.failures import InvalidDescription

#: 3.0 is a whole number in JSON, which knows no infinity and no nan; `$` stands before a last line break too in Python alone.
NOT_TOLD_BY_JSON = {"input is a fraction", "units is a fraction", "regularisation is infinite", "constant that is nan"}
NOT_TOLD_BY_PYTHON = {"name with a line break"}
#: Tables inside of each other that JSON does not write any more; tomllib takes 40 s to read a hundred times as many.
DEEPEST = sys.getrecursionlimit()


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(published_schema())


def as_json(text: str | bytes) -> Any:
    """A description as an editor hands it to a schema."""
    document = tomllib.loads(text if isinstance(text, str) else text.decode())
    return json.loads(json.dumps(document, default=str))


def refusal(text: str) -> str | None:
    """What this project's own check says."""
    try:
        check_schema(tomllib.loads(text), text)
    except InvalidDescription as problem:
        return str(problem)
    return None


def test_it_is_a_schema_that_any_reader_knows() -> None:
    Draft202012Validator.check_schema(published_schema())
    text = json.dumps(published_schema())
    assert json.loads(text) == published_schema()
    assert not re.search(r'\\\\[ZA]|\(\?P|"beside"', text)
    named = set(re.findall(r'"#/\$defs/(\w+)"', text))
    assert named == set(published_schema()["$defs"])


@pytest.mark.parametrize("path", sorted((ROOT / "generated").glob("*/*.toml")), ids=lambda path: path.stem)
def test_the_gallery_agrees_with_it(path: Path) -> None:
    validator().validate(as_json(path.read_text(encoding="utf-8")))


def readable() -> list[str]:
    """The bad descriptions that are TOML."""
    found = []
    for case, (text, *_) in BAD.items():
        if text.count("." if isinstance(text, str) else b".") > DEEPEST:
            continue
        try:
            as_json(text)
        except (ValueError, RecursionError, UnicodeDecodeError):
            continue
        found.append(case)
    return found


@pytest.mark.parametrize("case", readable())
def test_both_refuse_the_same(case: str) -> None:
    text = BAD[case][0]
    text = text if isinstance(text, str) else text.decode()
    own, published = refusal(text), [*validator().iter_errors(as_json(text))]
    expected = own is not None and case not in NOT_TOLD_BY_JSON | NOT_TOLD_BY_PYTHON
    assert expected == bool(published), (own, [error.message for error in published])


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (SMALL.replace("units = 3", "units = -3"), ["layers", 0, "units"], "-3 is less than the minimum of 1"),
        (SMALL.replace("units = 3", 'kind = "conv2d"\nchannels = 2'), ["layers", 0], "'kernel' is a required property"),
        (SMALL.replace("units = 3", 'kind = "konv2d"'), ["layers", 0, "kind"], "'konv2d' is not one of"),
        (SMALL.replace("[cost]", "[costs]"), [], "'costs' was unexpected"),
        (EQUATIONS.replace("inputs", "input"), [], "'input' was unexpected"),
    ],
)
def test_a_mistake_is_at_its_place(text: str, place: list[object], words: str) -> None:
    found = {(*error.absolute_path,): error.message for error in validator().iter_errors(as_json(text))}
    assert words in found[(*place,)]


def test_the_command_prints_it(tmp_path: Path) -> None:
    said = chainrule("schema", cwd=tmp_path)
    assert said.returncode == 0
    assert json.loads(said.stdout) == published_schema()
