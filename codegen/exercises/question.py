"""A question as data: what stands on the sheet, what is right, what stands in the key, and the check that it passed."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from chainrule.codegen.document.document import Block, Sentence
from chainrule.codegen.document.nodes import Node

from .answers import Answer

POINTS_A_STAR = 2
#: Kinds that are answered with a student's numbers.
WITH_NUMBERS = ("calculate", "predict_sign", "vanishing", "gradient_check")


@dataclass(frozen=True, slots=True)
class Question:
    """`kind` is a key of `kinds.KINDS`, `place` what it asks about, so that no two questions of a sheet are the same.
    One to three `stars` say how hard it is: one move, several, or a derivation or a calculation of many lines.

    `asks` are the tensors whose gradient's formula is asked for, and `shows` those whose formula stands in the prompt: no other
    question may show what one asks for. `answer` is what is right; the `solution` says it in words, with the way to it. `secrets` are
    formulas and numbers that the sheet must not show. `checked` says how the answer was checked. `room` is how many lines of writing
    the answer needs.
    Two questions of one `task` are the same in another skin: of another entry, with other numbers, of an equal layer.
    A question that `has_own_numbers` says them itself.
    """

    kind: str
    place: str
    stars: int
    prompt: tuple[Block, ...]
    solution: tuple[Block, ...]
    checked: Sentence
    room: int
    asks: frozenset[str] = frozenset()
    shows: frozenset[str] = frozenset()
    secrets: tuple[Node, ...] = ()
    task: Hashable = None
    has_own_numbers: bool = False
    answer: Answer = field(kw_only=True)

    @property
    def points(self) -> int:
        return POINTS_A_STAR * self.stars

    @property
    def needs_numbers(self) -> bool:
        """Whether it is answered with the numbers of the sheet."""
        return self.kind.startswith(WITH_NUMBERS) and not self.has_own_numbers

    def gives_away(self, other: Question) -> bool:
        """Whether the formula that another question asks for stands here, or is asked for here too."""
        return bool(other.asks & (self.asks | self.shows))
