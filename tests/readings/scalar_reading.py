"""A second reading of the equation language, written without `symbolic`: entry by entry, by loops over the letters.

A network's entries may be floats or SymPy expressions; `Arithmetic` says how functions and comparisons of either are taken. A letter's
range is what `sizes` says of it, a read out of range is 0 or the boundary value, and entries are worked out when they are asked for.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np
import sympy

Scalar = Any
#: The place that a label says which is not there: none of any axis, also some steps away.
NOWHERE = -(10**9)
Letters = dict[str, int]


class step(sympy.Function):  # type: ignore[misc]  # noqa: N801
    """1 above 0, else 0; its derivative is 0. Conditions inside of conditions take SymPy's `Piecewise` minutes."""

    nargs = 1

    @classmethod
    def eval(cls, argument: Scalar) -> Scalar:
        return sympy.Integer(bool(argument > 0)) if argument.is_Rational else None

    def fdiff(self, argindex: int = 1) -> Scalar:
        return sympy.Integer(0)


@dataclass(frozen=True)
class Arithmetic:
    """Functions of one number by name, and the choice between two numbers where a third is above 0."""

    functions: Mapping[str, Callable[[Scalar], Scalar]]
    choice: Callable[[Scalar, Scalar, Scalar], Scalar]
    largest: Callable[[list[Scalar]], Scalar]
    pi: Scalar


def _float_choice(above: Scalar, yes: Scalar, no: Scalar) -> Scalar:
    return yes if above > 0 else no


def _symbolic_choice(above: Scalar, yes: Scalar, no: Scalar) -> Scalar:
    side = step(sympy.sympify(above))
    return side * yes + (1 - side) * no


def _symbolic_largest(values: list[Scalar]) -> Scalar:
    """The sum of all, each times whether it is the largest one, the first in a tie."""
    total = sympy.Integer(0)
    for place, value in enumerate(values):
        for other, rival in enumerate(values):
            if other != place:
                value = value * (step(values[place] - rival) if other < place else 1 - step(rival - values[place]))
        total += value
    return total


def _functions(module: Any, choice: Callable[[Scalar, Scalar, Scalar], Scalar], arc: str) -> dict[str, Callable[[Scalar], Scalar]]:
    names = "exp log sqrt sin cos tan sinh cosh tanh erf".split()
    plain = {name: getattr(module, name) for name in names if hasattr(module, name)}
    inverse = {f"arc{name}": getattr(module, arc + name) for name in ("sin", "cos", "tan")}
    kinked = {
        "abs": lambda u: choice(u, u, -u),
        "sign": lambda u: choice(u, 1, choice(-u, -1, 0)),
        "relu": lambda u: choice(u, u, 0),
        "sigmoid": lambda u: 1 / (1 + module.exp(-u)),
        "softplus": lambda u: module.log(1 + module.exp(u)),
    }
    return {**plain, **inverse, **kinked}


#: Of numbers alone.
OF_STEPS: dict[str, Callable[[Scalar], Scalar]] = {"round": np.rint, "floor": np.floor, "ceil": np.ceil, "stop": lambda u: u}
COMPARISONS = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
FLOATS = Arithmetic({**_functions(np, _float_choice, "arc"), **OF_STEPS, "erf": math.erf}, _float_choice, max, math.pi)
SYMBOLS = Arithmetic(_functions(sympy, _symbolic_choice, "a"), _symbolic_choice, _symbolic_largest, sympy.pi)


class Reading:
    """A network's equations with the entries of its given tensors, as nested mappings from places to numbers."""

    def __init__(
        self,
        equations: str,
        sizes: Mapping[str, int],
        given: Mapping[str, Mapping[tuple[int, ...], Scalar]],
        constants: Mapping[str, float],
        arithmetic: Arithmetic = FLOATS,
    ) -> None:
        self.sizes, self.arithmetic = sizes, arithmetic
        self.known: dict[str, dict[tuple[int, ...], Scalar]] = {name: dict(entries) for name, entries in given.items()}
        self.given = set(given)
        self.constants = constants
        self.defined: dict[str, tuple[list[str], ast.expr]] = {}
        self.boundaries: dict[str, list[tuple[list[str], ast.expr]]] = {}
        self.placed: dict[str, list[tuple[list[ast.expr], ast.expr]]] = {}
        lines = [line.split(" = ", 1) for line in equations.splitlines()]
        sums = {left.partition("[")[0].strip() for left, _ in lines if re.search(r"\w\s*[+*-]", left)}
        for left, right in lines:
            name, *places = re.findall(r"-?\w+", left)
            tree = ast.parse(right.strip(), mode="eval").body
            if name in sums:
                slices = ast.parse(left.strip(), mode="eval").body.slice  # type: ignore[attr-defined]
                self.placed.setdefault(name, []).append((slices.elts if isinstance(slices, ast.Tuple) else [slices], tree))
                self.known[name] = {}
            elif any(re.fullmatch(r"-?\d+", place) for place in places):
                self.boundaries.setdefault(name, []).append((places, tree))
            else:
                self.defined[name] = places, tree
                self.known[name] = {}
                self.last = name

    @property
    def cost(self) -> Scalar:
        return self.entry(self.last, ())

    def entry(self, name: str, places: tuple[int, ...]) -> Scalar:
        for own, tree in self.boundaries.get(name, []):
            letters = self.at_boundary(own, places)
            if letters is not None:
                return self.value(tree, letters)
        table = self.known[name]
        if name in self.given:
            return table.get(places, 0)
        if places not in table and name in self.placed:
            table[places] = sum(self.placed_value(indices, tree, places) for indices, tree in self.placed[name])
        if places not in table:
            own, tree = self.defined[name]
            if not all(0 <= at < self.sizes[letter] for letter, at in zip(own, places, strict=True)):
                return 0
            table[places] = self.value(tree, dict(zip(own, places, strict=True)))
        return table[places]

    def placed_value(self, indices: list[ast.expr], tree: ast.expr, places: tuple[int, ...]) -> Scalar:
        """What one line places here: the sum over all positions of the letters on its left that say this place."""
        own = sorted({node.id for index in indices for node in ast.walk(index) if isinstance(node, ast.Name)})
        positions = (dict(zip(own, at, strict=True)) for at in product(*(range(self.sizes[letter]) for letter in own)))
        here = (letters for letters in positions if tuple(self.position(index, letters) for index in indices) == places)
        return sum(self.value(tree, letters) for letters in here)

    def value(self, node: ast.expr, letters: Letters) -> Scalar:
        match node:
            case ast.Constant():
                return sympy.Rational(str(node.value)) if self.arithmetic is SYMBOLS else node.value
            case ast.Name(id="pi"):
                return self.arithmetic.pi
            case ast.Name() if node.id.isupper() and node.id.lower() in self.sizes and node.id not in self.known:
                return self.sizes[node.id.lower()]
            case ast.List(elts=[test]):
                return int(self.holds(test, letters))
            case ast.Name() if node.id in letters:
                return letters[node.id]
            case ast.Name():
                return self.constants[node.id] if node.id in self.constants else self.entry(node.id, ())
            case ast.Subscript():
                return self.entry(node.value.id, self.places(node, letters))  # type: ignore[attr-defined]
            case ast.UnaryOp(op=ast.USub()):
                return -self.value(node.operand, letters)
            case ast.BinOp():
                if isinstance(node.op, ast.Mult | ast.Div) and self.has_factor_out_of_range(node, letters):
                    return 0  # whatever is divided by there
                return self.operation(node.op, self.value(node.left, letters), self.value(node.right, letters))
            case ast.Call(func=ast.Name(id="softmax" | "log_softmax" | "cumsum" | "cumprod" as kind)):
                return self.along(kind, node.args, letters)
            case ast.Call(func=ast.Name(id="clip")):
                value, low, high = (self.value(argument, letters) for argument in node.args)
                return min(max(value, low), high)
            case ast.Call(func=ast.Name(id="sum" | "mean" | "max" | "logsumexp" | "prod" | "norm" | "var" | "std" as kind)):
                return self.reduction(kind, node.args, letters)
            case ast.Call(func=ast.Name(id="where")):
                return self.where(node, letters)
            case ast.Call(func=ast.Name(id=name)):
                arguments = [self.value(argument, letters) for argument in node.args]
                if name in ("maximum", "minimum"):
                    first, second = arguments
                    return self.arithmetic.choice(second - first if name == "maximum" else first - second, second, first)
                return self.arithmetic.functions[name](*arguments)
        raise NotImplementedError(ast.dump(node))

    def has_factor_out_of_range(self, node: ast.expr, letters: Letters) -> bool:
        """Whether a factor of a product is an entry that there is not."""
        match node:
            case ast.BinOp(op=ast.Mult()):
                return self.has_factor_out_of_range(node.left, letters) or self.has_factor_out_of_range(node.right, letters)
            case ast.BinOp(op=ast.Div()):
                return self.has_factor_out_of_range(node.left, letters)
            case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=float() | int())):
                return self.has_factor_out_of_range(node.left, letters)
            case ast.UnaryOp():
                return self.has_factor_out_of_range(node.operand, letters)
            case ast.Subscript():
                return not self.is_entry(node.value.id, self.places(node, letters))  # type: ignore[attr-defined]
        return False

    def is_entry(self, name: str, places: tuple[int, ...]) -> bool:
        """Whether there is a value, the tensor's own or one of its boundary."""
        if any(self.at_boundary(own, places) is not None for own, _ in self.boundaries.get(name, [])):
            return True
        if name in self.given:
            return places in self.known[name]
        if name in self.placed:
            return True
        return all(0 <= at < self.sizes[letter] for letter, at in zip(self.defined[name][0], places, strict=True))

    def at_boundary(self, own: list[str], places: tuple[int, ...]) -> Letters | None:
        """The letters of a boundary that has a value at these places. It is as long as their ranges: beside its ends there is nothing."""
        fixed = [place for place, letter in enumerate(own) if re.fullmatch(r"-?\d+", letter)]
        letters = {letter: at for letter, at in zip(own, places, strict=True) if letter.isidentifier()}
        is_inside = all(0 <= at < self.sizes[letter] for letter, at in letters.items())
        is_there = is_inside and all(places[place] == int(own[place]) for place in fixed)
        return letters if is_there else None

    def places(self, node: ast.Subscript, letters: Letters) -> tuple[int, ...]:
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return tuple(self.position(part, letters) for part in parts)

    def position(self, node: ast.expr, letters: Letters) -> int:
        match node:
            case ast.Name():
                return letters[node.id]
            case ast.Subscript():
                name, places = node.value.id, self.places(node, letters)  # type: ignore[attr-defined]
                return int(self.entry(name, places)) if self.is_entry(name, places) else NOWHERE
            case ast.Constant():
                return int(node.value)
            case ast.UnaryOp(op=ast.USub()):
                return -self.position(node.operand, letters)
            case ast.BinOp():
                return int(self.operation(node.op, self.position(node.left, letters), self.position(node.right, letters)))
        raise NotImplementedError(ast.dump(node))

    def operation(self, sign: ast.operator, left: Scalar, right: Scalar) -> Scalar:
        match sign:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div():
                return left / right
            case ast.Pow():
                return left**right
        raise NotImplementedError(ast.dump(sign))

    def holds(self, test: ast.expr, letters: Letters) -> bool:
        """Of numbers alone: SymPy's have other case distinctions."""
        match test:
            case ast.BoolOp(op=ast.And()):
                return all(self.holds(each, letters) for each in test.values)
            case ast.BoolOp():
                return any(self.holds(each, letters) for each in test.values)
            case ast.UnaryOp(op=ast.Not()):
                return not self.holds(test.operand, letters)
        assert isinstance(test, ast.Compare)
        values = [self.value(each, letters) for each in (test.left, *test.comparators)]
        return all(COMPARISONS[type(sign)](*pair) for sign, pair in zip(test.ops, pairwise(values), strict=True))

    def along(self, kind: str, arguments: list[ast.expr], letters: Letters) -> Scalar:
        """One value for each place of a letter: of all its places, or of those up to it. Beside a part of an axis there is 0."""
        (letter, test), body = _ranged(arguments[0]), arguments[1]
        own = [{**letters, letter: at} for at in range(self.sizes[letter])]
        if kind in ("cumsum", "cumprod"):
            values = [self.value(body, at) for at in own[: letters[letter] + 1]]
            return sum(values) if kind == "cumsum" else math.prod(values)
        if test is not None and not self.holds(test, letters):
            return 0
        values = {at[letter]: self.value(body, at) for at in own if test is None or self.holds(test, at)}
        total = sum(math.exp(value) for value in values.values())
        return math.exp(values[letters[letter]]) / total if kind == "softmax" else values[letters[letter]] - math.log(total)

    def where(self, node: ast.Call, letters: Letters) -> Scalar:
        test, *branches = node.args
        if not isinstance(test, ast.Compare) or len(test.ops) > 1 or isinstance(test.ops[0], ast.Eq | ast.NotEq):
            return self.value(branches[not self.holds(test, letters)], letters)
        left, right = self.value(test.left, letters), self.value(test.comparators[0], letters)
        yes, no = (self.value(branch, letters) for branch in branches)
        match test.ops[0]:
            case ast.Gt():
                return self.arithmetic.choice(left - right, yes, no)
            case ast.Lt():
                return self.arithmetic.choice(right - left, yes, no)
            case ast.GtE():
                return self.arithmetic.choice(right - left, no, yes)
            case _:
                return self.arithmetic.choice(left - right, no, yes)

    def reduction(self, kind: str, arguments: list[ast.expr], letters: Letters) -> Scalar:
        *ranges, body = arguments
        if kind == "norm" and not ranges:
            raise NotImplementedError(kind)
        own, tests = zip(*map(_ranged, ranges), strict=True)
        everywhere = ({**letters, **dict(zip(own, places, strict=True))} for places in product(*(range(self.sizes[one]) for one in own)))
        values = [self.value(body, at) for at in everywhere if all(test is None or self.holds(test, at) for test in tests)]
        match kind:
            case "max":
                return self.arithmetic.largest(values)
            case "prod":
                return math.prod(values)
            case "logsumexp":
                return math.log(sum(map(math.exp, values)))
            case "norm":
                return math.sqrt(sum(value**2 for value in values))
            case "var" | "std":
                mean = sum(values) / len(values)
                variance = sum((value - mean) ** 2 for value in values) / len(values)
                return variance if kind == "var" else math.sqrt(variance)
        return sum(values[1:], values[0]) / (len(values) if kind == "mean" else 1)


def _ranged(node: ast.expr) -> tuple[str, ast.expr | None]:
    """The letter that a word runs over, and the condition that says over which part of its axis."""
    if isinstance(node, ast.Name):
        return node.id, None
    assert isinstance(node, ast.Compare)
    first = node.comparators[0] if len(node.ops) > 1 else node.left
    assert isinstance(first, ast.Name)
    return first.id, node
