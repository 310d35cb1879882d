"""A penalty in every form in which it is mistaken, and a gradient of weights that are new already, in code that is written by hand."""

from __future__ import annotations

import pytest

from chainrule import Dense, Layout, Network, derive
from chainrule.codegen.marking.mark import Marker

NETWORK = Network(
    3, [Dense(4, "sigmoid"), Dense(2)], "squared_error", layout=Layout("rows", "in-out"), regularisation={"l2": 0.1}
)  # fmt: skip
WORK = """
def gradients(x, y, W1, b1, W2, b2, reg):
    N = x.shape[0]
    h = 1/(1+np.exp(-(x @ W1 + b1)))
    out = h @ W2 + b2
    d2 = 2*(out - y)/N
    dW2 = h.T @ d2 + 2*reg*W2
    db2 = d2.sum(axis=0)
    d1 = d2 @ W2.T * h*(1-h)
    dW1 = x.T @ d1 + 2*reg*W1
    db1 = d1.sum(axis=0)
    return dW1, db1, dW2, db2
"""
WRONG = [
    (" + 2*reg*W2", "", "dW2", "penalty"),
    ("2*reg*W2", "reg*W2", "dW2", "penalty"),
    ("2*reg*W2", "2*reg*W2/N", "dW2", "penalty"),
    ("2*reg*W2", "2*reg*W2 + 2*reg*W2", "dW2", "penalty"),
    ("db2 = d2.sum(axis=0)", "db2 = d2.sum(axis=0) + 2*reg*b2", "db2", "penalty"),
    ("    d1 =", "    W2 = W2 - 0.1*dW2\n    d1 =", "dz1", "update-order"),
]


@pytest.fixture(scope="module")
def marker() -> Marker:
    return Marker(derive(NETWORK))


@pytest.mark.parametrize(("right", "wrong", "quantity", "kind"), WRONG)
def test_a_penalty_or_an_update_that_is_wrong(right: str, wrong: str, quantity: str, kind: str, marker: Marker) -> None:
    assert marker.marked(WORK, "work").is_right
    first = marker.marked(WORK.replace(right, wrong, 1), "work").first_wrong
    assert first is not None
    assert (first.quantity, first.mistake) == (quantity, kind)
