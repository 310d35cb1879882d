"""A label as runs of letters of one size, slant and height: what SVG, which cannot set formulas, can show; and how much room it takes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from xml.etree.ElementTree import Element

from .letter_widths import text_width
from .mathml import math_element
from .sentence import Code, Math, Reference, Sentence, Words

#: TeX takes a size from a list: 6 points in a label of 8.
_SCRIPT = 0.75
_RAISED = 0.36
_LOWERED = 0.2
_SIGN_SPACE = 0.22
_COMMA_SPACE = 0.17
#: Signs that hold together with their neighbours.
_TIGHT = frozenset("()[]{}|‖/.!′,;")
_ACCENTS = {"^": "\u0302", "ˆ": "\u0302", "¯": "\u0304", "‾": "\u0304", "~": "\u0303", "˜": "\u0303", "˙": "\u0307", "¨": "\u0308"}
#: Half the height of small letters and figures, above the base line.
MIDDLE = 0.26
#: How far letters reach above and below their base line.
ASCENT, DESCENT = 0.8, 0.24
#: Small letters are wider for their size, as printers draw them; scripts are the smallest.
WIDER = {10: 1.04, 9: 1.06, 8: 1.08, 7: 1.16}
SCRIPTS_WIDER = 1.18


@dataclass(frozen=True, slots=True)
class Run:
    """Letters in a row. Lengths are in em of the label: `size` of the letters, `rise` above the base line, `shift` before the first."""

    text: str
    slanted: bool = False
    bold: bool = False
    size: float = 1.0
    rise: float = 0.0
    shift: float = 0.0

    @property
    def advance(self) -> float:
        """How far the next run starts behind this one."""
        return self.shift + self.size * text_width(self.text)


@lru_cache(maxsize=4096)
def runs(sentence: Sentence) -> tuple[Run, ...]:
    """The runs of a label, neighbours of one kind joined."""
    joined: list[Run] = []
    for piece in sentence:
        for run in _piece(piece):
            if joined and run.shift == 0 and replace(joined[-1], text=run.text, shift=0.0) == run:
                joined[-1] = replace(joined[-1], text=joined[-1].text + run.text)
            else:
                joined.append(run)
    return tuple(joined)


def label_width(sentence: Sentence, size: int) -> float:
    """The width in em of a label of this size in points."""
    return WIDER[size] * max(0.0, sum(run.advance * (1.0 if run.size == 1 else SCRIPTS_WIDER) for run in runs(sentence)))


def label_ascent(sentence: Sentence) -> float:
    """Above the base line, with what is raised."""
    return max(run.rise + ASCENT * run.size for run in runs(sentence))


def label_descent(sentence: Sentence) -> float:
    """Below the base line, with what is lowered."""
    return max(DESCENT * run.size - run.rise for run in runs(sentence))


def _piece(piece: Words | Math | Code | Reference) -> Iterator[Run]:
    match piece:
        case Words(text) | Code(text):
            yield Run(text)
        case Reference(number):
            yield Run(f"({number})")
        case Math(latex):
            yield from _Formula().runs(math_element(latex))


class _Formula:
    """One walk over a formula's MathML."""

    def __init__(self) -> None:
        self.size, self.rise = 1.0, 0.0

    def runs(self, element: Element) -> list[Run]:
        children = list(element)
        match element.tag:
            case "mi":
                return [self.letters(element)]
            case "mn" | "mtext":
                return [self.run(element.text or "")]
            case "mo":
                return self.sign(element)
            case "mspace":
                return [self.run("", shift=self.size * float(element.get("width", "0").removesuffix("em") or 0))]
            case "msub" | "munder":
                return [*self.runs(children[0]), *self.script(children[1], -_LOWERED)]
            case "msup":
                return [*self.runs(children[0]), *self.script(children[1], _RAISED)]
            case "mover":
                return self.accented(children)
            case "msubsup" | "munderover":
                return [*self.runs(children[0]), *self.stacked(children[1], children[2])]
            case "mfrac":
                return [*self.runs(children[0]), self.run("/"), *self.runs(children[1])]
            case "msqrt":
                return [self.run("√("), *self.inside(children), self.run(")")]
            case _:
                return self.inside(children)

    def inside(self, children: list[Element]) -> list[Run]:
        return [run for child in children for run in self.runs(child)]

    def run(self, text: str, slanted: bool = False, bold: bool = False, shift: float = 0.0) -> Run:
        return Run(text, slanted, bold, self.size, self.rise, shift)

    def letters(self, element: Element) -> Run:
        """A single letter is slanted unless it is said to be upright; bold letters are characters of their own in MathML."""
        text = element.text or ""
        plain = unicodedata.normalize("NFKC", text)
        is_bold = plain != text and "BOLD" in unicodedata.name(text[0], "")
        upright = element.get("mathvariant") == "normal" or not text.isalpha() or (is_bold and "ITALIC" not in unicodedata.name(text[0]))
        return self.run(plain, slanted=len(plain) == 1 and not upright, bold=is_bold)

    def sign(self, element: Element) -> list[Run]:
        text = "−" if element.text == "-" else element.text or ""
        if text in {",", ";"}:
            return [self.run(text), *([] if self.size < 1 else [self.run("", shift=_COMMA_SPACE)])]
        if text in _TIGHT or self.size < 1 or element.get("form") == "prefix" or not text.strip():
            return [self.run(text)]
        return [self.run(text, shift=_SIGN_SPACE * self.size), self.run("", shift=_SIGN_SPACE * self.size)]

    def script(self, element: Element, rise: float) -> list[Run]:
        size, height = self.size, self.rise
        self.size, self.rise = max(size * _SCRIPT, _SCRIPT**2), height + rise * size
        found = self.runs(element)
        self.size, self.rise = size, height
        return found

    def stacked(self, below: Element, above: Element) -> list[Run]:
        """One script above the other: the lower one starts where the upper one did, and what follows, behind the longer one."""
        raised, lowered = self.script(above, _RAISED + 0.05), self.script(below, -_LOWERED - 0.05)
        upper, lower = (sum(run.advance for run in part) for part in (raised, lowered))
        lowered[0] = replace(lowered[0], shift=lowered[0].shift - upper)
        return [*raised, *lowered, *([self.run("", shift=upper - lower)] if upper > lower else [])]

    def accented(self, children: list[Element]) -> list[Run]:
        *first, last = self.runs(children[0])
        mark = _ACCENTS.get(children[1].text or "")
        if mark is None:
            return [*first, last, *self.script(children[1], _RAISED)]
        return [*first, replace(last, text=unicodedata.normalize("NFC", last.text + mark))]
