"""The equations of a text with all indices, everything written out that is said shortly, and the equations that this needs beside them."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from chainrule.symbolic.index.failures import located
from chainrule.symbolic.index.kink import Kink

from .axis_inference import letters_of_place
from .conditions import comparisons
from .equation_lines import EquationLine
from .functions import REDUCTIONS, SHORT
from .further_equations import FurtherEquations
from .kinks import at_kinks
from .shorthand import Meanings, Shorthands
from .solved_lines import with_solutions_written
from .syntax import check_depth
from .trees import names_in
from .whole_tensors import with_indices


def written_lines(
    lines: Sequence[EquationLine],
    declared: Mapping[str, Sequence[str]],
    constants: Collection[str],
    fixed: Mapping[str, int],
    kink: Kink | None = None,
) -> list[EquationLine]:
    """The lines written out, what one of them needs before it; `declared` are the letters of the tensors from outside.

    Functions with a kink have the slope of `kink` there.

    Raises:
        InvalidDescription: with the equation and the place in it, where something said shortly does not fit.
    """
    for line in lines:
        with located(line.at, f"{line.title}: "):
            check_depth(line.right)
    lines = [with_solutions_written(line) for line in with_indices(lines, declared)]
    letters = {letter for own in declared.values() for letter in own}
    taken = {*declared, *constants, *(line.name for line in lines)}
    meanings = Meanings(letters | {letter for line in lines for letter in _letters(line)} - taken, taken, fixed)
    products = FurtherEquations({*taken, *(name for line in lines for name in names_in(line.right.tree))})
    once = Counter(line.name for line in lines)
    found: list[EquationLine] = []
    for line in lines:
        before = len(products.lines)
        with located(line.at, f"{line.title}: "):
            own = Shorthands(at_kinks(line.right, kink, constants), meanings, line, products).equation(is_alone=once[line.name] == 1)
        found += [*products.lines[before:], *own]
    return found


def _letters(line: EquationLine) -> Iterable[str]:
    """What may be a letter of a line: on its left side, or at the place of one of a function's."""
    for place in line.places:
        yield from letters_of_place(place)
    for node in ast.walk(line.right.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in (*REDUCTIONS, *SHORT):
            for part in node.args[:-1]:
                yield from [part.id] if isinstance(part, ast.Name) else _compared(part)


def _compared(condition: ast.expr) -> Iterable[str]:
    for comparison in comparisons(condition):
        sides = (comparison.left, comparison.comparators[0])
        yield from (side.id for side in sides if isinstance(side, ast.Name) and not (len(side.id) == 1 and side.id.isupper()))
