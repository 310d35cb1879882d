"""From a derivation to modules, documents and the command line."""

from .loading import load
from .module_text import module_source

__all__ = ["load", "module_source"]
