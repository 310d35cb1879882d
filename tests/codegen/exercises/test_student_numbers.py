"""Numbers of questions and of their working, held against the module and against numeric differences."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from sheet_material import (
    NETWORKS,
    SEEDS,
    answer_lines,
    material,
    of_kind,
    source,
)
from shown_text import shown_text
from sympy import Indexed

from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.exercises.sheet import exercises
from chainrule.codegen.exercises.source import QuestionSource
from chainrule.codegen.exercises.student_numbers import name_and_position
from chainrule.codegen.exercises.working import rounded
from chainrule.symbolic.checking.interpreter import evaluate


def values_by_module(own: QuestionSource) -> tuple[dict[str, np.ndarray], Any, tuple[np.ndarray, ...]]:
    """The student's numbers through the generated module: values of the forward pass, gradients, and what they were computed from."""
    module, system, given = own.material.checked.module, own.system, own.student.given
    params = module.Parameters(*(np.asarray(given[tensor.name], dtype=float) for tensor in system.parameters))
    data = tuple(np.asarray(given[tensor.name]) for tensor in (*system.inputs, *system.targets))
    cache = module.forward(params, *data[: len(system.inputs)])
    cost, gradients = module.cost_and_gradients(params, *data)
    values = {**given, **cache._asdict(), system.cost.tensor.name: np.asarray(cost)}
    values |= {f"d{name}": gradient for name, gradient in gradients._asdict().items()}
    return values, params, data


def numeric_slope(own: QuestionSource, name: str, position: tuple[int, ...]) -> float:
    """∂C/∂name by central differences; of what is computed, the difference is added to its equation's value."""
    system, student, step = own.system, own.student, 1e-6

    def cost(moved: float) -> float:
        numbers = student.numbers
        arrays = dict(student.given)
        if name in arrays:
            changed = np.array(arrays[name], dtype=float)
            changed[position] += moved
            return student.with_array(name, changed).in_other_way(system.cost.tensor.own_entry)
        from chainrule.symbolic.checking.numbers import Numbers

        current = Numbers(system, {key: np.asarray(array) for key, array in arrays.items()}, numbers.sizes)
        for equation in system.equations:
            value = np.array(np.real(evaluate(equation.expression, current, equation.indices)))
            if equation.tensor.name == name:
                value[position] += moved
            current = current.with_array(equation.tensor.name, value)
        return float(current.arrays[system.cost.tensor.name])

    return (cost(step) - cost(-step)) / (2 * step)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_numbers_are_those_of_the_module_and_of_differences(name: str, seed: int) -> None:
    own = source(name, seed)
    values, _, _ = values_by_module(own)
    found = [*of_kind(name, seed, "calculate_forward"), *of_kind(name, seed, "calculate_gradient")]
    assert len(found) > 5
    compared = 0
    for place, question in found:
        tensor, position = name_and_position(place)
        expected = float(values[tensor][position]) if tensor in values else numeric_slope(own, tensor.removeprefix("d"), position)
        assert question.secrets == (rounded(own.student.values[place]),)
        assert own.student.values[place] == pytest.approx(expected, rel=1e-5, abs=1e-8)
        assert write_latex(question.secrets[0]) in shown_text(question.solution)
        compared += 1
    assert compared == len(found)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_steps_are_those_of_the_module(name: str, seed: int) -> None:
    own = source(name, seed)
    _, params, data = values_by_module(own)
    module, student = own.material.checked.module, own.student
    stepped = module.sgd(params, module.cost_and_gradients(params, *data)[1], eta=student.rate)
    updates, costs = of_kind(name, seed, "calculate_update"), of_kind(name, seed, "calculate_new_cost")
    assert updates
    assert costs
    for place, question in updates:
        tensor, position = name_and_position(place)
        assert question.secrets[0] == rounded(float(getattr(stepped, tensor)[position]))
    for place, question in costs:
        alone = params._replace(**{place: getattr(stepped, place)})
        assert question.secrets == (rounded(float(module.cost(alone, *data))),)


NUMBER = r"-?\d+(?:\.\d+)?(?: \\cdot 10\^\{-?\d+\})?"


@pytest.mark.parametrize("name", NETWORKS)
def test_every_line_of_working_is_true_as_it_is_written(name: str) -> None:
    """= numbers ≈ value: what stands on the left of the sign is the value, as far as its digits go."""
    checked = 0
    for kind in ("calculate_forward", "calculate_gradient", "calculate_update", "calculate_new_cost"):
        for _, question in of_kind(name, 1, kind):
            rows: list[str] = []
            for line in answer_lines(question):
                right = write_latex(line.right.node)
                rows = [*rows, f"{write_latex(line.relation)} {right}"] if line.left.is_empty else [right]
                parts = re.split(r" (?:=|\\approx) ", " ".join(rows))
                if len(parts) >= 2 and re.fullmatch(NUMBER, parts[-1].strip()):
                    value = calculated(parts[-2])
                    if value is not None:
                        assert value == pytest.approx(calculated(parts[-1]), rel=2e-4, abs=2e-5), line
                        checked += 1
    assert checked > 20


def test_what_adds_up_to_0_is_0() -> None:
    """Of seed 112 the output is tanh(0), where floating-point numbers leave 10⁻¹⁷; nobody finds that on paper."""
    own = source("equations_net", 112)
    assert [entry for entry, value in own.student.values.items() if 0 < abs(value) < 1e-13] == []
    assert any(value == 0 for value in own.student.values.values())
    lines = [
        write_latex(line.right.node)
        for _, question in of_kind("equations_net", 112, "calculate_gradient")
        for line in answer_lines(question)
    ]
    assert lines
    assert not any(r"10^{-1" in line for line in lines)
    assert exercises(material("equations_net"), "en", 12, 112).questions


def calculated(latex: str) -> float | None:
    """The value of a row of numbers in LaTeX; None where it holds more than arithmetic and exponentials."""
    text = latex.strip()
    for _ in range(6):
        text = re.sub(r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}", r"((\1)/(\2))", text)
        text = re.sub(r"\^\{((?:[^{}])*)\}", r"**(\1)", text)
    for old, new in ((r"\left(", "("), (r"\right)", ")"), (r"\cdot", "*"), (r"\,", " "), (r"\tanh", "TANH"), (r"\log", "LOG")):
        text = text.replace(old, new)
    text = re.sub(r"\be\*\*", "E**", text)
    if not re.fullmatch(r"(?:[\d.+\-*/() ]|E\*\*|TANH|LOG)+", text):
        return None
    text = re.sub(r"\)\s*\(", ")*(", re.sub(r"(\d)\s+\(", r"\1*(", text))
    return float(eval(text, {"__builtins__": {}}, {"E": np.e, "TANH": np.tanh, "LOG": np.log}))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", NETWORKS)
def test_given_numbers_have_one_decimal(name: str, seed: int) -> None:
    student = source(name, seed).student
    assert student is not None
    for entry, value in student.given_values.items():
        assert value == round(value, 1), entry
        assert isinstance(entry, Indexed) or name == "equations_net"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_label_is_given_as_the_key_reads_it(seed: int) -> None:
    """The bracket 1[y = 0] of the key asks for the very number that the sheet gives: both count as the document says it counts."""
    own = source("labelled", seed)
    sheet = exercises(material("labelled"), "en", 10, seed).sheet
    (label,) = (value for entry, value in own.student.given_values.items() if str(entry.base.name) == "y")
    assert own.by_index.first == 0
    assert f"y = {int(label)}" in shown_text(sheet.blocks)
