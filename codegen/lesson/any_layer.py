"""Any layer l: an equation that every layer has is shown once, with l for the layer's number, and evaluated for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.codegen.formulas.view_latex import Spelling

from .view import NetworkView


@dataclass(frozen=True)
class AnyLayer:
    """One layer, and how it is written as any."""

    suffix: str
    spelling: Spelling


def suffixes(view: NetworkView) -> tuple[str, ...]:
    """The layers of a view, first to last."""
    return tuple(name[1:] for name in view.system.tensors if name.startswith("z"))


def last_layer(view: NetworkView, letter: str = "L") -> Spelling:
    """The last layer as L, the one before as L−1."""
    return _relative(view, len(suffixes(view)) - 1, letter)


def any_layer(view: NetworkView) -> Iterator[AnyLayer]:
    """Every layer as layer l; the input is written as the activations before the first."""
    for place, suffix in enumerate(suffixes(view)):
        yield AnyLayer(suffix, _relative(view, place, view.notation.any_layer))


def any_hidden_layer(view: NetworkView) -> Iterator[AnyLayer]:
    """Every layer but the last."""
    layers = list(any_layer(view))
    yield from layers[:-1]


def _relative(view: NetworkView, place: int, letter: str) -> Spelling:
    names = suffixes(view)
    layers = {names[place]: letter}
    if place > 0:
        layers[names[place - 1]] = f"{letter}-1"
    if place + 1 < len(names):
        layers[names[place + 1]] = f"{letter}+1"
    above = view.notation.raised(f"{letter}-1")
    given = {"x": f"{view.notation.symbol('a0', False).letter}^{{{above}}}"} if place == 0 else {}
    weights = view.system.tensors[f"W{names[place]}"].axes
    letters = {str(letter.name): shown for letter, shown in zip(weights, "jk", strict=False)}
    return Spelling(layers=layers, letters=letters, names=given)
