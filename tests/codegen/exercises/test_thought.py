"""Questions that need thought rather than working: their answers are those of the generated module."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from places import ROOT
from sheet_material import NETWORKS, of_kind, source
from shown_text import shown_text, sizes_said
from test_student_numbers import values_by_module

from chainrule.codegen.exercises.kinds import KINDS
from chainrule.codegen.exercises.source import QuestionSource
from chainrule.codegen.exercises.student_numbers import name_and_position

NUMBER = r"-?[\d.]+(?: \\cdot 10\^\{-?\d+\})?"


def gradient(own: QuestionSource, entry: Any) -> float:
    name, position = name_and_position(entry)
    return float(values_by_module(own)[0][f"d{name}"][position])


@pytest.mark.parametrize("name", NETWORKS)
def test_differences_tell_the_gradient_of_the_module(name: str) -> None:
    own = source(name, 1)
    found = of_kind(name, 1, "gradient_check")
    assert found
    for place, question in found:
        right = re.search(rf"So ({NUMBER}) is right\. With ({NUMBER}) ", shown_text(question.solution))
        assert right
        assert number(right[1]) == pytest.approx(gradient(own, place), rel=1e-3)
        assert abs(number(right[2]) - number(right[1])) > 0.1 * abs(number(right[1]))
        prompt = shown_text(question.prompt)
        assert right[1] in prompt
        assert right[2] in prompt


def number(latex: str) -> float:
    digits, _, power = latex.partition(r" \cdot 10^")
    return float(digits) * 10.0 ** int(power.strip("{}") or 0)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_weight_goes_against_the_sign_of_the_gradient_of_the_module(name: str) -> None:
    own = source(name, 1)
    found = of_kind(name, 1, "predict_sign")
    for place, question in found:
        positive = gradient(own, place) > 0
        assert ("must be lowered" if positive else "must be raised") in shown_text(question.solution)
    assert found or name == "labelled"


@pytest.mark.parametrize("name", ["2-2-2", "equations_net", "labelled"])
def test_what_vanishes_does_so_in_the_module(name: str) -> None:
    """The input is set to 0, or a bias moved until the unit is where it is said to be."""
    own = source(name, 1)
    module, system = own.material.checked.module, own.system
    found = of_kind(name, 1, "vanishing")
    assert {place.value for place, _ in found} >= {0}
    for place, question in found:
        values, params, data = values_by_module(own)
        tensor, position = name_and_position(place.entry)
        moved = [np.array(array, dtype=float) if array.dtype.kind == "f" else array for array in data]
        if place.value == 0:
            moved[[each.name for each in (*system.inputs, *system.targets)].index(tensor)][position] = 0
        else:
            bias = {"z1": "b1", "z2": "b2", "s": "b"}[tensor]
            array = np.array(getattr(params, bias), dtype=float)
            array[position[1:]] += place.value - float(values[tensor][position])
            params = params._replace(**{bias: array})
        gradients = module.cost_and_gradients(params, *moved)[1]
        said = re.search(r"These vanish: (.*)\.\n", shown_text(question.solution))
        assert said
        vanish = said[1].split(", ")
        for entry, shown in by_latex(own).items():
            if shown in shown_text(question.prompt).replace("?", ",").split(": ", 1)[-1].replace(" then, and why", "").split(", "):
                label, place_of = name_and_position(entry)
                assert (abs(float(np.asarray(getattr(gradients, label))[place_of])) < 1e-6) == (shown in vanish)


def by_latex(own: QuestionSource) -> dict[Any, str]:
    from chainrule.codegen.document.latex_formula import write_latex
    from chainrule.codegen.exercises.calculate_update import entry_places, slope_of
    from chainrule.codegen.exercises.working import on_a_line

    return {entry: write_latex(on_a_line(own, slope_of(own, entry))) for entry in entry_places(own)}


def test_slopes_of_a_sigmoid_are_compared() -> None:
    """σ′ = σ (1 − σ), by NumPy."""

    def slope(z: float) -> float:
        s = 1 / (1 + np.exp(-z))
        return float(s * (1 - s))

    found = of_kind("2-2-2", 1, "compare_slopes")
    assert found
    for _, question in found:
        first, second = (float(z) for z in re.findall(r"z\S* = (-?[\d.]+)", shown_text(question.prompt)))
        said = re.search(rf"The gradient is ({NUMBER}) times", shown_text(question.solution))
        assert said
        assert number(said[1]) == pytest.approx(slope(first) / slope(second), rel=1e-3)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_example_twice_in_the_module(name: str) -> None:
    own = source(name, 1)
    found = of_kind(name, 1, "change_batch")
    assert found
    module = own.material.checked.module
    rng = np.random.default_rng(3)
    params, data = module.init(rng), module.sample(rng)
    once = module.cost_and_gradients(params, *data)[1]
    twice = module.cost_and_gradients(params, *(np.concatenate([array, array]) for array in data))[1]
    for place, question in found:
        before, after = (np.asarray(getattr(each, place)) for each in (once, twice))
        stays = "stay as they are" in shown_text(question.solution)
        assert np.allclose(after, before if stays else 2 * before)


def test_parameters_and_products_are_counted() -> None:
    """Layer 1 of 2-2-2 has j · i weights and j biases, and n · j · i products."""
    for place, question in of_kind("2-2-2", 1, "count_operations"):
        sizes = sizes_said(shown_text(question.prompt))
        rows, columns = ("j", "i") if place == "z1" else ("k", "j")
        answer = shown_text(question.solution)
        assert f"parameters in total: {sizes[rows] * sizes[columns] + sizes[rows]}" in answer
        assert f"which is {sizes['n'] * sizes[rows] * sizes[columns]}" in answer


def test_what_a_dead_neuron_passes_on_is_no_gradient_through_it() -> None:
    """The weights of its output have a gradient of 0 too, but as that output is 0: they are not named for the flat activation."""
    found = [(place, question) for seed in range(6) for place, question in of_kind("dead", seed, "vanishing") if place.value]
    assert found
    for _, question in found:
        said = re.search(r"These vanish: (.*)\.\n", shown_text(question.solution))
        assert said
        assert "(2)" not in said[1]


def test_a_sum_over_examples_is_doubled() -> None:
    (question, *_) = (question for _, question in of_kind("dead", 1, "change_batch"))
    text = shown_text(question.solution)
    assert "are twice as large. There are twice as many terms, one for each example:" in text
    assert "divided" not in text


def test_what_has_no_value_below_0_is_not_compared_at_two_places() -> None:
    """1/√(v + ε) of a batch normalisation is no activation with a flat side."""
    model = source(str(ROOT / "generated" / "character_model" / "character_model.toml"), 0)
    assert "bnvar" not in KINDS["compare_slopes"].places(model)
    assert KINDS["compare_slopes"].places(source("2-2-2", 0))
