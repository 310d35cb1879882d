"""The small networks that mistakes are put into; sizes are different primes."""

from __future__ import annotations

from collections.abc import Callable

from chainrule import Dense, Layer, Network
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System

Made = Network | System


def _layers() -> Made:
    return Network(2, [Dense(3, "sigmoid"), Dense(5, "sigmoid")], "quadratic", regularisation={"l2": 0.1}, name="layers")


def _labels() -> Made:
    return Network(2, [Dense(3, "relu"), Dense(5, "softmax")], "cross_entropy", targets="labels", name="labels")


def _one_hot() -> Made:
    return Network(2, [Dense(3, "tanh"), Dense(5, "softmax")], "cross_entropy", name="one_hot")


def _deep() -> Made:
    return Network(5, [Dense(3, "tanh") for _ in range(5)], "quadratic", name="deep")


def _convolution() -> Made:
    layers = [Layer("conv1d", {"channels": 3, "kernel": 3, "stride": 2, "padding": 1}, "tanh"), Layer("flatten", {}), Dense(2, "identity")]
    return Network([2, 7], layers, "quadratic", name="convolution")


def _pooling() -> Made:
    layers = [Layer("conv1d", {"channels": 3, "kernel": 2}, "identity"), Layer("max_pool1d", {"kernel": 2}), Layer("flatten", {})]
    return Network([2, 7], [*layers, Dense(2, "identity")], "quadratic", name="pooling")


def _normalised() -> Made:
    return Network(3, [Dense(5, "identity"), Layer("batch_norm", {})], "quadratic", name="normalised")


def _recurrent() -> Made:
    return system_from_equations(
        """
        h[n,-1,j] = s[j]
        h[n,t,j] = tanh(sum(i, W[j,i]*x[n,t,i]) + sum(k, U[j,k]*h[n,t-1,k]) + b[j])
        C = mean(n, sum(t, j, (h[n,t,j] - y[n,t,j])**2))
        """,
        parameters=["W[j,i]", "U[j,k]", "b[j]", "s[j]"],
        inputs=["x[n,t,i]"],
        targets=["y[n,t,j]"],
        sizes={"i": 2, "j": 3, "t": 5},
        batch="n",
        name="recurrent",
    )


def _quotient() -> Made:
    return system_from_equations(
        """
        f[n] = sum(k, u[k]*x[n,k])
        g[n] = 2 + sin(sum(k, v[k]*x[n,k]))
        q[n] = f[n]/g[n]
        C = mean(n, q[n]**2*g[n])
        """,
        parameters=["u[k]", "v[k]"],
        inputs=["x[n,k]"],
        sizes={"k": 3},
        batch="n",
        name="quotient",
    )


def _embedding() -> Made:
    return system_from_equations(
        """
        e[n,d] = sum(t, E[tok[n,t],d])
        s[n] = sum(d, tanh(e[n,d])*w[d])
        C = mean(n, (s[n] - y[n])**2)
        """,
        parameters=["E[v,d]", "w[d]"],
        inputs=["tok[n,t] in v"],
        targets=["y[n]"],
        sizes={"v": 5, "d": 3, "t": 2},
        batch="n",
        name="embedding",
    )


def _largest() -> Made:
    return system_from_equations(
        """
        z[n,j] = sum(k, W[j,k]*x[n,k])
        m[n] = max(j, z[n,j])
        C = mean(n, m[n]**2) + sum(j, k, abs(W[j,k]))*0.01
        """,
        parameters=["W[j,k]"],
        inputs=["x[n,k]"],
        sizes={"j": 3, "k": 5},
        batch="n",
        name="largest",
    )


def _soft_targets() -> Made:
    """As one-hot, but the targets are any numbers."""
    return system_from_equations(
        """
        z[n,k] = sum(i, W[k,i]*x[n,i])
        a[n,k] = exp(z[n,k])/sum(j, exp(z[n,j]))
        C = -mean(n, sum(k, y[n,k]*log(a[n,k])))
        """,
        parameters=["W[k,i]"],
        inputs=["x[n,i]"],
        targets=["y[n,k]"],
        sizes={"i": 2, "k": 3},
        batch="n",
        name="soft_targets",
    )


def _signs() -> Made:
    return system_from_equations(
        "C = sum(n, k, abs(w[k])*w[k]*x[n,k])", parameters=["w[k]"], inputs=["x[n,k]"], sizes={"k": 3}, batch="n", name="signs"
    )


def _edges() -> Made:
    """h times its adjoint is 1/N, but 0 beyond the last entry, where h is read."""
    return system_from_equations(
        """
        u[n,i] = tanh(w[i]*x[n,i])
        h[n,i] = exp(u[n,i-1])
        C = mean(n, sum(i, log(h[n,i])))
        """,
        parameters=["w[i]"],
        inputs=["x[n,i]"],
        sizes={"i": 5},
        batch="n",
        name="edges",
    )


def _placed() -> Made:
    """v takes three of the entries of w; it has more than those."""
    return system_from_equations(
        "v[1*k] = w[k+1]\nv[3+i] = x[i]\nC = sum(z, v[z]**2)",
        parameters=["w[j]"],
        inputs=["x[i]"],
        sizes={"k": 3, "j": 7, "i": 5},
        name="placed",
    )


def _own_activation() -> Made:
    return Network(2, [Dense(3, "tanh(z)**2"), Dense(5, "sigmoid")], "binary_cross_entropy", name="own_activation")


def _saturated() -> Made:
    """A probability of a formula, whose adjoint two equations read, and a sum of exponentials that is divided by."""
    return system_from_equations(
        """
        h[n,j] = tanh(sum(i, V[j,i]*x[n,i]))
        o[n] = sigmoid(sum(j, w[j]*h[n,j]))
        C = mean(n, log(exp(w[0]*x[n,0]) + exp(w[1]*x[n,1])) - y[n]*log(o[n]) - (1 - y[n])*log(1 - o[n]))
        """,
        parameters=["V[j,i]", "w[j]"],
        inputs=["x[n,i]"],
        targets=["y[n]"],
        sizes={"i": 2, "j": 3},
        name="saturated",
    )


def _gated() -> Made:
    return Network([5, 3], [Layer("gru", {"units": 2})], "quadratic", name="gated")


def _entries() -> Made:
    """The cost, and a gradient, are entries of arrays of all steps; one array has an axis of its own."""
    return system_from_equations(
        """
        h[t] = h[t-1] + tanh(w*x[t])
        h[-1] = v
        g[t] = g[t-1]*z[t-1] + h[t]**2
        C = g[2]
        """,
        parameters=["w", "v"],
        inputs=["x[t]", "z[i]"],
        sizes={"t": 3},
        name="entries",
    )


def _late() -> Made:
    """The cost is a step that the sizes of trials end before, and an axis that is open."""
    return system_from_equations(
        "h[n,t] = tanh(w*h[n,t-1] + x[n,t])\nC = mean(n, h[n,12]**2)", parameters=["w"], inputs=["x[n,t]"], batch="n", name="late"
    )


NETWORKS: dict[str, Callable[[], Made]] = {
    "layers": _layers,
    "labels": _labels,
    "one-hot": _one_hot,
    "deep": _deep,
    "convolution": _convolution,
    "pooling": _pooling,
    "normalised": _normalised,
    "recurrent": _recurrent,
    "quotient": _quotient,
    "embedding": _embedding,
    "largest": _largest,
    "soft targets": _soft_targets,
    "signs": _signs,
    "edges": _edges,
    "placed": _placed,
    "own activation": _own_activation,
    "saturated": _saturated,
    "gated": _gated,
    "entries": _entries,
    "late": _late,
}
