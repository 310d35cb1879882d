"""All examples at once: every product of a layer, forward and backward, with the shape under each factor."""

from __future__ import annotations

from chainrule.codegen.document.document import Block, Display, Heading, Line, Math, Paragraph
from chainrule.codegen.document.nodes import Letter
from chainrule.codegen.lesson.any_layer import any_layer, suffixes
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.view import NetworkView
from chainrule.codegen.words.sentences import say


def columns_section(material: Material) -> list[Block]:
    """The layer with the most weights with its own shapes; the same equations are evaluated for every layer."""
    view = material.views.batch
    if view is None:
        return []
    layers = list(any_layer(view))
    shown = max(layers[1:] or layers, key=lambda layer: _weights(view, layer.suffix))
    blocks: list[Block] = [
        Heading(1, say(f"heading.columns.{view.notation.examples}"), "columns"),
        Paragraph(say(f"columns.intro.{view.notation.examples}", N=Math(Letter("N")))),
    ]
    for layer in layers:
        lines = _lines(view, layer.suffix)
        if layer.suffix == shown.suffix:
            blocks += [Display(lines[:1]), Paragraph(say("columns.backward")), Display(lines[1:])]
    blocks.append(Paragraph(say("columns.transpose")))
    kept = material.layers.layout.examples if material.layers else view.notation.examples
    return blocks if kept == view.notation.examples else [*blocks, Paragraph(say(f"columns.module.{kept}"))]


def _weights(view: NetworkView, suffix: str) -> int:
    first, second = view.system.shape(view.system.tensors[f"W{suffix}"])
    return int(first) * int(second)


def _lines(view: NetworkView, suffix: str) -> tuple[Line, ...]:
    """z = w a + b forward; then the gradients of w, of the activations before, and of b."""
    layer = next(layer for layer in any_layer(view) if layer.suffix == suffix)
    writer = view.writer(layer.spelling)
    place = suffixes(view).index(suffix)
    before = f"a{suffixes(view)[place - 1]}" if place else None
    wanted = [f"W{suffix}", *([before] if before else []), f"b{suffix}"]
    backward = [writer.matrix(view.derivation.adjoint(name).equation, shapes=True) for name in wanted]
    return writer.matrix(view.system.definition[f"z{suffix}"], shapes=True), *backward
