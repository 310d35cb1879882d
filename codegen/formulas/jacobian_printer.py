"""Formulas of Jacobians: ∂a2[n′,k′]/∂W1[j,i] for what is differentiated, at the letters that are held, and by what."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr

from chainrule.codegen.document.nodes import Function, Letter, Node, Scripts, Text, bracketed, derivative, node, row, separated
from chainrule.symbolic.derivation.jacobian import Jacobian
from chainrule.symbolic.forms.kronecker_form import Diagonal, Factor, Identity, JacobianForm

from .index_printer import IndexPrinter
from .matrix_printer import TRANSPOSED, MatrixPrinter
from .notation import Notation
from .plain_matrix import MatrixText
from .plain_text import PlainText
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


class JacobianText(PlainText):
    """In Unicode."""

    def __init__(self, jacobian: Jacobian, counted_from_one: bool = False) -> None:
        super().__init__(jacobian.system, counted_from_one)
        self.jacobian = jacobian

    def entry(self, name: str, indices: tuple[Expr, ...]) -> str:
        plain = super().entry
        above, *below = (plain(*each) for each in _entries(self.jacobian, name, indices))
        return f"∂{above}/∂{below[0]}" if below else above

    def form(self, form: JacobianForm) -> tuple[Node, Node]:
        """Both sides of a matrix form: ∂vec(Y)/∂vec(X), A ⊗ Bᵀ."""
        factors = () if isinstance(form, Diagonal) else form.factors
        of, wrt, matrices = self.jacobian.of.name, self.jacobian.wrt.name, MatrixText(self.jacobian.system)

        def factor(each: Factor) -> str:
            if isinstance(each.matrix, Identity):
                return "I"
            if len(factors) == 1 and each.row is not None:
                return matrices.text(each.matrix)
            return matrices.within(each.matrix, Precedence.ATOM) + ("" if each.row is not None else "ᵀ")

        if isinstance(form, Diagonal):
            written, by = matrices.text(form.matrix), wrt
            right = f"diag({written if len(form.matrix.letters) == 1 else f'vec({written})'})"
        else:
            right, by = " ⊗ ".join(map(factor, factors)), f"{wrt}ᵀ" if form.is_turned else wrt
        above, below = (f"vec({name})" if is_matrix else name for name, is_matrix in zip((of, by), _matrices(self.jacobian), strict=True))
        return Text(f"∂{above}/∂{below}"), Text(right)


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
        plain = super().entry
        above, *below = (plain(*each) for each in _entries(self.jacobian, name, indices))
        return derivative(above, below[0]) if below else above

    def form(self, form: JacobianForm) -> tuple[Node, Node]:
        """The same."""
        factors = () if isinstance(form, Diagonal) else form.factors
        matrices = MatrixPrinter(self.system, self.notation)
        of, by = matrices.name(self.jacobian.of.name), matrices.name(self.jacobian.wrt.name)

        def factor(each: Factor) -> Node:
            if isinstance(each.matrix, Identity):
                return Letter("I")
            if len(factors) == 1 and each.row is not None:
                return matrices.node(each.matrix)
            written = matrices.within(each.matrix, False, Precedence.ATOM)
            return written if each.row is not None else Scripts(written, above=node(TRANSPOSED))

        if isinstance(form, Diagonal):
            written = matrices.node(form.matrix)
            right = row(Function("diag"), bracketed(written if len(form.matrix.letters) == 1 else _vec(written), grows=True))
        else:
            right = separated([factor(each) for each in factors], "⊗")
            by = matrices.name(self.jacobian.wrt.name, transposed=True) if form.is_turned else by
        above, below = (_vec(name) if is_matrix else name for name, is_matrix in zip((of, by), _matrices(self.jacobian), strict=True))
        return derivative(above, below), right


def _vec(matrix: Node) -> Node:
    return row(Function("vec"), bracketed(matrix))


def _matrices(jacobian: Jacobian) -> tuple[bool, bool]:
    """Whether what is differentiated, and by what, are matrices, which are taken as vectors of their rows."""
    return len(jacobian.of.axes) == 2, len(jacobian.wrt.axes) == 2
