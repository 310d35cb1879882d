"""What `derive` prints for questions of textbooks, by index and in matrix notation, as read line by line against the textbook's answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainrule import derive
from chainrule.codegen.formats.text import text_lines
from chainrule.codegen.formulas.printers import PLAIN
from chainrule.codegen.lesson.derivation_document import derivation_document
from chainrule.symbolic.language.system_reader import system_from_equations

PRINTED = Path(__file__).parent / "textbook"
WIDTH = 140
#: Each with its answer: (A + Aᵀ)X, 2Xᵀ(XW − Y)/N, (P − Y)/N, γ(N dy − Σ dy − x̂ Σ dy x̂)/(N√(v + ε)), −y σ(−y s), (x − c)/‖x − c‖, …
QUESTIONS = {
    "trace of a quadratic form": ("C = sum(i, j, k, X[i,k]*A[i,j]*X[j,k])", ["X[i,k]"], ["A[i,j]"], [], {}),
    "quadratic form": ("C = sum(i, j, x[i]*A[i,j]*x[j])", ["x[i]"], ["A[i,j]"], [], {}),
    "least squares": ("C = mean(n, sum(m, (sum(k, X[n,k]*W[k,m]) - Y[n,m])**2))", ["W[k,m]"], ["X[n,k]"], ["Y[n,m]"], {}),
    "matrices on both sides": (
        "Z[i,l] = sum(j, k, A[i,j]*X[j,k]*B[k,l])\nC = sum(i, l, (Z[i,l] - Y[i,l])**2)/2",
        ["X[j,k]"],
        ["A[i,j]", "B[k,l]"],
        ["Y[i,l]"],
        {},
    ),
    "distance": ("C = sqrt(sum(i, (x[i] - c[i])**2))", ["x[i]"], ["c[i]"], [], {}),
    "cosine similarity": (
        "na = sqrt(sum(i, a[i]**2))\nnb = sqrt(sum(i, b[i]**2))\nC = sum(i, a[i]*b[i])/(na*nb)",
        ["a[i]"],
        ["b[i]"],
        [],
        {},
    ),
    "softmax with cross-entropy": (
        "Z[n,c] = sum(k, X[n,k]*W[k,c]) + b[c]\nP[n,c] = exp(Z[n,c])/sum(d, exp(Z[n,d]))\nC = -mean(n, sum(c, Y[n,c]*log(P[n,c])))",
        ["W[k,c]", "b[c]"],
        ["X[n,k]"],
        ["Y[n,c] in one_hot"],
        {"batch": "n"},
    ),
    "logistic regression": (
        "s[n] = sum(k, X[n,k]*w[k])\nL = sum(n, log(1 + exp(-y[n]*s[n])))",
        ["w[k]"],
        ["X[n,k]"],
        ["y[n]"],
        {},
    ),
    "binary cross-entropy": (
        "p[n] = sigmoid(sum(k, X[n,k]*w[k]))\nL = -mean(n, y[n]*log(p[n]) + (1 - y[n])*log(1 - p[n]))",
        ["w[k]"],
        ["X[n,k]"],
        ["y[n]"],
        {},
    ),
    "batch normalisation": (
        "mu[k] = mean(n, x[n,k])\nv[k] = mean(n, (x[n,k] - mu[k])**2)\nxh[n,k] = (x[n,k] - mu[k])/sqrt(v[k] + eps)\n"
        "y[n,k] = gamma[k]*xh[n,k] + beta[k]\nC = sum(n, k, G[n,k]*y[n,k])",
        ["x[n,k]", "gamma[k]", "beta[k]"],
        ["G[n,k]"],
        [],
        {"constants": {"eps": 1e-5}},
    ),
    "attention": (
        "S[t,s] = sum(k, Q[t,k]*K[s,k])/sqrt(8)\nP[t,s] = exp(S[t,s])/sum(u, exp(S[t,u]))\nO[t,v] = sum(s, P[t,s]*V[s,v])\n"
        "C = sum(t, v, (O[t,v] - Y[t,v])**2)/2",
        ["Q[t,k]", "K[s,k]", "V[s,v]"],
        [],
        ["Y[t,v]"],
        {},
    ),
    "principal components": (
        "Z[n,k] = sum(d, X[n,d]*W[d,k])\nR[n,d] = sum(k, Z[n,k]*W[d,k])\nC = mean(n, sum(d, (X[n,d] - R[n,d])**2))",
        ["W[d,k]"],
        ["X[n,d]"],
        [],
        {},
    ),
    "contrastive": (
        "S[i,j] = sum(k, U[i,k]*V[j,k])/tau\nC = -mean(i, S[i,i] - log(sum(j, exp(S[i,j]))))",
        ["U[i,k]", "V[i,k]"],
        [],
        [],
        {"constants": {"tau": 0.07}},
    ),
    # X⁻ᵀ, A⁻ᵀ x and −A⁻ᵀ x uᵀ with u = A⁻¹ x, −(A⁻ᵀ Bᵀ) A⁻ᵀ, ½ (S⁻¹ r rᵀ S⁻¹ − S⁻¹) and S⁻¹ r for a symmetric S, det(X) X⁻ᵀ.
    "logarithm of a determinant": ("C = logdet(X)", ["X[i,i_]"], [], [], {}),
    "determinant": ("d = det(X)\nC = d**2/2", ["X[i,i_]"], [], [], {}),
    "quadratic form of an inverse": ("u = solve(A, x)\nC = sum(i, x[i]*u[i])", ["x[i]", "A[i,i_]"], [], [], {}),
    "trace of an inverse times a matrix": ("P = inverse(A)\nC = trace(P @ B)", ["A[i,i_]"], ["B[i,i_]"], [], {}),
    "density of a Gaussian": (
        "r[n,i] = x[n,i] - mu[i]\nu[n,i] = solve(i_, S[i,i_], r[n,i])\nL = -sum(n, sum(i, r[n,i]*u[n,i]) + logdet(i, i_, S[i,i_]))/2",
        ["mu[i]", "S[i,i_]"],
        ["x[n,i]"],
        [],
        {},
    ),
    "recurrence": (
        "h[t,j] = tanh(sum(k, W[j,k]*x[t,k]) + sum(l, U[j,l]*h[t-1,l]) + b[j])\nC = sum(t, j, (h[t,j] - y[t,j])**2)/2",
        ["W[j,k]", "U[j,l]", "b[j]"],
        ["x[t,k]"],
        ["y[t,j]"],
        {},
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("level", ["index", "matrix"])
def test_a_question_of_a_textbook(name: str, level: str, update: bool) -> None:
    equations, parameters, inputs, targets, given = QUESTIONS[name]
    derivation = derive(system_from_equations(equations, parameters, inputs, targets, **given))  # type: ignore[arg-type]
    printed = "\n".join(line.plain.rstrip() for line in text_lines(derivation_document(derivation, None, level, PLAIN), WIDTH)) + "\n"
    path = PRINTED / f"{name.replace(' ', '_')}_{level}.txt"
    if update:
        path.write_text(printed, encoding="utf-8")
    assert printed == path.read_text(encoding="utf-8")
