"""How wide and how high a formula will be, in em, well enough to choose a layout; lines that are too wide go on below."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from xml.etree.ElementTree import Element

from chainrule.codegen.document.chinese_letters import letters_width
from chainrule.codegen.document.document import Code, Line, Math, Reference, Sentence, Words
from chainrule.codegen.document.formula import NOTHING
from chainrule.codegen.document.mathml import math_element

_SCRIPT = 0.72
_RELATION = 1.4
_LETTER = 1.0
_RAISED = 0.4
_BAR = 0.35
#: Rows of a matrix stand so far apart.
_ROW_GAP = 0.25
_LARGE_SIGNS = frozenset("∑∏∫")
_ABOVE_OR_BELOW = frozenset({"munder", "mover", "munderover"})
_OPENING = frozenset("()[]{}|‖⟨⟩,.;!′")
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[^\\]", re.DOTALL)
_DEEPER = frozenset({"{", "(", "[", r"\{", r"\left", r"\begin", r"\bigl", r"\Bigl"})
_SHALLOWER = frozenset({"}", ")", "]", r"\}", r"\right", r"\end", r"\bigr", r"\Bigr"})


@lru_cache(maxsize=4096)
def formula_width(latex: str) -> float:
    return _width(math_element(latex, displayed=True)) if latex else 0.0


def sides_width(lines: tuple[Line, ...]) -> float:
    """The width of an aligned display without its reasons."""
    left = max(formula_width(line.left.text) for line in lines)
    right = max(formula_width(line.right.text) for line in lines)
    return left + _RELATION + right


def folded(lines: tuple[Line, ...], room: float) -> tuple[Line, ...]:
    """The same lines, each within `room` em where it can be broken before a sign that no bracket encloses."""
    left = max(formula_width(line.left.text) for line in lines) + _RELATION
    return tuple(part for line in lines for part in _folded(line, room - left))


def _folded(line: Line, room: float) -> tuple[Line, ...]:
    if formula_width(line.right.text) <= room:
        return (line,)
    rows = [""]
    for term in terms(line.right.text):
        if rows[-1].strip() and formula_width(rows[-1] + term) > room:
            rows.append(r"\quad {}")
        rows[-1] += term
    if len(rows) == 1:
        return (line,)
    first, *parts = (line.right.rewritten(row.rstrip()) for row in rows)
    *middle, last = (Line(NOTHING, part, relation="", evidence=line.evidence) for part in parts)
    return (replace(line, right=first, reason=()), *middle, replace(last, reason=line.reason))


def terms(latex: str) -> list[str]:
    """Cut before each plus, minus and equals sign at the outermost level."""
    cut, depth, before = [""], 0, ""
    for token in _TOKEN.findall(latex):
        depth += (token in _DEEPER) - (token in _SHALLOWER)
        if depth == 0 and token in {"+", "-", "="} and cut[-1].strip() and before not in {"=", "_", "^", r"\cdot", r"\times"}:
            cut.append("")
        cut[-1] += token
        before = token.strip() or before
    return cut


def sentence_width(sentence: Sentence) -> float:
    return sum(_piece_width(piece) for piece in sentence)


def _piece_width(piece: Words | Math | Code | Reference) -> float:
    match piece:
        case Words(text):
            return letters_width(text, 0.45)
        case Math(latex):
            return formula_width(latex)
        case Code(text):
            return 0.55 * len(text)
        case Reference(number):
            return 0.5 * len(str(number)) + 0.8


def _width(element: Element) -> float:
    children = [_width(child) for child in element]
    match element.tag:
        case "mi" | "mn" | "mtext":
            return letters_width(element.text or "", 0.52)
        case "mo":
            if element.text == "∑":
                return 1.6
            tight = element.text in _OPENING or "form" in element.attrib
            return 0.4 if tight else 1.3
        case "mspace":
            return float(element.get("width", "0").removesuffix("em") or 0)
        case "msub" | "msup":
            return children[0] + _SCRIPT * children[1]
        case "msubsup":
            return children[0] + _SCRIPT * max(children[1:])
        case "munder" | "mover" | "munderover":
            return max(children[0], *(_SCRIPT * child for child in children[1:]))
        case "mfrac":
            return max(children) + 0.2
        case "msqrt":
            return sum(children) + 0.8
        case "mtable":
            cells = [[_width(cell) for cell in row] for row in element]
            columns = [max(row[column] for row in cells if column < len(row)) for column in range(max(map(len, cells)))]
            return sum(columns) + 0.9 * (len(columns) - 1)
        case _:
            return sum(children)


@lru_cache(maxsize=4096)
def formula_height(latex: str) -> float:
    """From its highest point to its lowest; a letter with its room above and below is 1."""
    return _height(math_element(latex, displayed=True)) if latex else 0.0


def _height(element: Element) -> float:
    children = [_height(child) for child in element]
    match element.tag:
        case "mi" | "mn" | "mtext":
            return _LETTER
        case "mo":
            return 1.5 if (element.text or "") in _LARGE_SIGNS else _LETTER
        case "mfrac":
            return sum(children) + _BAR
        case "msub" | "msup" | "msubsup":
            return children[0] + _RAISED * sum(children[1:]) * _SCRIPT
        case tag if tag in _ABOVE_OR_BELOW:
            return children[0] + _SCRIPT * sum(children[1:])
        case "mtable":
            return sum(children) + _ROW_GAP * len(children)
        case "mspace":
            return 0.0
        case "msqrt":
            return max(children, default=_LETTER) + 0.2
        case _:
            return max(children, default=0.0)
