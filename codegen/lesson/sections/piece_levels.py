"""What a page shows in the place of an equation of a short handout at each level: by index, as matrices, as code, with numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chainrule.codegen.document.document import Block, Display
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.program.program import Assignment
from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.index.tensors import entry_name
from chainrule.symbolic.system.system import Equation

from .derivation import lines_of_code

#: Entries of a gradient whose numbers are shown.
MOST_ENTRIES = 12


def note_gradient(material: Material, adjoint: Adjoint, shown: Display) -> None:
    """Of a gradient's display, whose first line is by index and whose others are matrices."""
    name = adjoint.as_tensor.name
    _note(material, name, shown, (*material.program.backward, *material.program.inputs), _numbers(material, name))


def note_equation(material: Material, equation: Equation, shown: Display) -> None:
    """The same of an equation of the forward pass."""
    _note(material, equation.tensor.name, shown, (*material.program.forward, *material.program.cost), [])


def note_worked(material: Material, equation: Equation, shown: Display) -> None:
    """Of an equation that is worked entry by entry, with numbers."""
    matrix = material.matrix_line(equation, shapes=True)
    code = lines_of_code(material, equation.tensor.name, (*material.program.forward, *material.program.cost))
    material.levels.note_piece(shown, index=[shown], matrix=[Display((matrix,))] if matrix is not None else [], code=code)


def _note(material: Material, name: str, shown: Display, assignments: Sequence[Assignment], numbers: list[Block]) -> None:
    first, *matrices = shown.lines
    material.levels.note_piece(
        shown,
        index=[replace(shown, lines=(first,))],
        matrix=[Display(tuple(matrices))] if matrices else [],
        code=lines_of_code(material, name, assignments),
        numbers=numbers,
    )


def _numbers(material: Material, name: str) -> list[Block]:
    """The first entry of a gradient in full, and the values of the others."""
    numbers = material.entry_numbers
    if numbers is None:
        return []
    first, *others = [equation for entry, equation in numbers.backward.items() if entry_name(entry) == name]
    return [Display((*numbers.worked(first), *map(numbers.result, others[: MOST_ENTRIES - 1])))]
