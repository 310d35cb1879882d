"""Backward passes as courses and articles have them, with the networks that they are of; each is right."""

from __future__ import annotations

from chainrule import Dense, Layout, Network

CASES: dict[str, tuple[Network | str, str]] = {}
CASES["layers_in_functions"] = (
    Network(3, [Dense(4, "relu"), Dense(2, "relu"), Dense(1, "sigmoid")], "binary_cross_entropy"),
    """
import numpy as np
def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = 1/m * np.dot(dZ, A_prev.T)
    db = 1/m * np.sum(dZ, axis=1, keepdims=True)
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db

def relu_backward(dA, cache):
    Z = cache
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ

def sigmoid_backward(dA, cache):
    Z = cache
    s = 1/(1+np.exp(-Z))
    dZ = dA * s * (1-s)
    return dZ

def linear_activation_backward(dA, cache, activation):
    linear_cache, activation_cache = cache
    if activation == "relu":
        dZ = relu_backward(dA, activation_cache)
        dA_prev, dW, db = linear_backward(dZ, linear_cache)
    elif activation == "sigmoid":
        dZ = sigmoid_backward(dA, activation_cache)
        dA_prev, dW, db = linear_backward(dZ, linear_cache)
    return dA_prev, dW, db

def linear_forward(A, W, b):
    Z = W.dot(A) + b
    cache = (A, W, b)
    return Z, cache

def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A = 1/(1+np.exp(-Z))
    elif activation == "relu":
        A = np.maximum(0, Z)
    activation_cache = Z
    cache = (linear_cache, activation_cache)
    return A, cache

def L_model_forward(X, parameters):
    caches = []
    A = X
    L = 3
    for l in range(1, L):
        A_prev = A
        A, cache = linear_activation_forward(A_prev, parameters['W' + str(l)], parameters['b' + str(l)], "relu")
        caches.append(cache)
    AL, cache = linear_activation_forward(A, parameters['W' + str(L)], parameters['b' + str(L)], "sigmoid")
    caches.append(cache)
    return AL, caches

def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    m = AL.shape[1]
    Y = Y.reshape(AL.shape)
    dAL = - (np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    current_cache = caches[L-1]
    grads["dA" + str(L-1)], grads["dW" + str(L)], grads["db" + str(L)] = linear_activation_backward(dAL, current_cache, "sigmoid")
    for l in reversed(range(L-1)):
        current_cache = caches[l]
        dA_prev_temp, dW_temp, db_temp = linear_activation_backward(grads["dA" + str(l + 1)], current_cache, "relu")
        grads["dA" + str(l)] = dA_prev_temp
        grads["dW" + str(l + 1)] = dW_temp
        grads["db" + str(l + 1)] = db_temp
    return grads

def train(X, Y, parameters):
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, Y, caches)
    return grads
""",
)
CASES["script"] = (
    """
name = "trask"
inputs = ["X[n,i]"]
targets = ["y[n,k]"]
parameters = ["syn0[i,j]", "syn1[j,k]"]
batch = "n"
sizes = { i = 3, j = 4, k = 1 }
equations = '''
l1[n,j] = sigmoid(sum(i, X[n,i]*syn0[i,j]))
l2[n,k] = sigmoid(sum(j, l1[n,j]*syn1[j,k]))
C = sum(n, k, (l2[n,k] - y[n,k])**2)/2
'''
""",
    """
import numpy as np
def nonlin(x,deriv=False):
    if(deriv==True):
        return x*(1-x)
    return 1/(1+np.exp(-x))
X = np.array([[0,0,1],[0,1,1],[1,0,1],[1,1,1]])
y = np.array([[0],[1],[1],[0]])
np.random.seed(1)
syn0 = 2*np.random.random((3,4)) - 1
syn1 = 2*np.random.random((4,1)) - 1
for j in range(60000):
    l0 = X
    l1 = nonlin(np.dot(l0,syn0))
    l2 = nonlin(np.dot(l1,syn1))
    l2_error = y - l2
    if (j% 10000) == 0:
        print("Error:" + str(np.mean(np.abs(l2_error))))
    l2_delta = l2_error*nonlin(l2,deriv=True)
    l1_error = l2_delta.dot(syn1.T)
    l1_delta = l1_error * nonlin(l1,deriv=True)
    syn1 += l1.T.dot(l2_delta)
    syn0 += l0.T.dot(l1_delta)
""",
)
RNN = """
name = "rnn"
inputs = ["x[n,t,i]"]
targets = ["y[n,t,k]"]
parameters = ["Wx[i,j]", "Wh[l,j]", "b[j]", "Wy[j,k]", "by[k]"]
batch = "n"
equations = '''
h[n,t,j] = tanh(sum(i, x[n,t,i]*Wx[i,j]) + sum(l, h[n,t-1,l]*Wh[l,j]) + b[j])
s[n,t,k] = sum(j, h[n,t,j]*Wy[j,k]) + by[k]
C = sum(n, t, k, (s[n,t,k] - y[n,t,k])**2)/2
'''
"""
CASES["recurrent"] = (
    RNN,
    """
def rnn_backward(x, y, Wx, Wh, b, Wy, by):
    N, T, D = x.shape
    H = Wx.shape[1]
    h = np.zeros((N, T, H))
    prev = np.zeros((N, H))
    for t in range(T):
        prev = np.tanh(x[:, t, :].dot(Wx) + prev.dot(Wh) + b)
        h[:, t, :] = prev
    s = h.dot(Wy) + by
    ds = s - y
    dWy = h.reshape(-1, H).T.dot(ds.reshape(N*T, -1))
    dby = ds.sum(axis=(0, 1))
    dh = ds.dot(Wy.T)
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
    dprev = np.zeros((N, H))
    for t in reversed(range(T)):
        dtotal = dh[:, t, :] + dprev
        draw = dtotal * (1 - h[:, t, :] ** 2)
        dWx += x[:, t, :].T.dot(draw)
        if t > 0:
            dWh += h[:, t-1, :].T.dot(draw)
        db += draw.sum(axis=0)
        dprev = draw.dot(Wh.T)
    return dWx, dWh, db, dWy, dby
""",
)
BN = """
name = "bn"
inputs = ["x[n,j]"]
targets = ["y[n,j]"]
parameters = ["gamma[j]", "beta[j]"]
batch = "n"
equations = '''
mu[j] = mean(n, x[n,j])
var[j] = mean(n, (x[n,j] - mu[j])**2)
xhat[n,j] = (x[n,j] - mu[j])/sqrt(var[j] + eps)
out[n,j] = gamma[j]*xhat[n,j] + beta[j]
C = sum(n, j, (out[n,j] - y[n,j])**2)/2
'''
[constants]
eps = 1e-5
"""
CASES["batch_normalisation"] = (
    BN,
    """
def f(x, y, gamma, beta, eps):
    N, D = x.shape
    mu = 1./N * np.sum(x, axis = 0)
    xmu = x - mu
    sq = xmu ** 2
    var = 1./N * np.sum(sq, axis = 0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1./sqrtvar
    xhat = xmu * ivar
    gammax = gamma * xhat
    out = gammax + beta
    dout = out - y
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax*xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat*xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1. /(sqrtvar**2) * divar
    dvar = 0.5 * 1. /np.sqrt(var+eps) * dsqrtvar
    dsq = 1. /N * np.ones((N,D)) * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = (dxmu1 + dxmu2)
    dmu = -1 * np.sum(dxmu1+dxmu2, axis=0)
    dx2 = 1. /N * np.ones((N,D)) * dmu
    dx = dx1 + dx2
    return dx, dgamma, dbeta
""",
)
CONV = """
name = "conv"
inputs = ["x[n,c,i,j]"]
targets = ["y[n,f,p,q]"]
parameters = ["w[f,c,u,v]", "b[f]"]
batch = "n"
sizes = { u = 3, v = 3, i = 5, j = 7 }
equations = '''
out[n,f,p,q] = sum(c, u, v, x[n,c,p+u,q+v]*w[f,c,u,v]) + b[f]
C = sum(n, f, p, q, (out[n,f,p,q] - y[n,f,p,q])**2)/2
'''
"""
CASES["four_loops"] = (
    CONV,
    """
def conv_backward(x, w, b, y):
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    stride = 1
    H_out = 1 + (H - HH) // stride
    W_out = 1 + (W - WW) // stride
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    out[n, f, i, j] = np.sum(x[n, :, i*stride:i*stride+HH, j*stride:j*stride+WW] * w[f]) + b[f]
    dout = out - y
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for n in range(N):
        for f in range(F):
            db[f] += dout[n, f].sum()
            for i in range(H_out):
                for j in range(W_out):
                    window = x[n, :, i*stride:i*stride+HH, j*stride:j*stride+WW]
                    dw[f] += window * dout[n, f, i, j]
                    dx[n, :, i*stride:i*stride+HH, j*stride:j*stride+WW] += w[f] * dout[n, f, i, j]
    return dx, dw, db
""",
)
CASES["lists_from_the_end"] = (
    Network(3, [Dense(4, "sigmoid"), Dense(2, "sigmoid")], "quadratic", reduction="sum", layout=Layout("columns", "out-in")),
    """
def backprop(x, y, W1, b1, W2, b2):
    nabla_b = [0, 0]
    nabla_w = [0, 0]
    activation = x
    activations = [x]
    zs = []
    for b, w in zip([b1, b2], [W1, W2]):
        z = np.dot(w, activation) + b
        zs.append(z)
        activation = sigmoid(z)
        activations.append(activation)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = np.dot(delta, activations[-2].transpose())
    for l in range(2, 3):
        z = zs[-l]
        sp = sigmoid_prime(z)
        delta = np.dot(W2.transpose(), delta) * sp
        nabla_b[-l] = delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = np.dot(delta, activations[-l-1].transpose())
    return (nabla_b, nabla_w)

def sigmoid(z):
    return 1.0/(1.0+np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z)*(1-sigmoid(z))
""",
)
