"""Recurrences in `fast` style: steps as operations on slices, boundary values, zeros out of range, and what falls back to plain style."""

from __future__ import annotations

import re
import tracemalloc
from typing import Any

import numpy as np
import pytest
from test_fast import assert_fast_is_plain
from test_recurrences import COST, RNN, parameters, recurrent

from chainrule import Network, derive
from chainrule.codegen.backends.fast.pipeline import fast
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.system.system import System

SIZES = {"i": 2, "j": 3, "t": 5, "u": 2}
DEEP = "h[n,t,j] = tanh(sum(i, W[j,i]*x[n,t,i]) + sum(k, U[j,k]*h[n,t-1,k]) + sum(k, V[j,k]*h[n,t-2,k]))\n"
BACK = "h[n,t,j] = tanh(sum(i, W[j,i]*x[n,t,i]) + sum(k, U[j,k]*h[n,t+1,k]))\n"


def system(equations: str, given: list[str], inputs: tuple[str, ...] = ("x[n,t,i]",), open_steps: bool = False, cost: str = COST) -> System:
    sizes = {
        letter: size for letter, size in SIZES.items() if re.search(rf"\b{letter}\b", equations) and not (open_steps and letter == "t")
    }
    targets = ["y[n,j]"] if "h[n,4,j]" in cost else ["y[n,t,j]"]
    return Network.from_equations(equations + cost, given, list(inputs), targets, sizes=sizes, batch="n")


def scalar(equations: str) -> System:
    return Network.from_equations(equations + "C = sum(t, (h[t] - y[t])**2)\n", ["w", "v"], ["x[t]"], ["y[t]"], sizes={"t": 5})


#: Recurrences of which every step is operations.
BY_STEPS = {
    "rnn": recurrent("rnn"),
    "gru": recurrent("gru"),
    "lstm": recurrent("lstm"),
    "a boundary value that is a parameter": system(RNN + "h[n,-1,j] = s[j]\n", [*parameters([""]), "s[j]"]),
    "a boundary value that is a formula": system(RNN + "h[n,-1,j] = s[j]*tanh(s[j])\n", [*parameters([""]), "s[j]"]),
    "a boundary value of each example": system(RNN + "h[n,-1,j] = h0[n,j]\n", parameters([""]), ("x[n,t,i]", "h0[n,j]")),
    "two steps back": system(DEEP, ["W[j,i]", "U[j,k]", "V[j,k]"]),
    "two boundary values": system(DEEP + "h[n,-1,j] = s[j]\nh[n,-2,j] = r[j]\n", ["W[j,i]", "U[j,k]", "V[j,k]", "s[j]", "r[j]"]),
    "one boundary value of two": system(DEEP + "h[n,-2,j] = r[j]\n", ["W[j,i]", "U[j,k]", "V[j,k]", "r[j]"]),
    "backwards": system(BACK, ["W[j,i]", "U[j,k]"]),
    "backwards from a boundary value": system(BACK + "h[n,5,j] = s[j]\n", ["W[j,i]", "U[j,k]", "s[j]"]),
    "as many steps as the arrays have": system(RNN + "h[n,-1,j] = s[j]\n", [*parameters([""]), "s[j]"], open_steps=True),
    "the last state alone": system(RNN, parameters([""]), cost="C = sum(n, j, (h[n,4,j] - y[n,j])**2)/2\n"),
    "parameters of each step": system("h[n,t,j] = tanh(h[n,t-1,j]*w[t,j] + x[n,t,j])\n", ["w[t,j]"], ("x[n,t,j]",)),
    "a running sum": system("h[n,t,j] = h[n,t-1,j] + w[j]*x[n,t,j]\n", ["w[j]"], ("x[n,t,j]",)),
    "the number of the step": system("h[n,t,j] = tanh(w[j]*h[n,t-1,j] + t*x[n,t,j])\n", ["w[j]"], ("x[n,t,j]",)),
    "a softmax in each step": system(
        "z[n,t,j] = sum(k, U[j,k]*h[n,t-1,k]) + x[n,t,j]\nh[n,t,j] = exp(z[n,t,j])/sum(k, exp(z[n,t,k]))\n", ["U[j,k]"], ("x[n,t,j]",)
    ),
    "two recurrences, in both directions": system(
        "f[n,t,j] = tanh(sum(k, U[j,k]*f[n,t-1,k]) + x[n,t,j])\n"
        "g[n,t,j] = tanh(sum(k, V[j,k]*g[n,t+1,k]) + f[n,t,j])\n"
        "h[n,t,j] = f[n,t,j]*g[n,t,j]\n",
        ["U[j,k]", "V[j,k]"],
        ("x[n,t,j]",),
    ),
    "attention to other positions": system(
        "e[n,t,u] = sum(k, h[n,t-1,k]*x[n,u,k])\nh[n,t,j] = tanh(sum(k, U[j,k]*h[n,t-1,k]) + sum(u, exp(e[n,t,u])*x[n,u,j]))\n",
        ["U[j,k]"],
        ("x[n,u,k]",),
    ),
    "one number": scalar("h[t] = tanh(w*h[t-1] + v*x[t])\n"),
    "one number with a boundary value": scalar("h[t] = tanh(w*h[t-1] + x[t])\nh[-1] = v\n"),
}


@pytest.mark.parametrize("name", BY_STEPS)
def test_fast_is_plain_without_falling_back(name: str) -> None:
    derivation = derive(BY_STEPS[name])
    assert fast(derivation).program.reasons == {}
    assert_fast_is_plain(derivation)


def test_a_recurrence_that_reads_at_sums_of_letters_is_printed_as_in_plain_style() -> None:
    derivation = derive(system("h[n,t,j] = tanh(sum(k, U[j,k]*h[n,t-1,k]) + h[n,t-1,2 - j] + x[n,t,j])\n", ["U[j,k]"], ("x[n,t,j]",)))
    reason = "a recurrence that reads more than slices of its steps"
    assert fast(derivation).program.reasons == {"h": reason, "dh": reason}
    assert_fast_is_plain(derivation)


def test_a_recurrence_that_reads_labels_is_printed_as_in_plain_style() -> None:
    equations = "h[n,t,j] = tanh(h[n,t-1,j] + E[tok[n,t],j]*h[n,t-1,j])\n"
    derivation = derive(system(equations, ["E[v,j]"], ("tok[n,t] in v",)))
    assert "h" in fast(derivation).program.reasons
    assert_fast_is_plain(derivation)


def loops(source: str) -> list[str]:
    """The lines of each loop over the steps in the passes."""
    passes = source[source.index("def _passes") : source.index("def packed")]
    return re.findall(r"^ +for .+ in steps_*:\n((?: {16}.*\n)+)", passes, flags=re.MULTILINE)


def test_a_step_is_a_product_and_two_functions_in_each_direction() -> None:
    forward, backward, *_ = loops(module_source(derive(recurrent("rnn")), style="fast"))
    calls = [re.findall(r"^ +(?:\w+\.)?(\w+)\(", body, flags=re.MULTILINE) for body in (forward, backward)]
    assert calls == [["dot", "add", "tanh"], ["dot", "add", "multiply"]]


def test_arrays_of_all_steps_are_only_those_that_are_read_later() -> None:
    """z is read by h alone, at its own step: one step's array serves all."""
    source = module_source(derive(recurrent("rnn")), style="fast")
    assert re.search(r"\bz_t = .*\(N, 3\)", source)
    assert "h_tnj_around = np.zeros((4, N, 3), dtype)" in source


def test_a_call_makes_no_arrays() -> None:
    derivation = derive(recurrent("gru"))
    module = load(derivation, style="fast", verify=False)
    rng = np.random.default_rng(0)
    batch = 20_000
    params: Any = module.packed(module.init(rng))
    x, y = rng.standard_normal((batch, 3, 2)), rng.standard_normal((batch, 3, 3))
    workspace = module.Workspace(batch)
    workspace.cost_and_gradients(params, x, y)
    tracemalloc.start()
    for _ in range(10):
        workspace.cost_and_gradients(params, x, y)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The array of one step has three times as many numbers. NumPy's functions have buffers of at most 8192 entries.
    assert peak < batch * 8


def test_a_workspace_gives_the_same_at_each_call() -> None:
    """Zeros around an array and boundary values stay what they are."""
    module = load(derive(BY_STEPS["two boundary values"]), style="fast", verify=False)
    rng = np.random.default_rng(0)
    params, data = module.packed(module.init(rng)), module.sample(rng)
    workspace = module.Workspace(len(data[0]))
    first = [np.array(gradient) for gradient in workspace.cost_and_gradients(params, *data)[1]]
    other = [2 * array for array in data]
    workspace.cost_and_gradients(params, *other)
    again = workspace.cost_and_gradients(params, *data)[1]
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
