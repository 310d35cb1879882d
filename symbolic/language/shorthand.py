"""What is said shortly, written out in what the language has, before anything is read as an expression.

    softmax(k, u[k])        exp(u[k])/sum(k_, exp(u[k_]))
    sum(t < T - 1, u[t])    sum(t, where(t < N_t - 1, u[t], 0))
    cumsum(t, u[t])         a tensor of its own, c[t] = c[t-1] + u[t]

So nothing here has a derivative of its own. T, where nothing else is called so, is how many places t has, as N_t is.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from chainrule.symbolic.index.axes import PRIME, size_symbol
from chainrule.symbolic.index.limits import DEEPEST_NESTING, MOST_PARTS

from .axis_inference import letters_of_place
from .equation_lines import EquationLine
from .functions import RECURRENT, REDUCTIONS, SHORT, WRITTEN
from .further_equations import FurtherEquations, steps
from .part_of_axis import bound_letters, is_never_empty, number_of_places
from .syntax import TOO_DEEP, Syntax
from .trees import call, filled, joined, names_in, names_of, renamed, subscript

#: What stands for the argument where a range leaves it out; of -10**9 the exponential is 0, and the largest can be subtracted before.
LEFT_OUT = {
    "sum": "0",
    "prod": "1",
    "cumsum": "0",
    "cumprod": "1",
    "norm": "0",
    "max": "-10**38",
    **dict.fromkeys(("softmax", "log_softmax", "logsumexp"), "-10**9"),
}
#: Over a range that may be empty, where what is outside of it is what it is elsewhere too. The exponential of the largest is 1 then, so
#: that nothing is divided by 0; it is no variable, since it cancels.
OVER_PART = {
    "softmax": "where(C, exp(E - stop(max(K_, E_)))/sum(K_, exp(E_ - stop(max(K__, E__)))), 0)",
    "log_softmax": "where(C, E - stop(max(K_, E_)) - log(sum(K_, exp(E_ - stop(max(K__, E__))))), -10**9)",
}
#: What has no value for a part of an axis.
WHOLE_AXES = ("det", "logdet")
NEEDS_EQUATIONS = "makes an equation of its own, which a formula cannot have; write the network as equations"


@dataclass(frozen=True)
class Meanings:
    """What the names of a text stand for: its index `letters`, the `others`, and the sizes that are `fixed`."""

    letters: Collection[str] = ()
    others: Collection[str] = ()
    fixed: Mapping[str, int] = field(default_factory=dict)

    def counted_letter(self, name: str) -> str | None:
        """The letter whose places a name counts: t of T and of N_t."""
        if name in self.letters or name in self.others:
            return None
        short = name.lower() if len(name) == 1 and name.isupper() else ""
        return self.spelled.get(name, short if short in self.letters else None)

    def least_size(self, name: str) -> int | None:
        """The least that a name is which counts places: an axis has one, if its size is not fixed."""
        letter = self.counted_letter(name)
        return None if letter is None else self.fixed.get(letter, 1)

    @cached_property
    def spelled(self) -> dict[str, str]:
        """N_t for every letter t."""
        return {size_symbol(letter).name: letter for letter in self.letters}


@dataclass
class Shorthands:
    """Writes out one text: a formula, or the right side of a `line`, of whose system the `products` hold further equations."""

    syntax: Syntax
    meanings: Meanings = field(default_factory=Meanings)
    line: EquationLine | None = None
    products: FurtherEquations | None = None
    parts: int = 0

    def written(self) -> Syntax:
        """The text with its tree written out.

        Raises:
            InvalidDescription: where a shorthand is used wrongly, or is too long written out.
        """
        return replace(self.syntax, tree=self.any(self.syntax.tree, self.left, 0))

    def equation(self, is_alone: bool, is_read_before: bool) -> list[EquationLine]:
        """The line written out; a running sum or product that is all of it, `is_alone` with its name, is that tensor itself.

        Not so a product that may be read before its first place: there the tensor is 0, and what the steps begin with is 1.
        """
        assert self.line is not None
        match self.syntax.tree:
            case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=letter), body]) if name in ("cumsum", "cumprod"):
                is_itself = is_alone and (name == "cumsum" or not is_read_before)
                if is_itself and self.line.is_plain and letter in self.line.letters:
                    return steps(name, self.line.name, self.line.letters, letter, self.any(body, self.left, 1), self.line)
        return [replace(self.line, right=self.written())]

    @cached_property
    def left(self) -> tuple[str, ...]:
        """The letters on the left side."""
        return () if self.line is None else tuple(letter for place in self.line.places for letter in letters_of_place(place))

    def any(self, node: ast.expr, bound: tuple[str, ...], depth: int) -> ast.expr:
        """A node written out; `bound` are the letters that have a place here, those of the left side first."""
        self.parts += 1
        if depth > DEEPEST_NESTING:
            raise self.syntax.at(node, TOO_DEEP)
        if self.parts > MOST_PARTS:
            raise self.syntax.at(node, f"written out, an equation of more than {MOST_PARTS} names, numbers and operators")
        match node:
            case ast.Name(id=name) if (letter := self.meanings.counted_letter(name)) is not None:
                return self.size(node, letter)
            case ast.Call(func=ast.Name(id="grad"), args=[of, by]) if not isinstance(of, ast.Name):
                return self.any(call("grad", self.number(of, node, depth), by, at=node), bound, depth)
            case ast.Call(func=ast.Name(id=name)) if len(node.args) > 1 and not node.keywords:
                if name in REDUCTIONS or name in WRITTEN or name in RECURRENT:
                    return self.over_letters(node, name, bound, depth)
            case ast.Call(func=ast.Name(id=name)) if name in SHORT:
                raise self.syntax.at(node, f"{name} takes its letters and an expression, as in {name}(k, u[k])")
            case ast.Subscript(value=ast.Name()):
                return self.entry(node, bound, depth)
        return self.with_parts(node, bound, depth)

    def with_parts(self, node: ast.expr, bound: tuple[str, ...], depth: int) -> ast.expr:
        if isinstance(node, ast.Name):
            return ast.copy_location(ast.Name(node.id), node)
        fields: dict[str, Any] = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and name != "func":
                fields[name] = self.any(value, bound, depth + 1)
            elif isinstance(value, list):
                fields[name] = [self.any(part, bound, depth + 1) if isinstance(part, ast.expr) else part for part in value]
            else:
                fields[name] = value
        return ast.copy_location(type(node)(**fields), node)

    def number(self, of: ast.expr, node: ast.expr, depth: int) -> ast.expr:
        """The name of what a gradient is of."""
        if self.products is None or self.line is None:
            raise self.syntax.at(node, f"grad {NEEDS_EQUATIONS}")
        return ast.copy_location(ast.Name(self.products.number(self.any(of, (), depth + 1), self.line)), of)

    def size(self, node: ast.expr, letter: str) -> ast.expr:
        size = self.meanings.fixed.get(letter)
        made: ast.expr = ast.Name(size_symbol(letter).name) if size is None else ast.Constant(size)
        return ast.copy_location(made, node)

    def over_letters(self, node: ast.Call, name: str, bound: tuple[str, ...], depth: int) -> ast.expr:
        """A function over letters, which are given by themselves or with their range."""
        *given, body = node.args
        letters, condition = bound_letters(node, name, self.syntax)
        if condition is not None and name in WHOLE_AXES:
            raise self.syntax.at(given[0], f"{name} takes whole axes; write {name}({', '.join(letters)}, …)")
        may_be_empty = condition is not None and not is_never_empty(condition, letters[0], bound, self.meanings.least_size)
        if condition is not None and may_be_empty and name == "max":
            remedy = f"write the least that it may be where the range ends, as in max({letters[0]}, where({ast.unparse(condition)}, …, 0))"
            raise self.syntax.at(given[0], f"this range may be empty, and then nothing is the largest; {remedy}")
        if condition is not None and name in LEFT_OUT:
            body = filled(f"where(C, E, {LEFT_OUT[name]})", {"C": [condition], "E": [body]}, node)
            given = names_of(letters, node)
        if name in RECURRENT:
            return self.recurrence(node, name, letters, body, bound, depth)
        if name == "mean" and condition is not None:
            count = number_of_places(condition, letters[0], self.meanings.counted_letter) if len(given) == 1 else None
            parts = {"K": given, "E": [body], "M": [count or call("sum", *given, ast.Constant(1), at=node)]}
            return self.any(filled("sum(K, E)/M", parts, node), bound, depth)
        if name in WRITTEN:
            others = self.elsewhere(letters, node, bound)
            parts = {"K": given, "E": [body], "K_": [renamed(part, others) for part in given], "E_": [renamed(body, others)]}
            if condition is not None and may_be_empty and name in OVER_PART:
                third = self.elsewhere(letters, node, joined(bound, tuple(others.values())))
                parts |= {"C": [condition], "K__": [renamed(part, third) for part in given], "E__": [renamed(body, third)]}
                return self.any(filled(OVER_PART[name], parts, node), bound, depth)
            return self.any(filled(WRITTEN[name], parts, node), bound, depth)
        return call(name, *names_of(letters, node), self.any(body, joined(bound, letters), depth + 1), at=node)

    def elsewhere(self, letters: Iterable[str], node: ast.expr, bound: Collection[str]) -> dict[str, str]:
        """For every letter another of the same axis, which nothing around or inside uses."""
        taken = {*bound, *self.left, *names_in(node)}
        found: dict[str, str] = {}
        for letter in letters:
            other = letter + PRIME
            while other in taken:
                other += PRIME
            taken.add(other)
            found[letter] = other
        return found

    def entry(self, node: ast.Subscript, bound: tuple[str, ...], depth: int) -> ast.expr:
        """An entry at a place that counts from the end of an axis whose size is not known is a sum with one term."""
        assert isinstance(node.value, ast.Name)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        for number, part in enumerate(parts):
            counted = [letter for name in names_in(part) if (letter := self.meanings.counted_letter(name)) is not None]
            if not all(letter in self.meanings.fixed for letter in counted):
                (other,) = names_of(self.elsewhere(counted[:1], node, bound).values(), part)
                places = [other if place == number else each for place, each in enumerate(parts)]
                read = {"K": [other], "P": [part], "E": [subscript(node.value.id, places, node)]}
                return self.any(filled("sum(K, where(K == P, E, 0))", read, node), bound, depth)
        return self.with_parts(node, bound, depth)

    def recurrence(
        self, node: ast.Call, name: str, letters: tuple[str, ...], body: ast.expr, bound: tuple[str, ...], depth: int
    ) -> ast.expr:
        """The entry of the tensor that the steps make up: the last one of a product, else that of the letter."""
        if self.products is None or self.line is None:
            raise self.syntax.at(node, f"{name} {NEEDS_EQUATIONS}")
        first, *others = letters
        if others and name != "prod":
            raise self.syntax.at(node, f"{name} runs along one axis, found {', '.join(letters)}")
        if others:
            body = call(name, *names_of(others, node), body, at=node)
        if name != "prod" and first not in bound:
            raise self.syntax.at(node, f"{name}({first}, …) has a value at every {first}, but none stands on the left or is summed over")
        body = self.any(body, joined(bound, (first,)), depth + 1)
        read = names_in(body)
        own = [letter for letter in bound if letter in read and letter != first]
        made = self.products.named(name, [*own, first], first, body, self.line)
        if name != "prod":
            return subscript(made, names_of([*own, first], node), node)
        end = filled("T - 1", {"T": [ast.Name(size_symbol(first).name)]}, node)
        return self.any(subscript(made, [*names_of(own, node), end], node), joined(bound, (first,)), depth)
