"""Any layer l: an equation that every layer has is shown once, with l for the layer's number, and evaluated for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.codegen.document.nodes import Letter, Node, row, scripted
from chainrule.codegen.formulas.view_printer import Spelling

from .view import NetworkView


@dataclass(frozen=True)
class AnyLayer:
    """One layer, and how it is written as any."""

    suffix: str
    spelling: Spelling


def suffixes(view: NetworkView) -> tuple[str, ...]:
    """The layers of a view, first to last."""
    return tuple(name[1:] for name in view.system.tensors if name.startswith("z"))


def last_layer(view: NetworkView) -> Spelling:
    """The last layer as L, the one before as L − 1."""
    return _relative(view, len(suffixes(view)) - 1, view.notation.last_layer)


def any_layer(view: NetworkView) -> Iterator[AnyLayer]:
    """Every layer as layer l; the input is written as the activations before the first."""
    for place, suffix in enumerate(suffixes(view)):
        yield AnyLayer(suffix, _relative(view, place, view.notation.any_layer))


def any_hidden_layer(view: NetworkView) -> Iterator[AnyLayer]:
    """Every layer but the last."""
    layers = list(any_layer(view))
    yield from layers[:-1]


def usual(view: NetworkView, pre_activations: list[str]) -> str:
    """The last of them that may stand for any: where some activation has a sign, the identity stands for none but itself."""
    signed = any(map(view.is_signed, pre_activations))
    return [z for z in pre_activations if not signed or z not in view.slopes or view.is_signed(z)][-1]


def _relative(view: NetworkView, place: int, letter: Letter) -> Spelling:
    names = suffixes(view)
    layers: dict[str, Node] = {names[place]: letter}
    if place > 0:
        layers[names[place - 1]] = row(letter, "−", "1")
    if place + 1 < len(names):
        layers[names[place + 1]] = row(letter, "+", "1")
    above = view.notation.raised(row(letter, "−", "1"))
    given = {"x": scripted(view.notation.symbol("a0", False).letter, above=above)} if place == 0 else {}
    weights = view.system.tensors[f"W{names[place]}"].axes
    letters: dict[str, Node] = {str(letter.name): Letter(shown) for letter, shown in zip(weights, "jk", strict=False)}
    return Spelling(layers=layers, letters=letters, names=given)
