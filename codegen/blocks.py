"""What a document is made of: headings, paragraphs, equations, tables and listings, with no layout and no format.

A sentence is a sequence of plain words, formulas (LaTeX), code and references to equations. Each format renders the same blocks.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Plain text; each format escapes it in its own way."""

    text: str


@dataclass(frozen=True, slots=True)
class Math:
    """A formula inside a sentence, as LaTeX."""

    latex: str


@dataclass(frozen=True, slots=True)
class Code:
    """A name of the generated module inside a sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """The number of an equation, as a link to it."""

    number: int


Sentence = tuple[Words | Math | Code | Reference, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 is a section, 2 a subsection; `anchor` is unique in the document: letters, digits and hyphens."""

    level: int
    title: Sentence
    anchor: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One or more whole sentences."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a displayed equation: `left` is empty where the line goes on from the one above.

    `reason` says why the line follows; it stands beside or below the formula. `relation` is the sign between the sides.
    """

    left: str
    right: str
    reason: Sentence = ()
    relation: str = "="


@dataclass(frozen=True, slots=True)
class Display:
    """A displayed equation of one or more aligned lines; numbered where `number` is given."""

    lines: tuple[Line, ...]
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`align` has a letter a column: l, c or r. Cells are sentences."""

    header: tuple[Sentence, ...]
    rows: tuple[tuple[Sentence, ...], ...]
    align: str
    caption: Sentence = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """Source code, shown as it is."""

    code: str
    language: str = "python"
    caption: Sentence = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A list of short points, in order where `ordered`."""

    sentences: tuple[Sentence, ...]
    ordered: bool = False


Block = Heading | Paragraph | Display | Table | Listing | Items


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands at the head of a document; only the title must be there."""

    title: str
    author: str = ""
    course: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole handout. `language` is a BCP 47 tag, e.g. "en"."""

    front: FrontMatter
    blocks: tuple[Block, ...]
    language: str = "en"
