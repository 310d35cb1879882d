"""The equation language: text to SymPy, through Python's own grammar (`ast`) and a list of what is allowed.

    z1[n,j] = sum(i, W1[j,i]*x[n,i]) + b1[j]

Nothing is ever evaluated as Python: every node is looked up in a table here, and what is not in a table is refused with the
place where it stands. Numbers and sizes are limited, so that no text, however short, can make the parser work for long.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy import Expr, Indexed, Integer, Piecewise, Rational, Symbol

from .axes import axis_name, fresh, index, limits, size_symbol
from .failures import InvalidDescription, NotExpressible, expected_one_of
from .named_functions import axis_max
from .sums import IndexSum

LONGEST_TEXT = 20_000
DEEPEST_NESTING = 60
LONGEST_NUMBER = 40
LARGEST_EXPONENT = 64
LARGEST_NUMBER = 1e100


@dataclass(frozen=True)
class Scope:
    """What names mean while a text is read.

    `values`: names that stand for one expression. `entries`: names that stand for a tensor's entry, and may be given other
    indices: with `z` standing for z1[n,j], the text `z[k]` is z1[n,k]. `unit`: the letter over whose axis the bound letters
    of such a text run; without it every letter is an axis of its own. `letters`: those that may stand free; None allows any.
    `integers`: the tensors whose entries are positions, and may stand as an index.
    """

    values: Mapping[str, Expr] = field(default_factory=dict)
    entries: Mapping[str, Expr] = field(default_factory=dict)
    tensors: Mapping[str, Callable[..., Expr]] = field(default_factory=dict)
    ranks: Mapping[str, int] = field(default_factory=dict)
    unit: Symbol | None = None
    letters: frozenset[str] | None = None
    integers: frozenset[str] = frozenset()

    @property
    def names(self) -> list[str]:
        return [*self.entries, *self.values, *self.tensors]


Choice = Callable[..., Expr]
Comparison = Callable[[Expr, Expr], Expr]


def where(compare: Comparison, left: Expr, right: Expr, yes: Expr, no: Expr) -> Expr:
    """`yes` where the comparison holds, `no` elsewhere.

    A comparison of a case distinction is decided case by case: where(where(c, u, v) > 0, …) is where(c, where(u > 0, …), where(v > 0, …)).

    Raises:
        NotExpressible: where the case distinction stands inside of a sum.
    """
    inner = next((part for part in (left - right).atoms(Piecewise)), None) if (left - right).has(Piecewise) else None
    if inner is None:
        test = compare(left, right)
        return (yes if test == sympy.true else no) if test in (sympy.true, sympy.false) else Piecewise((yes, test), (no, True))
    if any(inner in part.function.atoms(Piecewise) for part in (left - right).atoms(sympy.Sum)):
        raise NotExpressible("a comparison with a sum over a case distinction; give the sum an equation of its own")
    outermost = max((left - right).atoms(Piecewise), key=lambda part: (len(part.atoms(Piecewise)), str(part)))
    branches = []
    for value, test in outermost.args:
        replaced = {outermost: value}
        branches.append((where(compare, left.xreplace(replaced), right.xreplace(replaced), yes, no), test))
    return Piecewise(*branches)


def relu(u: Expr) -> Expr:
    return where(operator.gt, u, Integer(0), u, Integer(0))


def maximum(a: Expr, b: Expr) -> Expr:
    """The larger one. A tie goes to the first; against a number the derivative at the tie is 0."""
    if a.is_number and not b.is_number:
        a, b = b, a
    return where(operator.gt if b.is_number else operator.ge, a, b, a, b)


FUNCTIONS: dict[str, Callable[[Expr], Expr]] = {
    "exp": sympy.exp,
    "log": sympy.log,
    "sqrt": sympy.sqrt,
    "abs": sympy.Abs,
    "sign": sympy.sign,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "arcsin": sympy.asin,
    "arccos": sympy.acos,
    "arctan": sympy.atan,
    "erf": sympy.erf,
    "sigmoid": lambda u: 1 / (1 + sympy.exp(-u)),
    "relu": relu,
    "softplus": lambda u: sympy.log(1 + sympy.exp(u)),
}
PAIRS: dict[str, Callable[[Expr, Expr], Expr]] = {
    "maximum": maximum,
    "minimum": lambda a, b: -maximum(-a, -b),
}
REDUCTIONS = ("sum", "mean", "max")
COMPARISONS: dict[type[ast.cmpop], Comparison] = {ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le}
OPERATORS: dict[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
CONSTANTS = {"pi": sympy.pi}
ALL_FUNCTIONS = [*FUNCTIONS, *PAIRS, *REDUCTIONS, "where"]
RESERVED = frozenset([*ALL_FUNCTIONS, *CONSTANTS])


def parse_expression(text: str, scope: Scope) -> Expr:
    """The SymPy expression of a text.

    Raises `InvalidDescription`, with the text and a mark under the place, for anything that is not allowed.
    """
    return _Reader(text, scope).read()


class _Reader:
    """One text on its way to an expression; keeps the text for messages, and the bound letters while inside a sum."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope
        self.bound: dict[str, Symbol] = {}

    def read(self) -> Expr:
        if len(self.text) > LONGEST_TEXT:
            raise InvalidDescription(f"an expression of {len(self.text)} characters; at most {LONGEST_TEXT} are read")
        if long_number := re.search(rf"\d{{{LONGEST_NUMBER},}}", self.text):
            raise self.refusal(long_number.start(), f"a number of more than {LONGEST_NUMBER} digits")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                tree = ast.parse(self.text.strip(), mode="eval")
        except SyntaxError as problem:
            column = problem.offset - 1 if problem.offset else len(self.text.strip())
            raise self.refusal(column, f"not an expression ({problem.msg})") from None
        except (RecursionError, MemoryError, ValueError):
            raise InvalidDescription("an expression that is nested too deeply or holds a character that is not allowed") from None
        return self.expression(tree.body, 0)

    def refusal(self, column: int, message: str) -> InvalidDescription:
        """The message, then the text with a mark under the place."""
        text = self.text.strip().replace("\n", " ")
        start = max(0, column - 50)
        shown = text[start : start + 100]
        return InvalidDescription(f"{message}\n    {shown}\n    {' ' * (column - start)}^")

    def at(self, node: ast.AST, message: str) -> InvalidDescription:
        return self.refusal(getattr(node, "col_offset", 0), message)

    def expression(self, node: ast.expr, depth: int) -> Expr:
        """The expression of one node. Whatever is a number is one that exists and that a float can hold."""
        if depth > DEEPEST_NESTING:
            raise self.at(node, f"more than {DEEPEST_NESTING} levels of brackets and operators")
        result = self.any_expression(node, depth)
        if not result.free_symbols and not (result.is_Rational and abs(result) < LARGEST_NUMBER):
            self.refuse_unreal(node, result)
        return result

    def refuse_unreal(self, node: ast.expr, result: Expr) -> None:
        # The parts have passed already, so that nothing here takes long to evaluate.
        try:
            value = complex(result)
        except (OverflowError, TypeError, ValueError):
            value = complex("inf")
        if value.imag != 0 or not abs(value.real) < LARGEST_NUMBER:
            raise self.at(node, f"this has no real value below {LARGEST_NUMBER:.0e}")

    def any_expression(self, node: ast.expr, depth: int) -> Expr:
        match node:
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                return self.number(node)
            case ast.Name():
                return self.name(node)
            case ast.BinOp(op=ast.Pow()):
                return self.power(node, depth)
            case ast.BinOp() if type(node.op) in OPERATORS:
                left, right = self.expression(node.left, depth + 1), self.expression(node.right, depth + 1)
                if isinstance(node.op, ast.Div) and right.is_zero:
                    raise self.at(node.right, "a division by zero")
                return OPERATORS[type(node.op)](left, right)
            case ast.UnaryOp(op=ast.USub()):
                return -self.expression(node.operand, depth + 1)
            case ast.UnaryOp(op=ast.UAdd()):
                return self.expression(node.operand, depth + 1)
            case ast.Call(func=ast.Name()) if not node.keywords:
                return self.call(node, depth)
            case ast.Subscript(value=ast.Name()):
                return self.subscript(node)
            case _:
                raise self.at(node, f"{_kind(node)} is not part of the equation language")

    def number(self, node: ast.Constant) -> Expr:
        """A number exactly as it is written: 0.01 is 1/100."""
        written = ast.get_source_segment(self.text.strip(), node) or repr(node.value)
        if isinstance(node.value, int) and abs(node.value) < 10**LONGEST_NUMBER:
            return Integer(node.value)
        exponent = re.search(r"[eE]([+-]?\d+)$", written)
        if isinstance(node.value, float) and not (exponent and abs(int(exponent.group(1))) > LONGEST_NUMBER):
            exact = Rational(written.replace("_", ""))
            if exact == 0 or 1e-30 < abs(exact) < 1e30:
                return exact
        raise self.at(node, f"the number {written[:50]} is outside 1e-30 … 1e30")

    def power(self, node: ast.BinOp, depth: int) -> Expr:
        value, exponent = self.expression(node.left, depth + 1), self.expression(node.right, depth + 1)
        if exponent.is_number and abs(exponent) > LARGEST_EXPONENT:
            raise self.at(node.right, f"the exponent {exponent} is beyond ±{LARGEST_EXPONENT}")
        if value.is_zero and exponent.is_negative:
            raise self.at(node.left, "a division by zero")
        result = value**exponent
        if result.is_Rational and max(abs(result.p), result.q).bit_length() > 4 * LONGEST_NUMBER:
            raise self.at(node, f"a number of more than {LONGEST_NUMBER} digits")
        return result

    def name(self, node: ast.Name) -> Expr:
        for table in (self.bound, self.scope.entries, self.scope.values, CONSTANTS):
            if node.id in table:
                return table[node.id]
        if node.id in self.scope.tensors:
            if rank := self.scope.ranks.get(node.id, 0):
                raise self.at(node, f"{node.id} has {rank} axes and is written with {rank} indices, as in {node.id}[…]")
            return self.scope.tensors[node.id]()
        raise self.at(node, f"unknown name {node.id!r}; {expected_one_of(node.id, [*self.scope.names, *CONSTANTS])}")

    def call(self, node: ast.Call, depth: int) -> Expr:
        function = node.func.id  # type: ignore[attr-defined]
        if function in REDUCTIONS:
            return self.reduction(node, function, depth)
        if function == "where":
            return self.case_distinction(node, depth)
        allowed = {**dict.fromkeys(FUNCTIONS, 1), **dict.fromkeys(PAIRS, 2)}
        if function not in allowed:
            raise self.at(node, f"unknown function {function!r}; {expected_one_of(function, ALL_FUNCTIONS)}")
        self.arguments(node, function, allowed[function])
        values = [self.expression(argument, depth + 1) for argument in node.args]
        result = self.chosen(node, FUNCTIONS[function] if function in FUNCTIONS else PAIRS[function], *values)
        if result.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I):
            raise self.at(node, f"{function}(…) has no real value here")
        return result

    def arguments(self, node: ast.Call, function: str, expected: int) -> None:
        if len(node.args) != expected:
            raise self.at(node, f"{function} takes {expected} argument{'s' if expected > 1 else ''}, found {len(node.args)}")

    def case_distinction(self, node: ast.Call, depth: int) -> Expr:
        self.arguments(node, "where", 3)
        condition = node.args[0]
        if not (isinstance(condition, ast.Compare) and len(condition.ops) == 1 and type(condition.ops[0]) in COMPARISONS):
            raise self.at(condition, "the first argument of where is one comparison, such as z > 0")
        left = self.expression(condition.left, depth + 1)
        right = self.expression(condition.comparators[0], depth + 1)
        if not (left - right).free_symbols:
            raise self.at(condition, "a comparison that does not depend on anything")
        yes, no = (self.expression(argument, depth + 1) for argument in node.args[1:])
        return self.chosen(node, where, COMPARISONS[type(condition.ops[0])], left, right, yes, no)

    def chosen(self, node: ast.Call, choose: Choice, *given: Any) -> Expr:
        try:
            return choose(*given)
        except NotExpressible as problem:
            raise self.at(node, str(problem)) from None

    def reduction(self, node: ast.Call, function: str, depth: int) -> Expr:
        if len(node.args) < 2:
            raise self.at(node, f"{function} takes its letters and an expression, as in {function}(k, u[k])")
        *letter_nodes, body = node.args
        outer = dict(self.bound)
        bound = []
        for letter_node in letter_nodes:
            if not isinstance(letter_node, ast.Name):
                raise self.at(letter_node, f"a letter to sum over was expected here, as in {function}(k, u[k])")
            letter = self.bound_letter(letter_node)
            self.bound[letter_node.id] = letter
            bound.append(letter)
        inside = self.expression(body, depth + 1)
        self.bound = outer
        if function == "max":
            if inside.has(Piecewise):
                raise self.at(node, "a maximum over a case distinction (where, relu, maximum, …); give the latter an equation of its own")
            for letter in bound:
                inside = axis_max(inside, letter) if inside.has(letter) else inside
            return inside
        result: Expr = IndexSum(inside, *(limits(letter) for letter in bound))
        if function == "mean":
            for letter in bound:
                result = result / size_symbol(axis_name(letter))
        return result

    def bound_letter(self, node: ast.Name) -> Symbol:
        if node.id in self.bound or node.id in self.scope.names:
            raise self.at(node, f"{node.id!r} already has a meaning here; sum over another letter")
        if self.scope.unit is None:
            return index(node.id)
        return fresh(self.scope.unit, {self.scope.unit, *self.bound.values()})

    def subscript(self, node: ast.Subscript) -> Expr:
        name = node.value.id  # type: ignore[attr-defined]
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name in self.scope.entries:
            return self.other_entry(node, name, parts)
        if name not in self.scope.tensors:
            raise self.at(node, f"unknown tensor {name!r}; {expected_one_of(name, self.scope.names)}")
        if len(parts) != (rank := self.scope.ranks.get(name, len(parts))):
            raise self.at(node, f"{name} has {rank} axes, found {len(parts)} indices")
        return self.scope.tensors[name](*(self.index(part) for part in parts))

    def other_entry(self, node: ast.Subscript, name: str, parts: list[ast.expr]) -> Expr:
        """`z[k]` where z stands for z1[n,j]: the entry of another unit, z1[n,k]."""
        here = self.scope.entries[name]
        unit = self.scope.unit
        if not isinstance(here, Indexed) or unit is None or len(parts) != 1:
            raise self.at(node, f"{name} is one number here and takes no index")
        other = self.index(parts[0])
        return here.base[tuple(other if part == unit else part for part in here.indices)]

    def index(self, node: ast.expr) -> Expr:
        match node:
            case ast.Name() if node.id in self.bound:
                return self.bound[node.id]
            case ast.Name() if node.id in self.scope.values and self.scope.values[node.id].is_integer:
                return self.scope.values[node.id]
            case ast.Name() if self.scope.unit is None and node.id not in self.scope.names:
                if self.scope.letters is not None and node.id not in self.scope.letters:
                    known = [*self.bound, *sorted(self.scope.letters)]
                    raise self.at(node, f"the index {node.id!r} is neither on the left nor summed over; known here: {', '.join(known)}")
                return index(node.id)
            case ast.Subscript(value=ast.Name()):
                if self.scope.letters is not None and node.value.id not in self.scope.integers:  # type: ignore[attr-defined]
                    hint = f"declare it as in '{node.value.id}[…] in k'"  # type: ignore[attr-defined]
                    raise self.at(node, f"{node.value.id!r} is no integer tensor; {hint}")  # type: ignore[attr-defined]
                return self.subscript(node)
            case ast.Constant(value=int()) if self.scope.unit is None and not isinstance(node.value, bool):
                return Integer(node.value)
            case ast.UnaryOp(op=ast.USub()) if self.scope.unit is None:
                return -self.index(node.operand)
            case ast.BinOp(op=ast.Add() | ast.Sub()) if self.scope.unit is None:
                return OPERATORS[type(node.op)](self.index(node.left), self.index(node.right))
            case ast.BinOp(op=ast.Mult()) if self.scope.unit is None:
                left, right = self.index(node.left), self.index(node.right)
                if not (left.is_Integer or right.is_Integer):
                    raise self.at(node, "an index sum multiplies a letter by a whole number only, as in 2*i + p - 1")
                return left * right
            case _:
                known = [*self.bound, *(name for name, value in self.scope.values.items() if value.is_integer)]
                hint = f" ({', '.join(known)})" if known else ""
                raise self.at(node, f"an index is a letter{hint} or an integer tensor here")


def _kind(node: ast.AST) -> str:
    """What a refused piece of text is called in a message."""
    names: dict[type[ast.AST], str] = {
        ast.Attribute: "a name with a dot",
        ast.Lambda: "a lambda",
        ast.Compare: "a comparison outside where(…)",
        ast.Call: "this call",
        ast.Constant: "this value",
        ast.IfExp: "an if",
    }
    return names.get(type(node), type(node).__name__)
