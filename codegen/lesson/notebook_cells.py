"""The lines of the module as cells of a notebook: an equation each, or a recurrence with all that its loop fills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.codegen.backends.numpy.lines import INDENT
from chainrule.codegen.backends.numpy.statements import in_loops, statements, with_loops
from chainrule.codegen.document.document import Listing
from chainrule.codegen.program.array_sizes import size_name
from chainrule.codegen.program.program import Assignment

from .material import Material
from .try_it import NOTEBOOK_NAMES, is_written_out

#: Of a pass with more cells the first ones are run by themselves, and the module computes the rest.
MOST_CELLS, FIRST_CELLS = 60, 24
#: Larger arrays are shown by their shape and length.
MOST_ENTRIES = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """Lines that are run together, and the names of the network's quantities that they compute."""

    names: tuple[str, ...]
    lines: tuple[str, ...]


def cells(material: Material, assignments: Sequence[Assignment]) -> list[Cell]:
    """The lines in order; what has no equation of its own, as it left a loop, stands before the line that reads it."""
    found: list[Cell] = []
    names: list[str] = []
    lines: list[str] = []
    for each, steps in with_loops(statements(assignments, material.program.system)):
        lines.append(each.start.broken(0))
        lines += in_loops(each.headers, [step.broken(INDENT * len(each.headers)) for step in steps])
        names += [each.assignment.name] if each.assignment.name in material.system.stored else []
        if names and (each.assignment.loop is None or steps):
            found.append(Cell(tuple(names), tuple(lines)))
            names, lines = [], []
    return found


def shown_cells(material: Material, assignments: Sequence[Assignment]) -> list[Cell]:
    """Those that a notebook has; none where names of the network are names of the module too."""
    if _names_meet(material):
        return []
    found = cells(material, assignments)
    return found if len(found) <= MOST_CELLS else found[:FIRST_CELLS]


def _names_meet(material: Material) -> bool:
    """Whether a variable of the passes would take the place of something that the notebook calls."""
    system = material.system
    taken = NOTEBOOK_NAMES.union(vars(material.checked.module)) - set(system.constants)
    own = {*material.program.system.stored, *map(size_name, system.axes)}
    return not taken.isdisjoint(own) or any(name.startswith(ANSWER) for name in own)


#: In front of the name of what is asked for.
ANSWER = "own_"


def run(material: Material, cell: Cell) -> Listing:
    """The lines, and what they have computed."""
    return Listing("\n".join([*cell.lines, *_printed(material, cell.names)]), runs=True)


def _printed(material: Material, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        entries = _entries(material, name)
        if entries is None or entries > MOST_ENTRIES:
            yield f'print("{name}", {name}.shape, "length", np.sqrt(np.sum(np.square({name}))))'
        elif material.system.stored[name].axes:
            yield f'print("{name}", {name}.shape, {name}, sep="\\n")'
        else:
            yield f'print("{name}", {name})'


def _entries(material: Material, name: str) -> int | None:
    """How many there are, where the numbers are those of the worked example."""
    values, tensor = material.example.values, material.system.stored[name]
    if not tensor.axes:
        return 1
    return int(np.size(values[tensor.name])) if is_written_out(material) and tensor.name in values else None
