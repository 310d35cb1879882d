"""Optimisers as formulas in the equation language: `w` is a parameter, `g` its gradient, `t` the number of the step.

Documents print the formulas, and modules get the code that is made from them.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr

from chainrule.symbolic.index.ordering import Order
from chainrule.symbolic.index.tensors import scalar
from chainrule.symbolic.language.expression_reader import Scope, parse_expression
from chainrule.symbolic.language.written_order import written_order


# One is told from another by being it: what is made of one is made once.
@dataclass(frozen=True, eq=False)
class Optimiser:
    """`updates` are made in order, each a name and its new value; the names in `state` are kept from step to step and start at 0."""

    name: str
    title: str
    updates: tuple[tuple[str, str], ...]
    state: tuple[str, ...]
    constants: Mapping[str, float]

    @property
    def counts_steps(self) -> bool:
        return any(scalar("t") in expression.free_symbols for _, expression in self.expressions)

    @cached_property
    def expressions(self) -> tuple[tuple[str, Expr], ...]:
        """The updates as SymPy expressions."""
        scope = Scope(values={name: scalar(name) for name in self.names})
        return tuple((name, parse_expression(text, scope)) for name, text in self.updates)

    @cached_property
    def order(self) -> Order:
        """The order in which the formulas are written here."""
        return written_order([ast.parse(text, mode="eval").body for _, text in self.updates], self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """What a formula may read."""
        return ("w", "g", "t", *(name for name, _ in self.updates), *self.constants)


OPTIMISERS: dict[str, Optimiser] = {
    optimiser.name: optimiser
    for optimiser in (
        Optimiser("sgd", "gradient descent", (("w", "w - eta*g"),), (), {"eta": 0.1}),
        Optimiser(
            "momentum",
            "gradient descent with momentum",
            (("v", "beta*v + (1 - beta)*g"), ("w", "w - eta*v")),
            ("v",),
            {"eta": 0.1, "beta": 0.9},
        ),
        Optimiser(
            "rmsprop",
            "RMSProp (Hinton, 2012)",
            (("s", "beta*s + (1 - beta)*g**2"), ("w", "w - eta*g/(sqrt(s) + epsilon)")),
            ("s",),
            {"eta": 0.001, "beta": 0.9, "epsilon": 1e-8},
        ),
        Optimiser(
            "adam",
            "Adam (Kingma and Ba, 2015)",
            (
                ("m", "beta1*m + (1 - beta1)*g"),
                ("v", "beta2*v + (1 - beta2)*g**2"),
                ("mean", "m/(1 - beta1**t)"),
                ("variance", "v/(1 - beta2**t)"),
                ("w", "w - eta*mean/(sqrt(variance) + epsilon)"),
            ),
            ("m", "v"),
            {"eta": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
        ),
    )
}
