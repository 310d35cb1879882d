"""How many entries an array has: a number times sizes that only the workspace knows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from chainrule.codegen.program.array_sizes import size_name
from chainrule.symbolic.system.system import System


@dataclass(frozen=True, slots=True)
class EntryCount:
    """`count` times the product of `open_sizes`, such as 64 N N_t."""

    count: int
    open_sizes: tuple[str, ...] = ()

    def entries(self, sizes: Mapping[str, int]) -> int:
        return self.count * math.prod(sizes[name] for name in self.open_sizes)

    def times(self, other: EntryCount) -> EntryCount:
        return EntryCount(self.count * other.count, tuple(sorted((*self.open_sizes, *other.open_sizes))))

    def is_at_least(self, other: EntryCount) -> bool:
        """Whether it is not less, whatever the open sizes are."""
        rest = list(self.open_sizes)
        for size in other.open_sizes:
            if size not in rest:
                return False
            rest.remove(size)
        return self.count >= other.count

    def __str__(self) -> str:
        return " * ".join([*([str(self.count)] if self.count != 1 or not self.open_sizes else []), *self.open_sizes])


def extent_of(axes: tuple[str, ...], system: System) -> EntryCount:
    sizes = [system.axes[axis].size for axis in axes]
    return EntryCount(
        math.prod(size for size in sizes if size is not None),
        tuple(sorted(size_name(axis) for axis, size in zip(axes, sizes, strict=True) if size is None)),
    )
