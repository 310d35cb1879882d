"""A label as runs of letters of one size, slant and height: what SVG, which cannot set formulas, can show; and how much room it takes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from .letter_widths import text_width
from .node_walk import parts
from .nodes import Accent, Fenced, Form, Function, Letter, Node, Number, Primed, Root, Scripts, Sign, Space, Style, Text, together
from .sentence import Code, Math, Reference, Sentence, Words

#: TeX takes a size from a list: 6 points in a label of 8.
_SCRIPT = 0.75
_RAISED = 0.36
_LOWERED = 0.2
_SIGN_SPACE = 0.22
_COMMA_SPACE = 0.17
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307", "ddot": "\u0308"}
_UPRIGHT, _BOLD = frozenset({Style.UPRIGHT, Style.BOLD}), frozenset({Style.BOLD, Style.BOLD_ITALIC})
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
        case Math(Sign(text)):
            yield Run(text)
        case Math():
            yield from _Formula().runs(piece.shown)


class _Formula:
    """One walk over a formula."""

    def __init__(self) -> None:
        self.size, self.rise = 1.0, 0.0

    def runs(self, node: Node) -> list[Run]:
        match node:
            case Letter(text, style):
                slanted = len(text) == 1 and text.isalpha() and style not in _UPRIGHT and not "Α" <= text <= "Ω"
                return [self.run(text, slanted, bold=style in _BOLD)]
            case Function(text) | Number(text) | Text(text):
                return [self.run(text)]
            case Sign():
                return self.sign(node)
            case Space(room):
                return [self.run("", shift=self.size * room.value)]
            case Scripts():
                return self.scripts(together(node))
            case Primed(base, count):
                return [*self.runs(base), self.run("′" * count)]
            case Accent(base, mark):
                *first, last = self.runs(base)
                return [*first, replace(last, text=unicodedata.normalize("NFC", last.text + _ACCENTS[mark]))]
            case Root(body):
                return [self.run("√("), *self.runs(body), self.run(")")]
            case Fenced(left, body, right):
                return [self.run(left), *self.runs(body), self.run(right)]
            case _:
                return [run for part in parts(node) for run in self.runs(part)]

    def run(self, text: str, slanted: bool = False, bold: bool = False, shift: float = 0.0) -> Run:
        return Run(text, slanted, bold, self.size, self.rise, shift)

    def sign(self, sign: Sign) -> list[Run]:
        if sign.form is Form.POSTFIX:
            return [self.run(sign.text), *([] if self.size < 1 else [self.run("", shift=_COMMA_SPACE)])]
        if sign.text == "/" or self.size < 1 or sign.form is Form.PREFIX:
            return [self.run(sign.text)]
        return [self.run(sign.text, shift=_SIGN_SPACE * self.size), self.run("", shift=_SIGN_SPACE * self.size)]

    def scripts(self, scripts: Scripts) -> list[Run]:
        base, below, above = scripts.base, scripts.below, scripts.above
        if below is not None and above is not None:
            return [*self.runs(base), *self.stacked(below, above)]
        raised = [] if above is None else self.script(above, _RAISED)
        return [*self.runs(base), *raised, *([] if below is None else self.script(below, -_LOWERED))]

    def script(self, node: Node, rise: float) -> list[Run]:
        size, height = self.size, self.rise
        self.size, self.rise = max(size * _SCRIPT, _SCRIPT**2), height + rise * size
        found = self.runs(node)
        self.size, self.rise = size, height
        return found

    def stacked(self, below: Node, above: Node) -> list[Run]:
        """One script above the other: the lower one starts where the upper one did, and what follows, behind the longer one."""
        raised, lowered = self.script(above, _RAISED + 0.05), self.script(below, -_LOWERED - 0.05)
        upper, lower = (sum(run.advance for run in part) for part in (raised, lowered))
        lowered[0] = replace(lowered[0], shift=lowered[0].shift - upper)
        return [*raised, *lowered, *([self.run("", shift=upper - lower)] if upper > lower else [])]
