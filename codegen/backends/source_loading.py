"""Generated source as a live module, without a file, or with files in a folder of this process where it needs those."""

from __future__ import annotations

import functools
import importlib.util
import linecache
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from chainrule.symbolic.index.collector_pause import without_collection
from chainrule.symbolic.index.failures import InvalidDescription

from .module_files import ModuleFiles


@without_collection
def load_source(source: str, name: str) -> ModuleType:
    """A module made of source text; tracebacks show its lines."""
    module = ModuleType(f"generated_{name}")
    sys.modules[module.__name__] = module
    _run(source, name, module)
    return module


def _run(source: str, name: str, module: ModuleType) -> None:
    """Runs source text in a module."""
    filename = f"<generated {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    # Not under this file's own `annotations` feature: as when it is imported from a file.
    exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)


def load_files(made: ModuleFiles, name: str) -> ModuleType:
    """The module of a back end that needs no files."""
    module = load_source(made.source, name)
    for function, source in made.later.items():
        vars(module)[function] = _made_when_called(function, source, name, module)
    return module


def _made_when_called(function: str, source: Callable[[], str], name: str, module: ModuleType) -> Callable[..., object]:
    """What stands for a function of a module until it is called; then the function itself does."""

    def first_call(*arguments: object) -> object:
        _run(source(), f"{name}, {function}", module)
        return vars(module)[function](*arguments)

    return first_call


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Removed when this process ends."""
    return tempfile.TemporaryDirectory(prefix="chainrule-c-")


def load_c(made: ModuleFiles, name: str) -> ModuleType:
    """The module of the C target, its files in a folder of their own, where they are compiled.

    Raises:
        InvalidDescription: where there is no compiler.
    """
    folder = Path(tempfile.mkdtemp(dir=_folder().name))
    for file, text in made.beside.items():
        (folder / file).write_text(text, encoding="utf-8")
    path = folder / f"{name}_c.py"
    path.write_text(made.source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(f"generated_{name}_{folder.name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    if module.compiler() is None:
        raise InvalidDescription("the C target needs a compiler: found none of cc, gcc, clang; pip install 'chainrule[c]' brings one")
    return module
