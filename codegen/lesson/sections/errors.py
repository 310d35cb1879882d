"""The error δ of a layer from that of the next, and the gradients of weights and biases from it, for any layer l."""

from __future__ import annotations

from dataclasses import replace

from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.document import Block, Display, Formula, Heading, Line, Math, Paragraph
from chainrule.codegen.document.nodes import Letter, derivative
from chainrule.codegen.lesson.any_layer import any_hidden_layer, any_layer, last_layer, suffixes, usual
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.lesson.ledger import INDEX, LAST_LAYER
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.view import NetworkView
from chainrule.codegen.words.sentences import say


def errors_section(material: Material) -> list[Block]:
    """Nothing where some activation is no function of each entry by itself."""
    view = material.views.one_example
    if view is None or not all(name in view.slopes for name in (f"z{suffix}" for suffix in suffixes(view))):
        return []
    last = suffixes(view)[-1]
    material.ledger.enter(view.notation.last_layer, LAST_LAYER)
    for index_letter in "jk":
        material.ledger.enter(Letter(index_letter), INDEX)
    letter = Math(view.notation.error_letter or view.writer(last_layer(view)).matrices.gradient(f"z{last}", False))
    blocks: list[Block] = [
        Heading(1, say("heading.errors", error=letter), "errors"),
        Paragraph(say("errors.intro", error=letter)),
        _last(view, last),
    ]
    if len(suffixes(view)) > 1:
        blocks += [Paragraph(say("errors.recursion")), Display(tuple(_recursion(view)))]
    return [*blocks, Paragraph(say("errors.gradients", error=letter)), *_gradients(view)]


def _last(view: NetworkView, last: str) -> Display:
    """δᴸ = ∂C/∂aᴸ ⊙ G′(zᴸ) = ∂C/∂zᴸ"""
    writer = view.writer(last_layer(view))
    line = writer.matrix(view.slopes[f"z{last}"].adjoint_of_argument(view.derivation))
    meaning = derivative(writer.printer.cost, writer.matrices.name(f"z{last}"))
    own = view.derivation.adjoint(f"z{last}").as_tensor.own_entry
    by_chain = writer.claim(own, view.chain(f"z{last}").expression)
    shown = replace(line, right=line.right.joined("=", Formula(meaning, (own,))), evidence=together([evidence_of(line), by_chain]))
    return view.writer().numbered(shown, "the error of the last layer")


def _recursion(view: NetworkView) -> list[Line]:
    """δˡ = ((wˡ⁺¹)ᵀ δˡ⁺¹) ⊙ G′(zˡ), which is evaluated for every layer but the last."""
    lines = {}
    for layer in any_hidden_layer(view):
        writer, z = view.writer(layer.spelling), f"z{layer.suffix}"
        lines[z] = writer.matrix(view.slopes[z].through_next_layer(view.derivation))
    return [lines[usual(view, list(lines))]]


def _gradients(view: NetworkView) -> list[Block]:
    """∂C/∂bˡ_j = δˡ_j and ∂C/∂wˡ_jk = aˡ⁻¹_k δˡ_j, evaluated for every layer."""
    shown: list[Line] = []
    for layer in any_layer(view):
        writer = view.writer(layer.spelling)
        gradients = (view.derivation.adjoint(f"{stem}{layer.suffix}").equation for stem in "bW")
        shown = [writer.equation(gradient) for gradient in gradients]
    return [Display(tuple(shown))]
