"""A reader's own derivation or backward pass, line by line beside what is to be said of each line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.marked import MarkedWork, Verdict
from chainrule.codegen.marking.report import SHOWN, convention_line
from chainrule.codegen.marking.said import spoken
from chainrule.codegen.templating.environments import html_template
from chainrule.codegen.words.translation import speaking
from chainrule.symbolic.index.failures import InvalidDescription

from .prepared import MOST_KEPT, prepared
from .question import InvalidField, Question

#: What a work may be, by the ending of such a file.
KINDS = (".py", ".txt", ".tex")
SIGNS = {Verdict.RIGHT: "✓", Verdict.WRONG: "✗", Verdict.FOLLOWS: "↳", Verdict.UNREAD: "?"}


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of a quantity of a line; `verdict` is a word for style sheets."""

    sign: str
    verdict: str
    said: str
    message: str
    correction: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the work with its number from 1."""

    number: int
    text: str
    remarks: tuple[Remark, ...]


def marking_part(question: Question) -> str:
    """A place for a work, and where there is one, its marks."""
    work, kind = question.fields.get("work", ""), question.fields.get("kind", KINDS[0])
    if kind not in KINDS:
        raise InvalidField("kind", f"kind: found {kind[:20]!r}, expected one of {', '.join(KINDS)}")
    marker = _marker(question.text)
    rows: list[Row] = []
    summary: list[str] = []
    with speaking(question.language):
        if work.strip():
            try:
                marked = marker.marked(work, spoken("serve.work"), None, kind)
            except InvalidDescription as problem:
                raise InvalidField("work", problem.words) from None
            rows, summary = _rows(work, marked), _summary(marked)
        return html_template("page_marking.html.jinja", question.language).render(
            work=work, kinds=KINDS, chosen=kind, rows=rows, summary=summary, names=", ".join(marker.conventions.reference.gradients)
        )


@lru_cache(MOST_KEPT)
def _marker(text: str) -> Marker:
    made = prepared(text)
    return Marker(made.derivation, made.description.symbols)


def _summary(work: MarkedWork) -> list[str]:
    said = [convention_line(work), spoken("marking.count", right=str(work.right), of=str(work.of))]
    return said if not work.missing else [*said, spoken("marking.missing", gradients=", ".join(work.missing))]


def _rows(text: str, work: MarkedWork) -> list[Row]:
    remarks: dict[int, dict[Remark, None]] = {}
    for line in work.lines:
        if line.verdict in SHOWN:
            correction = spoken("marking.correction", right=line.correction) if line.correction else ""
            remark = Remark(
                SIGNS[line.verdict], line.verdict.value, spoken(f"marking.{line.verdict.value}"), line.message or "", correction
            )
            remarks.setdefault(line.line, {})[remark] = None
    return [Row(number, written, tuple(remarks.get(number, ()))) for number, written in enumerate(text.split("\n"), 1)]
