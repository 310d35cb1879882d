"""The two sides of an equation, or more of them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.codegen.marking.python.parsing import HIGHEST, height
from chainrule.codegen.marking.python.reasons import Unreadable

from .reader import IsGradient, Reader
from .unread import stopped


@dataclass(frozen=True, slots=True)
class Sides:
    """What an equation says to be equal: an entry or an array, and one expression or several."""

    target: ast.expr
    values: tuple[ast.expr, ...]


def sides(signs: Sequence[str], is_gradient: IsGradient, target: ast.expr | None = None) -> Sides:
    """The sides of an equation; with `target` those of a line that goes on from another and begins with a sign of equality.

    Raises:
        Unreadable: where it is none.
    """
    reader = Reader(signs, is_gradient)
    if target is None:
        target = reader.target()
        _skip_shape(reader)
    values: list[ast.expr] = []
    while reader.peek() in ("=", ":="):
        reader.take()
        values.append(reader.expression())
        if height(values[-1]) > HIGHEST:
            raise Unreadable("terms.many")
    if reader.peek() or not values:
        raise stopped(reader.peek())
    return Sides(target, tuple(values))


def _skip_shape(reader: Reader) -> None:
    """The shape that the terminal says behind a whole array: dW1 (3, 2) = …"""
    if reader.peek() == "(":
        while reader.peek() and reader.take() != ")":
            pass
