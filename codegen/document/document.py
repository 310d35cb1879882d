"""What a document is made of: headings, paragraphs, equations, tables, listings and pictures, with no layout and no format.

Each format renders the same blocks; what a sentence is made of is in `sentence`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .drawing import Drawing
from .evidence import Evidence
from .formula import Formula
from .front_matter import FrontMatter
from .nodes import QUAD, Node, Sign, row
from .sentence import Code, Math, Reference, Sentence, Words

__all__ = [
    "LEVEL_KINDS",
    "NAMED",
    "BlankLines",
    "Block",
    "Code",
    "DerivationLevel",
    "Display",
    "Document",
    "Fields",
    "Figure",
    "Formula",
    "FrontMatter",
    "Heading",
    "Items",
    "Line",
    "Listing",
    "Math",
    "Paragraph",
    "Reference",
    "Sentence",
    "Table",
    "Words",
]


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

    @property
    def announces(self) -> bool:
        """Whether it ends in a colon, so that what follows must not be torn from it."""
        last = self.sentence[-1] if self.sentence else None
        return isinstance(last, Words) and last.text.rstrip().endswith((":", "："))


#: The sign between two sides.
EQUAL = Sign("=")
#: Behind the letter that names a line to choose or to put in order: such a left side says nothing.
NAMED = row(":", QUAD)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a displayed equation: `left` is empty where the line goes on from the one above.

    `reason` says why the line follows; it stands beside or below the formula. `relation` is the sign between the sides. `evidence` is why
    the line may be shown at all: without one that is of these very sides no document is made of it.
    """

    left: Formula
    right: Formula
    reason: Sentence = ()
    relation: Node = EQUAL
    evidence: Evidence | None = None


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
    """Source code, shown as it is.

    `runs`: a notebook runs it, after all that stand above it. `imports` are lines in front of the code that take names from a module of
    the same document; a notebook leaves them out, as it has run that module.
    """

    code: str
    language: str = "python"
    caption: Sentence = ()
    runs: bool = False
    imports: str = ""

    @property
    def whole(self) -> str:
        """The code as it runs beside the files that it imports."""
        return f"{self.imports}\n{self.code}" if self.imports else self.code


@dataclass(frozen=True, slots=True)
class Items:
    """A list of short points, in order where `ordered`."""

    sentences: tuple[Sentence, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with a caption below. `name` is unique in the document (letters, digits, underscores) and names a file where one is needed.

    `title` and `description` say in plain words what is to be seen, for those who do not see it.
    """

    name: str
    drawing: Drawing
    title: Sentence
    description: Sentence
    caption: Sentence


@dataclass(frozen=True, slots=True)
class BlankLines:
    """Empty space for so many lines of writing."""

    lines: int


@dataclass(frozen=True, slots=True)
class Fields:
    """What the reader fills in, in one line: each label with a rule to write on behind it."""

    labels: tuple[Sentence, ...]


Block = Heading | Paragraph | Display | Table | Listing | Items | Figure | BlankLines | Fields


#: What else is said on a gradient than its derivation by index, in this order: as matrices, entry by entry, as code, with numbers.
LEVEL_KINDS = ("matrix", "scalar", "code", "numbers")


@dataclass(frozen=True, slots=True)
class DerivationLevel:
    """What is said in one way, which is one of LEVEL_KINDS, on a gradient that has a section, or on what one block shows.

    `place` is the anchor of the gradient's heading; all of it stands in the document, and a page may show it under that heading. Or it is
    the block, in whose place a page may show the level that is chosen; then "index" is a kind too.
    """

    place: str | Block
    kind: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole handout. `language` is a BCP 47 tag, e.g. "en". Where sections are not `numbered`, their titles say their numbers.

    Where it is `kept_whole`, no subsection is torn over two pages that one page can hold.
    """

    front: FrontMatter
    blocks: tuple[Block, ...]
    language: str = "en"
    levels: tuple[DerivationLevel, ...] = ()
    numbered: bool = True
    kept_whole: bool = False

    @property
    def pieces(self) -> Iterator[tuple[Block, ...]]:
        """What no page break may be in: a whole subsection where these are kept whole, and else each block by itself."""
        gathered: list[Block] = []
        for block in self.blocks:
            if gathered and isinstance(block, Heading):
                yield tuple(gathered)
                gathered = []
            if gathered or (self.kept_whole and isinstance(block, Heading) and block.level == 2):
                gathered.append(block)
            else:
                yield (block,)
        if gathered:
            yield tuple(gathered)
