"""What a document draws or quotes, which is no formula of it: pictures, listings, code."""

from __future__ import annotations

import re

ENVIRONMENTS = "tikzpicture verbatim Verbatim lstlisting listing minted".split()
BEGINS = re.compile(rf"\\begin\{{(?P<name>{'|'.join(ENVIRONMENTS)})\}}|^[ ]{{0,3}}(?P<fence>```+|~~~+)(?P<of>[^\n`]*)$", re.MULTILINE)


def without_quoted(text: str) -> str:
    """The same with empty lines in the place of all that; a fence of formulas stays, and so does what does not end.

    The text is gone through once: an end that is not there is looked for once.
    """
    found: list[str] = []
    place, endless = 0, set[str]()
    while begins := BEGINS.search(text, place):
        end = rf"\end{{{begins['name']}}}" if begins["name"] else f"\n{begins['fence']}"
        stop = -1 if end in endless else text.find(end, begins.end())
        if stop < 0:
            endless.add(end)
        is_kept = stop < 0 or (begins["of"] or "").strip() == "math"
        own = text[begins.start() : (begins.end() if stop < 0 else stop + len(end))]
        found += [text[place : begins.start()], own if is_kept else "\n" * own.count("\n")]
        place = begins.start() + len(own)
    return "".join([*found, text[place:]])
