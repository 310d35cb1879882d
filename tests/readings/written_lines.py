"""Lines of documents that tests write by hand."""

from __future__ import annotations

from chainrule.codegen.document.document import Formula, Line, Sentence
from chainrule.codegen.document.evidence import Evidence


def by_hand(left: str, right: str, reason: Sentence = (), relation: str = "=", evidence: Evidence | None = None) -> Line:
    return Line(Formula(left), Formula(right), reason, relation, evidence)
