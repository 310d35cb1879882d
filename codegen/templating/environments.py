"""The Jinja2 environments, and how plain text is escaped for the formats that they write.

Templates hold layout only. What they are given is finished text of their format; HTML checks that once more, by type.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from chainrule.codegen.document.chinese_letters import is_chinese
from chainrule.codegen.words.translation import translations

from .kept_templates import KeptTemplates
from .own_templates import own_folder

LATEX_SIGNS = {
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
    # At the start of a table row or after a command, a bracket would begin an option.
    "[": "{[}",
    "]": "{]}",
}
LATEX_LIGATURES = frozenset("-',")
_LATIN_MODERN = frozenset("–—‘’“”…")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>|~$&#@]|:(?=//|\w+:)|(?<=www)\.|(?<=WWW)\.")


#: How templates of each kind are marked; in LaTeX by commands, as braces and percent signs are its own.
_KINDS: dict[str, dict[str, Any]] = {
    "text": {},
    "html": {"autoescape": True},
    "latex": {
        "block_start_string": r"\BLOCK{",
        "block_end_string": "}",
        "variable_start_string": r"\VAR{",
        "variable_end_string": "}",
        "comment_start_string": r"\REMARK{",
        "comment_end_string": "}",
    },
}


def text_environment(language: str = "en") -> Environment:
    """Markdown, Typst and Python: nothing is escaped on the way in."""
    return _environment("text", language, own_folder())


def html_environment(language: str = "en") -> Environment:
    """Whatever is not `Markup` is escaped."""
    return _environment("html", language, own_folder())


def latex_environment(language: str = "en") -> Environment:
    return _environment("latex", language, own_folder())


@cache
def _environment(kind: str, language: str, own: Path | None) -> Environment:
    """Words of a template stand in `_("…")` and come out in the language. Where there are templates of the user's, all run in a sandbox."""
    ours = PackageLoader("chainrule.templates", "")
    environment = (Environment if own is None else SandboxedEnvironment)(
        loader=ours if own is None else ChoiceLoader([FileSystemLoader(own), ours]),
        # A sandbox compiles templates otherwise.
        bytecode_cache=KeptTemplates() if own is None else None,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        **_KINDS[kind],
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    return environment


def text_template(name: str) -> Template:
    return text_environment().get_template(name)


def html_template(name: str, language: str) -> Template:
    return html_environment(language).get_template(name)


def latex_template(name: str, language: str) -> Template:
    return latex_environment(language).get_template(name)


def one_line(text: str) -> str:
    """The text without line breaks, control characters and half characters; each run of white space is one space."""
    # What can be printed has neither, and no white space but spaces.
    if text.isprintable() and "  " not in text:
        return text
    spaced = re.sub(r"\s+", " ", text)
    return "".join(sign for sign in spaced if not unicodedata.category(sign).startswith("C"))


def latex_text(text: str) -> str:
    """Plain text as LaTeX; two equal signs in a row that would become a dash or a quotation mark are kept apart."""
    parts = []
    for before, sign in pairwise(" " + one_line(text)):
        if sign == before and sign in LATEX_LIGATURES:
            parts.append("{}")
        parts.append(_latex_sign(sign))
    return "".join(parts)


def _latex_sign(sign: str) -> str:
    if sign in LATEX_SIGNS:
        return LATEX_SIGNS[sign]
    if ord(sign) < 0x180 or sign in _LATIN_MODERN or is_chinese(sign):
        return sign
    # Latin Modern may not have it: the macro looks for a font that does.
    return rf"\glyph{{{sign}}}"


def markdown_text(text: str) -> str:
    """Plain text inside a Markdown sentence; its start is a matter for `markdown_start`."""
    return _MARKDOWN.sub(r"\\\g<0>", one_line(text))


def markdown_start(line: str) -> str:
    """A whole line, of which the start cannot be taken for a list or for the rule under a heading."""
    stripped = line.strip()
    if stripped[:1] in {"-", "+", "="}:
        return "\\" + stripped
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", stripped)
