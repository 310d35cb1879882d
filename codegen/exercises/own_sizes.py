"""Sizes for a question about shapes: pairwise different, so that a lost transpose shows, and the student's own."""

from __future__ import annotations

import numpy as np
from sympy import Indexed

from chainrule.codegen.document.nodes import Node, counted, separated
from chainrule.codegen.document.sentence import Sentence
from chainrule.codegen.words.sentences import formula, listed, say
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import forward, solved
from chainrule.symbolic.checking.tensor_draw import DRAWS
from chainrule.symbolic.checking.verification import random_arrays
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.index_letters import is_letter, nodes
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.system.system import System

from .draw import QuestionDraw
from .source import QuestionSource

SIZES = (2, 3, 4, 5, 6, 7, 8, 9)
MOST_AXES = 7


def has_own_sizes(system: System) -> bool:
    """Whether every axis may have any size: none is read at computed places, as windows are, and there are few."""
    read = (node for equation in system.equations for node in nodes(equation.expression) if isinstance(node, Indexed))
    plain = all(is_letter(place) or isinstance(place, Indexed) for node in read for place in node.indices)
    free = all(axis.rule is None for axis in system.axes.values())
    recurrent = any(equation.tensor.name in equation.reads for equation in system.equations)
    return plain and free and not recurrent and 2 <= len(system.axes) <= MOST_AXES


def drawn_sizes(source: QuestionSource, draw: QuestionDraw) -> dict[str, int]:
    axes = list(source.system.axes)
    return dict(zip(axes, draw.some_of(SIZES, len(axes)), strict=True))


def numbers_of_sizes(source: QuestionSource, sizes: dict[str, int]) -> Numbers:
    """Every array at these sizes."""
    system = source.system
    given = random_arrays(system, sizes, np.random.default_rng(0), DRAWS[0])
    numbers = forward(system, {name: array if array.dtype.kind == "i" else array.astype(complex) for name, array in given.items()}, sizes)
    return solved([adjoint.equation for adjoint in source.derivation.adjoints.values()], numbers)


def said_sizes(source: QuestionSource, sizes: dict[str, int]) -> Sentence:
    """n and i have the sizes 7 and 3."""
    letters = listed([formula(source.by_index.letter(source.system.axes[name].index)) for name in sizes])
    return say("exercises.sizes", axes=letters, sizes=listed([formula(counted(size)) for size in sizes.values()]))


def shape_of(tensor: Tensor, sizes: dict[str, int]) -> tuple[int, ...]:
    return tuple(sizes[axis_name(letter)] for letter in tensor.axes)


def with_times(shape: tuple[int, ...]) -> Node:
    """3 × 5"""
    return separated([counted(size) for size in shape], "×")
