"""What quantities are that one operation makes of others: differences, squares, quotients, distances, rows that labels choose."""

from __future__ import annotations

from sympy import Add, Expr, Indexed, Mul, Pow, Rational, Sum, log

from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.index.tensors import Role, entry_name
from chainrule.symbolic.system.system import Equation, System

from .quantity_role import QuantityRole, entry_of, is_quantity


def elementary_role(equation: Equation, system: System) -> QuantityRole | None:
    """That of the operation, where its operands are whole quantities."""
    expression = equation.expression
    for form in (_chosen, _difference, _square, _quotient, _product, _root, _logarithm):
        if (role := form(expression, system)) is not None:
            return role
    return None


def summed(expression: Expr) -> tuple[Sum | None, bool]:
    """The sum that an expression is but for a factor, and whether there is such a factor, which makes a mean of it."""
    total = next((factor for factor in Mul.make_args(expression) if isinstance(factor, Sum)), None)
    numbers = all(not factor.has(Indexed) for factor in Mul.make_args(expression) if factor is not total)
    return (total, total != expression) if numbers else (None, False)


def _chosen(expression: Expr, system: System) -> QuantityRole | None:
    """A row of a parameter that labels choose, or the sum or mean of such rows."""
    total, is_mean = summed(expression)
    entry = total.function if total is not None else expression
    if not isinstance(entry, Indexed) or system.tensors[entry_name(entry)].role is not Role.PARAMETER:
        return None
    labels = tuple(entry_name(node) for node in nodes(entry) if isinstance(node, Indexed) and node is not entry)
    key = "chosen" if total is None else "chosen.mean" if is_mean else "chosen.sum"
    return QuantityRole(key, (("read", (entry_name(entry),)), ("labels", labels))) if labels else None


def _pair(expression: Expr, system: System) -> tuple[str, str] | None:
    """The a and b of a − b."""
    terms = Add.make_args(expression)
    first = [entry_of(term) for term in terms if entry_of(term)]
    second = [entry_of(-term) for term in terms if entry_of(-term)]
    if len(terms) != 2 or len(first) != 1 or len(second) != 1 or first == second:
        return None
    found = (str(first[0]), str(second[0]))
    return found if all(is_quantity(name, system) for name in found) else None


def _difference(expression: Expr, system: System) -> QuantityRole | None:
    pair = _pair(expression, system)
    return QuantityRole("difference", (("first", pair[:1]), ("second", pair[1:]))) if pair else None


def _square(expression: Expr, system: System) -> QuantityRole | None:
    """A square, that of a difference, or the sum or mean of squares."""
    total, is_mean = summed(expression)
    square = total.function if total is not None else expression
    if not isinstance(square, Pow) or square.exp != 2:
        return None
    over = "" if total is None else ".mean" if is_mean else ".sum"
    if pair := _pair(square.base, system):
        return QuantityRole(f"square{over}.difference", (("first", pair[:1]), ("second", pair[1:])))
    name = entry_of(square.base)
    return QuantityRole(f"square{over}", (("read", (name,)),)) if name and is_quantity(name, system) else None


def _quotient(expression: Expr, system: System) -> QuantityRole | None:
    factors = Mul.make_args(expression)
    above = [entry_of(factor) for factor in factors if not isinstance(factor, Pow)]
    below = [entry_of(factor.base) for factor in factors if isinstance(factor, Pow) and factor.exp == -1]
    if len(factors) != 2 or len(above) != 1 or len(below) != 1 or not above[0] or not below[0]:
        return None
    is_of_quantities = is_quantity(above[0], system) and is_quantity(below[0], system)
    return QuantityRole("quotient", (("first", (above[0],)), ("second", (below[0],)))) if is_of_quantities else None


def _product(expression: Expr, system: System) -> QuantityRole | None:
    names = tuple(entry_of(factor) or "" for factor in Mul.make_args(expression))
    return QuantityRole("product", (("read", names),)) if len(names) > 1 and all(name in system.tensors for name in names) else None


def _root(expression: Expr, system: System) -> QuantityRole | None:
    """A square root, of a sum of squares a length or a distance."""
    if not isinstance(expression, Pow) or expression.exp != Rational(1, 2):
        return None
    inside = _square(expression.base, system)
    if inside is not None and inside.key in ("square.sum", "square.sum.difference"):
        return QuantityRole("length" if inside.key == "square.sum" else "distance", inside.names)
    names = [entry_of(term) for term in Add.make_args(expression.base) if entry_of(term) in system.tensors]
    return QuantityRole("root", (("read", (str(names[0]),)),)) if len(names) == 1 and _reads(expression) == {names[0]} else None


def _logarithm(expression: Expr, system: System) -> QuantityRole | None:
    name = entry_of(expression.args[0]) if isinstance(expression, log) else None
    return QuantityRole("logarithm", (("read", (name,)),)) if name and is_quantity(name, system) else None


def _reads(expression: Expr) -> set[str]:
    return {entry_name(node) for node in nodes(expression) if isinstance(node, Indexed)}
