"""Works that people wrote: what marking says of mistakes that were reported, and of works that are right in another form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_command_line import chainrule

from chainrule import Dense, Derivation, InvalidDescription, Layout, Network, derive, mark
from chainrule.codegen.marking.marked import MarkedWork, Verdict
from chainrule.codegen.marking.report import as_csv, as_json, report
from chainrule.codegen.words.translation import speaking

NETWORKS = {
    "three_layers": Network(4, [Dense(5, "relu"), Dense(3, "relu"), Dense(1, "sigmoid")], "binary_cross_entropy"),
    "two_sigmoids": Network(2, [Dense(3, "sigmoid"), Dense(1, "sigmoid")], "quadratic", reduction="sum"),
    "sum_of_squares": Network(3, [Dense(4, "relu"), Dense(2)], "squared_error", reduction="sum"),
    "tanh_softmax": Network(2, [Dense(3, "tanh"), Dense(2, "softmax")], "cross_entropy", targets="labels"),
    "one_neuron": Network.from_equations(
        "z1 = w1*x\na1 = sigmoid(z1)\nz2 = w2*a1\na2 = sigmoid(z2)\nC = (a2 - y)**2", ["w1", "w2"], ["x"], ["y"]
    ),
    "divided_penalty": Network.from_equations(
        """
z1[n,j] = sum(i, x[n,i]*W1[i,j]) + b1[j]
a1[n,j] = tanh(z1[n,j])
z2[n,k] = sum(j, a1[n,j]*W2[j,k]) + b2[k]
a2[n,k] = exp(z2[n,k])/sum(l, exp(z2[n,l]))
C = (sum(n, -log(a2[n,y[n]])) + reg*sum(i, j, W1[i,j]**2)/2 + reg*sum(j, k, W2[j,k]**2)/2)/sum(n, 1)
""",
        ["W1[i,j]", "b1[j]", "W2[j,k]", "b2[k]"],
        ["x[n,i]"],
        ["y[n] in k"],
        constants={"reg": 0.01},
        batch="n",
    ),
}

#: The exercise of a course on gradient checking: three layers, columns.
GRADIENT_CHECKING = """
def backward_propagation_n(X, Y, cache):
    m = X.shape[1]
    (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3) = cache

    dZ3 = A3 - Y
    dW3 = 1. / m * np.dot(dZ3, A2.T)
    db3 = 1. / m * np.sum(dZ3, axis=1, keepdims=True)

    dA2 = np.dot(W3.T, dZ3)
    dZ2 = np.multiply(dA2, np.int64(A2 > 0))
    dW2 = 1. / m * np.dot(dZ2, A1.T) * 2
    db2 = 1. / m * np.sum(dZ2, axis=1, keepdims=True)

    dA1 = np.dot(W2.T, dZ2)
    dZ1 = np.multiply(dA1, np.int64(A1 > 0))
    dW1 = 1. / m * np.dot(dZ1, X.T)
    db1 = 4. / m * np.sum(dZ1, axis=1, keepdims=True)

    gradients = {"dZ3": dZ3, "dW3": dW3, "db3": db3}
    return gradients
"""
#: A training loop, whose cost is a mean and whose gradients are sums.
TRAINING = """
import numpy as np
num_examples = len(X)

def build_model(nn_hdim, num_passes=20000, print_loss=False):
    np.random.seed(0)
    W1 = np.random.randn(nn_input_dim, nn_hdim) / np.sqrt(nn_input_dim)
    b1 = np.zeros((1, nn_hdim))
    W2 = np.random.randn(nn_hdim, nn_output_dim) / np.sqrt(nn_hdim)
    b2 = np.zeros((1, nn_output_dim))
    model = {}
    for i in range(0, num_passes):
        z1 = X.dot(W1) + b1
        a1 = np.tanh(z1)
        z2 = a1.dot(W2) + b2
        exp_scores = np.exp(z2)
        probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
        correct_logprobs = -np.log(probs[range(num_examples), y])
        loss = 1./num_examples * (np.sum(correct_logprobs) + reg/2 * (np.sum(np.square(W1)) + np.sum(np.square(W2))))
        delta3 = probs
        delta3[range(num_examples), y] -= 1
        dW2 = (a1.T).dot(delta3)
        db2 = np.sum(delta3, axis=0, keepdims=True)
        delta2 = delta3.dot(W2.T) * (1 - np.power(a1, 2))
        dW1 = np.dot(X.T, delta2)
        db1 = np.sum(delta2, axis=0)
        dW2 += reg * W2
        dW1 += reg * W1
        W1 += -epsilon * dW1
        b1 += -epsilon * db1
        W2 += -epsilon * dW2
        b2 += -epsilon * db2
        model = {'W1': W1, 'b1': b1, 'W2': W2, 'b2': b2}
        if print_loss and i % 1000 == 0:
            print("Loss after iteration %i: %f" % (i, calculate_loss(model)))
    return model
"""
ERROR_NOT_PROPAGATED = """
def backward(self, x, y):
    a1 = sigmoid(x @ W1.T + b1)
    a2 = sigmoid(a1 @ W2.T + b2)
    error = a2 - y
    output_delta = error * a2 * (1 - a2)
    hidden_delta = error * a1 * (1 - a1)
    dW2 = output_delta.T @ a1
    db2 = output_delta.sum(axis=0)
    dW1 = hidden_delta.T @ x
    db1 = hidden_delta.sum(axis=0)
    return dW1, db1, dW2, db2
"""
MEAN_OF_A_SUM = """
def grads(x, y):
    z1 = W1 @ x + b1[:, None]
    h = np.maximum(z1, 0)
    out = W2 @ h + b2[:, None]
    d2 = 2 * (out - y)
    dW2 = d2 @ h.T
    db2 = np.mean(d2, axis=1)
    d1 = (W2.T @ d2) * (z1 > 0)
    dW1 = d1 @ x.T
    db1 = np.sum(d1, axis=1)
    return dW1, db1, dW2, db2
"""
FACTOR_LEFT_OUT = """
z1 = w1*x
a1 = sigmoid(z1)
z2 = w2*a1
a2 = sigmoid(z2)
dw2 = 2*(a2 - y)*a2*(1 - a2)*a1
dw1 = a2*(1 - a2)*w2*a1*(1 - a1)*x
"""
#: A class as courses have it, right.
CLASS = """
class TwoLayerNet(object):
    def __init__(self, input_size, hidden_size, output_size, std=1e-4):
        self.params = {}
        self.params['W1'] = std * np.random.randn(input_size, hidden_size)
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = std * np.random.randn(hidden_size, output_size)
        self.params['b2'] = np.zeros(output_size)

    def loss(self, X, y=None):
        W1, b1 = self.params['W1'], self.params['b1']
        W2, b2 = self.params['W2'], self.params['b2']
        N, D = X.shape
        hidden = np.tanh(X.dot(W1) + b1)
        scores = hidden.dot(W2) + b2
        shifted = scores - np.max(scores, axis=1, keepdims=True)
        exp_scores = np.exp(shifted)
        probs = exp_scores / exp_scores.sum(axis=1, keepdims=True)
        loss = -np.log(probs[np.arange(N), y]).sum() / N
        grads = {}
        dscores = probs.copy()
        dscores[range(N), y] -= 1
        dscores /= N
        grads['W2'] = hidden.T.dot(dscores)
        grads['b2'] = np.sum(dscores, axis=0)
        dhidden = dscores.dot(W2.T)
        dhidden *= 1 - hidden ** 2
        grads['W1'] = X.T.dot(dhidden)
        grads['b1'] = dhidden.sum(axis=0)
        return loss, grads
"""


@pytest.fixture(scope="module")
def derivations() -> dict[str, Derivation]:
    return {name: derive(network) for name, network in NETWORKS.items()}


def wrong(work: MarkedWork) -> list[tuple[str | None, str | None]]:
    return [(line.quantity, line.mistake) for line in work.lines if line.verdict is Verdict.WRONG]


REPORTED = [
    ("three_layers", GRADIENT_CHECKING, [("dW2", "factor"), ("db1", "factor")], 4),
    ("divided_penalty", TRAINING, [("dz2", "mean"), ("dW2", "penalty"), ("dW1", "penalty")], 0),
    ("two_sigmoids", ERROR_NOT_PROPAGATED, [("dz1", "operand")], 2),
    ("sum_of_squares", MEAN_OF_A_SUM, [("db2", "mean")], 3),
    ("one_neuron", FACTOR_LEFT_OUT, [("dw1", "factor")], 1),
]


@pytest.mark.parametrize(("network", "text", "mistakes", "right"), REPORTED)
def test_a_reported_mistake(
    network: str, text: str, mistakes: list[tuple[str, str]], right: int, derivations: dict[str, Derivation]
) -> None:
    work = mark(derivations[network], text)
    assert wrong(work) == mistakes
    assert work.right == right
    assert not work.missing
    assert not [line for line in work.lines if line.verdict is Verdict.UNREAD]
    assert not work.is_right


def test_a_class_that_is_right(derivations: dict[str, Derivation]) -> None:
    work = mark(derivations["tanh_softmax"], CLASS)
    assert work.is_right
    assert {line.verdict for line in work.lines} <= {Verdict.RIGHT, Verdict.UNKNOWN}
    assert (work.convention.examples, work.convention.weights, work.convention.targets) == ("rows", "in-out", "labels")


def test_the_line_as_it_is_when_right(derivations: dict[str, Derivation]) -> None:
    lines = [*report(mark(derivations["three_layers"], GRADIENT_CHECKING))]
    assert lines[0] == "work: examples in columns, weights out-in, mean over the examples"
    assert "  line 12  dW2  wrong    factor: It is twice dW2. Right: dW2 = 1.0 / m * np.dot(dZ2, A1.T)" in lines
    assert "  line 18  db1  wrong    factor: It is 4 times db1. Right: db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)" in lines
    assert lines[-1] == "4 of 6 gradients are right."
    hints = [*report(mark(derivations["three_layers"], GRADIENT_CHECKING), with_corrections=False)]
    assert "  line 12  dW2  wrong    factor" in hints


def test_a_function_is_read_and_not_run(derivations: dict[str, Derivation]) -> None:
    def grads(x, y):  # type: ignore[no-untyped-def]
        z1 = x @ W1.T + b1  # type: ignore[name-defined]  # noqa: F821
        h = np.maximum(z1, 0)  # type: ignore[name-defined]  # noqa: F821
        out = h @ W2.T + b2  # type: ignore[name-defined]  # noqa: F821
        d2 = 2 * (out - y)
        d1 = d2 @ W2 * (z1 > 0)  # type: ignore[name-defined]  # noqa: F821
        return d1.T @ x, d1.sum(axis=0), d2.T @ h, d2.sum(axis=0)

    assert mark(derivations["sum_of_squares"], grads).is_right


def test_languages(derivations: dict[str, Derivation]) -> None:
    for language, words in (("zh-TW", "這是 dW2 的兩倍。"), ("zh-CN", "这是 dW2 的两倍。")):
        with speaking(language):
            assert any(words in line for line in report(mark(derivations["three_layers"], GRADIENT_CHECKING)))


def test_data(derivations: dict[str, Derivation]) -> None:
    works = [mark(derivations["three_layers"], GRADIENT_CHECKING)]
    (data,) = json.loads(as_json(works))["works"]
    assert set(data) == {"file", "convention", "lines", "missing", "right", "of"}
    assert all(set(line) == {"line", "name", "quantity", "verdict", "mistake", "message", "right"} for line in data["lines"])
    assert (data["right"], data["of"], data["missing"]) == (4, 6, [])
    assert as_csv(works) == "file,right,of,missing,line,name,mistake\nwork,4,6,,12,dW2,factor\n"


def test_a_gradient_that_is_missing(derivations: dict[str, Derivation]) -> None:
    work = mark(derivations["sum_of_squares"], "def f(x, y):\n    dW2 = 2 * (a2 - y).T @ a1\n")
    assert work.missing == ("dW1", "db1", "db2")
    assert (work.right, work.of) == (1, 4)


def test_what_is_no_python_says_its_line(derivations: dict[str, Derivation]) -> None:
    with pytest.raises(InvalidDescription, match=r"work:2: no Python"):
        mark(derivations["sum_of_squares"], "# A text.\nThis is one.\n")
    work = mark(derivations["sum_of_squares"], "dW2 = 2 * (a2 - y).T @ a1\nb = = 2\n    c = 1\ndW1 = dW1\n")
    assert [line.line for line in work.lines if line.verdict is Verdict.UNREAD] == [2, 3]
    assert work.lines[0].verdict is Verdict.RIGHT
    with pytest.raises(InvalidDescription, match="did you mean 'grads'"):
        mark(derivations["sum_of_squares"], MEAN_OF_A_SUM, function="grad")


def test_the_command(tmp_path: Path) -> None:
    spec = Network(3, [Dense(4, "relu"), Dense(2)], "squared_error")
    assert spec.layout == Layout()
    right = "def f(x, y):\n    N = len(x)\n    d2 = 2 * (a2 - y) / N\n    dW2 = d2.T @ a1\n    db2 = d2.sum(axis=0)\n"
    right += "    d1 = d2 @ W2 * (z1 > 0)\n    dW1 = d1.T @ x\n    db1 = d1.sum(axis=0)\n"
    (tmp_path / "right.py").write_text(right)
    (tmp_path / "wrong.py").write_text(right.replace("(z1 > 0)", "(z1 < 0)"))
    cells = [{"cell_type": "code", "source": ["%matplotlib inline\n", *right.splitlines(keepends=True)]}]
    (tmp_path / "right.ipynb").write_text(json.dumps({"cells": cells}))
    shorthand = ("3-4-2", "--activation", "relu", "--cost", "squared_error")
    (tmp_path / "net.toml").write_text(
        'name = "net"\ninput = 3\n[[layers]]\nkind = "dense"\nunits = 4\nactivation = "relu"\n'
        '[[layers]]\nkind = "dense"\nunits = 2\n[cost]\nkind = "squared_error"\n'
    )
    assert chainrule("mark", "net.toml", "right.py", cwd=tmp_path).returncode == 0
    assert chainrule("mark", "net.toml", "right.ipynb", cwd=tmp_path).returncode == 0
    several = chainrule("mark", "net.toml", "right.py", "wrong.py", "--csv", "marks.csv", cwd=tmp_path)
    assert several.returncode == 1
    assert "line 6 d1: mask" in several.stdout
    assert (tmp_path / "marks.csv").read_text().splitlines()[2] == "wrong.py,2,4,,6,d1,mask"
    (tmp_path / "broken.py").write_bytes(b"a = 1\nb = \xff\n")
    (tmp_path / "folder").mkdir()
    works = ("broken.py", "folder", "none.py", "right.py")
    mixed = chainrule("mark", "net.toml", *works, "--csv", "marks.csv", "--json", "marks.json", cwd=tmp_path)
    assert mixed.returncode == 2
    assert "broken.py:2: found the byte 0xff" in mixed.stderr
    assert "none.py: no such file" in mixed.stderr
    assert [line.split(",")[0] for line in (tmp_path / "marks.csv").read_text().splitlines()[1:]] == list(works)
    assert (tmp_path / "marks.csv").read_text().splitlines()[1] == "broken.py,0,4,dW1 db1 dW2 db2,2,,unread"
    first, *_, last = json.loads((tmp_path / "marks.json").read_text())["works"]
    assert (first["lines"][0]["verdict"], first["lines"][0]["line"], last["right"]) == ("unread", 2, 4)
    unread = chainrule("mark", *shorthand, "wrong.doc", cwd=tmp_path)
    assert unread.returncode == 2
    assert "expected a work in .py, .ipynb, .txt, .tex or .md" in unread.stderr
