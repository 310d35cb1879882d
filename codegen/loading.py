"""Generated source as a live module, without a file."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Collection, Sequence
from types import ModuleType

from symbolic.derivation import Derivation

from .module_text import module_source
from .second_program import GRADIENT


def load(
    derivation: Derivation, derivatives: Sequence[str] = GRADIENT, style: str = "plain", without: Collection[str] = frozenset()
) -> ModuleType:
    """The module generated from a derivation, imported; `derivatives`, `style` and `without` as for `module_source`."""
    return load_source(module_source(derivation, derivatives=derivatives, style=style, without=without), derivation.system.name)


def load_source(source: str, name: str) -> ModuleType:
    """A module made of source text; tracebacks show its lines."""
    filename = f"<generated {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = ModuleType(f"generated_{name}")
    sys.modules[module.__name__] = module
    # Not under this file's own `annotations` feature: as when it is imported from a file.
    exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)
    return module
