"""A small system entry by entry: every entry of every tensor is a tensor of its own, without axes, so that single neurons can be looked at.

z[j] = Σ_i W[j,i] x[i] + b[j]   becomes   z_1 = W_1_1 x_1 + W_1_2 x_2 + b_1,   z_2 = …
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from sympy import Expr, Integer

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.tensors import Tensor, scalar
from chainrule.symbolic.system.system import Equation, System

from .scalar_form import MOST_ENTRIES, entry_by_entry, fixed_sizes


@dataclass(frozen=True)
class SingleEntries:
    """The system of entries, and for each tensor of it the tensor and the position (counted from 0) it was taken from."""

    system: System
    origin: Mapping[str, tuple[str, tuple[int, ...]]]


def single_entries(system: System) -> SingleEntries:
    """Every entry as a tensor of its own; there is no axis of examples.

    Raises:
        NotExpressible: where a size is open, or there are too many entries to read.
    """
    sizes = fixed_sizes(system, 1)
    origin: dict[str, tuple[str, tuple[int, ...]]] = {}
    tensors: dict[str, Tensor] = {}
    renamed: dict[Expr, Expr] = {}
    for tensor in system.tensors.values():
        for position in product(*(range(sizes[axis_name(letter)]) for letter in tensor.axes)):
            name = "_".join([tensor.name, *(str(place + 1) for place in position)])
            origin[name] = tensor.name, position
            tensors[name] = Tensor(name, (), tensor.role)
            renamed[tensor.at(*map(Integer, position))] = scalar(name)
            if len(tensors) > MOST_ENTRIES:
                raise NotExpressible(f"there are more than {MOST_ENTRIES} entries")
    equations = tuple(
        Equation(tensors[str(part.entry.xreplace(renamed).name)], part.expression.xreplace(renamed))
        for equation in system.equations
        for part in entry_by_entry(equation, system, sizes)
    )
    order = system.source_order.with_names({name: tensor for name, (tensor, _) in origin.items()})
    return SingleEntries(System(system.name, {}, tensors, equations, system.constants, batch=None, source_order=order), origin)
