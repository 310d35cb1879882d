"""The numbers that a student starts from, in words: those of the sheet, or those that one question has of its own."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.codegen.document.document import Math
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import row
from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.words.sentences import listed, say
from chainrule.symbolic.index.tensors import Tensor, entry_name

from .source import QuestionSource
from .working import entries, rounded


def said_numbers(source: QuestionSource) -> Sentence:
    """Inputs and targets, where there are any, and parameters, entry by entry."""
    system = source.system
    data, parameters = _given(source, (*system.inputs, *system.targets)), _given(source, system.parameters)
    return say("numbers.start", arrays=data, parameters=parameters) if data else say("exercises.parameters", parameters=parameters)


def _given(source: QuestionSource, tensors: Sequence[Tensor]) -> Sentence:
    student = source.student
    assert student is not None
    write: IndexPrinter = entries(source)
    names = {tensor.name for tensor in tensors}
    found: list[Sentence] = []
    for entry, value in student.given_values.items():
        name = entry_name(entry)
        if name in names:
            shown = value + write.first if source.system.tensors[name].is_integer else value
            found.append((Math(row(write.node(entry), "=", rounded(shown)), Defined("given")),))
    return listed(found, between="phrases")
