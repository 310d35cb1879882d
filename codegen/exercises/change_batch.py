"""What happens to the cost and to a gradient where every example is taken twice? A mean stays, a sum is doubled."""

from __future__ import annotations

import numpy as np

from chainrule.codegen.document.document import Display, Math, Paragraph
from chainrule.codegen.lesson.equation_writer import evidence_of
from chainrule.codegen.words.sentences import say, together
from chainrule.symbolic.checking.solving import forward, solved
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role, Tensor

from .answers import ChoiceAnswer
from .draw import QuestionDraw
from .question import Question
from .source import QuestionSource, checked_by_evaluation

#: Of ratios.
EXACTLY = 1e-9
RATIOS = {"mean": 1.0, "sum": 2.0}


def places(source: QuestionSource) -> tuple[str, ...]:
    """Parameters of a network with examples."""
    if source.system.batch not in source.system.axes or source.numbers.nearer is not None:
        return ()
    return tuple(adjoint.tensor.name for adjoint in source.adjoints if adjoint.tensor.role is Role.PARAMETER)


def question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    system, numbers, batch = source.system, source.numbers, source.system.batch
    assert batch is not None
    given = (*system.inputs, *system.targets, *system.parameters)
    arrays = {tensor.name: _twice(tensor, batch, numbers.arrays[tensor.name]) for tensor in given}
    moved = forward(system, arrays, {**numbers.sizes, batch: 2 * numbers.sizes[batch]})
    moved = solved([adjoint.equation for adjoint in source.derivation.adjoints.values()], moved)
    gradient = source.adjoint(place).as_tensor.name
    pairs = [(numbers.arrays[name], moved.arrays[name]) for name in (system.cost.tensor.name, gradient)]
    kind = next(
        (kind for kind, ratio in RATIOS.items() if all(np.allclose(after, ratio * before, EXACTLY, 0) for before, after in pairs)), None
    )
    if kind is None:
        return None
    line = source.gradient_line(source.adjoint(place))
    names = {"cost": Math(source.by_index.cost), "gradient": Math(source.bare(place))}
    answer = ChoiceAnswer(tuple(say(f"exercises.batch.{each}", **names) for each in RATIOS), list(RATIOS).index(kind))
    return Question(
        "change_batch",
        place,
        1,
        (Paragraph(say("exercises.batch", **names)),),
        (
            Paragraph(together(answer.chosen, say(f"exercises.batch.why.{kind}"))),
            Display((source.writer.equation(system.cost), line)),
        ),
        together(checked_by_evaluation(evidence_of(line)), say("exercises.checked.batch")),
        2,
        frozenset({place}),
        answer=answer,
    )


def _twice(tensor: Tensor, batch: str, array: NumericArray) -> NumericArray:
    for place, letter in enumerate(tensor.axes):
        if axis_name(letter) == batch:
            return np.concatenate([array, array], axis=place)
    return array
