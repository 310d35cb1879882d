"""Lines of documents that tests write by hand."""

from __future__ import annotations

from chainrule.codegen.document.document import Formula, Line, Sentence
from chainrule.codegen.document.evidence import Evidence
from chainrule.codegen.document.nodes import EMPTY, Node, node


def by_hand(left: Node | str, right: Node | str, reason: Sentence = (), relation: str = "=", evidence: Evidence | None = None) -> Line:
    return Line(Formula(node(left) if left else EMPTY), Formula(node(right)), reason, node(relation) if relation else EMPTY, evidence)
