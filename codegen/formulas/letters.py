"""Names and letters that users write, as nodes: the one reader of LaTeX, and of no more of it than a letter."""

from __future__ import annotations

import re
import unicodedata

from chainrule.codegen.document.latex_formula import LETTERS, STYLES
from chainrule.codegen.document.nodes import Accent, Letter, Node, Number, Primed, Style, Text, primed, row, scripted

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega".split()
)
#: Combining marks and their names.
ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde", "\u0307": "dot", "\u0308": "ddot"}
#: Names of constants that are written with another letter.
CONSTANT_LETTERS: dict[str, Node] = {
    "l1": scripted("λ", "1"),
    "l2": scripted("λ", "2"),
    "l1_half": scripted("λ", "1"),
    "l2_half": scripted("λ", "2"),
    # A word of Python's own is no name.
    "lam": Letter("λ"),
    "lambd": Letter("λ"),
    "epsilon": Letter("ε"),
    "eps": Letter("ε"),
    "scale": Letter("λ"),
    "mean": Accent(Letter("m"), "hat"),
    "variance": Accent(Letter("v"), "hat"),
    "beta1": scripted("β", "1"),
    "beta2": scripted("β", "2"),
}
_STYLES = {command: style for style, command in STYLES.items()}
#: A Greek letter by its command, and a letter with an accent or in another script: what gets through to formulas beside plain letters.
GREEK_LETTER = rf"\\(?:{'|'.join(LETTERS)})(?![A-Za-z])"
DRESSED_LETTER = rf"\\(?:hat|bar|tilde|dot|{'|'.join(_STYLES)})\{{(?:[A-Za-z]|{GREEK_LETTER})\}}"
_PART = re.compile(r"\\(?P<command>\w+)\{(?P<inside>.*)\}|\\(?P<letter>[A-Za-z]+)|(?P<plain>[A-Za-z])|(?P<digits>\d+)|(?P<other>\S)")


def upright(name: str) -> Letter:
    """A word inside of a formula."""
    return Letter(name, Style.UPRIGHT)


def letter_of(written: str) -> Node:
    """What a notation or a description has as a letter: W, \\alpha, \\hat{y}, \\boldsymbol{W}. It has been found to be one."""
    return row(*map(_part, _PART.finditer(written)))


def _part(found: re.Match[str]) -> Node:
    if command := found["command"]:
        inside = letter_of(found["inside"])
        if command in _STYLES and isinstance(inside, Letter):
            return Letter(inside.text, _STYLES[command])
        return Accent(inside, command)
    if letter := found["letter"]:
        return Letter(LETTERS[letter])
    return Number(found["digits"]) if found["digits"] else Letter(found["plain"]) if found["plain"] else Text(found["other"])


def name_as_letter(name: str) -> Node:
    """A name: Greek by its English name, digits at the end below, several letters upright."""
    if name in CONSTANT_LETTERS:
        return CONSTANT_LETTERS[name]
    if name.startswith("\\"):
        return letter_of(name)
    stem, digits = re.fullmatch(r"(.*?)_?(\d*)", name).groups()  # type: ignore[union-attr]
    if stem in GREEK:
        letter: Node = Letter(LETTERS[stem])
    elif not stem.isascii():
        letter = _accented(stem)
    elif len(stem) == 1:
        letter = Letter(stem)
    else:
        letter = upright(stem)
    return scripted(letter, digits) if digits else letter


def _accented(stem: str) -> Node:
    """ŷ with its hat as a mark of its own; letters that mathematical fonts lack as text."""
    parts = unicodedata.normalize("NFD", stem)
    if len(parts) == 2 and parts[0].isascii() and parts[1] in ACCENTS:
        return Accent(Letter(parts[0]), ACCENTS[parts[1]])
    return Text(stem)


def index_letter(name: str) -> Node:
    """The letter of an index: t_2 for t2, and k′ for its twin k_."""
    stem = name.rstrip("_")
    digits = stem[1:]
    return primed(scripted(stem[0], (Number(digits) if digits.isdigit() else row(*digits)) if digits else None), len(name) - len(stem))


def is_single(place: Node) -> bool:
    """Whether an index is one letter or one digit, with primes or without."""
    inside = place.base if isinstance(place, Primed) else place
    return (isinstance(inside, Letter) and inside.text.isascii()) or (isinstance(inside, Number) and len(inside.digits) == 1)
