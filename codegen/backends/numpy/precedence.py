"""Python's precedences, as far as generated source needs them."""

from __future__ import annotations

from enum import IntEnum


class Precedence(IntEnum):
    """How tightly an expression holds together; a matrix product is kept apart from other products by its printer."""

    COMPARISON = 0
    SUM = 1
    PRODUCT = 2
    SIGN = 3
    POWER = 4
    ATOM = 5


#: An expression, and how tightly it holds together.
Source = tuple[str, Precedence]


def bracketed(source: Source, least: Precedence = Precedence.ATOM) -> str:
    """The expression, in brackets where it would fall apart."""
    written, level = source
    return written if level >= least else f"({written})"


def tuple_text(parts: list[str]) -> str:
    """(a,), (a, b)."""
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
