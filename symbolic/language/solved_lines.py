"""Equations that their left side solves, each written as x = fixed_point(f(x, …)).

    x[i] = solve(i_, A[i,i_], b[i])      the x with sum(i_, A[i,i_]*x[i_]) = b[i]:  x[i] = fixed_point(x[i] + b[i] - sum(i_, A[i,i_]*x[i_]))
    L[i,i_] = cholesky(A[i,i_])          L Lᵀ = A, and 0 above the diagonal

So a system, an inverse or a factor has no rule of its own: its derivative is that of such an equation.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from chainrule.symbolic.index.axes import PRIME
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of, located

from .equation_lines import EquationLine
from .functions import FIXED_POINT, SOLVED
from .trees import call, filled, names_of, subscript
from .whole_values import letters_of


def with_solved(lines: Sequence[EquationLine], names: Sequence[str]) -> list[EquationLine]:
    """The lines with fixed_point(…) around the right sides of the tensors of these names.

    Raises:
        InvalidDescription: where no equation has one of these names.
    """
    known = dict.fromkeys(line.name for line in lines)
    for number, name in enumerate(names):
        if name not in known:
            raise InvalidDescription(f"implicit: no equation defines {name!r}; {expected_one_of(name, known)}", ("implicit", number))
    return [
        replace(line, right=replace(line.right, tree=call(FIXED_POINT, line.right.tree, at=line.right.tree)))
        if line.name in names and called(line.right.tree) not in SOLVED
        else line
        for line in lines
    ]


def called(tree: ast.expr) -> str:
    """The function that a right side is a call of."""
    return tree.func.id if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) else ""


def with_solutions_written(line: EquationLine) -> EquationLine:
    """The line with fixed_point in place of what is short for it.

    Raises:
        InvalidDescription: with a mark under the place, where the arguments do not fit the left side.
    """
    tree = line.right.tree
    if not isinstance(tree, ast.Call) or (function := called(tree)) not in SOLVED:
        return line
    with located(line.at, f"{line.title}: "):
        if not line.is_plain:
            raise line.right.at(tree, f"{function}(…) gives all entries of a tensor; write a letter for every index on the left")
        if function == FIXED_POINT:
            return line
        body = _linear(line, tree) if function == "solve" else _factor(line, tree)
        return replace(line, right=replace(line.right, tree=call(FIXED_POINT, body, at=tree)))


def _linear(line: EquationLine, tree: ast.Call) -> ast.expr:
    if len(tree.args) < 3:
        raise line.right.at(tree, "solve takes letters, a matrix and a right side, as in x[i] = solve(i_, A[i,i_], b[i]), or whole tensors")
    *bound, matrix, right = tree.args
    columns: dict[str, str] = {}
    for node in bound:
        stem = node.id.rstrip(PRIME) if isinstance(node, ast.Name) else ""
        row = next((letter for letter in line.letters if letter.rstrip(PRIME) == stem and letter not in columns), None)
        if not isinstance(node, ast.Name) or row is None or node.id in line.letters:
            left = ", ".join(f"{letter}_" for letter in line.letters) or "none"
            raise line.right.at(node, f"solve sums over a letter of the left side with an underscore, here one of: {left}")
        columns[row] = node.id
    own, there = (
        subscript(line.name, names_of(letters, tree), tree)
        for letters in (line.letters, [columns.get(letter, letter) for letter in line.letters])
    )
    return filled(
        "X + B - sum(K, M*Y)", {"X": [own], "B": [right], "M": [matrix], "Y": [there], "K": names_of(columns.values(), tree)}, tree
    )


def _factor(line: EquationLine, tree: ast.Call) -> ast.expr:
    if len(tree.args) != 1 or len(line.letters) != 2 or len({letter.rstrip(PRIME) for letter in line.letters}) > 1:
        raise line.right.at(tree, "cholesky takes a matrix, whose two axes are one, as in L[i,i_] = cholesky(A[i,i_])")
    row, column = line.letters
    (between,) = letters_of((row.rstrip(PRIME),), line.letters)

    def at(*letters: str) -> list[ast.expr]:
        return [subscript(line.name, names_of(letters, tree), tree)]

    parts = {"L": at(row, column), "A": tree.args, "F": at(row, between), "G": at(column, between), "K": names_of((between,), tree)}
    parts |= {"I": names_of((row,), tree), "J": names_of((column,), tree)}
    return filled("where(J <= I, L + A - sum(K, F*G), 0)", parts, tree)
