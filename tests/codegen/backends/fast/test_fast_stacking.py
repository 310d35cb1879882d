"""Equal neighbouring layers: one call for what each of them does, where nothing needs a result in between."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Dense, Network, derive
from chainrule.codegen.backends.fast.compilation import Fast
from chainrule.codegen.backends.fast.pipeline import fast
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.derivation.derivation import Derivation


def deep(*units: int) -> Derivation:
    return derive(Network(3, [Dense(each, "tanh") for each in units], "quadratic"))


def groups(made: Fast) -> dict[str, list[str]]:
    """By function and first result, the results of each group."""
    return {
        f"{operation.members[0].function} {operation.members[0].result.name}": [each.name for each in operation.results]
        for operation in made.operations
        if operation.members
    }


def test_weight_gradients_bias_gradients_and_slopes_of_equal_layers_are_one_call_each() -> None:
    found = groups(fast(deep(3, 3, 3, 3)))
    assert found["product dW2"] == ["dW2", "dW3", "dW4"]
    assert found["sum db1"] == ["db1", "db2", "db3", "db4"]
    assert len([group for group in found if group.startswith(("square", "subtract"))]) == 2


def test_layers_of_other_sizes_stay_apart() -> None:
    assert groups(fast(deep(5, 3, 2))) == {}
    found = groups(fast(deep(5, 2, 2, 2, 2, 7)))
    # dW2 is of 2 by 5 entries, dW6 of 7 by 2.
    assert found["product dW3"] == ["dW3", "dW4", "dW5"]
    assert found["sum db2"] == ["db2", "db3", "db4", "db5"]


def test_stacked_gradients_are_where_the_parameters_are() -> None:
    derivation = deep(2, 2, 2, 2)
    plain, quick = load(derivation, verify=False), load(derivation, style="fast", verify=False)
    params = quick.init(np.random.default_rng(0))
    data = quick.sample(np.random.default_rng(1))
    workspace = quick.Workspace(len(data[0]))
    for _ in range(2):
        cost, gradients = workspace.cost_and_gradients(params, *data)
        expected_cost, expected = plain.cost_and_gradients(params, *data)
        assert abs(cost - expected_cost) < 1e-12
        for own, other in zip(gradients, expected, strict=True):
            assert np.abs(own - other).max() < 1e-12


def test_what_is_read_in_between_is_not_put_off() -> None:
    """z2 reads a1: the activations of a stack are never one call."""
    for results in groups(fast(deep(3, 3, 3, 3))).values():
        assert not {"z1", "z2", "a1", "a2", "dz1", "dz2"} & set(results)


def test_a_value_that_is_a_first_and_a_second_operand() -> None:
    """∂C/∂u = p + q, ∂C/∂v = q' + r with r in two sums, first here and second there: it has one place in memory."""
    equations = """
    h[t] = w + u*r[t-1]**2 + v*h[t-1]
    h[0] = w/(1 - u - v)
    C = sum(t, log(h[t]) + r[t]**2/h[t])/2
    """
    derivation = derive(Network.from_equations(equations, ["w", "u", "v"], ["r[t]"]))
    r = np.random.default_rng(4).standard_normal(7)
    found = []
    for without in (set(), {"stacking"}):
        module = load(derivation, style="fast", without=without, verify=False)
        _, gradients = module.cost_and_gradients(module.Parameters(*map(np.array, (0.1, 0.2, 0.6))), r)
        found.append([float(gradient) for gradient in gradients])

    def cost(v: complex) -> complex:
        h, total = 0.1 / (1 - 0.2 - v), 0.0 + 0.0j
        for t in range(7):
            h = 0.1 + 0.2 * r[t - 1] ** 2 + v * h if t else h
            total += (np.log(h) + r[t] ** 2 / h) / 2
        return total

    assert found[0] == pytest.approx(found[1], rel=1e-12)
    assert found[0][2] == pytest.approx(cost(0.6 + 1e-30j).imag / 1e-30, rel=1e-10)
