"""Scalar expressions, each kept once: asking for the same sum twice gives the same node, so common subexpressions are shared.

    a·1 → a    a·0 → 0    a + (−b) → a − b    where(true, a, b) → a    a² → a·a    [y = 2]·a → a if y == 2 else 0

A node is known by its number; its arguments have smaller numbers, so that numbers in order are an order of computation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symbolic.failures import NotExpressible

from .scalar_operations import TESTS, folded

#: More than any straight line worth running has; dead nodes count too.
MOST_NODES = 20_000
#: a**5 is (a·a)²·a.
LARGEST_PRODUCT = 16
#: Below this exponent a power of numbers below 1e60 does not overflow.
MODERATE_EXPONENT = 5


@dataclass(frozen=True, slots=True)
class Node:
    """An operation on other nodes, a "number" or a "read" of a name; `text` is how these two are written."""

    operation: str
    arguments: tuple[int, ...] = ()
    text: str = ""


class ScalarGraph:
    """The nodes of one straight line of code, made by `number`, `read` and `apply`.

    Raises:
        NotExpressible: from each of these, where there are more than `MOST_NODES`.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.known: dict[Node, int] = {}
        #: Those that are whole numbers.
        self.whole: set[int] = set()
        #: Those that are above 0 for a reason of their own.
        self.positive: set[int] = set()

    def number(self, value: float) -> int:
        found = self._kept(Node("number", (), repr(value)))
        if isinstance(value, int):
            self.whole.add(found)
        return found

    def read(self, name: str, is_whole: bool = False) -> int:
        found = self._kept(Node("read", (), name))
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
        found = self._kept(Node(operation, arguments))
        if operation == "first place" or (operation in ("add", "subtract", "multiply", "negative") and self.whole.issuperset(arguments)):
            self.whole.add(found)
        return found

    def total(self, terms: list[int]) -> int:
        result = self.number(0.0)
        for term in terms:
            result = self.apply("add", result, term)
        return result

    def value(self, number: int) -> float | None:
        """The value of a number; None of anything else."""
        node = self.nodes[number]
        if node.operation != "number":
            return None
        return int(node.text) if node.text.lstrip("-").isdigit() else float(node.text)

    def is_positive(self, number: int) -> bool:
        """Whether a number is above 0 whatever is read, rounding included."""
        node, value = self.nodes[number], self.value(number)
        if number in self.positive:
            return True
        match node.operation:
            case "number":
                return value is not None and value > 0
            case "add":
                first, second = node.arguments
                return any(self.is_positive(one) and self.is_not_negative(other) for one, other in ((first, second), (second, first)))
            case "sqrt":
                return self.is_positive(node.arguments[0])
            case _:
                return False

    def is_not_negative(self, number: int) -> bool:
        node, value = self.nodes[number], self.value(number)
        match node.operation:
            case "number":
                return value is not None and value >= 0
            case "exp" | "exp of at most 0" | "sigmoid" | "softplus" | "abs" | "sqrt":
                return True
            case "multiply" if node.arguments[0] == node.arguments[1]:
                return True
            case "add" | "multiply" | "divide" | "divide by more than 0":
                return all(map(self.is_not_negative, node.arguments))
            case _:
                return False

    def _kept(self, node: Node) -> int:
        key = node
        if node.operation in ("add", "multiply") and node.arguments[0] > node.arguments[1]:
            key = Node(node.operation, node.arguments[::-1])
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
    if value == 1:
        return above
    if value is not None and value < 0:
        return graph.apply("negative", graph.apply("divide", above, graph.number(-value)))
    if graph.is_positive(below):
        return graph.apply("divide by more than 0", above, below)
    return None


def _divide_by_more_than_0(graph: ScalarGraph, above: int, below: int) -> int | None:
    if graph.value(above) == 0:
        return graph.number(0.0)
    minus = _inside(graph, above, "negative")
    return None if minus is None else graph.apply("negative", graph.apply("divide by more than 0", minus, below))


def _negative(graph: ScalarGraph, inner: int) -> int | None:
    minus = _inside(graph, inner, "negative")
    if minus is None and graph.nodes[inner].operation == "subtract":
        return graph.apply("subtract", *graph.nodes[inner].arguments[::-1])
    return minus


def _log(graph: ScalarGraph, inner: int) -> int | None:
    return graph.apply("log of more than 0", inner) if graph.is_positive(inner) else None


def _where(graph: ScalarGraph, test: int, yes: int, no: int) -> int | None:
    holds = graph.value(test)
    if holds is not None:
        return yes if holds else no
    return yes if yes == no else None


def _power(graph: ScalarGraph, base: int, exponent: int) -> int | None:
    value = graph.value(exponent)
    if value is None or not 0 < value <= LARGEST_PRODUCT:
        return None
    if value == 1:
        return base
    if value == int(value):
        half = graph.apply("power", base, graph.number(int(value) // 2))
        square = graph.apply("multiply", half, half)
        return graph.apply("multiply", square, base) if value % 2 else square
    return graph.apply("moderate power", base, exponent) if value <= MODERATE_EXPONENT else None


#: What is simpler than an operation on these arguments; None where nothing is.
RULES: dict[str, Callable[..., int | None]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "divide by more than 0": _divide_by_more_than_0,
    "negative": _negative,
    "log": _log,
    "where": _where,
    "power": _power,
}
