"""The symbols of a network: letter, meaning, shape, and the name in the module."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from chainrule.codegen.document.document import Block, Code, Heading, Math, Paragraph, Sentence, Table
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import (
    Letter,
    Node,
    Number,
    derivative_on_a_line,
    primed,
    row,
    scripted,
    separated,
    with_commas,
)
from chainrule.codegen.formulas.letters import upright
from chainrule.codegen.formulas.notation import split_name
from chainrule.codegen.formulas.printed_number import number
from chainrule.codegen.lesson.layer_table import layer_tensors
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.quantity_roles import role_of
from chainrule.codegen.words.quantities import quantity_said
from chainrule.codegen.words.sentences import fill, formula, listed, plain, say, say_with
from chainrule.symbolic.index.tensors import Role, Tensor, Values
from chainrule.symbolic.layers.connections import Connected
from chainrule.symbolic.layers.network import Network


def symbol_table(material: Material, most_layers: int = 4) -> list[Block]:
    """The symbol table: letter, meaning, shape, and the name in the module."""
    system = material.system
    header = tuple(say(f"table.{column}") for column in ("symbol", "meaning", "shape", "code"))
    owners = layer_tensors(material.description.network) if material.layers is None else {}
    shown = [tensor for tensor in system.tensors.values() if not _is_beyond(tensor, material, most_layers)]
    rows: tuple[tuple[Sentence, ...], ...] = tuple(
        (
            formula(material.entry(tensor.name)),
            _meaning(material, tensor, owners),
            formula(shape_node(material, tensor)) if tensor.axes else plain("–"),
            (Code(tensor.name),),
        )
        for tensor in shown
    )
    rows += _signs(material)
    letters = [material.by_index.letter(axis.index) for axis in list(system.axes.values())[1:][:8]]
    places = [Paragraph(say("network.places"))] if material.by_index.first == 0 else []
    if material.layers is None:
        return [Heading(2, say("heading.symbols"), "symbols"), Table(header, rows, "llll"), *places, *_constants(material)]
    sentence = say("network.letters", n=Math(Letter("n")), letters=Math(with_commas(*letters, *(["…"] if len(system.axes) > 9 else []))))
    return [Heading(2, say("heading.symbols"), "symbols"), Table(header, rows, "llll"), Paragraph(sentence), *places, *_constants(material)]


#: The letters of the cost of one example, by the sections that have them.
COST_OF_ONE = (("0", "mean_of_examples"), ("n", "mean_of_examples"), ("0", "neuron_chain"))


def _signs(material: Material) -> tuple[tuple[Sentence, ...], ...]:
    """The letters of the notation that are no tensors of the network: its error, activation function, prediction, learning rate."""
    if material.layers is None:
        return ()
    notation, by_index = material.notation, material.by_index
    last = material.layers.suffixes[-1]
    output = by_index.entry(f"a{last}", ())
    signs: list[tuple[Node, Sentence, str]] = []
    if notation.error_letter:
        signs.append((*error_said(material, notation.error_letter), ""))
    if any(layer.formula.name != "identity" for layer in material.layers.layers):
        signs.append((with_commas(notation.activation, primed(notation.activation)), say("meaning.activation"), ""))
    if notation.output:
        signs.append((notation.output, say("meaning.output", a=Math(output)), f"a{last}"))
    if "total_cost" in material.sections:
        signs.append((scripted(material.ledger.cost_of_one, above="n"), say("meaning.C.one"), ""))
    of_one = [scripted(by_index.cost, below) for below, section in COST_OF_ONE if section in material.sections]
    if of_one:
        signs.append((with_commas(*of_one), say("meaning.C.one"), ""))
    if {"aims", "descent"} & {*material.sections}:
        signs.append((material.ledger.parameters, say("meaning.parameters"), ""))
    signs.append((notation.learning_rate, say("meaning.rate"), "eta"))
    return tuple((formula(sign), said, plain("–"), (Code(code),) if code else plain("–")) for sign, said, code in signs)


def error_said(material: Material, letter: Node) -> tuple[Node, Sentence]:
    """δˡ, and what it is: ∂C/∂zˡ."""
    layer = material.notation.any_layer
    error, z = (scripted(base, above=layer) for base in (letter, material.notation.entry_letters["z"]))
    return error, say("meaning.error", layer=Math(layer), meaning=Math(derivative_on_a_line(material.by_index.cost, z)))


def _constants(material: Material) -> list[Block]:
    constants = material.system.constants
    if not constants:
        return []
    values = [
        fill("{c}", c=Math(row(material.notation.constant(name), "=", number(value, 10)), Defined("given")))
        for name, value in constants.items()
    ]
    return [Paragraph(say("network.constants", values=listed(values, between="phrases")))]


def _is_beyond(tensor: Tensor, material: Material, most_layers: int) -> bool:
    """Tensors of layers in the middle of a deep network, whose rows would all look the same."""
    suffixes = material.layers.suffixes if material.layers else ()
    _, suffix = split_name(tensor.name)
    if len(suffixes) <= 2 * most_layers or suffix not in suffixes:
        return False
    place = suffixes.index(suffix)
    return most_layers <= place < len(suffixes) - 2


TARGETS = {
    Values.REAL: "meaning.target",
    Values.ONE_HOT: "meaning.target.one_hot",
    Values.LABELS: "meaning.target.labels",
    Values.BINARY: "meaning.target.binary",
    Values.SIGNS: "meaning.target.signs",
    Values.DISTRIBUTION: "meaning.target.distribution",
    Values.POSITIVE: "meaning.target.positive",
    Values.COUNT: "meaning.target.count",
    Values.MASK: "meaning.target.mask",
    Values.RANGE: "meaning.target",
    Values.LENGTHS: "meaning.target.count",
    Values.SYMMETRIC: "meaning.target",
}


def meaning(tensor: Tensor, of_layers: bool) -> Sentence:
    """What a tensor is, in words."""
    stem, suffix = split_name(tensor.name)
    if tensor.role is Role.INPUT and of_layers:
        return say("meaning.example", n=Math(Letter("n")))
    if tensor.role is Role.TARGET:
        return say(TARGETS[tensor.values])
    if suffix and of_layers:
        return say(f"meaning.{stem}", layer=Math(suffix_node(suffix)))
    if of_layers and stem in ("R", "C"):
        return say(f"meaning.{stem}")
    return say(f"meaning.{tensor.role.value}")


#: What the cost of a network of layers adds to their tensors, by patterns of names.
OF_THE_COST = {"R": "meaning.R", r"R_\d+": "meaning.R.part", "p|p_cost": "meaning.probabilities"}


def _meaning(material: Material, tensor: Tensor, owners: Mapping[str, tuple[Connected, str]]) -> Sentence:
    """What a tensor is: by its layer, or by the equations that it stands in."""
    if tensor.name in owners:
        placed, own = owners[tensor.name]
        suffix = Math(suffix_node(placed.suffix))
        said = quantity_said(placed.layer.kind, own, suffix, placed.layer.has_activation)
        if said is not None:
            return said
    if material.layers is None and tensor.role is Role.INTERMEDIATE:
        of_the_cost = next((key for pattern, key in OF_THE_COST.items() if re.fullmatch(pattern, tensor.name)), None)
        if isinstance(material.description.network, Network) and of_the_cost is not None:
            return say(of_the_cost)
        read = _named(material, material.system.definition[tensor.name].computed_from)
        if tensor.name in material.system.outputs and not isinstance(material.description.network, Network):
            role = _role(material, tensor)
            return say("meaning.predicted.role", meaning=role) if role else say("meaning.predicted", read=read)
        return _role(material, tensor) or say("meaning.computed.from", read=read)
    if material.layers is None and tensor.role is Role.PARAMETER:
        readers = [each.tensor.name for each in material.system.readers[tensor.name]]
        return _role(material, tensor) or say("meaning.parameter.of", readers=_named(material, readers))
    return meaning(tensor, material.layers is not None)


def _role(material: Material, tensor: Tensor) -> Sentence | None:
    """What the form of its equations says."""
    if isinstance(material.description.network, Network):
        return None
    role = role_of(tensor, material.system)
    return say_with(f"meaning.role.{role.key}", {name: _named(material, names) for name, names in role.names}) if role else None


def _named(material: Material, names: Iterable[str], most: int = 4) -> Sentence:
    """Tensors by their letters; of many, the first ones."""
    letters = [formula(material.bare(name)) for name in names if name in material.system.tensors]
    return listed(letters if len(letters) <= most else [*letters[: most - 1], formula("…")])


def shape_node(material: Material, tensor: Tensor) -> Node:
    return separated([material.by_index.size_shown(size) for size in material.system.shape(tensor)], "×")


def suffix_node(suffix: str) -> Node:
    return Number(suffix) if suffix.isdigit() else upright(suffix)
