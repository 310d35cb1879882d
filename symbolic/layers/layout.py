"""How arrays are laid out: examples as rows or columns, weights as (out, in) or (in, out)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of

Orientation = Literal["rows", "columns"]
WeightOrder = Literal["out-in", "in-out"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How arrays are laid out: examples as rows or columns, weights as (out, in) or (in, out)."""

    examples: Orientation = "rows"
    weights: WeightOrder = "out-in"

    def __post_init__(self) -> None:
        if self.examples not in ("rows", "columns"):
            raise InvalidDescription(f"examples: {expected_one_of(str(self.examples), ['rows', 'columns'])}", ("layout", "examples"))
        if self.weights not in ("out-in", "in-out"):
            raise InvalidDescription(f"weights: {expected_one_of(str(self.weights), ['out-in', 'in-out'])}", ("layout", "weights"))

    def data(self, *features: str) -> tuple[str, ...]:
        """The letters of an array that holds one row (or column) an example."""
        return ("n", *features) if self.examples == "rows" else (*features, "n")
