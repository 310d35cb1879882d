"""A document as slides (beamer): what stands under a heading, on as many frames as it needs, revealed line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chainrule.codegen.document.chinese_letters import is_chinese
from chainrule.codegen.document.document import Block, Display, Document, Heading, Line, Paragraph
from chainrule.codegen.document.formula import NOTHING
from chainrule.codegen.templating.environments import latex_template, latex_text
from chainrule.codegen.words.translation import ENGLISH, LANGUAGES

from .latex import latex_sentence, own_parts
from .slide_packing import ROOM, ROOM_OF_CHINESE, Frame, height, packed
from .slide_parts import Part, parts_of, subtitle


def render_slides(document: Document) -> str:
    """The whole .tex file. Same document, same text."""
    front, language = document.front, LANGUAGES.get(document.language, ENGLISH)
    frames = [frame for section in _sections(document, ROOM_OF_CHINESE if language.is_chinese else ROOM) for frame in section]
    head = {"title": front.title, "author": front.author, "course": front.course, "date": front.date}
    written = {key: latex_text(text) for key, text in head.items()}
    texts = [*written.values(), *(part for frame in frames for part in (frame.title, frame.section, *frame.parts))]
    has_chinese = any(is_chinese(sign) for text in texts for sign in text)
    slides = latex_template("slides.tex.jinja", document.language).render(
        **written,
        is_chinese=language.is_chinese,
        glyphs=(language.glyphs or "SC") if has_chinese else "",
        frames=frames,
        **own_parts(front),
    )
    return slides + "\n"


def _sections(document: Document, room: float) -> list[list[Frame]]:
    """The frames under each heading; a heading with nothing under it stands in the outline alone.

    What stands under neighbouring headings of one section shares a frame where it is short.
    """
    found: list[list[Frame]] = []
    section, title = "", ""
    parts: list[Part] = []
    for heading, under in _headed(document.blocks):
        own = [part for block in _without_repeated_results(under) for part in parts_of(block)]
        if heading is None:
            parts = own
            continue
        written = latex_sentence(heading.title, heading=True)
        together = [*parts, subtitle(written), *own]
        if heading.level > 1 and parts and own and height(together) <= room:
            parts = together
            continue
        found.append(packed(parts, title, section, room))
        section = written if heading.level == 1 else "" if parts else section
        title, parts = written, own
    found.append(packed(parts, title, section, room))
    return found


def _without_repeated_results(blocks: Sequence[Block]) -> list[Block]:
    """Where steps end in a result that the next equation repeats under its number, the steps get the number."""
    kept: list[Block] = []
    for block in blocks:
        match kept[-2:], block:
            case [Display() as steps, Paragraph()], Display((result,), int() as number) if _ends_in(steps, result):
                kept[-2:] = [replace(steps, number=number)]
            case _:
                kept.append(block)
    return kept


def _ends_in(steps: Display, result: Line) -> bool:
    left = next((line.left for line in reversed(steps.lines) if not line.left.is_empty), NOTHING)
    return steps.number is None and (left.node, steps.lines[-1].right.node) == (result.left.node, result.right.node)


def _headed(blocks: Sequence[Block]) -> Iterator[tuple[Heading | None, list[Block]]]:
    """Each heading with the blocks under it; those above the first have none."""
    heading: Heading | None = None
    under: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading):
            yield heading, under
            heading, under = block, []
        else:
            under.append(block)
    yield heading, under
