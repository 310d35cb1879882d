"""The signs of a formula: one spelling of each, whatever it was written with."""

from __future__ import annotations

import re

from chainrule.codegen.marking.python.reasons import Unreadable

from .small_letters import in_line

#: Signs with one meaning, and how they are written from here on.
SPELLED = str.maketrans(
    {
        **dict.fromkeys("−–", "-"),
        "×": "·",
        **dict.fromkeys("ᵀ⊺", "⊤"),
        **dict.fromkeys("∘∗⨀", "⊙"),
        **dict.fromkeys("′’", "'"),
        "∑": "Σ",
        "⊘": "/",
        "″": "''",
        "≥": " >= ",
        "≤": " <= ",
        "←": "=",
        "\u2009": " ",
        "\u202f": " ",
        "\xa0": " ",
    }
)
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<sum>Σ)|(?P<name>[^\W\d]\w*'*)"
    r"|(?P<sign>\*\*|==|:=|<=|>=|!=|\.T\b|\.|.)",
    re.DOTALL,
)
MOST_TOKENS = 1_500


def tokens(text: str) -> list[str]:
    """The signs of a line without its spaces.

    Raises:
        Unreadable: where there are too many.
    """
    raised = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda found: f"^({found[0].translate(RAISED)})", in_line(text).replace("⁻ᵀ", "^(-1)ᵀ"))
    found = []
    for match in TOKEN.finditer(raised.translate(SPELLED)):
        if not match["space"]:
            found.append(match[0])
        if len(found) > MOST_TOKENS:
            raise Unreadable("long")
    return found
