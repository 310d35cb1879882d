"""The options of a layer in words."""

from __future__ import annotations

from chainrule.codegen.document.document import Sentence

from .sentences import say


def option_said(key: str, value: object, kind: str) -> Sentence:
    """An option that is switched or chosen has a sentence for each of its values, unless they are names of functions."""
    if kind in ("switch", "word") and key != "function":
        return say(f"layer.option.{key}.{str(value).lower()}")
    return say(f"layer.option.{key}", value=" × ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
