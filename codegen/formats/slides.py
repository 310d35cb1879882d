"""A document as slides (beamer): a frame for each heading, and what stands under it revealed line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chainrule.codegen.document.chinese_letters import has_chinese
from chainrule.codegen.document.document import Block, Document, Figure, Heading
from chainrule.codegen.formulas.slide_measure import DISPLAY_WIDTH, WIDTH_BESIDE, picture_room, stands_beside
from chainrule.codegen.templating.environments import latex_template, latex_text
from chainrule.codegen.words.translation import ENGLISH, LANGUAGES

from .latex import latex_sentence, own_parts
from .slide_parts import Part, parts_of
from .slide_pictures import picture_part


@dataclass(frozen=True, slots=True)
class Frame:
    """A slide with its overlays. `section` is its name where it begins one; `beside` is a picture that stands to the right of the parts."""

    title: str
    section: str
    parts: tuple[str, ...]
    beside: str = ""


def render_slides(document: Document) -> str:
    """The whole .tex file. Same document, same text."""
    front, language = document.front, LANGUAGES.get(document.language, ENGLISH)
    frames = list(_frames(document.blocks))
    head = {"title": front.title, "author": front.author, "course": front.course, "date": front.date}
    written = {key: latex_text(text) for key, text in head.items()}
    texts = [*written.values(), *(part for frame in frames for part in (frame.title, frame.section, *frame.parts, frame.beside))]
    slides = latex_template("slides.tex.jinja", document.language).render(
        **written,
        is_chinese=language.is_chinese,
        glyphs=(language.glyphs or "SC") if any(map(has_chinese, texts)) else "",
        frames=frames,
        **own_parts(front),
    )
    return slides + "\n"


def _frames(blocks: Sequence[Block]) -> Iterator[Frame]:
    """A heading of the first level begins a section; one with nothing under it stands in the outline alone."""
    section = ""
    for heading, under in _headed(blocks):
        title = latex_sentence(heading.title, heading=True) if heading else ""
        section = title if heading and heading.level == 1 else section
        if under:
            yield _frame(title, section, under)
            section = ""


def _frame(title: str, section: str, blocks: list[Block]) -> Frame:
    """A narrow picture stands beside the rest, a wide one among it, as large as the rest leaves room for."""
    others = {block: [other for other in blocks if other is not block] for block in blocks if isinstance(block, Figure)}
    for picture, rest in others.items():
        if stands_beside(picture, rest):
            step = 1 + sum(part.steps for part in _parts(blocks[: blocks.index(picture)], WIDTH_BESIDE, others))
            shown = picture_part(picture, picture_room(picture, rest)).write(step)
            return Frame(title, section, tuple(_written(_parts(rest, WIDTH_BESIDE, others))), shown)
    return Frame(title, section, tuple(_written(_parts(blocks, DISPLAY_WIDTH, others))))


def _parts(blocks: Sequence[Block], width: float, others: Mapping[Figure, Sequence[Block]]) -> list[Part]:
    parts: list[Part] = []
    behind: Block | None = None
    for block in blocks:
        if isinstance(block, Figure):
            parts.append(picture_part(block, picture_room(block, others[block])))
        else:
            parts += parts_of(block, width, behind)
        behind = block
    return parts


def _written(parts: Sequence[Part]) -> Iterator[str]:
    """An announcement comes together with the first step of what it announces; everything else comes one after the other."""
    step = 1
    for part in parts:
        yield part.write(step)
        step += part.steps


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
