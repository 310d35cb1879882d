"""Convolutions, recurrences and attention: each is asked about where the equations have it, and answers are those of NumPy."""

from __future__ import annotations

import re
from math import prod

import numpy as np
import pytest
from sheet_material import NETWORKS, material, of_kind, source
from shown_text import shown_text

from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.exercises.answers import CountsAnswer, NumberAnswer, SelectionAnswer, ShapesAnswer
from chainrule.codegen.exercises.kinds import KINDS
from chainrule.codegen.exercises.sheet import exercises
from chainrule.symbolic.checking.interpreter import evaluate

#: A number of a sentence, not of an index.
NUMBER = r"(?<![\w{(])\d+(?![)}])"
OF_LAYERS = [name for name, kind in KINDS.items() if kind.family == "layers"]


@pytest.mark.parametrize("name", [*NETWORKS, "convolution", "recurrence", "weighted"])
def test_what_a_network_has_is_asked_about_and_nothing_else(name: str) -> None:
    start = {"convolution": "convolution", "recurrence": "recurrent", "weighted": "attention"}.get(name, "none")
    with_places = [kind for kind in OF_LAYERS if KINDS[kind].places(source(name, 1))]
    assert with_places == [kind for kind in OF_LAYERS if kind.startswith(start)]


@pytest.mark.parametrize("name", ["convolution", "recurrence", "weighted"])
@pytest.mark.parametrize("language", ["en", "zh-TW", "zh-CN"])
def test_sheets_have_questions_of_layers(name: str, language: str) -> None:
    questions = exercises(material(name), language, 12, 3).questions
    assert len(questions) == 12
    assert any(question.kind in OF_LAYERS for question in questions)


@pytest.mark.parametrize("seed", range(5))
def test_a_convolution_has_the_shape_of_its_windows(seed: int) -> None:
    for _, question in of_kind("convolution", seed, "convolution_shape"):
        assert isinstance(question.answer, ShapesAnswer)
        ((_, shape),) = question.answer.shapes
        numbers = [int(number) for number in re.findall(NUMBER, shown_text(question.prompt))]
        rows, columns, window, _, stride, padding = numbers
        assert shape == tuple((entries + 2 * padding - window) // stride + 1 for entries in (rows, columns))


def test_terms_of_a_kernels_gradient_are_counted() -> None:
    found = of_kind("convolution", 1, "convolution_uses")
    assert found
    for _, question in found:
        assert isinstance(question.answer, CountsAnswer)
        numbers = [int(number) for number in re.findall(NUMBER, shown_text(question.prompt))]
        assert [count for _, count in question.answer.counts] == [prod(numbers)]


def grids(text: str) -> list[np.ndarray]:
    found = re.findall(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", text)
    return [np.array([[int(value) for value in line.split("&")] for line in grid.split(r"\\")]) for grid in found]


@pytest.mark.parametrize("seed", range(5))
def test_entries_of_a_convolution_by_loops(seed: int) -> None:
    found = of_kind("convolution", seed, "convolution_numbers")
    assert len(found) == 2
    for _, question in found:
        assert isinstance(question.answer, NumberAnswer)
        x, other = grids(shown_text(question.prompt))
        row, column = (int(number) - 1 for number in re.search(r"entry \((\d), (\d)\)", shown_text(question.prompt)).groups())
        value = sum(other[i, j] * x[row + i, column + j] for i in range(other.shape[0]) for j in range(other.shape[1]))
        assert question.answer.value == value


def test_a_shared_parameter_has_a_term_of_each_step() -> None:
    """Written out for three steps, the right side is the gradient at a sequence of three."""
    own = source("recurrence", 1)
    found = of_kind("recurrence", 1, "recurrent_sum")
    assert {place for place, _ in found} == {"W", "U", "b"}
    for place, question in found:
        text = shown_text(question.solution).splitlines()[0]
        for step in range(3):
            assert text.count(rf"\frac{{\partial C}}{{\partial z_{{n{step}j}}}}") == 1, text
        assert place in question.asks
    assert "-1" not in shown_text(dict(found)["U"].solution).splitlines()[0]
    assert own.student is None


def test_what_comes_back_from_the_next_step() -> None:
    ((_, question),) = of_kind("recurrence", 1, "recurrent_paths")
    assert isinstance(question.answer, SelectionAnswer)
    right = [question.answer.options[place] for place in question.answer.right]
    assert [write_latex(part.node) for option in right for part in option] == [r"z_{n,t + 1,j}"]
    assert len(question.answer.options) == 2


@pytest.mark.parametrize("seed", range(5))
def test_a_row_of_the_softmax(seed: int) -> None:
    found = dict(of_kind("weighted", seed, "attention"))
    kinds = {place.kind: question for place, question in found.items()}
    assert set(kinds) == {"weight", "score", "masked", "length"} or seed
    for kind, question in kinds.items():
        text = shown_text(question.prompt)
        if kind == "length":
            assert isinstance(question.answer, CountsAnswer)
            assert [count for _, count in question.answer.counts] == [4]
            continue
        assert isinstance(question.answer, NumberAnswer)
        rows = [[float(value) for value in values.split(",")] for values in re.findall(r"\(([-\d., ]+)\)", text)]
        at = int(re.search(r"entry (\d) of the row", text)[1]) - 1
        if kind == "weight":
            scores = np.exp(np.array(rows[0]))
            expected = scores[at] / scores.sum()
        else:
            weights, back = map(np.array, rows)
            expected = weights[at] * (back[at] - weights @ back)
            assert abs(weights.sum() - 1) < 1e-3
        assert question.answer.value == pytest.approx(expected, rel=5e-3, abs=2e-3)
        if kind == "masked":
            assert question.answer.value == 0


def test_the_gradient_of_scores_is_that_of_the_derivation() -> None:
    """p (g − Σ p g), by whole arrays."""
    own = source("weighted", 1)
    adjoint = own.adjoint("l")
    p, g = (own.numbers.arrays[name] for name in ("w", "dw"))
    found = evaluate(adjoint.expression, own.numbers, adjoint.tensor.axes)
    assert np.allclose(found, p * (g - np.sum(p * g, axis=-1, keepdims=True)))
