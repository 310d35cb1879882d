"""The first sections of a document: the network, its symbols, the forward pass and the cost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from chainrule.codegen.document.document import Block, Code, Display, Formula, Heading, Math, Paragraph, Sentence, Table
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import (
    THIN,
    Function,
    Letter,
    Node,
    Number,
    bracketed,
    derivative_on_a_line,
    primed,
    row,
    scripted,
    separated,
    total,
    with_commas,
)
from chainrule.codegen.formulas.kinks import read_outside, solved
from chainrule.codegen.formulas.letters import name_as_letter
from chainrule.codegen.formulas.notation import split_name
from chainrule.codegen.formulas.printed_number import number
from chainrule.codegen.lesson.equation_writer import in_terms
from chainrule.codegen.lesson.layer_table import layer_table, layer_tensors
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.pictures import network_picture
from chainrule.codegen.words.layer_words import activation_said
from chainrule.codegen.words.quantities import quantity_said
from chainrule.codegen.words.sentences import fill, formula, listed, plain, say, say_with, together
from chainrule.symbolic.index.tensors import Role, Tensor, Values
from chainrule.symbolic.layers.connections import Connected
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.system import Equation


def network_section(material: Material) -> list[Block]:
    """Sizes, the number of parameters, and the layers one by one."""
    network, system = material.layers, material.system
    if network is None:
        described = material.description.network
        table = [layer_table(described, system)] if isinstance(described, Network) else []
        heading, picture = Heading(1, say("heading.network"), "network"), network_picture(material)
        return [heading, Paragraph(_by_equations(material)), picture, *table, *_symbols(material)]
    terms = separated([row(str(feature), "·", str(unit), "+", str(unit)) for feature, unit in pairwise(network.sizes)], "+")
    total = sum(array.size for array in material.example.params)
    if len(network.layers) == 1:
        opening = say("network.one", inputs=network.sizes[0], outputs=Math(Number(str(network.sizes[-1]))))
    else:
        opening = say("network.sizes", layers=len(network.layers), sizes=_sizes(network.sizes))
    added = sum(feature * unit + unit for feature, unit in pairwise(network.sizes))
    sum_of_terms = row(terms, "=", f"{total:,}")
    evidence = material.checker.numbers_agree("the number of parameters", added, total, Formula(sum_of_terms))
    parameters = say("network.parameters.terms", count=total, terms=Math(sum_of_terms, evidence))
    example = system.inputs[0]
    x, shape = Math(material.matrices.name(example.name)), Math(_shape(material, example))
    layout = say(f"network.layout.{network.layout.examples}", x=x, shape=shape, N=Math(Letter("N")))
    heading, picture = Heading(1, say("heading.network"), "network"), network_picture(material)
    return [heading, Paragraph(together(opening, parameters, layout)), picture, _layers(network), *_symbols(material)]


def _sizes(sizes: tuple[int, ...], most: int = 8) -> str:
    """784–16–16–10"""
    shown = [str(size) for size in sizes]
    return "–".join(shown if len(shown) <= most else [*shown[:4], "…", *shown[-2:]])


def _by_equations(material: Material) -> Sentence:
    """How many equations and parameters there are."""
    total = sum(array.size for array in material.example.params)
    equations = say("network.equations", count=len(material.system.equations))
    if any(material.system.axis(letter).size is None for tensor in material.system.parameters for letter in tensor.axes):
        return together(equations, say("network.open"))
    return together(equations, say("network.parameters", count=total))


def _layers(network: Network, most: int = 12) -> Table:
    header = tuple(say(f"table.{column}") for column in ("layer", "units", "activation", "parameters"))
    rows = []
    for layer, suffix, before in zip(network.layers, network.suffixes, network.sizes, strict=False):
        chosen = layer.formula
        activation = activation_said(chosen.name) if chosen.name != "formula" else (Code(chosen.expression),)
        rows.append((formula(_suffix(suffix)), formula(str(layer.units)), activation, formula(f"{(before + 1) * layer.units:,}")))
    if len(rows) > most:
        dots = (formula("⋮"),) * 4
        rows = [*rows[: most // 2], dots, *rows[-2:]]
    return Table(header, tuple(rows), "lrlr")


def _suffix(suffix: str) -> Node:
    return Number(suffix) if suffix.isdigit() else name_as_letter(suffix)


def _symbols(material: Material, most_layers: int = 4) -> list[Block]:
    """The symbol table: letter, meaning, shape, and the name in the module."""
    system = material.system
    header = tuple(say(f"table.{column}") for column in ("symbol", "meaning", "shape", "code"))
    owners = layer_tensors(material.description.network) if material.layers is None else {}
    shown = [tensor for tensor in system.tensors.values() if not _is_beyond(tensor, material, most_layers)]
    rows: tuple[tuple[Sentence, ...], ...] = tuple(
        (
            formula(material.entry(tensor.name)),
            _meaning(material, tensor, owners),
            formula(_shape(material, tensor)) if tensor.axes else plain("–"),
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


def _signs(material: Material) -> tuple[tuple[Sentence, ...], ...]:
    """The letters of the notation that are no tensors of the network: its error, activation function, prediction, learning rate."""
    if material.layers is None:
        return ()
    notation, by_index = material.notation, material.by_index
    last = material.layers.suffixes[-1]
    output = by_index.entry(f"a{last}", ())
    signs: list[tuple[Node, Sentence, str]] = []
    if notation.error_letter:
        error, z = (scripted(letter, above=notation.any_layer) for letter in (notation.error_letter, notation.entry_letters["z"]))
        meaning_of_error = derivative_on_a_line(by_index.cost, z)
        signs.append((error, say("meaning.error", layer=Math(notation.any_layer), meaning=Math(meaning_of_error)), ""))
    if any(layer.formula.name != "identity" for layer in material.layers.layers):
        signs.append((with_commas(notation.activation, primed(notation.activation)), say("meaning.activation"), ""))
    if notation.output:
        signs.append((notation.output, say("meaning.output", a=Math(output)), f"a{last}"))
    if "total_cost" in notation.sections:
        signs.append((scripted("C", above="n"), say("meaning.C.one"), ""))
    if "mean_of_examples" in notation.sections:
        signs.append((with_commas(scripted(by_index.cost, "0"), scripted(by_index.cost, "k")), say("meaning.C.one"), ""))
    if "descent" in notation.sections:
        signs.append((Letter("θ"), say("meaning.parameters"), ""))
    signs.append((notation.learning_rate, say("meaning.rate"), "eta"))
    return tuple((formula(sign), said, plain("–"), (Code(code),) if code else plain("–")) for sign, said, code in signs)


def _constants(material: Material) -> list[Block]:
    constants = material.system.constants
    if not constants:
        return []
    values = [fill("{c}", c=Math(row(name_as_letter(name), "=", number(value, 10)), Defined("given"))) for name, value in constants.items()]
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
        return say(f"meaning.{stem}", layer=Math(_suffix(suffix)))
    if of_layers and stem in ("R", "C"):
        return say(f"meaning.{stem}")
    return say(f"meaning.{tensor.role.value}")


#: What the cost of a network of layers adds to their tensors, by patterns of names.
OF_THE_COST = {"R": "meaning.R", r"R_\d+": "meaning.R.part", "p|p_cost": "meaning.probabilities"}


def _meaning(material: Material, tensor: Tensor, owners: Mapping[str, tuple[Connected, str]]) -> Sentence:
    """What a tensor is: by its layer, or by the equations that it stands in."""
    if tensor.name in owners:
        placed, own = owners[tensor.name]
        suffix = Math(_suffix(placed.suffix))
        said = quantity_said(placed.layer.kind, own, suffix, placed.layer.has_activation)
        if said is not None:
            return said
    if material.layers is None and tensor.role is Role.INTERMEDIATE:
        of_the_cost = next((key for pattern, key in OF_THE_COST.items() if re.fullmatch(pattern, tensor.name)), None)
        if isinstance(material.description.network, Network) and of_the_cost is not None:
            return say(of_the_cost)
        return say("meaning.computed.from", read=_named(material, material.system.definition[tensor.name].reads))
    if material.layers is None and tensor.role is Role.PARAMETER:
        return say("meaning.parameter.of", readers=_named(material, [each.tensor.name for each in material.system.readers[tensor.name]]))
    return meaning(tensor, material.layers is not None)


def _named(material: Material, names: Iterable[str], most: int = 4) -> Sentence:
    """Tensors by their letters; of many, the first ones."""
    letters = [formula(material.bare(name)) for name in names if name in material.system.tensors]
    return listed(letters if len(letters) <= most else [*letters[: most - 1], formula("…")])


def _shape(material: Material, tensor: Tensor) -> Node:
    return separated([material.by_index.node(size) for size in material.system.shape(tensor)], "×")


def forward_section(material: Material) -> list[Block]:
    """Every equation from the input to the cost, by index and as matrices."""
    if material.layers is None:
        return [Heading(1, say("heading.forward"), "forward"), *_all_equations(material)]
    blocks: list[Block] = [Heading(1, say("heading.forward"), "forward"), Paragraph(say("forward.intro"))]
    for suffix in _shown_layers(material):
        equations = [equation for equation in material.system.equations if split_name(equation.tensor.name)[1] == suffix]
        blocks.append(Paragraph(say("forward.layer", layer=Math(_suffix(suffix)))))
        blocks += [material.equation(equation) for equation in equations]
        lines = [line for equation in equations[:1] if (line := material.matrix_line(equation, shapes=True)) is not None]
        if lines:
            blocks += [Paragraph(say("forward.matrix")), Display(tuple(lines))]
    return [*blocks, *_cost(material)]


def _shown_layers(material: Material, most: int = 6) -> tuple[str, ...]:
    suffixes = material.layers.suffixes if material.layers else ()
    return suffixes if len(suffixes) <= most else (*suffixes[:2], suffixes[-1])


def _cost(material: Material) -> list[Block]:
    system = material.system
    blocks: list[Block] = [Heading(2, say("heading.cost"), "cost")]
    penalty = system.definition.get("R")
    if penalty is not None:
        blocks += [Paragraph(say("forward.penalty", R=Math(material.bare("R")))), _penalty(material, penalty)]
    reduction = material.layers.reduction if material.layers else "sum"
    blocks += [Paragraph(say(f"forward.cost.{reduction}", N=Math(Letter("N")))), material.equation(system.cost)]
    return [*blocks, *_computed_otherwise(material)]


def _all_equations(material: Material) -> list[Block]:
    """The equations in order, with matrix notation where there is one."""
    blocks: list[Block] = []
    for equation in material.system.equations:
        blocks.append(material.equation(equation))
        line = material.matrix_line(equation, shapes=True)
        if line is not None:
            blocks += [Paragraph(say("forward.matrix")), Display((line,))]
    return [*blocks, *_solved(material), *_outside(material), *_computed_otherwise(material)]


def _outside(material: Material) -> list[Block]:
    """What an entry counts as where there is none."""
    read = [equation.expression for equation in material.system.equations]
    entry, below = (read_outside(material.system, read, under_maximum) for under_maximum in (False, True))
    said = [("forward.outside", entry)] if entry != below else []
    said += [("forward.outside.maximum", below)]
    return [Paragraph(say(key, entry=Math(material.by_index.node(node)))) for key, node in said if node is not None]


def _solved(material: Material) -> list[Block]:
    """What solves an equation, and how that is written."""
    matrix, right = scripted("A", row("i", "j")), scripted("b", "i")
    known = bracketed(separated([matrix, right], ",", THIN), grows=True)
    solve = row(scripted("x", "i"), "=", scripted(Function("solve"), "j"), known)
    system = row(total("j"), matrix, THIN, scripted("x", "j"), "=", right)
    signs = {key: Math(written, Defined("any functions")) for key, written in (("solve", solve), ("system", system))}
    return [Paragraph(say_with(key, signs)) for key in solved(material.system)]


def _computed_otherwise(material: Material) -> list[Block]:
    """Which quantities the module computes in another way than they are written."""
    otherwise = [assignment.name for assignment in (*material.program.forward, *material.program.cost) if assignment.is_stabilised]
    if not otherwise:
        return []
    shown = otherwise if len(otherwise) <= 4 else [*otherwise[:2], *otherwise[-1:]]
    return [Paragraph(say("forward.safe", formulas=listed([formula(material.bare(name)) for name in shown])))]


def _penalty(material: Material, penalty: Equation) -> Display:
    """One term a line where a network has many weights."""
    terms = penalty.expression.args if penalty.expression.is_Add else (penalty.expression,)
    texts = [material.by_index.node(term) for term in sorted(terms, key=str)]
    if len(texts) > 6:
        texts = [*texts[:2], Letter("⋯"), texts[-1]]
    return Display(in_terms(material.writer.equation(penalty), texts), material.numbering.next_for("R"))
