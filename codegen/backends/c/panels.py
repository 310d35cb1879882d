"""Right sides by which every block of rows is multiplied: their columns are put in panels once, before the loop over the blocks.

for n, for h:                                           fill_panels(panels, 1024, k[n, :, h], 16)
    for 32 rows t at a time: s[t,u] = Σ_d q[t,d] k[u,d]     product_of_panels(s, …, k[n, :, h], panels)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chainrule.codegen.backends.fast.ir.operations import ElementType, Operation
from chainrule.codegen.backends.fast.ir.sizes import EntryCount

from .places import WORK, Member, Places
from .products import Kernel, right_side

#: Panels are filled up to a multiple of so many columns: two vectors of any machine.
WHOLE = 32
#: Longer sums are taken in parts.
MOST_TERMS = 256


class Panels:
    """Of one loop over blocks; `fills` are the lines before it."""

    def __init__(self, operations: Sequence[Operation], places: Places) -> None:
        self.places = places
        self.written: Collection[object] = {places.memory_key(operation.result.name) for operation in operations}
        self.fills: list[str] = []
        self.names: dict[str, str] = {}

    def of(self, found: Kernel) -> str:
        """Where the panels of a product's right side lie; nothing where it is another one in each step."""
        places = self.places
        assert places.blocks is not None
        (*others, terms), columns = found.terms, found.columns.size
        if others or found.loops or terms.size.open_sizes or columns.open_sizes or terms.size.count > MOST_TERMS:
            return ""
        if places.memory_key(found.right.name) in self.written:
            return ""
        side = right_side(found, places, {})
        if places.blocks.variables[-1] in side:
            return ""
        filled = f"{columns.count}, {side}, {terms.size.count}"
        if filled not in self.names:
            entries = EntryCount(terms.size.count * -(-columns.count // WHOLE) * WHOLE)
            key = "panels", len(self.names), entries
            name = places.names.of(key, "panels")
            places.members.setdefault(str(key), Member(name, (entries,), ElementType.FLOAT))
            self.names[filled] = places.used(f"{WORK}->{name}")
            self.fills.append(f"fill_panels({self.names[filled]}, {columns.count},\n        {side}, {terms.size.count});")
        return self.names[filled]
