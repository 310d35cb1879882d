"""Places as numbers before each letter, such as 2 i + p - 1."""

from __future__ import annotations

from collections import defaultdict

from .equation_grammar import Name, Node, Number, Pair, Sign


def whole(node: Node) -> int | None:
    """The value of a place that is a number, such as -1."""
    match node:
        case Number(text) if text.isdigit():
            return int(text)
        case Sign("-", Number(text)) if text.isdigit():
            return -int(text)
        case _:
            return None


def linear(place: Node) -> dict[str, int]:
    """The number before each letter of an index sum; that of no letter is under the empty name."""
    match place:
        case Number(text):
            return {"": int(text)}
        case Name(name):
            return {name: 1}
        case Sign(sign, inside):
            return {letter: -slope if sign == "-" else slope for letter, slope in linear(inside).items()}
        case Pair("*", left, right):
            first, second = linear(left), linear(right)
            if set(first) <= {""}:
                first, second = second, first
            return {letter: slope * second[""] for letter, slope in first.items()}
        case Pair(sign, left, right):
            total = defaultdict(int, linear(left))
            for letter, slope in linear(right).items():
                total[letter] += slope if sign == "+" else -slope
            return dict(total)
        case _:
            raise ValueError(f"no index sum: {place}")


def without(place: Node, letter: str) -> Node:
    """An index sum with 0 in place of a letter."""
    match place:
        case Name(name) if name == letter:
            return Number("0")
        case Sign(sign, inside):
            return Sign(sign, without(inside, letter))
        case Pair(sign, left, right):
            return Pair(sign, without(left, letter), without(right, letter))
        case _:
            return place
