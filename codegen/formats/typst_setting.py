"""Typst markup to PDF, by the package `typst`: no program beside it, no file outside of an own folder, no clock."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from chainrule.codegen.document.chinese_letters import has_chinese
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.first_line import first_line

from .typst import CHINESE

PACKAGE = "typst"
REMEDY = "pip install 'chainrule[typst]'"
#: The moment that files say they were made at: 2000-01-01.
EPOCH = 946684800


def has_typst() -> bool:
    return find_spec(PACKAGE) is not None


def typeset_typst(name: str, source: str, others: Mapping[str, bytes]) -> bytes:
    """The PDF of Typst markup with files beside it. Same source, same bytes, on one machine.

    Raises:
        InvalidDescription: where the package or a font of Chinese letters is missing, or Typst finds something wrong.
    """
    if not has_typst():
        raise InvalidDescription(f"{name}.pdf: the package typst is not installed; {REMEDY}")
    import typst

    families = set(typst.Fonts().families())
    wanted = next((fonts for fonts in CHINESE.values() if fonts[0] in source), ())
    if has_chinese(source) and families.isdisjoint(wanted):
        raise InvalidDescription(
            f"{name}.pdf: Typst has not found the font {' or '.join(wanted)}; install the Debian package fonts-noto-cjk, or leave out pdf"
        )
    with tempfile.TemporaryDirectory(prefix="chainrule-") as folder:
        for other, content in others.items():
            (Path(folder) / other).write_bytes(content)
        place = Path(folder) / f"{name}.typ"
        place.write_text(source, encoding="utf-8")
        try:
            made = typst.compile(str(place), root=folder, format="pdf", timestamp=EPOCH)
        except RuntimeError as problem:
            raise InvalidDescription(f"{name}.pdf: Typst stopped with: {first_line(problem)}; leave out pdf") from None
    assert isinstance(made, bytes)
    return made
