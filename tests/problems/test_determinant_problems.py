"""Problems of books and forums with determinants and inverses: each cost in NumPy alone, differentiated by complex steps.

matrixcalculus.org's log(det(X'*X)); the marginal likelihood of a Gaussian process and the evidence of Bayesian linear regression (Bishop,
chapters 6 and 3); normalising flows (Glow, residual flows); determinantal point processes (Kulesza and Taskar); the divergence of two
Gaussians; the graphical lasso (Friedman et al.); D-optimal design; Wilks' lambda; a mixture of Gaussians; the likelihood of a Kalman
filter; Cayley's orthogonal matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from chainrule import derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.language.system_reader import system_from_equations

Array = np.ndarray[Any, Any]
Arrays = Mapping[str, Array]


def logdet(matrix: Array) -> Array:
    """log |det|, analytic in complex numbers."""
    sign, value = np.linalg.slogdet(matrix)
    return value + np.log(sign / np.sign(np.real(sign)))


@dataclass(frozen=True)
class Problem:
    equations: str
    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    cost: Callable[[Arrays], Array]
    sizes: Mapping[str, int] = field(default_factory=lambda: {"i": 3, "n": 5})


def process(a: Arrays) -> Array:
    apart = np.sum((a["x"][:, None] - a["x"]) ** 2, axis=-1)
    K = np.exp(a["s"] - np.exp(a["w"]) * apart) + np.eye(5) / 10
    return a["y"] @ np.linalg.solve(K, a["y"]) / 2 + logdet(K) / 2


def evidence(a: Arrays) -> Array:
    alpha, beta = np.exp(a["a"]), np.exp(a["b"])
    A = alpha * np.eye(3) + beta * a["X"].T @ a["X"]
    m = np.linalg.solve(A, beta * a["X"].T @ a["y"])
    fit = beta * np.sum((a["y"] - a["X"] @ m) ** 2) / 2 + alpha * np.sum(m**2) / 2
    return fit + logdet(A) / 2 - 3 * a["a"] / 2 - 5 * a["b"] / 2


def residual_flow(a: Arrays) -> Array:
    h = np.tanh(a["x"] @ a["V"].T + a["b"])
    z = a["x"] + h @ a["U"].T
    J = np.eye(3) + np.einsum("ij,nj,jk->nik", a["U"], 1 - h**2, a["V"])
    return np.mean(np.sum(z**2, axis=1) / 2 - logdet(J))


def point_process(a: Arrays) -> Array:
    L, m = a["B"] @ a["B"].T, a["m"]
    M = m[:, :, None] * L * m[:, None, :] + (1 - m)[:, :, None] * np.eye(3)
    return 5 * logdet(L + np.eye(3)) - np.sum(logdet(M))


def divergence(a: Arrays) -> Array:
    A, r = a["L"] @ a["L"].T, a["m"] - a["c"]
    return (np.trace(np.linalg.solve(A, a["S"] @ a["S"].T)) + r @ np.linalg.solve(A, r) + logdet(A)) / 2


def lasso(a: Arrays) -> Array:
    T = (a["Q"] + a["Q"].T) / 2
    return np.trace(a["S"] @ T) - logdet(T) + np.sum(T * np.sign(np.real(T))) / 10


def design(a: Arrays) -> Array:
    w = np.exp(a["v"]) / np.sum(np.exp(a["v"]))
    return -logdet(a["X"].T @ (w[:, None] * a["X"]))


def lambda_of_wilks(a: Arrays) -> Array:
    E = a["R"].T @ a["R"]
    return np.linalg.det(E) / np.linalg.det(E + a["H"].T @ a["H"])


def mixture(a: Arrays) -> Array:
    S = a["L"] @ a["L"].transpose(0, 2, 1) + np.eye(3)
    r = a["x"][:, None] - a["mu"]
    u = np.linalg.solve(S, r[..., None])[..., 0]
    p = a["p"] - np.log(np.sum(np.exp(a["p"])))
    return -np.sum(np.log(np.sum(np.exp(p - np.sum(r * u, axis=-1) / 2 - logdet(S) / 2), axis=1)))


def kalman(a: Arrays) -> Array:
    F, H = a["F"], a["H"]
    m, P, cost = np.zeros(3), np.zeros((3, 3)), np.zeros(())
    for y in a["y"]:
        m, P = F @ m, F @ P @ F.T + np.exp(a["q"]) * np.eye(3)
        S, r = H @ P @ H.T + np.exp(a["s"]) * np.eye(2), y - H @ m
        cost = cost + (logdet(S) + r @ np.linalg.solve(S, r)) / 2
        K = np.linalg.solve(S, H @ P).T
        m, P = m + K @ r, P - K @ H @ P
    return cost


def rotation(a: Arrays) -> Array:
    A = a["W"] - a["W"].T
    Q = np.linalg.solve(np.eye(3) + A, np.eye(3) - A)
    return np.sum((a["x"] @ Q.T - a["y"]) ** 2)


PROBLEMS = {
    "gram": Problem("C = logdet(X.T @ X)", ("X[n,i]",), (), lambda a: logdet(a["X"].T @ a["X"])),
    "volume": Problem("C = sqrt(det(G.T @ G))", ("G[n,i]",), (), lambda a: np.sqrt(np.linalg.det(a["G"].T @ a["G"]))),
    "gaussian process": Problem(
        "K[n,m] = exp(s - exp(w)*sum(i, (x[n,i] - x[m,i])**2)) + [n = m]/10\nu = solve(K, y)\nC = y @ u/2 + logdet(K)/2",
        ("s", "w"),
        ("x[n,i]", "y[n]"),
        process,
    ),
    "evidence": Problem(
        "A[i,i_] = exp(a)*[i = i_] + exp(b)*sum(n, X[n,i]*X[n,i_])\nq[i] = exp(b)*sum(n, X[n,i]*y[n])\nm = solve(A, q)\n"
        "C = exp(b)*sum(n, (y[n] - sum(i, X[n,i]*m[i]))**2)/2 + exp(a)*sum(i, m[i]**2)/2 + logdet(A)/2 - N_i*a/2 - N*b/2",
        ("a", "b"),
        ("X[n,i]", "y[n]"),
        evidence,
    ),
    "linear flow": Problem(
        "z = X @ W.T\nC = mean(n, sum(i, z[n,i]**2)/2) - logdet(W)",
        ("W[i,i_]",),
        ("X[n,i]",),
        lambda a: np.sum((a["X"] @ a["W"].T) ** 2) / 10 - logdet(a["W"]),
    ),
    "residual flow": Problem(
        "h[n,j] = tanh(sum(i, V[j,i]*x[n,i]) + b[j])\nz[n,i] = x[n,i] + sum(j, U[i,j]*h[n,j])\n"
        "J[n,i,i_] = [i = i_] + sum(j, U[i,j]*(1 - h[n,j]**2)*V[j,i_])\nC = mean(n, sum(i, z[n,i]**2)/2 - logdet(i, i_, J[n,i,i_]))",
        ("U[i,j]", "V[j,i]", "b[j]"),
        ("x[n,i]",),
        residual_flow,
        {"i": 3, "n": 5, "j": 2},
    ),
    "point process": Problem(
        "L = B @ B.T\nM[n,i,i_] = m[n,i]*L[i,i_]*m[n,i_] + (1 - m[n,i])*[i = i_]\n"
        "C = N*logdet(i, i_, L[i,i_] + [i = i_]) - sum(n, logdet(i, i_, M[n,i,i_]))",
        ("B[i,k]",),
        ("m[n,i] in {0, 1}",),
        point_process,
        {"i": 3, "n": 5, "k": 7},
    ),
    "divergence": Problem(
        "A = L @ L.T\nP = inverse(A)\nC = (trace(P @ S @ S.T) + (m - c) @ P @ (m - c) + logdet(A))/2",
        ("L[i,i_]", "m[i]"),
        ("S[i,i_]", "c[i]"),
        divergence,
        {"i": 3},
    ),
    "graphical lasso": Problem(
        "T[i,i_] = (Q[i,i_] + Q[i_,i])/2\nC = trace(S @ T) - logdet(T) + sum(abs(T))/10", ("Q[i,i_]",), ("S[i,i_]",), lasso, {"i": 3}
    ),
    "optimal design": Problem(
        "w[n] = softmax(n, v[n])\nF[i,i_] = sum(n, w[n]*X[n,i]*X[n,i_])\nC = -logdet(F)", ("v[n]",), ("X[n,i]",), design
    ),
    "wilks": Problem(
        "E = R.T @ R\nT[i,i_] = E[i,i_] + sum(k, H[k,i]*H[k,i_])\nC = det(E)/det(T)",
        ("R[n,i]", "H[k,i]"),
        (),
        lambda_of_wilks,
        {"i": 3, "n": 5, "k": 2},
    ),
    "mixture": Problem(
        "r[n,k,i] = x[n,i] - mu[k,i]\nS[k,i,i_] = sum(j, L[k,i,j]*L[k,i_,j]) + [i = i_]\nu[n,k,i] = solve(i_, S[k,i,i_], r[n,k,i])\n"
        "C = -sum(n, logsumexp(k, log_softmax(k, p[k]) - sum(i, r[n,k,i]*u[n,k,i])/2 - logdet(i, i_, S[k,i,i_])/2))",
        ("p[k]", "mu[k,i]", "L[k,i,j]"),
        ("x[n,i]",),
        mixture,
        {"i": 3, "n": 5, "k": 2, "j": 7},
    ),
    "kalman": Problem(
        # The gain solves a system in each step of a recurrence.
        "m[t,i] = sum(k, F[i,k]*(m[t-1,k] + sum(l, K[t-1,l,k]*r[t-1,l])))\nr[t,l] = y[t,l] - sum(i, H[l,i]*m[t,i])\n"
        "P[t,i,i_] = sum(k, k_, F[i,k]*U[t-1,k,k_]*F[i_,k_]) + exp(q)*[i = i_]\n"
        "S[t,l,l_] = sum(i, i_, H[l,i]*P[t,i,i_]*H[l_,i_]) + exp(s)*[l = l_]\nK[t,l,i] = solve(l_, S[t,l,l_], sum(i_, H[l,i_]*P[t,i_,i]))\n"
        "U[t,i,i_] = P[t,i,i_] - sum(l, K[t,l,i]*sum(k, H[l,k]*P[t,k,i_]))\nu[t,l] = solve(l_, S[t,l,l_], r[t,l])\n"
        "C = sum(t, logdet(l, l_, S[t,l,l_]) + sum(l, r[t,l]*u[t,l]))/2",
        ("F[i,k]", "q", "s", "H[l,i]"),
        ("y[t,l]",),
        kalman,
        {"i": 3, "k": 3, "l": 2, "t": 5},
    ),
    "rotation": Problem(
        "A = W - W.T\nP[i,i_] = [i = i_] + A[i,i_]\nM[i,i_] = [i = i_] - A[i,i_]\nQ = solve(P, M)\nC = sum((x @ Q.T - y)**2)",
        ("W[i,i_]",),
        ("x[n,i]", "y[n,i]"),
        rotation,
    ),
}


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem(name: str, style: str) -> None:
    problem = PROBLEMS[name]
    system = system_from_equations(problem.equations, problem.parameters, problem.inputs, sizes=problem.sizes)
    module = load(derive(system), style=style, verify=False)
    rng = np.random.default_rng(3)
    arrays: dict[str, Array] = {
        tensor.name: rng.standard_normal([system.axis(letter).size for letter in tensor.axes])
        for tensor in (*system.parameters, *system.inputs)
    }
    if name == "point process":
        arrays["m"] = (arrays["m"] > 0).astype(float)
    cost, gradients = module.cost_and_gradients(
        module.Parameters(*(arrays[tensor.name] for tensor in system.parameters)), *(arrays[tensor.name] for tensor in system.inputs)
    )
    assert cost == pytest.approx(float(np.real(problem.cost(arrays))), rel=1e-12)
    for tensor in system.parameters:
        expected = np.empty(np.shape(arrays[tensor.name]))
        for place in np.ndindex(expected.shape):
            moved = arrays[tensor.name].astype(complex)
            moved[place] += 1e-25j
            expected[place] = np.imag(problem.cost({**arrays, tensor.name: moved})) / 1e-25
        np.testing.assert_allclose(getattr(gradients, tensor.name), expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())
