"""Functions and case distinctions as they are written both by index and in matrix notation."""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.codegen.document.nodes import (
    MINUS,
    THIN,
    Cases,
    Form,
    Function,
    Letter,
    Node,
    Root,
    Sign,
    Style,
    Text,
    bracketed,
    row,
    separated,
)
from chainrule.codegen.words.sentences import text_of
from chainrule.symbolic.index.functions import ELEMENTARY

#: The vector or the matrix of ones, and the indicator.
ONE = Letter("1", Style.BOLD)
#: What stands above the letter of a matrix.
INVERSE = row(MINUS, "1")
#: What stands before the exponent of a power of every entry.
ENTRYWISE_POWER = Sign("⊙", Form.PREFIX)


def function_name(name: str) -> Node:
    """What stands before the argument, by the function's name in array forms."""
    known = ELEMENTARY.get(name)
    written = (known.written if known else "") or name
    return Function(written) if written.isascii() else Letter(written)


def applied(name: str, arguments: list[Node]) -> Node:
    """A function of what is written already: |x|, √x, log(x)."""
    match name:
        case "abs":
            return bracketed(arguments[0], "||", grows=True)
        case "sqrt":
            return Root(arguments[0])
        case "floor" | "ceil":
            return bracketed(arguments[0], "⌊⌋" if name == "floor" else "⌈⌉", grows=True)
        case _:
            return called(function_name(name), arguments)


def called(sign: Node, arguments: list[Node]) -> Node:
    """f(x, y), where the sign of f is written already."""
    return row(sign, bracketed(separated(arguments, ",", THIN), grows=True))


def indicator(test: Node) -> Node:
    """1 where it holds, else 0."""
    return row(ONE, bracketed(test, "[]"))


def distinction(branches: Iterable[tuple[Node, Node | None]]) -> Cases:
    """Values, each with its condition; beside the last one stands "otherwise", in the language of the document."""
    return Cases(tuple((value, Text(text_of("formula.otherwise")) if test is None else test) for value, test in branches))
