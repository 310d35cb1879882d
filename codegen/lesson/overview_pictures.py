"""What training is about, in one picture: the input, the network, its output, and the cost, which the target enters."""

from __future__ import annotations

from itertools import pairwise

from chainrule.codegen.document.document import Figure, Math
from chainrule.codegen.document.nodes import Node, derivative_on_a_line, separated, with_commas
from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.figures.overview import Overview, overview
from chainrule.codegen.program.derived_functions import output_of
from chainrule.codegen.words.sentences import formula, say
from chainrule.symbolic.layers.network import Network

from .material import Material

#: Of the inputs, the outputs and the targets that it names.
MOST_LETTERS = 3
#: Quantities between the inputs and the outputs that stand in the box one by one.
MOST_BETWEEN = 4


def overview_picture(material: Material) -> list[Figure]:
    """The input through the network to the output, the target beside it; nothing where the cost is all that is computed of the input."""
    system, outputs = material.system, _outputs(material)
    if not (system.inputs and outputs):
        return []
    letters = {
        "x": with_commas(*(material.bare(tensor.name) for tensor in system.inputs[:MOST_LETTERS])),
        "theta": material.ledger.parameters,
        "y": material.notation.output if material.layers is not None and material.notation.output else _letters(material, outputs),
        "cost": material.by_index.cost,
    }
    if system.targets:
        letters["target"] = _letters(material, [tensor.name for tensor in system.targets])
    gradient = derivative_on_a_line(material.by_index.cost, material.ledger.parameters)
    said = {name: Math(letter) for name, letter in letters.items()}
    written = {name: formula(letter) for name, letter in letters.items()}
    shown = Overview(
        inputs=written["x"],
        network=_between(material, outputs),
        parameters=written["theta"],
        output=written["y"],
        cost=written["cost"],
        target=written.get("target", ()),
        gradient=formula(gradient),
    )
    key = "figure.overview" if system.targets else "figure.overview.alone"
    return [material.figure("overview", overview(shown), say(f"{key}.says", **said), say(key, **said))]


def _outputs(material: Material) -> list[str]:
    """What a network of layers predicts; of equations, what is said to be the output, or else what of the computed the targets meet."""
    if isinstance(material.description.network, Network):
        return [output_of(material.derivation)]
    system = material.system
    if system.outputs:
        return list(system.outputs)
    of_targets, seen = _of_targets(material), dict[str, None]()
    waiting = [name for name in system.cost.reads if name in system.definition]
    while waiting:
        name = waiting.pop(0)
        if name not in seen and name in of_targets:
            waiting += [read for read in system.definition[name].reads if read in system.definition]
        seen[name] = None
    return [name for name in seen if name not in of_targets]


def _of_targets(material: Material) -> set[str]:
    """What is computed of the targets, of which the network makes nothing alone."""
    return set(material.system.depending_on([tensor.name for tensor in material.system.targets]))


def _letters(material: Material, names: list[str]) -> Node:
    return with_commas(*map(material.bare, names[:MOST_LETTERS]))


def _between(material: Material, outputs: list[str]) -> Sentence:
    """The quantities between, where equations compute a few, with arrows where each is computed from the one before; or a word."""
    if isinstance(material.description.network, Network):
        return say("figure.overview.network")
    definition = material.system.definition
    beside = {*outputs, *_of_targets(material), material.system.cost.tensor.name}
    names = [name for name in definition if name not in beside]
    if not 0 < len(names) <= MOST_BETWEEN:
        return say("figure.overview.network")
    is_chain = all(before in definition[behind].reads for before, behind in pairwise(names))
    written = list(map(material.bare, names))
    return formula(separated(written, "→") if is_chain else with_commas(*written))
