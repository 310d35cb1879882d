"""The frames of slides, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chainrule.codegen.document.document import Block, Document
from chainrule.codegen.document.evidence_required import evidenced
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.words.translation import speaking, written_date

from .learning import code_frames, pitfalls_frame, questions_frame, update_frames
from .opening import given_frame, question_frame
from .passes import backward_frames, example_frame, forward_frames, picture_frame, table_frame
from .weight import nudge_frame, slopes_frame
from .whole import graph_frame, paths_frame, reversed_frame, rule_frame

#: Each makes its frames, or none where the network has nothing for them.
FRAMES: dict[str, Callable[[Material], list[Block]]] = {
    "question": question_frame,
    "given": given_frame,
    "forward": forward_frames,
    "picture": picture_frame,
    "nudge": nudge_frame,
    "slopes": slopes_frame,
    "paths": paths_frame,
    "reversed": reversed_frame,
    "graph": graph_frame,
    "rule": rule_frame,
    "example": example_frame,
    "backward": backward_frames,
    "table": table_frame,
    "update": update_frames,
    "pitfalls": pitfalls_frame,
    "code": code_frames,
    "questions": questions_frame,
}


def lecture(material: Material, language: str) -> Document:
    """The slides in a language, at most twenty with their title.

    Raises:
        CheckFailed: where an equation of them does not hold, or was not evaluated, or a letter is not in the ledger.
    """
    own = material.with_sections(tuple(FRAMES))
    with speaking(language):
        blocks = [block for make in FRAMES.values() for block in make(own)]
        front = own.description.front.in_language(language)
        document = evidenced(Document(replace(front, date=written_date(front.date)), tuple(blocks), language))
        own.ledger.check(blocks)
        return document
