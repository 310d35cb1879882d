"""Determinants of a network, each beside the inverse of its matrix, which is an equation of the network too: B[i,i_] = solve(…, [i = i_]).

    det A = Σ_j A[i,j] c[i,j]  for every row i,   c[i,j] = det A B[j,i]

No cofactor of a row reads the row, so that the slope along it is the cofactor; that B solves A B = 1 says how the slope itself changes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sympy import Expr, Indexed

from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.index.index_letters import free_letters, is_letter, nodes
from chainrule.symbolic.index.named_functions import determinant
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.system.inverse_matrix import INVERSE, inverse_of, is_inverse
from chainrule.symbolic.system.system import Equation, System


def with_inverses_put_in(system: System) -> System:
    """The system with an equation for the inverse of every matrix of which it reads the determinant, where it has none yet."""
    if not any(equation.expression.has(determinant) for equation in system.equations):
        return system
    tensors = dict(system.tensors)
    equations: list[Equation] = []
    for equation in system.equations:
        beside: dict[Expr, Expr] = {}
        for node in _without_inverse(equation.expression):
            wanted = _inverse(node, equation, {*tensors, *system.axes, *system.constants, *system.adjoint_of})
            matrix, row, column = node.args
            known = next((each for each in (*system.equations, *equations) if is_inverse(each, wanted, matrix)), None)
            if known is None:
                known = inverse_of(wanted, matrix)
                tensors[wanted.name] = wanted
                equations.append(known)
            beside[node] = determinant(matrix, row, column, known.tensor.at(*wanted.axes[:-2], column, row))
        equations.append(Equation(equation.tensor, equation.expression.xreplace(beside)))
    return replace(system, equations=tuple(equations), tensors=tensors)


def _without_inverse(expression: Expr) -> list[determinant]:
    """The determinants that have no inverse beside them yet."""
    return list(dict.fromkeys(node for node in nodes(expression) if isinstance(node, determinant) and len(node.args) == 3))


def _inverse(node: determinant, equation: Equation, taken: Collection[str]) -> Tensor:
    """A_inverse, where the matrix is a tensor, else by the equation that reads it; its axes are the letters of the matrix."""
    matrix, row, column = node.args
    free = free_letters(node)
    summed = sorted(free - set(equation.indices), key=lambda letter: letter.name)
    axes = (*(letter for letter in equation.indices if letter in free), *summed, row, column)
    is_stored = isinstance(matrix, Indexed) and tuple(matrix.indices) == axes and all(map(is_letter, axes))
    name = free_name(f"{matrix.base.name if is_stored else equation.tensor.name}{INVERSE}", taken)
    return Tensor(name, axes, Role.INTERMEDIATE)
