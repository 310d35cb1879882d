"""What stands in brackets of a formula: a value, one of several by a condition, or 1 where a test holds."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from .signs import CLOSING, COMPARED
from .unread import stopped


def name(identifier: str) -> ast.Name:
    return ast.Name(identifier.replace("'", "_"), ast.Load())


def call(function: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(name(function), list(arguments), [])


@dataclass
class Conditions:
    """Goes through the signs of a line once."""

    signs: Sequence[str]
    place: int = field(default=0, kw_only=True)

    def peek(self, ahead: int = 0) -> str:
        return self.signs[self.place + ahead] if self.place + ahead < len(self.signs) else ""

    def take(self, expected: str | None = None) -> str:
        sign = self.peek()
        if not sign or (expected is not None and sign != expected):
            raise stopped(sign)
        self.place += 1
        return sign

    def expression(self) -> ast.expr:
        raise NotImplementedError

    def bracket(self) -> ast.expr:
        """What stands in brackets, which may be one of several by a condition: (a if z > 0 else b)."""
        opening = self.take()
        value = self.expression()
        if self.peek() in ("if", "where"):
            value = self.chosen(value)
        self.take(CLOSING[opening])
        return value

    def chosen(self, value: ast.expr) -> ast.expr:
        self.take()
        test = self.test()
        self.take("else")
        other = self.expression()
        return call("where", test, value, self.chosen(other) if self.peek() in ("if", "where") else other)

    def indicator(self) -> ast.expr:
        """1 where a test holds, else 0."""
        self.take("[")
        test = self.test(("and", ","))
        self.take("]")
        return ast.List([test], ast.Load())

    def test(self, signs: Sequence[str] = ("and",)) -> ast.expr:
        tests = [self.comparison()]
        while self.peek() in signs:
            self.take()
            tests.append(self.comparison())
        return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)

    def comparison(self) -> ast.expr:
        left = self.expression()
        operators: list[ast.cmpop] = []
        others: list[ast.expr] = []
        while self.peek() in COMPARED:
            operators.append(COMPARED[self.take()]())
            others.append(self.expression())
        if not others:
            raise stopped(self.peek())
        return ast.Compare(left, operators, others)
