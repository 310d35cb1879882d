"""The equation language once more: a tokeniser, a parser by binding powers, and trees that can be written as text again.

Nothing here is imported from the project that is tested, nor is Python's own parser used, on which that one stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|<=|>=|[-+*/()\[\],<>]))")
#: How tightly an operator holds what stands left of it; a sign stands between products and powers, as -x**2 is -(x**2).
BINDING = {"<": 1, "<=": 1, ">": 1, ">=": 1, "+": 2, "-": 2, "*": 3, "/": 3, "**": 5}
SIGN = 4


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A scalar, a constant or a letter."""

    name: str


@dataclass(frozen=True, slots=True)
class Read:
    """An entry of a tensor."""

    name: str
    places: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """-u or +u."""

    sign: str
    inside: Node


@dataclass(frozen=True, slots=True)
class Pair:
    """Two parts with an operator or a comparison between them."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function, a reduction or a case distinction."""

    name: str
    arguments: tuple[Node, ...]


Node = Number | Name | Read | Sign | Pair | Call


@dataclass(frozen=True, slots=True)
class Equation:
    """A left side, whose places are trees, and a right one."""

    name: str
    places: tuple[Node, ...]
    right: Node


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        place = 0
        while place < len(text.rstrip()):
            found = TOKEN.match(text, place)
            if found is None:
                raise SyntaxError(f"no token at {text[place:]!r}")
            self.tokens.append(found.group().strip())
            place = found.end()
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            raise SyntaxError(f"found {token!r}, expected {expected or 'more'} in {' '.join(self.tokens)}")
        self.at += 1
        return token

    def expression(self, least: int = 0) -> Node:
        left = self.operand()
        while BINDING.get(self.peek(), -1) >= max(least, 0):
            sign = self.take()
            # A power's exponent goes as far as it can, x**y**z is x**(y**z); the others hold from the left.
            left = Pair(sign, left, self.expression(BINDING[sign] + (sign != "**")))
        return left

    def operand(self) -> Node:
        token = self.take()
        if token in "+-":
            return Sign(token, self.expression(SIGN))
        if token == "(":
            inside = self.expression()
            self.take(")")
            return inside
        if token[0].isdigit() or token[0] == ".":
            return Number(token)
        if self.peek() == "(":
            return Call(token, self.several("(", ")"))
        if self.peek() == "[":
            return Read(token, self.several("[", "]"))
        return Name(token)

    def several(self, opening: str, closing: str) -> tuple[Node, ...]:
        self.take(opening)
        found = [self.expression()]
        while self.peek() == ",":
            self.take()
            found.append(self.expression())
        self.take(closing)
        return tuple(found)


def expression(text: str) -> Node:
    """The tree of an expression."""
    parser = _Parser(text)
    found = parser.expression()
    if parser.peek():
        raise SyntaxError(f"found {parser.peek()!r} after an expression in {text}")
    return found


def equations(text: str) -> list[Equation]:
    """The equations of a text, one a row."""
    found = []
    for row in text.splitlines():
        if row.strip():
            left, right = re.split(r"(?<![<>])=", row, maxsplit=1)
            side = expression(left)
            assert isinstance(side, Name | Read)
            found.append(Equation(side.name, side.places if isinstance(side, Read) else (), expression(right)))
    return found


def written(node: Node, least: int = 0) -> str:
    """A tree as text, in brackets where something that holds more tightly than it stands around it."""
    match node:
        case Number(text):
            return text
        case Name(name):
            return name
        case Read(name, places):
            return f"{name}[{', '.join(map(written, places))}]"
        case Call(name, arguments):
            return f"{name}({', '.join(map(written, arguments))})"
        case Sign(sign, inside):
            text, own = f"{sign}{written(inside, SIGN)}", SIGN
        case Pair(sign, left, right):
            own = BINDING[sign]
            text = f"{written(left, own + (sign == '**'))} {sign} {written(right, own + (sign != '**'))}"
    return f"({text})" if own < least else text


def row(equation: Equation) -> str:
    """An equation as text."""
    left = Read(equation.name, equation.places) if equation.places else Name(equation.name)
    return f"{written(left)} = {written(equation.right)}"


def parts(node: Node) -> tuple[Node, ...]:
    """What a tree consists of, one level down."""
    match node:
        case Read(_, places):
            return places
        case Call(_, arguments):
            return arguments
        case Sign(_, inside):
            return (inside,)
        case Pair(_, left, right):
            return (left, right)
        case _:
            return ()


def every(node: Node) -> list[Node]:
    """A tree and all that it consists of."""
    return [node, *(below for part in parts(node) for below in every(part))]
