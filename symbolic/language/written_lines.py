"""The equations of a text with all indices, everything written out that is said shortly, and the equations that this needs beside them."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from chainrule.symbolic.index.axes import size_symbol
from chainrule.symbolic.index.failures import located
from chainrule.symbolic.index.kink import Kink

from .axis_inference import letters_of_place
from .conditions import comparisons
from .equation_lines import EquationLine
from .functions import REDUCTIONS, SHORT
from .further_equations import FurtherEquations
from .kinks import at_kinks
from .last_places import with_last_places
from .shorthand import Meanings, Shorthands
from .solved_lines import with_solutions_written
from .syntax import check_depth
from .trees import names_in, nodes_of
from .whole_tensors import with_indices


def written_lines(
    lines: Sequence[EquationLine],
    declared: Mapping[str, Sequence[str]],
    constants: Collection[str],
    fixed: Mapping[str, int],
    kink: Kink | None,
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
    taken = {*declared, *constants, *(line.name for line in lines)}
    letters = {letter for own in declared.values() for letter in own} | {letter for line in lines for letter in _letters(line)} - taken
    placed = {letter for line in lines for letter in _placed(line)} - letters
    # N_t and T are what they count, unless they stand as a letter by themselves too.
    counts = {count for letter in letters | placed for count in (size_symbol(letter).name, letter.upper()) if count != letter}
    meanings = Meanings(letters | placed - counts, taken, fixed)
    lines = with_last_places(lines, meanings)
    products = FurtherEquations({*taken, *(name for line in lines for name in names_in(line.right.tree))})
    once = Counter(line.name for line in lines)
    before_0 = {name for line in lines for name in _read_before(line, meanings)}
    found: list[EquationLine] = []
    for line in lines:
        before = len(products.lines)
        with located(line.at, f"{line.title}: "):
            shorthands = Shorthands(at_kinks(line.right, kink, constants), meanings, line, products)
            own = shorthands.equation(is_alone=once[line.name] == 1, is_read_before=line.name in before_0)
        found += [*products.lines[before:], *own]
    return found


def _placed(line: EquationLine) -> Iterable[str]:
    """What may be a letter on the left of a line."""
    return (letter for place in line.places for letter in letters_of_place(place))


def _letters(line: EquationLine) -> Iterable[str]:
    """What is a letter of a line: an index by itself, or at the place of one of a function's."""
    nodes = [*nodes_of(line.right.tree)]
    read = {part.id for node in nodes for part in _indices(node) if isinstance(part, ast.Name)}
    yield from (letter for letter in line.letters if not letter.isupper() or letter in read)
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in (*REDUCTIONS, *SHORT):
            for part in node.args[:-1]:
                yield from [part.id] if isinstance(part, ast.Name) else _compared(part)


def _read_before(line: EquationLine, meanings: Meanings) -> Iterable[str]:
    """What may be read before its first place."""
    for node in nodes_of(line.right.tree):
        if isinstance(node, ast.Subscript) and any(_may_be_negative(part, meanings) for part in _indices(node)):
            yield from names_in(node.value)


def _may_be_negative(place: ast.expr, meanings: Meanings) -> bool:
    """Whether a place has a minus sign in it and is not the last one, T − 1."""
    match place:
        case ast.BinOp(left=ast.Name(id=name), op=ast.Sub(), right=ast.Constant(value=1)) if meanings.counted_letter(name) is not None:
            return False
    return any(isinstance(node, ast.Sub | ast.USub) for node in nodes_of(place))


def _indices(node: ast.AST) -> Sequence[ast.expr]:
    if not isinstance(node, ast.Subscript):
        return ()
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else (node.slice,)


def _compared(condition: ast.expr) -> Iterable[str]:
    for comparison in comparisons(condition):
        sides = (comparison.left, comparison.comparators[0])
        yield from (side.id for side in sides if isinstance(side, ast.Name) and not (len(side.id) == 1 and side.id.isupper()))
