"""The functions of single numbers: one table of what each is called in the equation language, SymPy, NumPy, Python and LaTeX."""

from __future__ import annotations

from dataclasses import dataclass

import sympy
from sympy import Basic

from .named_functions import clip, expm1, log1p, sigmoid, softplus
from .real_functions import Abs, sign
from .step_functions import ceil, floor, round_half_even, stop


@dataclass(frozen=True, slots=True)
class ElementaryFunction:
    """`name` is that of the language and of array forms.

    `classes` are SymPy's nodes of it, the first for new ones; what has none is written by others. `ufunc` is what NumPy calls it, and
    `math` what Python's module of that name does, where they have it; `written` what it is called on paper, where that is another name.
    A function that `is_partial` is not finite for every real number. The exponent of one that `is_raised` stands at its name, tanh²(z):
    tanh(z)² could be read as that of a square.
    """

    name: str
    classes: tuple[type[Basic], ...] = ()
    ufunc: str = ""
    math: str = ""
    written: str = ""
    arguments: int = 1
    is_partial: bool = False
    is_raised: bool = False


#: In the order in which messages name them.
ELEMENTARY = {
    function.name: function
    for function in (
        ElementaryFunction("exp", (sympy.exp,), "exp", "exp"),
        ElementaryFunction("log", (sympy.log,), "log", "log", is_partial=True),
        ElementaryFunction("sqrt", (), "sqrt", "sqrt", is_partial=True),
        ElementaryFunction("abs", (Abs, sympy.Abs), "absolute"),
        ElementaryFunction("sign", (sign, sympy.sign), "sign"),
        ElementaryFunction("round", (round_half_even,), "rint"),
        ElementaryFunction("floor", (floor, sympy.floor), "floor", "floor"),
        ElementaryFunction("ceil", (ceil, sympy.ceiling), "ceil", "ceil"),
        ElementaryFunction("stop", (stop,), written="sg"),
        ElementaryFunction("sin", (sympy.sin,), "sin", "sin", is_raised=True),
        ElementaryFunction("cos", (sympy.cos,), "cos", "cos", is_raised=True),
        ElementaryFunction("tan", (sympy.tan,), "tan", "tan", is_partial=True, is_raised=True),
        ElementaryFunction("sinh", (sympy.sinh,), "sinh", "sinh", is_raised=True),
        ElementaryFunction("cosh", (sympy.cosh,), "cosh", "cosh", is_raised=True),
        ElementaryFunction("tanh", (sympy.tanh,), "tanh", "tanh", is_raised=True),
        ElementaryFunction("arcsin", (sympy.asin,), "arcsin", "asin", is_partial=True),
        ElementaryFunction("arccos", (sympy.acos,), "arccos", "acos", is_partial=True),
        ElementaryFunction("arctan", (sympy.atan,), "arctan", "atan"),
        ElementaryFunction("erf", (sympy.erf,), math="erf"),
        ElementaryFunction("sigmoid", (sigmoid,), written="σ"),
        ElementaryFunction("relu"),
        ElementaryFunction("softplus", (softplus,)),
        ElementaryFunction("expm1", (expm1,), "expm1", "expm1"),
        ElementaryFunction("log1p", (log1p,), "log1p", "log1p", is_partial=True),
        ElementaryFunction("clip", (clip,), arguments=3),
        ElementaryFunction("maximum", (sympy.Max,), "maximum", written="max", arguments=2),
        ElementaryFunction("minimum", (sympy.Min,), "minimum", written="min", arguments=2),
    )
}


def ufunc_name(function: str) -> str:
    """What NumPy calls a function of array forms; its own name where NumPy has it not, or calls it the same."""
    return ELEMENTARY[function].ufunc or function if function in ELEMENTARY else function


#: The names of SymPy's nodes.
NAMES: dict[type[Basic], str] = {node: function.name for function in ELEMENTARY.values() for node in function.classes}
