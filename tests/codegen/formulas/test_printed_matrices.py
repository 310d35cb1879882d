"""Matrix notation as it is printed, read back from the page: products in their order, transposes, ones, shapes under the factors."""

from __future__ import annotations

import numpy as np
import pytest
from latex_reading import Unread, tokens
from matrix_reading import Matrices, WrongShape, column
from printed_pages import printed_lines
from test_printed_formulas import TOLERANCE, Found, fresh

from chainrule import derive
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.node_walk import parts
from chainrule.codegen.document.nodes import Node, node, row
from chainrule.codegen.document.unicode_formula import write_unicode
from chainrule.codegen.formulas.matrix_printer import MatrixPrinter
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.plain_matrix_printer import PlainMatrixPrinter
from chainrule.codegen.handout import handout
from chainrule.codegen.lesson.material import Material
from chainrule.symbolic.checking.matrix_values import matrix_error
from chainrule.symbolic.checking.verification import random_numbers
from chainrule.symbolic.forms.matrices import Matrix
from chainrule.symbolic.forms.matrix_form import matrix_form
from chainrule.symbolic.forms.scalar_form import fixed_sizes
from chainrule.symbolic.language.system_reader import system_from_equations

#: N, which no other size is.
EXAMPLES = 7
SECTIONS = {"forward", "derivation", "summary"}
#: How many lines in matrix notation are read, at least.
READ = {"mazur": 20, "logistic": 21, "affine_softmax": 21, "one_feeding_two": 20, "residual": 40, "columns": 22, "handwriting": 27}


def matrices(material: Material) -> Matrices:
    """The arrays at which the derivation was verified, by their names in matrix notation."""
    system, numbers = material.system, material.numbers
    arrays, constants = {}, {}
    tensors = [*system.tensors, *(f"d{name}" for name in material.derivation.adjoints)]
    for name in tensors:
        if name in numbers.arrays:
            array = np.real(np.asarray(numbers.arrays[name]))
            for transposed in (True, False):
                value = column(array) if array.ndim else array
                arrays[tuple(tokens(write_latex(material.matrices.name(name, transposed))))] = (
                    value.T if transposed and array.ndim else value
                )
    for name, constant in system.constants.items():
        constants[tuple(tokens(write_latex(material.by_index.entry(name, ()))))] = constant
    return Matrices(arrays, constants, {"N": numbers.sizes[system.batch or "n"]}, write_latex(node(material.notation.entrywise_product)))


def read_matrices(spec: str) -> Found:
    """The lines that matrix notation is used in, at sizes at which the shapes that are printed are those of the arrays."""
    material = fresh(spec)
    document = handout(material, "en")
    known = matrices(at_own_sizes(material))
    found = Found()
    for lines in printed_lines(document):
        for part in lines:
            if part.section not in SECTIONS or not write_latex(part.line.left.node):
                continue
            text = f"{write_latex(part.line.left.node)} = {write_latex(part.line.right.node)}"
            try:
                left, right = known.value(write_latex(part.line.left.node)), known.value(write_latex(part.line.right.node))
                found.add(text, left, np.broadcast_to(right, np.shape(left)), TOLERANCE)
            except Unread as problem:
                found.unread.append(f"{text}: {problem}")
            except (WrongShape, ValueError) as problem:
                found.wrong.append(f"{text}: {problem}")
    return found


def at_own_sizes(material: Material) -> Material:
    """Printed shapes are those of the description."""
    own = Material(**{name: getattr(material, name) for name in material.__dataclass_fields__})
    own.__dict__["numbers"] = random_numbers(material.derivation, sizes=fixed_sizes(material.system, EXAMPLES))
    return own


@pytest.mark.parametrize("spec", READ)
def test_every_line_in_matrix_notation_that_can_be_read_holds(spec: str) -> None:
    found = read_matrices(spec)
    assert not found.wrong, found.wrong[0]
    assert found.right >= READ[spec], (found.right, found.unread)


def test_a_lost_transpose_is_found_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    right = MatrixPrinter.raised

    def never_transposed(self: MatrixPrinter, letter: Node, layer: str, _: bool) -> Node:
        return right(self, letter, layer, False)

    monkeypatch.setattr(MatrixPrinter, "raised", never_transposed)
    assert read_matrices("residual").wrong


def test_a_wrong_shape_is_found_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    right = MatrixPrinter.shape

    def turned(self: MatrixPrinter, matrix: Matrix) -> Node:
        return row(*parts(right(self, matrix))[::-1])

    monkeypatch.setattr(MatrixPrinter, "shape", turned)
    assert read_matrices("residual").wrong


def test_factors_in_the_other_order_are_found_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    right = MatrixPrinter.write

    def turned(self: MatrixPrinter, matrix: Matrix, shapes: bool):  # type: ignore[no-untyped-def]
        written, level = right(self, matrix, shapes)
        return row(*parts(written)[::-1]) if type(matrix).__name__ == "MatrixProduct" else written, level

    monkeypatch.setattr(MatrixPrinter, "write", turned)
    assert read_matrices("residual").wrong


ROWS = """Z[i,k] = X[i,k]*W[i,k]
S[i,k] = exp(Z[i,k])/sum(k_, exp(Z[i,k_]))
H[i,k] = v[i]*S[i,k]
C = sum(i, k, H[i,k]**2)"""
COLUMNS = ROWS.replace("sum(k_, exp(Z[i,k_]))", "sum(i_, exp(Z[i_,k]))").replace("v[i]", "v[k]")


@pytest.mark.parametrize(
    ("equations", "v", "lines"),
    [
        (ROWS, "v[i]", {"S": "dH ⊙ (v 1ᵀ)", "Z": "S ⊙ (dS - (Σ_k (dS ⊙ S)) 1ᵀ)", "v": "Σ_k (dH ⊙ S)"}),
        (COLUMNS, "v[k]", {"S": "dH ⊙ (1 vᵀ)", "Z": "S ⊙ (dS - 1 (Σ_i (dS ⊙ S))ᵀ)", "v": "Σ_i (dH ⊙ S)"}),
    ],
)
def test_the_terminal_tells_rows_from_columns(equations: str, v: str, lines: dict[str, str]) -> None:
    """A vector that is repeated says along which axis."""
    system = system_from_equations(equations, ["W[i,k]", v], ["X[i,k]"])
    adjoints = derive(system).adjoints
    assert {
        name: write_unicode(PlainMatrixPrinter(system).node(matrix_form(adjoints[name].equation, system.order))) for name in lines
    } == lines


def test_an_entrywise_product_in_a_product_of_matrices_stands_in_brackets() -> None:
    system = system_from_equations("z[n,j] = m[n,j]*sum(i, W[j,i]*x[n,i])\nC = sum(n, j, z[n,j]**2)", ["W[j,i]"], ["x[n,i]", "m[n,j]"])
    matrix = matrix_form(derive(system).adjoints["W"].equation, system.order)
    assert write_unicode(PlainMatrixPrinter(system).node(matrix)) == "(dz ⊙ m)ᵀ x"
    assert write_latex(MatrixPrinter(system, NOTATIONS["superscript"]).node(matrix)).startswith(r"\left(")


@pytest.mark.parametrize(
    ("equations", "plain", "latex"),
    [
        ("F[n] = x[n]*w\nC = -mean(n, F[n])", "-1 / N", r"-\frac{1}{N} \, \mathbf{1}_{N}"),
        ("F[n] = x[n]*w\nC = sum(n, F[n])", "1", r"\mathbf{1}_{N}"),
        (
            "F[n,j] = x[n]*v[j]*w\nC = -mean(n, mean(j, F[n,j]))",
            "-1 / (N N_j)",
            r"-\frac{1}{N \, N_{j}} \, \mathbf{1}_{N} \, \mathbf{1}^{\top}_{N_{j}}",
        ),
        (
            "F[n] = x[n]*w\nC = sum(n, F[n])*sum(n, x[n])*w",
            "w Σ_n x",
            r"\left(w \, \sum_{n'} x\right) \, \mathbf{1}_{N}",
        ),
        ("F[n] = x[n]*w\nC = (w - w**2)*sum(n, F[n])", "w - w²", r"\left(w - w^{2}\right) \, \mathbf{1}_{N}"),
    ],
)
def test_a_number_for_every_entry_is_written_with_ones(equations: str, plain: str, latex: str) -> None:
    """On paper the right side has the shape of the left one; in the names of the module the left side says it."""
    system = system_from_equations(equations, ["w"], ["x[n]", "v[j]"] if "v[j]" in equations else ["x[n]"])
    derivation = derive(system)
    equation = derivation.adjoints["F"].equation
    form = matrix_form(equation, system.order)
    assert form.letters == equation.indices
    assert matrix_error(equation, form, random_numbers(derivation)) < 1e-12
    assert write_unicode(PlainMatrixPrinter(system).node(form)) == plain
    assert write_latex(MatrixPrinter(system, NOTATIONS["superscript"]).node(form)) == latex
