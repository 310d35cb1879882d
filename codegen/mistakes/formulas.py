"""Mistakes that are made in index formulas, as a table: from a right formula to wrong ones. Whether they are wrong, numbers tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sympy import Add, Expr, Indexed, Mul, Pow, S, Sum, Symbol

from chainrule.symbolic.index.axes import size_symbol
from chainrule.symbolic.index.index_letters import bound_sum, free_letters, is_letter, names_read, nodes
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.system.system import System

from .kinds import MistakeKind


@dataclass(frozen=True, slots=True)
class FormulaMistake:
    """A wrong formula, the key of the sentence that names the mistake, and what the sentence mentions."""

    kind: str
    expression: Expr
    mentions: Mapping[str, Expr] = field(default_factory=dict)


def _sign(expression: Expr, system: System) -> Iterator[FormulaMistake]:
    yield FormulaMistake("sign", -expression)


def _mean(expression: Expr, system: System) -> Iterator[FormulaMistake]:
    """Without the division by the number of examples: 1/N Σ_n became Σ_n."""
    if system.batch is None:
        return
    count = size_symbol(system.batch)
    if any(isinstance(node, Pow) and node.base == count and node.exp == -1 for node in nodes(expression)):
        yield FormulaMistake("mean", expression.xreplace({Pow(count, S.NegativeOne): S.One}), {"N": count})


def _factor(expression: Expr, system: System) -> Iterator[FormulaMistake]:
    """Without one factor of a product, such as the slope of the activation."""
    for node in nodes(expression):
        if isinstance(node, Mul):
            for part in node.args:
                if part.has(Indexed) and not isinstance(part, Sum) and not _is_adjoint(part, system):
                    others = Mul(*(other for other in node.args if other is not part))
                    yield FormulaMistake("factor", expression.xreplace({node: others}), {"factor": part})


def _is_adjoint(part: Expr, system: System) -> bool:
    return any(name not in system.tensors for name in names_read(part))


def _indices(expression: Expr, system: System) -> Iterator[FormulaMistake]:
    """The two indices of a weight exchanged: a lost transpose, written by index."""
    for node in nodes(expression):
        if isinstance(node, Indexed) and len(node.indices) == 2 and all(map(is_letter, node.indices)):
            tensor = system.tensors.get(node.base.name)
            if tensor is not None and tensor.role is Role.PARAMETER:
                yield FormulaMistake("indices", expression.xreplace({node: tensor.at(*node.indices[::-1])}), {"entry": node})


def _sum(expression: Expr, system: System) -> Iterator[FormulaMistake]:
    """Without a sum: a bias that is not summed over the examples."""
    for node in nodes(expression):
        if isinstance(node, Sum) and len(node.limits) == 1:
            yield FormulaMistake("sum", expression.xreplace({node: node.function}), {"letter": node.limits[0][0]})


def _letter(expression: Expr, system: System) -> Iterator[FormulaMistake]:
    """A sum over a letter of the left side in place of its own."""
    for node in nodes(expression):
        if isinstance(node, Sum) and len(node.limits) == 1:
            own = node.limits[0][0]
            for other in sorted(free_letters(node), key=lambda letter: letter.name):
                wrong = expression.xreplace({node: bound_sum(node.function, other)})
                yield FormulaMistake("letter", wrong, {"wrong": other, "letter": own})


def _place(expression: Expr, system: System) -> Iterator[FormulaMistake]:
    """A slope taken at the wrong quantity: at a in place of z, or z where a belongs."""
    for node in nodes(expression):
        if not isinstance(node, Indexed) or node.base.name not in system.definition:
            continue
        own = system.tensors[node.base.name]
        for other in system.tensors.values():
            near = other.name in system.definition[own.name].reads or own.name in getattr(system.definition.get(other.name), "reads", ())
            if near and other.role is Role.INTERMEDIATE and other.axes == own.axes:
                entries = {
                    entry: other.at(*entry.indices) for entry in nodes(expression) if isinstance(entry, Indexed) and entry.base == node.base
                }
                yield FormulaMistake("place", expression.xreplace(entries), {"wrong": other.at(*node.indices), "right": node})


def _path(expression: Expr, system: System) -> Iterator[FormulaMistake]:
    """Without one of several ways to the cost."""
    if isinstance(expression, Add) and all(_is_adjoint(term, system) for term in expression.args):
        for term in expression.args:
            yield FormulaMistake("path", Add(*(other for other in expression.args if other is not term)), {"path": term})


#: By the sentence that names them.
FORMULA_MISTAKES: dict[str, Callable[[Expr, System], Iterator[FormulaMistake]]] = {
    "sign": _sign,
    "mean": _mean,
    "factor": _factor,
    "indices": _indices,
    "sum": _sum,
    "letter": _letter,
    "place": _place,
    "path": _path,
}


#: The word of each wrong formula by index.
OF_FORMULA = {
    "sign": MistakeKind.SIGN,
    "mean": MistakeKind.MEAN,
    "factor": MistakeKind.FACTOR,
    "indices": MistakeKind.TRANSPOSE,
    "sum": MistakeKind.SUM,
    "letter": MistakeKind.SUM,
    "place": MistakeKind.PLACE,
    "path": MistakeKind.PATH,
}
NO_NUMBERS = (S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.NaN)


def mistakes(expression: Expr, system: System) -> list[FormulaMistake]:
    """Every wrong formula, each once."""
    found: dict[Expr, FormulaMistake] = {}
    for make in FORMULA_MISTAKES.values():
        for mistake in make(expression, system):
            if mistake.expression != expression and not _is_plain(mistake.expression) and not _lost(mistake, expression):
                found.setdefault(mistake.expression, mistake)
    return list(found.values())


def _lost(mistake: FormulaMistake, right: Expr) -> bool:
    """Whether no number is left, as where a denominator fell away; nobody writes that."""
    return any(mistake.expression.has(sign) and not right.has(sign) for sign in NO_NUMBERS)


def _is_plain(expression: Expr) -> bool:
    """What no longer reads anything is too plainly wrong."""
    return not expression.has(Indexed) and not any(isinstance(node, Symbol) and not node.is_integer for node in nodes(expression))
