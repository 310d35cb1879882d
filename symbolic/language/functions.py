"""The functions of the equation language, as tables from a name to what it makes of SymPy expressions."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from functools import partial
from math import prod

import sympy
from sympy import Expr, Integer, Piecewise
from sympy.core.relational import Relational

from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.functions import ELEMENTARY, NAMES
from chainrule.symbolic.index.index_letters import free_letters
from chainrule.symbolic.index.limits import MOST_CASES
from chainrule.symbolic.index.named_functions import DEFINITIONS, axis_max
from chainrule.symbolic.index.ranges import is_certain

RelationClass = Callable[[Expr, Expr], Expr]


def where(compare: RelationClass, left: Expr, right: Expr, yes: Expr, no: Expr) -> Expr:
    """`yes` where the comparison holds, `no` elsewhere.

    A comparison of a case distinction is decided case by case: where(where(c, u, v) > 0, …) is where(c, where(u > 0, …), where(v > 0, …)).

    Raises:
        NotExpressible: where the case distinction stands inside of a sum, or too many cases meet.
    """
    if not (left - right).has(Piecewise):
        test = compare(left, right)
        if (decided := _decided(test)) is not None:
            return yes if decided else no
        return (yes if test == sympy.true else no) if test in (sympy.true, sympy.false) else Piecewise((yes, test), (no, True))
    if any(part.args[0].has(Piecewise) for part in (left - right).atoms(sympy.Sum, axis_max)):
        raise NotExpressible("a comparison with a sum or a maximum over a case distinction; give the sum or maximum an equation of its own")
    if (found := cases(left - right)) > MOST_CASES:
        raise NotExpressible(
            f"a comparison of case distinctions in which {found:,} cases meet; at most {MOST_CASES} are possible: "
            "give maximum(…), minimum(…) or where(…) inside of it an equation of its own"
        )
    outermost = max((left - right).atoms(Piecewise), key=lambda part: (len(part.atoms(Piecewise)), str(part)))
    branches = []
    for value, test in outermost.args:
        # In this case the distinction is its value, wherever it stands.
        replaced = {outermost: value}
        branches.append((where(compare, *(part.xreplace(replaced) for part in (left, right, yes, no))), test))
    return Piecewise(*branches)


def _decided(test: sympy.Basic) -> bool | None:
    """Whether a comparison of places holds at all of them (t < N_t), or at none."""
    if isinstance(test, Relational) and free_letters(test) and (test.lhs - test.rhs).is_integer:
        return True if is_certain(test) else False if is_certain(~test) else None
    return None


def cases(expression: Expr) -> int:
    """How many cases the case distinctions of an expression make together, at most."""
    if isinstance(expression, Piecewise):
        return sum(cases(value) for value, _ in expression.args)
    return prod(cases(part) for part in expression.args) if expression.has(Piecewise) else 1


def where_equal(left: Expr, right: Expr, yes: Expr, no: Expr) -> Expr:
    """`yes` where both are equal, `no` elsewhere: where neither is larger."""
    return where(operator.ge, left, right, where(operator.le, left, right, yes, no), no)


def where_different(left: Expr, right: Expr, yes: Expr, no: Expr) -> Expr:
    return where_equal(left, right, no, yes)


def relu(u: Expr) -> Expr:
    return where(operator.gt, u, Integer(0), u, Integer(0))


def maximum(a: Expr, b: Expr) -> Expr:
    """The larger one. A tie goes to the first; against a number the derivative at the tie is 0."""
    if a.is_number and not b.is_number:
        a, b = b, a
    return where(operator.gt if b.is_number else operator.ge, a, b, a, b)


#: Functions that others write.
FORMULAS: dict[str, Callable[..., Expr]] = {
    "sqrt": sympy.sqrt,
    "relu": relu,
    "maximum": maximum,
    "minimum": lambda a, b: -maximum(-a, -b),
    **{NAMES[node]: definition for node, definition in DEFINITIONS.items() if node in NAMES},
}
FUNCTIONS: dict[str, Callable[..., Expr]] = {name: FORMULAS.get(name) or function.classes[0] for name, function in ELEMENTARY.items()}
#: How many arguments an elementwise function takes.
ARGUMENTS = {**{name: function.arguments for name, function in ELEMENTARY.items()}, "where": 3}
DETERMINANT = "det"
REDUCTIONS = ("sum", "mean", "max", DETERMINANT)
#: What others are short for, by K their letters and E their argument, and K_, E_ the same elsewhere along these axes.
WRITTEN = {
    "logdet": "log(abs(det(K, E)))",
    "logsumexp": "log(sum(K, exp(E)))",
    "softmax": "exp(E)/sum(K_, exp(E_))",
    "log_softmax": "E - log(sum(K_, exp(E_)))",
    "norm": "sqrt(sum(K, E**2))",
    "var": "mean(K, (E - mean(K_, E_))**2)",
    "std": "sqrt(mean(K, (E - mean(K_, E_))**2))",
}
#: What is computed place by place (see `further_equations`).
RECURRENT = ("prod", "cumsum", "cumprod")
#: What has a value at every place of its letters.
KEEPING = ("softmax", "log_softmax", "cumsum", "cumprod")
SHORT = (*WRITTEN, *RECURRENT)
#: What is the whole right side of an equation: its left side solves it (see `solved_lines`).
FIXED_POINT = "fixed_point"
SOLVED = ("solve", "inverse", "cholesky", FIXED_POINT)
ALL_FUNCTIONS = [*FUNCTIONS, *REDUCTIONS, *SHORT, "where", "grad", *SOLVED]
CONSTANTS = {"pi": sympy.pi}
#: Names with a meaning of their own, which no tensor, index or constant may have; what is short for others is told by its brackets.
RESERVED = frozenset([*FUNCTIONS, *REDUCTIONS, "where", *CONSTANTS]) - {DETERMINANT}

#: What `where` makes of both sides of a comparison and of its two values.
CHOICES: dict[type[ast.cmpop], Callable[[Expr, Expr, Expr, Expr], Expr]] = {
    **{
        sign: partial(where, compare)
        for sign, compare in ((ast.Gt, operator.gt), (ast.GtE, operator.ge), (ast.Lt, operator.lt), (ast.LtE, operator.le))
    },
    ast.Eq: where_equal,
    ast.NotEq: where_different,
}
OPERATORS: dict[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
#: Pieces of Python that people write here, and what to write instead.
NOT_OPERATORS: dict[type[ast.operator], str] = {
    ast.BitXor: "a power is written **, as in u**2; ^ is not part of the equation language",
    ast.MatMult: "a product of matrices is written sum(k, A[i,k]*B[k,j]) in a formula; @ stands in equations",
    ast.FloorDiv: "a quotient is written /; // is not part of the equation language",
}
#: What a refused piece of text is called in a message.
KINDS: dict[type[ast.AST], str] = {
    ast.Attribute: "a name with a dot",
    ast.Lambda: "a lambda",
    ast.Compare: "a comparison outside of where(…) and of brackets (write [u > 0], which is 1 where it holds and else 0)",
    ast.Call: "this call",
    ast.Constant: "this value",
    ast.IfExp: "an if (write where(u > 0, u, v))",
    ast.Tuple: "a comma outside of a call or an index",
}
