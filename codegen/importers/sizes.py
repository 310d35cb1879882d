"""Sizes of axes: numbers, words for those that are free, and products of both, 12*N."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TypeAlias

from chainrule.symbolic.index.failures import InvalidDescription

Size: TypeAlias = int | str


def factors(size: Size) -> tuple[int, tuple[str, ...]]:
    """The number, and the words, of a size."""
    if not isinstance(size, str):
        return int(size), ()
    parts = size.split("*")
    return prod(int(part) for part in parts if part.isdecimal()), tuple(sorted(part for part in parts if not part.isdecimal()))


def of(number: int, words: Iterable[str]) -> Size:
    parts = ([str(number)] if number != 1 else []) + sorted(words)
    return "*".join(parts) if any(not part.isdecimal() for part in parts) else number


def product(sizes: Iterable[Size]) -> Size:
    number, words = 1, list[str]()
    for size in sizes:
        own = factors(size)
        number *= own[0]
        words += own[1]
    return of(number, words)


def quotient(size: Size, by: Size) -> Size:
    """A size without a part of it.

    Raises:
        InvalidDescription: where it is not a multiple of it.
    """
    (number, words), (divisor, gone) = factors(size), factors(by)
    left = [*words]
    for word in gone:
        if word not in left:
            raise InvalidDescription(f"found the size {size}, expected a multiple of {by}")
        left.remove(word)
    if divisor == 0 or number % divisor:
        raise InvalidDescription(f"found the size {size}, expected a multiple of {by}")
    return of(number // divisor, left)


def is_multiple(size: Size, of_size: Size) -> bool:
    """Whether a size is as many times another, or it itself."""
    try:
        quotient(size, of_size)
    except InvalidDescription:
        return False
    return True
