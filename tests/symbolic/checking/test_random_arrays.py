"""Random arrays are what their tensors say, whether they are drawn to check with or to be read."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Dense, Layout, Network, derive
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.exercises.student_numbers import student_numbers
from chainrule.codegen.lesson.worked_example import worked_example
from chainrule.symbolic.checking.random_array import NormalNumbers, random_array
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Values

KINDS = {
    "one-hot": ("cross_entropy", lambda rows: set(np.unique(rows)) == {0, 1} and bool(np.all(rows.sum(axis=-1) == 1))),
    "distribution": ("kl_divergence", lambda rows: bool(np.all(rows >= 0) and np.allclose(rows.sum(axis=-1), 1))),
    "labels": ("cross_entropy", lambda rows: rows.dtype.kind == "i" and set(np.unique(rows)) <= {0, 1, 2}),
    "probabilities": ("binary_cross_entropy", lambda rows: bool(np.all((rows >= 0) & (rows <= 1)))),
    "signs": ("hinge", lambda rows: set(np.unique(rows)) <= {-1, 1}),
}


def network(targets: str, cost: str, examples: str = "rows") -> Network:
    last = "softmax" if cost in ("cross_entropy", "kl_divergence") else "sigmoid"
    layout = Layout("columns", "in-out") if examples == "columns" else Layout()
    return Network(2, [Dense(2, "tanh"), Dense(3, last)], cost, targets=targets, layout=layout)


@pytest.mark.parametrize("examples", ["rows", "columns"])
@pytest.mark.parametrize("targets", KINDS)
def test_targets_are_what_they_are_called(targets: str, examples: str) -> None:
    cost, holds = KINDS[targets]
    derivation = derive(network(targets, cost, examples))
    system = derivation.system
    target = system.tensors["y"]

    def by_example(array: NumericArray) -> NumericArray:
        return array.T if examples == "columns" else array

    sizes = {axis.name: axis.size or 5 for axis in system.axes.values()}
    assert holds(by_example(random_array(target, sizes, system.batch, NormalNumbers(np.random.default_rng(1)))))
    example = worked_example(system, checked_module(derivation).module, None, of_layers=True)
    assert holds(by_example(example.values["y"]))
    if target.values is not Values.LABELS:
        assert np.array_equal(example.values["y"], np.round(example.values["y"], 2))
    own = student_numbers(derivation, 3)
    assert own is not None
    assert holds(by_example(own.given["y"]))
