"""Costs as text in the equation language: `a` is an output, `y` its target; with labels, `y` is a position among the outputs.

A formula that speaks of one output is summed over the outputs; `a[y]` speaks of the example as a whole and is not. Costs of several layers
call their outputs `a`, `b` and `c`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from chainrule.symbolic.index.kink import Kink
from chainrule.symbolic.index.tensors import Values

from .activations import PROBABILITY, ValueBound

POSITIVE = frozenset({ValueBound.POSITIVE})


@dataclass(frozen=True, slots=True)
class Cost:
    """A formula in `a` and `y`, what the targets are, and the values of its named constants.

    `layers` says which layers it is of, in words, where it is of more than one; with `one_target_an_example` the target is a single number.
    A logarithmic cost is of `probabilities`, which the activation of that name makes of a layer's numbers, and of outputs within `bounds`.
    Its cases may be `meeting` in a kink; what `is_smooth` has none, though it holds a function that has one.
    """

    name: str
    expression: str
    targets: Values = Values.REAL
    constants: Mapping[str, float] = field(default_factory=dict)
    layers: tuple[str, ...] = ("output",)
    has_target: bool = True
    one_target_an_example: bool = False
    probabilities: str | None = None
    bounds: frozenset[ValueBound] = frozenset()
    meeting: bool = False
    is_smooth: bool = False


@dataclass(frozen=True, slots=True)
class NetworkCost:
    """The cost of a network: of the outputs `sources` or of the last layer's, with classes along an `axis` of an example, or the usual one.

    With `from_logits` it makes the probabilities itself of which it takes logarithms; a `mask` says what counts, and `reduction`
    "mean" or "sum" of what. `regularisation` is the factors of penalties. Kinks of all these have the slope of `kink`.
    """

    cost: Cost
    sources: tuple[str, ...]
    axis: int | str | None
    from_logits: bool
    mask: bool
    reduction: str
    regularisation: Mapping[str, float]
    kink: Kink | None = None

    def probabilities_name(self, taken: Container[str]) -> str:
        """What the probabilities are called that it makes of logits."""
        return "p" if "p" not in taken else "p_cost"


COSTS: dict[str, Cost] = {
    cost.name: cost
    for cost in (
        Cost("quadratic", "(a - y)**2/2"),
        Cost("squared_error", "(a - y)**2"),
        Cost("cross_entropy", "-y*log(a)", Values.ONE_HOT, probabilities="softmax", bounds=POSITIVE),
        Cost(
            "binary_cross_entropy",
            "-(y*log(a) + (1 - y)*log(1 - a))",
            Values.BINARY,
            probabilities="sigmoid",
            bounds=PROBABILITY,
        ),
        Cost("huber", "where(abs(a - y) < delta, (a - y)**2/2, delta*(abs(a - y) - delta/2))", constants={"delta": 1.0}, is_smooth=True),
        Cost("mae", "abs(a - y)"),
        Cost("hinge", "where(y*a < 1, 1 - y*a, 0)", Values.SIGNS, meeting=True),
        # Weston and Watkins, "Multi-class support vector machines" (1998); what the label's own output gives is taken off again
        Cost("multiclass_hinge", "sum(k, maximum(a[k] - a[y] + margin, 0)) - margin", Values.LABELS, {"margin": 1.0}),
        # y log(y/a), with 0 log 0 = 0
        Cost(
            "kl_divergence",
            "y*log(where(y > 0, y, 1)) - y*log(a)",
            Values.DISTRIBUTION,
            probabilities="softmax",
            bounds=POSITIVE,
        ),
        # Nix and Weigend, "Estimating the mean and variance of the target probability distribution" (1994), with b = log σ²
        Cost("gaussian", "(log(2*pi) + b + (a - y)**2*exp(-b))/2", layers=("mean", "logarithm of the variance")),
        # Hadsell, Chopra and LeCun, "Dimensionality reduction by learning an invariant mapping" (2006); y is 0 for a pair that is alike
        Cost(
            "contrastive",
            "(1 - y)*sum(k, (a[k] - b[k])**2)/2 + y*maximum(margin - sqrt(sum(k, (a[k] - b[k])**2)), 0)**2/2",
            Values.BINARY,
            {"margin": 1.0},
            ("one of a pair", "the other"),
            one_target_an_example=True,
        ),
        # Schroff, Kalenichenko and Philbin, "FaceNet" (2015)
        Cost(
            "triplet",
            "maximum(sum(k, (a[k] - b[k])**2) - sum(k, (a[k] - c[k])**2) + margin, 0)",
            constants={"margin": 0.2},
            layers=("anchor", "one that is alike", "one that is not"),
            has_target=False,
        ),
    )
}

#: With `targets = "labels"`: the same cost read at the label's output.
LABEL_COSTS: dict[str, Cost] = {
    "cross_entropy": Cost("cross_entropy", "-log(a[y])", Values.LABELS, probabilities="softmax", bounds=POSITIVE)
}

#: Regularisation: a factor's name → the penalty of one weight `w`.
PENALTIES: dict[str, str] = {
    "l1": "abs(w)",
    "l1_half": "abs(w)/2",
    "l2": "w**2",
    "l2_half": "w**2/2",
}
