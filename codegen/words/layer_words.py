"""A layer and its options in words: the names that a description has for them, which every kind brings with it.

A catalogue may translate them, by the keys here; a kind that it does not know is called by its own names in every language.
"""

from __future__ import annotations

from chainrule.codegen.document.document import Sentence

from .sentences import fill, plain, say
from .translation import translated

#: Activations whose names are written in another way than in a description.
ACTIVATION_NAMES = {
    "relu": "ReLU",
    "leaky_relu": "Leaky ReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "gelu_tanh": "tanh GELU",
    "silu": "SiLU",
}

Message = tuple[str, str]
"""A key of the catalogues and the English words."""


def kind_message(kind: str) -> Message:
    return f"layer.kind.{kind}", kind.replace("_", " ")


def option_message(kind: str, option: str, choice: object = None) -> Message:
    """An option with any value, or with one that is chosen of several, which has words of its own."""
    if option == "kernel" and "pool" in kind:
        # What is pooled is seen through a window; there are no weights.
        option = "window"
    words = option.replace("_", " ")
    if choice is None:
        return f"layer.option.{option}", f"{words} {{value}}"
    chosen = str(choice).lower()
    return f"layer.option.{option}.{chosen}", f"{words} {chosen}"


def kind_said(kind: str) -> Sentence:
    return plain(translated(*kind_message(kind)))


def option_said(kind: str, option: str, value: object, is_chosen: bool) -> Sentence:
    if is_chosen:
        return plain(translated(*option_message(kind, option, value)))
    written = " × ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return fill(translated(*option_message(kind, option)), value=written)


def activation_said(name: str) -> Sentence:
    """An activation by its name: ReLU, softmax."""
    return say("activation.identity") if name == "identity" else plain(ACTIVATION_NAMES.get(name, name))
