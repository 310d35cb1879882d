"""The table [document] of a description: a logo, a line above every page, LaTeX of the author's own; files are beside the description."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chainrule.codegen.document.front_matter import OwnFile
from chainrule.codegen.files.read import read_bytes
from chainrule.symbolic.index.failures import InvalidDescription, located
from chainrule.symbolic.index.limits import MOST_BYTES_OF_LOGO, MOST_BYTES_OF_PREAMBLE

#: How pictures begin, and what they are called beside a document.
PICTURES = {b"\x89PNG\r\n\x1a\n": "logo.png", b"\xff\xd8\xff": "logo.jpg"}
PICTURE, PREAMBLE = "a picture, PNG or JPEG", "a file of LaTeX in UTF-8"


def read_document(written: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """The fields of `FrontMatter`; raises `InvalidDescription` where a file cannot be read or is no such file."""
    found: dict[str, Any] = {"header": written["header"]} if "header" in written else {}
    if "logo" in written:
        with located(("document", "logo"), "document.logo: "):
            found["logo"] = _logo(written["logo"], folder)
    if "preamble" in written:
        with located(("document", "preamble"), "document.preamble: "):
            found["preamble"] = _preamble(written["preamble"], folder)
    return found


def _logo(typed: str, folder: Path) -> OwnFile:
    content = read_bytes(folder / typed, f"{typed}: ", PICTURE, MOST_BYTES_OF_LOGO)
    for start, name in PICTURES.items():
        if content.startswith(start):
            return OwnFile(name, typed, content)
    raise InvalidDescription(f"{typed}: found another kind of file, expected {PICTURE}")


def _preamble(typed: str, folder: Path) -> OwnFile:
    content = read_bytes(folder / typed, f"{typed}: ", PREAMBLE, MOST_BYTES_OF_PREAMBLE)
    try:
        content.decode()
    except UnicodeDecodeError as problem:
        raise InvalidDescription(f"{typed}: found the byte 0x{content[problem.start]:02x}, expected {PREAMBLE}") from None
    return OwnFile("preamble.tex", typed, content.replace(b"\r\n", b"\n"))
