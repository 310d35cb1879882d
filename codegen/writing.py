"""Single files from a derivation, for those who work in Python."""

from __future__ import annotations

from pathlib import Path

from symbolic.derivation import Derivation
from symbolic.failures import InvalidDescription, expected_one_of
from symbolic.verification import verify

from .blocks import FrontMatter
from .build import FORMATS, STYLES, document_of
from .description import Description
from .files import write_all
from .gradient_check import checked_module


def write_module(derivation: Derivation, path: str | Path, style: str = "plain", force: bool = False) -> Path:
    """The module of a derivation as a file, its gradients checked against numeric ones.

    Raises:
        InvalidDescription: where the style is unknown, or the file was edited by hand and `force` is not given.
        CheckFailed: where a gradient is wrong; then nothing is written.
    """
    if style not in STYLES:
        raise InvalidDescription(f"unknown style {style!r}; {expected_one_of(style, STYLES)}")
    target = _with_suffix(path, [".py"])
    return write_all(target.parent, {target.name: checked_module(derivation).source}, force)[0]


def write_handout(
    derivation: Derivation, path: str | Path, title: str | None = None, notation: str = "superscript", force: bool = False
) -> Path:
    """The handout of a derivation; the file's ending (.tex, .html, .md) says in which format.

    Raises:
        InvalidDescription: where the ending or the notation is unknown, or the file was edited by hand and `force` is not given.
        CheckFailed: where an equation or a gradient is wrong; then nothing is written.
    """
    target = _with_suffix(path, [f".{name}" for name in FORMATS])
    network = derivation.network or derivation.system
    description = Description(network, FrontMatter(title or network.name))
    document = document_of(description, derivation, verify(derivation), checked_module(derivation, title), notation)
    return write_all(target.parent, {target.name: FORMATS[target.suffix[1:]](document)}, force)[0]


def _with_suffix(path: str | Path, allowed: list[str]) -> Path:
    target = Path(path)
    if target.suffix not in allowed:
        raise InvalidDescription(f"{target}: found the ending {target.suffix!r}; {expected_one_of(target.suffix, allowed)}")
    return target
