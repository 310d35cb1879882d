"""The layers of a network of several kinds as a table: what each is, what it reads, the shape of its output, its parameters."""

from __future__ import annotations

import re
from math import prod

from chainrule.codegen.document.document import Code, Sentence, Table
from chainrule.codegen.document.nodes import Letter, counted, separated
from chainrule.codegen.words.layer_words import activation_said, kind_said, option_said
from chainrule.codegen.words.sentences import formula, listed, plain, say
from chainrule.symbolic.layers import Layer
from chainrule.symbolic.layers.assembly import own_names
from chainrule.symbolic.layers.connections import Connected
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.system import System

from .cut_rows import cut_rows

MOST_ROWS = 24


def layer_table(network: Network, system: System) -> Table:
    """One row a layer; of a long network the first ones and the last."""
    header = tuple(say(f"table.{column}") for column in ("layer", "kind", "reads", "output", "parameters"))
    rows = [_row(placed, system) for placed in network.connections]
    return Table(header, cut_rows(rows, MOST_ROWS, MOST_ROWS // 2, 2), "llllr")


def _row(placed: Connected, system: System) -> tuple[Sentence, ...]:
    suffix = formula(placed.suffix) if placed.suffix.isdigit() else plain(placed.suffix)
    sources = listed([(Code(source),) for source in placed.sources])
    own = [f"{declared.split('[')[0]}{placed.suffix}" for declared in placed.forward.parameters]
    count = sum(prod(int(size) for size in system.shape(system.tensors[name])) for name in own if name in system.tensors)
    shape = formula(separated([Letter("N"), *(counted(size) for size in placed.shape)], "×"))
    return suffix, _in_words(placed.layer), sources, shape, formula(counted(count))


def layer_tensors(network: object) -> dict[str, tuple[Connected, str]]:
    """Tensors of layers with the layer that they belong to and their name in its equations; none where there are no layers."""
    if not isinstance(network, Network):
        return {}
    return {f"{own}{placed.suffix}": (placed, own) for placed in network.connections for own in own_names(placed)}


#: For a_ of a layer that has an a too.
OTHER_LETTERS = "fgemruvlwdoijk"


def owned_names(network: Network) -> dict[str, tuple[str, str]]:
    """Tensors of layers with the letter that they are written with, and the layer, or gate and layer, above it."""
    found = {}
    for placed in network.connections:
        names = own_names(placed)
        free = (letter for letter in OTHER_LETTERS if all(own[0] != letter for own in names))
        for own in names:
            if own.endswith("_") and own[:-1] in names:
                found[f"{own}{placed.suffix}"] = next(free), placed.suffix
            elif letter := re.fullmatch(r"([A-Za-z])_?", own):
                found[f"{own}{placed.suffix}"] = letter[1], placed.suffix
            elif part := re.fullmatch(r"([A-Za-z])([a-z]|\d)_?", own):
                found[f"{own}{placed.suffix}"] = part[1], f"{part[2]}, {placed.suffix}"
    return found


def _in_words(layer: Layer) -> Sentence:
    """conv2d, channels 6, kernel 5, tanh"""
    options = [option_said(layer.kind, key, value, bool(layer.definition.options[key].choices)) for key, value in layer.options.items()]
    own = layer.formula
    applied = plain(own.expression) if own.name == "formula" else activation_said(own.name)
    activation = [applied] if layer.has_activation else []
    shared = [say("layer.shared", layer=layer.weights_of)] if layer.weights_of else []
    return listed([kind_said(layer.kind), *options, *activation, *shared], between="phrases")
