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
MORE_REPORTS["bias_times_the_input"] = Report(
    "rust0258/Deeplearning.ai-Natural-Language-Processing-Specialization, issue 64: the gradient of a bias has a product with the input",
    Network(3, [Dense(5, "relu"), Dense(4, "softmax")], "cross_entropy", layout=Layout("columns")),
    """
import numpy as np

def softmax(z):
    e_z = np.exp(z)
    return e_z / np.sum(e_z, axis=0)

def forward_prop(x, W1, W2, b1, b2):
    h = np.maximum(0, np.dot(W1, x) + b1)
    return np.dot(W2, h) + b2, h

def back_prop(x, yhat, y, h, W1, W2, b1, b2, batch_size):
    l1 = np.dot(W2.T, yhat - y)
    l1[h <= 0] = 0
    grad_W1 = (1 / batch_size) * np.dot(l1, x.T)
    grad_W2 = (1 / batch_size) * np.dot(yhat - y, h.T)
    grad_b1 = np.sum((1 / batch_size) * l1, axis=1, keepdims=True)
    grad_b2 = np.sum((1 / batch_size) * (yhat - y), axis=1, keepdims=True)
    return grad_W1, grad_W2, grad_b1, grad_b2

def gradient_descent(x, y, W1, W2, b1, b2):
    z, h = forward_prop(x, W1, W2, b1, b2)
    yhat = softmax(z)
    return back_prop(x, yhat, y, h, W1, W2, b1, b2, x.shape[1])
""",
    "np.sum((1 / batch_size) * l1, axis=1, keepdims=True)",
    "np.sum((1 / batch_size) * np.dot(l1, x.T), axis=1, keepdims=True)",
    "factor",
)
MORE_REPORTS["windows_that_overlap"] = Report(
    "0809zheng/CS231n-assignment2019, issue 19: what windows of a pooling give back is set, and not added up where they overlap",
    """
name = "pooled"
inputs = ["v[n,c,i,j]"]
targets = ["y[n,c,p,q]"]
parameters = ["g[c,i,j]"]
batch = "n"
sizes = { u = 2, w = 2, i = 3, j = 4, p = 2, q = 3 }
equations = '''
x[n,c,i,j] = v[n,c,i,j]*g[c,i,j]
out[n,c,p,q] = max(u, w, x[n,c,p+u,q+w])
C = sum(n, c, p, q, (out[n,c,p,q] - y[n,c,p,q])**2)/2
'''
""",
    """
import numpy as np

def max_pool_forward_naive(x, pool_height, pool_width, stride):
    N, C, H, W = x.shape
    H_out = 1 + (H - pool_height) // stride
    W_out = 1 + (W - pool_width) // stride
    out = np.zeros((N, C, H_out, W_out))
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    window = x[n, c, i * stride:i * stride + pool_height, j * stride:j * stride + pool_width]
                    out[n, c, i, j] = np.max(window)
    return out

def max_pool_backward_naive(dout, x, pool_height, pool_width, stride):
    N, C, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    window = x[n, c, i * stride:i * stride + pool_height, j * stride:j * stride + pool_width]
                    row, col = np.unravel_index(np.argmax(window), window.shape)
                    dx[n, c, i * stride + row, j * stride + col] += dout[n, c, i, j]
    return dx

def train(v, g, y):
    x = v * g
    out = max_pool_forward_naive(x, 2, 2, 1)
    dx = max_pool_backward_naive(out - y, x, 2, 2, 1)
    dg = np.sum(dx * v, axis=0)
    return dg
""",
    "dx[n, c, i * stride + row, j * stride + col] += dout",
    "dx[n, c, i * stride + row, j * stride + col] = dout",
    "path",
)
MORE_REPORTS["mask_alone"] = Report(
    "haifengl/smile, issue 528: the slope of relu overwrites the gradient from the layer above in place of being multiplied with it",
    Network(3, [Dense(5, "relu"), Dense(2)], "squared_error", reduction="sum"),
    """
import numpy as np

class MLP:
    def propagate(self, x):
        self.z1 = x @ self.W1.T + self.b1
        self.a1 = np.maximum(self.z1, 0)
        return self.a1 @ self.W2.T + self.b2

    def backpropagate(self, x, y):
        error = 2 * (self.propagate(x) - y)
        dW2 = error.T @ self.a1
        db2 = error.sum(axis=0)
        g = error @ self.W2
        g = g * (self.z1 > 0)
        dW1 = g.T @ x
        db1 = g.sum(axis=0)
        return dW1, db1, dW2, db2
""",
    "g = g * (self.z1 > 0)",
    "g = 1.0 * (self.z1 > 0)",
    "factor",
)
MORE_REPORTS["gradient_of_the_layer_after"] = Report(
    "ImagineAILab/ai-by-hand-excel, issue 9: where Z2 is positive its gradient is that of A3, in place of that of A2",
    """
name = "by_hand"
inputs = ["X[n,i]"]
targets = ["Y[n,i]"]
parameters = ["W1[i,j]", "W2[i,j]", "W3[i,j]"]
batch = "n"
equations = '''
Z1[n,j] = sum(i, W1[i,j]*X[n,i])
A1[n,j] = maximum(0, Z1[n,j])
Z2[n,i] = sum(j, W2[i,j]*A1[n,j])
A2[n,i] = maximum(0, Z2[n,i])
Z3[n,j] = sum(i, W3[i,j]*A2[n,i])
A3[n,j] = maximum(0, Z3[n,j])
C = sum(n, j, A3[n,j]**2)/2
'''
""",
    """
Z1 = X @ W1
A1 = np.maximum(0, Z1)
Z2 = A1 @ W2.T
A2 = np.maximum(0, Z2)
Z3 = A2 @ W3
A3 = np.maximum(0, Z3)
dA3 = A3
dZ3 = np.where(Z3 > 0, dA3, 0)
dW3 = A2.T @ dZ3
dA2 = dZ3 @ W3.T
dZ2 = np.where(Z2 > 0, dA2, 0)
dW2 = dZ2.T @ A1
dA1 = dZ2 @ W2
dZ1 = np.where(Z1 > 0, dA1, 0)
dW1 = X.T @ dZ1
""",
    "dZ2 = np.where(Z2 > 0, dA2, 0)",
    "dZ2 = np.where(Z2 > 0, dA3, 0)",
    "operand",
)
MORE_REPORTS["activations_that_are_not_transposed"] = Report(
    "hunkim/DeepLearningZeroToAll, issue 25: the hidden activations have to be transposed in the gradient of the weights, by its shape",
    Network(3, [Dense(4, "sigmoid"), Dense(2, "sigmoid")], "squared_error", reduction="sum", layout=Layout(weights="in-out")),
    """
import numpy as np

def sigma(x):
    return 1 / (1 + np.exp(-x))

def sigma_prime(x):
    return sigma(x) * (1 - sigma(x))

def step(x, y, W1, b1, W2, b2):
    l1 = np.matmul(x, W1) + b1
    a1 = sigma(l1)
    l2 = np.matmul(a1, W2) + b2
    y_pred = sigma(l2)
    d_sigma2 = 2 * (y_pred - y) * sigma_prime(l2)
    d_b2 = np.sum(d_sigma2, axis=0)
    d_W2 = np.matmul(np.transpose(a1), d_sigma2)
    d_a1 = np.matmul(d_sigma2, np.transpose(W2))
    d_sigma1 = d_a1 * sigma_prime(l1)
    d_b1 = np.sum(d_sigma1, axis=0)
    d_W1 = np.matmul(np.transpose(x), d_sigma1)
    return d_W1, d_b1, d_W2, d_b2
""",
    "d_W2 = np.matmul(np.transpose(a1), d_sigma2)",
    "d_W2 = np.matmul(a1, d_sigma2)",
    "transpose",
)
