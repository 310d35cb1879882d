"""What a quantity of a network of equations is: the key of a sentence, and the names that the sentence mentions."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Indexed, Symbol

from chainrule.symbolic.index.index_letters import is_letter
from chainrule.symbolic.index.tensors import Role, entry_name
from chainrule.symbolic.system.system import System


@dataclass(frozen=True, slots=True)
class QuantityRole:
    """The end of a sentence's key, and the tensors that it mentions by their fields."""

    key: str
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()


def entry_of(expression: Expr) -> str | None:
    """The tensor whose entry an expression is, one without axes included."""
    is_entry = isinstance(expression, Indexed) or (isinstance(expression, Symbol) and not is_letter(expression))
    return entry_name(expression) if is_entry else None


def is_quantity(name: str, system: System) -> bool:
    """Whether it is given or computed, no parameter and no labels."""
    tensor = system.tensors.get(name)
    return tensor is not None and tensor.role is not Role.PARAMETER and not tensor.is_integer
