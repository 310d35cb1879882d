"""The line that its author wrote wrong is blamed, not one beside it with whose other value all would be right as well."""

from __future__ import annotations

import pytest
from planted_networks import networks

from chainrule import derive
from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.marked import Verdict

LABELS = """
N = x.shape[0]
z1 = x @ W1 + b1
a1 = np.maximum(0, z1)
z2 = a1 @ W2 + b2
e = np.exp(z2 - z2.max())
a2 = e / e.sum(axis=1, keepdims=True)
dz2 = a2.copy()
dz2[range(N), y] -= 1
dz2 /= N
dW2 = a1.T @ dz2
db2 = dz2.sum(axis=0)
da1 = dz2 @ W2.T
dz1 = da1 * (z1 > 0)
dW1 = x.T @ dz1
db1 = dz1.sum(axis=0)
"""
SUMMED = """
N = x.shape[1]
z1 = W1 @ x + b1
a1 = np.maximum(0, z1)
z2 = W2 @ a1 + b2
e = np.exp(z2 - z2.max())
a2 = e / e.sum(axis=0)
error = a2 - (y == np.arange(3)[:, None])
share = error.sum(axis=1, keepdims=True)
db2 = share / N
dW2 = error @ a1.T / N
back = (W2.T @ error) * (z1 > 0)
dW1 = back @ x.T / N
db1 = back.sum(axis=1, keepdims=True) / N
"""
QUADRATIC = """
N = x.shape[0]
z1 = x @ W1.T + b1
a1 = np.tanh(z1)
z2 = a1 @ W2.T + b2
a2 = 1 / (1 + np.exp(-z2))
miss = (a2 - y) / N
dz2 = miss * a2 * (1 - a2)
dW2 = dz2.T @ a1
db2 = dz2.sum(axis=0)
da1 = dz2 @ W2
dz1 = da1 * (1 - a1 ** 2)
dW1 = dz1.T @ x
db1 = dz1.sum(axis=0)
"""
SKIPPING = """
N = len(x)
z1 = x @ W1.T + b1
a1 = np.tanh(z1)
z2 = a1 @ W2.T + b2
a2 = 1 / (1 + np.exp(-z2))
z3 = a2 @ W3.T + a1 @ V.T + b3
dz3 = (z3 - y) / N
dW3 = dz3.T @ a2
dV = dz3.T @ a1
db3 = dz3.sum(axis=0)
da2 = dz3 @ W3
dz2 = da2 * a2 * (1 - a2)
dW2 = dz2.T @ a1
db2 = dz2.sum(axis=0)
skipped = dz3 @ V
grad_a1 = skipped.copy()
grad_a1 += dz2 @ W2
dz1 = grad_a1 * (1 - a1 ** 2)
dW1 = dz1.T @ x
db1 = dz1.sum(axis=0)
"""
WORKS = {"labels rows in-out": LABELS, "labels columns out-in": SUMMED, "quadratic rows out-in": QUADRATIC, "skipping": SKIPPING}
WRONG = [
    ("labels rows in-out", "dz2 = a2.copy()", "dz2 = z2.copy()", {"place"}),
    ("labels rows in-out", "dz2 = a2.copy()", "dz2 = a1.copy()", {"place", "shape"}),
    ("labels rows in-out", "dz1 = da1 * (z1 > 0)", "dz1 = da1 * (z1 > 0) / N", {"mean"}),
    ("labels columns out-in", "db2 = share / N", "db2 = share", {"mean"}),
    ("quadratic rows out-in", "dz2 = miss * a2 * (1 - a2)", "dz2 = miss * a2 * (1 - a2) / N", {"mean"}),
    ("quadratic rows out-in", "miss = (a2 - y) / N", "miss = ((a2 - y) / N).T", {"transpose"}),
    ("quadratic rows out-in", "da1 = dz2 @ W2", "da1 = dz2 @ W2.T", {"transpose", "order"}),
    ("skipping", "grad_a1 += dz2 @ W2", "grad_a1 += W2 @ dz2", {"transpose", "order"}),
    ("skipping", "grad_a1 = skipped.copy()\ngrad_a1 += dz2 @ W2", "grad_a1 = skipped", {"path"}),
]


@pytest.fixture(scope="module")
def markers() -> dict[str, Marker]:
    return {name: Marker(derive(networks()[name])) for name in WORKS}


@pytest.mark.parametrize("name", WORKS)
def test_the_right_works(name: str, markers: dict[str, Marker]) -> None:
    assert {line.verdict for line in markers[name].marked(WORKS[name], "work").lines} <= {Verdict.RIGHT, Verdict.UNKNOWN}


@pytest.mark.parametrize(("name", "right", "wrong", "kinds"), WRONG)
def test_the_line_with_the_mistake_is_blamed(name: str, right: str, wrong: str, kinds: set[str], markers: dict[str, Marker]) -> None:
    work = WORKS[name]
    assert right in work
    first = markers[name].marked(work.replace(right, wrong), "work").first_wrong
    assert first is not None
    assert (first.line, first.mistake in kinds) == (work[: work.index(right)].count("\n") + 1, True), first


def test_a_gradient_of_a_wrong_shape_is_blamed_and_not_the_penalty_that_does_not_fit_it() -> None:
    network = networks()["penalty rows in-out"]
    right = "dW1 = x.T @ dz1"
    work = f"""
N = x.shape[0]
z1 = x @ W1 + b1
a1 = 1 / (1 + np.exp(-z1))
z2 = a1 @ W2 + b2
dz2 = 2 * (z2 - y) / N
dW2 = a1.T @ dz2
dW2 += 2 * l2 * W2
db2 = dz2.sum(axis=0)
dz1 = (dz2 @ W2.T) * a1 * (1 - a1)
{right}
dW1 += 2 * l2 * W1
db1 = dz1.sum(axis=0)
"""
    marker = Marker(derive(network))
    assert marker.marked(work, "work").is_right
    first = marker.marked(work.replace(right, f"{right.replace('= ', '= (')}).ravel()"), "work").first_wrong
    assert first is not None
    assert (first.line, first.mistake) == (work[: work.index(right)].count("\n") + 1, "shape"), first


def test_weights_that_were_updated_before_they_are_read_are_not_excused_by_another_update() -> None:
    """Rows of a2 − y add up to 0: with the same numbers added to all columns of W2, dz2 @ W2.T stays what it is with the old W2."""
    right, update = "da1 = dz2 @ params['W2'].T", "params['W2'] += -alpha * grads['W2']"
    work = f"""
def backward(x, y, params, cache, alpha=0.37):
    grads = {{}}
    a1, a2, N = cache['a1'], cache['a2'], x.shape[0]
    dz2 = (a2 - (y[:, None] == np.arange(3))) / N
    grads['W2'] = a1.T @ dz2
    grads['b2'] = dz2.sum(axis=0)
    {right}
    {update}
    dz1 = da1 * (a1 > 0)
    grads['W1'] = x.T @ dz1
    grads['b1'] = dz1.sum(axis=0)
    params['b2'] += -alpha * grads['b2']
    params['W1'] += -alpha * grads['W1']
    params['b1'] += -alpha * grads['b1']
    return grads
"""
    marker = Marker(derive(networks()["labels rows in-out"]))
    assert marker.marked(work, "work").is_right
    wrong = work.replace(f"{right}\n    {update}", f"{update}\n    {right}")
    first = marker.marked(wrong, "work").first_wrong
    assert first is not None
    assert (first.line, first.quantity, first.mistake) == (wrong[: wrong.index(right)].count("\n") + 1, "da1", "update-order"), first
