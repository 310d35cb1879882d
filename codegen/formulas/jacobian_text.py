"""Formulas of Jacobians: ∂a2[n′,k′]/∂W1[j,i] for what is differentiated, at the letters that are held, and by what."""

from __future__ import annotations

from sympy import Expr

from chainrule.symbolic.derivation.jacobian import Jacobian
from chainrule.symbolic.forms.kronecker_form import Diagonal, Factor, Identity, JacobianForm

from .latex import Latex
from .latex_matrix import LatexMatrix
from .notation import Notation, operator
from .plain_matrix import MatrixText
from .plain_text import PlainText
from .printer import Precedence


class JacobianText(PlainText):
    """In Unicode."""

    def __init__(self, jacobian: Jacobian) -> None:
        super().__init__(jacobian.system)
        self.jacobian = jacobian

    def entry(self, name: str, indices: tuple[Expr, ...]) -> str:
        system = self.jacobian.system
        if name == system.cost.tensor.name:
            return super().entry(self.jacobian.of.name, indices)
        if name in system.adjoint_of:
            held = len(indices) - len(system.held)
            above = super().entry(self.jacobian.of.name, indices[held:])
            return f"∂{above}/∂{super().entry(system.adjoint_of[name], indices[:held])}"
        return super().entry(name, indices)

    def form(self, form: JacobianForm) -> tuple[str, str]:
        """Both sides of a matrix form: ∂vec(Y)/∂vec(X), A ⊗ Bᵀ."""
        of, wrt, matrices = self.jacobian.of.name, self.jacobian.wrt.name, MatrixText(self.jacobian.system)
        if isinstance(form, Diagonal):
            written = matrices.text(form.matrix)
            whole = written if len(form.matrix.letters) == 1 else f"vec({written})"
            return _sides("∂{}/∂{}", "vec({})", of, wrt, self.jacobian), f"diag({whole})"

        def factor(each: Factor) -> str:
            if isinstance(each.matrix, Identity):
                return "I"
            if len(form.factors) == 1 and each.row is not None:
                return matrices.text(each.matrix)
            return matrices.within(each.matrix, Precedence.ATOM) + ("" if each.row is not None else "ᵀ")

        by = f"{wrt}ᵀ" if form.is_turned else wrt
        return _sides("∂{}/∂{}", "vec({})", of, by, self.jacobian), " ⊗ ".join(map(factor, form.factors))


class JacobianLatex(Latex):
    """In LaTeX."""

    def __init__(self, jacobian: Jacobian, notation: Notation) -> None:
        super().__init__(jacobian.system, notation)
        self.jacobian = jacobian

    def entry(self, name: str, indices: tuple[Expr, ...]) -> str:
        system = self.jacobian.system
        if name == system.cost.tensor.name:
            return super().entry(self.jacobian.of.name, indices)
        if name in system.adjoint_of:
            held = len(indices) - len(system.held)
            above = super().entry(self.jacobian.of.name, indices[held:])
            return rf"\frac{{\partial {above}}}{{\partial {super().entry(system.adjoint_of[name], indices[:held])}}}"
        return super().entry(name, indices)

    def form(self, form: JacobianForm) -> tuple[str, str]:
        """The same in LaTeX."""
        matrices = LatexMatrix(self.system, self.notation)
        of, wrt = matrices.name(self.jacobian.of.name), matrices.name(self.jacobian.wrt.name)
        fraction, vec = r"\frac{{\partial {}}}{{\partial {}}}", operator("vec").replace("{", "{{").replace("}", "}}") + "({})"
        if isinstance(form, Diagonal):
            written = matrices.text(form.matrix)
            whole = written if len(form.matrix.letters) == 1 else vec.format(written)
            return _sides(fraction, vec, of, wrt, self.jacobian), rf"{operator('diag')}\left({whole}\right)"

        def factor(each: Factor) -> str:
            if isinstance(each.matrix, Identity):
                return "I"
            if len(form.factors) == 1 and each.row is not None:
                return matrices.text(each.matrix)
            written = matrices.within(each.matrix, False, Precedence.ATOM)
            return written if each.row is not None else rf"{{{written}}}^{{\top}}"

        by = matrices.name(self.jacobian.wrt.name, transposed=True) if form.is_turned else wrt
        return _sides(fraction, vec, of, by, self.jacobian), r" \otimes ".join(map(factor, form.factors))


def _sides(fraction: str, vec: str, of: str, by: str, jacobian: Jacobian) -> str:
    """The left side: matrices as vectors of their rows."""
    above = vec.format(of) if len(jacobian.of.axes) == 2 else of
    return fraction.format(above, vec.format(by) if len(jacobian.wrt.axes) == 2 else by)
