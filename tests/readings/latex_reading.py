"""A reading of printed formulas, written without `symbolic`: LaTeX by index to numbers, every letter a dimension of its own.

What a symbol stands for is read from the document's own table of symbols. A local derivative ∂v/∂u is found by moving an entry of u a
little in the imaginary direction in v's equation, as it was read from the page. What is not understood is `Unread`, never a guess.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

Array = Any
SMALL = 1e-30
#: Entries that are moved one by one, and numbers that one formula may take with a dimension for each of its letters.
MOST_COLUMNS = 250
MOST_NUMBERS = 4_000_000

_TOKEN = re.compile(r"\\(?:left|right)\s*(?:\\[{}|]|[()\[\]|.])|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_IGNORED = {r"\,", r"\;", r"\quad", r"\ "}
_FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    r"\exp": np.exp,
    r"\log": np.log,
    r"\sin": np.sin,
    r"\cos": np.cos,
    r"\tan": np.tan,
    r"\sinh": np.sinh,
    r"\cosh": np.cosh,
    r"\tanh": np.tanh,
    r"\sigma": lambda u: 1 / (1 + np.exp(-u)),
    "sign": lambda u: np.sign(np.real(u)),
}
_CLOSING = {r"\left(": r"\right)", r"\left[": r"\right]", r"\left|": r"\right|", "(": ")", "[": "]"}
_TESTS: dict[str, Callable[[Array, Array], Array]] = {
    ">": np.greater,
    "<": np.less,
    r"\ge": np.greater_equal,
    r"\le": np.less_equal,
    "=": np.equal,
}


class Unread(Exception):
    """A formula in letters or signs that this reading does not know."""


def tokens(latex: str) -> list[str]:
    return [re.sub(r"\s", "", token) for token in _TOKEN.findall(latex) if token.strip() and token not in _IGNORED]


@dataclass(frozen=True)
class Symbol:
    """What a row of the table of symbols says: the array behind a letter, and the letters below it."""

    name: str
    letters: tuple[str, ...]
    is_integer: bool = False


@dataclass
class Page:
    """What the readings of one document share.

    `symbols` are by the tokens of the letter without what stands below it. `gradient_letters` are further ways to write ∂C/∂u, such as δ.
    `definitions` are the right sides that were read for each name, for local derivatives. `first` is what the first place is called, and
    `kronecker` the letter that is 1 where its indices are equal.
    """

    symbols: Mapping[tuple[str, ...], Symbol]
    sizes: Mapping[str, int]
    size_letters: Mapping[tuple[str, ...], str]
    cost: str
    arrays: dict[str, Array] = field(default_factory=dict)
    gradient_letters: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    definitions: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    constants: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    omitted: str | None = None
    first: int = 1
    kronecker: str = r"\delta"
    jacobians: dict[tuple[str, str], Array] = field(default_factory=dict)

    def size(self, letter: str) -> int:
        if letter.rstrip("'") not in self.sizes:
            raise Unread(f"the letter {letter}")
        return self.sizes[letter.rstrip("'")]

    @cached_property
    def by_name(self) -> dict[str, Symbol]:
        return {symbol.name: symbol for symbol in self.symbols.values()}

    @cached_property
    def longest(self) -> int:
        return max(map(len, [*self.symbols, *self.gradient_letters, *self.constants]))

    def value(self, latex: str, over: tuple[str, ...] = ()) -> Array:
        """The numbers of a formula, a dimension for each letter of `over`."""
        inner = [letter for letter in letters_of(latex, self) if letter not in over]
        dimensions = (*over, *inner)
        if math.prod(self.size(letter) for letter in dimensions) > MOST_NUMBERS:
            raise Unread(f"too many numbers in {latex}")
        reader = Reader(self, tokens(latex), dimensions)
        found = np.asarray(reader.sum())
        if reader.place != len(reader.tokens):
            raise Unread(f"{' '.join(reader.tokens[reader.place :][:8])} in {latex}")
        found = found.reshape((1,) * (len(dimensions) - found.ndim) + found.shape) if found.ndim else found
        if found.ndim and any(size != 1 for size in found.shape[len(over) :]):
            raise Unread(f"a letter is left over in {latex}")
        full = tuple(self.size(letter) for letter in over)
        return np.broadcast_to(found.reshape(found.shape[: len(over)]) if found.ndim else found, full)

    def entry(self, latex: str) -> tuple[str, tuple[str, ...]]:
        """The array that the left side of an equation is an entry of, and its letters."""
        reader = Reader(self, tokens(latex), ())
        name, places = reader.named_entry()
        if reader.place != len(reader.tokens):
            raise Unread(latex)
        return name, tuple("".join(place) for place in places)

    def jacobian(self, of: str, by: str) -> Array:
        """∂of/∂by, from the equation that was read for `of`."""
        if (of, by) not in self.jacobians:
            if np.size(self.arrays.get(by, 0)) > MOST_COLUMNS:
                raise Unread(f"{by} has too many entries to be moved one by one")
            if of not in self.definitions:
                raise Unread(f"the equation of {of}")
            letters, right = self.definitions[of]
            start, columns = np.asarray(self.arrays[by], dtype=complex), []
            for position in np.ndindex(start.shape):
                moved = start.copy()
                moved[position] += 1j * SMALL
                other = replace(self, arrays={**self.arrays, by: moved})
                columns.append(np.imag(other.value(right, letters)) / SMALL)
            shape = columns[0].shape
            self.jacobians[of, by] = np.stack(columns, axis=-1).reshape(shape + start.shape)
        return self.jacobians[of, by]


def letters_of(latex: str, page: Page) -> list[str]:
    """Everything below a sign or a letter that is a letter of an axis, in order of appearance."""
    found: dict[str, None] = {}
    written = tokens(latex)
    names = sorted(page.sizes, key=lambda name: -len(tokens(name)))
    place = 0
    while place < len(written):
        if written[place] == r"\mathrm":
            # A word, whose letters are none.
            place = written.index("}", place) + 1
            continue
        for name in names:
            parts = tokens(name)
            if written[place : place + len(parts)] == parts:
                place += len(parts)
                primes = 0
                while place + primes < len(written) and written[place + primes] == "'":
                    primes += 1
                place += primes
                found[name + "'" * primes] = None
                break
        else:
            place += 1
    return list(found)


@dataclass
class Reader:
    """Recursive descent over the tokens of one formula."""

    page: Page
    tokens: list[str]
    dimensions: tuple[str, ...]
    place: int = 0

    def peek(self, ahead: int = 0) -> str:
        return self.tokens[self.place + ahead] if self.place + ahead < len(self.tokens) else ""

    def take(self, expected: str | None = None) -> str:
        token = self.peek()
        if not token or (expected is not None and token != expected):
            raise Unread(f"found {token!r}, expected {expected!r}")
        self.place += 1
        return token

    def group(self) -> list[str]:
        """What stands in braces, or the one token that stands without."""
        if self.peek() != "{":
            return [self.take()]
        depth, start = 0, self.place
        while True:
            depth += {"{": 1, "}": -1}.get(self.take(), 0)
            if depth == 0:
                return self.tokens[start + 1 : self.place - 1]

    def within(self, inner: list[str]) -> Reader:
        return Reader(self.page, inner, self.dimensions)

    def whole(self, inner: list[str]) -> Array:
        reader = self.within(inner)
        value = reader.sum()
        if reader.place != len(inner):
            raise Unread(" ".join(inner))
        return value

    def sum(self) -> Array:
        total: Array = 0
        while True:
            sign = 1
            while self.peek() in ("+", "-", "{") and (self.peek() != "{" or self.peek(1) == "}"):
                if self.peek() == "{":
                    self.place += 2
                    continue
                sign *= -1 if self.take() == "-" else 1
            total = total + sign * self.product()
            if self.peek() not in ("+", "-", "{"):
                return total
            if self.peek() == "{" and self.peek(1) != "}":
                return total

    def product(self) -> Array:
        value = self.power()
        while self.peek() and self.peek() not in {"+", "-", "=", ")", "]", "}", "&", ",", "<", ">", r"\\", r"\ge", r"\le"}:
            if self.peek().startswith(r"\right") or (self.peek() == "{" and self.peek(1) == "}"):
                break
            if self.peek() in (r"\cdot", r"\times"):
                self.take()
            value = value * self.power()
        return value

    def power(self) -> Array:
        base = self.atom()
        if self.peek() == "^":
            self.take()
            return base ** self.whole(self.group())
        return base

    def atom(self) -> Array:
        token = self.peek()
        if re.fullmatch(r"\d+(\.\d+)?", token):
            return float(self.take())
        if token in _CLOSING:
            self.take()
            value = self.sum()
            self.take(_CLOSING[token])
            return value * np.sign(np.real(value)) if token == r"\left|" else value
        if token == r"\frac":
            return self.fraction()
        if token == r"\left.":
            return self.direct()
        if token == r"\sqrt":
            self.take()
            return np.sqrt(self.whole(self.group()))
        if token == r"\pi":
            self.take()
            return math.pi
        if token in (r"\sum", r"\max") and self.peek(1) == "_":
            return self.over_an_axis(self.take())
        if token in (r"\max", r"\min"):
            self.take()
            self.take(r"\left(")
            first = self.sum()
            self.take(",")
            second = self.sum()
            self.take(r"\right)")
            larger = np.real(first) >= np.real(second)
            return np.where(larger, first, second) if token == r"\max" else np.where(larger, second, first)
        if token == r"\mathbf" and self.tokens[self.place + 1 : self.place + 5] == ["{", "1", "}", "["]:
            self.place += 5
            value = self.condition()
            self.take("]")
            return value
        if token == r"\begin":
            return self.cases()
        if (entry := self.entry_or_none()) is not None:
            return entry
        if token == self.page.kronecker and self.peek(1) == "_":
            self.place += 2
            first, second = self.indices(self.group())
            return np.equal(self.index(first), self.index(second)) * 1.0
        if token == "e" and self.peek(1) == "^":
            self.place += 2
            return np.exp(self.whole(self.group()))
        if token == "N":
            self.take()
            letter = "".join(self.after_below()) if self.peek() == "_" else self.page.size_letters[("N",)]
            return float(self.page.size(letter))
        if token == r"\operatorname":
            self.take()
            token = "".join(self.group())
            return self.over_an_axis("argmax") if token == "argmax" else self.applied(token)
        if token in _FUNCTIONS:
            return self.applied(self.take())
        raise Unread(f"{token!r} in {' '.join(self.tokens)}")

    def after_below(self) -> list[str]:
        self.take("_")
        return self.group()

    def applied(self, name: str) -> Array:
        if name not in _FUNCTIONS:
            raise Unread(f"the function {name}")
        raised: Array = None
        if self.peek() == "^":
            self.take()
            raised = self.whole(self.group())
        self.take(r"\left(")
        value = _FUNCTIONS[name](self.sum())
        self.take(r"\right)")
        return value if raised is None else value**raised

    def over_an_axis(self, token: str) -> Array:
        letter = "".join(self.after_below())
        if letter not in self.dimensions:
            raise Unread(f"the letter {letter}")
        dimension = self.dimensions.index(letter)
        body = np.asarray(self.product())
        size = self.page.size(letter)
        if body.ndim == 0 or body.shape[dimension] == 1 != size:
            return body * size if token == r"\sum" else body
        if token == r"\sum":
            return body.sum(axis=dimension, keepdims=True)
        first = np.argmax(np.real(body), axis=dimension, keepdims=True)
        return first if token == "argmax" else np.take_along_axis(body, first, axis=dimension)

    def condition(self) -> Array:
        """1 where it holds, of places or of numbers."""
        end = next((n for n, token in enumerate(self.tokens[self.place :]) if token in ("]", r"\\", r"\end", "&")), None)
        inside = self.tokens[self.place : None if end is None else self.place + end]
        signs = [place for place, token in enumerate(inside) if token in _TESTS]
        if len(signs) != 1:
            raise Unread(f"the test {' '.join(inside)}")
        left, sign, right = inside[: signs[0]], inside[signs[0]], inside[signs[0] + 1 :]
        self.place += len(inside)
        try:
            sides = [self.index(side, counted=False) for side in (left, right)]
        except Unread:
            sides = [self.whole(side) for side in (left, right)]
        return _TESTS[sign](*(np.real(side) for side in sides)) * 1.0

    def cases(self) -> Array:
        self.take(r"\begin")
        if self.group() != list("cases"):
            raise Unread("an environment other than cases")
        branches: list[tuple[Array, Array]] = []
        while True:
            value = self.sum()
            self.take("&")
            if self.peek() == r"\text":
                self.take()
                self.group()
                branches.append((value, None))
            else:
                branches.append((value, self.condition()))
            if self.take() == r"\end":
                self.group()
                break
        (result, last), *others = reversed(branches)
        if last is not None:
            raise Unread("cases without a last one")
        for value, test in others:
            result = np.where(test > 0, value, result)
        return result

    def fraction(self) -> Array:
        self.take(r"\frac")
        above, below = self.group(), self.group()
        if above[:1] == [r"\partial"]:
            return self.derivative(above[1:], below[1:])
        return self.whole(above) / self.whole(below)

    def derivative(self, above: list[str], below: list[str]) -> Array:
        of, of_places = self.within(above).named_entry()
        by, by_places = self.within(below).named_entry()
        if of == self.page.cost:
            return self.read(f"d{by}", by_places)
        return self.gathered(self.page.jacobian(of, by), [self.index(place) for place in (*of_places, *by_places)])

    def direct(self) -> Array:
        """The derivative of the cost's own equation, where the cost is reached in other ways too."""
        self.take()
        self.take(r"\frac")
        above, below = self.group(), self.group()
        self.take(r"\right|")
        self.take("_")
        self.group()
        (of, of_places), (by, places) = self.within(above[1:]).named_entry(), self.within(below[1:]).named_entry()
        return self.gathered(self.page.jacobian(of, by), [self.index(place) for place in (*of_places, *places)])

    def named_entry(self) -> tuple[str, list[list[str]]]:
        """The longest known letter that stands here, and its places, each a list of tokens."""
        for length in range(min(self.page.longest, len(self.tokens) - self.place), 0, -1):
            written = tuple(self.tokens[self.place : self.place + length])
            if written in self.page.gradient_letters:
                name, known = f"d{self.page.gradient_letters[written]}", self.page.by_name[self.page.gradient_letters[written]]
            elif written in self.page.symbols:
                known = self.page.symbols[written]
                name = known.name
            else:
                continue
            self.place += length
            places = self.indices(self.after_below()) if self.peek() == "_" else []
            if self.page.omitted is not None and len(places) == len(known.letters) - 1 and self.page.omitted in known.letters:
                places.insert(known.letters.index(self.page.omitted), [str(self.page.first)])
            if len(places) != len(known.letters):
                raise Unread(f"{' '.join(written)} with {len(places)} places")
            return name, places
        if self.tokens[self.place : self.place + 2] == [r"\frac", "{"] and self.peek(2) == r"\partial":
            self.place += 1
            above, below = self.group(), self.group()
            if self.within(above[1:]).named_entry()[0] == self.page.cost:
                by, places = self.within(below[1:]).named_entry()
                return f"d{by}", places
        raise Unread(" ".join(self.tokens[self.place :][:6]))

    def entry_or_none(self) -> Array | None:
        start = self.place
        for length in range(min(self.page.longest, len(self.tokens) - start), 0, -1):
            written = tuple(self.tokens[start : start + length])
            if written in self.page.constants:
                self.place += length
                return self.page.constants[written]
            if written in self.page.symbols or written in self.page.gradient_letters:
                name, places = self.named_entry()
                return self.read(name, places)
        return None

    def read(self, name: str, places: list[list[str]]) -> Array:
        if name not in self.page.arrays:
            raise Unread(f"no numbers for {name}")
        return self.gathered(self.page.arrays[name], [self.index(place) for place in places])

    def gathered(self, array: Array, places: list[Array]) -> Array:
        if not places:
            return array
        places = [np.real(np.asarray(place)).astype(int) for place in places]
        inside: Array = True
        for place, size in zip(places, array.shape, strict=True):
            inside = inside & (place >= 0) & (place < size)
        clipped = [np.clip(place, 0, size - 1) for place, size in zip(places, array.shape, strict=True)]
        return np.where(inside, array[tuple(np.broadcast_arrays(*clipped))], 0)

    def indices(self, inner: list[str]) -> list[list[str]]:
        """What stands below a letter, cut into places: by commas, or one letter after the other."""
        depth, cut = 0, [[]]  # type: ignore[var-annotated]
        for token in inner:
            depth += {"{": 1, "}": -1}.get(token, 0)
            if token == "," and depth == 0:
                cut.append([])
            else:
                cut[-1].append(token)
        if len(cut) > 1:
            return cut
        places: list[list[str]] = []
        rest = iter(inner)
        for token in rest:
            if token == "_" and places:
                # A letter with a number of its own, i_{2}, which the next braces hold.
                places[-1] += [token, *(next(rest) for _ in range(3))]
            elif token == "'" and places:
                places[-1].append(token)
            elif re.fullmatch(r"\d+", token):
                places += [[digit] for digit in token]
            elif re.fullmatch(r"[A-Za-z]", token):
                places.append([token])
            else:
                return [inner]
        return places

    def index(self, place: list[str], counted: bool = True) -> Array:
        """The positions of one place: a letter, a number, a sum of letters, or the entry of an integer array."""
        if len(place) == 1 and place[0].isdigit():
            return np.asarray(int(place[0]) - (self.page.first if counted else 0))
        letter = "".join(place)
        if letter in self.dimensions:
            shape = [1] * len(self.dimensions)
            shape[self.dimensions.index(letter)] = -1
            return np.arange(self.page.size(letter)).reshape(shape)
        return IndexReader(self.page, place, self.dimensions).all()


class IndexReader(Reader):
    """A place that is computed: 2 i + p − 1, or y_n."""

    def all(self) -> Array:
        value = self.sum()
        if self.place != len(self.tokens):
            raise Unread(" ".join(self.tokens))
        return value

    def atom(self) -> Array:
        for length in range(min(8, len(self.tokens) - self.place), 0, -1):
            letter = "".join(self.tokens[self.place : self.place + length])
            if letter in self.dimensions:
                self.place += length
                return self.index([letter])
        return super().atom()
