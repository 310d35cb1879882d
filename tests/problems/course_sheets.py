"""Networks of courses and papers as equations, each with the gradients that its source prints, in NumPy and for a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Arrays = dict[str, Array]


@dataclass(frozen=True)
class CourseSheet:
    """Equations, what is given, and the published gradients of parameters from all arrays."""

    source: str
    equations: str
    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    sizes: Mapping[str, int]
    published: Callable[[Arrays], Arrays]
    constants: Mapping[str, float] = field(default_factory=dict)


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def softmax(z: Array) -> Array:
    exponentials = np.exp(z - z.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def hinge(a: Arrays) -> Arrays:
    """x for each class that is within the margin, and −x as often for the right one."""
    x, y, W = a["x"], a["y"], a["W"]
    s = x @ W.T
    rows = np.arange(len(x))
    within = (s - s[rows, y][:, None] + 1 > 0).astype(float)
    within[rows, y] = 0
    within[rows, y] = -within.sum(axis=1)
    return {"W": within.T @ x / len(x) + 0.2 * W}


def negative_sampling(a: Arrays) -> Arrays:
    """∂J/∂v_c = (σ(u_o·v_c) − 1) u_o + Σ_k (1 − σ(−u_k·v_c)) u_k."""
    V, U, count = a["V"], a["U"], len(a["c"])
    dV, dU = np.zeros_like(V), np.zeros_like(U)
    for c, o, sampled in zip(a["c"], a["o"], a["s"], strict=True):
        right = sigmoid(U[o] @ V[c]) - 1
        dV[c] += right * U[o]
        dU[o] += right * V[c]
        for k in sampled:
            wrong = 1 - sigmoid(-U[k] @ V[c])
            dV[c] += wrong * U[k]
            dU[k] += wrong * V[c]
    return {"V": dV / count, "U": dU / count}


def naive_softmax(a: Arrays) -> Arrays:
    """∂J/∂v_c = Uᵀ(ŷ − y), ∂J/∂U = (ŷ − y) v_cᵀ."""
    V, U, c, o = a["V"], a["U"], a["c"], a["o"]
    error = softmax(V[c] @ U.T) - np.eye(len(U))[o]
    dV = np.zeros_like(V)
    np.add.at(dV, c, error @ U)
    return {"V": dV / len(c), "U": error.T @ V[c] / len(c)}


def sparse_autoencoder(a: Arrays) -> Arrays:
    """δ⁽²⁾ = (W⁽²⁾ᵀ δ⁽³⁾ + β(−ρ/ρ̂ + (1 − ρ)/(1 − ρ̂))) f′(z⁽²⁾)."""
    x, W1, W2 = a["x"], a["W1"], a["W2"]
    rho, beta, decay, count = 0.05, 3.0, 0.01, len(x)
    hidden = sigmoid(x @ W1.T + a["b1"])
    output = sigmoid(hidden @ W2.T + a["b2"])
    mean = hidden.mean(axis=0)
    delta3 = (output - x) * output * (1 - output)
    delta2 = (delta3 @ W2 + beta * (-rho / mean + (1 - rho) / (1 - mean))) * hidden * (1 - hidden)
    weights = {"W1": delta2.T @ x / count + decay * W1, "W2": delta3.T @ hidden / count + decay * W2}
    return weights | {"b1": delta2.mean(axis=0), "b2": delta3.mean(axis=0)}


def mixture_density(a: Arrays) -> Arrays:
    """By the responsibilities γ: π − γ, γ(μ − t)/σ², γ(L − |t − μ|²/σ²)."""
    x, t, W = a["x"], a["t"], a["W"]
    h = np.tanh(x @ W.T)
    p, s, m = softmax(h @ a["P"].T), np.exp(h @ a["S"].T), np.einsum("nj,klj->nkl", h, a["M"])
    square = ((t[:, None] - m) ** 2).sum(axis=2)
    weighted = p * np.exp(-square / (2 * s**2)) / (2 * np.pi * s**2)
    gamma = weighted / weighted.sum(axis=1, keepdims=True)
    da, ds = p - gamma, gamma * (t.shape[1] - square / s**2)
    dm = gamma[..., None] * (m - t[:, None]) / s[..., None] ** 2
    dh = da @ a["P"] + ds @ a["S"] + np.einsum("nkl,klj->nj", dm, a["M"])
    return {"W": (dh * (1 - h**2)).T @ x, "P": da.T @ h, "S": ds.T @ h, "M": np.einsum("nkl,nj->klj", dm, h)}


def through_time(a: Arrays) -> Arrays:
    """∂L/∂h_t = W_qhᵀ ∂L/∂o_t + W_hhᵀ ∂L/∂h_{t+1}."""
    x, y, W, R, Q = (a[name] for name in "xyWRQ")
    count, steps = x.shape[:2]
    h = np.zeros((count, steps + 1, len(R)))
    for t in range(steps):
        h[:, t] = x[:, t] @ W.T + h[:, t - 1] @ R.T
    do = (h[:, :steps] @ Q.T - y) / (count * steps)
    dW, dR, dh = np.zeros_like(W), np.zeros_like(R), np.zeros((count, len(R)))
    for t in reversed(range(steps)):
        dh = do[:, t] @ Q + dh @ R
        dW += dh.T @ x[:, t]
        dR += dh.T @ h[:, t - 1]
    return {"W": dW, "R": dR, "Q": np.einsum("ntq,nte->qe", do, h[:, :steps])}


def contrastive_divergence(a: Arrays) -> Arrays:
    """−⟨h v⟩ of the data and +⟨h v⟩ of the reconstruction."""
    v, r, W, c = a["v"], a["r"], a["W"], a["c"]
    data, model, count = sigmoid(v @ W.T + c), sigmoid(r @ W.T + c), len(v)
    return {"W": (model.T @ r - data.T @ v) / count, "b": (r - v).mean(axis=0), "c": (model - data).mean(axis=0)}


def additive_attention(a: Arrays) -> Arrays:
    """The softmax passes p(dp − Σ p dp), and tanh 1 − k²."""
    q, h, y, W, U, v = (a[name] for name in "qhyWUv")
    k = np.tanh((q @ W.T)[:, None] + h @ U.T)
    p = softmax(k @ v)
    dc = (np.einsum("nt,ntb->nb", p, h) - y) / len(q)
    dp = np.einsum("nb,ntb->nt", dc, h)
    de = p * (dp - (p * dp).sum(axis=1, keepdims=True))
    dz = de[..., None] * v * (1 - k**2)
    return {"W": np.einsum("ntd,na->da", dz, q), "U": np.einsum("ntd,ntb->db", dz, h), "v": np.einsum("nt,ntd->d", de, k)}


def random_field(a: Arrays) -> Arrays:
    """What is expected minus what is counted; expectations by going through all sequences of labels."""
    x, y, before, W, T = a["x"], a["y"], a["b"], a["W"], a["T"]
    count, steps, labels = *y.shape, len(T)
    dW, dT = np.zeros_like(W), np.zeros_like(T)
    u = x @ W.T
    for n in range(count):
        paths = [tuple(map(int, path)) for path in np.ndindex(*(labels,) * steps)]
        scores = np.array([sum(u[n, t, path[t]] + (T[path[t - 1], path[t]] if t else 0) for t in range(steps)) for path in paths])
        for path, chance in zip(paths, softmax(scores), strict=True):
            for t in range(steps):
                dW[path[t]] += chance * x[n, t] / count
                if t:
                    dT[path[t - 1], path[t]] += chance / count
        for t in range(steps):
            dW[y[n, t]] -= x[n, t] / count
            if t:
                dT[before[n, t], y[n, t]] -= 1 / count
    return {"W": dW, "T": dT}


def global_vectors(a: Arrays) -> Arrays:
    """2 f(X) (w·w̃ + b + b̃ − log X) w̃."""
    error = 2 * a["f"] * (a["W"] @ a["V"].T + a["b"][:, None] + a["c"] - a["g"])
    return {"W": error @ a["V"], "V": error.T @ a["W"], "b": error.sum(axis=1), "c": error.sum(axis=0)}


def two_tasks(a: Arrays) -> Arrays:
    """Each task by its precision e⁻ˢ; ½ − ½ e⁻ˢ A and ½ − e⁻ᵘ B by the logarithms of the variances."""
    x, y, labels, W, w, V = a["x"], a["y"], a["c"], a["W"], a["w"], a["V"]
    count = len(x)
    h = np.tanh(x @ W.T)
    p = softmax(h @ V.T)
    do = np.exp(-a["s"]) * (h @ w - y) / count
    dz = np.exp(-a["u"]) * (p - np.eye(len(V))[labels]) / count
    dh = np.outer(do, w) + dz @ V
    squares, logs = ((h @ w - y) ** 2).mean(), -np.log(p[np.arange(count), labels]).mean()
    slopes = {"s": np.array(0.5 - np.exp(-a["s"]) * squares / 2), "u": np.array(0.5 - np.exp(-a["u"]) * logs)}
    return {"W": (dh * (1 - h**2)).T @ x, "w": h.T @ do, "V": dz.T @ h, **slopes}


#: By what they are of.
SHEETS = {
    "hinge": CourseSheet(
        "CS231n, Optimization: https://cs231n.github.io/optimization-1/",
        """
s[n,j] = sum(d, W[j,d]*x[n,d])
L = mean(n, sum(j, maximum(0, s[n,j] - s[n,y[n]] + 1)) - 1) + 0.1*sum(j, d, W[j,d]**2)
""",
        ("W[j,d]",),
        ("x[n,d]",),
        ("y[n] in j",),
        {"j": 3, "d": 4},
        hinge,
    ),
    "negative sampling": CourseSheet(
        "CS224n, assignment 2, negative sampling: https://web.stanford.edu/class/cs224n/",
        """
p[n] = sigmoid(sum(d, U[o[n],d]*V[c[n],d]))
q[n,k] = sigmoid(-sum(d, U[s[n,k],d]*V[c[n],d]))
J = -mean(n, log(p[n]) + sum(k, log(q[n,k])))
""",
        ("V[w,d]", "U[w,d]"),
        ("c[n] in w", "o[n] in w", "s[n,k] in w"),
        (),
        {"w": 5, "d": 3, "k": 2},
        negative_sampling,
    ),
    "word vectors": CourseSheet(
        "CS224n, assignment 2, naive softmax: https://web.stanford.edu/class/cs224n/",
        """
s[n,w] = sum(d, U[w,d]*V[c[n],d])
p[n,w] = exp(s[n,w])/sum(u, exp(s[n,u]))
J = -mean(n, log(p[n,o[n]]))
""",
        ("V[w,d]", "U[w,d]"),
        ("c[n] in w",),
        ("o[n] in w",),
        {"w": 5, "d": 3},
        naive_softmax,
    ),
    "word vectors without scores": CourseSheet(
        "CS224n, assignment 2, naive softmax: https://web.stanford.edu/class/cs224n/",
        """
p[n,w] = exp(sum(d, U[w,d]*V[c[n],d]))/sum(u, exp(sum(d, U[u,d]*V[c[n],d])))
J = -mean(n, log(p[n,o[n]]))
""",
        ("V[w,d]", "U[w,d]"),
        ("c[n] in w",),
        ("o[n] in w",),
        {"w": 5, "d": 3},
        naive_softmax,
    ),
    "sparse autoencoder": CourseSheet(
        "UFLDL, Autoencoders and Sparsity: http://ufldl.stanford.edu/wiki/index.php/Autoencoders_and_Sparsity",
        """
z1[n,j] = sum(i, W1[j,i]*x[n,i]) + b1[j]
a1[n,j] = sigmoid(z1[n,j])
z2[n,i] = sum(j, W2[i,j]*a1[n,j]) + b2[i]
a2[n,i] = sigmoid(z2[n,i])
r[j] = mean(n, a1[n,j])
K = sum(j, rho*log(rho/r[j]) + (1 - rho)*log((1 - rho)/(1 - r[j])))
J = mean(n, sum(i, (a2[n,i] - x[n,i])**2)/2) + lam/2*(sum(j, i, W1[j,i]**2) + sum(i, j, W2[i,j]**2)) + beta*K
""",
        ("W1[j,i]", "b1[j]", "W2[i,j]", "b2[i]"),
        ("x[n,i]",),
        (),
        {"i": 4, "j": 3},
        sparse_autoencoder,
        {"rho": 0.05, "beta": 3, "lam": 0.01},
    ),
    "mixture density": CourseSheet(
        "C. M. Bishop, Pattern Recognition and Machine Learning (2006), (5.155) to (5.157)",
        """
h[n,j] = tanh(sum(i, W[j,i]*x[n,i]))
a[n,k] = sum(j, P[k,j]*h[n,j])
s[n,k] = exp(sum(j, S[k,j]*h[n,j]))
m[n,k,l] = sum(j, M[k,l,j]*h[n,j])
p[n,k] = exp(a[n,k])/sum(q, exp(a[n,q]))
g[n,k] = exp(-sum(l, (t[n,l] - m[n,k,l])**2)/(2*s[n,k]**2))/(2*pi*s[n,k]**2)
E = -sum(n, log(sum(k, p[n,k]*g[n,k])))
""",
        ("W[j,i]", "P[k,j]", "S[k,j]", "M[k,l,j]"),
        ("x[n,i]",),
        ("t[n,l]",),
        {"i": 2, "j": 3, "k": 2, "l": 2},
        mixture_density,
    ),
    "linear recurrence": CourseSheet(
        "Dive into Deep Learning, 9.7: https://d2l.ai/chapter_recurrent-neural-networks/bptt.html",
        """
h[n,t,e] = sum(d, W[e,d]*x[n,t,d]) + sum(g, R[e,g]*h[n,t-1,g])
o[n,t,q] = sum(e, Q[q,e]*h[n,t,e])
L = mean(n, mean(t, sum(q, (o[n,t,q] - y[n,t,q])**2)/2))
""",
        ("W[e,d]", "R[e,g]", "Q[q,e]"),
        ("x[n,t,d]",),
        ("y[n,t,q]",),
        {"d": 2, "e": 3, "g": 3, "q": 2},
        through_time,
    ),
    "free energies": CourseSheet(
        "G. Hinton, A Practical Guide to Training Restricted Boltzmann Machines (2010), (5) and (9)",
        """
x[n,j] = sum(i, W[j,i]*v[n,i]) + c[j]
y[n,j] = sum(i, W[j,i]*r[n,i]) + c[j]
F[n] = -sum(i, b[i]*v[n,i]) - sum(j, softplus(x[n,j]))
G[n] = -sum(i, b[i]*r[n,i]) - sum(j, softplus(y[n,j]))
C = mean(n, F[n] - G[n])
""",
        ("W[j,i]", "b[i]", "c[j]"),
        ("v[n,i]", "r[n,i]"),
        (),
        {"i": 4, "j": 3},
        contrastive_divergence,
    ),
    "additive attention": CourseSheet(
        "Bahdanau, Cho and Bengio (2015): https://arxiv.org/abs/1409.0473",
        """
k[n,t,d] = tanh(sum(a, W[d,a]*q[n,a]) + sum(b, U[d,b]*h[n,t,b]))
e[n,t] = sum(d, v[d]*k[n,t,d])
p[n,t] = exp(e[n,t])/sum(s, exp(e[n,s]))
c[n,b] = sum(t, p[n,t]*h[n,t,b])
L = mean(n, sum(b, (c[n,b] - y[n,b])**2)/2)
""",
        ("W[d,a]", "U[d,b]", "v[d]"),
        ("q[n,a]", "h[n,t,b]"),
        ("y[n,b]",),
        {"a": 2, "b": 3, "d": 4, "t": 5},
        additive_attention,
    ),
    "random field": CourseSheet(
        "Lafferty, McCallum and Pereira, Conditional Random Fields (2001)",
        """
u[n,t,k] = sum(d, W[k,d]*x[n,t,d])
f[n,t,k] = u[n,t,k] + m[n,t]*log(sum(j, exp(f[n,t-1,j] + T[j,k])))
Z[n] = log(sum(k, exp(f[n,3,k])))
s[n] = sum(t, u[n,t,y[n,t]] + m[n,t]*T[b[n,t],y[n,t]])
L = mean(n, Z[n] - s[n])
""",
        ("W[k,d]", "T[j,k]"),
        ("x[n,t,d]", "m[n,t]", "b[n,t] in k"),
        ("y[n,t] in k",),
        {"d": 2, "k": 3, "t": 4},
        random_field,
    ),
    "global vectors": CourseSheet(
        "Pennington, Socher and Manning, GloVe (2014): https://nlp.stanford.edu/pubs/glove.pdf",
        """
r[i,j] = sum(d, W[i,d]*V[j,d]) + b[i] + c[j] - g[i,j]
J = sum(i, j, f[i,j]*r[i,j]**2)
""",
        ("W[i,d]", "V[j,d]", "b[i]", "c[j]"),
        ("f[i,j]", "g[i,j]"),
        (),
        {"i": 4, "j": 5, "d": 3},
        global_vectors,
    ),
    "two tasks": CourseSheet(
        "Kendall, Gal and Cipolla (2018): https://arxiv.org/abs/1705.07115",
        """
h[n,j] = tanh(sum(i, W[j,i]*x[n,i]))
o[n] = sum(j, w[j]*h[n,j])
z[n,k] = sum(j, V[k,j]*h[n,j])
p[n,k] = exp(z[n,k])/sum(l, exp(z[n,l]))
A = mean(n, (o[n] - y[n])**2)
B = -mean(n, log(p[n,c[n]]))
L = exp(-s)*A/2 + exp(-u)*B + s/2 + u/2
""",
        ("W[j,i]", "w[j]", "V[k,j]", "s", "u"),
        ("x[n,i]",),
        ("y[n]", "c[n] in k"),
        {"i": 2, "j": 3, "k": 4},
        two_tasks,
    ),
}
