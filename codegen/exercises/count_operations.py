"""How many parameters are there, and how many multiplications does a product need, for sizes that are the student's own?"""

from __future__ import annotations

from math import prod

import numpy as np
from sympy import Add, Indexed, Mul, Sum

from chainrule.codegen.document.document import Items, Math, Paragraph
from chainrule.codegen.document.nodes import MEDIUM, Node, counted, row, separated
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.index.index_letters import letters
from chainrule.symbolic.system.system import Equation

from .answers import CountsAnswer
from .draw import QuestionDraw
from .own_sizes import drawn_sizes, has_own_sizes, numbers_of_sizes, said_sizes
from .question import Question
from .source import QuestionSource


def places(source: QuestionSource) -> tuple[str, ...]:
    """What is computed with one sum of products of two factors."""
    if not has_own_sizes(source.system):
        return ()
    return tuple(equation.tensor.name for equation in source.system.equations if _product(equation) is not None)


def question(source: QuestionSource, place: str, draw: QuestionDraw) -> Question | None:
    system = source.system
    equation = system.definition[place]
    product = _product(equation)
    assert product is not None
    sizes = drawn_sizes(source, draw)
    arrays = numbers_of_sizes(source, sizes).arrays
    parameters = [tensor for tensor in system.parameters if tensor.name in equation.reads]
    counts = {tensor.name: [sizes[axis_name(letter)] for letter in tensor.axes] for tensor in parameters}
    for name, count in counts.items():
        if prod(count) != np.size(arrays[name]):
            raise CheckFailed(f"{name} has {np.size(arrays[name])} entries, not {prod(count)}")
    ranges = [sizes[axis_name(letter)] for letter in sorted(letters(product), key=lambda letter: list(sizes).index(axis_name(letter)))]
    if sum(1 for _ in np.ndindex(*ranges)) != prod(ranges):
        raise CheckFailed(f"the products of {place} are not {prod(ranges)}")
    write = source.material.matrices.name
    evidence = [source.checker.numbers_agree(f"entries of {name}", prod(count), np.size(arrays[name])) for name, count in counts.items()]
    answer = CountsAnswer(
        (
            (say("exercises.count.of.parameters"), sum(map(prod, counts.values()))),
            (say("exercises.count.of.products"), prod(ranges)),
        )
    )
    (_, in_total), (_, products) = answer.counts
    return Question(
        "count_operations",
        place,
        1,
        (
            Paragraph(said_sizes(source, sizes)),
            Paragraph(say("exercises.count", array=Math(write(place)))),
        ),
        (
            Items(
                (
                    *((Math(row(write(name), ":", MEDIUM, _times(count))),) for name, count in counts.items()),
                    say("exercises.count.parameters", count=Math(counted(in_total))),
                    say("exercises.count.products", ranges=Math(_times(ranges)), count=Math(counted(products))),
                )
            ),
            Paragraph(say("exercises.count.why", array=Math(write(place)))),
        ),
        say("exercises.checked.shapes") if evidence else (),
        2,
        answer=answer,
    )


def _times(sizes: list[int]) -> Node:
    return separated([counted(size) for size in sizes], "·")


def _product(equation: Equation) -> Sum | None:
    """The one term that is a sum of products of two entries."""
    sums = [term for term in Add.make_args(equation.expression) if isinstance(term, Sum)]
    if len(sums) != 1 or equation.expression.atoms(Sum) != {sums[0]}:
        return None
    factors = Mul.make_args(sums[0].function)
    return sums[0] if len(factors) == 2 and all(isinstance(factor, Indexed) for factor in factors) else None
