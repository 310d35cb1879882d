"""A kind of layer: its forward equations as text in the equation language, with names and letters of its own.

The names are local: `x` is what comes in, `out` what goes out before the activation; `W[j,i]` becomes W3[k,j] in layer 3. Two dots in an
index stand for all axes in between: the rows and columns of an image, the steps of a sequence, or none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .activations import ValueBound
from .options import Option, Options

ExampleShape = tuple[int, ...]
#: For `classes`: along the axis along which they lie in what comes in.
AS_INCOMING = ".."


@dataclass(frozen=True)
class LayerEquations:
    """The equations of one layer.

    `sources` are what comes in, with the letters of an example's axes (`x[c,h,w]`); a letter that stands twice asks for equal sizes.
    `result` is the output's letters. `sizes` of the letters that are new; those in `shared` are one axis in all layers that have one of the
    same letter and size, such as the rows of a kernel; those in `features` get the next letter of the alphabet. `inputs` are further arrays
    that the network takes, such as a mask. `classes` is the letter of the result along which classes lie: the channels of an image; without
    it the features, which are the last axis. Two dots there, or as the whole result, stand for the axis of what comes in.
    """

    sources: tuple[str, ...]
    result: str
    equations: tuple[str, ...]
    sizes: Mapping[str, int] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    constants: Mapping[str, float] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    features: frozenset[str] = frozenset()
    classes: str = ""

    def class_place(self, rank: int, incoming: int) -> int:
        """Where the axis of classes is among the `rank` axes of the result; of the first source it is at the place `incoming`."""
        letters = self.result.split(",")
        letter = self.classes or letters[-1]
        if letter == AS_INCOMING:
            return incoming
        place = letters.index(letter)
        return place + rank - len(letters) if AS_INCOMING in letters[:place] else place


@dataclass(frozen=True)
class LayerKind:
    """What a layer may be: its options, and its equations for the shapes that come in.

    `axes` are those of one example that comes in, in words, and `ranks` how many there may be (least and most). `sources` says how many
    layers it takes its input from. A kind with `labels` looks its input up. `activation` is what follows its equations where a description
    names none; None means nothing does. Before an activation, every value has the bounds in `keeps` that all values that come in have.
    """

    meaning: str
    forward: Callable[[tuple[ExampleShape, ...], Options], LayerEquations]
    axes: str = "any shape"
    ranks: tuple[int, int] = (1, 9)
    options: Mapping[str, Option] = field(default_factory=dict)
    sources: tuple[int, int] = (1, 1)
    activation: str | None = None
    takes_activation: bool = True
    labels: bool = False
    keeps: frozenset[ValueBound] = frozenset()


def index_sum(*terms: tuple[int, str], offset: int = 0) -> str:
    """An index such as 2*i + p - 1 from its letters' factors."""
    written = " + ".join(letter if factor == 1 else f"{factor}*{letter}" for factor, letter in terms)
    return written + (f" + {offset}" if offset > 0 else f" - {-offset}" if offset else "")


def with_bias(option: Options, letters: str) -> tuple[tuple[str, ...], str]:
    """The declaration of a bias and its term in the sum, or neither."""
    return ((f"b[{letters}]",), f" + b[{letters}]") if option.bias else ((), "")


BIAS = Option("whether a bias is added", "switch", True)

DOTS = re.compile(r",\s*\.\.|\.\.\s*,|\.\.")


def spread(text: str, between: tuple[str, ...]) -> str:
    """A text with the letters that two dots stand for: z[n,..,j] is z[n,t,j] in a sequence and z[n,j] without one."""
    if not between:
        return DOTS.sub("", text)
    return text.replace("..", ",".join(between))
