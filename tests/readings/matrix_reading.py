"""A reading of printed matrix notation: the linear algebra of columns, and the shape that stands under a factor is that of its numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from latex_reading import _FUNCTIONS, _TESTS, Array, Unread, tokens

_OPENING = {r"\left(": r"\right)", "(": ")"}


class WrongShape(Exception):
    """A shape under a factor that is not the factor's."""


@dataclass(frozen=True)
class Matrices:
    """Arrays by the tokens of their names: vectors are columns. `numbers` are constants, and `sizes` what N stands for in a shape."""

    arrays: Mapping[tuple[str, ...], Array]
    numbers: Mapping[tuple[str, ...], float]
    sizes: Mapping[str, int]
    entrywise: str

    def value(self, latex: str) -> Array:
        reader = MatrixReader(self, tokens(latex))
        found = reader.sum()
        if reader.place != len(reader.tokens):
            raise Unread(" ".join(reader.tokens[reader.place :][:8]))
        return found


def column(array: Array) -> Array:
    array = np.asarray(array)
    return array.reshape(-1, 1) if array.ndim == 1 else array


@dataclass
class MatrixReader:
    """Recursive descent over the tokens of one formula."""

    known: Matrices
    tokens: list[str]
    place: int = 0

    def peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, expected: str | None = None) -> str:
        token = self.peek()
        if not token or (expected is not None and token != expected):
            raise Unread(f"found {token!r}, expected {expected!r}")
        self.place += 1
        return token

    def group(self) -> list[str]:
        self.take("{")
        depth, start = 1, self.place
        while depth:
            depth += {"{": 1, "}": -1}.get(self.take(), 0)
        return self.tokens[start : self.place - 1]

    def whole(self, inner: list[str]) -> Array:
        reader = MatrixReader(self.known, inner)
        value = reader.sum()
        if reader.place != len(inner):
            raise Unread(" ".join(inner))
        return value

    def sum(self) -> Array:
        sign = -1 if self.peek() == "-" and self.take() else 1
        total = sign * self.term()
        while self.peek() in ("+", "-"):
            total = total + self.term() if self.take() == "+" else total - self.term()
        return total

    def term(self) -> Array:
        value = self.factor()
        while self.peek() and not self.peek().startswith(r"\right") and self.peek() not in {"+", "-", "=", ")", "]", "}", ",", ">", "<"}:
            if self.peek() in (r"\odot", self.known.entrywise):
                self.take()
                value = value * self.factor()
            elif self.peek() == r"\oslash":
                self.take()
                value = value / self.factor()
            else:
                if self.peek() == r"\cdot":
                    self.take()
                value = times(value, self.factor())
        return value

    def factor(self) -> Array:
        value = self.atom()
        if self.peek() != "^":
            return value
        self.take()
        above = self.group() if self.peek() == "{" else [self.take()]
        if above == [r"\top"]:
            return np.asarray(value).T
        return value ** self.whole(above[1:] if above[0] == r"\odot" else above)

    def atom(self) -> Array:
        name = self.name()
        if name is not None:
            return name
        token = self.take()
        if re.fullmatch(r"\d+(\.\d+)?", token):
            return float(token)
        if token == "{" and self.peek() == r"\underbrace":
            return self.with_shape()
        if token in _OPENING:
            value = self.sum()
            self.take(_OPENING[token])
            return value
        if token == r"\frac":
            return self.whole(self.group()) / self.whole(self.group())
        if token == r"\mathbf" and self.group() == ["1"]:
            return self.ones_or_test()
        if token == r"\operatorname" and self.group() == list("sum"):
            return self.sum_along_an_axis()
        if token == r"\max":
            self.take(r"\left(")
            first = self.sum()
            self.take(",")
            second = self.sum()
            self.take(r"\right)")
            return np.maximum(first, second)
        if token in _FUNCTIONS and self.peek() == r"\left(":
            self.take()
            value = _FUNCTIONS[token](self.sum())
            self.take(r"\right)")
            return value
        if token == "N":
            return float(self.known.sizes["N"])
        raise Unread(f"{token!r}")

    def name(self) -> Array | None:
        for length in range(min(24, len(self.tokens) - self.place), 0, -1):
            written = tuple(self.tokens[self.place : self.place + length])
            for table in (self.known.arrays, self.known.numbers):
                if written in table:
                    self.place += length
                    return table[written]
        return None

    def with_shape(self) -> Array:
        self.take(r"\underbrace")
        value = self.whole(self.group())
        self.take("_")
        shape = [self.size(part) for part in "".join(self.group()).split(r"\times")]
        self.take("}")
        found = list(np.shape(value))
        if found != shape and not (len(shape) == 1 and sorted(found) == [1, *shape]) and not (shape == [1] and found == [1, 1]):
            raise WrongShape(f"{shape} under a factor of shape {found}")
        return value

    def size(self, written: str) -> int:
        return int(written) if written.isdigit() else self.known.sizes[written]

    def ones_or_test(self) -> Array:
        if self.peek() != "[":
            return self.ones()
        self.take()
        left, sign = self.sum(), self.take()
        value = _TESTS[sign](left, self.sum()) * 1.0
        self.take("]")
        return value

    def ones(self) -> Array:
        """1_N, a column of N ones, or its transpose, the sign of which stands first."""
        is_row = self.peek() == "^"
        if is_row:
            self.take()
            self.group()
        self.take("_")
        below = "".join(self.group())
        if not below.isdigit() and below not in self.known.sizes:
            raise Unread("rows of labels")
        return np.ones((1, self.size(below)) if is_row else (self.size(below), 1))

    def sum_along_an_axis(self) -> Array:
        self.take(r"\left(")
        value = self.sum()
        self.take(",")
        self.take(r"\mathrm")
        self.group()
        self.take("=")
        axis = int(self.take())
        self.take(r"\right)")
        return column(np.sum(value, axis=axis))


def times(left: Array, right: Array) -> Array:
    """A product of matrices, or by a number."""
    return left * right if np.ndim(left) < 2 or np.ndim(right) < 2 else left @ right
