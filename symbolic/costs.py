"""Costs as text in the equation language: `a` is an output, `y` its target; with labels, `y` is a position among the outputs.

A formula that speaks of one output is summed over the outputs; `a[y]` speaks of the example as a whole and is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .tensors import Values


@dataclass(frozen=True, slots=True)
class Cost:
    """A formula in `a` and `y`, what the targets are, and the values of its named constants."""

    name: str
    expression: str
    targets: Values = Values.REAL
    constants: Mapping[str, float] = field(default_factory=dict)


COSTS: dict[str, Cost] = {
    cost.name: cost
    for cost in (
        Cost("quadratic", "(a - y)**2/2"),
        Cost("squared_error", "(a - y)**2"),
        Cost("cross_entropy", "-y*log(a)", Values.ONE_HOT),
        Cost("binary_cross_entropy", "-(y*log(a) + (1 - y)*log(1 - a))", Values.BINARY),
        Cost("huber", "where(abs(a - y) < delta, (a - y)**2/2, delta*(abs(a - y) - delta/2))", constants={"delta": 1.0}),
        Cost("mae", "abs(a - y)"),
        Cost("hinge", "where(y*a < 1, 1 - y*a, 0)", Values.SIGNS),
    )
}

#: With `targets = "labels"`: the same cost read at the label's output.
LABEL_COSTS: dict[str, Cost] = {"cross_entropy": Cost("cross_entropy", "-log(a[y])", Values.LABELS)}
