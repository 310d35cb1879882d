"""What a workspace makes once, as data: a line says what it reads and what memory it takes, and nobody has to look into its text.

a1 = np.empty((N, 128), dtype)     takes 128 N numbers
m1 = np.empty((N, 128), bool)      takes 128 N tests
a1_jn = a1.T                       a view: reads a1 and takes nothing
"""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.codegen.backends.fast.ir.operations import ElementType
from chainrule.codegen.backends.fast.ir.sizes import EntryCount


@dataclass(frozen=True, slots=True)
class NewArray:
    """Memory for entries of a type, as many as all counts together."""

    entries: tuple[EntryCount, ...]
    kind: ElementType = ElementType.FLOAT


@dataclass(frozen=True, slots=True)
class MadeLine:
    """name = text, which `reads` what other lines make and takes the memory of the `array`."""

    name: str
    text: str
    reads: tuple[str, ...] = ()
    array: NewArray | None = None

    def __str__(self) -> str:
        return f"{self.name} = {self.text}"
