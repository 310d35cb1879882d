"""What a fast module's calls read at their end, or in another function than the one that wrote it, is still there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from every_call import Array, Arrays, Calls, given_arrays, small_sizes_of
from scalar_reading import Reading

from chainrule import derive
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System

#: Steps of central differences, whose error is then some 1e-10 of what is of order 1.
STEP = 1e-5

CASES: dict[str, dict[str, Any]] = {
    "the cost is an entry of an array whose memory others get": {
        "equations": "s[t] = w + v[t-1]\nv[t] = x[t]/s[t]\nC = s[2]",
        "inputs": ["x[t]"],
        "parameters": ["w"],
        "sizes": {"t": 3},
    },
    "the cost is the last entry of a recurrence of vectors": {
        "equations": "h[t,j] = tanh(W[j]*h[t-1,j] + x[t])\ng[t] = g[t-1]*a + sum(j, h[t,j]**2)\nC = g[4]",
        "inputs": ["x[t]"],
        "parameters": ["W[j]", "a"],
        "sizes": {"t": 5, "j": 3},
    },
    "the cost is the first entry, which every size has": {
        "equations": "h[t] = tanh(w*h[t+1] + x[t])\nC = h[0]",
        "inputs": ["x[t]"],
        "parameters": ["w"],
    },
    "the cost is an entry of a parameter": {"equations": "u[i] = W[i]**2\nC = W[2]", "parameters": ["W[i]"], "sizes": {"i": 3}},
    "a gradient is an entry of an adjoint": {
        "equations": "h[t] = h[t-1] + x[t]\nh[-1] = v\nC = h[1]",
        "inputs": ["x[t]"],
        "parameters": ["v"],
        "sizes": {"t": 3},
    },
    "a gradient is an entry of an adjoint, of any number of steps": {
        "equations": "h[t] = u*h[t-1] + x[t]\nh[-1] = v\nC = sum(t, h[t]**3)",
        "inputs": ["x[t]"],
        "parameters": ["u", "v"],
    },
    "the first state is a number, and its gradient stands beside others": {
        "equations": "h[n,t] = u*h[n,t-1] + x[n,t]\nh[n,-1] = h0\no[n,t] = v*h[n,t-1]\nC = mean(n, sum(t, o[n,t]**2))",
        "inputs": ["x[n,t]"],
        "parameters": ["u", "v", "h0"],
        "sizes": {"t": 3},
        "batch": "n",
    },
    "a test of two numbers": {
        "equations": "r2[n] = minimum(maximum(w*r[n], 1 - eps), 1 + eps)\nC = mean(n, r2[n]**2)",
        "inputs": ["r[n]"],
        "parameters": ["w"],
        "constants": {"eps": 0.2},
    },
    "a step reads another array at another axis": {
        "equations": "h[t] = tanh(w*h[t-2] + x[t])*z[t-1] + 1\nC = sum(t, h[t]**2)",
        "inputs": ["x[t]", "z[s]"],
        "parameters": ["w"],
    },
    "a step reads behind both ends of another axis": {
        "equations": "h[t] = h[t+1]*w + z[t+1]*z[t-2] + x[t]\nC = sum(t, h[t]**2)",
        "inputs": ["x[t]", "z[s]"],
        "parameters": ["w"],
    },
    "a computed place of an array with boundary values": {
        "equations": (
            "h[j,i] = tanh(W[j]*h[j,i-1] + x[i])\nh[j,-1] = v[j]\ng[j,i] = g[j,i-1]/2 + h[q[i],i-1]*x[i]\nC = sum(j, i, g[j,i]**2)"
        ),
        "inputs": ["x[i]", "q[i] in j"],
        "parameters": ["W[j]", "v[j]"],
        "sizes": {"j": 3, "i": 4},
    },
    "the backward pass reads boundary values": {
        "equations": "h[t,j] = tanh(W[j]*h[t-1,j] + x[t])\nh[-1,j] = v[j]**2\nC = sum(t, j, h[t,j]*h[t-1,j])",
        "inputs": ["x[t]"],
        "parameters": ["W[j]", "v[j]"],
        "sizes": {"j": 3},
    },
    "the backward pass has a part of the forward pass in its loop": {
        "equations": (
            "h[j,i] = h[j,i-1]/2 + tanh(V[i,j])\nu[i,j] = mean(k, l, (h[k,l] + h[j,i])/(2 - sin(W[j,l])))\nC = sum(i, j, u[i,j]**2)"
        ),
        "parameters": ["V[i,j]", "W[j,l]"],
        "sizes": {"j": 3, "k": 3, "l": 2, "i": 2},
    },
    "a boundary value with cases, read within a comparison": {
        "equations": (
            "h[t] = tanh(w*h[t-1] + x[t])\nh[-1] = minimum(x[0], a)\ng[t] = g[t-1]/2 + minimum(h[t-1]*w, x[t])\nC = sum(t, g[t]**2)"
        ),
        "inputs": ["x[t]"],
        "parameters": ["w", "a"],
        "sizes": {"t": 3},
    },
    "a step chooses between what it computes and what lies at another place": {
        "equations": "h[t] = where(x[2*t] > h[t-1], h[t-1]*w, x[2*t]) + minimum(h[t-1], x[3-t])\nh[-1] = w\nC = sum(t, h[t]**2)",
        "inputs": ["x[i]"],
        "parameters": ["w"],
        "sizes": {"t": 4},
    },
    "one array is read step by step along two axes": {
        "equations": "u[i] = u[i+2]/2 + tanh(V[i])\nh[i,k] = h[i,k-1]/2 + W[2,k-1]*u[i] + tanh(W[i,k])\nC = sum(i, h[i,1]**2)",
        "parameters": ["V[i]", "W[i,k]"],
        "inputs": ["x[i]"],
        "sizes": {"k": 5},
    },
    "two recurrences read one array along two axes": {
        "equations": (
            "z[i,k] = W[i,k]*x[k]\ng[i,k] = g[i-1,k]*z[i-1,k] + x[k]\nh[i,k] = h[i,k-1]*z[i,k-1] + V[i]\nC = sum(i, k, g[i,k]*h[i,k])"
        ),
        "parameters": ["V[i]", "W[i,k]"],
        "inputs": ["x[k]"],
    },
    "a recurrence along one axis, its adjoint's reader along the other": {
        "equations": (
            "u[t,j] = u[t+1,j]*V[j] + W[t]\nh[j,t] = tanh(g[j-2,t]*x[j] + u[t,j])\ng[j,t] = tanh(h[j-2,t]) + g[j-2,t]/3\n"
            "C = sum(j, t, g[j,t]**2)"
        ),
        "inputs": ["x[j]"],
        "parameters": ["V[j]", "W[j]"],
        "sizes": {"t": 4, "j": 4},
    },
    "a step reads a view at the step after": {
        "equations": "u[i] = W[2*i]\nh[i] = sigmoid(u[i+1])*h[i-1] + W[i]\nC = sum(i, h[i]**2)",
        "parameters": ["W[i]"],
        "sizes": {"i": 4},
    },
    "a step reads a view at the step before": {
        "equations": "u[i,j] = W[i+j]\nh[i] = h[i-1]*sum(j, u[i-1,j]) + x[i]\nC = sum(i, h[i]**2)",
        "inputs": ["x[i]"],
        "parameters": ["W[k]"],
        "sizes": {"i": 5, "j": 2, "k": 6},
    },
    "more places than Python has brackets": {
        "equations": "C = sum(n, b*x[2*q[n]-1])",
        "inputs": ["x[i]", "q[n] in i"],
        "parameters": ["b"],
        "sizes": {"i": 230, "n": 1},
    },
    "a label among one": {
        "equations": "u[j,i] = tanh(W[j]*x[i])\nC = mean(j, log(sum(i, exp(u[j,i]))) - u[j,q[j]])",
        "inputs": ["x[i]"],
        "targets": ["q[j] in i"],
        "parameters": ["W[j]"],
        "sizes": {"i": 1, "j": 2},
    },
}


def made(title: str) -> tuple[System, Calls]:
    system = system_from_equations(**CASES[title])
    return system, Calls(derive(system))


@pytest.mark.parametrize("title", CASES)
def test_every_call_is_that_of_plain(title: str) -> None:
    system, calls = made(title)
    for sizes in small_sizes_of(system, (1, 2, 3, 4), 12):
        calls.assert_alike(sizes)


@pytest.mark.parametrize("title", CASES)
def test_the_cost_and_its_slopes_are_those_of_another_reading(title: str) -> None:
    system, calls = made(title)
    for sizes in small_sizes_of(system, (1, 2, 3), 4):
        arrays = given_arrays(system, sizes, 3)
        params, inputs, targets = calls.arguments(calls.fast, arrays)
        value, gradients = calls.fast.cost_and_gradients(params, *inputs, *targets)
        assert value == pytest.approx(read(title, sizes, arrays), rel=1e-12, abs=1e-12)
        for name, gradient in gradients._asdict().items():
            slopes = np.array([slope(title, sizes, arrays, name, place) for place in np.ndindex(arrays[name].shape)])
            assert np.allclose(np.ravel(gradient), slopes, rtol=1e-7, atol=1e-7), name


def read(title: str, sizes: dict[str, int], arrays: Arrays) -> float:
    """The cost entry by entry."""
    tables = {name: {place: array[place].item() for place in np.ndindex(array.shape)} for name, array in arrays.items()}
    letters = {**CASES[title].get("sizes", {}), **sizes}
    return float(Reading(CASES[title]["equations"], letters, tables, CASES[title].get("constants", {})).cost)


def slope(title: str, sizes: dict[str, int], arrays: Arrays, name: str, place: tuple[int, ...]) -> float:
    def moved(step: float) -> float:
        array: Array = arrays[name].copy()
        array[place] += step
        return read(title, sizes, {**arrays, name: array})

    return (moved(STEP) - moved(-STEP)) / (2 * STEP)
