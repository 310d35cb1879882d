"""A convolution by small numbers: one entry of its output, or of the kernel's gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.codegen.document.document import Display, Formula, Line, Math, Paragraph
from chainrule.codegen.document.evidence import Defined
from chainrule.codegen.document.nodes import Grid, Node, Number, bracketed, row, separated
from chainrule.codegen.formulas.printed_number import signed
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.index.numeric_array import NumericArray

from .answers import NumberAnswer
from .convolution_counts import windows
from .draw import QuestionDraw
from .question import Question
from .source import QuestionSource

#: Along one axis: what is read, and the window; along each of two: the same.
SIZES = {1: (6, 3), 2: (4, 2)}
VALUES = (-2, -1, 0, 1, 2, 3)
#: Of a whole number.
EXACTLY = 0.01
KINDS = ("output", "kernel")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the convolution computes, and of which array an entry is asked for."""

    name: str
    kind: str


def places(source: QuestionSource) -> tuple[Asked, ...]:
    """Convolutions whose window reads x[i + p]."""
    plain = (name for name, window in windows(source).items() if all(axis.spread == 1 for axis in window.axes))
    return tuple(Asked(name, kind) for name in plain for kind in KINDS)


def question(source: QuestionSource, place: Asked, draw: QuestionDraw) -> Question | None:
    window = windows(source)[place.name]
    count = len(window.axes)
    read, size = SIZES[count]
    x, back = _drawn(draw, (read,) * count), _drawn(draw, (read - size + 1,) * count)
    w = _drawn(draw, (size,) * count)
    first, asked = (w, window.output) if place.kind == "output" else (back, window.kernel)
    shape = np.subtract(x.shape, first.shape) + 1
    at = tuple(draw.below(int(length)) for length in shape)
    factors = [(int(first[place]), int(x[tuple(np.add(at, place))])) for place in np.ndindex(first.shape)]
    value = sum(left * right for left, right in factors)
    if value != _in_other_way(x, w, back, place.kind, at):
        raise CheckFailed(f"an entry of a convolution is not {value}")
    names = {key: source.material.bare(name) for key, name in (("x", window.read), ("w", window.kernel), ("z", window.output))}
    gradients = {name: source.bare(name) for name in (window.output, window.kernel)}
    given = [(names["x"], x), (names["w"], w)] if place.kind == "output" else [(names["x"], x), (gradients[window.output], back)]
    wanted = names["z"] if place.kind == "output" else gradients[asked]
    line = Formula(separated([row(_factor(left), "·", _factor(right)) for left, right in factors], "+")), Formula(_number(value))
    evidence = source.checker.numbers_agree(f"an entry of {asked}", value, _in_other_way(x, w, back, place.kind, at), *line)
    entry = separated([Number(str(index + 1)) for index in at], ",")
    known = {"x": Math(names["x"])} | ({"back": Math(gradients[window.output])} if place.kind == "kernel" else {})
    why = say(f"exercises.convolution.{place.kind}", array=Math(wanted), **known)
    return Question(
        "convolution_numbers",
        f"{place.name} {place.kind}",
        2,
        (
            Paragraph(say("exercises.convolution.given", x=Math(names["x"]), z=Math(names["z"]))),
            Display(tuple(Line(Formula(name), Formula(_grid(array)), evidence=Defined("given")) for name, array in given)),
            Paragraph(say("exercises.convolution.entry", array=Math(wanted), place=Math(entry))),
        ),
        (
            Paragraph(why),
            Display((Line(*line, evidence=evidence),)),
        ),
        say("exercises.checked.windows"),
        3,
        answer=NumberAnswer(Math(_number(value)), value, EXACTLY),
    )


def _drawn(draw: QuestionDraw, shape: tuple[int, ...]) -> NumericArray:
    return np.array([draw.one_of(VALUES) for _ in range(int(np.prod(shape)))]).reshape(shape)


def _in_other_way(x: NumericArray, w: NumericArray, back: NumericArray, kind: str, at: tuple[int, ...]) -> int:
    """By all windows at once; the gradient of Σ back · z by what one more in the kernel's entry changes, as z is linear in it."""

    def output(kernel: NumericArray) -> NumericArray:
        seen = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)
        return np.asarray(np.sum(seen * kernel, axis=tuple(range(-kernel.ndim, 0))))

    if kind == "output":
        return int(output(w)[at])
    larger = w.copy()
    larger[at] += 1
    return int(np.sum(back * (output(larger) - output(w))))


def _grid(array: NumericArray) -> Node:
    return Grid(tuple(tuple(_number(int(value)) for value in values) for values in np.atleast_2d(array)))


def _number(value: int) -> Node:
    return signed(str(value))


def _factor(value: int) -> Node:
    return _number(value) if value >= 0 else bracketed(_number(value))
