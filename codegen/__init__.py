"""From a derivation to modules, documents and the command line."""

from .loading import load
from .writing import write_handout, write_module

__all__ = ["load", "write_handout", "write_module"]
