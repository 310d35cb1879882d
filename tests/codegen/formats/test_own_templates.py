"""`--templates DIR`: layouts of a user's own in place of ours, in a sandbox; what is wrong with one is one message with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_command_line import chainrule

from chainrule.codegen.document.document import Document, FrontMatter, Paragraph
from chainrule.codegen.formats.registry import document_files
from chainrule.codegen.templating.own_templates import layouts, own_templates
from chainrule.codegen.words.sentences import plain
from chainrule.symbolic.index.failures import InvalidDescription

SHORT = Document(FrontMatter("A title"), (Paragraph(plain("A sentence.")),))


def made(folder: Path, chosen: str) -> str:
    """The text of a short document in a format, its layouts from a folder."""
    with own_templates(folder):
        return str(document_files(SHORT, "page", [chosen])[f"page.{chosen}"])


def test_a_file_of_the_same_name_comes_before_ours(tmp_path: Path) -> None:
    (tmp_path / "handout.tex.jinja").write_text("Mine: \\VAR{ title }\n\\BLOCK{ for block in blocks }\n\\VAR{ block }\n\\BLOCK{ endfor }")
    (tmp_path / "handout.css").write_text("body { color: teal }")
    assert made(tmp_path, "tex").strip() == "Mine: A title\nA sentence."
    page = made(tmp_path, "html")
    assert "color: teal" in page
    assert "<h1>A title</h1>" in page
    # What is not there is ours, and outside everything is.
    assert made(tmp_path, "md").startswith("# A title")
    assert "documentclass" in str(document_files(SHORT, "page", ["tex"])["page.tex"])


def test_our_layout_may_include_a_part_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "handout_layout.tex").write_text("% my layout")
    assert "% my layout" in made(tmp_path, "tex")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("handout.md.jinja", "one\n{% for %}", r"handout\.md\.jinja:2: "),
        ("handout.md.jinja", "one\ntwo\n{{ nothing }}", r"handout\.md\.jinja:3: 'nothing' is undefined"),
        ("handout.md.jinja", "{{ title.__class__.__mro__ }}", r"handout\.md\.jinja:1: access to attribute '__class__' .* is unsafe"),
        ("handout.md.jinja", "\n{{ 1/0 }}", r"handout\.md\.jinja:2: division by zero"),
        ("handuot.md.jinja", "", r"handuot\.md\.jinja: found no layout of ours.*did you mean 'handout\.md\.jinja'"),
        ("module.py.jinja", "", r"module\.py\.jinja: found no layout of ours"),
    ],
)
def test_what_is_wrong_is_one_message(name: str, text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidDescription, match=message):
        made(tmp_path, "md")


def test_a_folder_that_is_not_there() -> None:
    with pytest.raises(InvalidDescription, match="no such folder"):
        made(Path("nowhere"), "md")


def test_layouts_are_those_of_documents() -> None:
    assert {"handout.tex.jinja", "handout.html.jinja", "handout.typ.jinja", "slides.tex.jinja", "handout.css"} <= set(layouts())
    assert not any(name.startswith("module") for name in layouts())


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "handout.md.jinja").write_text("Mine: {{ title }}")
    done = chainrule("build", "2-2", "-o", "out", "--formats", "md", "--templates", "own", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "network_2_2.md").read_text().startswith("Mine: network")
