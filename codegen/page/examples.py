"""Descriptions to start from: those of the gallery that a page derives in its time."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources

from chainrule.codegen.words.translation import in_language


@dataclass(frozen=True, slots=True)
class Example:
    """A name, what people call it, and its text."""

    name: str
    title: str
    text: str


def examples(tag: str) -> tuple[Example, ...]:
    """In the order of their names, in a language; the files are those of the gallery itself."""
    files = sorted(resources.files(__package__).joinpath("examples").iterdir(), key=lambda file: file.name)
    texts = {file.name.removesuffix(".toml"): file.read_text(encoding="utf-8") for file in files if file.name.endswith(".toml")}
    return tuple(Example(name, in_language(tomllib.loads(text).get("title", name), tag), text) for name, text in texts.items())
