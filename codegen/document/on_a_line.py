"""A formula as it stands between words: a fraction with a slash, a/b, which keeps its letters large and the lines of a page even.

Brackets keep what it says: (a + b)/(2 n), and (1/N) x where something is multiplied by it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from .nodes import (
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
    Root,
    Row,
    Scripts,
    Sign,
    Space,
    Text,
    bracketed,
    has_limits,
    row,
)


@lru_cache(maxsize=4096)
def on_a_line(node: Node) -> Node:
    """The formula without any fraction that has a bar."""
    match node:
        case Row(parts):
            return row(*(_beside(part, parts[:place], parts[place + 1 :]) for place, part in enumerate(parts)))
        case Fraction(above, below):
            return row(_above(on_a_line(above)), "/", _below(on_a_line(below)))
        case Scripts(base, below, above):
            raised = None if above is None else on_a_line(above)
            return Scripts(_one(base), None if below is None else on_a_line(below), raised)
        case Primed(base) | Accent(base):
            return replace(node, base=_one(base))
        case Braced(base, below):
            return Braced(_one(base), on_a_line(below))
        case Root(body) | Fenced(_, body):
            return replace(node, body=on_a_line(body))
        case Cases(rows):
            return Cases(tuple((on_a_line(value), on_a_line(condition)) for value, condition in rows))
        case Grid(rows):
            return Grid(tuple(tuple(map(on_a_line, cells)) for cells in rows))
        case _:
            return node


def _one(node: Node) -> Node:
    """What something is put beside, above or below: a fraction there is in brackets."""
    return bracketed(on_a_line(node)) if isinstance(node, Fraction) else on_a_line(node)


def _beside(part: Node, before: tuple[Node, ...], behind: tuple[Node, ...]) -> Node:
    """A part of a row: a fraction is in brackets where the next factor would be read below its slash, or it as a function's argument."""
    if not isinstance(part, Fraction):
        return on_a_line(part)
    last = next((other for other in reversed(before) if not isinstance(other, Space)), None)
    following = next((other for other in behind if not isinstance(other, Space)), None)
    argument = isinstance(last, Function) or (isinstance(last, Scripts) and isinstance(last.base, Function))
    ends = following is None or isinstance(following, Text) or (isinstance(following, Sign) and following.form is not Form.PREFIX)
    return on_a_line(part) if ends and not argument else bracketed(on_a_line(part))


def _above(node: Node) -> Node:
    return node if all(map(_is_atom, _parts(node))) else bracketed(node)


def _below(node: Node) -> Node:
    """One thing alone, or that by which is differentiated."""
    parts = _parts(node)
    is_one = len(parts) == 1 and _is_atom(parts[0])
    return node if is_one or (_is_differential(parts[0]) and all(map(_is_atom, parts))) else bracketed(node)


def _parts(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, Row) else (node,)


def _is_differential(node: Node) -> bool:
    return node == Letter("∂")


def _is_atom(node: Node) -> bool:
    """What is read as one thing whatever stands beside it."""
    match node:
        case Letter() | Number() | Space() | Root():
            return True
        case Fenced(left, _, right):
            return bool(left and right)
        case Scripts(base):
            return not has_limits(node) and not isinstance(base, Function) and _is_atom(base)
        case Primed(base) | Accent(base):
            return _is_atom(base)
        case _:
            return False
