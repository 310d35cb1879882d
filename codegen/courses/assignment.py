"""An assignment for nbgrader: what is given, every pass of the network as functions to be written with tests, and a sheet's questions.

A function is tested by itself, with right values of all that it takes. What is right was computed by the equations by index, and stands in
hidden tests as sums of the entries with fixed weights; the last test holds a student's gradients against differences of the cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from chainrule.codegen.backends.source_loading import load_source
from chainrule.codegen.document.document import Block, Display, Figure, Heading, Paragraph
from chainrule.codegen.document.nodes import derivative_on_a_line
from chainrule.codegen.document.sentence import Code, Math, Sentence
from chainrule.codegen.formats.markdown import JUPYTER, markdown_block
from chainrule.codegen.formats.notebook import MISSING
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.templating.environments import markdown_text, one_line
from chainrule.codegen.words.sentences import listed, say
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.numeric_array import NumericArray

from .course import Course
from .functions_to_write import FORWARD, FunctionToWrite, functions_to_write
from .given_numbers import GivenNumbers, given_numbers, solution
from .nbgrader_cells import given_cell, solution_cell, test_cell, text_cell
from .question_cells import question_cells

POINTS = {FORWARD: 1, "gradient": 2}
POINTS_OF_DIFFERENCES = 4
#: Of the functions that give the right values, which students do not see.
RIGHT = "_right_"
TOOLS = '''
def sums(array):
    """The sum of the absolute values of all entries, and three sums of the entries with fixed weights."""
    flat = np.ravel(np.asarray(array, dtype=float))
    places = np.arange(1, flat.size + 1)
    return [float(np.sum(np.abs(flat))), *(float(flat @ np.cos(k * places)) for k in (1, 2, 3))]


def agrees(array, expected):
    """Whether an array has these sums."""
    return np.allclose(sums(array), expected, rtol=1e-7, atol=1e-9 * expected[0] + 1e-13)


def some(*shape):
    """Numbers of this shape, to try a function with."""
    return np.random.RandomState(1).standard_normal(shape)
'''.strip("\n")
DIFFERENCES = """
def compare(h, /, **parameters):
    for name, gradient in gradients_of(**parameters).items():
        array = np.asarray(parameters[name], dtype=float)
        assert np.shape(gradient) == array.shape, name
        for place in range(0, array.size, max(1, array.size // 5)):
            costs = []
            for step in (h, -h):
                moved = array.copy()
                moved.flat[place] += step
                costs.append(cost_of(**{{**parameters, name: moved}}))
            difference = (costs[0] - costs[1]) / (2 * h)
            assert abs(difference - np.ravel(gradient)[place]) < 1e-5 * (1 + abs(difference)), name


compare(1e-5, {parameters})
""".strip("\n")


def render_assignment(course: Course) -> str:
    """The notebook as JSON, with its solutions: nbgrader takes them out. Same questions, same text.

    Raises:
        InvalidDescription: where nbformat is not installed, or a name of the network is one that the notebook needs.
    """
    try:
        from nbformat import from_dict, validate, writes
    except ImportError:
        raise InvalidDescription(MISSING.replace("ipynb", "nbgrader")) from None
    title = one_line(course.exercises.sheet.front.title)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "title": title}
    notebook = from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(_cells(course))})
    validate(notebook)
    return str(writes(notebook)) + "\n"


def _cells(course: Course) -> Iterator[dict[str, Any]]:
    material, asked = course.material, course.exercises
    functions = functions_to_write(material.program)
    _refuse_clashes(material, functions)
    given = given_numbers(material, functions, asked.seed)
    yield text_cell("title", f"# {markdown_text(asked.sheet.front.title).strip()}\n\n{_text([Paragraph(say('assignment.intro'))])}")
    yield text_cell("network", _text([*asked.network, *asked.forward]))
    yield text_cell("given", _text([Heading(1, say("assignment.given"), "given"), Paragraph(say("assignment.numbers"))]))
    yield given_cell("numbers", f"{given.code}\n\n\n{TOOLS}")
    yield test_cell("values", 0, [f"# {_plain(say('assignment.values'))}"], list(_right_values(functions, material)))
    solved = "\n".join(line for each in functions for line in solution(each))
    tried = load_source(f"{given.code}\n\n\n{TOOLS}\n\n\n{solved}\n", "assignment")
    kind = ""
    for number, each in enumerate(functions, 1):
        if each.kind != kind:
            kind = each.kind
            yield text_cell(f"part-{number}", _text(_part(kind)))
        yield text_cell(f"task-{number}", _text(_task(material, each)))
        yield solution_cell(f"function-{number}", [each.head(), *_docstring(each, given)], solution(each)[1:], "    ")
        points = POINTS[each.kind] * len(each.results)
        yield test_cell(f"test-{number}", points, _seen(each, given, tried), list(_hidden(each, given, tried)))
    differences = list(_differences(material, functions))
    if _holds(tried, differences):
        heading = Heading(2, say("assignment.differences"), "differences")
        yield text_cell("differences", _text([heading, Paragraph(say("assignment.compared"))]))
        yield test_cell("test-differences", POINTS_OF_DIFFERENCES, differences, [])
    yield text_cell("questions", _text([Heading(1, say("exercises.heading.questions"), "questions"), *asked.numbers[1:]]))
    for number, question in enumerate(asked.questions, 1):
        yield from question_cells(number, question, asked.seed)


def _text(blocks: Iterable[Block]) -> str:
    return "\n\n".join(markdown_block(block, JUPYTER) for block in blocks if not isinstance(block, Figure))


def _plain(sentence: Sentence) -> str:
    return "".join(getattr(piece, "text", "") for piece in sentence)


def _part(kind: str) -> list[Block]:
    return [Heading(1, say(f"assignment.{kind}"), kind), Paragraph(say(f"assignment.{kind}.how"))]


def _task(material: Material, function: FunctionToWrite) -> list[Block]:
    """What is to be written: of the forward pass, the equation; of a gradient, whose it is."""
    system, code = material.system, Code(function.name)
    if function.kind == FORWARD:
        equations = [system.definition[name] for name in function.results if name in system.definition]
        shown = [Display(tuple(map(material.writer.equation, equations)))] if equations else []
        return [Paragraph(say("assignment.equation", function=code)), *shown]
    names = [system.adjoint_of[name] for name in function.results if name in system.adjoint_of]
    gradients = [(Math(derivative_on_a_line(material.by_index.cost, material.bare(name))),) for name in names]
    return [Paragraph(say("assignment.slope", function=code, gradients=listed(gradients) or (Code(", ".join(function.results)),)))]


def _docstring(function: FunctionToWrite, given: GivenNumbers) -> list[str]:
    """What comes out, with its shape; of the forward pass, how."""
    if function.kind == FORWARD:
        return ['    """', *(f"    {line}" for line in function.equations), '    """']
    return [f'    """{", ".join(f"{name}: {given.values[name].shape}" for name in function.results)}"""']


def _seen(function: FunctionToWrite, given: GivenNumbers, tried: Any) -> list[str]:
    """The shapes, with any numbers: nothing where the right function cannot be computed with those."""
    some = [_some(given.values[name]) for name in function.arguments]
    shapes = [given.values[name].shape for name in function.results]
    lines = [_found(function, some), f"assert [np.shape(each) for each in found] == {shapes!r}"]
    return lines if _holds(tried, lines) else [f"# {function.name}"]


def _some(array: NumericArray) -> str:
    if array.dtype.kind in "iu":
        return f"np.zeros({array.shape!r}, int)"
    return f"some({', '.join(map(str, array.shape))})"


def _found(function: FunctionToWrite, arguments: Sequence[str]) -> str:
    call = f"{function.name}({', '.join(arguments)})"
    return f"found = [{call}]" if len(function.results) == 1 else f"found = {call}"


def _hidden(function: FunctionToWrite, given: GivenNumbers, tried: Any) -> Iterator[str]:
    """The numbers, with right values of the arguments."""
    yield _found(function, [f'np.array(right["{name}"])' for name in function.arguments])
    expected = [[float(f"{value:.12g}") for value in tried.sums(given.values[name])] for name in function.results]
    yield f"expected = {expected!r}"
    yield "assert all(agrees(each, numbers) for each, numbers in zip(found, expected, strict=True))"


def _right_values(functions: Sequence[FunctionToWrite], material: Material) -> Iterator[str]:
    given = [tensor.name for tensor in (*material.system.inputs, *material.system.targets, *material.system.parameters)]
    for each in functions:
        yield from (*solution(each, RIGHT), "", "")
    yield f"def {RIGHT}values({', '.join(given)}):"
    for each in functions:
        yield f"    {each.call(RIGHT)}"
    yield "    return locals()"
    yield ""
    yield ""
    yield f"right = {RIGHT}values({', '.join(given)})"


def _differences(material: Material, functions: Sequence[FunctionToWrite]) -> Iterator[str]:
    system = material.system
    computed = {name for each in functions for name in each.results}
    parameters = [tensor.name for tensor in system.parameters if system.adjoint_name(tensor.name) in computed]
    forward = [each.call() for each in functions if each.kind == FORWARD]
    yield f"def cost_of({', '.join(parameters)}):"
    yield from (f"    {line}" for line in (*forward, f"return {system.cost.tensor.name}"))
    yield ""
    yield ""
    yield f"def gradients_of({', '.join(parameters)}):"
    pairs = ", ".join(f"{name}={system.adjoint_name(name)}" for name in parameters)
    yield from (f"    {line}" for line in (*(each.call() for each in functions), f"return dict({pairs})"))
    yield ""
    yield ""
    yield from DIFFERENCES.format(parameters=", ".join(f"{name}={name}" for name in parameters)).split("\n")


def _holds(module: Any, lines: Sequence[str]) -> bool:
    """Whether a test runs through with the right functions; differences do not where the chain rule stops or a step is not smooth."""
    try:
        with np.errstate(all="ignore"):
            exec("\n".join(lines), dict(module.__dict__))
    except (AssertionError, ArithmeticError, ValueError, np.linalg.LinAlgError):
        return False
    return True


def _refuse_clashes(material: Material, functions: Sequence[FunctionToWrite]) -> None:
    own = {"np", "random", "sums", "agrees", "some", "found", "expected", "right", "cost_of", "gradients_of", "compare"}
    own |= {name for each in functions for name in (each.name, *each.uses)}
    given = {tensor.name for tensor in (*material.system.inputs, *material.system.targets, *material.system.parameters)}
    shadowed = {name for each in functions for name in (*each.arguments, *each.results) if name in each.uses}
    for name in material.system.stored:
        if name in shadowed or name in given & own:
            raise InvalidDescription(
                f"--formats nbgrader: found a quantity called {name}, which the notebook calls something of its own; give it another name"
            )
