"""Marking of works: `mark` for those who work in Python, `Marker` where several works of one network are marked."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from chainrule.symbolic.derivation.derivation import Derivation

from .choosing import Conventions
from .explaining import explained
from .hypotheses import Case, Mistake
from .judge import Judge, Judgement
from .marked import MarkedLine, MarkedWork, Verdict
from .python.reader import read_code
from .python.recorded import Unread
from .reference import Reference
from .said import said

#: A line has one verdict: of several, as in a function that is called for each layer, the worst.
WORST = (Verdict.WRONG, Verdict.FOLLOWS, Verdict.RIGHT, Verdict.UNREAD, Verdict.UNKNOWN)


def mark(derivation: Derivation, work: str | Callable[..., Any], function: str | None = None) -> MarkedWork:
    """A verdict on every line of a work: Python code as a text, or a function whose source is read. It is never run.

    Raises:
        InvalidDescription: where the text is no Python, or has no function of the name.
    """
    text = work if isinstance(work, str) else textwrap.dedent(inspect.getsource(work))
    return Marker(derivation).marked(text, "work" if isinstance(work, str) else work.__name__, function)


@dataclass
class Marker:
    """Works of one network, whose numbers are computed once."""

    derivation: Derivation
    kept: dict[str, Mistake] = field(default_factory=dict)

    @cached_property
    def conventions(self) -> Conventions:
        return Conventions(Reference(self.derivation))

    def marked(self, text: str, file: str, function: str | None = None) -> MarkedWork:
        """One work; raises as `mark` does."""
        work = read_code(text, file, function)
        matcher = self.conventions.chosen(work)
        judge = Judge(work, matcher)
        judgements = judge.judged()
        recorded = {judgement.quantity for judgement in judgements if judgement.quantity and judgement.verdict is not Verdict.UNKNOWN}
        lines = [_marked(judgement, recorded) for judgement in judgements]
        unread = judge.last.runs[0].unread.values() if judge.last is not None else ()
        lines += [_unread(each) for each in unread if each.line not in {line.line for line in lines}]
        every = _one_each(lines)
        gradients = matcher.reference.gradients
        last = {line.quantity: line for line in every if line.quantity in gradients}
        right = sum(line.verdict is Verdict.RIGHT for line in last.values())
        missing = tuple(gradient for gradient in gradients if gradient not in last)
        return MarkedWork(file, matcher.layouts.convention, tuple(every), missing, right, len(gradients))


def _marked(judgement: Judgement, recorded: set[str]) -> MarkedLine:
    line, quantity = judgement.line, judgement.quantity
    if judgement.verdict is not Verdict.WRONG or quantity is None or judgement.trial is None:
        return MarkedLine(line.number, line.target, quantity, judgement.verdict)
    right = judgement.right or judgement.trial.matcher.right[quantity]
    mistake = explained(Case(line, quantity, right, judgement.trial), recorded)
    return MarkedLine(line.number, line.target, quantity, judgement.verdict, mistake.kind.value, said(mistake), mistake.correction)


def _unread(unread: Unread) -> MarkedLine:
    return MarkedLine(unread.line, unread.text, None, Verdict.UNREAD, None, unread.message)


def _one_each(lines: list[MarkedLine]) -> list[MarkedLine]:
    """A line that is reached several times once for each quantity, in the order of the text."""
    found: dict[tuple[int, str, str | None], MarkedLine] = {}
    for line in lines:
        key = line.line, line.name, line.quantity
        if key not in found or WORST.index(line.verdict) < WORST.index(found[key].verdict):
            found[key] = line
    known = {(line.line, line.name) for line in found.values() if line.quantity is not None}
    kept = [line for line in found.values() if line.quantity is not None or (line.line, line.name) not in known]
    return sorted(kept, key=lambda line: line.line)
