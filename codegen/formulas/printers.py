"""The printers that write the formulas of one document, all in the same letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from chainrule.codegen.document.nodes import Node
from chainrule.symbolic.derivation.jacobian import Jacobian
from chainrule.symbolic.forms.computational_graph import Graph
from chainrule.symbolic.system.system import System

from .formula_printer import FormulaPrinter
from .index_printer import IndexPrinter
from .jacobian_printer import JacobianPrinter, PlainJacobianPrinter
from .matrix_printer import MatrixPrinter
from .notation import DELTA, Notation
from .plain_matrix_printer import PlainMatrixPrinter
from .plain_printer import PlainPrinter
from .view_printer import Spelling, ViewPrinter, node_names


@dataclass(frozen=True, slots=True)
class Printers:
    """Each for one system; `single_entries` writes them without sums, `graph` node by node. Names of the module have no `notation`."""

    by_index: Callable[[System], FormulaPrinter]
    single_entries: Callable[[System], FormulaPrinter]
    graph: Callable[[Graph], FormulaPrinter]
    jacobian: Callable[[Jacobian, Graph | None], FormulaPrinter]
    jacobian_entries: Callable[[Jacobian], FormulaPrinter]
    matrices: Callable[[System], PlainMatrixPrinter]
    kronecker: Node = DELTA
    notation: Notation | None = None


#: In the names of the module, as the terminal has them.
PLAIN = Printers(
    PlainPrinter,
    partial(PlainPrinter, counted_from_one=True),
    lambda graph: PlainPrinter(graph.system),
    lambda jacobian, _: PlainJacobianPrinter(jacobian),
    partial(PlainJacobianPrinter, counted_from_one=True),
    PlainMatrixPrinter,
)


def in_notation(notation: Notation, system: System) -> Printers:
    """In letters that no tensor of the system is written with."""
    own = notation.of(system)
    by_index = partial(IndexPrinter, notation=own)

    def names(graph: Graph) -> dict[str, Node]:
        return node_names(graph, by_index(system))

    return Printers(
        by_index,
        partial(by_index, examples=1),
        lambda graph: ViewPrinter(graph.system, own, Spelling(names=names(graph)), {}),
        lambda jacobian, graph: JacobianPrinter(jacobian, own, names=names(graph) if graph else None),
        partial(JacobianPrinter, notation=own, examples=1),
        partial(MatrixPrinter, notation=own),
        own.kronecker,
        own,
    )
