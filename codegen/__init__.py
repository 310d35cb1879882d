"""From a derivation to modules, documents and the command line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .loading import load
    from .writing import write_handout, write_module

__all__ = ["load", "write_handout", "write_module"]

#: Where each name is defined. It is imported when it is asked for: documents are much to import for who wants a module alone.
_HOMES = {"load": ".loading", "write_handout": ".writing", "write_module": ".writing"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
