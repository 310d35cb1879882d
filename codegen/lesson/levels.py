"""What a document has to say on one gradient, by level, gathered while its sections are written: a page shows it in one place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chainrule.codegen.document.document import LEVEL_KINDS, Block, DerivationLevel


@dataclass
class Levels:
    """Blocks of sections, by the tensor whose gradient they are about, and their level."""

    gathered: dict[tuple[str, str], tuple[Block, ...]] = field(default_factory=dict)

    def note(self, name: str, kind: str, blocks: Iterable[Block]) -> None:
        """`name` is the tensor's; what is noted twice stands one below the other."""
        assert kind in LEVEL_KINDS, kind
        self.gathered[name, kind] = (*self.gathered.get((name, kind), ()), *blocks)

    def of_document(self) -> tuple[DerivationLevel, ...]:
        """The levels of every gradient in turn."""
        names = dict.fromkeys(name for name, _ in self.gathered)
        return tuple(
            DerivationLevel(f"gradient-{name}", kind, self.gathered[name, kind])
            for name in names
            for kind in LEVEL_KINDS
            if (name, kind) in self.gathered
        )
