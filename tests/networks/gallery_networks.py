"""The networks of the gallery, and any other that is described: read, derived and checked once in a process, each handout made once."""

from __future__ import annotations

from functools import cache

from places import GALLERY

from chainrule import Derivation
from chainrule.codegen.build import document_of
from chainrule.codegen.checking.gradient_check import CheckedModule, checked_module
from chainrule.codegen.descriptions.reader import Description, read_description
from chainrule.codegen.document.document import Document
from chainrule.symbolic.checking.verification import Verified, verify
from chainrule.symbolic.derivation.chain_rule import derive

#: Those that have a folder.
FOLDERS = sorted(folder.name for folder in GALLERY.iterdir() if (folder / f"{folder.name}.toml").exists())


@cache
def description_of(spec: str) -> Description:
    """That of a network of the gallery by its name; else what the command takes, a shorthand or a file."""
    return read_description(GALLERY / spec / f"{spec}.toml" if spec in FOLDERS else spec)


@cache
def derived(spec: str) -> tuple[Derivation, Verified, CheckedModule]:
    description = description_of(spec)
    derivation = derive(description.network, description.wrt)
    return derivation, verify(derivation), checked_module(derivation)


def document(spec: str, notation: str | None = None, language: str = "en", length: str = "full") -> Document:
    """The handout."""
    return _document(spec, notation, language, length)


@cache
def _document(spec: str, notation: str | None, language: str, length: str) -> Document:
    return document_of(description_of(spec), *derived(spec), notation, language, length)
