"""What a document has to say on one gradient or equation, by level, gathered while sections are written: a page shows it in one place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chainrule.codegen.document.document import LEVEL_KINDS, Block, DerivationLevel

#: Of a block that stands in the document, the derivation by index is one of several; a section has it in any case.
KINDS = ("index", *LEVEL_KINDS)


@dataclass
class Levels:
    """Blocks of sections, by the anchor of a gradient's heading or the block that they may stand in place of, and their level."""

    gathered: dict[tuple[str | Block, str], tuple[Block, ...]] = field(default_factory=dict)

    def note(self, name: str, kind: str, blocks: Iterable[Block]) -> None:
        """`name` is the tensor's whose gradient has a section; what is noted twice stands one below the other."""
        self._note(f"gradient-{name}", kind, blocks)

    def note_piece(self, shown: Block, **levels: Iterable[Block]) -> None:
        """What a page may show in the place of a block, by level; a level without blocks is none."""
        for kind, blocks in levels.items():
            if found := tuple(blocks):
                self._note(shown, kind, found)

    def _note(self, place: str | Block, kind: str, blocks: Iterable[Block]) -> None:
        assert kind in KINDS, kind
        self.gathered[place, kind] = (*self.gathered.get((place, kind), ()), *blocks)

    def of_document(self) -> tuple[DerivationLevel, ...]:
        """The levels of every gradient, or of every block, in turn."""
        places = dict.fromkeys(place for place, _ in self.gathered)
        return tuple(
            DerivationLevel(place, kind, self.gathered[place, kind]) for place in places for kind in KINDS if (place, kind) in self.gathered
        )
