"""Expressions of a system from text as SymPy prints it. The text is the tests' own: nothing of a user's comes here."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, IndexedBase

from chainrule.symbolic.index.axes import index, size_symbol
from chainrule.symbolic.index.index_sum import IndexSum
from chainrule.symbolic.index.named_functions import arg_max, axis_max
from chainrule.symbolic.index.real_functions import Abs, sign
from chainrule.symbolic.index.tensors import base, scalar
from chainrule.symbolic.system.system import System

#: What printed formulas are written with.
FUNCTIONS = "KroneckerDelta Piecewise exp log sqrt sin cos tanh cosh".split()


def expression_from_text(text: str, system: System) -> Expr:
    """The expression, in a system's tensors, their adjoints, its letters and its sizes."""
    names: dict[str, Any] = {name: getattr(sympy, name) for name in FUNCTIONS}
    names |= {"Sum": IndexSum, "Abs": Abs, "sign": sign, "axis_max": axis_max, "arg_max": arg_max, "true": sympy.true}
    for axis in system.axes.values():
        names[str(axis.size_symbol)] = size_symbol(axis.name)
        names |= {axis.name + primes: index(axis.name + primes) for primes in ("", "_", "__")}
    for name, tensor in system.tensors.items():
        names[name] = base(name, tensor.is_integer) if tensor.axes else scalar(name)
        names[f"d{name}"] = base(f"d{name}") if tensor.axes else scalar(f"d{name}")
    names |= {name: scalar(name) for name in system.constants}
    found = eval(text, {"__builtins__": {}}, names)
    assert not isinstance(found, IndexedBase)
    return sympy.sympify(found)
