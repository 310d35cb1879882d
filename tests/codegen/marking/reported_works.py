"""Mistakes that people reported, each in a work of its kind: the network, the work when it is right, and what was wrong in it.

The facts are the reports'; the works are written for this table, in the form that such code has.
"""

from __future__ import annotations

from dataclasses import dataclass

from chainrule import Dense, Network


@dataclass(frozen=True)
class Report:
    """What was wrong, `wrong` in the place of `right`, and its kind, named as its author or reviewers named it."""

    source: str
    network: Network | str
    work: str
    right: str
    wrong: str
    kind: str


REPORTS: dict[str, Report] = {}
REPORTS["mean_of_one_number"] = Report(
    "patrickloeber/pytorchTutorial, pull request 10: the mean is taken of a product that is summed already",
    """
name = "line"
inputs = ["X[n]"]
targets = ["Y[n]"]
parameters = ["w"]
batch = "n"
equations = '''
y_hat[n] = w*X[n]
C = mean(n, (y_hat[n] - Y[n])**2)
'''
""",
    """
X = np.array([1, 2, 3, 4], dtype=np.float32)
Y = np.array([2, 4, 6, 8], dtype=np.float32)
w = 0.0

def predicted(x):
    return w * x

def cost(y, y_hat):
    return ((y_hat - y)**2).mean()

def gradient(x, y, y_hat):
    return np.mean(2 * x * (y_hat - y))

for epoch in range(20):
    y_hat = predicted(X)
    l = cost(Y, y_hat)
    dw = gradient(X, Y, y_hat)
    w -= 0.01 * dw
""",
    "np.mean(2 * x * (y_hat - y))",
    "np.dot(2 * x, y_hat - y).mean()",
    "mean",
)
XOR = """
for step in range(1000):
    l1 = sigmoid(X @ W1 + b1)
    Y_pred = sigmoid(l1 @ W2 + b2)
    d_Y_pred = (Y_pred - Y) / (Y_pred * (1 - Y_pred) + 1e-12)
    d_sigma2 = Y_pred * (1 - Y_pred)
    d_a2 = d_Y_pred * d_sigma2
    d_b2 = d_a2
    d_W2 = np.dot(np.transpose(l1), d_a2)
    d_b2_mean = np.mean(d_b2, axis=0)
    d_W2_mean = d_W2 / l1.shape[0]
    d_l1 = np.dot(d_a2, np.transpose(W2))
    d_sigma1 = l1 * (1 - l1)
    d_a1 = d_l1 * d_sigma1
    d_b1 = d_a1
    d_W1 = np.dot(np.transpose(X), d_a1)
    d_W1_mean = d_W1 / X.shape[0]
    d_b1_mean = np.mean(d_b1, axis=0)
    W2 = W2 - learning_rate * d_W2_mean
    b2 = b2 - learning_rate * d_b2_mean
    W1 = W1 - learning_rate * d_W1_mean
    b1 = b1 - learning_rate * d_b1_mean
"""
REPORTS["no_average"] = Report(
    "hunkim/DeepLearningZeroToAll, issue 173: the gradient of the weights grows with the number of examples",
    Network(2, [Dense(3, "sigmoid"), Dense(1, "sigmoid")], "binary_cross_entropy"),
    XOR,
    "W1 = W1 - learning_rate * d_W1_mean",
    "W1 = W1 - learning_rate * d_W1",
    "mean",
)
LAYERS = """
class Sigmoid:
    def forward(self, x):
        self.x = x
        return 1 / (1 + np.exp(-x))

    def backward(self, grad):
        out = self.forward(self.x)
        return out * (1 - out) * grad

class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W.T + self.b

    def backward(self, grad):
        self.dW = grad.T @ self.x
        self.db = grad.sum(axis=0)
        return grad @ self.W

def gradients(x, y, W1, b1, W2, b2):
    layers = [Linear(W1, b1), Sigmoid(), Linear(W2, b2), Sigmoid()]
    out = x
    for layer in layers:
        out = layer.forward(out)
    grad = (out - y) / len(x)
    for layer in reversed(layers):
        grad = layer.backward(grad)
    return layers[0].dW, layers[0].db, layers[2].dW, layers[2].db
"""
REPORTS["slope_at_the_input"] = Report(
    "BoltzmannEntropy/interviews.ai, issue 15: the sigmoid's slope is computed of its input in place of its output",
    Network(3, [Dense(4, "sigmoid"), Dense(2, "sigmoid")], "quadratic"),
    LAYERS,
    "        out = self.forward(self.x)\n        return out * (1 - out) * grad",
    "        return self.x * (1 - self.x) * grad",
    "place",
)
BAG_OF_WORDS = """
name = "bag_of_words"
inputs = ["x[v,n]"]
targets = ["y[k,n] in one_hot(k)"]
parameters = ["W1[j,v]", "b1[j]", "W2[k,j]", "b2[k]"]
batch = "n"
equations = '''
z1[j,n] = sum(v, W1[j,v]*x[v,n]) + b1[j]
h[j,n] = relu(z1[j,n])
z[k,n] = sum(j, W2[k,j]*h[j,n]) + b2[k]
yhat[k,n] = softmax(k, z[k,n])
C = mean(n, -sum(k, y[k,n]*log(yhat[k,n])))
'''
"""
CBOW = """
def softmax(z):
    e = np.exp(z)
    return e / np.sum(e, axis=0)

def forward_prop(x, W1, W2, b1, b2):
    h = np.maximum(0, np.dot(W1, x) + b1)
    z = np.dot(W2, h) + b2
    return z, h

def back_prop(x, yhat, y, h, W1, W2, b1, b2, batch_size):
    l1 = np.dot(W2.T, yhat - y)
    l1[h <= 0] = 0
    grad_W1 = (1 / batch_size) * np.dot(l1, x.T)
    grad_W2 = (1 / batch_size) * np.dot(yhat - y, h.T)
    grad_b1 = np.sum((1 / batch_size) * l1, axis=1, keepdims=True)
    grad_b2 = np.sum((1 / batch_size) * (yhat - y), axis=1, keepdims=True)
    return grad_W1, grad_W2, grad_b1, grad_b2

def train(x, y, W1, W2, b1, b2, alpha):
    z, h = forward_prop(x, W1, W2, b1, b2)
    yhat = softmax(z)
    grad_W1, grad_W2, grad_b1, grad_b2 = back_prop(x, yhat, y, h, W1, W2, b1, b2, x.shape[1])
    W1 = W1 - alpha * grad_W1
    W2 = W2 - alpha * grad_W2
    b1 = b1 - alpha * grad_b1
    b2 = b2 - alpha * grad_b2
    return W1, W2, b1, b2
"""
REPORTS["weights_in_a_bias"] = Report(
    "rust0258/Deeplearning.ai-Natural-Language-Processing-Specialization, issues 62 and 64: what is summed for the bias is "
    "multiplied by the input, where it has to be by ones",
    BAG_OF_WORDS,
    CBOW,
    "grad_b1 = np.sum((1 / batch_size) * l1,",
    "grad_b1 = np.sum((1 / batch_size) * np.dot(l1, x.T),",
    "factor",
)
REPORTS["relu_of_the_error"] = Report(
    "the same notebook: relu is taken of the error that comes back, where its slope at the forward value is meant",
    BAG_OF_WORDS,
    CBOW,
    "l1[h <= 0] = 0",
    "l1 = np.maximum(0, l1)",
    "mask",
)
