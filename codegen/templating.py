"""The Jinja2 environments, and how plain text is escaped for each format that a template writes.

Templates hold layout; whatever they are given is finished text of the format, apart from HTML, which escapes once more by type.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from html import escape
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "^": r"\textasciicircum{}",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "%": r"\%",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "|": r"\textbar{}",
    # Brackets after a line's end or a command would be read as an option.
    "[": "{[}",
    "]": "{]}",
}
# Two of these in a row are a ligature in TeX's fonts: a dash, a quotation mark.
_LATEX_PAIRS = re.compile(r"(?<=([-',!?]))(?=\1)")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~$&:@=\"'^/])")
_TEXT_FONT = frozenset("‐‑–—‘’“”„†‡•…‰€™−×÷·±")


def environment() -> Environment:
    """For Markdown and Python: nothing is escaped on the way in."""
    return _environment()


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("templates", ""), **_COMMON)  # type: ignore[arg-type]


@cache
def html_environment() -> Environment:
    """Whatever is not `Markup` is escaped."""
    return Environment(loader=PackageLoader("templates", ""), autoescape=True, **_COMMON)  # type: ignore[arg-type]
