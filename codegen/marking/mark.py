"""Marking of works: `mark` for those who work in Python, `Marker` where several works of one network are marked."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.collector_pause import without_collection
from chainrule.symbolic.index.failures import InvalidDescription

from .choosing import Conventions
from .convention import own_convention
from .equations.files import LINES
from .equations.latex import meanings
from .equations.lines import read_formulas
from .explaining import explained, of_change, other
from .hypotheses import Case, Mistake
from .judge import Judge
from .judgement import Judgement
from .marked import MarkedLine, MarkedWork, Verdict
from .parts import Agreement, parts_apart
from .python.reader import read_code
from .python.reasons import Reason
from .python.recorded import Unread
from .reference import Reference
from .said import failure, said, why
from .spellings import COSTS, spellings_of
from .steps import target
from .theory import theories, without_theory
from .work import Work

#: A line has one verdict: of several, as in a function that is called for each layer, the worst.
WORST = (Verdict.WRONG, Verdict.FOLLOWS, Verdict.RIGHT, Verdict.UNREAD, Verdict.UNKNOWN)


def mark(derivation: Derivation, work: str | Callable[..., Any], function: str | None = None, ending: str = ".py") -> MarkedWork:
    """A verdict on every line of a work: a text, or a function whose source is read. It is never run.

    The text is Python code; with the `ending` ".txt" it is formulas, as a file with that ending is.

    Raises:
        InvalidDescription: where the text is no Python, or has no function of the name.
    """
    text = work if isinstance(work, str) else textwrap.dedent(inspect.getsource(work))
    return Marker(derivation).marked(text, "work" if isinstance(work, str) else work.__name__, function, ending)


@dataclass
class Marker:
    """Works of one network, whose numbers are computed once; `symbols` are letters of its tensors, as a description has them.

    What is said of a work does not depend on those that were marked before.
    """

    derivation: Derivation
    symbols: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def conventions(self) -> Conventions:
        return Conventions(Reference(self.derivation), spellings_of(self.derivation, self.symbols))

    def marked(self, text: str, file: str, function: str | None = None, ending: str = ".py") -> MarkedWork:
        """One work; raises as `mark` does, and where it is nested too deeply for all that is done with it."""
        try:
            return self._marked(text, file, function, ending)
        except RecursionError:
            raise InvalidDescription(f"{file}: it is nested too deeply to be read") from None

    @without_collection
    def _marked(self, text: str, file: str, function: str | None, ending: str) -> MarkedWork:
        work = self.read(text, file, function, ending)
        apart = [*parts_apart(work, self.conventions)]
        if apart:
            own = {id(statement) for trial in apart for statement in trial.work.tree.body}
            work = work.with_tree(ast.Module([each for each in work.tree.body if id(each) not in own], []))
        judge = Judge(self.conventions.chosen(work))
        matcher = judge.matcher
        judgements = [*judge.judged(), *(judgement for trial in apart for judgement in Judge(trial).judged())]
        recorded = {judgement.quantity for judgement in judgements if judgement.quantity and judgement.verdict is not Verdict.UNKNOWN}
        work.spent.explaining()
        lines = [line for judgement in judgements for line in _marked(judgement, recorded)]
        if judge.stopped is not None:
            lines.append(_unread(Unread(judge.stopped.number, judge.stopped.target, Reason("time"))))
        unread = judge.last.runs[0].unread.values() if judge.last is not None else ()
        lines += [_unread(each) for each in unread if each.line not in {line.line for line in lines}]
        every = _one_each(lines)
        gradients = matcher.reference.gradients
        last = {line.quantity: line for line in every if line.quantity in gradients}
        right = sum(line.verdict is Verdict.RIGHT for line in last.values())
        missing = tuple(gradient for gradient in gradients if gradient not in last)
        return MarkedWork(file, matcher.layouts.convention, tuple(every), missing, right, len(gradients))

    def unread(self, file: str, problem: InvalidDescription) -> MarkedWork:
        """A work that cannot be read, with what the message about it says, and the line, 0 where it is none of one line."""
        message = failure(file, problem)
        line = MarkedLine(problem.line, "", None, Verdict.UNREAD, None, message)
        gradients = self.conventions.reference.gradients
        return MarkedWork(file, own_convention(self.conventions.reference), (line,), gradients, 0, len(gradients), message)

    def read(self, text: str, file: str, function: str | None, ending: str) -> Work:
        """The code of a work, or its formulas."""
        if ending not in LINES:
            return read_code(text, file, function)
        is_exact, is_gradient = self.conventions.spellings.is_exact, partial(self.is_gradient, text if ending == ".txt" else "")
        texts = [text] if ending == ".txt" else meanings(text)
        theory = [*theories(text)]
        works = [without_theory(read_formulas(LINES[ending](each, is_exact), is_gradient), theory) for each in texts]
        return works[0] if len(works) == 1 else max(works, key=self.agreement)

    def agreement(self, work: Work) -> int:
        """How many more lines of formulas are right than wrong, as the description lays them out."""
        found = Agreement.of(self.conventions.trial(work))
        return found.right - found.wrong

    def is_gradient(self, text: str, of: str, by: str) -> bool:
        """Whether ∂C/∂h is the gradient by h; where that is called dh, and C is not all that reads h, it is what C reads of h."""
        system = self.derivation.system
        if of != system.cost.tensor.name and (of in system.tensors or of.lower() not in COSTS):
            return False
        readers = [equation.tensor.name for equation in system.equations if by in equation.reads]
        is_one_of_several = system.cost.tensor.name in readers and len(readers) > 1
        return not is_one_of_several or system.adjoint_name(by) not in text


def _marked(judgement: Judgement, recorded: set[str]) -> list[MarkedLine]:
    """What is said of a line; where a step before it is wrong, of both."""
    line, quantity = judgement.line, judgement.quantity
    if judgement.verdict is Verdict.WRONG and judgement.right is not None and quantity is None:
        return [_wrong(line.number, line.target, None, other(line.values[0], judgement.right[0]))]
    if judgement.undone is not None and judgement.trial is not None:
        return [_wrong(line.number, line.target, None, of_change(judgement.undone, judgement.trial))]
    if judgement.verdict is not Verdict.WRONG or quantity is None or judgement.trial is None:
        return [MarkedLine(line.number, line.target, quantity, judgement.verdict)]
    right = judgement.right or judgement.trial.matcher.right[quantity]
    found = explained(Case(line, quantity, right, judgement.trial), recorded)
    if found.statement.lineno == line.statement.lineno:
        return [_wrong(line.number, line.target, quantity, found.mistake)]
    step = _wrong(found.statement.lineno, target(found.statement), None, found.mistake)
    return [step, MarkedLine(line.number, line.target, quantity, Verdict.FOLLOWS)]


def _wrong(number: int, name: str, quantity: str | None, mistake: Mistake) -> MarkedLine:
    return MarkedLine(number, name, quantity, Verdict.WRONG, mistake.kind.value, said(mistake), mistake.correction)


def _unread(unread: Unread) -> MarkedLine:
    return MarkedLine(unread.line, unread.text, None, Verdict.UNREAD, None, why(unread.reason))


def _one_each(lines: list[MarkedLine]) -> list[MarkedLine]:
    """A line that is reached several times once for each quantity, in the order of the text."""
    found: dict[tuple[int, str, str | None], MarkedLine] = {}
    for line in lines:
        key = line.line, line.name, line.quantity
        if key not in found or WORST.index(line.verdict) < WORST.index(found[key].verdict):
            found[key] = line
    steps = {(line.line, line.name) for line in found.values() if line.quantity is None and line.verdict is Verdict.WRONG}
    known = {(line.line, line.name) for line in found.values() if line.quantity is not None} - steps
    kept = [line for line in found.values() if (line.line, line.name) not in (steps if line.quantity is not None else known)]
    return sorted(kept, key=lambda line: line.line)
