"""Two mistakes in one line of a work that was reported: both are said, the first by its word."""

from __future__ import annotations

import pytest
from test_mark import GRADIENT_CHECKING, NETWORKS

from chainrule import derive
from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.marked import Verdict

RIGHT = GRADIENT_CHECKING.replace("A1.T) * 2", "A1.T)").replace("4. / m", "1. / m")
BACK = "dA2 = np.dot(W3.T, dZ3)\n    dZ2 = np.multiply(dA2, np.int64(A2 > 0))"
TWO = [
    ("dW3 = 1. / m * np.dot(dZ3, A2.T)", "dW3 = np.dot(A2, dZ3.T)", "dW3", "transpose", "division by the number of examples is missing"),
    ("dZ1 = np.multiply(dA1, np.int64(A1 > 0))", "dZ1 = -dA1", "dz1", "factor", "sign is wrong"),
    ("db2 = 1. / m * np.sum(dZ2, axis=1, keepdims=True)", "db2 = dZ2", "db2", "sum", "division by the number of examples is missing"),
    (
        "db2 = 1. / m * np.sum(dZ2, axis=1, keepdims=True)",
        "db2 = -2. / m * np.sum(dZ2, axis=0, keepdims=True)",
        "db2",
        "sum",
        "It is -2 times db2",
    ),
    ("dW1 = 1. / m * np.dot(dZ1, X.T)", "dW1 = 2. / m * np.dot(dZ1, A1.T)", "dW1", "operand", "It is twice dW1"),
    (BACK, "dZ2 = np.dot(dZ3.T, W3)", "dz2", "transpose", "The factor Z2 > 0 is missing"),
]


@pytest.fixture(scope="module")
def marker() -> Marker:
    return Marker(derive(NETWORKS["three_layers"]))


@pytest.mark.parametrize(("right", "wrong", "quantity", "kind", "second"), TWO)
def test_two_mistakes_in_one_line(right: str, wrong: str, quantity: str, kind: str, second: str, marker: Marker) -> None:
    assert right in RIGHT
    first = marker.marked(RIGHT.replace(right, wrong), "work").first_wrong
    assert first is not None
    assert (first.quantity, first.mistake) == (quantity, kind)
    assert first.message is not None
    assert first.message.startswith("There are two mistakes. ")
    assert second in first.message


def test_the_line_without_both(marker: Marker) -> None:
    first = marker.marked(RIGHT.replace(BACK, "dZ2 = np.dot(dZ3.T, W3)"), "work").first_wrong
    assert first is not None
    assert first.correction == "dZ2 = np.dot(dZ3.T, W3).T * (Z2 > 0)"


def test_no_line_of_the_right_work_has_a_mistake(marker: Marker) -> None:
    assert {line.verdict for line in marker.marked(RIGHT, "work").lines} <= {Verdict.RIGHT, Verdict.UNKNOWN}
