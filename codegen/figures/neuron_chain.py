"""Neurons in a row, one for each layer: the weight on the way into each, the bias from above, and the cost at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chainrule.codegen.document.drawing import Drawing, arrow, drawing, line
from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.document.shapes import Circle, DrawnShape, Ink, Label

from .neurons import neuron_label

GAP, LEAST_RADIUS, HIGH = 78.0, 12.0, 13.0
SMALL = 8


@dataclass(frozen=True, slots=True)
class ChainedNeuron:
    """A neuron, what its input is multiplied by, and what is added; the first and the last have neither."""

    letter: Sentence
    weight: Sentence = ()
    bias: Sentence = ()


def neuron_chain(neurons: Sequence[ChainedNeuron]) -> Drawing:
    """From left to right."""
    return drawing(_shapes(neurons))


def _shapes(neurons: Sequence[ChainedNeuron]) -> Iterator[DrawnShape]:
    letters = [neuron_label(neuron.letter) for neuron in neurons]
    radius = max(LEAST_RADIUS, *(label.width / 2 + 2.5 for label in letters))
    for place, (neuron, letter) in enumerate(zip(neurons, letters, strict=True)):
        x = place * GAP
        if place:
            yield from arrow(line((x - GAP + radius, 0.0), (x - radius, 0.0)))
        if neuron.weight:
            yield Label((x - GAP / 2, -8.0), neuron.weight, SMALL)
        if neuron.bias:
            yield from arrow(line((x, -radius - HIGH), (x, -radius), Ink.QUIET))
            yield Label((x, -radius - HIGH - 6), neuron.bias, SMALL)
        yield Circle((x, 0.0), radius)
        yield letter.moved(x, 0.0)
