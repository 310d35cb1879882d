"""Two hundred works of 30 lines of one network in 20 seconds: here a tenth of them, some right, some wrong."""

from __future__ import annotations

import time

from chainrule import Dense, Network, derive
from chainrule.codegen.marking.mark import Marker

WORK = """import numpy as np

def softmax(z):
    largest = np.max(z, axis=1, keepdims=True)
    e = np.exp(z - largest)
    return e / np.sum(e, axis=1, keepdims=True)

def gradients(x, y, W1, b1, W2, b2, W3, b3):
    N = x.shape[0]
    z1 = x @ W1.T + b1
    a1 = np.tanh(z1)
    z2 = a1 @ W2.T + b2
    a2 = np.maximum(z2, 0)
    z3 = a2 @ W3.T + b3
    a3 = softmax(z3)
    C = -np.sum(y * np.log(a3)) / N

    dz3 = (a3 - y) / N
    dW3 = dz3.T @ a2
    db3 = dz3.sum(axis=0)
    da2 = dz3 @ W3
    dz2 = da2 * (z2 > 0)
    dW2 = dz2.T @ a1
    db2 = dz2.sum(axis=0)
    da1 = dz2 @ W2
    dz1 = da1 * (1 - a1**2)
    dW1 = dz1.T @ x
    db1 = dz1.sum(axis=0)
    return dW1, db1, dW2, db2, dW3, db3
"""
#: What stands there in place of it, and in how many gradients that is seen.
WRONG = (
    ("(a3 - y) / N", "(y - a3) / N", "sign"),
    ("dW3 = dz3.T @ a2", "dW3 = 2 * dz3.T @ a2", "factor"),
    ("(z2 > 0)", "(z2 < 0)", "mask"),
    ("(1 - a1**2)", "(1 - z1**2)", "place"),
    ("db1 = dz1.sum(axis=0)", "db1 = dz1.mean(axis=0)", "mean"),
)
SECONDS = 2.0
#: How much longer it may take where the machine is busy with other things.
PATIENCE = 3


def test_many_works_of_one_network_take_little_time() -> None:
    marker = Marker(derive(Network(3, [Dense(5, "tanh"), Dense(4, "relu"), Dense(3, "softmax")], "cross_entropy")))
    started = time.process_time()
    for number in range(4):
        for before, after, kind in (("", "", None), *WRONG):
            if before or number < 2:
                work = marker.marked(WORK.replace(before, after) if before else WORK, f"{number}{kind}.py")
                assert (work.first_wrong.mistake if work.first_wrong else None) == kind
    assert time.process_time() - started < PATIENCE * SECONDS
