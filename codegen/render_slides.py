"""A document as slides (beamer): what stands under a heading, on as many frames as it needs, revealed line by line."""

from __future__ import annotations

from .blocks import Document, Heading
from .chinese_letters import is_chinese
from .render_latex import latex_sentence
from .slide_packing import ROOM, ROOM_OF_CHINESE, Frame, packed
from .slide_parts import Part, parts_of
from .templating import latex_template, latex_text
from .translation import ENGLISH, LANGUAGES


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
    )
    return slides + "\n"


def _sections(document: Document, room: float) -> list[list[Frame]]:
    """The frames under each heading; a heading with nothing under it stands in the outline alone."""
    found: list[list[Frame]] = []
    section, title = "", ""
    parts: list[Part] = []
    for block in document.blocks:
        if isinstance(block, Heading):
            found.append(packed(parts, title, section, room))
            section = latex_sentence(block.title, heading=True) if block.level == 1 else "" if parts else section
            title, parts = latex_sentence(block.title, heading=True), []
        else:
            parts += parts_of(block)
    found.append(packed(parts, title, section, room))
    return found
