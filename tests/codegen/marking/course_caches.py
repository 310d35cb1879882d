"""Layers whose backward pass has all that it reads from a cache, as courses have them, with the networks that they are of."""

from __future__ import annotations

from course_works import BN

from chainrule import Dense, Network

CACHES: dict[str, tuple[Network | str, str]] = {}
FORWARD = """
import numpy as np

def batchnorm_forward(x, gamma, beta, eps):
    sample_mean = x.mean(axis=0)
    sample_var = x.var(axis=0)
    std = np.sqrt(sample_var + eps)
    x_norm = (x - sample_mean) / std
    out = gamma * x_norm + beta
    cache = (x, x_norm, sample_mean, sample_var, std, gamma, eps)
    return out, cache
"""
TRAIN = """
def train(x, y, gamma, beta, eps):
    out, cache = batchnorm_forward(x, gamma, beta, eps)
    dout = out - y
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    return dx, dgamma, dbeta
"""
CACHES["batch_norm_from_a_cache"] = (
    BN,
    FORWARD
    + """
def batchnorm_backward(dout, cache):
    x, x_norm, sample_mean, sample_var, std, gamma, eps = cache
    N = x.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_norm).sum(axis=0)
    dx_norm = dout * gamma
    dvar = (dx_norm * (x - sample_mean) * -0.5 * (sample_var + eps) ** -1.5).sum(axis=0)
    dmean = (-dx_norm / std).sum(axis=0) + dvar * (-2 * (x - sample_mean)).sum(axis=0) / N
    dx = dx_norm / std + dvar * 2 * (x - sample_mean) / N + dmean / N
    return dx, dgamma, dbeta
"""
    + TRAIN,
)
CACHES["batch_norm_in_one_line"] = (
    BN,
    FORWARD
    + """
def batchnorm_backward(dout, cache):
    _, x_norm, _, _, std, gamma, _ = cache
    S = lambda x: x.sum(axis=0)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_norm, axis=0)
    dx = dout * gamma / (len(dout) * std)
    dx = len(dout) * dx - S(dx * x_norm) * x_norm - S(dx)
    return dx, dgamma, dbeta
"""
    + TRAIN,
)
CACHES["layer_norm_from_a_cache"] = (
    """
name = "ln"
inputs = ["x[n,j]"]
targets = ["y[n,j]"]
parameters = ["gamma[j]", "beta[j]"]
batch = "n"
equations = '''
mu[n] = mean(j, x[n,j])
var[n] = mean(j, (x[n,j] - mu[n])**2)
xhat[n,j] = (x[n,j] - mu[n])/sqrt(var[n] + eps)
out[n,j] = gamma[j]*xhat[n,j] + beta[j]
C = sum(n, j, (out[n,j] - y[n,j])**2)/2
'''
[constants]
eps = 1e-5
""",
    """
import numpy as np

def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    mu = np.mean(x, axis=1, keepdims=True)
    var = np.var(x, axis=1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    out = gamma * x_hat + beta
    cache = x_hat, std, gamma
    return out, cache

def layernorm_backward(dout, cache):
    x_hat, std, gamma = cache
    D = dout.shape[1]
    dgamma = np.sum(dout * x_hat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dx_hat = dout * gamma
    dx = (1 / D) / std * (D * dx_hat - dx_hat.sum(axis=1, keepdims=True) - x_hat * (dx_hat * x_hat).sum(axis=1, keepdims=True))
    return dx, dgamma, dbeta

def train(x, y, gamma, beta):
    out, cache = layernorm_forward(x, gamma, beta, {"eps": 1e-5})
    dx, dgamma, dbeta = layernorm_backward(out - y, cache)
    return dx, dgamma, dbeta
""",
)
CACHES["dropout_in_a_cache"] = (
    """
name = "dropout"
inputs = ["x[n,i]", "mask[n,j]"]
targets = ["y[n,k]"]
parameters = ["W1[i,j]", "b1[j]", "W2[j,k]", "b2[k]"]
batch = "n"
equations = '''
z1[n,j] = sum(i, x[n,i]*W1[i,j]) + b1[j]
h[n,j] = relu(z1[n,j])
d[n,j] = h[n,j]*mask[n,j]
z2[n,k] = sum(j, d[n,j]*W2[j,k]) + b2[k]
C = sum(n, k, (z2[n,k] - y[n,k])**2)/2
'''
""",
    """
import numpy as np

def dropout_forward(h, mask):
    out = h * mask
    cache = (mask,)
    return out, cache

def dropout_backward(dout, cache):
    (mask,) = cache
    dh = dout * mask
    return dh

def train(x, mask, y, W1, b1, W2, b2):
    z1 = x.dot(W1) + b1
    h = np.maximum(0, z1)
    d, cache = dropout_forward(h, mask)
    z2 = d.dot(W2) + b2
    dz2 = z2 - y
    dW2 = d.T.dot(dz2)
    db2 = dz2.sum(axis=0)
    dd = dz2.dot(W2.T)
    dh = dropout_backward(dd, cache)
    dz1 = dh * (z1 > 0)
    dW1 = x.T.dot(dz1)
    db1 = dz1.sum(axis=0)
    return dW1, db1, dW2, db2
""",
)
CACHES["softmax_with_its_maximum_shifted"] = (
    Network(3, [Dense(5, "relu"), Dense(4, "softmax")], "cross_entropy", targets="labels"),
    """
import numpy as np

def softmax_loss(x, y):
    shifted_logits = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted_logits), axis=1, keepdims=True)
    log_probs = shifted_logits - np.log(Z)
    probs = np.exp(log_probs)
    N = x.shape[0]
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx

def train(X, y, W1, b1, W2, b2):
    z1 = X.dot(W1.T) + b1
    a1 = np.maximum(0, z1)
    scores = a1.dot(W2.T) + b2
    loss, dscores = softmax_loss(scores, y)
    grads = {}
    grads["W2"] = dscores.T.dot(a1)
    grads["b2"] = np.sum(dscores, axis=0)
    da1 = dscores.dot(W2)
    dz1 = da1 * (z1 > 0)
    grads["W1"] = dz1.T.dot(X)
    grads["b1"] = np.sum(dz1, axis=0)
    return loss, grads
""",
)
