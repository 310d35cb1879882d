"""Random dense networks: every step holds, the generated gradients agree with numeric ones, and with slopes in many digits.

A chunk is one cost in one layout, with a seed of its own, so that chunks differ and can run side by side. Whatever activation, depth,
width, reduction and regularisation come up, nothing is left out but costs that are no finite number at any of the points that `DRAWS`
gives (log of an output that is negative); those are counted, and they are few.
"""

from __future__ import annotations

import cProfile
import pstats
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise, product
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from numpy.typing import NDArray

from chainrule import CheckFailed, Dense, Derivation, Layout, Network, derive
from chainrule.codegen.backends.numpy_module import GRADIENT_TOLERANCE
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.loading import load_source
from chainrule.symbolic.checking.tensor_draw import DRAWS, TensorDraw
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.layers.activations import ACTIVATIONS, Activation
from chainrule.symbolic.layers.costs import COSTS, LABEL_COSTS
from chainrule.symbolic.layers.network import PENALTIES, REDUCTIONS

Array = NDArray[Any]
Scalar = Any
NETWORKS_A_CHUNK = 5
UNDEFINED_AT_MOST = 1
PLAIN_RUN: dict[str, Any] = {
    "database": None,
    "deadline": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}

FORMULA_ACTIVATIONS = (
    Activation("formula", "1 - exp(-z)"),
    Activation("formula", "2/(1 + exp(-3*z)) - 1"),
    Activation("formula", "z/(1 + abs(z))"),
    Activation("formula", "z*tanh(log(1 + exp(z)))"),
    Activation("formula", "where(z > t, z, slope*z)", {"t": 0.25, "slope": 0.125}),
    Activation("formula", "z - mean(k, z[k])"),
    Activation("formula", "sin(z) + z"),
    Activation("formula", "maximum(z, 0.1*z)"),
    Activation("formula", "sqrt(1 + z**2)"),
    Activation("formula", "relu(z) + arctan(z)"),
)


class ChosenCost(NamedTuple):
    name: str
    targets: str | None = None


COST_CHOICES = (
    *(ChosenCost(name) for name, cost in COSTS.items() if len(cost.layers) == 1),
    *(ChosenCost(name, "labels") for name in LABEL_COSTS),
    ChosenCost("log(cosh(a - y))"),
    ChosenCost("(a - y)**4"),
    ChosenCost("sqrt(1 + (a - y)**2) - 1"),
    ChosenCost("log(sum(k, exp(a[k]))) - a[y]", "labels"),
    ChosenCost("sum(k, exp(a[k]))/exp(a[y])", "labels"),
)
#: Costs that take the logarithm of an output: they have a value only where it is positive, or between 0 and 1.
OF_LOGARITHMS = ("cross_entropy", "binary_cross_entropy", "kl_divergence")
LAYOUTS = tuple(Layout(examples, weights) for examples, weights in product(("rows", "columns"), ("out-in", "in-out")))  # type: ignore[arg-type]
CHUNKS = [
    pytest.param(cost, layout, id=f"{cost.name}-{cost.targets}-{layout.examples}-{layout.weights}")
    for cost, layout in product(COST_CHOICES, LAYOUTS)
]

activations = st.sampled_from([*ACTIVATIONS.values(), *FORMULA_ACTIVATIONS])
#: log(a) exists only where an output is above 0, log(1 - a) where it is below 1 too.
above_zero = st.sampled_from(["sigmoid", "softmax", "softplus", "1 - exp(-z)", "sqrt(1 + z**2)", "2/(1 + exp(-3*z)) - 1"])
below_one = st.sampled_from(["sigmoid", "softmax", "1 - exp(-z)", "2/(1 + exp(-3*z)) - 1", "z/(1 + abs(z))"])
regularisations = st.dictionaries(st.sampled_from(sorted(PENALTIES)), st.sampled_from([0.05, 0.3, 1.0]), max_size=2)


@st.composite
def networks(draw: st.DrawFn, cost: ChosenCost, layout: Layout, most_layers: int = 6, most_units: int = 9) -> Network:
    widths = draw(st.lists(st.integers(1, most_units), min_size=1, max_size=most_layers))
    layers = [Dense(units, draw(activations), draw(st.sampled_from([None, f"_part{number}"]))) for number, units in enumerate(widths)]
    if cost.name in OF_LOGARITHMS:
        layers[-1] = replace(layers[-1], activation=draw(below_one if cost.name == "binary_cross_entropy" else above_zero))
    return Network(
        draw(st.integers(1, most_units)),
        layers,
        cost.name,
        targets=cost.targets,
        reduction=draw(st.sampled_from(REDUCTIONS)),
        regularisation=draw(regularisations),
        layout=layout,
    )


def chunk_seed(cost: ChosenCost, layout: Layout) -> int:
    return zlib.crc32(f"{cost}{layout}".encode())


def described(network: Network) -> str:
    layers = ", ".join(f"{layer.units} {layer.formula.expression!r}" for layer in network.layers)
    rest = f"{network.cost} {network.targets} {network.reduction} {dict(network.regularisation)} {network.layout}"
    return f"{network.input} → {layers}; {rest}"


def checked_point(module: ModuleType, draw: TensorDraw, start: int) -> float:
    """The cost at the point that the module's `check` takes for these random numbers."""
    rng = np.random.default_rng(start)
    arrays = [draw.scale * array + 0.1 * draw.scale * rng.standard_normal(array.shape) for array in module.init(rng)]
    params = module.Parameters(*(array + draw.shift * (array.ndim == 1) for array in arrays))
    with np.errstate(all="ignore"):
        return float(module.cost(params, *module.sample(rng)))


def errors_of_generated_gradients(derivation: Derivation) -> dict[str, float] | None:
    """What the module's own check finds, at the first kind of point where the cost is finite; None where there is none."""
    for draw, start in product(DRAWS, range(3)):
        module = load_source(module_source(derivation, draw=draw), derivation.system.name)
        if np.isfinite(checked_point(module, draw, start)):
            return dict(module.check(np.random.default_rng(start)))
    return None


@pytest.mark.parametrize(("cost", "layout"), CHUNKS)
def test_steps_hold_and_gradients_agree_with_numeric_ones(cost: ChosenCost, layout: Layout) -> None:
    tried: list[str] = []
    undefined: set[str] = set()

    @seed(chunk_seed(cost, layout))
    @settings(max_examples=NETWORKS_A_CHUNK, **PLAIN_RUN)
    @given(networks(cost, layout))
    def run(network: Network) -> None:
        tried.append(described(network))
        derivation = derive(network)
        try:
            verify(derivation)
        except CheckFailed as failure:
            if "not a finite number at any random point" not in str(failure):
                raise AssertionError(f"{described(network)}\n{failure}") from None
            undefined.add(described(network))
        errors = errors_of_generated_gradients(derivation)
        if errors is None:
            undefined.add(described(network))
            return
        assert set(errors) == {tensor.name for tensor in derivation.system.parameters}
        wrong = {name: error for name, error in errors.items() if not error < GRADIENT_TOLERANCE}
        assert not wrong, f"{described(network)}\n{wrong}"

    run()
    assert len(tried) >= NETWORKS_A_CHUNK
    assert len(undefined) <= (UNDEFINED_AT_MOST if cost.name in OF_LOGARITHMS else 0), "\n".join(sorted(undefined))


def test_a_run_covers_two_hundred_networks() -> None:
    assert len(CHUNKS) * NETWORKS_A_CHUNK >= 200


@pytest.mark.parametrize("activation", [*ACTIVATIONS.values(), *FORMULA_ACTIVATIONS], ids=lambda activation: activation.expression)
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: f"{layout.examples}-{layout.weights}")
def test_every_activation_between_layers_and_last(activation: Activation, layout: Layout) -> None:
    """No combination is left to chance: each activation once in the middle and once at the end."""
    derivation = derive(Network(2, [Dense(5, activation), Dense(3, activation)], "quadratic", layout=layout))
    verify(derivation)
    errors = errors_of_generated_gradients(derivation)
    assert errors is not None
    assert max(errors.values()) < GRADIENT_TOLERANCE


# A second opinion, written without `symbolic`: the cost by loops over units and examples, in numbers of so many digits that a difference
# quotient of it is its slope in every digit that is compared.
DIGITS, DISTANCE = 40, mpf("1e-15")


def _elementwise(function: Callable[[Scalar], Scalar]) -> Callable[[list[Scalar]], list[Scalar]]:
    return lambda entries: [function(entry) for entry in entries]


def _softmax(entries: list[Scalar]) -> list[Scalar]:
    return [mp.exp(entry) / sum(mp.exp(other) for other in entries) for entry in entries]


def _centred(entries: list[Scalar]) -> list[Scalar]:
    return [entry - sum(entries) / len(entries) for entry in entries]


SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805

EXPANDED_ACTIVATIONS: Mapping[str, Callable[[list[Scalar]], list[Scalar]]] = {
    "identity": _elementwise(lambda z: z),
    "sigmoid": _elementwise(lambda z: 1 / (1 + mp.exp(-z))),
    "tanh": _elementwise(lambda z: (mp.exp(z) - mp.exp(-z)) / (mp.exp(z) + mp.exp(-z))),
    "relu": _elementwise(lambda z: max(z, 0)),
    "leaky_relu": _elementwise(lambda z: max(z, z / 100)),
    "elu": _elementwise(lambda z: z if z > 0 else mp.exp(z) - 1),
    "selu": _elementwise(lambda z: SELU_SCALE * (z if z > 0 else SELU_ALPHA * (mp.exp(z) - 1))),
    "softplus": _elementwise(lambda z: mp.log(1 + mp.exp(z))),
    "gelu": _elementwise(lambda z: z * (1 + mp.erf(z / mp.sqrt(2))) / 2),
    # (1 + tanh(u)) / 2 is 1 / (1 + exp(−2 u)).
    "gelu_tanh": _elementwise(lambda z: z / (1 + mp.exp(-2 * mp.sqrt(2 / mp.pi) * (z + 0.044715 * z**3)))),
    "silu": _elementwise(lambda z: z / (1 + mp.exp(-z))),
    "softmax": _softmax,
    "1 - exp(-z)": _elementwise(lambda z: 1 - mp.exp(-z)),
    "2/(1 + exp(-3*z)) - 1": _elementwise(lambda z: 2 / (1 + mp.exp(-3 * z)) - 1),
    "z/(1 + abs(z))": _elementwise(lambda z: z / (1 + abs(z))),
    "z*tanh(log(1 + exp(z)))": _elementwise(lambda z: z * ((1 + mp.exp(z)) ** 2 - 1) / ((1 + mp.exp(z)) ** 2 + 1)),
    "where(z > t, z, slope*z)": _elementwise(lambda z: z if z > 0.25 else z / 8),
    "z - mean(k, z[k])": _centred,
    "sin(z) + z": _elementwise(lambda z: mp.sin(z) + z),
    "maximum(z, 0.1*z)": _elementwise(lambda z: max(z, z / 10)),
    "sqrt(1 + z**2)": _elementwise(lambda z: mp.sqrt(1 + z**2)),
    "relu(z) + arctan(z)": _elementwise(lambda z: max(z, 0) + mp.atan(z)),
}


def _huber(a: Scalar, y: float) -> Scalar:
    return (a - y) ** 2 / 2 if abs(a - y) < 1 else abs(a - y) - 0.5


def _of_each_output(function: Callable[[Scalar, float], Scalar]) -> Callable[[list[Scalar], Any], Scalar]:
    return lambda outputs, target: sum(function(a, y) for a, y in zip(outputs, target, strict=True))


#: The cost of one example, from its outputs and its target.
EXPANDED_COSTS: Mapping[ChosenCost, Callable[[list[Scalar], Any], Scalar]] = {
    ChosenCost("quadratic"): _of_each_output(lambda a, y: (a - y) ** 2 / 2),
    ChosenCost("squared_error"): _of_each_output(lambda a, y: (a - y) ** 2),
    ChosenCost("cross_entropy"): _of_each_output(lambda a, y: -mp.log(a) if y == 1 else 0),
    ChosenCost("binary_cross_entropy"): _of_each_output(lambda a, y: -y * mp.log(a) - (1 - y) * mp.log(1 - a)),
    ChosenCost("huber"): _of_each_output(_huber),
    ChosenCost("mae"): _of_each_output(lambda a, y: abs(a - y)),
    ChosenCost("hinge"): _of_each_output(lambda a, y: max(1 - y * a, 0)),
    ChosenCost("multiclass_hinge"): lambda outputs, label: sum(
        (max(a - outputs[label] + 1, 0) for place, a in enumerate(outputs) if place != label),
        start=mpf(0),
    ),
    ChosenCost("kl_divergence"): _of_each_output(lambda a, y: y * (mp.log(y) - mp.log(a))),
    ChosenCost("cross_entropy", "labels"): lambda outputs, label: -mp.log(outputs[label]),
    ChosenCost("log(cosh(a - y))"): _of_each_output(lambda a, y: mp.log((mp.exp(a - y) + mp.exp(y - a)) / 2)),
    ChosenCost("(a - y)**4"): _of_each_output(lambda a, y: (a - y) ** 4),
    ChosenCost("sqrt(1 + (a - y)**2) - 1"): _of_each_output(lambda a, y: mp.sqrt(1 + (a - y) ** 2) - 1),
    ChosenCost("log(sum(k, exp(a[k]))) - a[y]", "labels"): lambda outputs, label: mp.log(sum(mp.exp(a) for a in outputs)) - outputs[label],
    ChosenCost("sum(k, exp(a[k]))/exp(a[y])", "labels"): lambda outputs, label: sum(mp.exp(a - outputs[label]) for a in outputs),
}

EXPANDED_PENALTIES: Mapping[str, Callable[[Scalar], Scalar]] = {
    "l1": abs,
    "l1_half": lambda w: abs(w) / 2,
    "l2": lambda w: w**2,
    "l2_half": lambda w: w**2 / 2,
}


def parts(network: Network) -> list[str]:
    """What the names of the parameters of each layer end in."""
    return [layer.name or str(number) for number, layer in enumerate(network.layers, 1)]


def shapes(network: Network) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for suffix, (below, above) in zip(parts(network), pairwise([network.input, *(layer.units for layer in network.layers)]), strict=True):
        found[f"W{suffix}"] = (below, above) if network.layout.weights == "in-out" else (above, below)
        found[f"b{suffix}"] = (above,)
    return found


def expanded(network: Network, x: Array, y: Array, params: Mapping[str, Array]) -> Scalar:
    """The cost by loops: `x` and `y` as the module takes them."""
    in_out, columns = network.layout.weights == "in-out", network.layout.examples == "columns"
    rows = x.T if columns else x
    targets = y.T if columns and y.ndim == 2 else y
    total: Scalar = 0
    for number in range(len(rows)):
        values: list[Scalar] = list(precise(rows[number]))
        for layer, suffix in zip(network.layers, parts(network), strict=True):
            weight, bias = params[f"W{suffix}"], params[f"b{suffix}"]
            z = []
            for unit in range(layer.units):
                affine = bias[unit]
                for feature, value in enumerate(values):
                    affine = affine + (weight[feature, unit] if in_out else weight[unit, feature]) * value
                z.append(affine)
            formula = layer.formula
            values = EXPANDED_ACTIVATIONS[formula.expression if formula.name == "formula" else formula.name](z)
        of_example = EXPANDED_COSTS[ChosenCost(str(network.cost), network.targets)]
        total = total + of_example(values, int(targets[number]) if targets.ndim == 1 else [float(entry) for entry in targets[number]])
    if network.reduction == "mean":
        total = total / len(rows)
    for key, factor in network.regularisation.items():
        for table in params.values():
            if table.ndim == 2:
                total = total + factor * sum(EXPANDED_PENALTIES[key](entry) for entry in table.reshape(-1))
    return total


def precise(array: Array) -> Array:
    return np.array([mpf(float(entry)) for entry in array.reshape(-1)], dtype=object).reshape(array.shape)


def expanded_gradients(network: Network, x: Array, y: Array, params: Mapping[str, Array]) -> tuple[float, dict[str, Array]]:
    """The cost and its slope in every entry of every parameter, at these numbers."""
    with mp.workdps(DIGITS):
        numbers = {name: precise(array) for name, array in params.items()}
        found = {name: np.empty(array.shape) for name, array in params.items()}
        for name, table in numbers.items():
            for place in np.ndindex(*table.shape):
                number = table[place]
                table[place] = number + DISTANCE
                above = expanded(network, x, y, numbers)
                table[place] = number - DISTANCE
                below = expanded(network, x, y, numbers)
                table[place] = number
                found[name][place] = float((above - below) / (2 * DISTANCE))
        return float(expanded(network, x, y, numbers)), found


def parameter_count(network: Network) -> int:
    sizes = [network.input, *(layer.units for layer in network.layers)]
    return sum(above * (below + 1) for below, above in pairwise(sizes))


SMALL_NETWORKS_A_CHUNK = 3


@pytest.mark.parametrize(("cost", "layout"), CHUNKS)
def test_small_networks_agree_with_slopes_of_the_cost_by_loops(cost: ChosenCost, layout: Layout) -> None:
    tried: list[str] = []
    undefined: set[str] = set()

    @seed(chunk_seed(cost, layout) + 1)
    @settings(max_examples=SMALL_NETWORKS_A_CHUNK, **PLAIN_RUN)
    @given(networks(cost, layout, most_layers=2, most_units=4).filter(lambda network: parameter_count(network) <= 30))
    def run(network: Network) -> None:
        tried.append(described(network))
        module = load_source(module_source(derive(network)), network.name)
        for draw in DRAWS:
            rng = np.random.default_rng(11)
            arrays = [draw.scale * rng.standard_normal(array.shape) for array in module.init(rng)]
            params = module.Parameters(*(array + draw.shift * (array.ndim == 1) for array in arrays))
            x, y = module.sample(rng)
            x = x[:, :2] if layout.examples == "columns" else x[:2]
            y = y[:, :2] if layout.examples == "columns" and y.ndim == 2 else y[:2]
            with np.errstate(all="ignore"):
                found_cost, found = module.cost_and_gradients(params, x, y)
            if np.isfinite(found_cost):
                break
        else:
            undefined.add(described(network))
            return
        expected_cost, expected = expanded_gradients(network, x, y, params._asdict())
        assert found_cost == pytest.approx(expected_cost, rel=1e-11, abs=1e-12), described(network)
        assert {name: gradient.shape for name, gradient in found._asdict().items()} == shapes(network)
        for name, gradient in expected.items():
            scale = max(np.abs(gradient).max(), 1e-3)
            np.testing.assert_allclose(getattr(found, name), gradient, rtol=0, atol=1e-10 * scale, err_msg=f"{name}: {described(network)}")

    run()
    assert len(tried) >= SMALL_NETWORKS_A_CHUNK
    assert len(undefined) <= (UNDEFINED_AT_MOST if cost.name in OF_LOGARITHMS else 0), "\n".join(sorted(undefined))


def test_work_grows_with_the_number_of_layers_and_no_faster() -> None:
    """Counted in calls of functions, which no other load on the machine changes."""

    def calls(layers: int) -> int:
        profile = cProfile.Profile()
        profile.enable()
        module_source(derive(Network(3, [Dense(3, "tanh") for _ in range(layers)])))
        profile.disable()
        return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]

    calls(10)
    few, many = calls(40), calls(160)
    assert many < 5 * few
