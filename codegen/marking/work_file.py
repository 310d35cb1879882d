"""The text of a work: a file of Python, the code cells of a notebook, or formulas."""

from __future__ import annotations

import json
from pathlib import Path

from chainrule.codegen.files.read import read_text
from chainrule.symbolic.index.failures import InvalidDescription

from .equations.files import LINES

ENDINGS = (".py", ".ipynb", *LINES)
MOST_BYTES = 4_000_000


def read_work(path: Path) -> str:
    """The text of a work; of a notebook, that of its cells one after the other.

    Raises:
        InvalidDescription: where the file has another ending or cannot be read.
    """
    typed = str(path)
    if path.suffix not in ENDINGS:
        raise InvalidDescription(
            f"{typed}: found the ending {path.suffix!r}, expected a work in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
        )
    text = read_text(path, typed, "a work", MOST_BYTES, "", kind="file of formulas" if path.suffix in LINES else "file of Python")
    return _cells(text, typed) if path.suffix == ".ipynb" else text


def _cells(text: str, typed: str) -> str:
    try:
        notebook = json.loads(text)
        cells = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
        code = ["".join(source) for source in cells]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InvalidDescription(f"{typed}: found no notebook, expected cells of code in JSON") from None
    lines = [line for each in code for line in each.split("\n")]
    # What a notebook says to its shell is no Python.
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)
