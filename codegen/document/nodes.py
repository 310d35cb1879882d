"""A formula as a tree: letters, numbers, signs and how they are put together; each format writes it in its own way.

Signs are those of Unicode: "∂", "⊙", "≤". What a format needs to know beside them, such as whether a minus stands between two terms, is
part of the tree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias


class Style(Enum):
    """How letters look. Capital Greek ones are upright in any case."""

    ITALIC = "italic"
    UPRIGHT = "upright"
    BOLD = "bold"
    BOLD_ITALIC = "bold italic"
    SCRIPT = "script"
    DOUBLE_STRUCK = "double-struck"


class Form(Enum):
    """Where a sign stands: between two things, before or behind one."""

    INFIX = "infix"
    PREFIX = "prefix"
    POSTFIX = "postfix"


class Room(Enum):
    """Empty room, in em."""

    THIN = 0.167
    MEDIUM = 0.278
    QUAD = 1.0


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, or a word of several upright ones."""

    text: str
    style: Style = Style.ITALIC


@dataclass(frozen=True, slots=True)
class Function:
    """The name of a function, "log", with room around it."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """Digits, with a point or with commas between thousands."""

    digits: str


@dataclass(frozen=True, slots=True)
class Sign:
    """An operator, a relation or a sign of punctuation."""

    text: str
    form: Form = Form.INFIX


@dataclass(frozen=True, slots=True)
class Text:
    """Words inside of a formula."""

    text: str


@dataclass(frozen=True, slots=True)
class Space:
    """Empty room."""

    room: Room


@dataclass(frozen=True, slots=True)
class Row:
    """What stands side by side; none of the parts is a row. Made by `row`."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Fraction:
    """One thing over another."""

    above: Node
    below: Node


@dataclass(frozen=True, slots=True)
class Scripts:
    """A base with what is lowered and what is raised beside it; of a sum or a maximum, below and above.

    Made by `scripted`; a power of what has something below is written behind it, x₁ to the power of two.
    """

    base: Node
    below: Node | None = None
    above: Node | None = None


@dataclass(frozen=True, slots=True)
class Primed:
    """x′, or x″ with two of them."""

    base: Node
    count: int = 1


@dataclass(frozen=True, slots=True)
class Accent:
    """A mark over a letter: "hat", "bar", "tilde", "dot" or "ddot"."""

    base: Node
    mark: str


@dataclass(frozen=True, slots=True)
class Braced:
    """What stands under a brace below something: its shape, or what it is."""

    base: Node
    below: Node


@dataclass(frozen=True, slots=True)
class Root:
    """A square root."""

    body: Node


@dataclass(frozen=True, slots=True)
class Fenced:
    """Something in brackets, which may be missing on a side; where it `grows`, they are as high as what they hold."""

    left: str
    body: Node
    right: str
    grows: bool = True


@dataclass(frozen=True, slots=True)
class Cases:
    """Values, each with its condition."""

    rows: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix in square brackets."""

    rows: tuple[tuple[Node, ...], ...]


Node: TypeAlias = (
    Letter | Function | Number | Sign | Text | Space | Row | Fraction | Scripts | Primed | Accent | Braced | Root | Fenced | Cases | Grid
)

EMPTY = Row()
THIN, MEDIUM, QUAD = Space(Room.THIN), Space(Room.MEDIUM), Space(Room.QUAD)
MINUS = Sign("−", Form.PREFIX)
#: Letters that announce what stands behind them.
DIFFERENTIALS = frozenset("∂∇")
NAMES_WITH_LIMITS = frozenset({"max", "min"})
RELATIONS = frozenset({"=", "<", ">", "≈", "≤", "≥", "←", ":="})
_INFIX = RELATIONS | frozenset("+−·×⊙⊗⊘∘*/→")
_PUNCTUATION = frozenset(",:")


def node(part: Node | str) -> Node:
    """A node itself, or that of one letter, number or sign, which is between two things: "x", "12", "=".

    Raises:
        ValueError: for a text of more than one of them.
    """
    if not isinstance(part, str):
        return part
    if part in _INFIX:
        return Sign(part)
    if part in _PUNCTUATION:
        return Sign(part, Form.POSTFIX)
    if part[:1].isdigit():
        return Number(part)
    if len(part) != 1:
        raise ValueError(f"found {part!r}, expected one letter, number or sign")
    return Letter(part)


def row(*parts: Node | str) -> Node:
    """Parts side by side; a single one stays itself."""
    flat: list[Node] = []
    for part in map(node, parts):
        flat += part.parts if isinstance(part, Row) else [part]
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def separated(parts: list[Node], *sign: Node | str) -> Node:
    """Parts with a sign between each and the next."""
    return row(*(piece for place, part in enumerate(parts) for piece in ((*sign, part) if place else (part,))))


def with_commas(*parts: Node | str) -> Node:
    """a, b, c"""
    return separated([node(part) for part in parts], ",")


def scripted(base: Node | str, below: Node | str | None = None, above: Node | str | None = None) -> Node:
    """With something lowered or raised beside it; of a row, beside its last part."""
    base = node(base)
    under, over = (None if part is None else node(part) for part in (below, above))
    if under is None and over is None:
        return base
    match base:
        case Row(parts) if parts:
            return Row((*parts[:-1], scripted(parts[-1], under, over)))
        case Scripts() if (under is None or base.below is None) and (over is None or base.above is None):
            return replace(base, below=under or base.below, above=over or base.above)
        case _:
            return Scripts(base, under, over)


def together(scripts: Scripts) -> Scripts:
    """With what is lowered and what is raised one above the other: a power of x₁ stands right above the 1."""
    base = scripts.base
    if isinstance(base, Scripts) and base.above is None and scripts.below is None:
        return Scripts(base.base, base.below, scripts.above)
    return scripts


def has_limits(scripts: Scripts) -> bool:
    """Whether they stand below and above their base, as those of a sum or of a maximum, and not beside it."""
    return isinstance(scripts.base, Sign) or (isinstance(scripts.base, Function) and scripts.base.name in NAMES_WITH_LIMITS)


def primed(base: Node | str, count: int = 1) -> Node:
    """x′, or the base itself with no prime."""
    return Primed(node(base), count) if count else node(base)


def counted(count: int) -> Number:
    """How many there are, with commas between thousands."""
    return Number(f"{count:,}")


def fraction(above: Node | str, below: Node | str) -> Fraction:
    return Fraction(node(above), node(below))


def derivative(of: Node | str, by: Node | str) -> Fraction:
    """∂C/∂w"""
    return Fraction(row("∂", of), row("∂", by))


def derivative_on_a_line(of: Node | str, by: Node | str) -> Node:
    """The same with a slash."""
    return row("∂", of, "/", "∂", by)


def bracketed(body: Node | str, brackets: str = "()", grows: bool = False) -> Fenced:
    """In brackets, which are as high as a letter if they do not grow."""
    return Fenced(brackets[0], node(body), brackets[1], grows)


def total(letter: Node | str, above: Node | str | None = None) -> Node:
    """Σ with the letter that it runs over."""
    return Scripts(Sign("∑", Form.PREFIX), node(letter), None if above is None else node(above))
