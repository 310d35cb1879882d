"""Statements, shapes, products, orders and changed networks: every answer is right, found in another way."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from sheet_material import (
    NETWORKS,
    SEEDS,
    answer_lines,
    holds,
    of_kind,
    prompt_lines,
    source,
)
from shown_text import shown_text, sizes_said

from chainrule import derive
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.exercises import products
from chainrule.codegen.exercises.changed_network import NetworkChange, _changed
from chainrule.codegen.exercises.kinds import KINDS
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.symbolic.checking.solving import forward
from chainrule.symbolic.forms.matrices import Stored


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_true_is_true_and_false_is_false(name: str, seed: int) -> None:
    own = source(name, seed)
    for place, question in of_kind(name, seed, "true_or_false"):
        is_true = holds(own, place, write_latex(prompt_lines(question)[0].right.node))
        assert shown_text(question.solution).startswith("True" if is_true else "False")
        # The key of a true one has all steps that lead to it; that of a false one the right formula, and then why.
        assert holds(own, place, write_latex(answer_lines(question)[-1 if is_true else 0].right.node))


def test_some_statements_are_true_and_some_are_false() -> None:
    answers = Counter(
        shown_text(question.solution)[:4] for seed in SEEDS for name in NETWORKS for _, question in of_kind(name, seed, "true_or_false")
    )
    assert answers["True"] > 10
    assert answers["Fals"] > 10


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_that_vanish_do_so_in_the_module(name: str) -> None:
    own = source(name, 3)
    module, system = own.material.checked.module, own.system
    rng = np.random.default_rng(5)
    params = module.Parameters(*(rng.standard_normal(array.shape) for array in module.init(rng)))
    data = module.sample(rng)
    names = [tensor.name for tensor in (*system.inputs, *system.targets)]
    for place, question in of_kind(name, 3, "zero_or_not"):
        moved = params._replace(**{place.zero: 0 * getattr(params, place.zero)}) if place.zero in params._fields else params
        given = [np.zeros_like(array) if label == place.zero else array for label, array in zip(names, data, strict=True)]
        largest = np.max(np.abs(getattr(module.cost_and_gradients(moved, *given)[1], place.parameter)))
        assert shown_text(question.solution).startswith("True" if largest < 1e-12 else "False"), place


@pytest.mark.parametrize("name", ["2-2-2", "labelled", "residual"])
def test_shapes_are_those_of_the_arrays(name: str) -> None:
    own = source(name, 1)
    for _, question in of_kind(name, 1, "shapes"):
        text = shown_text(question.prompt)
        sizes = sizes_said(text)
        assert len(set(sizes.values())) == len(sizes)
        of_letter = {write_latex(own.by_index.letter(axis.index)): label for label, axis in own.system.axes.items()}
        named = {of_letter[letter]: size for letter, size in sizes.items()}
        for stored, tensor in own.system.stored.items():
            written = write_latex(own.material.matrices.name(stored))
            found = re.search(rf"(?m)^{re.escape(written)}:\\; (.+)$", shown_text(question.solution))
            if found:
                assert found.group(1) == r" \times ".join(str(named[own.system.axis(letter).name]) for letter in tensor.axes)


@pytest.mark.parametrize("name", ["2-2-2", "labelled", "residual"])
def test_one_product_alone_is_possible(name: str) -> None:
    own = source(name, 1)
    found = of_kind(name, 1, "products")
    assert found
    for place, question in found:
        sizes = sizes_said(shown_text(question.prompt))
        shapes = {
            stored: tuple(sizes[write_latex(own.by_index.letter(own.system.axis(letter).index))] for letter in tensor.axes)
            for stored, tensor in own.system.stored.items()
        }
        factors = products._factors(own, place)
        assert factors is not None
        written = {}
        for pair in products._arrangements(factors):
            written[write_latex(products._written(own, pair).node)] = product_shape(pair, shapes)
        possible = [
            write_latex(line.left.node) for line in prompt_lines(question) if written[write_latex(line.right.node)] == shapes[f"d{place}"]
        ]
        assert len(possible) == 1
        assert f"It is {possible[0][-2]}." in shown_text(question.solution)


def product_shape(pair: tuple[Stored, Stored], shapes: dict[str, tuple[int, ...]]) -> tuple[int, ...] | None:
    left, right = (shapes[part.name][::-1] if part.transposed else shapes[part.name] for part in pair)
    return (left[0], right[1]) if left[1] == right[0] else None


@pytest.mark.parametrize("name", NETWORKS)
def test_the_right_order_is_that_of_the_derivation(name: str) -> None:
    own = source(name, 1)
    for place, question in of_kind(name, 1, "order_steps"):
        letters = re.search(r"The order is ([A-Z, ]+):", shown_text(question.solution)).group(1).split(", ")
        lines = {write_latex(line.left.node)[-2]: write_latex(line.right.node) for line in prompt_lines(question)}
        assert sorted(letters) == sorted(lines)
        assert letters != sorted(letters) or len(letters) < 3
        ordered = [lines[letter] for letter in letters]
        assert ordered == [write_latex(line.right.node) for line in answer_lines(question)]
        assert ordered[-1] == write_latex(own.by_index.node(own.adjoint(place).expression))


@pytest.mark.parametrize("name", ["2-2-2", "labelled", "equations_net", "residual"])
def test_changed_networks_have_the_gradients_of_their_own_cost(name: str) -> None:
    """The answer's last line is the derived gradient, and that gradient is the one of central differences of the changed cost."""
    own = source(name, 1)
    for place, question in of_kind(name, 1, "changed_network"):
        assert isinstance(place, NetworkChange)
        changed, _ = _changed(own, place)
        derivation = derive(changed)
        adjoint = derivation.adjoint(place.gradient)
        printer = IndexPrinter(derivation.system, own.material.notation)
        assert write_latex(answer_lines(question)[-1].right.node) == write_latex(printer.node(adjoint.expression))
        if place.kind == "penalty":
            numbers = forward(derivation.system, own.student.given, own.student.numbers.sizes)
            arrays = dict(own.student.given)
            position = (0,) * len(adjoint.tensor.axes)
            costs = []
            for step in (1e-6, -1e-6):
                moved = np.array(arrays[place.gradient], dtype=float)
                moved[position] += step
                found = forward(derivation.system, {**arrays, place.gradient: moved}, numbers.sizes)
                costs.append(float(np.real(found.arrays[derivation.system.cost.tensor.name])))
            slope = (costs[0] - costs[1]) / 2e-6
            module = checked_module(derivation).module
            params = module.Parameters(*(np.asarray(arrays[tensor.name], dtype=float) for tensor in derivation.system.parameters))
            data = [np.asarray(arrays[tensor.name]) for tensor in (*derivation.system.inputs, *derivation.system.targets)]
            gradient = getattr(module.cost_and_gradients(params, *data)[1], place.gradient)
            assert float(gradient[position]) == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_every_kind_asks_something_of_two_layers() -> None:
    assert [name for name, kind in KINDS.items() if kind.family != "layers" and not of_kind("2-2-2", 0, name)] == []
