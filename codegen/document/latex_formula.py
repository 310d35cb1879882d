"""A formula as LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise, zip_longest

from .nodes import (
    DIFFERENTIALS,
    MINUS,
    RELATIONS,
    Accent,
    Braced,
    Cases,
    Fenced,
    Form,
    Fraction,
    Function,
    Grid,
    Letter,
    Node,
    Number,
    Primed,
    Room,
    Root,
    Row,
    Scripts,
    Sign,
    Space,
    Style,
    Text,
    has_limits,
)

#: Letters by their commands; those with two shapes have the plain name for the one that TeX calls so.
LETTERS = dict(
    pair.split(":")
    for pair in """alpha:α beta:β gamma:γ delta:δ epsilon:ϵ varepsilon:ε zeta:ζ eta:η theta:θ vartheta:ϑ iota:ι kappa:κ lambda:λ mu:μ nu:ν
    xi:ξ pi:π varpi:ϖ rho:ρ varrho:ϱ sigma:σ varsigma:ς tau:τ upsilon:υ phi:ϕ varphi:φ chi:χ psi:ψ omega:ω Gamma:Γ Delta:Δ Theta:Θ
    Lambda:Λ Xi:Ξ Pi:Π Sigma:Σ Upsilon:Υ Phi:Φ Psi:Ψ Omega:Ω ell:ℓ""".split()
)
_SIGNS = dict(
    pair.split(":")
    for pair in """partial:∂ nabla:∇ infty:∞ top:⊤ dots:… cdots:⋯ vdots:⋮ square:□ bigstar:★ odot:⊙ otimes:⊗ oslash:⊘ circ:∘ cdot:· times:×
    to:→ sum:∑ approx:≈ le:≤ ge:≥ leftarrow:←""".split()
)
COMMANDS = {sign: rf"\{name}" for name, sign in (LETTERS | _SIGNS).items()} | {"−": "-"}
STYLES = {
    Style.UPRIGHT: "mathrm",
    Style.BOLD: "mathbf",
    Style.BOLD_ITALIC: "boldsymbol",
    Style.SCRIPT: "mathcal",
    Style.DOUBLE_STRUCK: "mathbb",
}
FUNCTIONS = frozenset("arccos arcsin arctan cos cosh exp log max min sin sinh tan tanh".split())
_ROOM = {Room.THIN: r"\,", Room.MEDIUM: r"\;", Room.QUAD: r"\quad"}
_IN_WORDS, _IN_NAMES, _IN_TEXT = (str.maketrans({"_": r"\_", " ": space}) for space in (r"\ ", r"\,", " "))
_BRACKETS = {"{": r"\{", "}": r"\}", "": ".", "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil"}


class _Place(Enum):
    """Lists and relations are written without spaces in what is lowered, and sums too in what is raised: x_{1,i + p}, a^{(l-1)}."""

    LINE = 0
    BELOW = 1
    ABOVE = 2


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a page needs written in another way: signs that mean something there, how names of functions are set, and styles.

    `letters`, where there is one, writes words and letters that are not of ASCII for what has no font for them.
    """

    signs: Mapping[str, str] = field(default_factory=dict)
    name: str = r"\operatorname{%s}"
    styles: Mapping[Style, str] = field(default_factory=dict)
    letters: Callable[[str], str] | None = None


def write_latex(node: Node, spelling: Spelling = Spelling()) -> str:
    """A formula for math mode."""
    return _Writer(spelling, _Place.LINE).written(node)


@dataclass(frozen=True, slots=True)
class _Writer:
    spelling: Spelling
    place: _Place

    def written(self, node: Node) -> str:
        match node:
            case Letter(text) if self.spelling.letters and not text.isascii() and text not in COMMANDS:
                return self.written(Text(text))
            case Letter(text, Style.ITALIC):
                return COMMANDS.get(text, text)
            case Letter(text, style):
                alphabet = self.spelling.styles.get(style) or STYLES[style]
                return rf"\{alphabet}{{{COMMANDS.get(text) or text.translate(_IN_WORDS)}}}"
            case Function(name) if name in FUNCTIONS:
                return rf"\{name}"
            case Function(name):
                return self.spelling.name % name.translate(_IN_NAMES)
            case Number(digits):
                # Without the braces TeX would put a space behind the comma.
                return digits.replace(",", "{,}")
            case Sign(text):
                return self.spelling.signs.get(text) or COMMANDS.get(text, text)
            case Text(text):
                return rf"\text{{{self.spelling.letters(text) if self.spelling.letters else text.translate(_IN_TEXT)}}}"
            case Space(room):
                return _ROOM[room]
            case Row(parts):
                return self.row(parts)
            case Fraction(above, below):
                return rf"\frac{{{self.written(above)}}}{{{self.written(below)}}}"
            case Scripts():
                return self.scripts(node)
            case Primed(base, count):
                return self.written(base) + "'" * count
            case Accent(base, mark):
                return rf"\{mark}{{{self.written(base)}}}"
            case Braced(base, below):
                # The outer braces: an underbrace alone counts as an operator to TeX and takes the space from a sign behind it.
                return rf"{{\underbrace{{{self.written(base)}}}_{{{self.at(_Place.BELOW).written(below)}}}}}"
            case Root(body):
                return rf"\sqrt{{{self.written(body)}}}"
            case Fenced(left, body, right, grows):
                return self.bracket(left, grows, "left", self.written(body)) + self.bracket(right, grows, "right")
            case Cases(rows):
                return self.environment("cases", rows)
            case Grid(rows):
                # The outer braces: without them there would be more room around the brackets than around a letter.
                return f"{{{self.environment('bmatrix', rows)}}}"

    def at(self, place: _Place) -> _Writer:
        return replace(self, place=place)

    def scripts(self, scripts: Scripts) -> str:
        base, below, above = scripts.base, scripts.below, scripts.above
        under = "" if below is None else f"_{{{self.at(_Place.BELOW).written(below)}}}"
        over = "" if above is None else f"^{{{self.at(_Place.ABOVE).written(above)}}}"
        # Nothing has two things above.
        has_two = isinstance(base, Scripts) and bool(over and base.above is not None)
        letter = f"{{{self.written(base)}}}" if has_two else self.written(base)
        return letter + (under + over if isinstance(base, Sign | Function) else over + under)

    def bracket(self, bracket: str, grows: bool, side: str, behind: str = "") -> str:
        written = self.spelling.signs.get(bracket) or _BRACKETS.get(bracket, bracket)
        gap = " " if written[-1].isalpha() and behind[:1].isalnum() else ""
        return (rf"\{side}{written}" if grows else written) + gap + behind

    def environment(self, name: str, rows: Iterable[tuple[Node, ...]]) -> str:
        return rf"\begin{{{name}}}" + r" \\ ".join(" & ".join(map(self.written, cells)) for cells in rows) + rf"\end{{{name}}}"

    def row(self, parts: tuple[Node, ...]) -> str:
        texts = [self.written(part) for part in parts]
        start = next((number for number, part in enumerate(parts) if not isinstance(part, Space)), 0)
        match parts[start : start + 1]:
            case (Sign(form=Form.INFIX),) if len(parts) > 1:
                # A sign between two things needs something in front of it.
                texts[start] = "{} " + texts[start]
        gaps = (
            " " if _is_apart(left, right, self.place) or (_is_command(left, text) and behind[:1].isalnum()) else ""
            for (left, right), (text, behind) in zip(pairwise(parts), pairwise(texts), strict=True)
        )
        return "".join(text + gap for text, gap in zip_longest(texts, gaps, fillvalue=""))


def _is_command(node: Node, text: str) -> bool:
    """Whether a letter behind it would be read as a part of its name."""
    return isinstance(node, Letter | Function | Sign | Fenced) and "\\" in text and text[-1].isalpha()


def _is_apart(left: Node, right: Node, place: _Place) -> bool:
    """Whether there is a space between two things in the source."""
    match left, right:
        case (Sign(_, Form.POSTFIX) | Space(), Space()):
            return False
        case (Space(), _) | (_, Space()):
            return True
        case (Sign(text, Form.INFIX), _) | (_, Sign(text, Form.INFIX)):
            return place is _Place.LINE or (place is _Place.BELOW and text not in RELATIONS)
        case (Sign(",", Form.POSTFIX), _):
            return place is _Place.LINE
        case (Sign(text, Form.PREFIX), _):
            return text != MINUS.text
        case (Scripts(Function()), Fenced()) if not has_limits(left):
            return False
        case (Scripts(Sign() | Function(), below), _) if below is not None:
            return True
        case _:
            base = left.base if isinstance(left, Scripts) else left
            return isinstance(base, Letter) and base.text in DIFFERENTIALS
