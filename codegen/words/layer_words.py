"""A layer and its options in words: the names that a description has for them, which every kind brings with it.

A catalogue may translate them, by the keys here; a kind that it does not know is called by its own names in every language.
"""

from __future__ import annotations

from chainrule.codegen.document.document import Sentence

from .sentences import fill, plain
from .translation import translated

Message = tuple[str, str]
"""A key of the catalogues and the English words."""


def kind_message(kind: str) -> Message:
    return f"layer.kind.{kind}", kind.replace("_", " ")


def option_message(option: str, choice: object = None) -> Message:
    """An option with any value, or with one that is chosen of several, which has words of its own."""
    words = option.replace("_", " ")
    if choice is None:
        return f"layer.option.{option}", f"{words} {{value}}"
    chosen = str(choice).lower()
    return f"layer.option.{option}.{chosen}", f"{words} {chosen}"


def kind_said(kind: str) -> Sentence:
    return plain(translated(*kind_message(kind)))


def option_said(option: str, value: object, is_chosen: bool) -> Sentence:
    if is_chosen:
        return plain(translated(*option_message(option, value)))
    written = " × ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return fill(translated(*option_message(option)), value=written)
