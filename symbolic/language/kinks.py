"""Functions with a kink, written out so that the slope that is chosen is that of the case which holds at the kink.

    relu(u)    where(u >= 0, u, 0)                        to the right: slope 1 at 0
               where(u > 0, u, where(u < 0, 0, u/2))      in the middle: slope 1/2, and the value u/2 is 0

Both cases have the same value there, so that only the slope changes, and formula, derivative and code follow from the text alone. The
variable of a kink is u, that of maximum(u, v) and minimum(u, v) is u - v; a number is v, whatever side it stands on. At the bounds of
clip(u, v, w) it is u.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass, replace

from chainrule.symbolic.index.kink import Kink

from .functions import ARGUMENTS, CONSTANTS
from .syntax import Syntax
from .trees import filled, names_in

#: What functions of A, B and C are written as. A middle of |u| is 0, as its slope is by itself.
WRITTEN_AT_KINK: dict[Kink, dict[str, str]] = {
    Kink.LEFT: {
        "relu": "where(A > 0, A, 0)",
        "abs": "where(A > 0, A, -A)",
        "maximum": "where(A > B, A, B)",
        "minimum": "where(A > B, B, A)",
        "clip": "where(A > C, C, where(A > B, A, minimum(B, C)))",
    },
    Kink.MIDDLE: {
        "relu": "where(A > 0, A, where(A < 0, 0, A/2))",
        "maximum": "where(A > B, A, where(A < B, B, (A + B)/2))",
        "minimum": "where(A > B, B, where(A < B, A, (A + B)/2))",
        "clip": "where(A > C, C, where(A < B, minimum(B, C), where(A >= C, (A + C)/2, where(A > B, A, (A + B)/2))))",
    },
    Kink.RIGHT: {
        "relu": "where(A >= 0, A, 0)",
        "abs": "where(A >= 0, A, -A)",
        "maximum": "where(A >= B, A, B)",
        "minimum": "where(A >= B, B, A)",
        "clip": "where(A >= C, C, where(A >= B, A, minimum(B, C)))",
    },
}
#: The same for where(A > B, U, V), where both cases are equal at A = B.
CASES_AT_KINK = {
    Kink.LEFT: "where(A > B, U, V)",
    Kink.MIDDLE: "where(A > B, U, where(A < B, V, (U + V)/2))",
    Kink.RIGHT: "where(A >= B, U, V)",
}


def at_kinks(syntax: Syntax, kink: Kink | None, constants: Collection[str] = (), meeting: bool = False) -> Syntax:
    """The text with the slope of the kink's side; with `meeting`, the cases of each where(u > v, …) meet in a kink too.

    Without it, what is written as where(…) says itself which case holds at the kink.
    """
    return syntax if kink is None else replace(syntax, tree=_Writer(kink, constants, meeting).visit(syntax.tree))


@dataclass
class _Writer(ast.NodeTransformer):
    kink: Kink
    constants: Collection[str]
    meeting: bool

    def visit_Call(self, node: ast.Call) -> ast.expr:
        arguments = [self.visit(argument) for argument in node.args]
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in WRITTEN_AT_KINK[self.kink] and len(arguments) == ARGUMENTS[name] and not node.keywords:
            if name in ("maximum", "minimum") and self.is_number(arguments[0]):
                arguments.reverse()
            return filled(WRITTEN_AT_KINK[self.kink][name], {part: [each] for part, each in zip("ABC", arguments, strict=False)}, node)
        match arguments:
            case [ast.Compare(left=left, ops=[ast.Gt() | ast.Lt() as sign], comparators=[right]), yes, no] if self.meeting:
                high, low = (left, right) if isinstance(sign, ast.Gt) else (right, left)
                return filled(CASES_AT_KINK[self.kink], {"A": [high], "B": [low], "U": [yes], "V": [no]}, node)
        return ast.copy_location(ast.Call(node.func, arguments, node.keywords), node)

    def is_number(self, node: ast.expr) -> bool:
        """Whether nothing but numbers and constants stands there."""
        return all(name in self.constants or name in CONSTANTS for name in names_in(node))
