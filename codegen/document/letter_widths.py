"""How wide letters are, in em: those of Computer Modern, which LaTeX uses and a page asks for; Times has nearly the same ones."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_GROUPS = {
    0.28: " il.,;:'!|I′",
    0.33: "jftr()[]{}-",
    0.4: 'csI/¨"',
    0.45: "ez?^*",
    0.5: "agov0123456789$",
    0.56: "bdhknpquxyJαβγδεηθικλμνξοπρςστυφχψω∂",
    0.65: "EFLPSTZ_",
    0.74: "ABCDGHKNOQRUVXYΔΓΛΞΠΣΘΩΦΨwm",
    0.78: "+−=×·<>≤≥±⊙∘√",
    0.86: "M…→",
    1.0: "W%@&∑",
}
_WIDTHS = {letter: width for width, letters in _GROUPS.items() for letter in letters}
_OTHER = 0.6
_IDEOGRAPH = 1.0


@lru_cache(maxsize=4096)
def text_width(text: str) -> float:
    """The width of a row of letters; marks that sit on a letter have none."""
    return sum(_width(letter) for letter in text)


def _width(letter: str) -> float:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in {"W", "F"}:
        return _IDEOGRAPH
    stem = unicodedata.normalize("NFD", letter)[0]
    return _WIDTHS.get(stem, _OTHER)
