"""Formulas of Jacobians: ∂a2[n′,k′]/∂W1[j,i] for what is differentiated, at the letters that are held, and by what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Expr

from chainrule.codegen.document.nodes import Function, Letter, Node, Scripts, bracketed, derivative, node, row, separated
from chainrule.symbolic.derivation.jacobian import Jacobian
from chainrule.symbolic.forms.kronecker_form import Diagonal, Factor, Identity, JacobianForm

from .function_signs import called
from .index_printer import IndexPrinter
from .notation import Notation
from .plain_matrix_printer import TRANSPOSED, PlainMatrixPrinter
from .plain_printer import PlainPrinter
from .printer import Precedence
from .view_printer import with_place


def _entries(jacobian: Jacobian, name: str, indices: tuple[Expr, ...]) -> list[tuple[str, tuple[Expr, ...]]]:
    """What a name of the derivation stands for: an entry, or two of which the first is differentiated by the second."""
    system, of = jacobian.system, jacobian.of.name
    if name == system.cost.tensor.name:
        return [(of, indices)]
    if name not in system.adjoint_of:
        return [(name, indices)]
    held = len(indices) - len(system.held)
    return [(of, indices[held:]), (system.adjoint_of[name], indices[:held])]


class JacobianPrinter(IndexPrinter):
    """In a notation; with one example, its index is left out. Nodes of a computational graph have names of their own."""

    def __init__(
        self, jacobian: Jacobian, notation: Notation, examples: int | None = None, names: Mapping[str, Node] | None = None
    ) -> None:
        super().__init__(jacobian.system, notation, examples)
        self.jacobian, self.names = jacobian, names or {}

    def spelled(self, name: str, indices: tuple[Expr, ...]) -> Node | None:
        return with_place(self.names[name], self.lowered(name, indices)) if name in self.names else None

    def entry(self, name: str, indices: tuple[Expr, ...]) -> Node:
        return _written(super().entry, _entries(self.jacobian, name, indices))


class PlainJacobianPrinter(PlainPrinter):
    """In the names of the module."""

    def __init__(self, jacobian: Jacobian, counted_from_one: bool = False) -> None:
        super().__init__(jacobian.system, counted_from_one)
        self.jacobian = jacobian

    def entry(self, name: str, indices: tuple[Expr, ...]) -> Node:
        return _written(super().entry, _entries(self.jacobian, name, indices))


def _written(entry: Callable[[str, tuple[Expr, ...]], Node], entries: list[tuple[str, tuple[Expr, ...]]]) -> Node:
    above, *below = (entry(*each) for each in entries)
    return derivative(above, below[0]) if below else above


def form_sides(jacobian: Jacobian, form: JacobianForm, matrices: PlainMatrixPrinter) -> tuple[Node, Node]:
    """Both sides of a matrix form: ∂vec(Y)/∂vec(X), A ⊗ Bᵀ."""
    factors = () if isinstance(form, Diagonal) else form.factors

    def factor(each: Factor) -> Node:
        if isinstance(each.matrix, Identity):
            return Letter("I")
        if len(factors) == 1 and each.row is not None:
            return matrices.node(each.matrix)
        written = matrices.within(each.matrix, False, Precedence.ATOM)
        return written if each.row is not None else Scripts(written, above=node(TRANSPOSED))

    if isinstance(form, Diagonal):
        written = matrices.node(form.matrix)
        right = called(Function("diag"), [written if len(form.matrix.letters) == 1 else _vec(written)])
    else:
        right = separated([factor(each) for each in factors], "⊗")
    names = matrices.name(jacobian.of.name), matrices.name(jacobian.wrt.name, not isinstance(form, Diagonal) and form.is_turned)
    # Matrices are taken as vectors of their rows.
    above, below = (_vec(name) if len(of.axes) == 2 else name for name, of in zip(names, (jacobian.of, jacobian.wrt), strict=True))
    return derivative(above, below), right


def _vec(matrix: Node) -> Node:
    return row(Function("vec"), bracketed(matrix))
