"""What an output has no signs for is spelled, by an error handler of the codecs, which is asked for just those signs."""

from __future__ import annotations

import codecs
from typing import TextIO

from chainrule.codegen.templating.ascii_text import spelled

HANDLER = "chainrule.spelled"


def spell_out(*streams: TextIO | None) -> None:
    """What these streams cannot write, they spell."""
    codecs.register_error(HANDLER, _spelled)
    for stream in streams:
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=HANDLER)


def _spelled(problem: UnicodeError) -> tuple[str, int]:
    assert isinstance(problem, UnicodeEncodeError)
    return "".join(map(spelled, problem.object[problem.start : problem.end])), problem.end
