"""Many neurons per layer: indices, and the sum over all neurons of the next layer through which one activation reaches the cost."""

from __future__ import annotations

from sympy import Expr, Sum

from chainrule.codegen.document.document import Block, Display, Heading, Line, Math, Paragraph
from chainrule.codegen.document.nodes import Letter, scripted
from chainrule.codegen.formulas.view_printer import Spelling
from chainrule.codegen.lesson.any_layer import last_layer, suffixes
from chainrule.codegen.lesson.equation_writer import EquationWriter
from chainrule.codegen.lesson.ledger import INDEX, LAST_LAYER
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.view import NetworkView
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.derivation.partial_derivative import PartialDerivative
from chainrule.symbolic.rewriting.substitution import substituted
from chainrule.symbolic.system.system import Equation


def many_neurons_section(material: Material) -> list[Block]:
    """The last layer, with its own neurons j and those before, k."""
    view = material.views.one_example
    if view is None or len(suffixes(view)) < 2:
        return []
    own, before = suffixes(view)[-1], suffixes(view)[-2]
    spelling = last_layer(view)
    names = {**spelling.names, view.system.cost.tensor.name: scripted(view.writer().printer.cost, "0")}
    writer = view.writer(Spelling(layers=spelling.layers, letters=spelling.letters, names=names))
    wanted = view.derivation.adjoint(f"a{before}").as_tensor.own_entry
    lines = [writer.line(wanted, _sum_over_the_layer(view, own, before))]
    if f"z{own}" in view.slopes:
        lines.append(writer.further(wanted, _with_values(view, own, before)))
    j, k = (material.ledger.enter(Letter(letter), INDEX) for letter in "jk")
    last = material.ledger.enter(view.notation.last_layer, LAST_LAYER)
    return [
        Heading(1, say("heading.many"), "many-neurons"),
        Paragraph(say("many.intro", j=Math(j), k=Math(k), L=Math(last))),
        Display((writer.equation(view.system.definition[f"z{own}"]), *_named(view, writer, own))),
        Paragraph(say("many.sum", a=Math(writer.node(view.system.tensors[f"a{before}"].own_entry)))),
        Display(tuple(lines)),
        Paragraph(say("many.weights")),
        Display((_of_one_weight(view, writer, own),)),
    ]


def _named(view: NetworkView, writer: EquationWriter, own: str) -> list[Line]:
    """a_j = σ(z_j), and the cost."""
    lines = [writer.equation(view.system.cost)]
    if f"z{own}" in view.slopes:
        lines.insert(0, view.activation_line(writer, f"z{own}"))
    return lines


def _through_activation(view: NetworkView, name: str, own: str) -> Equation:
    """The chain rule of `name` with z̄_j = ∂a_j/∂z_j · ā_j put in, where the activation is one of each entry."""
    link = view.link(name)
    z = view.derivation.adjoint(f"z{own}")
    if f"z{own}" not in view.slopes:
        return link
    letters = z.tensor.axes
    a = view.derivation.adjoint(f"a{own}").tensor
    diagonal: Expr = PartialDerivative(a.at(*letters), z.tensor.at(*letters)) * view.derivation.adjoint(f"a{own}").as_tensor.at(*letters)
    put_in = substituted(link.expression, Equation(z.as_tensor, diagonal), frozenset(link.indices), view.system)
    return Equation(link.tensor, put_in)


def _of_one_weight(view: NetworkView, writer: EquationWriter, own: str) -> Line:
    """∂z_j/∂w_jk · ∂a_j/∂z_j · ∂C/∂a_j: of the sum over all neurons of the layer, the one that the weight leads into."""
    equation = _through_activation(view, f"W{own}", own)
    sum_over = equation.expression
    neuron = equation.indices[0]
    inside = sum_over.function.xreplace({sum_over.limits[0][0]: neuron}) if isinstance(sum_over, Sum) else sum_over
    return writer.line(equation.tensor.own_entry, inside)


def _sum_over_the_layer(view: NetworkView, own: str, before: str) -> Expr:
    """Σ_j ∂z_j/∂a_k · ∂a_j/∂z_j · ∂C/∂a_j"""
    return _through_activation(view, f"a{before}", own).expression


def _with_values(view: NetworkView, own: str, before: str) -> Expr:
    """Σ_j w_jk σ′(z_j) ∂C/∂a_j"""
    adjoint = view.derivation.adjoint(f"a{before}")
    slope = view.slopes[f"z{own}"]
    return substituted(adjoint.expression, slope.adjoint_of_argument(view.derivation), frozenset(adjoint.tensor.axes), view.system)
