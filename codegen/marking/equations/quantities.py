"""What a formula may read."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Protocol

from chainrule.codegen.marking.python.values import Value
from chainrule.symbolic.index.numeric_array import NumericArray

Start = tuple[int, int, NumericArray]
"""Which index, the number that stands there, and the values over the other indices."""


class Known(Protocol):
    """What is known of a network without its quantities."""

    def size(self, letter: str) -> int | None:
        """How many places the axis of that name has."""

    def axis(self, letter: str) -> str | None:
        """The name of the axis that a letter is of."""

    def axes(self, name: str) -> Sequence[str] | None:
        """The names of the axes of a quantity, in the order in which its array has them; None where it has them in another layout."""

    def classes(self, labels: str) -> int | None:
        """How many classes labels are of."""

    def activation(self, argument: ast.expr, value: NumericArray, function: str) -> NumericArray:
        """ "activation" or "slope", f or f′ of numbers: that of the layer whose input stands there; "σ" may be the logistic function."""

    def derivative(self, of: str, by: str) -> NumericArray | None:
        """All local derivatives of one quantity by another one."""


class Quantities(Known, Protocol):
    """The quantities of a network as they are."""

    @property
    def key(self) -> object:
        """The same for those that have the same numbers in the same layout."""

    @property
    def leaves_example_out(self) -> bool:
        """Whether they are of one example, whose index stands nowhere."""

    def quantity(self, name: str) -> Value | None:
        """An array or a number; None where the name says nothing."""

    def meaning(self, name: str) -> str:
        """The name in the module of the quantity that a name means."""

    def is_first_value(self, name: str) -> bool:
        """Whether a name is one of a parameter, an input or a target, which no formula computes."""

    def is_adjoint(self, name: str) -> bool:
        """Whether a name is one of a gradient."""


class Arrays(Known, Protocol):
    """The quantities of a network as a work says them to be."""

    def quantity(self, name: str) -> NumericArray | None:
        """An array or a number; None where the name says nothing."""

    def start(self, name: str) -> Start | None:
        """What is read of a quantity before its first place, where the work says so."""
