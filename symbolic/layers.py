"""Layers as forward equations in the equation language. A layer is these lines of text and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .activations import ACTIVATIONS, Activation
from .failures import InvalidDescription, expected_one_of, shown

MOST_UNITS = 1_000_000


@dataclass(frozen=True)
class Dense:
    """Every unit sees every feature: a = f(W x + b).

    `activation` is a name of the table, a formula in `z`, or an `Activation`; `constants` gives values to its named constants.
    `name` replaces the layer's number in the names of its tensors.
    """

    units: int
    activation: str | Activation = "sigmoid"
    name: str | None = None
    constants: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.units, int) or isinstance(self.units, bool) or not 1 <= self.units <= MOST_UNITS:
            raise InvalidDescription(f"units is a whole number from 1 to {MOST_UNITS}, found {shown(self.units)}")
        if self.name is not None and not (isinstance(self.name, str) and self.name.isascii() and self.name.isidentifier()):
            raise InvalidDescription(f"a layer's name is letters, digits and underscores, found {self.name!r}")

    @property
    def formula(self) -> Activation:
        """The activation as a formula with its constants' values."""
        return chosen_activation(self.activation, self.constants)


def chosen_activation(choice: str | Activation, constants: Mapping[str, float]) -> Activation:
    """The activation that a name or a formula stands for, with the constants given put in."""
    if isinstance(choice, Activation):
        known = choice
    elif choice in ACTIVATIONS:
        known = ACTIVATIONS[choice]
    elif choice.isidentifier() and choice != "z" and choice not in constants:
        raise InvalidDescription(f"unknown activation {choice!r}; {expected_one_of(choice, [*ACTIVATIONS, 'a formula in z'])}")
    else:
        return Activation("formula", choice, dict(constants))
    unknown = [name for name in constants if name not in known.constants]
    if unknown:
        allowed = ", ".join(known.constants) or "none"
        raise InvalidDescription(f"the activation {known.name} has no constant {unknown[0]!r}; its constants: {allowed}")
    return Activation(known.name, known.expression, {**known.constants, **constants})


Orientation = Literal["rows", "columns"]
WeightOrder = Literal["out-in", "in-out"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How arrays are laid out: examples as rows or columns, weights as (out, in) or (in, out)."""

    examples: Orientation = "rows"
    weights: WeightOrder = "out-in"

    def __post_init__(self) -> None:
        if self.examples not in ("rows", "columns"):
            raise InvalidDescription(f"examples: {expected_one_of(str(self.examples), ['rows', 'columns'])}")
        if self.weights not in ("out-in", "in-out"):
            raise InvalidDescription(f"weights: {expected_one_of(str(self.weights), ['out-in', 'in-out'])}")

    def data(self, example: str, feature: str) -> tuple[str, str]:
        """The axes of an array that holds one row (or column) an example."""
        return (example, feature) if self.examples == "rows" else (feature, example)

    def weight(self, unit: str, feature: str) -> tuple[str, str]:
        return (unit, feature) if self.weights == "out-in" else (feature, unit)


def affine_text(z: str, weight: str, bias: str, source: str, letters: tuple[str, str, str], layout: Layout) -> tuple[str, str]:
    """Left and right side of a dense layer's pre-activation, e.g. z1[n,j] and sum(i, W1[j,i]*x[n,i]) + b1[j]."""
    example, feature, unit = letters
    left = f"{z}[{','.join(layout.data(example, unit))}]"
    product = f"{weight}[{','.join(layout.weight(unit, feature))}]*{source}[{','.join(layout.data(example, feature))}]"
    return left, f"sum({feature}, {product}) + {bias}[{unit}]"
