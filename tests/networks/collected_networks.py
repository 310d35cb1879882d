"""Networks of several equations a layer, whose adjoints have a published form in one line, and what these are made by."""

from __future__ import annotations

from functools import cache
from typing import Any

from equation_networks import NETWORKS
from sympy import Expr

from chainrule import Derivation, derive
from chainrule.symbolic.derivation.elimination import Collected
from chainrule.symbolic.index.axes import index, size_symbol
from chainrule.symbolic.index.tensors import entry
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.rewriting.collecting_rewrites import COLLECTING
from chainrule.symbolic.rewriting.rule import Facts

n, n_, j, j_, k, k_, v, v_, t, t_, t__ = (index(name) for name in ("n", "n_", "j", "j_", "k", "k_", "v", "v_", "t", "t_", "t__"))


N, N_j, N_k = size_symbol("n"), size_symbol("j"), size_symbol("k")


#: Networks as equations; the corpus has others.
WRITTEN: dict[str, dict[str, Any]] = {
    "softmax in three equations": {
        "inputs": ["x[n,i]"],
        "targets": ["T[n,k]"],
        "parameters": ["W[k,i]"],
        "equations": """
            z[n,k] = sum(i, W[k,i]*x[n,i])
            e[n,k] = exp(z[n,k])
            s[n] = sum(k, e[n,k])
            p[n,k] = e[n,k]/s[n]
            L = mean(n, sum(k, (p[n,k] - T[n,k])**2))
        """,
    },
    "softmax of labels with the maximum subtracted": {
        "inputs": ["x[n,i]"],
        "targets": ["Y[n] in k"],
        "parameters": ["W[k,i]"],
        "equations": """
            z[n,k] = sum(i, W[k,i]*x[n,i])
            m[n] = max(k, z[n,k])
            e[n,k] = exp(z[n,k] - m[n])
            s[n] = sum(k, e[n,k])
            p[n,k] = e[n,k]/s[n]
            L = -mean(n, log(p[n,Y[n]]))
        """,
    },
    "attention": {
        "inputs": ["x[n,t,e]"],
        "targets": ["T[n,t,f]"],
        "parameters": ["Q[d,e]", "K[d,e]", "V[f,e]"],
        "equations": """
            q[n,t,d] = sum(e, Q[d,e]*x[n,t,e])
            k[n,t,d] = sum(e, K[d,e]*x[n,t,e])
            v[n,t,f] = sum(e, V[f,e]*x[n,t,e])
            s[n,t,u] = sum(d, q[n,t,d]*k[n,u,d])/sqrt(2)
            m[n,t] = max(u, s[n,t,u])
            c[n,t,u] = exp(s[n,t,u] - m[n,t])
            r[n,t] = sum(u, c[n,t,u])**(-1)
            p[n,t,u] = c[n,t,u]*r[n,t]
            o[n,t,f] = sum(u, p[n,t,u]*v[n,u,f])
            L = mean(n, sum(t, f, (o[n,t,f] - T[n,t,f])**2))
        """,
        "sizes": {"t": 4, "e": 3, "d": 2, "f": 7},
    },
    "batch norm": {
        "inputs": ["x[n,i]"],
        "targets": ["T[n,j]"],
        "parameters": ["W[j,i]", "g[j]", "b[j]"],
        "equations": """
            z[n,j] = sum(i, W[j,i]*x[n,i])
            m[j] = mean(n, z[n,j])
            u[n,j] = z[n,j] - m[j]
            q[n,j] = u[n,j]**2
            v[j] = mean(n, q[n,j])
            r[j] = (v[j] + eps)**(-1/2)
            h[n,j] = u[n,j]*r[j]
            y[n,j] = g[j]*h[n,j] + b[j]
            L = mean(n, sum(j, (tanh(y[n,j]) - T[n,j])**2))
        """,
        "constants": {"eps": 1e-5},
        "batch": "n",
    },
    "layer norm": {
        "inputs": ["x[n,i]"],
        "targets": ["T[n,j]"],
        "parameters": ["W[j,i]", "g[j]", "b[j]"],
        "equations": """
            z[n,j] = sum(i, W[j,i]*x[n,i])
            m[n] = mean(j, z[n,j])
            u[n,j] = z[n,j] - m[n]
            v[n] = mean(j, u[n,j]**2)
            r[n] = (v[n] + eps)**(-1/2)
            h[n,j] = u[n,j]*r[n]
            y[n,j] = g[j]*h[n,j] + b[j]
            L = mean(n, sum(j, (y[n,j] - T[n,j])**2))
        """,
        "constants": {"eps": 1e-5},
    },
    "RMS norm": {
        "inputs": ["x[n,i]"],
        "targets": ["T[n,j]"],
        "parameters": ["W[j,i]", "g[j]"],
        "equations": """
            z[n,j] = sum(i, W[j,i]*x[n,i])
            v[n] = mean(j, z[n,j]**2)
            r[n] = (v[n] + eps)**(-1/2)
            h[n,j] = z[n,j]*r[n]
            y[n,j] = g[j]*h[n,j]
            L = mean(n, sum(j, (y[n,j] - T[n,j])**2))
        """,
        "constants": {"eps": 1e-5},
    },
    "a residual around a norm": {
        "inputs": ["x[n,i]"],
        "targets": ["T[n,k]"],
        "parameters": ["V[k,i]", "g[k]", "b[k]", "W[j,k]", "U[k,j]"],
        "equations": """
            z[n,k] = sum(i, V[k,i]*x[n,i])
            m[n] = mean(k, z[n,k])
            u[n,k] = z[n,k] - m[n]
            v[n] = mean(k, u[n,k]**2)
            r[n] = (v[n] + eps)**(-1/2)
            h[n,k] = u[n,k]*r[n]
            y[n,k] = g[k]*h[n,k] + b[k]
            a[n,j] = tanh(sum(k, W[j,k]*y[n,k]))
            o[n,k] = z[n,k] + sum(j, U[k,j]*a[n,j])
            L = mean(n, sum(k, (o[n,k] - T[n,k])**2))
        """,
        "constants": {"eps": 1e-5},
    },
    "squares of a normalised value": {
        "inputs": ["x[n,i]"],
        "parameters": ["W[k,i]"],
        "equations": """
            z[n,k] = sum(i, W[k,i]*x[n,i])
            m[n] = mean(k, z[n,k])
            u[n,k] = z[n,k] - m[n]
            v[n] = mean(k, u[n,k]**2)
            r[n] = (v[n] + eps)**(-1/2)
            h[n,k] = u[n,k]*r[n]
            L = sum(n, k, h[n,k]**2)
        """,
        "constants": {"eps": 1e-5},
    },
}


@cache
def derivation(name: str) -> Derivation:
    return derive(system_from_equations(**(WRITTEN.get(name) or NETWORKS[name])))


def rules(form: Collected) -> list[str]:
    return [step.rule for step in form.steps]


def of(name: str, *indices: Expr) -> Expr:
    return entry(name, indices)


REWRITE = {rewrite.rule: rewrite for rewrite in COLLECTING}


def facts(name: str, *outside: Expr) -> Facts:
    system = derivation(name).system
    adjoints = frozenset(f"d{tensor}" for tensor in derivation(name).adjoints)
    return Facts(system, frozenset(outside or (n, j, k)), system.equations[:-1], adjoints)


def after(rule: str, expression: Expr, known: Facts) -> Expr:
    return REWRITE[rule].apply(expression, known)
