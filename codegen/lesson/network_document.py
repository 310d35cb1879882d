"""The network itself as a document: its equations, and a step of gradient descent; as the derivation is, at each level."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chainrule.codegen.document.document import Block, Display, Document, Formula, FrontMatter, Line
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.evidence_required import evidenced
from chainrule.codegen.document.nodes import THIN, Node, node, row
from chainrule.codegen.formulas.notation import Notation
from chainrule.codegen.formulas.printers import Printers
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.forms.scalar_form import scalar_form

from .derivation_document import Shown, matrix_blocks, node_lines, refuse_unknown_level, scalar_lines, shown_of


def forward_document(derivation: Derivation, level: str, printers: Printers) -> Document:
    """The equations of the network, verified; raises as `derivation_document` does."""
    refuse_unknown_level(level)
    shown = shown_of(derivation, (), (), printers)
    return evidenced(Document(FrontMatter(derivation.system.name), tuple(_FORWARD[level](shown))))


def update_document(derivation: Derivation, level: str, printers: Printers, notation: Notation) -> Document:
    """A step of gradient descent for every parameter: by index, or as whole arrays at the level of matrices."""
    refuse_unknown_level(level)
    system = derivation.system
    matrices, by_index = printers.matrices(system), printers.by_index(system)

    def written(name: str, axes: tuple[object, ...]) -> Node:
        return matrices.name(name) if level == "matrix" else by_index.entry(name, axes)

    lines = []
    for parameter in system.parameters:
        own = written(parameter.name, parameter.axes)
        step = row(own, "−", notation.learning_rate, THIN, written(system.adjoint_name(parameter.name), parameter.axes))
        lines.append(Line(Formula(own), Formula(step), relation=node(notation.assignment), evidence=Defined("update")))
    return evidenced(Document(FrontMatter(system.name), (Display(tuple(lines)),)))


def _by_index(shown: Shown) -> Iterator[Block]:
    yield Display(tuple(map(shown.writer.equation, shown.derivation.system.equations)))


_FORWARD: dict[str, Callable[[Shown], Iterator[Block]]] = {
    "scalar": lambda shown: iter([Display(tuple(scalar_lines(shown, scalar_form(shown.derivation).forward)))]),
    "index": _by_index,
    "matrix": lambda shown: matrix_blocks(shown, shown.derivation.system.equations),
    "graph": lambda shown: iter([Display(tuple(node_lines(shown)[0]))]),
}
