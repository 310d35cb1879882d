"""Convolutions by their sizes: the shape of the output for another stride and padding, and how many terms a kernel's gradient sums."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from math import prod

import numpy as np

from chainrule.codegen.document.document import Items, Math, Paragraph
from chainrule.codegen.document.nodes import Node, counted, separated
from chainrule.codegen.figures.window import Window, WindowAxis, window_of
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.forms.scalar_form import fixed_sizes
from chainrule.symbolic.index.failures import CheckFailed, NotExpressible
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role, adjoint_name

from .answers import CountsAnswer, ShapesAnswer
from .draw import QuestionDraw
from .own_sizes import with_times
from .question import Question
from .source import QuestionSource

READ, WINDOW, STRIDE, PADDING, EXAMPLES = tuple(range(9, 17)), (2, 3, 4, 5), (1, 2, 3), (0, 1, 2), tuple(range(2, 9))


def windows(source: QuestionSource) -> dict[str, Window]:
    """By what it computes: every sum through a window whose kernel is a parameter, as the equations say."""
    return _windows_at(source, _sizes(source))


def _sizes(source: QuestionSource) -> Mapping[str, int]:
    """Those of the description, as far as it says them."""
    try:
        return fixed_sizes(source.system, 1)
    except NotExpressible:
        return source.numbers.sizes


def _windows_at(source: QuestionSource, sizes: Mapping[str, int]) -> dict[str, Window]:
    system = source.system
    found = {equation.tensor.name: window_of(system, equation, sizes) for equation in system.equations}
    return {name: window for name, window in found.items() if window and system.tensors[window.kernel].role is Role.PARAMETER}


def places(source: QuestionSource) -> tuple[str, ...]:
    return tuple(windows(source))


def shape_question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    """⌊(read + 2 padding − window) / stride⌋ + 1 along each axis."""
    window = windows(source)[place]
    read = draw.some_of(READ, len(window.axes))
    size, stride, padding = draw.one_of(WINDOW), draw.one_of(STRIDE), draw.one_of(PADDING)
    counts = [len(range(-padding, entries + padding - size + 1, stride)) for entries in read]
    for entries, count in zip(read, counts, strict=True):
        seen = np.lib.stride_tricks.sliding_window_view(np.pad(np.zeros(entries), padding), size)[::stride]
        if len(seen) != count:
            raise CheckFailed(f"a window has {len(seen)} places, not {count}")
    answer = ShapesAnswer(((source.material.matrices.name(place), tuple(counts)),))
    names = _names(source, window)
    along = (
        say(
            "exercises.convolution.axis",
            whole=entries + 2 * padding,
            window=size,
            last=entries + 2 * padding - size,
            stride=stride,
            count=count,
        )
        for entries, count in zip(read, counts, strict=True)
    )
    return Question(
        "convolution_shape",
        place,
        1,
        (
            Paragraph(
                say(
                    "exercises.convolution.shape",
                    **names,
                    read=Math(with_times(read)),
                    window=Math(with_times((size,) * len(read))),
                    stride=stride,
                    padding=padding,
                )
            ),
        ),
        (Items(tuple(along)), Paragraph(say("exercises.convolution.shape.answer", z=names["z"], shape=Math(with_times(tuple(counts)))))),
        say("exercises.checked.windows"),
        2,
        answer=answer,
    )


def uses_question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    """How many terms the gradient of one entry of the kernel has; for places outside of what is read it has fewer."""
    window = windows(source)[place]
    if window.reads_outside or window.kernel not in source.derivation.adjoints:
        return None
    _check_uses(source, place)
    outputs = draw.some_of(READ, len(window.axes))
    examples = draw.one_of(EXAMPLES)
    count = examples * prod(outputs)
    names, shown = _names(source, window), Math(_number(count))
    product = Math(separated([_number(size) for size in (examples, *outputs)], "·"))
    return Question(
        "convolution_uses",
        place,
        1,
        (Paragraph(say("exercises.convolution.uses", z=names["z"], w=names["w"], examples=examples, shape=Math(with_times(outputs)))),),
        (Paragraph(say("exercises.convolution.uses.answer", w=names["w"], product=product, count=shown)),),
        say("exercises.checked.ones"),
        2,
        answer=CountsAnswer(((say("exercises.count.of.terms"), count),)),
    )


def _check_uses(source: QuestionSource, place: str) -> None:
    """Where all that is read, and all that comes back, is 1, an entry of the kernel's gradient counts the places that it is used at.

    Raises:
        CheckFailed: where it is another number.
    """
    system, numbers = source.system, source.numbers
    window = _windows_at(source, numbers.sizes)[place]
    adjoint = source.adjoint(window.kernel)
    arrays = {name: np.ones_like(numbers.arrays[name]) for name in (window.read, adjoint_name(place, system.adjoint_mark))}
    found = evaluate(adjoint.expression, numbers.with_arrays({**numbers.arrays, **arrays}), adjoint.tensor.axes)
    uses = reduce(np.multiply.outer, map(_uses, window.axes))
    # The places of the window are the last axes of a kernel.
    if not np.allclose(found, numbers.sizes.get(system.batch or "", 1) * uses):
        raise CheckFailed(f"an entry of {window.kernel} is used another number of times")


def _uses(axis: WindowAxis) -> NumericArray:
    """For each place of the window, at how many of its positions that place is inside."""
    inside = [[0 <= axis.met(output, place) < axis.read for output in range(axis.outputs)] for place in range(axis.places)]
    return np.asarray(np.sum(inside, axis=1))


def _names(source: QuestionSource, window: Window) -> dict[str, Math]:
    return {key: Math(source.material.bare(name)) for key, name in (("x", window.read), ("w", window.kernel), ("z", window.output))}


def _number(count: int) -> Node:
    return counted(count)
