"""The formulas of an optimiser, evaluated: two steps by the formulas are two steps of the module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sympy import Expr, Rational, lambdify

from chainrule.codegen.checking.checker import together
from chainrule.codegen.document.evidence import Evaluated
from chainrule.codegen.document.nodes import Node, scripted
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.symbolic.index.index_letters import names_read
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.ordering import Order
from chainrule.symbolic.index.tensors import scalar
from chainrule.symbolic.layers.optimisers import Optimiser

from .material import Material

#: Of each step's gradient, how often it is that of the worked example. One step alone would not tell what is kept from step to step.
GRADIENTS = (1.0, -0.5)
#: Entries of each array for which the updates are evaluated.
MOST_UPDATED = 10_000


def updates_agree(material: Material, optimiser: Optimiser) -> Evaluated:
    """Evaluates the updates for every parameter, from the worked example on, and compares with what the module makes of it."""
    module, example = material.checked.module, material.example
    step, updates = getattr(module, optimiser.name), [_Update(name, expression) for name, expression in optimiser.expressions]
    started = {name: _few(array) for name, array in example.params._asdict().items()}
    expected, state = module.Parameters(**started), None
    own = {name: {"w": array, **{kept: np.zeros_like(array) for kept in optimiser.state}} for name, array in started.items()}
    all_evidence = []
    for count, size in enumerate(GRADIENTS, start=1):
        gradients = module.Parameters(*(size * _few(gradient) for gradient in example.gradients))
        result = step(expected, gradients, state) if optimiser.state else step(expected, gradients)
        expected, state = result if optimiser.state else (result, None)
        for name, values in own.items():
            values |= {"g": getattr(gradients, name), "t": np.asarray(count)}
            for update in updates:
                values[update.name] = update.value({**optimiser.constants, **values})
            all_evidence.append(material.checker.numbers_agree(f"{optimiser.title} for {name}", values["w"], getattr(expected, name)))
    return together(all_evidence)


def updates_shown(material: Material, optimiser: Optimiser) -> list[tuple[str, Expr]]:
    """Its formulas; a constant that is called as one of the network's own is written as its number: no letter means two things."""
    numbers = {scalar(name): Rational(str(value)) for name, value in optimiser.constants.items() if name in material.system.constants}
    return [(name, update.xreplace(numbers)) for name, update in optimiser.expressions]


class UpdatePrinter(IndexPrinter):
    """An optimiser's formulas in the letters of a network; their order is their own, even where the network has a tensor v too."""

    def __init__(self, material: Material, optimiser: Optimiser) -> None:
        super().__init__(material.system, material.notation)
        self.optimiser = optimiser
        letters = material.ledger.of_updates()
        decay = {name: scripted(letters["beta"], name[-1]) for name in ("beta1", "beta2")}
        self.names = {"w": material.ledger.parameters, "eta": material.notation.learning_rate, **letters, **decay}

    def entry(self, name: str, indices: tuple[Expr, ...]) -> Node:
        return self.names.get(name) or super().entry(name, indices)

    @property
    def term_order(self) -> Order:
        return self.optimiser.order


def _few(array: NumericArray) -> NumericArray:
    """An update is the same for every entry: of a large array a piece is enough."""
    return np.asarray(array, dtype=float) if array.size <= MOST_UPDATED else np.asarray(array.reshape(-1)[:MOST_UPDATED], dtype=float)


@dataclass(frozen=True)
class _Update:
    """One formula of an optimiser, made a function of the numbers that it reads."""

    name: str
    expression: Expr

    @cached_property
    def reads(self) -> list[str]:
        return list(names_read(self.expression))

    @cached_property
    def function(self) -> Callable[..., NumericArray]:
        found: Callable[..., NumericArray] = lambdify([scalar(name) for name in self.reads], self.expression, "numpy")
        return found

    def value(self, known: Mapping[str, object]) -> NumericArray:
        return self.function(*(known[name] for name in self.reads))
