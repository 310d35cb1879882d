"""Markdown for pandoc: every formula is one, in its reading too, and none is left as text."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_command_line import chainrule
from test_languages import document
from test_render import HOSTILE_DOCUMENT, required

from chainrule.codegen.document.document import Display, Document, Figure, Math
from chainrule.codegen.document.evidence_required import sentences
from chainrule.codegen.formats.markdown import PANDOC, render_markdown

#: Two networks of layers and one of equations, in every language, in two notations.
READ = [("mazur", "en", None), ("lenet", "zh-TW", None), ("block", "zh-CN", "delta"), ("gaussian", "en", "graph")]


def read(text: str, to: str = "json", *options: str) -> str:
    """What pandoc makes of a text; it says nothing of formulas that it cannot turn into MathML."""
    found = subprocess.run(
        [required("pandoc"), "--from", "markdown", "--to", to, *options], input=text, capture_output=True, text=True, check=True
    )
    assert not found.stderr
    return found.stdout


def elements(node: Any) -> Iterator[dict[str, Any]]:
    """Every element of what pandoc has read."""
    if isinstance(node, dict):
        if "t" in node:
            yield node
        for part in node.values():
            yield from elements(part)
    elif isinstance(node, list):
        for part in node:
            yield from elements(part)


def formulas_of(shown: Document) -> int:
    inside = (part for block in shown.blocks for sentence in _shown_sentences(block) for part in sentence if isinstance(part, Math))
    return sum(isinstance(block, Display) for block in shown.blocks) + sum(1 for _ in inside)


def _shown_sentences(block: Any) -> Iterator[Any]:
    if isinstance(block, Figure):
        yield block.caption
    elif not isinstance(block, Display):
        yield from sentences(block)


@pytest.mark.parametrize(("name", "language", "notation"), READ)
def test_every_formula_is_read_as_one(name: str, language: str, notation: str | None) -> None:
    shown = document(name, language, notation)
    text = render_markdown(shown, PANDOC)
    found = list(elements(json.loads(read(text))))
    assert sum(element["t"] == "Math" for element in found) == formulas_of(shown)
    assert not [element["c"] for element in found if element["t"] == "Str" and ("$" in element["c"] or "\\" in element["c"])]
    assert not any(element["t"] == "RawInline" for element in found)
    assert read(text, "html", "--mathml").count("<math ") == formulas_of(shown)


def test_pictures_have_their_caption_and_their_words() -> None:
    shown = document("mazur", "en", None)
    page = read(render_markdown(shown, PANDOC), "html", "--mathml")
    figures = [block for block in shown.blocks if isinstance(block, Figure)]
    assert page.count("<figcaption") == len(figures)
    assert page.count("alt=") == len(figures)


def test_hostile_texts_are_text() -> None:
    found = list(elements(json.loads(read(render_markdown(HOSTILE_DOCUMENT, PANDOC)))))
    assert not any(element["t"] in {"RawInline", "RawBlock", "Cite", "Note"} for element in found)


def test_the_option(tmp_path: Path) -> None:
    made = chainrule("build", "2-2-2", "--formats", "md", "--markdown", "pandoc", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    page = (tmp_path / "network_2_2_2" / "network_2_2_2.md").read_text(encoding="utf-8")
    assert "```math" not in page
    assert "$$\n" in page
    refused = chainrule("build", "2-2-2", "--markdown", "pandok", cwd=tmp_path)
    assert refused.returncode == 2
    assert "did you mean 'pandoc'" in refused.stderr
