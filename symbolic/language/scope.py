"""What names mean while a text is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sympy import Expr, Symbol

from chainrule.symbolic.index.axes import index


@dataclass(frozen=True)
class Scope:
    """What names mean while a text is read.

    `values`: names that stand for one expression. `entries`: names that stand for a tensor's entry, and may be given other
    indices: with `z` standing for z1[n,j], the text `z[k]` is z1[n,k]. `unit`: the letter over whose axis the bound letters
    of such a text run; without it every letter is an axis of its own. `letters`: those that may stand free; None allows any.
    `symbols`: letters as they are written and the symbols they stand for; a letter that is not in it stands for itself.
    `integers`: the tensors whose entries are positions, and may stand as an index.
    """

    values: Mapping[str, Expr] = field(default_factory=dict)
    entries: Mapping[str, Expr] = field(default_factory=dict)
    tensors: Mapping[str, Callable[..., Expr]] = field(default_factory=dict)
    ranks: Mapping[str, int] = field(default_factory=dict)
    unit: Symbol | None = None
    letters: frozenset[str] | None = None
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    integers: frozenset[str] = frozenset()

    @property
    def names(self) -> list[str]:
        return [*self.entries, *self.values, *self.tensors]

    def knows(self, name: str) -> bool:
        return name in self.tensors or name in self.values or name in self.entries

    def symbol(self, letter: str) -> Symbol:
        found = self.symbols.get(letter)
        return index(letter) if found is None else found
