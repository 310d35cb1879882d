"""A cell with gates beside each other, word vectors and a class above all layers, as courses have them, with their networks."""

from __future__ import annotations

from chainrule import Dense, Network

SEQUENCES: dict[str, tuple[Network | str, str]] = {}
SEQUENCES["gates_beside_each_other"] = (
    """
name = "lstm"
inputs = ["x[n,i]", "prev_h[n,l]", "prev_c[n,j]"]
targets = ["y[n,j]"]
parameters = ["Wxi[i,j]", "Whi[l,j]", "bi[j]", "Wxg[i,j]", "Whg[l,j]", "bg[j]"]
batch = "n"
sizes = { j = 5, l = 5 }
equations = '''
ai[n,j] = sum(i, x[n,i]*Wxi[i,j]) + sum(l, prev_h[n,l]*Whi[l,j]) + bi[j]
ag[n,j] = sum(i, x[n,i]*Wxg[i,j]) + sum(l, prev_h[n,l]*Whg[l,j]) + bg[j]
gi[n,j] = sigmoid(ai[n,j])
gg[n,j] = tanh(ag[n,j])
c[n,j] = prev_c[n,j] + gi[n,j]*gg[n,j]
h[n,j] = tanh(c[n,j])
C = sum(n, j, (h[n,j] - y[n,j])**2)/2
'''
""",
    """
import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def step(x, prev_h, prev_c, y, Wxi, Whi, bi, Wxg, Whg, bg):
    H = prev_c.shape[1]
    Wx = np.concatenate([Wxi, Wxg], axis=1)
    Wh = np.concatenate([Whi, Whg], axis=1)
    b = np.concatenate([bi, bg])
    a = x.dot(Wx) + prev_h.dot(Wh) + b
    i = sigmoid(a[:, :H])
    g = np.tanh(a[:, H:])
    next_c = prev_c + i * g
    next_h = np.tanh(next_c)
    dnext_h = next_h - y
    dnext_c = dnext_h * (1 - next_h ** 2)
    di = dnext_c * g
    dg = dnext_c * i
    da = np.hstack((di * i * (1 - i), dg * (1 - g ** 2)))
    dWx = x.T.dot(da)
    dWh = prev_h.T.dot(da)
    db = da.sum(axis=0)
    dWxi = dWx[:, :H]
    dWxg = dWx[:, H:]
    dWhi = dWh[:, :H]
    dWhg = dWh[:, H:]
    dbi = db[:H]
    dbg = db[H:]
    return dWxi, dWhi, dbi, dWxg, dWhg, dbg
""",
)
SEQUENCES["word_vectors"] = (
    """
name = "skipgram"
inputs = ["v[d]"]
targets = ["t[w] in one_hot"]
parameters = ["U[w,d]"]
equations = '''
s[w] = sum(d, U[w,d]*v[d])
p[w] = exp(s[w])/sum(u, exp(s[u]))
C = -sum(w, t[w]*log(p[w]))
'''
""",
    """
import numpy as np

def softmax(x):
    x = x - np.max(x)
    e = np.exp(x)
    return e / e.sum()

def naive_softmax_loss_and_gradient(v, t, U):
    p = softmax(U.dot(v))
    loss = -np.sum(t * np.log(p))
    delta = p.copy()
    delta -= t
    dv = U.T.dot(delta)
    dU = np.outer(delta, v)
    return loss, dv, dU
""",
)
SEQUENCES["a_class_above_all_layers"] = (
    Network(3, [Dense(4, "tanh"), Dense(2)], "squared_error"),
    """
import numpy as np

class Module:
    def forward(self, x):
        raise NotImplementedError
    def backward(self, grad):
        raise NotImplementedError
    def parameters(self):
        return []

class Linear(Module):
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_out, n_in) / np.sqrt(n_in)
        self.b = np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return x @ self.W.T + self.b
    def backward(self, grad):
        self.dW = grad.T @ self.x
        self.db = grad.sum(axis=0)
        return grad @ self.W

class Tanh(Module):
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out
    def backward(self, grad):
        return grad * (1 - self.out ** 2)

class Sequential(Module):
    def __init__(self, *layers):
        self.layers = list(layers)
    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x
    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad

class MSELoss(Module):
    def forward(self, pred, y):
        self.diff = pred - y
        return np.sum(self.diff ** 2) / len(y)
    def backward(self):
        return 2 * self.diff / self.diff.shape[0]

model = Sequential(Linear(3, 4), Tanh(), Linear(4, 2))
criterion = MSELoss()
pred = model.forward(X)
loss = criterion.forward(pred, Y)
model.backward(criterion.backward())
""",
)
