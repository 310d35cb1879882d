"""How high a formula will be, in em, well enough to see what fits on a slide."""

from __future__ import annotations

from functools import lru_cache
from xml.etree.ElementTree import Element

from chainrule.codegen.document.mathml import math_element

_SCRIPT = 0.72
_LETTER = 1.0
_RAISED = 0.4
_BAR = 0.35
#: Rows of a matrix stand so far apart.
_ROW_GAP = 0.25
_LARGE_SIGNS = frozenset("∑∏∫")
_ABOVE_OR_BELOW = frozenset({"munder", "mover", "munderover"})


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
