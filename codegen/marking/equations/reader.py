"""Formulas as syntax trees: those that the equation language, the terminal and NumPy write for them.

    sum      product + product - …
    product  power power / power ⊙ power @ power …, from left to right; what stands beside each other is multiplied
    power    atom, with ^2, **2, ⊤ or .T behind it
    atom     a number, z1[n,j], exp(…), (…), |…|, √…, Σ_n,j product, [i = j], δ(i,j), ∂C/∂W1[j,i], ∂z1[n,j]/∂W1[j,i]

A tree is one of Python, so that a line in NumPy and a formula are changed by the same edits: a product without a sign is `a @ b`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from chainrule.codegen.marking.python.reasons import Unreadable

from .conditions import Conditions, call, name
from .signs import BINDING, ENDS, FUNCTIONS, IS_NAME, IS_NUMBER, NOT_READ, PRODUCTS, SLOPES
from .unread import stopped

DEEPEST = 40
#: What stands behind a whole quantity and not behind the letter of a sum: Σ_n − log p is one, and so is Σ_n, t p.
BEHIND_A_NAME = (ENDS - {"+", "-", "|", ","}) | {"[", "^", *PRODUCTS}
LONGEST_LETTER = 3
IsGradient = Callable[[str, str], bool]


@dataclass
class Reader(Conditions):
    """Recursive descent over the signs of one line; `is_gradient` says whether ∂C/∂h is the whole gradient by h, or what C reads of h."""

    is_gradient: IsGradient
    depth: int = 0

    def expression(self) -> ast.expr:
        """A whole expression.

        Raises:
            Unreadable: where there is something else, or brackets are nested too deeply.
        """
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable("deep")
        value = self.terms()
        self.depth -= 1
        return value

    def terms(self) -> ast.expr:
        sign = self.take() if self.peek() in ("+", "-") else "+"
        total = self.product()
        if sign == "-":
            total = ast.UnaryOp(ast.USub(), total)
        while self.peek() in ("+", "-"):
            operator = ast.Add() if self.take() == "+" else ast.Sub()
            total = ast.BinOp(total, operator, self.product())
        return total

    def product(self) -> ast.expr:
        value = self.power()
        while self.peek() not in ENDS:
            sign = PRODUCTS.get(self.peek(), ast.MatMult)
            if self.peek() in PRODUCTS:
                self.take()
            value = ast.BinOp(value, sign(), self.factor())
        return value

    def factor(self) -> ast.expr:
        """A power, with a sign before it or not."""
        if self.peek() == "-":
            self.take()
            return ast.UnaryOp(ast.USub(), self.power())
        return self.power()

    def power(self) -> ast.expr:
        value = self.atom()
        while self.peek() in ("^", "**", "⊤", ".T"):
            if self.take() in ("⊤", ".T"):
                value = ast.Attribute(value, "T", ast.Load())
                continue
            if self.peek() == "⊙":
                self.take()
            if self.peek() == "⊤":
                continue
            negative = self.peek() == "-"
            if negative:
                self.take()
            exponent = self.atom()
            value = ast.BinOp(value, ast.Pow(), ast.UnaryOp(ast.USub(), exponent) if negative else exponent)
        return value

    def atom(self) -> ast.expr:
        sign = self.peek()
        if sign == "Σ":
            return self.total()
        if sign == "∂":
            return self.derivative()
        if sign == "√":
            self.take()
            return call("sqrt", self.atom())
        if sign == "|":
            return self.absolute()
        if sign in ("(", "{"):
            return self.bracket()
        if sign == "[":
            return self.indicator()
        if IS_NUMBER.match(sign):
            text = self.take()
            try:
                number = float(text)
            except ValueError:
                raise stopped(text) from None
            return ast.Constant(int(number) if number.is_integer() and number < 1e15 and "e" not in text.lower() else number)
        if IS_NAME.match(sign):
            return self.named()
        raise stopped(sign)

    def total(self) -> ast.expr:
        """Σ_n,j of what follows up to the next + or -."""
        self.take("Σ")
        letters = self.below()
        return call("sum", *letters, self.product())

    def below(self) -> list[ast.expr]:
        """The letters below a sign: _n,j."""
        first = self.take()
        if first == "_" and self.peek() == "(":
            self.take("(")
            letters = self.letters(self.take())
            self.take(")")
            return letters
        if not first.startswith("_") or len(first) < 2:
            raise stopped(first)
        return self.letters(first[1:])

    def letters(self, first: str) -> list[ast.expr]:
        found: list[ast.expr] = [name(first)]
        while self.peek() == "," and IS_NAME.match(self.peek(1)):
            self.take()
            found.append(name(self.take()))
        return found

    def derivative(self) -> ast.expr:
        """∂C/∂W1[j,i] is the gradient dW1[j,i]; of another entry it is a local derivative."""
        self.take("∂")
        of = self.entry()
        self.take("/")
        self.take("∂")
        by = self.entry()
        if self.peek() == "[" and isinstance(by, ast.Name):
            by = self.indexed(by)
        head = by.value if isinstance(by, ast.Subscript) else by
        if isinstance(of, ast.Name) and isinstance(head, ast.Name) and self.is_gradient(of.id, head.id):
            whole = name(f"d{head.id}")
            return ast.Subscript(whole, by.slice, ast.Load()) if isinstance(by, ast.Subscript) else whole
        return call("derivative", of, by)

    def target(self) -> ast.expr:
        """What an equation is of: an entry, an array, or a derivative."""
        if self.peek() == "∂":
            return self.derivative()
        if self.peek() == "derivative" and self.peek(1) == "(":
            return self.called(self.take())
        return self.entry()

    def entry(self) -> ast.expr:
        """A name with its indices, if it has any."""
        if not IS_NAME.match(self.peek()):
            raise stopped(self.peek())
        own = name(self.take())
        return self.indexed(own) if self.peek() == "[" else own

    def indexed(self, own: ast.expr) -> ast.expr:
        self.take("[")
        places = [self.index()]
        while self.peek() == ",":
            self.take()
            places.append(self.index())
        self.take("]")
        return ast.Subscript(own, places[0] if len(places) == 1 else ast.Tuple(places, ast.Load()), ast.Load())

    def index(self) -> ast.expr:
        if self.peek() == ":":
            self.take()
            return ast.Slice()
        return self.expression()

    def absolute(self) -> ast.expr:
        self.take("|")
        inside = self.expression()
        self.take("|")
        return call("abs", inside)

    def named(self) -> ast.expr:
        """An entry, an array, a number by its name, or a function of what follows in brackets."""
        sign = self.take()
        if sign in ("np", "numpy") and self.peek() == ".":
            self.take()
            sign = self.take()
        if sign in ("δ", "delta") and self.peek() == "(":
            return self.delta()
        if sign in SLOPES and self.peek() == "(":
            return self.called(SLOPES[sign])
        stem, _, letter = sign.partition("_")
        if stem in NOT_READ and (letter or self.peek() in ("(", "_")):
            raise stopped(stem)
        # Behind Σ_j something follows; a quantity may be called norm_logits.
        is_bound = 0 < len(letter) <= LONGEST_LETTER and self.peek() not in BEHIND_A_NAME
        if stem in BINDING and is_bound and sign not in BINDING | FUNCTIONS:
            return call(stem, *self.letters(letter), self.power())
        if sign in FUNCTIONS and self.peek() not in ENDS | {"(", "[", "^", "_"}:
            return call("log" if sign == "ln" else sign, self.power())
        if sign in FUNCTIONS and self.peek() == "^" and self.peek(1) == "(":
            self.take()
            exponent = self.atom()
            return ast.BinOp(self.called(sign), ast.Pow(), exponent)
        if sign in BINDING | FUNCTIONS and self.peek() == "(":
            return self.called("log" if sign == "ln" else sign)
        if sign in ("max", "argmax", "min") and self.peek() == "_":
            return call(sign, *self.below(), self.power())
        own = name(sign)
        return self.indexed(own) if self.peek() == "[" else own

    def delta(self) -> ast.expr:
        self.take("(")
        first = self.expression()
        self.take(",")
        second = self.expression()
        self.take(")")
        return ast.List([ast.Compare(first, [ast.Eq()], [second])], ast.Load())

    def called(self, function: str) -> ast.expr:
        self.take("(")
        arguments: list[ast.expr] = []
        keywords: list[ast.keyword] = []
        while self.peek() != ")":
            if IS_NAME.match(self.peek()) and self.peek(1) == "=":
                key = self.take()
                self.take()
                keywords.append(ast.keyword(key, self.expression()))
            elif function == "where" and not arguments:
                arguments.append(self.test())
            else:
                arguments.append(self.expression())
            if self.peek() != ")":
                self.take(",")
        self.take(")")
        if function in ("max", "min") and len(arguments) == 2 and any(isinstance(each, ast.Constant) for each in arguments):
            function = f"{function}imum"
        return ast.Call(name(function), arguments, keywords)
