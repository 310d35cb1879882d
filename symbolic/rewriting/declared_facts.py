"""What follows from declarations: |x| = x of a number above 0, m² = m of 0 and 1, A[j,i] = A[i,j] of a symmetric array."""

from __future__ import annotations

from sympy import Expr, Indexed, Integer, Pow, Symbol

from chainrule.symbolic.index.index_letters import free_letters
from chainrule.symbolic.index.real_functions import Abs, sign
from chainrule.symbolic.index.tensors import Tensor, Values, entry_of
from chainrule.symbolic.system.declared_values import meaning
from chainrule.symbolic.system.value_bounds import ValueBounds

from .rule import Facts


def declared_facts(expression: Expr, facts: Facts) -> Expr:
    """The expression without what declarations say is none: absolute values, signs, powers, another order of two indices."""
    declared = {tensor.name: tensor for tensor in (*facts.system.inputs, *facts.system.targets) if tensor.values is not Values.REAL}
    if not declared:
        return expression
    kinds, shorter = {tensor.values for tensor in declared.values()}, _without_signs(expression, declared)
    if Values.MASK in kinds:
        shorter = shorter.replace(lambda node: _is_power_of_mask(node, declared), lambda node: node.base)
    if Values.SYMMETRIC in kinds:
        shorter = shorter.replace(lambda node: _is_turned(node, declared, facts), _turned)
    return shorter


def _without_signs(expression: Expr, declared: dict[str, Tensor]) -> Expr:
    """|u| = u and sign(u) = 1 where what u reads says that it is above 0."""
    if not expression.has(Abs, sign):
        return expression
    bounds = ValueBounds({name: meaning(tensor).bounds for name, tensor in declared.items()}, {})
    known = expression.replace(lambda node: isinstance(node, Abs) and bounds.of(node.args[0]).is_not_negative, lambda node: node.args[0])
    return known.replace(lambda node: isinstance(node, sign) and bounds.of(node.args[0]).is_positive, lambda _: Integer(1))


def _read(node: Expr, declared: dict[str, Tensor]) -> Tensor | None:
    name = node.base.name if isinstance(node, Indexed) else node.name if isinstance(node, Symbol) else None
    return declared.get(str(name))


def _is_power_of_mask(node: Expr, declared: dict[str, Tensor]) -> bool:
    """m^k with a number k above 0, which is m."""
    if not (isinstance(node, Pow) and node.exp.is_number and node.exp.is_positive):
        return False
    tensor = _read(node.base, declared)
    return tensor is not None and tensor.values is Values.MASK


def _is_turned(node: Expr, declared: dict[str, Tensor], facts: Facts) -> bool:
    """Whether a symmetric array is read at A[j,i], where the letter that stays free, or that comes first, is i."""
    tensor = _read(node, declared) if isinstance(node, Indexed) else None
    if tensor is None or tensor.values is not Values.SYMMETRIC:
        return False
    first, second = (_rank(index, facts) for index in node.indices[-2:])
    return second < first


def _rank(index: Expr, facts: Facts) -> tuple[bool, str]:
    return not free_letters(index) & facts.outside, str(index)


def _turned(node: Indexed) -> Expr:
    *before, first, second = node.indices
    return entry_of(node.base, (*before, second, first))
