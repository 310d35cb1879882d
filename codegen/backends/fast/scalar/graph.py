"""Scalar expressions, each kept once: asking for the same sum twice gives the same node, so common subexpressions are shared.

    a·1 → a    a·0 → 0    a + (−b) → a − b    where(true, a, b) → a    a² → a·a    [y = 2]·a → a if y == 2 else 0

A node is known by its number; its arguments have smaller numbers, so that numbers in order are an order of computation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from chainrule.symbolic.index.failures import NotExpressible

from .operations import TESTS, folded

#: More than any straight line worth running has; dead nodes count too.
MOST_NODES = 8_000
#: a**5 is (a·a)²·a.
LARGEST_PRODUCT = 16


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """An operation on other nodes, a "number" of a `value`, or a "read" of a name; `text` is how these two are written."""

    operation: str
    arguments: tuple[int, ...] = ()
    text: str = ""
    #: Two numbers are the same where they are written alike: 1 is not 1.0.
    value: float | None = field(default=None, compare=False)


class ScalarGraph:
    """The nodes of one straight line of code, made by `number`, `read` and `apply`.

    Raises:
        NotExpressible: from each of these, where there are more than `MOST_NODES`.
    """

    def __init__(self) -> None:
        self.nodes: list[ScalarNode] = []
        self.known: dict[ScalarNode, int] = {}
        #: Those that are whole numbers.
        self.whole: set[int] = set()

    def number(self, value: float) -> int:
        found = self._kept(ScalarNode("number", (), repr(value), value))
        if isinstance(value, int):
            self.whole.add(found)
        return found

    def read(self, name: str, is_whole: bool = False) -> int:
        found = self._kept(ScalarNode("read", (), name))
        if is_whole:
            self.whole.add(found)
        return found

    def apply(self, operation: str, *arguments: int) -> int:
        """The node of an operation, in the simplest form that has the same value."""
        values = [value for value in map(self.value, arguments) if value is not None]
        if len(values) == len(arguments):
            constant = folded(operation, values)
            if constant is not None:
                return self.number(constant)
        rule = RULES.get(operation)
        simpler = rule(self, *arguments) if rule else None
        if simpler is not None:
            return simpler
        found = self._kept(ScalarNode(operation, arguments))
        if operation == "first place" or (operation in ("add", "subtract", "multiply", "negative") and self.whole.issuperset(arguments)):
            self.whole.add(found)
        return found

    def total(self, terms: list[int]) -> int:
        """The sum of the terms; a number by which all are multiplied is taken out."""
        nodes = [self.nodes[term] for term in terms]
        common = nodes[0].arguments[-1] if len(terms) > 1 and nodes[0].operation == "multiply" else None
        is_number = common is not None and self.value(common) is not None
        if common is not None and is_number and all(node.operation == "multiply" and node.arguments[1] == common for node in nodes):
            return self.apply("multiply", self.total([node.arguments[0] for node in nodes]), common)
        result = self.number(0.0)
        for term in terms:
            result = self.apply("add", result, term)
        return result

    def value(self, number: int) -> float | None:
        """The value of a number; None of anything else."""
        return self.nodes[number].value

    def _kept(self, node: ScalarNode) -> int:
        key = node
        if node.operation in ("add", "multiply") and node.arguments[0] > node.arguments[1]:
            key = ScalarNode(node.operation, node.arguments[::-1])
        if key not in self.known:
            if len(self.nodes) >= MOST_NODES:
                raise NotExpressible(f"unrolled, there are more than {MOST_NODES:,} scalar operations")
            self.known[key] = len(self.nodes)
            self.nodes.append(node)
        return self.known[key]


def _inside(graph: ScalarGraph, number: int, operation: str) -> int | None:
    """The argument of a node that is the operation; None of another."""
    node = graph.nodes[number]
    return node.arguments[0] if node.operation == operation else None


def _add(graph: ScalarGraph, left: int, right: int) -> int | None:
    for one, other in ((left, right), (right, left)):
        if graph.value(one) == 0:
            return other
        minus = _inside(graph, one, "negative")
        if minus is not None:
            return graph.apply("subtract", other, minus)
    return None


def _subtract(graph: ScalarGraph, left: int, right: int) -> int | None:
    if graph.value(right) == 0:
        return left
    if graph.value(left) == 0:
        return graph.apply("negative", right)
    minus = _inside(graph, right, "negative")
    return None if minus is None else graph.apply("add", left, minus)


def _multiply(graph: ScalarGraph, left: int, right: int) -> int | None:
    for one, other in ((left, right), (right, left)):
        value = graph.value(one)
        if value == 0:
            return graph.number(0.0)
        if value == 1:
            return other
        if value == -1:
            return graph.apply("negative", other)
        if graph.nodes[one].operation in TESTS:
            return graph.apply("where", one, other, graph.number(0.0))
        minus = _inside(graph, one, "negative")
        if minus is not None:
            return graph.apply("negative", graph.apply("multiply", minus, right) if one == left else graph.apply("multiply", left, minus))
    return None


def _divide(graph: ScalarGraph, above: int, below: int) -> int | None:
    value = graph.value(below)
    if value is not None and value != 0 and math.frexp(value)[0] in (0.5, -0.5):
        # A power of two; Python multiplies floats faster than it divides them.
        return graph.apply("multiply", above, graph.number(1 / value))
    if value != 0 and graph.value(above) == 0:
        return graph.number(0.0)
    minus = _inside(graph, above, "negative")
    return None if minus is None else graph.apply("negative", graph.apply("divide", minus, below))


def _negative(graph: ScalarGraph, inner: int) -> int | None:
    minus = _inside(graph, inner, "negative")
    if minus is None and graph.nodes[inner].operation == "subtract":
        return graph.apply("subtract", *graph.nodes[inner].arguments[::-1])
    return minus


def _where(graph: ScalarGraph, test: int, yes: int, no: int) -> int | None:
    holds = graph.value(test)
    if holds is not None:
        return yes if holds else no
    return yes if yes == no else None


def _power(graph: ScalarGraph, base: int, exponent: int) -> int | None:
    value = graph.value(exponent)
    if value is None or value != int(value) or not 1 <= value <= LARGEST_PRODUCT:
        return None
    if value == 1:
        return base
    half = graph.apply("power", base, graph.number(int(value) // 2))
    square = graph.apply("multiply", half, half)
    return graph.apply("multiply", square, base) if value % 2 else square


#: What is simpler than an operation on these arguments; None where nothing is.
RULES: dict[str, Callable[..., int | None]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "negative": _negative,
    "where": _where,
    "power": _power,
}
