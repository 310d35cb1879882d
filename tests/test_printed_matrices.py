"""Matrix notation as it is printed, read back from the page: products in their order, transposes, ones, shapes under the factors."""

from __future__ import annotations

import numpy as np
import pytest
from latex_reading import Unread, tokens
from matrix_reading import Matrices, WrongShape, column
from printed_pages import printed_lines
from test_printed_formulas import TOLERANCE, Found, fresh

from codegen.latex_matrix import LatexMatrix
from codegen.lesson import handout
from codegen.lesson_material import Material
from symbolic.entry_values import entry_numbers
from symbolic.matrix_form import Matrix

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
                arrays[tuple(tokens(material.matrices.name(name, transposed)))] = value.T if transposed and array.ndim else value
    for name, constant in system.constants.items():
        constants[tuple(tokens(material.latex.entry(name, ())))] = constant
    return Matrices(arrays, constants, {"N": numbers.sizes[system.batch or "n"]}, material.notation.entrywise_product)


def read_matrices(spec: str) -> Found:
    """The lines that matrix notation is used in, at sizes at which the shapes that are printed are those of the arrays."""
    material = fresh(spec)
    document = handout(material, "en")
    known = matrices(at_own_sizes(material))
    found = Found()
    for lines in printed_lines(document):
        for part in lines:
            if part.section not in SECTIONS or not part.line.left:
                continue
            text = f"{part.line.left} = {part.line.right}"
            try:
                left, right = known.value(part.line.left), known.value(part.line.right)
                found.add(text, left, np.broadcast_to(right, np.shape(left)), TOLERANCE)
            except Unread as problem:
                found.unread.append(f"{text}: {problem}")
            except (WrongShape, ValueError) as problem:
                found.wrong.append(f"{text}: {problem}")
    return found


def at_own_sizes(material: Material) -> Material:
    """Printed shapes are those of the description."""
    own = Material(**{name: getattr(material, name) for name in material.__dataclass_fields__})
    own.__dict__["numbers"] = entry_numbers(material.derivation, EXAMPLES)
    return own


@pytest.mark.parametrize("spec", READ)
def test_every_line_in_matrix_notation_that_can_be_read_holds(spec: str) -> None:
    found = read_matrices(spec)
    assert not found.wrong, found.wrong[0]
    assert found.right >= READ[spec], (found.right, found.unread)


def test_a_lost_transpose_is_found_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    right = LatexMatrix.raised

    def never_transposed(self: LatexMatrix, letter: str, layer: str, _: bool) -> str:
        return right(self, letter, layer, False)

    monkeypatch.setattr(LatexMatrix, "raised", never_transposed)
    assert read_matrices("residual").wrong


def test_a_wrong_shape_is_found_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    right = LatexMatrix.shape

    def turned(self: LatexMatrix, matrix: Matrix) -> str:
        return r" \times ".join(reversed(right(self, matrix).split(r" \times ")))

    monkeypatch.setattr(LatexMatrix, "shape", turned)
    assert read_matrices("residual").wrong


def test_factors_in_the_other_order_are_found_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    right = LatexMatrix.write

    def turned(self: LatexMatrix, matrix: Matrix, shapes: bool):  # type: ignore[no-untyped-def]
        written, level = right(self, matrix, shapes)
        factors = written.split(r" \;\; ")
        return r" \;\; ".join(reversed(factors)) if type(matrix).__name__ == "MatrixProduct" else written, level

    monkeypatch.setattr(LatexMatrix, "write", turned)
    assert read_matrices("residual").wrong
