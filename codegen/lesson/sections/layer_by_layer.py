"""Vectors and matrices for one example: the forward pass, the chains of derivatives layer by layer, and the results."""

from __future__ import annotations

from dataclasses import replace

from chainrule.codegen.document.document import Block, Display, Formula, Heading, Line, Math, Paragraph
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import Node, bracketed, derivative_on_a_line, row, with_commas
from chainrule.codegen.formulas.view_printer import Spelling
from chainrule.codegen.lesson.any_layer import any_layer, suffixes, usual
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.view import NetworkView
from chainrule.codegen.words.sentences import say

#: Layers whose chains are shown: the last ones, from the cost back.
MOST_LAYERS = 3


def layer_by_layer_section(material: Material) -> list[Block]:
    """Nothing for a network that is not dense layers in a row."""
    view = material.views.one_example
    if view is None:
        return []
    return [
        Heading(1, say("heading.layers"), "layers"),
        Paragraph(say("layers.forward")),
        Display(tuple(_forward(view))),
        *_cost(view),
        Heading(2, say("heading.layers.chains"), "chains"),
        Paragraph(say("layers.chains")),
        *_chains(view),
        Heading(2, say("heading.layers.results"), "results"),
        Paragraph(say("layers.results", short=Math(_short(view)), long=Math(_long(view)))),
        Display(tuple(_results(view))),
    ]


def layers_in_short_section(material: Material) -> list[Block]:
    """The forward pass, the chain of the last layer, and the results."""
    view = material.views.one_example
    if view is None:
        return []
    return [
        Heading(1, say("heading.layers"), "layers"),
        Paragraph(say("layers.forward")),
        Display(tuple(_forward(view))),
        *_cost(view),
        Paragraph(say("layers.chains")),
        *_chains(view)[:1],
        Paragraph(say("layers.results", short=Math(_short(view)), long=Math(_long(view)))),
        Display(tuple(_results(view))),
    ]


def _forward(view: NetworkView) -> list[Line]:
    """z^[l] = W^[l] a^[l−1] + b^[l], evaluated for every layer, and a = σ(z)."""
    by_layer: dict[str, list[Line]] = {}
    for layer in any_layer(view):
        writer = view.writer(layer.spelling)
        z, a = f"z{layer.suffix}", f"a{layer.suffix}"
        shown = by_layer[z] = [writer.matrix(view.system.definition[z])]
        if z in view.slopes and not view.is_signed(z):
            shown.append(writer.matrix(view.system.definition[a]))
        elif z in view.slopes:
            written = writer.matrices.name(a), row(view.notation.activation, bracketed(writer.matrices.name(z)))
            shown.append(writer.named(view.system.tensors[a].own_entry, view.system.definition[a].expression, written))
    return by_layer[usual(view, list(by_layer))]


def _cost(view: NetworkView) -> list[Block]:
    """L(ŷ, y) = …, with the prediction by a letter of its own."""
    last = suffixes(view)[-1]
    output = view.notation.output
    names = {f"a{last}": output} if output else {}
    single = frozenset(name for name, axis in view.system.axes.items() if axis.size == 1)
    writer = view.writer(Spelling(names=names, single=single))
    cost = view.system.cost
    line = writer.equation(cost)
    prediction = writer.matrices.name(f"a{last}")
    targets = [writer.matrices.name(tensor.name) for tensor in view.system.targets[:1]]
    left = row(line.left.node, bracketed(with_commas(prediction, *targets)))
    given = [Line(Formula(output), Formula(view.writer().matrices.name(f"a{last}")), evidence=Defined("prediction"))] if output else []
    return [Paragraph(say("layers.cost")), Display((replace(line, left=line.left.rewritten(left)), *given))]


def _chains(view: NetworkView) -> list[Block]:
    """∂L/∂z, ∂L/∂W and ∂L/∂b of every layer as products of derivatives, without indices."""
    blocks: list[Block] = []
    names = suffixes(view)
    writer = view.writer(Spelling(bare=True))
    for place in range(len(names) - 1, max(len(names) - 1 - MOST_LAYERS, -1), -1):
        own, last = names[place], place == len(names) - 1
        later = f"z{names[-1]}"
        lines: list[Line] = []
        if last:
            lines.append(writer.equation(view.chain(f"z{own}")))
        for stem in "Wb":
            whole = view.chain(f"{stem}{own}")
            lines.append(writer.equation(whole))
            if not last:
                lines.append(writer.further(whole.tensor.own_entry, view.chain(f"{stem}{own}", [later]).expression))
            if last:
                lines.append(writer.further(whole.tensor.own_entry, view.link(f"{stem}{own}").expression))
        blocks.append(Display(tuple(lines)))
    return blocks


def _results(view: NetworkView) -> list[Line]:
    """dz, dW and db of every layer, from the cost back."""
    writer = view.writer()
    lines: list[Line] = []
    for own in reversed(suffixes(view)[-MOST_LAYERS:]):
        z = f"z{own}"
        is_last = own == suffixes(view)[-1]
        if is_last or z not in view.slopes:
            lines.append(writer.whole(view.derivation.adjoint(z).equation))
        else:
            lines.append(writer.whole(view.slopes[z].through_next_layer(view.derivation)))
        lines += [writer.whole(view.derivation.adjoint(f"{stem}{own}").equation) for stem in "Wb"]
    return lines


def _short(view: NetworkView) -> Node:
    return view.writer().matrices.name(f"dW{suffixes(view)[-1]}")


def _long(view: NetworkView) -> Node:
    writer = view.writer()
    return derivative_on_a_line(writer.printer.cost, writer.matrices.name(f"W{suffixes(view)[-1]}"))
