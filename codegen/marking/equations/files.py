"""What the lines of a file are by its ending."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .latex import latex_lines
from .latex_names import IsName
from .lines import FormulaLine, plain_lines

LINES: dict[str, Callable[[str, IsName], Iterator[FormulaLine]]] = {".txt": plain_lines, ".tex": latex_lines, ".md": latex_lines}
