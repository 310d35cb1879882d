"""Generated modules at the edges: huge logits, float types, wrong arrays, one example, equal sizes, own functions, optimisers."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import cache
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from chainrule import Dense, InvalidDescription, Layout, Network, derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.layers.activations import ACTIVATIONS
from chainrule.symbolic.layers.costs import COSTS as ALL_COSTS

Array = NDArray[Any]
LAYOUTS = tuple(Layout(examples, weights) for examples, weights in product(("rows", "columns"), ("out-in", "in-out")))  # type: ignore[arg-type]
TOLERANCE = 1e-6
FORMULAS = ("z/(1 + abs(z))", "maximum(z, 0.1*z)", "sqrt(1 + z**2)", "sin(pi*z)", "2**z", "z - mean(k, z[k])")
#: For every cost, a last layer whose outputs it is defined for.
COSTS = [name for name, cost in ALL_COSTS.items() if len(cost.layers) == 1]
LAST_LAYER = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid", "kl_divergence": "softmax"}


@cache
def module(
    *activations: str,
    cost: str = "quadratic",
    targets: str | None = None,
    layout: Layout = LAYOUTS[0],
    sizes: tuple[int, ...] = (2, 5, 3, 7),
) -> ModuleType:
    layers = [Dense(units, activation) for units, activation in zip(sizes[1:], activations, strict=False)]
    return load(derive(Network(sizes[0], layers, cost, targets=targets, layout=layout)), verify=False)


def drawn(module: ModuleType, start: int = 0, dtype: type = np.float64) -> tuple[Any, Array, Array]:
    """Parameters, inputs and targets, floats in the type asked for."""
    rng = np.random.default_rng(start)
    params = module.Parameters(*((array + 0.1 * rng.standard_normal(array.shape)).astype(dtype) for array in module.init(rng)))
    x, y = module.sample(rng)
    return params, x.astype(dtype), y.astype(dtype) if y.dtype.kind == "f" else y


class TestHugeLogits:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("layout", LAYOUTS, ids=str)
    @pytest.mark.parametrize(
        ("activation", "cost", "targets"),
        [
            ("softmax", "cross_entropy", None),
            ("softmax", "cross_entropy", "labels"),
            ("sigmoid", "binary_cross_entropy", None),
            ("softplus", "quadratic", None),
            ("softplus", "hinge", None),
            ("sigmoid", "cross_entropy", None),
            ("sigmoid", "quadratic", None),
            ("softmax", "quadratic", None),
            ("silu", "quadratic", None),
            ("elu", "quadratic", None),
            ("selu", "mae", None),
            ("tanh", "huber", None),
            ("gelu", "quadratic", None),
            ("z*tanh(log(1 + exp(z)))", "quadratic", None),
            ("2/(1 + exp(-3*z)) - 1", "quadratic", None),
            ("identity", "log(cosh(a - y))", None),
            ("identity", "log(sum(k, exp(a[k]))) - a[y]", "labels"),
        ],
    )
    def test_cost_and_gradients_are_finite_without_a_warning(
        self, activation: str, cost: str, targets: str | None, layout: Layout, dtype: type
    ) -> None:
        net = module(activation, cost=cost, targets=targets, layout=layout)
        logits = np.array([[1e4, -1e4, 0, 3e3, -3e3], [-1e4, -1e4, -1e4, -1e4, -1e4], [1e4, 1e4, 1e4, 1e4, 1e4], [-1e4, 1e4, 1, -1, 88.8]])
        params, _, _ = drawn(net, dtype=dtype)
        # With weights 0 the pre-activations are the biases.
        for bias in logits:
            same_everywhere = params._replace(W1=np.zeros_like(params.W1), b1=bias.astype(dtype))
            for start in range(3):
                _, x, y = drawn(net, start, dtype)
                with warnings.catch_warnings(), np.errstate(over="raise", divide="raise", invalid="raise"):
                    warnings.simplefilter("error")
                    value, gradients = net.cost_and_gradients(same_everywhere, x, y)
                assert math.isfinite(value)
                for name, gradient in gradients._asdict().items():
                    assert np.isfinite(gradient).all(), name
                    assert gradient.dtype == dtype

    def test_the_cost_of_a_certain_mistake_is_its_logit(self) -> None:
        net = module("softmax", cost="cross_entropy", targets="labels")
        params, x, _ = drawn(net)
        sure = params._replace(W1=np.zeros_like(params.W1), b1=np.array([1e4, 0, 0, 0, 0.0]))
        assert net.cost(sure, x[:1], np.array([1])) == pytest.approx(1e4, rel=1e-15)
        assert net.cost(sure, x[:1], np.array([0])) == 0.0

    def test_binary_cross_entropy_of_a_certain_mistake(self) -> None:
        net = module("sigmoid", cost="binary_cross_entropy", sizes=(2, 1))
        params, x, _ = drawn(net)
        for logit, target in ((1e4, 0.0), (-1e4, 1.0)):
            sure = params._replace(W1=np.zeros_like(params.W1), b1=np.array([logit]))
            value, gradients = net.cost_and_gradients(sure, x[:1], np.array([[target]]))
            assert value == pytest.approx(1e4, rel=1e-15)
            assert gradients.b1[0] == pytest.approx(math.copysign(1, logit))

    def test_small_probabilities_keep_their_digits(self) -> None:
        net = module("softmax", cost="cross_entropy", targets="labels", sizes=(2, 3))
        params, x, _ = drawn(net)
        sure = params._replace(W1=np.zeros_like(params.W1), b1=np.array([0.0, -50.0, -60.0]))
        assert net.cost(sure, x[:1], np.array([2])) == pytest.approx(60 + math.log1p(math.exp(-50)), rel=1e-15)


class TestFloatTypes:
    @pytest.mark.parametrize("activation", [*ACTIVATIONS, *FORMULAS])
    @pytest.mark.parametrize("layout", LAYOUTS, ids=str)
    def test_float32_stays_float32(self, activation: str, layout: Layout) -> None:
        net = module(activation, activation, layout=layout)
        self.compare(net)

    @pytest.mark.parametrize("cost", COSTS)
    def test_float32_for_every_cost(self, cost: str) -> None:
        self.compare(module("tanh", LAST_LAYER.get(cost, "identity"), cost=cost))

    @staticmethod
    def compare(net: ModuleType) -> None:
        wide = net.cost_and_gradients(*drawn(net))
        params, x, y = drawn(net, dtype=np.float32)
        cache = net.forward(params, x)
        for name, array in cache._asdict().items():
            assert array.dtype == np.float32, name
        assert net.predict(params, x).dtype == np.float32
        value, gradients = net.cost_and_gradients(params, x, y)
        assert isinstance(value, float)
        assert value == pytest.approx(wide[0], rel=1e-4, abs=1e-5)
        for name, exact in wide[1]._asdict().items():
            found = getattr(gradients, name)
            assert found.dtype == np.float32, name
            np.testing.assert_allclose(found, exact, rtol=0, atol=2e-4 * max(np.abs(exact).max(), 1e-2), err_msg=name)

    def test_init_in_float32(self) -> None:
        net = module("tanh", "sigmoid")
        assert {array.dtype for array in net.init(np.random.default_rng(0), np.float32)} == {np.dtype(np.float32)}

    @pytest.mark.parametrize("optimiser", ["sgd", "momentum", "rmsprop", "adam"])
    def test_optimisers_keep_float32(self, optimiser: str) -> None:
        net = module("tanh", "sigmoid")
        params, x, y = drawn(net, dtype=np.float32)
        stepped = getattr(net, optimiser)(params, net.backward(params, net.forward(params, x), y))
        after = stepped if optimiser == "sgd" else stepped[0]
        assert {array.dtype for array in after} == {np.dtype(np.float32)}


class TestArraysThatDoNotFit:
    net = staticmethod(lambda: module("relu", "softmax", cost="cross_entropy", targets="labels"))
    columns = staticmethod(lambda: module("relu", "tanh", layout=LAYOUTS[3]))

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda _, y: (np.zeros((4, 3)), y), r"x: found shape \(4, 3\), expected \(N, 2\)"),
            (lambda _, y: (np.zeros(2), y), r"x: found shape \(2,\), expected \(N, 2\)"),
            (lambda _, y: (np.zeros((5, 2, 1)), y), r"x: found shape \(5, 2, 1\), expected \(N, 2\)"),
            (lambda x, y: (x.T, y), r"x: found shape \(2, 5\), expected \(N, 2\)"),
            (lambda _, y: (np.float64(1), y), r"x: found shape \(\), expected \(N, 2\)"),
            (lambda x, y: (x.astype(int), y), r"x: found dtype int64, expected float32 or float64"),
            (lambda x, y: (x.astype(complex), y), r"x: found dtype complex128, expected float32 or float64"),
            (lambda x, y: (np.full(x.shape, "a"), y), r"x: found dtype <U1, expected float32 or float64"),
            (lambda x, y: (x > 0, y), r"x: found dtype bool, expected float32 or float64"),
            (lambda x, y: (x, y.astype(float)), r"y: found dtype float64, expected an integer type"),
            (lambda x, y: (x, y == 1), r"y: found dtype bool, expected an integer type"),
            (lambda x, y: (x, y[:-1]), r"y: found shape \(4,\), expected \(5,\)"),
            (lambda x, y: (x, y[:, None]), r"y: found shape \(5, 1\), expected \(5,\)"),
            (lambda x, _: (x, np.array([0, 1, 2, 0, 3])), r"y: found labels from 0 to 3, expected 0 to 2"),
            (lambda x, _: (x, np.array([0, -1, 2, 0, 1])), r"y: found labels from -1 to 2, expected 0 to 2"),
        ],
    )
    def test_inputs_and_labels(self, change: Callable[[Array, Array], tuple[Any, Any]], words: str) -> None:
        net = self.net()
        params, x, y = drawn(net)
        wrong = change(x, y)
        for function in (net.cost, net.cost_and_gradients):
            with pytest.raises(ValueError, match=words):
                function(params, *wrong)
        cache = net.forward(params, x)
        if wrong[0] is x:
            with pytest.raises(ValueError, match=words):
                net.backward(params, cache, wrong[1])
        else:
            for function in (net.forward, net.predict):
                with pytest.raises(ValueError, match=words):
                    function(params, wrong[0])

    @pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
    def test_parameters(self, name: str) -> None:
        net = self.net()
        params, x, y = drawn(net)
        right = getattr(params, name)
        for wrong, found in ((right[:-1], "shape"), (right.astype(int), "dtype"), (right[..., None], "shape")):
            with pytest.raises(ValueError, match=f"{name}: found {found}"):
                net.cost(params._replace(**{name: wrong}), x, y)
        if right.ndim == 2:
            with pytest.raises(ValueError, match=rf"{name}: found shape \({right.shape[1]}, {right.shape[0]}\)"):
                net.cost(params._replace(**{name: right.T}), x, y)

    @pytest.mark.parametrize("columns", [False, True])
    def test_targets_of_numbers(self, columns: bool) -> None:
        net = self.columns() if columns else module("relu", "tanh")
        params, x, y = drawn(net)
        expected = r"\(3, 5\)" if columns else r"\(5, 3\)"
        for wrong in (y.T, y[:2, :2], y[0], y[None]):
            for function in (net.cost, net.cost_and_gradients):
                with pytest.raises(ValueError, match=rf"y: found shape .*, expected {expected}"):
                    function(params, x, wrong)
            with pytest.raises(ValueError, match=rf"y: found shape .*, expected {expected}"):
                net.backward(params, net.forward(params, x), wrong)
        with pytest.raises(ValueError, match="y: found dtype int64"):
            net.cost(params, x, y.astype(int))

    def test_columns_name_their_own_shape(self) -> None:
        net = self.columns()
        params, x, y = drawn(net)
        with pytest.raises(ValueError, match=r"x: found shape \(5, 2\), expected \(2, N\)"):
            net.cost(params, x.T, y)


class TestSizes:
    @pytest.mark.parametrize("layout", LAYOUTS, ids=str)
    @pytest.mark.parametrize("targets", [None, "labels"])
    def test_the_cost_of_a_batch_is_the_mean_of_its_examples(self, layout: Layout, targets: str | None) -> None:
        net = module("tanh", "softmax", cost="cross_entropy", targets=targets, layout=layout)
        params, x, y = drawn(net)
        columns = layout.examples == "columns"
        whole, gradients = net.cost_and_gradients(params, x, y)
        ones = [
            net.cost_and_gradients(
                params, x[:, [place]] if columns else x[[place]], y[:, [place]] if columns and targets is None else y[[place]]
            )
            for place in range(5)
        ]
        assert whole == pytest.approx(np.mean([cost for cost, _ in ones]), rel=1e-13)
        for position, gradient in enumerate(gradients):
            np.testing.assert_allclose(gradient, np.mean([own[position] for _, own in ones], axis=0), rtol=1e-12, atol=1e-15)

    @pytest.mark.parametrize("layout", LAYOUTS, ids=str)
    @pytest.mark.parametrize("cost", COSTS)
    @pytest.mark.parametrize("size", [1, 3])
    def test_all_sizes_alike(self, layout: Layout, cost: str, size: int) -> None:
        for activation in ("tanh", "relu", "softmax"):
            last = LAST_LAYER.get(cost, activation)
            net = module(activation, last, cost=cost, layout=layout, sizes=(size, size, size))
            assert max(net.check(np.random.default_rng(0)).values()) < TOLERANCE

    @pytest.mark.parametrize("layout", LAYOUTS, ids=str)
    @pytest.mark.parametrize("activation", [*ACTIVATIONS, "z - mean(k, z[k])"])
    def test_one_everywhere(self, layout: Layout, activation: str) -> None:
        net = module(activation, activation, layout=layout, sizes=(1, 1, 1))
        params, x, y = drawn(net)
        one = (slice(None), slice(0, 1)) if layout.examples == "columns" else (slice(0, 1), slice(None))
        value, gradients = net.cost_and_gradients(params, x[one], y[one])
        assert math.isfinite(value)
        for name, gradient in gradients._asdict().items():
            assert gradient.shape == getattr(params, name).shape
            for place in np.ndindex(gradient.shape):
                assert gradient[place] == pytest.approx(slope(net, params, name, place, x[one], y[one]), rel=1e-5, abs=1e-8)

    def test_as_many_examples_as_units(self) -> None:
        for layout in LAYOUTS:
            net = module("softmax", "z - mean(k, z[k])", layout=layout, sizes=(5, 5, 5))
            assert max(net.check(np.random.default_rng(1)).values()) < TOLERANCE

    @pytest.mark.parametrize("targets", [None, "labels"])
    def test_inputs_are_left_as_they_were(self, targets: str | None) -> None:
        net = module("relu", "softmax", cost="cross_entropy", targets=targets)
        params, x, y = drawn(net)
        before = [array.copy() for array in (*params, x, y)]
        first = net.cost_and_gradients(params, x, y)
        second = net.cost_and_gradients(params, x, y)
        assert first[0] == second[0]
        for old, new in zip(before, (*params, x, y), strict=True):
            np.testing.assert_array_equal(old, new)


def slope(net: ModuleType, params: Any, name: str, place: tuple[int, ...], x: Array, y: Array, step: float = 1e-6) -> float:
    """Central differences of the module's cost, written here once more."""

    def cost_at(offset: float) -> float:
        moved = getattr(params, name).copy()
        moved[place] += offset
        return float(net.cost(params._replace(**{name: moved}), x, y))

    return (cost_at(step) - cost_at(-step)) / (2 * step)


class TestOwnFunctions:
    points = np.concatenate([np.linspace(-8, 8, 1601), [-700.0, -40.0, -1e-8, 1e-8, 40.0, 700.0, 0.0]])

    def compare(self, own: Callable[[Array], Array], reference: Callable[[float], float]) -> None:
        expected = np.array([reference(float(point)) for point in self.points])
        np.testing.assert_allclose(own(self.points), expected, rtol=1e-14, atol=1e-300)

    def test_sigmoid(self) -> None:
        net = module("sigmoid", "tanh")
        self.compare(net.sigmoid, lambda z: 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z)))

    def test_softplus(self) -> None:
        net = module("softplus", "tanh")
        self.compare(net.softplus, lambda z: max(z, 0) + math.log1p(math.exp(-abs(z))))

    def test_erf(self) -> None:
        net = module("gelu", "tanh")
        self.compare(net.erf, math.erf)
        np.testing.assert_allclose(net.erf(self.points), [math.erf(point) for point in self.points], rtol=0, atol=1e-15)
        assert net.erf(np.float32([0.5])).dtype == np.float32

    def test_softmax(self) -> None:
        net = module("softmax", "tanh")
        z = np.random.default_rng(0).standard_normal((5, 7)) * 3
        for axis in (0, 1):
            expected = np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)
            np.testing.assert_allclose(net.softmax(z, axis=axis), expected, rtol=1e-14)
            np.testing.assert_allclose(net.softmax(z + 1e4, axis=axis).sum(axis=axis), 1, rtol=1e-14)

    def test_log_sum_exp(self) -> None:
        net = module("softmax", cost="cross_entropy", targets="labels")
        z = np.random.default_rng(0).standard_normal((5, 7)) * 3
        for axis in (0, 1):
            np.testing.assert_allclose(net.log_sum_exp(z, axis=axis), np.log(np.exp(z).sum(axis=axis)), rtol=1e-14)
            np.testing.assert_allclose(net.log_sum_exp(z - 1e4, axis=axis) + 1e4, np.log(np.exp(z).sum(axis=axis)), rtol=1e-11)


class TestOptimisers:
    """Three steps beside the published update rules, written down here for one array."""

    @staticmethod
    def steps(optimiser: str, **constants: float) -> tuple[list[Any], list[Any]]:
        """Parameters before each step and after the last, and the gradients of each step."""
        net = module("tanh", "sigmoid")
        params, x, y = drawn(net)
        seen, gradients, state = [params], [], None
        for _ in range(3):
            gradients.append(net.cost_and_gradients(params, x, y)[1])
            if optimiser == "sgd":
                params = net.sgd(params, gradients[-1], **constants)
            else:
                params, state = getattr(net, optimiser)(params, gradients[-1], state, **constants)
            seen.append(params)
        return seen, gradients

    def test_sgd(self) -> None:
        seen, gradients = self.steps("sgd", eta=0.3)
        for before, after, gradient in zip(seen, seen[1:], gradients, strict=False):
            for w, new, g in zip(before, after, gradient, strict=True):
                np.testing.assert_allclose(new, w - 0.3 * g, rtol=1e-14, atol=1e-16)

    def test_momentum(self) -> None:
        seen, gradients = self.steps("momentum", eta=0.3, beta=0.8)
        velocity = [np.zeros_like(array) for array in seen[0]]
        for before, after, gradient in zip(seen, seen[1:], gradients, strict=False):
            velocity = [0.8 * v + 0.2 * g for v, g in zip(velocity, gradient, strict=True)]
            for w, new, v in zip(before, after, velocity, strict=True):
                np.testing.assert_allclose(new, w - 0.3 * v, rtol=1e-13, atol=1e-16)

    def test_rmsprop(self) -> None:
        seen, gradients = self.steps("rmsprop", eta=0.01, beta=0.8, epsilon=1e-7)
        square = [np.zeros_like(array) for array in seen[0]]
        for before, after, gradient in zip(seen, seen[1:], gradients, strict=False):
            square = [0.8 * s + 0.2 * g**2 for s, g in zip(square, gradient, strict=True)]
            for w, new, s, g in zip(before, after, square, gradient, strict=True):
                np.testing.assert_allclose(new, w - 0.01 * g / (np.sqrt(s) + 1e-7), rtol=1e-13, atol=1e-16)

    def test_adam(self) -> None:
        seen, gradients = self.steps("adam", eta=0.01, beta1=0.8, beta2=0.95, epsilon=1e-7)
        first = [np.zeros_like(array) for array in seen[0]]
        second = [np.zeros_like(array) for array in seen[0]]
        for number, (before, after, gradient) in enumerate(zip(seen, seen[1:], gradients, strict=False), 1):
            first = [0.8 * m + 0.2 * g for m, g in zip(first, gradient, strict=True)]
            second = [0.95 * v + 0.05 * g**2 for v, g in zip(second, gradient, strict=True)]
            for w, new, m, v in zip(before, after, first, second, strict=True):
                step = 0.01 * (m / (1 - 0.8**number)) / (np.sqrt(v / (1 - 0.95**number)) + 1e-7)
                np.testing.assert_allclose(new, w - step, rtol=1e-12, atol=1e-16)

    def test_defaults_are_the_published_ones(self) -> None:
        net = module("tanh", "sigmoid")
        params, x, y = drawn(net)
        gradients = net.cost_and_gradients(params, x, y)[1]
        after, _ = net.adam(params, gradients)
        for w, new, g in zip(params, after, gradients, strict=True):
            np.testing.assert_allclose(new, w - 0.001 * g / (np.abs(g) + 1e-8), rtol=1e-12)

    @pytest.mark.parametrize("optimiser", ["sgd", "momentum", "rmsprop", "adam"])
    def test_the_cost_falls(self, optimiser: str) -> None:
        net = module("tanh", "sigmoid")
        params, x, y = drawn(net)
        y = np.clip(y, 0, 1)
        start, state = net.cost(params, x, y), None
        for _ in range(50):
            gradients = net.cost_and_gradients(params, x, y)[1]
            if optimiser == "sgd":
                params = net.sgd(params, gradients)
            else:
                params, state = getattr(net, optimiser)(params, gradients, state)
        assert net.cost(params, x, y) < start


class TestDeepNetworks:
    @pytest.mark.parametrize("layout", LAYOUTS, ids=str)
    def test_fifty_equal_layers(self, layout: Layout) -> None:
        """Equal layers are derived once and renamed: each gradient still has to be that of its own layer."""
        net = load(derive(Network(3, [Dense(3, "tanh") for _ in range(50)], layout=layout)), verify=False)
        assert max(net.check(np.random.default_rng(0)).values()) < TOLERANCE

    def test_fifty_layers_of_three_kinds(self) -> None:
        activations = ("tanh", "sigmoid", "softplus")
        layers = [Dense(2 + number % 4, activations[number % 3]) for number in range(50)]
        net = load(derive(Network(3, layers, "huber", regularisation={"l2": 0.01})), verify=False)
        assert max(net.check(np.random.default_rng(0)).values()) < TOLERANCE


class TestNames:
    def test_layers_with_names(self) -> None:
        net = load(derive(Network(2, [Dense(5, "relu", name="enc"), Dense(3, "tanh"), Dense(7, "sigmoid", name="_out")])), verify=False)
        assert net.Parameters._fields == ("Wenc", "benc", "W2", "b2", "W_out", "b_out")
        assert set(net.Cache._fields) == {"x", "zenc", "aenc", "z2", "a2", "z_out", "a_out"}
        assert max(net.check(np.random.default_rng(0)).values()) < TOLERANCE

    @pytest.mark.parametrize("name", ["e", "t", "p", "i", "n", "k", "N", "q", "T", "x", "_1", "d", "h", "in", "_", "params"])
    @pytest.mark.parametrize("layout", LAYOUTS[::3], ids=str)
    def test_names_that_look_like_others(self, name: str, layout: Layout) -> None:
        network = Network(2, [Dense(5, "tanh", name=name), Dense(3, "sigmoid")], layout=layout)
        assert max(load(derive(network), verify=False).check(np.random.default_rng(0)).values()) < TOLERANCE

    def test_a_name_that_makes_a_word_of_pythons_is_refused(self) -> None:
        with pytest.raises(InvalidDescription, match="would own 'as'"):
            Network(2, [Dense(5, "tanh", name="s")])

    def test_constants_with_two_values(self) -> None:
        layers = [Dense(5, "leaky_relu", constants={"alpha": 0.1}), Dense(3, "leaky_relu", constants={"alpha": 0.3}), Dense(7, "elu")]
        net = load(derive(Network(2, layers)), verify=False)
        assert max(net.check(np.random.default_rng(0)).values()) < TOLERANCE
        assert sorted(value for value in vars(net).values() if isinstance(value, float)) == [0.1, 0.3, 1.0]
