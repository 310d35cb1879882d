"""Thirty networks whose generated modules are rewritten into works, with mistakes and without."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from chainrule import Dense, Layout, Network

STACKS = {
    "quadratic": Network(3, [Dense(7, "tanh"), Dense(2, "sigmoid")], "quadratic"),
    "kinks": Network(2, [Dense(3, "sigmoid"), Dense(7, "relu"), Dense(2, "softplus")], "quadratic"),
    "deep": Network(2, [Dense(7, "tanh"), Dense(4, "relu"), Dense(3, "softmax")], "cross_entropy"),
    "labels": Network(2, [Dense(7, "relu"), Dense(3, "softmax")], "cross_entropy", targets="labels"),
    "binary": Network(3, [Dense(7, "tanh"), Dense(2, "sigmoid")], "binary_cross_entropy"),
    "penalty": Network(3, [Dense(7, "sigmoid"), Dense(2)], "squared_error", regularisation={"l2": 0.1}),
    "half_penalty": Network(2, [Dense(7, "relu"), Dense(3, "softmax")], "cross_entropy", regularisation={"l2_half": 0.3}),
}
#: Each layer reads the one before it, and one of them a further one.
SKIPPING = {
    "skipping": (
        "z1[n,j] = sum(i, x[n,i]*W1[j,i]) + b1[j]\n"
        "a1[n,j] = tanh(z1[n,j])\n"
        "z2[n,k] = sum(j, a1[n,j]*W2[k,j]) + b2[k]\n"
        "a2[n,k] = sigmoid(z2[n,k])\n"
        "z3[n,m] = sum(k, a2[n,k]*W3[m,k]) + sum(j, a1[n,j]*V[m,j]) + b3[m]\n"
        "C = sum(n, m, (z3[n,m] - y[n,m])**2)/sum(n, 1)/2"
    ),
    "skipping_kinks": (
        "z1[n,j] = sum(i, x[n,i]*W1[i,j]) + b1[j]\n"
        "a1[n,j] = relu(z1[n,j])\n"
        "z2[n,k] = sum(j, a1[n,j]*W2[j,k]) + b2[k]\n"
        "a2[n,k] = tanh(z2[n,k])\n"
        "z3[n,m] = sum(k, a2[n,k]*W3[k,m]) + sum(j, a1[n,j]*V[j,m]) + b3[m]\n"
        "a3[n,m] = sigmoid(z3[n,m])\n"
        "C = sum(n, m, (a3[n,m] - y[n,m])**2)"
    ),
}


def networks() -> dict[str, Network]:
    """By name: stacks in rows and columns, weights (out, in) and (in, out), and what skips a layer."""
    found = {}
    for (name, network), examples, weights in product(STACKS.items(), ("rows", "columns"), ("out-in", "in-out")):
        found[f"{name} {examples} {weights}"] = replace(network, layout=Layout(examples, weights))  # type: ignore[arg-type]
    for name, equations in SKIPPING.items():
        out_in = "W1[j,i]" in equations
        letters = {"W1": "ij", "W2": "jk", "W3": "km", "V": "jm"}
        weights_of = [f"{name}[{','.join(reversed(pair) if out_in else pair)}]" for name, pair in letters.items()]
        found[name] = Network.from_equations(
            equations, [*weights_of, "b1[j]", "b2[k]", "b3[m]"], ["x[n,i]"], ["y[n,m]"], batch="n", sizes={"i": 2, "j": 7, "k": 3, "m": 4}
        )
    return found
