"""Generated source as a live module, without a file."""

from __future__ import annotations

import linecache
import sys
from types import ModuleType

from symbolic.derivation import Derivation

from .module_text import module_source


def load(derivation: Derivation) -> ModuleType:
    """The module generated from a derivation, imported."""
    return load_source(module_source(derivation), derivation.system.name)


def load_source(source: str, name: str) -> ModuleType:
    """A module made of source text; tracebacks show its lines."""
    filename = f"<generated {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = ModuleType(f"generated_{name}")
    sys.modules[module.__name__] = module
    exec(compile(source, filename, "exec"), module.__dict__)
    return module
