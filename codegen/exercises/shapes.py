"""Shapes: what shape arrays and their gradients have, for sizes that are the student's own."""

from __future__ import annotations

import numpy as np

from chainrule.codegen.document.document import Items, Math, Paragraph
from chainrule.codegen.document.nodes import MEDIUM, row
from chainrule.codegen.words.sentences import fill, formula, listed, say
from chainrule.symbolic.index.failures import CheckFailed

from .answers import ShapesAnswer
from .draw import QuestionDraw
from .own_sizes import drawn_sizes, has_own_sizes, numbers_of_sizes, said_sizes, shape_of, with_times
from .question import Question
from .source import QuestionSource

#: Arrays that one question asks about, besides the first.
OTHERS = 2


def places(source: QuestionSource) -> tuple[str, ...]:
    """Gradients that are arrays: others are asked for beside them."""
    if not has_own_sizes(source.system):
        return ()
    return tuple(adjoint.tensor.name for adjoint in source.adjoints if adjoint.tensor.axes)


def question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    system = source.system
    names = [name for name, tensor in system.stored.items() if tensor.axes and not tensor.is_integer and _is_known(source, name)]
    own = system.adjoint_name(place)
    asked = [own, *draw.some_of([name for name in names if name not in (own, place)], OTHERS)]
    sizes = drawn_sizes(source, draw)
    arrays = numbers_of_sizes(source, sizes).arrays
    shapes = {name: shape_of(system.stored[name], sizes) for name in asked}
    for name, shape in shapes.items():
        if np.shape(arrays[name]) != shape:
            raise CheckFailed(f"the shape of {name} is {np.shape(arrays[name])}, not {shape}")
    write = source.material.matrices.name
    answer = ShapesAnswer(tuple((write(name), shape) for name, shape in shapes.items()))
    return Question(
        "shapes",
        place,
        1,
        (
            Paragraph(said_sizes(source, sizes)),
            Paragraph(say("exercises.shapes", arrays=listed([formula(write(name)) for name in asked]))),
        ),
        (
            Items(tuple(fill("{shape}", shape=Math(row(name, ":", MEDIUM, with_times(shape)))) for name, shape in answer.shapes)),
            Paragraph(say("exercises.shapes.answer")),
        ),
        say("exercises.checked.shapes"),
        2,
        answer=answer,
    )


def _is_known(source: QuestionSource, name: str) -> bool:
    """Whether the array or its gradient is a part of the network's two passes."""
    return name in source.system.tensors or any(adjoint.as_tensor.name == name for adjoint in source.adjoints)
