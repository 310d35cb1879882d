"""What a back end makes of a derivation: the source of a module in Python, and what it needs beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class ModuleFiles:
    """`source` is what Python imports; `beside` are other files by their names.

    A module that is loaded without a file may have functions `later`, by name, the source of which is made when they are called first.
    """

    source: str
    beside: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    later: Mapping[str, Callable[[], str]] = field(default_factory=lambda: MappingProxyType({}))
