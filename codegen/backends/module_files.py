"""What a back end makes of a derivation: the source of a module in Python, and the files that it needs beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class ModuleFiles:
    """`source` is what Python imports; `beside` are other files by their names."""

    source: str
    beside: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
