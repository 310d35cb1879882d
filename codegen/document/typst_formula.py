"""A formula as Typst's math, by function calls alone, so that nothing in it is read as a sign of markup."""

from __future__ import annotations

from collections.abc import Iterable

from .nodes import (
    Accent,
    Braced,
    Cases,
    Fenced,
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
    together,
)

_STYLES = {
    Style.ITALIC: "italic(%s)",
    Style.UPRIGHT: "upright(%s)",
    Style.BOLD: "bold(upright(%s))",
    Style.BOLD_ITALIC: "bold(italic(%s))",
    Style.SCRIPT: "cal(%s)",
    Style.DOUBLE_STRUCK: "bb(%s)",
}
_ACCENTS = {"hat": "hat", "bar": "macron", "tilde": "tilde", "dot": "dot", "ddot": "dot.double"}
_SIGNS = {"·": "dot.op", "∑": "sum", "*": "ast", "/": "slash", ":=": "colon.eq", "∏": "product", "□": "square"}
_ROOM = {Room.THIN: "thin", Room.MEDIUM: "med", Room.QUAD: "quad"}
_PRIMES = {1: "prime", 2: "prime.double", 3: "prime.triple"}
_FLOORS = {"⌊": "floor.l", "⌋": "floor.r", "⌈": "ceil.l", "⌉": "ceil.r", "‖": "bar.v.double"}


def typst_string(text: str) -> str:
    """A text in quotation marks, as Typst's code and its math have it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def write_typst(node: Node) -> str:
    """A formula for math mode; commas and brackets in it are escaped, as it may be an argument of a function."""
    match node:
        case Letter(text, style):
            return _letter(text, style)
        case Function(name):
            return f"op({typst_string(name)})"
        case Number(digits):
            return digits if digits.isdecimal() else typst_string(digits)
        case Sign(text):
            return _SIGNS.get(text) or (rf"\{text}" if text.isascii() and len(text) == 1 else text)
        case Text(text):
            return typst_string(text)
        case Space(room):
            return _ROOM[room]
        case Row(parts):
            return " ".join(map(write_typst, parts))
        case Fraction(above, below):
            return f"frac({write_typst(above)}, {write_typst(below)})"
        case Scripts():
            return _scripts(together(node))
        case Primed(base, count):
            return f"attach({write_typst(base)}, tr: {_PRIMES[count]})"
        case Accent(base, mark):
            return f"accent({write_typst(base)}, {_ACCENTS[mark]})"
        case Braced(base, below):
            return f"underbrace({write_typst(base)}, {write_typst(below)})"
        case Root(body):
            return f"sqrt({write_typst(body)})"
        case Fenced(left, body, right, grows):
            inside = " ".join(part for part in (_bracket(left), write_typst(body), _bracket(right)) if part)
            return f"lr({inside})" if grows else inside
        case Cases(rows):
            return f"cases({', '.join(map(_cells, rows))})"
        case Grid(rows):
            return f'mat(delim: "[", {"; ".join(", ".join(map(write_typst, cells)) for cells in rows)})'


def _letter(text: str, style: Style) -> str:
    written = text if len(text) == 1 and (text.isalpha() or not text.isascii()) else typst_string(text)
    return written if style is Style.ITALIC and len(text) == 1 else _STYLES[style] % written


def _scripts(scripts: Scripts) -> str:
    base = write_typst(scripts.base)
    if isinstance(scripts.base, Function) and has_limits(scripts):
        base = f"op({typst_string(scripts.base.name)}, limits: #true)"
    places = (("b", scripts.below), ("t", scripts.above))
    return f"attach({base}, {', '.join(f'{place}: {write_typst(part)}' for place, part in places if part is not None)})"


def _bracket(bracket: str) -> str:
    return _FLOORS.get(bracket) or (rf"\{bracket}" if bracket else "")


def _cells(cells: Iterable[Node]) -> str:
    return " & ".join(write_typst(cell) or '""' for cell in cells)
