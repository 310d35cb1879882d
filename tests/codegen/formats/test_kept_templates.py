"""Compiled templates are kept where Python keeps bytecode, and compiled anew where they changed."""

import importlib.util
import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from chainrule.codegen.templating.environments import latex_environment, text_environment
from chainrule.codegen.templating.kept_templates import KeptTemplates
from chainrule.codegen.templating.own_templates import own_templates


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "bytecode"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "one.txt.jinja").write_text("{{ 2 + 3 }} of them")
    return templates


def environment(folder: Path) -> Environment:
    return Environment(loader=FileSystemLoader(folder), bytecode_cache=KeptTemplates())


def never(*_: object, **__: object) -> str:
    raise AssertionError("compiled again")


def kept(folder: Path) -> Path:
    return Path(importlib.util.cache_from_source(f"{folder / 'one.txt.jinja'}.py"))


def test_a_template_is_compiled_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment(folder).get_template("one.txt.jinja").render() == "5 of them"
    assert [path.name for path in kept(folder).parent.iterdir()] == [kept(folder).name]
    monkeypatch.setattr(Environment, "compile", never)
    assert environment(folder).get_template("one.txt.jinja").render() == "5 of them"


def test_a_template_that_changed_is_compiled_anew(folder: Path) -> None:
    environment(folder).get_template("one.txt.jinja")
    (folder / "one.txt.jinja").write_text("{{ 3 + 4 }} of them")
    assert environment(folder).get_template("one.txt.jinja").render() == "7 of them"


@pytest.mark.parametrize("found", [b"", b"other bytes", None])
def test_what_is_damaged_or_cut_off_is_compiled_anew(folder: Path, found: bytes | None) -> None:
    environment(folder).get_template("one.txt.jinja")
    whole = kept(folder).read_bytes()
    kept(folder).write_bytes(whole[: len(whole) // 2] if found is None else found)
    assert environment(folder).get_template("one.txt.jinja").render() == "5 of them"
    assert kept(folder).read_bytes() == whole


def test_nothing_is_kept_where_python_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert environment(folder).get_template("one.txt.jinja").render() == "5 of them"
    assert not kept(folder).exists()


def test_nothing_is_kept_where_nothing_can_be_written(folder: Path) -> None:
    kept(folder).parents[1].mkdir(parents=True)
    kept(folder).parent.write_text("no folder")
    assert environment(folder).get_template("one.txt.jinja").render() == "5 of them"


def test_templates_of_ones_own_are_compiled_by_their_sandbox_alone(tmp_path: Path) -> None:
    assert isinstance(text_environment().bytecode_cache, KeptTemplates)
    assert isinstance(latex_environment().bytecode_cache, KeptTemplates)
    with own_templates(tmp_path):
        assert text_environment().bytecode_cache is None
