"""Two layers whose outputs are added, and one behind them, as text of a description."""

from __future__ import annotations


def residual(
    units: int,
    functions: tuple[str, str] = ("tanh", "tanh"),
    last: str = "sigmoid",
    cost: str = "quadratic",
    given: int = 3,
    more: str = "",
) -> str:
    """So many units in each of the two layers, whose activation functions these are; `more` stands at the end."""
    first, second = functions
    return f"""\
name = "residual"
input = {given}

[[layers]]
units = {units}
activation = "{first}"

[[layers]]
units = {units}
activation = "{second}"

[[layers]]
kind = "add"
from = ["a1", "a2"]

[[layers]]
units = 2
activation = "{last}"

[cost]
kind = "{cost}"
{more}"""


OF_NUMBERS = residual(4, ("tanh", "relu"), more="\n[regularisation]\nl2 = 0.05\n")
OF_CLASSES = residual(4, last="softmax", cost="cross_entropy")
SMALL = residual(2, given=2)
#: With a layer between that its author has named, and a normalisation.
NORMALISED = """
name = "residual"
input = 3

[[layers]]
units = 5
activation = "relu"

[[layers]]
units = 5
activation = "tanh"
name = "inner"                   # its author's word

[[layers]]
kind = "add"
from = ["a1", "ainner"]

[[layers]]
kind = "layer_norm"

[[layers]]
units = 2
activation = "softmax"

[cost]
kind = "cross_entropy"
targets = "labels"
"""
