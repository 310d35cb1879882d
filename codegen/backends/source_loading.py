"""Generated source as a live module, without a file."""

from __future__ import annotations

import linecache
import sys
from types import ModuleType


def load_source(source: str, name: str) -> ModuleType:
    """A module made of source text; tracebacks show its lines."""
    filename = f"<generated {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = ModuleType(f"generated_{name}")
    sys.modules[module.__name__] = module
    # Not under this file's own `annotations` feature: as when it is imported from a file.
    exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)
    return module
