"""Mistakes that people reported of code that others read: in what a bias's gradient sums, and in what comes back to a layer before."""

from __future__ import annotations

from reported_works import Report

from chainrule import Dense, Layout, Network

MORE_REPORTS: dict[str, Report] = {}
MORE_REPORTS["one_sum_for_all_biases"] = Report(
    "rasbt/stat453-deep-learning-ss21, issue 5: the gradient of the biases is one sum over all of them, which is broadcast later",
    Network(3, [Dense(4, "softmax")], "cross_entropy", reduction="sum"),
    """
import numpy as np

class SoftmaxRegression:
    def forward(self, x):
        logits = x @ self.W.T + self.b
        e = np.exp(logits - np.max(logits, axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)

    def backward(self, x, y, probas):
        grad_w = -(x.T @ (y - probas)).T
        grad_b = -np.sum(y - probas, axis=0)
        return grad_w, grad_b

    def train(self, x, y):
        probas = self.forward(x)
        return self.backward(x, y, probas)
""",
    "-np.sum(y - probas, axis=0)",
    "-np.sum(y - probas)",
    "sum",
)
MORE_REPORTS["bias_of_the_layer_before"] = Report(
    "arthurdouillard/deepcourse, pull request 9: the gradient of the hidden bias is taken of the error at tanh's output, not at its input",
    Network(3, [Dense(5, "tanh"), Dense(4, "softmax")], "cross_entropy"),
    """
import numpy as np

def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def backward(x, y, W1, b1, W2, b2):
    htilde = x @ W1.T + b1
    h = np.tanh(htilde)
    ytilde = h @ W2.T + b2
    yhat = softmax(ytilde)
    grad_ytilde = (yhat - y) / len(x)
    grad_W2 = grad_ytilde.T @ h
    grad_b2 = grad_ytilde.sum(axis=0)
    grad_h = grad_ytilde @ W2
    grad_htilde = grad_h * (1 - h ** 2)
    grad_W1 = grad_htilde.T @ x
    grad_b1 = grad_htilde.sum(axis=0)
    return grad_W1, grad_b1, grad_W2, grad_b2
""",
    "grad_b1 = grad_htilde.sum(axis=0)",
    "grad_b1 = grad_h.sum(axis=0)",
    "operand",
)
MORE_REPORTS["broadcast_bias"] = Report(
    "jimfleming/differentiation, issue 1: the gradient of a bias that was broadcast is not summed over the examples",
    Network(3, [Dense(5, "sigmoid"), Dense(2, "sigmoid")], "quadratic", reduction="sum"),
    """
import numpy as np

def backward(x, y, W1, b1, W2, b2):
    z1 = np.dot(x, W1.T) + b1
    h = 1 / (1 + np.exp(-z1))
    z2 = np.dot(h, W2.T) + b2
    out = 1 / (1 + np.exp(-z2))
    delta2 = (out - y) * out * (1 - out)
    dW2 = np.dot(delta2.T, h)
    db2 = np.sum(delta2, 0)
    delta1 = np.dot(delta2, W2) * h * (1 - h)
    dW1 = np.dot(delta1.T, x)
    db1 = np.sum(delta1, 0)
    return dW1, db1, dW2, db2
""",
    "db1 = np.sum(delta1, 0)",
    "db1 = delta1",
    "sum",
)
MORE_REPORTS["error_without_the_slope"] = Report(
    "stackoverflow.com/questions/53287032: what goes back to the layer before lacks the slope of the layer's own sigmoid",
    Network(3, [Dense(5, "sigmoid"), Dense(4, "sigmoid"), Dense(2, "sigmoid")], "quadratic", layout=Layout("columns"), reduction="sum"),
    """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def sigmoid_prime(z):
    return z * (1 - z)

def train(x, y, W1, b1, W2, b2, W3, b3):
    a1 = sigmoid(np.dot(W1, x) + b1)
    a2 = sigmoid(np.dot(W2, a1) + b2)
    a3 = sigmoid(np.dot(W3, a2) + b3)
    delta = a3 - y
    tmp3 = delta * sigmoid_prime(a3)
    dW3 = np.dot(tmp3, a2.T)
    db3 = np.sum(tmp3, axis=1, keepdims=True)
    delta2 = np.dot(W3.T, tmp3)
    tmp2 = delta2 * sigmoid_prime(a2)
    dW2 = np.dot(tmp2, a1.T)
    db2 = np.sum(tmp2, axis=1, keepdims=True)
    delta1 = np.dot(W2.T, tmp2)
    tmp1 = delta1 * sigmoid_prime(a1)
    dW1 = np.dot(tmp1, x.T)
    db1 = np.sum(tmp1, axis=1, keepdims=True)
    return dW1, db1, dW2, db2, dW3, db3
""",
    "delta1 = np.dot(W2.T, tmp2)",
    "delta1 = np.dot(W2.T, delta2)",
    "operand",
)
