"""The text of a work: a file of Python, the code cells of a notebook, or formulas."""

from __future__ import annotations

import json
import re
from pathlib import Path

from chainrule.codegen.files.read import exists, read_text
from chainrule.symbolic.index.failures import InvalidDescription, nearest

from .equations.files import LINES

ENDINGS = (".py", ".ipynb", *LINES)
MOST_BYTES = 1_000_000
#: Of a notebook with the pictures that it shows, and of the rest.
MOST_OF_NOTEBOOK, MOST_OF_CELLS = 24_000_000, 4_000_000
PICTURE = re.compile(r'"[A-Za-z0-9+/=\\]{1000,}"')
#: What a notebook says to its shell is no Python, nor is a cell of another language.
MAGIC = re.compile(r"\s*(?:[%!?]|.*\?\s*$)")
OTHER_LANGUAGE = re.compile(r"\s*%%(?!time|timeit|capture)\w")


def read_work(path: Path) -> str:
    """The text of a work; of a notebook, that of its cells one after the other.

    Raises:
        InvalidDescription: where the file has another ending or cannot be read.
    """
    typed = str(path)
    if path.suffix not in ENDINGS:
        found, close = "a folder" if exists(path) and path.is_dir() else f"the ending {path.suffix!r}", nearest(path.suffix, ENDINGS)
        ending = f"; did you mean {close!r}?" if close else ""
        raise InvalidDescription(f"{typed}: found {found}, expected a work in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}{ending}")
    if path.suffix == ".ipynb":
        return _cells(PICTURE.sub('""', read_text(path, typed, "a work", MOST_OF_NOTEBOOK, "", kind="notebook")), typed)
    return read_text(path, typed, "a work", MOST_BYTES, "", kind="file of formulas" if path.suffix in LINES else "file of Python")


def _cells(text: str, typed: str) -> str:
    if len(text) > MOST_OF_CELLS:
        raise InvalidDescription(f"{typed}: found {len(text)} characters beside pictures, expected a notebook of at most {MOST_OF_CELLS}")
    try:
        notebook = json.loads(text)
        cells = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
        code = ["".join(source) for source in cells]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InvalidDescription(f"{typed}: found no notebook, expected cells of code in JSON") from None
    lines = [line for each in code for line in ([] if OTHER_LANGUAGE.match(each) else each.split("\n"))]
    return "\n".join("" if MAGIC.match(line) else line for line in lines)
