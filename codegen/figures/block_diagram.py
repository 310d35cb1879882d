"""A network of several kinds of layers: a box a layer with the shape of its output, an arrow for everything it reads."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.codegen.document.drawing import Drawing
from chainrule.codegen.document.nodes import counted, separated
from chainrule.codegen.document.sentence import Math, Sentence, Words
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.words.layer_words import activation_said, kind_said, option_said
from chainrule.codegen.words.sentences import formula, listed, plain, say
from chainrule.symbolic.layers.connections import Connected, Input
from chainrule.symbolic.layers.network import Network

from .layered import DrawnNode, Edge
from .layered_drawing import layered_drawing
from .node_shapes import layer_box, layer_width, left_out, sign
from .shortened import Shortened, on_a_page

#: Kinds of layers that are a sign between others, and need no box.
SIGNS = {"add": "+", "multiply": "×"}
LONGEST_LINE = 30


def is_recurrent(placed: Connected) -> bool:
    """Whether a layer reads its own state of the step before."""
    return any("[n,t-1" in equation for equation in placed.forward.equations)


def block_diagram(network: Network, printer: IndexPrinter) -> Drawing:
    """Inputs, layers and cost from above to below; a residual connection is an arc past the layers."""
    names = [*network.given_inputs, *(placed.output for placed in network.connections)]
    edges: list[Edge] = []
    for number, placed in enumerate(network.connections, len(network.given_inputs)):
        edges += [(names.index(source), number) for source in placed.sources]
    outputs = [f"a{name}" if f"a{name}" in names else name for name in network.cost_sources] or [network.output]
    edges += [(names.index(output), len(names)) for output in outputs]
    return on_a_page(len(names) + 1, edges, lambda short: _diagram(network, printer, short))


def _diagram(network: Network, printer: IndexPrinter, short: Shortened) -> Drawing:
    blocks = [None if number is None else _block(network, printer, number) for number in short.shown]
    width = max(layer_width(block.lines, block.shape) for block in blocks if block is not None and not block.sign)
    dots = left_out(say("figure.more.layers", count=short.left_out))
    return layered_drawing([dots if block is None else block.node(width) for block in blocks], short.edges)


@dataclass(frozen=True, slots=True)
class _Block:
    """The texts of one node."""

    lines: tuple[Sentence, ...]
    number: Sentence = ()
    shape: Sentence = ()
    sign: str = ""
    is_round: bool = False
    is_recurrent: bool = False

    def node(self, width: float) -> DrawnNode:
        if self.sign:
            return sign(formula(self.sign), self.number)
        return layer_box(self.number, self.lines, self.shape, width, self.is_round, self.is_recurrent)


def _block(network: Network, printer: IndexPrinter, number: int) -> _Block:
    """The inputs, the layers and the cost are numbered in this order."""
    inputs = list(network.given_inputs.items())
    if number < len(inputs):
        name, given = inputs[number]
        return _input(Math(printer.entry(name, ())), given)
    layers = network.connections
    if number - len(inputs) == len(layers):
        return _Block((say("figure.cost", cost=Math(printer.cost)),), is_round=True)
    return _layer(layers[number - len(inputs)])


def _input(letter: Math, given: Input) -> _Block:
    lines = [say("figure.input.named", name=letter)]
    if given.vocabulary is not None:
        lines.append(say("figure.labels", count=given.vocabulary))
    return _Block(tuple(lines), shape=_shape(given.shape), is_round=True)


def _layer(placed: Connected) -> _Block:
    layer = placed.layer
    title = [kind_said(layer.kind)]
    if layer.has_activation:
        # A formula of the user's own may be long; the table of layers has it.
        title.append(activation_said(layer.formula.name) if layer.formula.name != "formula" else plain("f"))
    lines = [listed(title), *_options(placed)]
    if layer.weights_of:
        lines.append(say("figure.weights.of", layer=layer.weights_of))
    written = SIGNS.get(layer.kind, "") if not layer.has_activation else ""
    return _Block(tuple(lines), plain(placed.suffix), _shape(placed.shape), written, is_recurrent=is_recurrent(placed))


def _options(placed: Connected) -> list[Sentence]:
    """The options in as few lines as they need."""
    lines: list[list[Sentence]] = []
    for key, value in placed.layer.options.items():
        said = option_said(placed.layer.kind, key, value, bool(placed.layer.definition.options[key].choices))
        if lines and _length(listed([*lines[-1], said])) <= LONGEST_LINE:
            lines[-1].append(said)
        else:
            lines.append([said])
    return [listed(line) for line in lines]


def _length(sentence: Sentence) -> int:
    return sum(len(piece.text) for piece in sentence if isinstance(piece, Words))


def _shape(shape: tuple[int, ...]) -> Sentence:
    return (Math(separated([counted(size) for size in shape], "×")),) if shape else ()
