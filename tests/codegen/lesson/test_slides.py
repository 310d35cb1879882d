"""Slides as a lecture of their own: at most twenty frames, one idea each, and formulas and letters as in handouts."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from gallery_networks import FOLDERS, derived, description_of

from chainrule.codegen.build import Choices, build, material_of
from chainrule.codegen.document.block_walk import sentences
from chainrule.codegen.document.cut_drawing import can_be_read
from chainrule.codegen.document.document import Display, Document, Figure, Heading, Items, Math, Table
from chainrule.codegen.document.evidence import Evaluated
from chainrule.codegen.document.evidence_required import formulas
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.nodes import Letter
from chainrule.codegen.document.shapes import Circle, Ink, Label
from chainrule.codegen.formats.markdown import render_markdown
from chainrule.codegen.formats.slides import render_slides
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.slide_measure import is_too_wide, picture_room
from chainrule.codegen.lesson.frames import whole
from chainrule.codegen.lesson.frames.registry import FRAMES, lecture
from chainrule.codegen.words.translation import LANGUAGES
from chainrule.symbolic.index.failures import CheckFailed

MOST_FRAMES = 20
#: Each network of the gallery in one notation and one language, so that all of both occur.
PART = [
    (name, sorted(NOTATIONS)[place % len(NOTATIONS)], [*LANGUAGES][place % len(LANGUAGES)])
    for place, name in enumerate(FOLDERS)
    if name != "mazur"
]


@cache
def slides(name: str, notation: str | None = None, language: str = "en") -> Document:
    return lecture(material_of(description_of(name), *derived(name), notation), language)


def frames(document: Document) -> list[list[object]]:
    """The blocks under each heading that has some."""
    starts = [place for place, block in enumerate(document.blocks) if isinstance(block, Heading)]
    groups = [list(document.blocks[start + 1 : end]) for start, end in pairwise([*starts, len(document.blocks)])]
    return [group for group in groups if group]


def headlines(document: Document) -> list[str]:
    return [block.anchor for block in document.blocks if isinstance(block, Heading) and block.level == 2]


def has_room(document: Document) -> None:
    """At most twenty frames with the title; no letter below 8 points, in a formula or in a picture."""
    source = render_slides(document)
    assert source.count(r"\begin{frame}") == len(frames(document)) + 1 <= MOST_FRAMES
    for blocks in frames(document):
        for block in blocks:
            if isinstance(block, Figure):
                room = picture_room(block, [other for other in blocks if other is not block])
                assert can_be_read(block.drawing, room), block.name
            if isinstance(block, Display):
                assert not is_too_wide(block.lines)


# How many, and what on them


@pytest.mark.parametrize(("name", "notation", "language"), PART)
def test_no_network_of_the_gallery_has_more_than_twenty(name: str, notation: str, language: str) -> None:
    document = slides(name, notation, language)
    has_room(document)
    assert {"general-rule", "table", "update", "pitfalls", "questions"} <= set(headlines(document))


@pytest.mark.parametrize("notation", sorted(NOTATIONS))
def test_mazur_has_all_stations_in_every_notation(notation: str) -> None:
    document = slides("mazur", notation, "zh-TW" if notation == "delta" else "en")
    has_room(document)
    assert headlines(document) == [
        "question",
        "given",
        "slides-forward-1",
        "slides-forward-2",
        "nudge",
        "slopes",
        "paths",
        "reversed",
        "graph",
        "general-rule",
        "example",
        "slides-backward-1",
        "table",
        "update",
        "curve",
        "pitfalls",
        "slides-code-forward",
        "slides-code-backward",
        "questions",
    ]


def test_every_quantity_of_a_small_network_goes_forward_and_every_pattern_of_a_large_one_back() -> None:
    """None is dropped where there are many: their frames have all first letters of the patterns."""
    assert [len(frame) for frame in frames(slides("mazur"))[2:4]] == [3, 2]
    shown = [block for frame in frames(slides("character_model")) for block in frame if isinstance(block, Display)]
    left = {write_latex(line.left.node) for display in shown for line in display.lines}
    assert {r"\mathrm{d}\mathrm{bnvar\_inv}", r"\mathrm{d}\mathrm{bndiff}", r"\mathrm{d}\mathrm{hpreact}"} <= left


def test_a_recurrence_is_shown_at_three_steps_and_a_small_network_with_its_numbers() -> None:
    assert [block.name for block in slides("gru").blocks if isinstance(block, Figure)][:2] == ["gru_network", "gru_unrolled"]
    (network,) = [block for block in slides("mazur").blocks if isinstance(block, Figure) and block.name == "mazur_network"]
    assert any("0.15" in str(label.text) for label in network.drawing.labels)


def test_a_large_window_has_a_frame_for_each_of_its_ways() -> None:
    pictures = [block for block in slides("lenet").blocks if isinstance(block, Figure)]
    assert [figure.name for figure in pictures if "window" in figure.name] == ["lenet_window_forward", "lenet_window_backward"]
    inks = [{label.ink for label in figure.drawing.labels} for figure in pictures if "window" in figure.name]
    assert [Ink.GRADIENT in found for found in inks] == [False, True]


def test_the_slopes_of_the_path_are_those_of_the_article() -> None:
    page = render_markdown(slides("mazur"))
    assert r"= 0.74137 \cdot 0.18682 \cdot 0.59327 = 0.082167" in page
    assert "must be lowered" in page
    assert "24, two for each" in page


def test_an_update_is_that_of_the_module() -> None:
    (table,) = [block for block in slides("mazur").blocks if isinstance(block, Table) and len(block.align) == 6]
    cells = {piece.node for row in table.rows for cell in row for piece in cell if isinstance(piece, Math)}
    written = {write_latex(node) for node in cells}
    assert {"0.14978", "0.19956", "0.24975", "0.2995", "0.35892", "0.40867", "0.5113", "0.56137"} <= written


def test_what_is_a_factor_of_every_term_is_found_by_leaving_it_out() -> None:
    (asked,) = [block for block in slides("gru").blocks if isinstance(block, Items) and "learnt" in str(block)]
    assert {write_latex(piece.node) for piece in asked.sentences[0] if isinstance(piece, Math)} == {
        r"\partial C / \partial W^{(\mathrm{u})}",
        "x",
    }


# Step by step


def test_the_graph_fills_in_forward_and_then_back() -> None:
    (graph,) = [block for block in slides("mazur").blocks if isinstance(block, Figure) and block.name == "mazur_graph"]
    steps = list(zip(graph.drawing.steps, graph.drawing.shapes, strict=True))
    values = [step for step, shape in steps if isinstance(shape, Circle) or (isinstance(shape, Label) and shape.ink is Ink.INK)]
    gradients = [step for step, shape in steps if shape.ink is Ink.GRADIENT]
    assert {*values} == set(range(1, 7))
    assert {*gradients} == set(range(7, 12))
    source = render_slides(slides("mazur"))
    start = source.index("Values go forward")
    assert {int(step) for step in re.findall(r"\\only<(\d+)->", source[start : source.index(r"\end{frame}", start)])} == set(range(2, 12))


def test_a_picture_of_a_page_is_there_at_once() -> None:
    assert r"\only<" not in render_markdown(slides("mazur"))


# Evidence and letters


def test_every_formula_was_evaluated() -> None:
    found = [evidence for _, evidence in formulas(slides("mazur"))]
    assert sum(isinstance(evidence, Evaluated) for evidence in found) >= 30
    assert None not in found


def test_a_letter_that_stands_for_nothing_makes_no_slides(monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule.codegen.document.document import Paragraph

    monkeypatch.setitem(FRAMES, "rule", lambda material: [*whole.rule_frame(material), Paragraph((Math(Letter("Ξ")),))])
    with pytest.raises(CheckFailed, match="would stand for nothing"):
        lecture(material_of(description_of("mazur"), *derived("mazur")), "en")


def test_slides_leave_the_numbers_and_the_counts_of_the_handout_alone(tmp_path: Path) -> None:
    description = description_of("mazur")
    build(description, tmp_path / "one", Choices(formats=("md",)))
    build(description, tmp_path / "two", Choices(formats=("slides", "md")))
    assert (tmp_path / "one" / "mazur.md").read_bytes() == (tmp_path / "two" / "mazur.md").read_bytes()


def test_they_are_the_same_beside_either_length(tmp_path: Path) -> None:
    description = description_of("mazur")
    for length in ("short", "full"):
        build(description, tmp_path / length, Choices(formats=("slides",), length=length))
    assert (tmp_path / "short" / "mazur_slides.tex").read_bytes() == (tmp_path / "full" / "mazur_slides.tex").read_bytes()


@pytest.mark.parametrize("language", [tag for tag in LANGUAGES if tag != "en"])
def test_chinese_slides_say_nothing_in_english(language: str) -> None:
    words = [
        piece.text
        for name in ("mazur", "gru")
        for block in slides(name, None, language).blocks
        for sentence in sentences(block)
        for piece in sentence
        if hasattr(piece, "text") and not isinstance(block, Table)
    ]
    assert not [word for word in words if re.search(r"[A-Za-z]{3,} [a-z]{3,}", word)]
