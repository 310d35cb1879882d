"""Backward passes in objects and in lists, as courses and books have them: a class for each layer, lists of weights, example by example."""

from __future__ import annotations

from chainrule import Dense, Layout, Network

CLASSES: dict[str, tuple[Network | str, str]] = {}
CLASSES["layer_objects"] = (
    Network(3, [Dense(4, "relu"), Dense(2, "softmax")], "cross_entropy"),
    """
class Layer:
    def forward(self, x):
        raise NotImplementedError

class Linear(Layer):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.W = np.random.randn(n_in, n_out) * 0.01
        self.b = np.zeros((1, n_out))
    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b
    def backward(self, dout):
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0, keepdims=True)
        return np.dot(dout, self.W.T)
    def step(self, lr):
        self.W -= lr * self.dW
        self.b -= lr * self.db

class ReLU(Layer):
    def forward(self, x):
        self.mask = (x <= 0)
        out = x.copy()
        out[self.mask] = 0
        return out
    def backward(self, dout):
        dout[self.mask] = 0
        return dout

class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        shifted = logits - logits.max(axis=1, keepdims=True)
        e = np.exp(shifted)
        self.probs = e / e.sum(axis=1, keepdims=True)
        self.labels = labels
        n = logits.shape[0]
        return -np.sum(labels * np.log(self.probs)) / n
    def backward(self):
        n = self.labels.shape[0]
        return (self.probs - self.labels) / n

class Model:
    def __init__(self):
        self.layers = [Linear(784, 128), ReLU(), Linear(128, 10)]
        self.criterion = SoftmaxCrossEntropy()
    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x
    def backward(self):
        grad = self.criterion.backward()
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad

model = Model()
for epoch in range(10):
    logits = model.forward(X)
    loss = model.criterion.forward(logits, Y)
    model.backward()
    for layer in model.layers:
        if isinstance(layer, Linear):
            layer.step(0.1)
""",
)
CLASSES["sizes_and_lists"] = (
    Network(3, [Dense(4, "sigmoid"), Dense(2, "sigmoid")], "quadratic", layout=Layout("columns", "out-in")),
    """
import random
import numpy as np

class Network(object):
    def __init__(self, sizes):
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.biases = [np.random.randn(y, 1) for y in sizes[1:]]
        self.weights = [np.random.randn(y, x) for x, y in zip(sizes[:-1], sizes[1:])]

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = sigmoid(np.dot(w, a) + b)
        return a

    def backprop(self, x, y):
        m = x.shape[1]
        grad_b = [np.zeros(b.shape) for b in self.biases]
        grad_w = [np.zeros(w.shape) for w in self.weights]
        activation = x
        activations = [x]
        zs = []
        for b, w in zip(self.biases, self.weights):
            z = np.dot(w, activation) + b
            zs.append(z)
            activation = sigmoid(z)
            activations.append(activation)
        delta = self.cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
        grad_b[-1] = delta.sum(axis=1, keepdims=True) / m
        grad_w[-1] = np.dot(delta, activations[-2].transpose()) / m
        for l in range(2, self.num_layers):
            sp = sigmoid_prime(zs[-l])
            delta = np.dot(self.weights[-l+1].transpose(), delta) * sp
            grad_b[-l] = delta.sum(axis=1, keepdims=True) / m
            grad_w[-l] = np.dot(delta, activations[-l-1].transpose()) / m
        return (grad_b, grad_w)

    def update(self, x, y, eta):
        grad_b, grad_w = self.backprop(x, y)
        self.weights = [w - eta*nw for w, nw in zip(self.weights, grad_w)]
        self.biases = [b - eta*nb for b, nb in zip(self.biases, grad_b)]

    def cost_derivative(self, output_activations, y):
        return (output_activations - y)

def sigmoid(z):
    return 1.0/(1.0+np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z)*(1-sigmoid(z))
""",
)
CLASSES["mini_batches"] = (
    Network(3, [Dense(4, "sigmoid"), Dense(2, "sigmoid")], "quadratic", layout=Layout("columns", "out-in")),
    """
class Network(object):
    def __init__(self, sizes):
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.biases = [np.random.randn(y, 1) for y in sizes[1:]]
        self.weights = [np.random.randn(y, x)/np.sqrt(x) for x, y in zip(sizes[:-1], sizes[1:])]

    def update_mini_batch(self, mini_batch, eta):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in mini_batch:
            delta_nabla_b, delta_nabla_w = self.backprop(x, y)
            nabla_b = [nb+dnb for nb, dnb in zip(nabla_b, delta_nabla_b)]
            nabla_w = [nw+dnw for nw, dnw in zip(nabla_w, delta_nabla_w)]
        self.weights = [w-(eta/len(mini_batch))*nw for w, nw in zip(self.weights, nabla_w)]
        self.biases = [b-(eta/len(mini_batch))*nb for b, nb in zip(self.biases, nabla_b)]

    def backprop(self, x, y):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        activation = x
        activations = [x]
        zs = []
        for b, w in zip(self.biases, self.weights):
            z = np.dot(w, activation)+b
            zs.append(z)
            activation = sigmoid(z)
            activations.append(activation)
        delta = self.cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
        nabla_b[-1] = delta
        nabla_w[-1] = np.dot(delta, activations[-2].transpose())
        for l in range(2, self.num_layers):
            z = zs[-l]
            sp = sigmoid_prime(z)
            delta = np.dot(self.weights[-l+1].transpose(), delta) * sp
            nabla_b[-l] = delta
            nabla_w[-l] = np.dot(delta, activations[-l-1].transpose())
        return (nabla_b, nabla_w)

    def cost_derivative(self, output_activations, y):
        return (output_activations-y)

def sigmoid(z):
    return 1.0/(1.0+np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z)*(1-sigmoid(z))
""",
)
CLASSES["example_by_example"] = (
    Network(3, [Dense(4, "sigmoid"), Dense(2, "sigmoid")], "quadratic"),
    """
def train(X, y, W1, b1, W2, b2):
    m = X.shape[0]
    dW1 = np.zeros_like(W1)
    db1 = np.zeros_like(b1)
    dW2 = np.zeros_like(W2)
    db2 = np.zeros_like(b2)
    for i in range(m):
        x = X[i]
        z1 = np.dot(W1, x) + b1
        a1 = 1 / (1 + np.exp(-z1))
        z2 = np.dot(W2, a1) + b2
        a2 = 1 / (1 + np.exp(-z2))
        delta2 = (a2 - y[i]) * a2 * (1 - a2)
        delta1 = np.dot(W2.T, delta2) * a1 * (1 - a1)
        dW2 += np.outer(delta2, a1)
        db2 += delta2
        dW1 += np.outer(delta1, x)
        db1 += delta1
    return dW1 / m, db1 / m, dW2 / m, db2 / m
""",
)
CLASSES["one_example"] = (
    Network(3, [Dense(4, "sigmoid"), Dense(2, "sigmoid")], "quadratic"),
    """
def sgd_step(x, y, eta):
    z1 = W1.dot(x) + b1
    a1 = sigmoid(z1)
    z2 = W2.dot(a1) + b2
    a2 = sigmoid(z2)
    delta2 = (a2 - y) * a2 * (1 - a2)
    delta1 = W2.T.dot(delta2) * a1 * (1 - a1)
    W2 -= eta * np.outer(delta2, a1)
    b2 -= eta * delta2
    W1 -= eta * np.outer(delta1, x)
    b1 -= eta * delta1
""",
)
