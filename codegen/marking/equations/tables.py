"""Tables of a document: a gradient stands in the first cell of a row, and what it is in the second one, without a sign of equality."""

from __future__ import annotations

import re

CELL = r"\s*(?:\{{\\raggedright\s*)?\$`?\s*(?P<{}>{}[^$`]*?)`?\$(?:\\par\}})?\s*"
GRADIENT = r"(?:\\[dt]?frac\s*\{{\s*)?(?:\\partial|\\nabla|\\mathrm\{{d\}}|\\mathbf\{{d\}}|d(?=[A-Za-z\\]))"
PAIR = re.compile(rf"\s*\|?{CELL.format('gradient', GRADIENT.format())}(?P<sign>[|&]){CELL.format('formula', '')}(?=[|&\\]|$)")
#: What is a shape, as 30 × 64 and N × 3, or a number. Nothing is given back: 1111 could be taken apart in 8 ways, and longer ones in 2ⁿ.
SHAPE = re.compile(r"(?:\d++(?:\.\d++)?|[Nmn](?:_\{?\w{1,9}+\}?)?+|\\times|\\cdot|[-+*,×\s]|\\,|\\dots)*+")
#: Where a row of a table begins that has a formula in its first cell.
ROW = re.compile(r"\s*(?:\||(?:\\item\s*)?(?:\{\\raggedright\s*)?\$[^$]*\$(?:\\par\})?\s*&)")


def is_row(line: str) -> bool:
    """Whether a line is a row of a table, whose words stand in other cells than its formulas."""
    return ROW.match(line) is not None


def with_equations(line: str) -> str:
    """A row with both cells as one equation, and any other line as it is."""
    found = PAIR.match(line)
    if found is None or SHAPE.fullmatch(found["formula"]):
        return line
    return f"| ${found['gradient'].strip()} = {found['formula'].strip()}$ {line[found.end() :]}"
