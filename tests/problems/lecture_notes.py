"""Networks of lecture notes, posts and manuals, each with the gradients that its source prints, in NumPy and for a batch."""

from __future__ import annotations

import numpy as np
from course_sheets import Arrays, CourseSheet, sigmoid, softmax


def class_weights(a: Arrays) -> Arrays:
    """Each example's loss times the weight of its class: ω (p − y)."""
    x, y = a["x"], a["y"]
    error = (3 * y + 0.75 * (1 - y)) * (sigmoid(x @ a["w"] + a["b"]) - y) / len(x)
    return {"w": error @ x, "b": error.sum()}


def tied_autoencoder(a: Arrays) -> Arrays:
    """What backpropagation gives for each of the two layers, added up."""
    x, W = a["x"], a["W"]
    h = sigmoid(x @ W.T + a["b"])
    o = sigmoid(h @ W + a["c"])
    da = (o - x) * o * (1 - o) / len(x)
    dz = da @ W.T * h * (1 - h)
    return {"W": h.T @ da + dz.T @ x, "b": dz.sum(axis=0), "c": da.sum(axis=0)}


def root_mean_square(a: Arrays) -> Arrays:
    """∂L/∂γ = Σ dy x̂; through x = W v, by ∂L/∂x = (γ dy − x̂ mean(γ dy x̂))/r."""
    v, t, W, gamma = a["v"], a["t"], a["W"], a["gamma"]
    x = v @ W.T
    r = np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5)
    u = x / r
    dy = gamma * u - t
    du = gamma * dy
    dx = (du - u * (du * u).mean(axis=1, keepdims=True)) / r
    return {"W": dx.T @ v, "gamma": (dy * u).sum(axis=0)}


def rank_net(a: Arrays) -> Arrays:
    """λ = σ (½ (1 − S) − 1/(1 + exp(σ (s − r)))), and ∂C/∂w = λ (∂s/∂w − ∂r/∂w)."""
    x, u, V, w = a["x"], a["u"], a["V"], a["w"]
    h, g = np.tanh(x @ V.T), np.tanh(u @ V.T)
    rate = 1.5 * ((1 - a["S"]) / 2 - 1 / (1 + np.exp(1.5 * (h @ w - g @ w)))) / len(x)
    dV = (rate[:, None] * w * (1 - h**2)).T @ x - (rate[:, None] * w * (1 - g**2)).T @ u
    return {"w": rate @ (h - g), "V": dV}


def elman(a: Arrays) -> Arrays:
    """Back through time, by the context of the step before."""
    x, y, V, U, W = (a[name] for name in "xyVUW")
    count, steps = x.shape[:2]
    h = np.zeros((count, steps + 1, len(U)))
    for t in range(steps):
        h[:, t] = np.tanh(x[:, t] @ V.T + h[:, t - 1] @ U.T + a["b1"])
    do = 2 * (h[:, :steps] @ W.T + a["b2"] - y)
    dV, dU, db, dz = np.zeros_like(V), np.zeros_like(U), np.zeros(len(U)), np.zeros((count, len(U)))
    for t in reversed(range(steps)):
        dz = (do[:, t] @ W + dz @ U) * (1 - h[:, t] ** 2)
        dV, dU, db = dV + dz.T @ x[:, t], dU + dz.T @ h[:, t - 1], db + dz.sum(axis=0)
    return {"V": dV, "U": dU, "b1": db, "W": np.einsum("ntk,ntj->kj", do, h[:, :steps]), "b2": do.sum(axis=(0, 1))}


def siamese(a: Arrays) -> Arrays:
    """2 y d pulls, −2 (1 − y) max(0, m − d) pushes, along (f − g)/d."""
    u, v, y, W = a["u"], a["v"], a["y"], a["W"]
    apart = (u - v) @ W.T
    d = np.sqrt((apart**2).sum(axis=1))
    dd = (2 * y * d - 2 * (1 - y) * np.maximum(0, 1 - d)) / len(u)
    return {"W": ((dd / d)[:, None] * apart).T @ (u - v)}


def experts(a: Arrays) -> Arrays:
    """−2 p (d − y) for the experts; p (e − E) for the gates: p rises where an expert is better than the mean."""
    v, d = a["v"], a["d"]
    y, p = v @ a["W"].T, softmax(v @ a["G"].T)
    e = (d[:, None] - y) ** 2
    gates = p * (e - (p * e).sum(axis=1, keepdims=True)) / len(v)
    return {"W": (-2 * p * (d[:, None] - y) / len(v)).T @ v, "G": gates.T @ v}


def context_words(a: Arrays) -> Arrays:
    """EH = Σ_j e_j v′_j, a part of 1/C for each word of the context."""
    c, o, W, V = a["c"], a["o"], a["W"], a["V"]
    h = W[c].mean(axis=1)
    error = (softmax(h @ V.T) - np.eye(len(V))[o]) / len(c)
    dW = np.zeros_like(W)
    np.add.at(dW, c, (error @ V)[:, None] / c.shape[1])
    return {"W": dW, "V": error.T @ h}


def causal_attention(a: Arrays) -> Arrays:
    """dV = Aᵀ G, dS = A ⊙ (G Vᵀ − rowsum(A ⊙ G Vᵀ)), dQ = dS K/√d, dK = dSᵀ Q/√d; a place that is hidden has A = 0."""
    Q, K, V = a["Q"], a["K"], a["V"]
    scores = np.where(np.tri(len(Q), dtype=bool), Q @ K.T / np.sqrt(Q.shape[1]), -np.inf)
    A = softmax(scores)
    G = A @ V - a["Y"]
    dA = G @ V.T
    dS = A * (dA - (A * dA).sum(axis=1, keepdims=True)) / np.sqrt(Q.shape[1])
    return {"Q": dS @ K, "K": dS.T @ Q, "V": A.T @ G}


def robust_regression(a: Arrays) -> Arrays:
    """The slope is 2 u, and 2 M beyond M."""
    x, u = a["x"], a["y"] - a["x"] @ a["beta"]
    return {"beta": -np.clip(2 * u, -2, 2) @ x}


def strided(a: Arrays) -> Arrays:
    """dkernel[k] += dout[i] x[i stride + k]"""
    x, y, W = a["x"], a["y"], a["W"]
    dW = np.zeros_like(W)
    for i in range(y.shape[2]):
        window = x[:, :, 2 * i : 2 * i + W.shape[2]]
        dW += np.einsum("nd,ncp->dcp", np.einsum("dcp,ncp->nd", W, window) - y[:, :, i], window)
    return {"W": dW}


def note(source: str, equations: str, given: str, sizes: dict[str, int], published: object, **constants: float) -> CourseSheet:
    """`given` are parameters, inputs and targets, with strokes and commas between."""
    parameters, inputs, targets = (tuple(filter(None, part.strip().split(", "))) for part in given.split("|"))
    return CourseSheet(source, equations, parameters, inputs, targets, sizes, published, constants)  # type: ignore[arg-type]


#: By what they are of.
NOTES = {
    "class weights": note(
        "VirtuaLearn3D, class_weighted_binary_crossentropy: https://catallactical.com/python_docs_dev/",
        """
z[n] = sum(i, w[i]*x[n,i]) + b
p[n] = sigmoid(z[n])
omega[n] = y[n]*c1 + (1 - y[n])*c0
L = -mean(n, omega[n]*(y[n]*log(p[n]) + (1 - y[n])*log(1 - p[n])))
""",
        "w[i], b | x[n,i] | y[n]",
        {"i": 2},
        class_weights,
        c0=0.75,
        c1=3.0,
    ),
    "tied autoencoder": note(
        "Cross Validated, Autoencoders' gradient when using tied weights: https://stats.stackexchange.com/questions/239943",
        """
z[n,j] = sum(i, W[j,i]*x[n,i]) + b[j]
h[n,j] = sigmoid(z[n,j])
a[n,i] = sum(j, W[j,i]*h[n,j]) + c[i]
o[n,i] = sigmoid(a[n,i])
C = mean(n, sum(i, (o[n,i] - x[n,i])**2))/2
""",
        "W[j,i], b[j], c[i] | x[n,i] |",
        {"i": 3, "j": 2},
        tied_autoencoder,
    ),
    "root mean square": note(
        "RMS Normalization: https://yueyiming2009.github.io/ai-learning/rmsnorm-gradient.html",
        """
x[n,i] = sum(k, W[i,k]*v[n,k])
s[n] = mean(i, x[n,i]**2)
r[n] = sqrt(s[n] + epsilon)
u[n,i] = x[n,i]/r[n]
y[n,i] = gamma[i]*u[n,i]
L = sum(n, i, (y[n,i] - t[n,i])**2)/2
""",
        "W[i,k], gamma[i] | v[n,k] | t[n,i]",
        {"i": 3, "k": 2},
        root_mean_square,
        epsilon=1e-5,
    ),
    "RankNet": note(
        "C. Burges, From RankNet to LambdaRank to LambdaMART (2010), 2, as in https://freopen.com/learning/2020/03/10/LambdaMART.html",
        """
h[n,j] = tanh(sum(i, V[j,i]*x[n,i]))
g[n,j] = tanh(sum(i, V[j,i]*u[n,i]))
s[n] = sum(j, w[j]*h[n,j])
r[n] = sum(j, w[j]*g[n,j])
P[n] = 1/(1 + exp(-sigma*(s[n] - r[n])))
C = mean(n, -(1 + S[n])/2*log(P[n]) - (1 - S[n])/2*log(1 - P[n]))
""",
        "V[j,i], w[j] | x[n,i], u[n,i] | S[n]",
        {"i": 3, "j": 2},
        rank_net,
        sigma=1.5,
    ),
    "Elman": note(
        "koolo233/NeuralNetworks, Elman: https://github.com/koolo233/NeuralNetworks",
        """
z[n,t,j] = sum(i, V[j,i]*x[n,t,i]) + sum(j_, U[j,j_]*h[n,t-1,j_]) + b1[j]
h[n,t,j] = tanh(z[n,t,j])
o[n,t,k] = sum(j, W[k,j]*h[n,t,j]) + b2[k]
L = sum(n, t, k, (o[n,t,k] - y[n,t,k])**2)
""",
        "V[j,i], U[j,j_], b1[j], W[k,j], b2[k] | x[n,t,i] | y[n,t,k]",
        {"i": 2, "j": 3, "k": 1, "t": 4},
        elman,
    ),
    "contrastive loss": note(
        "Contrastive loss: https://prof.lexailabs.com/practice/contrastive-loss",
        """
f[n,j] = sum(i, W[j,i]*u[n,i])
g[n,j] = sum(i, W[j,i]*v[n,i])
d[n] = sqrt(sum(j, (f[n,j] - g[n,j])**2))
L = mean(n, y[n]*d[n]**2 + (1 - y[n])*maximum(0, m - d[n])**2)
""",
        "W[j,i] | u[n,i], v[n,i] | y[n]",
        {"i": 2, "j": 2},
        siamese,
        m=1.0,
    ),
    "experts": note(
        "G. Hinton, CSC321, lecture 15: http://www.cs.toronto.edu/~hinton/csc321/notes/lec15_files/slide0011.htm",
        """
y[n,k] = sum(i, W[k,i]*v[n,i])
x[n,k] = sum(i, G[k,i]*v[n,i])
p[n,k] = softmax(k, x[n,k])
e[n,k] = (d[n] - y[n,k])**2
E[n] = sum(k, p[n,k]*e[n,k])
C = mean(n, E[n])
""",
        "W[k,i], G[k,i] | v[n,i] | d[n]",
        {"i": 2, "k": 3},
        experts,
    ),
    "context words": note(
        "A. Minnaar, Word2Vec tutorial, the continuous bag-of-words model: http://alexminnaar.com/2015/05/18/word2vec-tutorial-continuousbow.html",
        """
h[n,d] = mean(m, W[c[n,m],d])
u[n,v] = sum(d, V[v,d]*h[n,d])
y[n,v] = softmax(v, u[n,v])
E = -mean(n, log(y[n,o[n]]))
""",
        "W[v,d], V[v,d] | c[n,m] in v | o[n] in v",
        {"v": 5, "d": 3, "m": 2},
        context_words,
    ),
    "causal attention": note(
        "M. Willetts, Attention Backward Pass: https://matthewwilletts.github.io/notes/attention-backward/",
        """
S[i,j] = sum(k, Q[i,k]*K[j,k])/sqrt(N_k)
A[i,j] = softmax(j <= i, S[i,j])
O[i,p] = sum(j, A[i,j]*V[j,p])
L = sum(i, p, (O[i,p] - Y[i,p])**2)/2
""",
        "Q[i,k], K[j,k], V[j,p] | | Y[i,p]",
        {"i": 4, "j": 4, "k": 2, "p": 3},
        causal_attention,
    ),
    "robust regression": note(
        "B. Narasimhan, CVXR tutorial, 6: https://bnaras.github.io/cvxr_tutorial/06-change-the-loss.html",
        """
f[n] = sum(i, beta[i]*x[n,i])
u[n] = y[n] - f[n]
L = sum(n, where(abs(u[n]) <= M, u[n]**2, 2*M*abs(u[n]) - M**2))
""",
        "beta[i] | x[n,i] | y[n]",
        {"i": 2},
        robust_regression,
        M=1.0,
    ),
    "strided convolution": note(
        "TorchedUp, Conv2D backward, along one axis: https://torchedup.dev/problems/conv2d-backward",
        """
z[n,d,i] = sum(c, p, W[d,c,p]*x[n,c,2*i+p])
L = sum(n, d, i, (z[n,d,i] - y[n,d,i])**2)/2
""",
        "W[d,c,p] | x[n,c,h] | y[n,d,i]",
        {"c": 2, "d": 3, "h": 7, "p": 3, "i": 3},
        strided,
    ),
}
