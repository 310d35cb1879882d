"""Costs of what is done and what comes of it, step by step; and of two players."""

from __future__ import annotations

import numpy as np

from .functions import Array, absolute, clipped, constant, log_sum, relu, sigmoid


def advantage(x: Array, act: Array, r: Array, last: Array, W: Array, u: Array) -> Array:
    costs = []
    for states, chosen, rewards, end in zip(x, act, r, last, strict=True):
        values = np.array([*(states @ u), end @ u])
        for t, state in enumerate(states):
            ahead = [rewards[s] + 0.9 * values[s + 1] - values[s] for s in range(t, len(states))]
            gained = constant(sum((0.9 * 0.8) ** step * error for step, error in enumerate(ahead)))
            likely = (W @ state)[chosen[t]] - log_sum(W @ state)
            costs.append(-gained * likely + (values[t] - constant(gained + values[t])) ** 2 / 2)
    return np.mean(costs)


def soft_actor_critic(x: Array, noise: Array, M: Array, S: Array, P: Array, Q: Array, w: Array, v: Array) -> Array:
    total = 0
    for state, drawn in zip(x, noise, strict=True):
        deviation = np.exp(clipped(S @ state, -5, 2))
        u = M @ state + deviation * drawn
        density = np.exp(-(((u - M @ state) / deviation) ** 2) / 2) / (deviation * np.sqrt(2 * np.pi))
        likely = (np.log(density) - np.log(1 - np.tanh(u) ** 2 + 1e-6)).sum()
        h = relu(P @ state + Q @ np.tanh(u))
        total += 0.2 * likely - min(h @ w, h @ v, key=lambda value: value.real)
    return total / len(x)


def dueling(x: Array, goal: Array, act: Array, W: Array, v: Array, c: Array, A: Array, b: Array) -> Array:
    total = 0
    for state, wanted, chosen in zip(x, goal, act, strict=True):
        h = relu(W @ state)
        s = A @ h + b
        error = v @ h + c + s[chosen] - s.mean() - wanted
        total += error**2 / 2 if abs(error) <= 1 else absolute(error) - 0.5
    return total / len(x)


def adversarial(x: Array, z: Array, G: Array, b: Array, D: Array, d: Array, w: Array) -> Array:
    def judged(images: Array, D: Array, d: Array, w: Array) -> Array:
        return sigmoid(relu(images @ D.T + d) @ w)

    made = np.tanh(z @ G.T + b)
    judge = -np.log(judged(x, D, d, w)).mean() - np.log(1 - judged(constant(made), D, d, w)).mean()
    return judge - np.log(judged(made, constant(D), constant(d), constant(w))).mean()
