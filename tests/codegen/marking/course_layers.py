"""Layers with their backward passes as courses have them: an embedding, attention, layer normalisation; and Adam after the gradients."""

from __future__ import annotations

from chainrule import Dense, Network

LAYERS: dict[str, tuple[Network | str, str]] = {}
LAYERS["embedding"] = (
    """
name = "embedding"
inputs = ["tok[n,t] in v"]
targets = ["y[n,t,d]"]
parameters = ["E[v,d]"]
batch = "n"
equations = '''
x[n,t,d] = E[tok[n,t],d]
C = sum(n, t, d, (x[n,t,d] - y[n,t,d])**2)/2
'''
""",
    """
def word_embedding_forward(tok, E):
    out = E[tok]
    cache = (tok, E)
    return out, cache
def word_embedding_backward(dout, cache):
    tok, E = cache
    dE = np.zeros_like(E)
    np.add.at(dE, tok, dout)
    return dE
def loss(tok, y, E):
    x, cache = word_embedding_forward(tok, E)
    dx = x - y
    dE = word_embedding_backward(dx, cache)
    return dE
""",
)
LAYERS["attention"] = (
    """
name = "attention"
inputs = ["x[n,t,d]"]
targets = ["y[n,t,e]"]
parameters = ["Wq[d,e]", "Wk[d,e]", "Wv[d,e]"]
batch = "n"
equations = '''
q[n,t,e] = sum(d, x[n,t,d]*Wq[d,e])
k[n,t,e] = sum(d, x[n,t,d]*Wk[d,e])
v[n,t,e] = sum(d, x[n,t,d]*Wv[d,e])
s[n,t,u] = sum(e, q[n,t,e]*k[n,u,e])/3
p[n,t,u] = exp(s[n,t,u])/sum(w, exp(s[n,t,w]))
o[n,t,e] = sum(u, p[n,t,u]*v[n,u,e])
C = sum(n, t, e, (o[n,t,e] - y[n,t,e])**2)/2
'''
""",
    """
def attention(x, y, Wq, Wk, Wv):
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    s = q @ k.transpose(0, 2, 1) / 3
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    o = p @ v
    do = o - y
    dp = do @ np.swapaxes(v, 1, 2)
    dv = np.swapaxes(p, -1, -2) @ do
    ds = p * (dp - (dp * p).sum(axis=-1, keepdims=True))
    dq = ds @ k / 3
    dk = ds.transpose(0, 2, 1) @ q / 3
    dWq = np.einsum("ntd,nte->de", x, dq)
    dWk = (x.transpose(0, 2, 1) @ dk).sum(axis=0)
    dWv = np.tensordot(x, dv, axes=([0, 1], [0, 1]))
    return dWq, dWk, dWv
""",
)
LAYERS["layer_norm"] = (
    """
name = "ln"
inputs = ["x[n,d]"]
targets = ["y[n,d]"]
parameters = ["gamma[d]", "beta[d]"]
batch = "n"
equations = '''
mu[n] = mean(d, x[n,d])
var[n] = mean(d, (x[n,d] - mu[n])**2)
xhat[n,d] = (x[n,d] - mu[n])/sqrt(var[n] + eps)
out[n,d] = gamma[d]*xhat[n,d] + beta[d]
C = sum(n, d, (out[n,d] - y[n,d])**2)/2
'''
[constants]
eps = 1e-5
""",
    """
def layernorm_forward(x, gamma, beta, ln_param):
    eps = 1e-5
    mean = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    std = np.sqrt(var + eps)
    x_norm = (x - mean) / std
    out = gamma * x_norm + beta
    cache = (x_norm, gamma, std)
    return out, cache

def layernorm_backward(dout, cache):
    x_norm, gamma, std = cache
    D = x_norm.shape[1]
    dgamma = np.sum(dout * x_norm, axis=0)
    dbeta = np.sum(dout, axis=0)
    dxhat = dout * gamma
    dx = (D * dxhat - dxhat.sum(axis=1, keepdims=True) - x_norm * (dxhat * x_norm).sum(axis=1, keepdims=True)) / (D * std)
    return dx, dgamma, dbeta

def train(x, y, gamma, beta):
    out, cache = layernorm_forward(x, gamma, beta, {})
    dx, dgamma, dbeta = layernorm_backward(out - y, cache)
    return dx, dgamma, dbeta
""",
)
LAYERS["adam_with_keys"] = (
    Network(3, [Dense(4, "relu"), Dense(3, "softmax")], "cross_entropy", targets="labels"),
    """
class Net:
    def __init__(self, sizes):
        self.params = {}
        for l in range(1, len(sizes)):
            self.params[f"W{l}"] = np.random.randn(sizes[l-1], sizes[l]) * np.sqrt(2 / sizes[l-1])
            self.params[f"b{l}"] = np.zeros((1, sizes[l]))
        self.m = {k: np.zeros_like(v) for k, v in self.params.items()}
        self.v = {k: np.zeros_like(v) for k, v in self.params.items()}

    def forward(self, X):
        cache = {"A0": X}
        L = 2
        for l in range(1, L + 1):
            cache[f"Z{l}"] = cache[f"A{l-1}"] @ self.params[f"W{l}"] + self.params[f"b{l}"]
            if l < L:
                cache[f"A{l}"] = np.maximum(0, cache[f"Z{l}"])
        z = cache[f"Z{L}"]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        cache[f"A{L}"] = e / e.sum(axis=1, keepdims=True)
        return cache

    def backward(self, X, y):
        cache = self.forward(X)
        m = X.shape[0]
        L = 2
        grads = {}
        onehot = np.eye(3)[y]
        dZ = (cache[f"A{L}"] - onehot) / m
        for l in reversed(range(1, L + 1)):
            grads[f"dW{l}"] = cache[f"A{l-1}"].T @ dZ
            grads[f"db{l}"] = np.sum(dZ, axis=0, keepdims=True)
            if l > 1:
                dA = dZ @ self.params[f"W{l}"].T
                dZ = dA * np.where(cache[f"Z{l-1}"] > 0, 1, 0)
        return grads

    def step(self, X, y, t=1, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        grads = self.backward(X, y)
        for k in self.params:
            g = grads["d" + k]
            self.m[k] = beta1 * self.m[k] + (1 - beta1) * g
            self.v[k] = beta2 * self.v[k] + (1 - beta2) * g**2
            m_hat = self.m[k] / (1 - beta1**t)
            v_hat = self.v[k] / (1 - beta2**t)
            self.params[k] -= lr * m_hat / (np.sqrt(v_hat) + eps)
""",
)
