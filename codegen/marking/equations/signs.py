"""What signs and words mean in a formula."""

from __future__ import annotations

import ast
import re

CLOSING = {"(": ")", "[": "]", "{": "}"}
COMPARED: dict[str, type[ast.cmpop]] = {
    "=": ast.Eq, "==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, ">": ast.Gt, "<=": ast.LtE, ">=": ast.GtE,
}  # fmt: skip
PRODUCTS: dict[str, type[ast.operator]] = {"*": ast.Mult, "⊙": ast.Mult, "/": ast.Div, "@": ast.MatMult, "·": ast.MatMult}
#: Functions that bind a letter, written below them or first in their brackets.
BINDING = frozenset("sum mean max min argmax softmax log_softmax logsumexp prod norm var std cumsum cumprod".split())
FUNCTIONS = frozenset(
    "exp log ln sqrt abs sign sin cos tan sinh cosh tanh arcsin arccos arctan erf sigmoid σ relu softplus maximum minimum where clip "
    "floor ceil round stop onehot square ones diag norm derivative activation slope slope_tanh slope_exp slope_log".split()
)
#: With a prime, before a bracket: the derivative of a function by its name, or of what activates the layer.
SLOPES = {
    **dict.fromkeys("σ' sigmoid' relu' φ' ϕ' ψ' f' g'".split(), "slope"),
    **{f"{name}'": f"slope_{name}" for name in ("tanh", "exp", "log")},
}
#: What no formula of a work is evaluated with.
NOT_READ = frozenset("solve inverse cholesky det chol fixed_point grad".split())
ENDS = frozenset({"", "+", "-", "=", "==", "!=", "<", ">", "<=", ">=", ")", "]", "}", ",", "|", "if", "else", "where", "and", ":"})
IS_NAME = re.compile(r"[^\W\d]\w*'*$")
IS_NUMBER = re.compile(r"[\d.]")
