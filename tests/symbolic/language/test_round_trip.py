"""What `chainrule equations` prints is a description of the same network: read back, it has the same values and gradients."""

from __future__ import annotations

import numpy as np
import pytest
from declaration_text import declaration_text
from equation_networks import NETWORKS
from layer_networks import ALONE, TOGETHER

from chainrule import Dense, Layout, Network
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.symbolic.checking.solving import forward
from chainrule.symbolic.checking.tensor_draw import DRAWS
from chainrule.symbolic.checking.verification import random_arrays
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.layers.activations import ACTIVATIONS
from chainrule.symbolic.layers.costs import COSTS, LABEL_COSTS
from chainrule.symbolic.system.small_sizes import small_sizes
from chainrule.symbolic.system.system import System

RECURRENT = {
    "boundary": (
        "z[n,t,j] = sum(i, W[j,i]*x[n,t,i]) - 2*sum(k, U[j,k]*h[n,t-1,k]) + b[j]\n"
        "h[n,t,j] = tanh(z[n,t,j])\nh[n,-1,j] = s[j] + sum(k, U[k,j]*s[k])\nC = sum(n, t, j, (h[n,t,j] - y[n,t,j])**2)/2",
        ["W[j,i]", "U[j,k]", "b[j]", "s[j]"],
    ),
    "two boundaries": (
        "h[n,t,j] = tanh(sum(i, W[j,i]*x[n,t,i]) + U[j]*h[n,t-1,j] - V[j]*h[n,t-2,j])\n"
        "h[n,-1,j] = s[j]\nh[n,-2,j] = r[j]**2\nC = sum(n, t, j, (h[n,t,j] - y[n,t,j])**2)/2",
        ["W[j,i]", "U[j]", "V[j]", "s[j]", "r[j]"],
    ),
}


def read_back(system: System) -> System:
    roles = (Role.INPUT, Role.TARGET, Role.PARAMETER)
    inputs, targets, parameters = ([declaration_text(tensor) for tensor in system.having(role)] for role in roles)
    sizes = {name: axis.size for name, axis in system.axes.items() if axis.size is not None and axis.rule is None}
    return system_from_equations(
        LanguageText(system).equations(), parameters, inputs, targets, sizes, system.constants, system.batch, system.name
    )


def check_same(system: System) -> None:
    """The same tensors, axes and facts, and the same value of every equation at random arrays."""
    again = read_back(system)
    assert again.tensors == system.tensors
    assert {name: (axis.size, axis.rule) for name, axis in again.axes.items()} == {n: (a.size, a.rule) for n, a in system.axes.items()}
    assert again.batch == system.batch
    sizes = small_sizes(system)
    arrays = random_arrays(system, sizes, np.random.default_rng(5), DRAWS[1])
    # Complex steps in all parameters at once: the derivative of every value in one direction.
    for tensor in system.parameters:
        arrays[tensor.name] = arrays[tensor.name] + 1e-30j * np.random.default_rng(6).standard_normal(arrays[tensor.name].shape)
    with np.errstate(all="ignore"):
        expected, found = (forward(each, arrays, sizes).arrays for each in (system, again))
    for equation in system.equations:
        name = equation.tensor.name
        for part in (np.real, np.imag):
            wanted = np.asarray(part(expected[name]))
            scale = np.abs(wanted[np.isfinite(wanted)]).max(initial=0)
            np.testing.assert_allclose(part(found[name]), wanted, rtol=1e-9, atol=1e-11 * scale, err_msg=name)
    # What was read back prints the same.
    assert LanguageText(again).equations() == LanguageText(read_back(again)).equations()


@pytest.mark.parametrize("name", NETWORKS)
def test_equation_networks(name: str) -> None:
    check_same(system_from_equations(**NETWORKS[name]))


@pytest.mark.parametrize("name", RECURRENT)
def test_boundaries_are_printed_as_boundaries(name: str) -> None:
    text, parameters = RECURRENT[name]
    system = system_from_equations(text, parameters, ["x[n,t,i]"], ["y[n,t,j]"], {"i": 2, "j": 3, "t": 4}, batch="n")
    check_same(system)
    printed = LanguageText(system).equations().splitlines()
    assert sum(line.startswith("h[n,-") for line in printed) == len(system.boundaries) > 0
    assert "delta" not in " ".join(printed)


ONE_LAYER = [name for name, cost in COSTS.items() if len(cost.layers) == 1]
LAYER_NETWORKS = {
    **{f"layers: {name}": Network(**described) for name, described in {**ALONE, **TOGETHER}.items()},
    **{f"activation {name}": Network(2, [Dense(5, name), Dense(3, "elu")], regularisation={"l2": 0.1}) for name in ACTIVATIONS},
    **{
        f"last {name}": Network(2, [Dense(5, "tanh"), Dense(3, name)], "squared_error", layout=Layout("columns", "in-out"))
        for name in ACTIVATIONS
    },
    **{f"cost {name}": Network(2, [Dense(5, "tanh"), Dense(3, "softmax")], name, reduction="sum") for name in ONE_LAYER},
    **{f"mean of {name}": Network(3, [Dense(2, "relu"), Dense(5, "sigmoid")], name, targets=None) for name in ONE_LAYER},
    **{
        f"{shape}": Network.stack(shape, "tanh")
        for shape in ("2-3", "5-3-2", "2-3-5-7", "7-5-3-2-3", "3-3", "2-7-2", "5-2-3-2", "3-2-5-2-7-2")
    },
    **{f"labels {name}": Network(2, [Dense(5, "silu"), Dense(3, "softmax")], name, targets="labels") for name in LABEL_COSTS},
    "formulas": Network(2, [Dense(3, "where(z > 0.25, z, z/8)"), Dense(5, "z - mean(k, z[k])")], "log(cosh(a - y))"),
    "units": Network(2, [Dense(3, "z/(1 + abs(z))"), Dense(5, "minimum(z, 1)")], "sum(k, exp(a[k]))*(a - y)**2"),
    "penalties": Network(2, [Dense(5, "tanh"), Dense(3)], regularisation={"l1": 0.1, "l1_half": 0.2, "l2_half": 0.3}),
    "columns": Network(7, [Dense(3, "gelu"), Dense(5, "softmax")], "cross_entropy", layout=Layout("columns", "in-out")),
    "deep": Network(2, [Dense(3 + number % 2, "tanh") for number in range(14)]),
}


def test_there_are_fifty_layer_networks() -> None:
    assert len(LAYER_NETWORKS) >= 50


@pytest.mark.parametrize("name", LAYER_NETWORKS)
def test_layer_networks(name: str) -> None:
    check_same(LAYER_NETWORKS[name].system)
