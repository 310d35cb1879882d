"""Expressions as formulas or text: one walk over the tree with one table of precedences; a subclass says how each thing looks.

A node that no rule knows raises, naming itself; nothing is ever printed by falling back to `str`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import IntEnum
from typing import Generic, TypeVar

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol
from sympy.core.relational import Relational

from chainrule.symbolic.derivation.implicit_equations import ImplicitEquation
from chainrule.symbolic.derivation.partial_derivative import PartialDerivative
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.functions import NAMES
from chainrule.symbolic.index.implicit import implicit
from chainrule.symbolic.index.index_letters import free_letters, is_letter
from chainrule.symbolic.index.named_functions import arg_max, axis_max, cases, determinant, gradient, log_sum_exp, softmax, written_out
from chainrule.symbolic.index.ordering import Order
from chainrule.symbolic.index.tensors import Role, Tensor, entry_indices, entry_name
from chainrule.symbolic.system.system import Equation, System

from .joined_cases import Branch, Tests, branches


class Precedence(IntEnum):
    """How tightly what is written holds together. A sign in front counts as a sum on paper, and in Python as more than a product."""

    COMPARISON = 0
    SUM = 1
    PRODUCT = 2
    SIGN = 3
    POWER = 4
    ATOM = 5


RELATIONS: dict[type[Relational], str] = {
    sympy.StrictGreaterThan: ">",
    sympy.GreaterThan: ">=",
    sympy.StrictLessThan: "<",
    sympy.LessThan: "<=",
    sympy.Equality: "==",
}
#: u < c is c > u: the side that is a bare number or constant stands on the right.
MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "=="}
#: From so many zeros on, nobody counts them in 1/10000.
FEWEST_ZEROS = 4

#: What a printer makes: text, or the node of a formula.
Written = TypeVar("Written")


#: 1,000,000,000 is still read as a number, and more zeros are counted.
MANY_ZEROS = 7


def _zeros(number: sympy.Rational) -> int:
    """k of 10⁻ᵏ; 0 of any other number."""
    below = str(number.q)
    return len(below) - 1 if number.p == 1 and below.strip("0") == "1" else 0


def _has_entries(expression: Expr) -> bool:
    return bool(expression.has(Indexed))


class Printer(ABC, Generic[Written]):
    """Prints expressions; `whole` is the entry point."""

    @property
    def known_sizes(self) -> dict[Symbol, Expr]:
        """The sizes that are numbers in the system that is printed, where there is one."""
        system = getattr(self, "system", None)
        return system.known_sizes if isinstance(system, System) else {}

    @property
    def term_order(self) -> Order:
        """In which terms and factors are written."""
        system = getattr(self, "system", None)
        return system.order if isinstance(system, System) else Order()

    def whole(self, expression: Expr) -> Written:
        """The whole expression.

        Raises:
            NotExpressible: at a node without a rule.
        """
        return self.write(expression)[0]

    def bracketed(self, expression: Expr, least: Precedence) -> Written:
        """The expression, in brackets where it holds together less tightly than its surroundings need."""
        written, level = self.write(expression)
        return written if level >= least else self.brackets(written)

    def write(self, node: Expr) -> tuple[Written, Precedence]:
        match node:
            case Indexed():
                return self.entry(node.base.name, tuple(node.indices)), Precedence.ATOM
            case Symbol() if is_letter(node):
                return self.letter(node), Precedence.ATOM
            case Symbol() if node.is_integer:
                return self.size(node), Precedence.ATOM
            case Symbol():
                return self.entry(str(node.name), ()), Precedence.ATOM
            case Add():
                return self.terms(node), Precedence.SUM
            case sympy.Rational() if (zeros := _zeros(node)) >= FEWEST_ZEROS:
                return self.power_of_ten(-zeros)
            case Mul() | sympy.Rational() if not node.is_Integer:
                return self.factors(node)
            case sympy.Integer() if (zeros := _zeros(1 / abs(node) if node else node)) >= MANY_ZEROS:
                power, level = self.power_of_ten(zeros)
                return (self.negated(power), Precedence.SUM) if node.is_negative else (power, level)
            case sympy.Integer():
                return self.number(str(node)), Precedence.SUM if node.is_negative else Precedence.ATOM
            case sympy.Float():
                return self.number(repr(float(node))), Precedence.SUM if node.is_negative else Precedence.ATOM
            case Pow():
                return self.raised(node)
            case Sum():
                return self.total(outer_first([limit[0] for limit in node.limits]), node.function)
            case cases():
                return self.write(node.distinction)
            case Piecewise():
                return self.cases(branches(node))
            case KroneckerDelta():
                first, second = sorted(node.args, key=lambda part: (not is_letter(part), str(part)))
                return self.delta(first, second), Precedence.ATOM
            case PartialDerivative():
                return self.partial(node.of, node.by), Precedence.ATOM
            case axis_max() | arg_max():
                return self.extreme("max" if isinstance(node, axis_max) else "argmax", node.args[1], node.args[0])
            case determinant():
                return self.determinant([*node.args[1:3]], node.args[0])
            case gradient():
                return self.function("grad", tuple(node.args))
            case implicit():
                return self.solved(self.solution(node), node)
            case log_sum_exp() | softmax():
                # People read the logarithm of a sum of exponentials, and a quotient.
                return self.write(written_out(node))
            case _ if node == sympy.pi:
                return self.constant(self.pi), Precedence.ATOM
            case _ if node == sympy.oo and self.infinity:
                return self.constant(self.infinity), Precedence.ATOM
            case _ if node == -sympy.oo and self.infinity:
                return self.negated(self.constant(self.infinity)), Precedence.SUM
            case _ if node == sympy.E:
                return self.function("exp", (sympy.Integer(1),))
            case _ if type(node) in NAMES:
                return self.function(NAMES[type(node)], tuple(node.args))
            case _:
                raise NotExpressible(f"{type(self).__name__} has no rule for {type(node).__name__}: {node}")

    def solution(self, node: Expr) -> ImplicitEquation:
        """What stands on the right of the equation that its own tensor solves."""
        system = getattr(self, "system", None)
        own = node.args[0]
        name, indices = entry_name(own), entry_indices(own)
        return ImplicitEquation(
            Equation(Tensor(name, indices, Role.INTERMEDIATE), node), system.stored if isinstance(system, System) else {}
        )

    def terms(self, node: Add) -> Written:
        """Each with its sign."""
        signed = []
        for term in self.term_order.terms(node):
            negative = term.could_extract_minus_sign()
            signed.append((negative, self.bracketed(-term if negative else term, Precedence.PRODUCT)))
        return self.added(signed)

    def factors(self, node: Expr) -> tuple[Written, Precedence]:
        sign, above, below = self.fraction(node)
        level = Precedence.PRODUCT
        if below:
            written, level = self.quotient(above or [sympy.Integer(1)], below)
        else:
            written = self.product(above)
        return (self.negated(written), Precedence.SUM) if sign < 0 else (written, level)

    def fraction(self, node: Expr) -> tuple[int, list[Expr], list[Expr]]:
        return self.term_order.fraction(node, self.known_sizes)

    def raised(self, node: Pow) -> tuple[Written, Precedence]:
        if node.exp.is_number and node.exp.is_negative:
            return self.quotient([sympy.Integer(1)], [node.base ** (-node.exp)])
        if node.exp == sympy.S.Half:
            return self.function("sqrt", (node.base,))
        return self.power(node.base, node.exp), Precedence.POWER

    def condition(self, tests: Tests) -> Written:
        """Comparisons that all hold."""
        return self.together([self.comparison(test) for test in tests])

    def comparison(self, test: Relational) -> Written:
        if type(test) not in RELATIONS:
            # Case distinctions put into each other make tests of several comparisons, which nobody reads.
            raise NotExpressible(f"{type(self).__name__} has no rule for the test {type(test).__name__}")
        # t < 5 − 1 is t < 4.
        left, right = (part.xreplace(self.known_sizes) for part in test.args)
        relation = RELATIONS[type(test)]
        if any(has(right) and not has(left) for has in (_has_entries, free_letters)):
            left, right, relation = right, left, MIRRORED[relation]
        return self.compared(self.whole(left), relation, self.whole(right))

    pi = "pi"
    #: Empty where the language has no word for it.
    infinity = ""

    @abstractmethod
    def number(self, digits: str) -> Written: ...

    @abstractmethod
    def constant(self, name: str) -> Written: ...

    @abstractmethod
    def negated(self, written: Written) -> Written: ...

    @abstractmethod
    def added(self, terms: list[tuple[bool, Written]]) -> Written:
        """The terms of a sum, each with whether it is taken away."""

    @abstractmethod
    def brackets(self, written: Written) -> Written: ...

    @abstractmethod
    def compared(self, left: Written, relation: str, right: Written) -> Written: ...

    @abstractmethod
    def entry(self, name: str, indices: tuple[Expr, ...]) -> Written: ...

    @abstractmethod
    def letter(self, letter: Symbol) -> Written: ...

    @abstractmethod
    def power_of_ten(self, exponent: int) -> tuple[Written, Precedence]: ...

    def solved(self, form: ImplicitEquation, node: Expr) -> tuple[Written, Precedence]:
        """As one function of what is known, where it has a name; else as it stands, x = f(x)."""
        if form.factored is not None:
            return self.function("cholesky", (form.factored,))
        if form.right is not None:
            return self.linear_solution(list(form.columns), form.matrix, form.right)
        return self.function("fixed_point", (node.args[1],))

    @abstractmethod
    def linear_solution(self, letters: list[Symbol], matrix: Expr, right: Expr) -> tuple[Written, Precedence]: ...

    @abstractmethod
    def size(self, symbol: Symbol) -> Written: ...

    @abstractmethod
    def product(self, factors: list[Expr]) -> Written: ...

    @abstractmethod
    def quotient(self, above: list[Expr], below: list[Expr]) -> tuple[Written, Precedence]: ...

    @abstractmethod
    def power(self, base: Expr, exponent: Expr) -> Written: ...

    @abstractmethod
    def function(self, name: str, arguments: tuple[Expr, ...]) -> tuple[Written, Precedence]: ...

    @abstractmethod
    def total(self, letters: list[Symbol], body: Expr) -> tuple[Written, Precedence]: ...

    @abstractmethod
    def extreme(self, name: str, letter: Symbol, body: Expr) -> tuple[Written, Precedence]: ...

    @abstractmethod
    def determinant(self, letters: list[Symbol], body: Expr) -> tuple[Written, Precedence]: ...

    @abstractmethod
    def cases(self, branches: list[Branch]) -> tuple[Written, Precedence]: ...

    @abstractmethod
    def together(self, comparisons: list[Written]) -> Written: ...

    @abstractmethod
    def delta(self, first: Expr, second: Expr) -> Written: ...

    @abstractmethod
    def partial(self, of: Expr, by: Expr) -> Written: ...


def outer_first(letters: list[Symbol]) -> list[Symbol]:
    """Letters of a sum in the order in which they are written: examples, then features."""
    return sorted(letters, key=lambda letter: (axis_name(letter) != "n", str(letter.name)))


def whole_matrix(letters: list[Symbol], body: Expr) -> str | None:
    """The tensor whose rows and columns the letters run over, where that is all of it."""
    return str(body.base.name) if isinstance(body, Indexed) and list(body.indices) == letters else None
