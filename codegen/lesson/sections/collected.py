"""After the derivation: gradients that several paths lead to, in one line, with the steps that lead there."""

from __future__ import annotations

from chainrule.codegen.document.document import Block, Display, Heading, Math, Paragraph
from chainrule.codegen.document.nodes import Node, derivative_on_a_line
from chainrule.codegen.formulas.reasons import with_reasons
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.words.sentences import listed, say
from chainrule.symbolic.derivation.elimination import Collected

from .derivation import signs


def collected_section(material: Material) -> list[Block]:
    """A subsection for every collected form worth showing; of equal layers, one."""
    return [block for form in material.derivation.collected_forms for block in _in_one_line(material, form)]


def _in_one_line(material: Material, form: Collected) -> list[Block]:
    name = form.tensor.name
    gradient = Math(_gradient(material, name))
    put_in = [Math(_gradient(material, other)) for other in form.put_in]
    between = listed([(other,) for other in put_in])
    number = material.numbering.next_for(f"{material.system.adjoint_name(name)} in one line")
    return [
        Heading(2, say("heading.collected", gradient=gradient), f"collected-{name}"),
        Paragraph(say("collected.between", gradient=gradient, between=between)),
        # The last step is the result.
        Display(material.writer.chain(form.adjoint.as_tensor.own_entry, with_reasons(form.steps, signs(material), put_in)), number),
        *_matrix(material, form),
    ]


def _gradient(material: Material, name: str) -> Node:
    return derivative_on_a_line(material.by_index.cost, material.bare(name))


def _matrix(material: Material, form: Collected) -> list[Block]:
    line = material.matrix_line(form.equation, shapes=True)
    return [Paragraph(say("gradient.matrix")), Display((line,))] if line else []
