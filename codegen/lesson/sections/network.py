"""The first sections of a document: the network, the forward pass and the cost."""

from __future__ import annotations

from itertools import pairwise

from chainrule.codegen.document.document import Block, Code, Display, Formula, Heading, Math, Paragraph, Sentence, Table
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import THIN, Function, Letter, bracketed, counted, row, scripted, separated, total
from chainrule.codegen.formulas.kinks import read_outside, solved
from chainrule.codegen.formulas.notation import split_name
from chainrule.codegen.lesson.cut_rows import cut_rows
from chainrule.codegen.lesson.equation_writer import in_terms
from chainrule.codegen.lesson.layer_table import layer_table
from chainrule.codegen.lesson.ledger import INDEX
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.pictures import network_picture
from chainrule.codegen.words.layer_words import activation_said
from chainrule.codegen.words.sentences import formula, listed, say, say_with, together
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.system import Equation

from .chain_rule import explained_signs
from .symbol_table import shape_node, suffix_node, symbol_table


def network_section(material: Material) -> list[Block]:
    """Sizes, the number of parameters, and the layers one by one."""
    described, network = material.description.network, material.layers
    if network is not None:
        table = [_layers(network)]
    else:
        table = [layer_table(described, material.system)] if isinstance(described, Network) else []
    heading, picture = Heading(1, say("heading.network"), "network"), network_picture(material)
    return [heading, Paragraph(network_in_short(material)), picture, *table, *symbol_table(material)]


def network_in_short(material: Material) -> Sentence:
    """How many layers, units, equations and parameters there are."""
    network, system = material.layers, material.system
    if network is None:
        return _by_equations(material)
    terms = separated([row(counted(feature), "·", counted(unit), "+", counted(unit)) for feature, unit in pairwise(network.sizes)], "+")
    total = sum(array.size for array in material.example.params)
    if len(network.layers) == 1:
        opening = say("network.one", inputs=network.sizes[0], outputs=Math(counted(network.sizes[-1])))
    else:
        opening = say("network.sizes", layers=len(network.layers), sizes=_sizes(network.sizes))
    added = sum(feature * unit + unit for feature, unit in pairwise(network.sizes))
    sum_of_terms = row(terms, "=", counted(total))
    evidence = material.checker.numbers_agree("the number of parameters", added, total, Formula(sum_of_terms))
    parameters = say("network.parameters.terms", count=total, terms=Math(sum_of_terms, evidence))
    example = system.inputs[0]
    x, shape = Math(material.matrices.name(example.name)), Math(shape_node(material, example))
    layout = say(f"network.layout.{network.layout.examples}", x=x, shape=shape, N=Math(Letter("N")))
    return together(opening, parameters, layout)


def _sizes(sizes: tuple[int, ...], most: int = 8) -> str:
    """784–16–16–10"""
    shown = [f"{size:,}" for size in sizes]
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
        rows.append((formula(suffix_node(suffix)), formula(counted(layer.units)), activation, formula(counted((before + 1) * layer.units))))
    return Table(header, cut_rows(rows, most, most // 2, 2), "lrlr")


def forward_section(material: Material) -> list[Block]:
    """Every equation from the input to the cost, by index and as matrices."""
    if material.layers is None:
        return [Heading(1, say("heading.forward"), "forward"), *_all_equations(material)]
    blocks: list[Block] = [Heading(1, say("heading.forward"), "forward"), Paragraph(say("forward.intro"))]
    for suffix in _shown_layers(material):
        equations = [equation for equation in material.system.equations if split_name(equation.tensor.name)[1] == suffix]
        blocks.append(Paragraph(say("forward.layer", layer=Math(suffix_node(suffix)))))
        blocks += [material.equation(equation) for equation in equations]
        lines = [line for equation in equations[:1] if (line := material.matrix_line(equation, shapes=True)) is not None]
        if lines:
            blocks += [Paragraph(say("forward.matrix")), Display(tuple(lines))]
    return [*blocks, *explained_signs(material), *_cost(material)]


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
    return [*blocks, *explained_signs(material), *remarks_on_the_forward_pass(material)]


def remarks_on_the_forward_pass(material: Material) -> list[Block]:
    """What solves an equation, what is read outside of an array, and what the module computes in another way."""
    return [*_solved(material), *_outside(material), *_computed_otherwise(material)]


def _outside(material: Material) -> list[Block]:
    """What an entry counts as where there is none."""
    read = [equation.expression for equation in material.system.equations]
    entry, below = (read_outside(material.system, read, under_maximum) for under_maximum in (False, True))
    said = [("forward.outside", entry)] if entry != below else []
    said += [("forward.outside.maximum", below)]
    return [Paragraph(say(key, entry=Math(material.by_index.node(node)))) for key, node in said if node is not None]


def _solved(material: Material) -> list[Block]:
    """What solves an equation, and how that is written."""
    letter = material.ledger.free
    i, j, x = letter(INDEX, "ik"), letter(INDEX, "jl"), letter("what solves a linear system", "xvs")
    matrix, right = scripted(letter("a matrix", "AM"), row(i, j)), scripted(letter("a right side", "bdc"), i)
    known = bracketed(separated([matrix, right], ",", THIN), grows=True)
    solve = row(scripted(x, i), "=", scripted(Function("solve"), j), known)
    system = row(total(j), matrix, THIN, scripted(x, j), "=", right)
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
