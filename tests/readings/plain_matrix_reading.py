"""A reading of matrix notation as the terminal prints it, by the grammar that `plain_matrix_printer.py` states, and by it alone.

It is strict where the grammar is: shapes and axes of entrywise operations are the same unless a vector is repeated in writing, and a chain
of products is of matrices or of entries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erf
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
#: Axes of rows and columns; None where there is one, OPEN where there are as many as are needed.
Axis = str | None
OPEN = "*"
Places = Mapping[str, int]

TOKEN = re.compile(
    r"\s*(?:(?P<sum>Σ_[\w′,]+)|(?P<number>\d+(?:\.\d+)?(?:e-?\d+)?)|(?P<name>[^\W\dᵀ][^\Wᵀ]*'*)(?P<slice>\[[^\]]*\])?"
    r"|(?P<sign>\^⊙|\^|ᵀ|⁻¹|⁻ᵀ|⊙|>=|<=|[-+/()\[\]|√·><=,]))"
)
SUPERSCRIPT = {"²": "2", "³": "3"}
FUNCTIONS = {
    "σ": lambda u: 1 / (1 + np.exp(-u)),
    "stop": lambda u: u,
    "sigmoid": lambda u: 1 / (1 + np.exp(-u)),
    "softplus": lambda u: np.log1p(np.exp(u)),
    "erf": np.vectorize(erf),
    "clip": np.clip,
    "maximum": np.maximum,
    "minimum": np.minimum,
    **{name: getattr(np, name) for name in "round floor ceil exp log sqrt sign sin cos tan sinh cosh tanh arcsin arccos arctan".split()},
}
COMPARISONS = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal, "=": np.equal}


class Unread(Exception):
    """What the grammar has no rule for."""


class Ambiguous(Exception):
    """What the grammar forbids, or two arrays that do not fit."""


@dataclass(frozen=True)
class Value:
    """A matrix with the axes of its rows and columns; a number has neither, a column has rows alone."""

    array: Array
    rows: Axis = None
    columns: Axis = None

    @property
    def is_number(self) -> bool:
        return self.rows is None and self.columns is None


@dataclass(frozen=True)
class Known:
    """What names stand for, the axes of each array, numbers, and the sizes along which labels count."""

    arrays: Mapping[str, Array]
    axes: Mapping[str, Sequence[str]]
    numbers: Mapping[str, float]
    classes: Mapping[str, tuple[str, int]]
    sizes: Mapping[str, int]

    def read(self, text: str, steps: Places | None = None, left: Sequence[str] = ()) -> Value:
        """The value of a line; an I in it has the shape of the left side, whose axes are given."""
        tree = _Reader(text).whole()
        if len(left) == 2:
            identity = np.eye(*(self.sizes[axis] for axis in left))
            tree = _put_in(tree, ("constant", _of(identity, left)))
        return self.value(tree, dict(steps or {}))

    def value(self, tree: Any, steps: Places) -> Value:
        kind, *parts = tree
        return getattr(self, f"of_{kind}")(*parts, steps)

    def of_number(self, text: str, steps: Places) -> Value:
        return Value(np.array(float(text)))

    def of_name(self, name: str, places: str | None, steps: Places) -> Value:
        if places is None and name in steps:
            return Value(np.array(float(steps[name])))
        if places is None and name in self.numbers:
            return Value(np.array(self.numbers[name]))
        if places is None and name == "π":
            return Value(np.array(np.pi))
        if name not in self.arrays:
            raise Unread(name)
        array, axes = np.asarray(self.arrays[name]), list(self.axes[name])
        if places is not None:
            written = [part.strip() for part in places[1:-1].split(",")]
            written += [":"] * (len(axes) - len(written))
            for position in reversed(range(len(axes))):
                if written[position] != ":":
                    place = _place(written[position], steps)
                    inside = 0 <= place < array.shape[position]
                    array = np.take(array, place, position) if inside else np.zeros_like(np.take(array, 0, position))
                    del axes[position]
        if len(axes) > 2:
            raise Unread(f"{name} has {len(axes)} axes")
        return _of(array, axes)

    def of_identity(self, steps: Places) -> Value:
        raise Ambiguous("an I without a shape")

    def of_onehot(self, inside: Any, steps: Places) -> Value:
        labels = self.value(inside, steps)
        axis, size = self.classes[inside[1]]
        rows = np.eye(size)[labels.array.astype(int).reshape(-1)]
        return _of(rows[0], [axis]) if labels.is_number else Value(rows, labels.rows, axis)

    def of_transpose(self, inside: Any, steps: Places) -> Value:
        if inside == ("number", "1"):
            return Value(np.ones((1, 1)), None, OPEN)
        value = self.value(inside, steps)
        return Value(value.array.T, value.columns, value.rows)

    def of_inverse(self, inside: Any, steps: Places) -> Value:
        value = self.square(inside, steps)
        return Value(np.linalg.inv(value.array), value.columns, value.rows)

    def square(self, inside: Any, steps: Places) -> Value:
        """A matrix of which there is a function; an I in it has the shape of what it stands beside."""
        for axis in self.sizes:
            try:
                return self.value(_put_in(inside, ("constant", _of(np.eye(self.sizes[axis]), [axis, axis]))), steps)
            except Ambiguous as problem:
                found = problem
        raise found

    def of_of_matrix(self, name: str, inside: Any, steps: Places) -> Value:
        value = self.square(inside, steps)
        return Value(np.linalg.det(value.array)) if name == "det" else Value(np.linalg.cholesky(value.array), value.rows, value.columns)

    def of_negative(self, inside: Any, steps: Places) -> Value:
        value = self.value(inside, steps)
        return Value(-value.array, value.rows, value.columns)

    def of_entrywise(self, function: Any, parts: Sequence[Any], steps: Places) -> Value:
        values = [self.value(part, steps) for part in parts]
        rows, columns = (_same([getattr(value, side) for value in values if not value.is_number]) for side in ("rows", "columns"))
        return Value(np.asarray(function(*(value.array for value in values)), dtype=float), rows, columns)

    def of_product(self, parts: Sequence[tuple[str, Any]], steps: Places) -> Value:
        """Factors with the signs before them, from left to right."""
        signs = {sign for sign, _ in parts[1:]}
        values: list[tuple[str, Value | None]] = []
        for place, (sign, part) in enumerate(parts):
            # 1 vᵀ: a column of ones. A number that is 1 is written nowhere before another factor.
            is_ones = part == ("number", "1") and place == 0 and len(parts) > 1 and parts[1][0] == ""
            values.append((sign, None if is_ones else self.value(part, steps)))
        are_arrays = [value is None or not value.is_number for _, value in values]
        is_entrywise = "⊙" in signs or any(sign == "/" and is_array for (sign, _), is_array in zip(values, are_arrays, strict=True))
        for place in range(1, len(values)):
            if values[place][0] == "" and are_arrays[place] and any(are_arrays[:place]) and is_entrywise:
                raise Ambiguous("a product of matrices and one of entries without brackets")
        _, whole = values[0]
        for sign, value in values[1:]:
            whole = self.times(whole, sign, value)
        assert whole is not None
        return whole

    def times(self, left: Value | None, sign: str, right: Value | None) -> Value:
        if left is None:
            assert right is not None
            if right.rows is not None:
                raise Ambiguous("a column of ones before what is no row")
            return Value(right.array, OPEN, right.columns)
        assert right is not None
        if left.is_number or right.is_number or sign in ("⊙", "/"):
            function = np.divide if sign == "/" else np.multiply
            if not left.is_number and not right.is_number and sign not in ("⊙", "/"):
                raise Ambiguous("two arrays without a sign")
            constants = [("constant", left), ("constant", right)]
            return self.of_entrywise(function, constants, {})
        if right.rows is None and right.columns == OPEN:
            if left.columns is not None:
                raise Ambiguous("a row of ones behind what is no column")
            return Value(left.array, left.rows, OPEN)
        inner = {(axis or "").rstrip("′") for axis in (left.columns, right.rows)}
        if OPEN in inner or len(inner) > 1:
            raise Ambiguous(f"a product over {left.columns} and {right.rows}")
        return Value(left.array @ right.array, left.rows, right.columns)

    def of_constant(self, value: Value, steps: Places) -> Value:
        return value

    def of_sum(self, letters: Sequence[str], inside: Any, steps: Places) -> Value:
        for letter in letters:
            if _has_step(inside, letter):
                rest = [other for other in letters if other != letter]
                body = ("sum", rest, inside) if rest else inside
                every = [self.value(body, {**steps, letter: place}) for place in range(self.sizes[letter])]
                return Value(np.asarray(sum(value.array for value in every)), every[0].rows, every[0].columns)
        value = self.value(inside, steps)
        # Over both axes of a square matrix: the second first, which alone has a prime.
        for letter in sorted(letters, key=lambda letter: not letter.endswith("′")):
            value = _added(value, letter)
        return value

    def of_where(self, yes: Any, test: Any, no: Any, steps: Places) -> Value:
        return self.of_entrywise(lambda t, y, n: np.where(t != 0, y, n), (test, yes, no), steps)

    def of_test(self, sign: str, left: Any, right: Any, steps: Places) -> Value:
        return self.of_entrywise(COMPARISONS[sign], (left, right), steps)


def _put_in(tree: Any, identity: Any) -> Any:
    if tree == ("identity",):
        return identity
    is_square = identity[1].rows == (identity[1].columns or "").rstrip("′")
    if isinstance(tree, tuple) and tree[:1] in (("inverse",), ("of_matrix",)) and not is_square:
        return tree
    return type(tree)(_put_in(part, identity) for part in tree) if isinstance(tree, tuple | list) else tree


def _place(text: str, steps: Places) -> int:
    """t - 1, 2 i + p: whole numbers times letters, added up."""
    total = 0
    for sign, factor, letter, number in re.findall(r"([-+]?)\s*(?:(\d+)? ?([^\W\d]\w*)|(\d+))", text):
        size = int(factor or 1) * steps[letter] if letter else int(number)
        total += -size if sign == "-" else size
    return total


def _of(array: Array, axes: Sequence[str]) -> Value:
    if len(axes) == 2:
        first, second = axes
        return Value(array, first, f"{second}′" if first == second else second)
    return Value(array.reshape(-1, 1) if axes else array, axes[0] if axes else None)


def _same(axes: Sequence[Axis]) -> Axis:
    """The axis that all have; those that are open have any. Of a square matrix either may come first."""
    fixed = {axis.rstrip("′") if axis else axis for axis in axes if axis != OPEN}
    if len(fixed) > 1:
        raise Ambiguous(f"entries along {sorted(map(str, fixed))}")
    if not axes:
        return None
    return next((axis for axis in axes if axis != OPEN), OPEN)


def _added(value: Value, letter: str) -> Value:
    """The sum over the axis that a letter names; with a prime, the second of two of that name."""
    name, is_second = letter.rstrip("′"), letter.endswith("′")
    matching = [side for side in ("rows", "columns") if (getattr(value, side) or "").rstrip("′") == name]
    if len(matching) == 2:
        side = matching[int(is_second)]
    elif len(matching) == 1 and not is_second:
        side = matching[0]
    else:
        raise Ambiguous(f"no axis {letter}, or two")
    if side == "columns":
        return Value(value.array.sum(axis=1, keepdims=True), value.rows)
    total = value.array.sum(axis=0)
    return Value(total.reshape(-1, 1), (value.columns or "").rstrip("′")) if value.columns else Value(total.reshape(()))


def _has_step(tree: Any, letter: str) -> bool:
    if isinstance(tree, tuple) and tree and tree[0] == "name":
        return bool(tree[2]) and re.search(rf"\b{letter}\b", tree[2]) is not None
    return isinstance(tree, tuple | list) and any(_has_step(part, letter) for part in tree)


class _Reader:
    """Text to a tree: sums of terms, chains of factors, what is raised, atoms."""

    def __init__(self, text: str) -> None:
        for raised, plain in SUPERSCRIPT.items():
            text = text.replace(raised, f"^{plain}")
        self.tokens: list[tuple[str, str, str | None]] = []
        place = 0
        while place < len(text.rstrip()):
            found = TOKEN.match(text, place)
            if not found or not found.lastgroup:
                raise Unread(text[place : place + 20])
            kind = "name" if found["name"] else str(found.lastgroup)
            self.tokens.append((kind, found[kind], found["slice"]))
            place = found.end()
        self.place = 0

    def whole(self) -> Any:
        tree = self.sum()
        if self.place < len(self.tokens):
            raise Unread(str(self.tokens[self.place :]))
        return tree

    def peek(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def take(self, expected: str | None = None) -> tuple[str, str, str | None]:
        if self.place >= len(self.tokens) or (expected is not None and self.peek() != expected):
            raise Unread(f"found {self.peek()!r}, expected {expected!r}")
        self.place += 1
        return self.tokens[self.place - 1]

    def sum(self) -> Any:
        negative = self.peek() == "-"
        if negative:
            self.take()
        whole = ("negative", self.product()) if negative else self.product()
        while self.peek() in ("+", "-"):
            sign = self.take()[1]
            whole = ("entrywise", np.add if sign == "+" else np.subtract, (whole, self.product()))
        return whole

    def product(self) -> Any:
        parts = [("", self.raised())]
        while self.place < len(self.tokens):
            kind, text, _ = self.tokens[self.place]
            if text in ("⊙", "/", "·"):
                self.take()
                parts.append(("" if text == "·" else text, self.raised()))
            elif (kind in ("name", "number", "sum") and text not in ("where", "else", "if")) or text in ("(", "[", "√"):
                parts.append(("", self.raised()))
            else:
                break
        return parts[0][1] if len(parts) == 1 else ("product", parts)

    def raised(self) -> Any:
        whole = self.atom()
        while self.peek() in ("ᵀ", "⁻¹", "⁻ᵀ", "^", "^⊙"):
            sign = self.take()[1]
            if sign in ("⁻¹", "⁻ᵀ"):
                whole = ("inverse", whole if sign == "⁻¹" else ("transpose", whole))
                continue
            whole = ("transpose", whole) if sign == "ᵀ" else ("entrywise", np.power, (whole, self.atom()))
        return whole

    def atom(self) -> Any:
        kind, text, places = self.take()
        if kind == "sum":
            return ("sum", text[2:].split(","), self.raised())
        if kind == "number":
            return ("number", text)
        if kind == "name" and places is None and self.peek() == "(" and text in ("det", "chol"):
            self.take()
            inside = self.sum()
            self.take(")")
            return ("of_matrix", text, inside)
        if kind == "name" and places is None and self.peek() == "(" and (text in FUNCTIONS or text == "onehot"):
            self.take()
            arguments = [self.sum()]
            while self.peek() == ",":
                self.take()
                arguments.append(self.sum())
            self.take(")")
            return ("onehot", *arguments) if text == "onehot" else ("entrywise", FUNCTIONS[text], tuple(arguments))
        if kind == "name":
            return ("identity",) if text == "I" and places is None else ("name", text, places)
        match text:
            case "√":
                return ("entrywise", np.sqrt, (self.atom(),))
            case "|":
                inside = self.sum()
                self.take("|")
                return ("entrywise", np.abs, (inside,))
            case "[":
                test = self.test()
                self.take("]")
                return test
            case "(":
                inside = self.sum()
                if self.peek() in ("where", "if"):
                    self.take()
                    test = self.test()
                    self.take("else")
                    inside = ("where", inside, test, self.sum())
                self.take(")")
                return inside
        raise Unread(text)

    def test(self) -> Any:
        left = self.sum()
        if self.peek() not in COMPARISONS:
            return left
        sign = self.take()[1]
        return ("test", sign, left, self.sum())
