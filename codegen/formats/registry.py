"""The formats of documents: for each what it is, how its files are called, and who writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from chainrule.codegen.document.document import Document
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of

from .html import render_html
from .latex import latex_files, render_latex
from .markdown import DIALECTS, markdown_pictures, render_markdown
from .notebook import render_notebook
from .slides import render_slides
from .typesetting import has_xelatex, typeset
from .typst import render_typst
from .typst_setting import has_typst, typeset_typst

Files = dict[str, str | bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of text. `ending` stands behind the network's name; `others` are files that the text needs beside it."""

    meaning: str
    ending: str
    render: Callable[[Document], str]
    others: Callable[[Document], Mapping[str, str] | Mapping[str, bytes]] | None = None

    def files(self, document: Document, name: str) -> Files:
        return {f"{name}{self.ending}": self.render(document), **(self.others(document) if self.others else {})}


TEXTS: dict[str, Format] = {
    "tex": Format("LaTeX for xelatex", ".tex", render_latex, latex_files),
    "html": Format("one page that needs no network", ".html", render_html),
    "md": Format("Markdown with formulas", ".md", render_markdown, markdown_pictures),
    "ipynb": Format("a Jupyter notebook that runs from top to bottom", ".ipynb", render_notebook),
    "slides": Format("a lecture of at most 20 LaTeX slides (beamer)", "_slides.tex", render_slides, latex_files),
    "typ": Format("Typst markup, which is set without TeX", ".typ", render_typst, latex_files),
}
#: What is set: the handout by xelatex, or where that is missing by Typst; and with it the slides where they are wanted too, by xelatex.
PDF = "pdf"
#: Every format with what it is.
FORMATS: dict[str, str] = {name: text.meaning for name, text in TEXTS.items()} | {
    PDF: "the handout, and slides if chosen, set by xelatex, or without it the handout by Typst"
}
#: Those that are written where nothing else is asked for.
DEFAULT_FORMATS = ("tex", "html", "md")
#: What is written in one of several dialects.
MARKDOWN = "md"
#: What runs the module.
NOTEBOOK = "ipynb"
#: Nobody answers questions on slides.
SLIDES = "slides"


def document_files(document: Document, name: str, formats: Sequence[str], markdown: str = "github") -> Files:
    """The files of a document in some formats, by their names; `markdown` is one of DIALECTS.

    Raises:
        InvalidDescription: where a format is unknown, or something that it needs is not installed.
    """
    files: Files = {}
    for chosen in formats:
        if chosen == PDF:
            files[f"{name}.pdf"] = _pdf(document, name)
        elif chosen in TEXTS:
            text = TEXTS[chosen]
            written = replace(text, render=partial(render_markdown, dialect=DIALECTS[markdown])) if chosen == MARKDOWN else text
            files |= written.files(document, name)
        else:
            raise InvalidDescription(f"unknown format {chosen!r}; {expected_one_of(chosen, FORMATS)}")
    return files


def slide_files(lecture: Document, name: str, formats: Sequence[str]) -> Files:
    """The slides, and as PDF where that is among the formats; raises as `document_files` does."""
    files = TEXTS[SLIDES].files(lecture, name)
    if PDF in formats:
        files[f"{name}_slides.pdf"] = typeset(f"{name}_slides", render_slides(lecture), latex_files(lecture))
    return files


def _pdf(document: Document, name: str) -> bytes:
    """By xelatex, which has the author's preamble; by Typst where it is missing and Typst is there."""
    if not has_xelatex() and has_typst():
        return typeset_typst(name, render_typst(document), latex_files(document))
    return typeset(name, render_latex(document), latex_files(document))


def exercise_files(sheet: Document, key: Document, name: str, formats: Sequence[str], markdown: str = "github", behind: str = "") -> Files:
    """A sheet of exercises and its key, each a document of its own beside the handout, in all formats but slides.

    `behind` tells the files of several sheets apart: it stands behind their names.
    """
    chosen = [wanted for wanted in formats if wanted != SLIDES]
    sheet_files = document_files(sheet, f"{name}_exercises{behind}", chosen, markdown)
    return sheet_files | document_files(key, f"{name}_answers{behind}", chosen, markdown)
