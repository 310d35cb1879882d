"""Softmax, labels and costs of outputs with several axes: classes are channels of an image and features of a sequence.

The numbers of the convolutions are PyTorch's 2.13 (`conv2d`, `conv1d`, `cross_entropy`, `binary_cross_entropy_with_logits`), in float64.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from chainrule import Dense, InvalidDescription, Layer, Network, derive, load
from chainrule.codegen.descriptions.reader import read_description
from chainrule.symbolic.layers.connections import Input
from chainrule.symbolic.layers.layer import Layer as AnyLayer

N, CHANNELS, CLASSES, ROWS, COLUMNS = 2, 3, 5, 4, 7
X = np.sin(np.arange(N * CHANNELS * ROWS * COLUMNS)).reshape(N, CHANNELS, ROWS, COLUMNS)
W = np.cos(np.arange(CLASSES * CHANNELS * 2 * 3)).reshape(CLASSES, CHANNELS, 2, 3)
B = np.arange(CLASSES) / 7
#: A number for every output of the convolution, and a label for every place of it.
T = np.sin(0.3 * np.arange(N * CLASSES * 3 * 5)).reshape(N, CLASSES, 3, 5)
LABELS = np.arange(N * 3 * 5).reshape(N, 3, 5) * 7 % CLASSES


def softmax(z: np.ndarray, axis: int) -> np.ndarray:
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def convolution(activation: str | None = None, axis: int | None = None) -> Layer:
    return Layer("conv2d", {"channels": CLASSES, "kernel": [2, 3]}, activation, axis=axis)


def image(layers: list[AnyLayer], cost: str, **more: Any) -> Network:
    return Network([CHANNELS, ROWS, COLUMNS], layers, cost, name="image", **more)


PIXELS = {
    "labels": (
        image([convolution("softmax")], "cross_entropy", targets="labels"),
        LABELS,
        1.868300770914007,
        0.7172706636255278,
        [-0.006488284660861043, -0.030818523969163715, -0.0365785515663764, -0.008460617464325339, 0.08234597766072654],
    ),
    "labels from logits": (
        image([convolution()], "cross_entropy", targets="labels", from_logits=True),
        LABELS,
        1.868300770914007,
        0.7172706636255278,
        [-0.006488284660861043, -0.030818523969163715, -0.0365785515663764, -0.008460617464325339, 0.08234597766072654],
    ),
    "one-hot": (
        image([convolution("softmax")], "cross_entropy"),
        np.moveaxis(np.eye(CLASSES)[LABELS], -1, 1),
        1.868300770914007,
        0.7172706636255278,
        [-0.006488284660861043, -0.030818523969163715, -0.0365785515663764, -0.008460617464325339, 0.08234597766072654],
    ),
    "distributions, less their own entropy": (
        image([convolution("softmax")], "kl_divergence"),
        softmax(T, 1),
        1.9424414634604195 + np.sum(softmax(T, 1) * np.log(softmax(T, 1))) / (N * 3 * 5),
        0.7156395503601836,
        [-0.004105353973297348, -0.023942747356001527, -0.04490323567914924, -0.029560743217196702, 0.10251208022564487],
    ),
    "numbers": (
        image([convolution()], "quadratic"),
        T,
        51.288356233676105,
        64.10405579146499,
        [-0.35121293769780026, 2.5616399507673453, 3.2693550518206953, 3.8657212790556845, 8.46187752625856],
    ),
    "numbers from 0 to 1": (
        image([convolution()], "binary_cross_entropy", from_logits=True),
        (T + 1) / 2,
        59.81283764662051,
        16.645603336197336,
        [-0.33092269397866647, 0.8435967320437177, 0.7865514181734703, 0.4088641853232633, 1.77771489253055],
    ),
    "softmax over the columns": (
        image([convolution("softmax", axis=2)], "quadratic"),
        T,
        20.872020071477063,
        2.660080329553904,
        [0.0] * CLASSES,
    ),
}


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("name", PIXELS)
def test_an_image_has_a_class_or_numbers_at_every_place(name: str, style: str) -> None:
    network, target, cost, slope, bias = PIXELS[name]
    module = load(derive(network), style=style)
    found, gradients = module.cost_and_gradients(module.Parameters(W, B), X, target)
    assert found == pytest.approx(cost, rel=1e-12)
    assert np.linalg.norm(gradients.W1) == pytest.approx(slope, rel=1e-11)
    np.testing.assert_allclose(gradients.b1, bias, atol=1e-12)


def test_a_sequence_of_channels_has_a_class_at_every_step() -> None:
    layer = Layer("conv1d", {"channels": CLASSES, "kernel": 3}, "softmax")
    module = load(derive(Network([CHANNELS, 11], [layer], "cross_entropy", targets="labels")))
    labels = np.arange(N * 9).reshape(N, 9) * 3 % CLASSES
    x = X.reshape(N, CHANNELS, 28)[:, :, :11]
    cost, gradients = module.cost_and_gradients(module.Parameters(W[:, :, 0], B), x, labels)
    assert cost == pytest.approx(2.1772720796401632, rel=1e-12)
    assert np.linalg.norm(gradients.W1) == pytest.approx(0.6482014333653552, rel=1e-11)
    assert gradients.b1[4] == pytest.approx(0.1092490941876797, rel=1e-11)


def test_a_sequence_of_features_has_a_class_at_every_step() -> None:
    network = Network(Input((3,), 7), [Layer("embedding", {"features": 2}), Dense(5, "softmax")], "cross_entropy", targets="labels")
    module = load(derive(network))
    params = module.init(np.random.default_rng(0))
    tokens, labels = np.array([[0, 6, 3], [2, 2, 5]]), np.array([[4, 0, 1], [1, 3, 2]])
    a = softmax(params.E1[tokens] @ params.W2.T + params.b2, -1)
    expected = -np.mean([np.log(a[n, t, labels[n, t]]) for n in range(2) for t in range(3)])
    assert module.cost(params, tokens, labels) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("between", "shape"),
    [
        ([Layer("max_pool2d", {"kernel": 2})], (CLASSES, 1, 2)),
        ([Layer("batch_norm")], (CLASSES, 3, 5)),
        ([Layer("conv2d", {"channels": 7, "kernel": 1}), Layer("add", sources=("a2", "a2"))], (7, 3, 5)),
        ([Layer("concatenate", sources=("a1", "a1"))], (2 * CLASSES, 3, 5)),
        ([Layer("conv_transpose2d", {"channels": 2, "kernel": 2})], (2, 4, 6)),
    ],
)
def test_channels_stay_the_classes_from_layer_to_layer(between: list[Layer], shape: tuple[int, ...]) -> None:
    module = load(derive(image([convolution(), *between, Layer("activation", activation="softmax")], "quadratic")))
    params = module.init(np.random.default_rng(1))
    predicted = module.predict(params, X)
    assert predicted.shape == (N, *shape)
    np.testing.assert_allclose(predicted.sum(axis=1), 1)


def test_an_axis_of_the_cost() -> None:
    """Numbers of an image whose columns are the classes: softmax of the cost over the columns."""
    module = load(derive(image([convolution()], "cross_entropy", targets="labels", from_logits=True, cost_axis=2)))
    labels = np.arange(N * CLASSES * 3).reshape(N, CLASSES, 3) % 5
    params = module.Parameters(W, B)
    logs = np.log(softmax(module.predict(params, X), 3))
    picked = [logs[n, c, i, labels[n, c, i]] for n in range(N) for c in range(CLASSES) for i in range(3)]
    assert module.cost(params, X, labels) == pytest.approx(-np.mean(picked), rel=1e-12)


SEGMENTS = """
name = "segments"
input = [3, 4, 7]
[[layers]]
kind = "conv2d"
channels = 5
kernel = [2, 3]
activation = { kind = "softmax", axis = 0 }
[cost]
kind = "cross_entropy"
targets = "labels"
"""


def test_a_description_names_the_axis(tmp_path: Path) -> None:
    path = tmp_path / "segments.toml"
    path.write_text(SEGMENTS)
    module: ModuleType = load(derive(read_description(path).network))
    assert module.cost(module.Parameters(W, B), X, LABELS) == pytest.approx(1.868300770914007, rel=1e-12)
    path.write_text(SEGMENTS.replace("axis = 0", "axis = 3"))
    with pytest.raises(InvalidDescription, match=r"segments\.toml:8: layer 1: activation: axis: found 3, expected 0 to 2"):
        read_description(path)
    path.write_text(SEGMENTS + "axis = 4\n")
    with pytest.raises(InvalidDescription, match=r"segments\.toml:12: cost: axis: found 4, expected 0 to 2"):
        read_description(path)


def test_equations_name_the_axis_of_one_hot_rows() -> None:
    system = Network.from_equations("C = -mean(n, i, sum(c, y[n,c,i]*u[c,i]))", ["u[c,i]"], targets=["y[n,c,i] in one_hot(c)"], batch="n")
    assert str(system.tensors["y"].class_axis("n")) == "c"
    for wrong, words in {"one_hot(k)": "one_hot\\(k\\): expected one of n, c, i", "unit(c)": "only one_hot and distribution"}.items():
        with pytest.raises(InvalidDescription, match=words):
            Network.from_equations("C = sum(n, c, i, y[n,c,i]*u[c,i])", ["u[c,i]"], targets=[f"y[n,c,i] in {wrong}"])


class TestLayersWithoutActivation:
    @pytest.mark.parametrize("layer", ["units = 2", 'kind = "conv2d"\nchannels = 2\nkernel = 1'])
    def test_have_none(self, layer: str, tmp_path: Path) -> None:
        path = tmp_path / "net.toml"
        given = "3" if "units" in layer else "[3, 4, 5]"
        path.write_text(f'name = "net"\ninput = {given}\n[[layers]]\n{layer}\n[cost]\nkind = "quadratic"\n')
        module = load(derive(read_description(path).network))
        params = module.init(np.random.default_rng(0))
        x = np.random.default_rng(1).standard_normal((2, 3) if "units" in layer else (2, 3, 4, 5))
        expected = np.einsum("ji,ni->nj", params.W1, x) if "units" in layer else np.einsum("dc,nchw->ndhw", params.W1[:, :, 0, 0], x)
        np.testing.assert_allclose(module.predict(params, x), expected, atol=1e-12)

    def test_in_python_too(self) -> None:
        assert Dense(3).formula.name == "identity"

    def test_a_shorthand_keeps_its_own(self) -> None:
        assert read_description("3-2").network.layers[0].formula.name == "sigmoid"


class TestLogarithmsOfWhatMayNotBePositive:
    @pytest.mark.parametrize("cost", ["cross_entropy", "binary_cross_entropy", "kl_divergence"])
    @pytest.mark.parametrize("activation", ["identity", "relu", "tanh", "leaky_relu", "elu", "gelu", "silu"])
    def test_are_refused_with_the_ways_to_mend_it(self, cost: str, activation: str) -> None:
        with pytest.raises(InvalidDescription, match=r"may be 0 or less.*activation = .(softmax|sigmoid).*from_logits = true") as refusal:
            _ = Network(3, [Dense(2, activation)], cost).system
        assert f"layer 1 (activation {activation})" in str(refusal.value)

    def test_of_more_than_1_in_binary_cross_entropy(self) -> None:
        with pytest.raises(InvalidDescription, match=r"layer 1 \(activation softplus\) may be 1 or more"):
            _ = Network(3, [Dense(2, "softplus")], "binary_cross_entropy").system
        _ = Network(3, [Dense(2, "softplus")], "cross_entropy").system

    @pytest.mark.parametrize(
        "last",
        [
            [Layer("layer_norm")],
            [Layer("dropout")],
            [Layer("multiply", sources=("a1", "x"))],
        ],
    )
    def test_of_layers_that_keep_no_bounds(self, last: list[Layer]) -> None:
        with pytest.raises(InvalidDescription, match="may be 0 or less"):
            _ = Network(2, [Dense(2, "softmax"), *last], "cross_entropy").system

    @pytest.mark.parametrize(
        "last",
        [
            [Layer("activation")],
            [Layer("concatenate", sources=("a1", "a1"))],
            [Layer("add", sources=("a1", "a1"))],
            [Layer("multiply", sources=("a1", "a1"))],
            [Dense(2, "exp(z)")],
        ],
    )
    def test_of_layers_that_keep_them(self, last: list[Layer]) -> None:
        _ = Network(2, [Dense(2, "softmax"), *last], "cross_entropy").system

    def test_a_second_softmax_is_refused(self) -> None:
        with pytest.raises(InvalidDescription, match="layer 1 has it already"):
            _ = Network(2, [Dense(2, "softmax")], "cross_entropy", from_logits=True).system

    def test_a_cost_without_logarithms_takes_no_logits(self) -> None:
        with pytest.raises(
            InvalidDescription, match=r"from_logits goes with .*cross_entropy, binary_cross_entropy, kl_divergence.* found mae"
        ):
            _ = Network(2, [Dense(2)], "mae", from_logits=True).system


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_logits_far_out(style: str) -> None:
    """−log softmax at a distance of 2,000: the cost is the distance, the slopes are those of a certain mistake."""
    module = load(derive(Network(2, [Dense(3)], "cross_entropy", targets="labels", from_logits=True)), style=style)
    params = module.Parameters(np.array([[1000.0, 0.0], [-1000.0, 0.0], [0.0, 0.0]]), np.zeros(3))
    cost, gradients = module.cost_and_gradients(params, np.array([[1.0, 0.5]]), np.array([1]))
    assert cost == 2000.0
    np.testing.assert_array_equal(gradients.b1, [1.0, -1.0, 0.0])
    assert not np.any(module.predict(params, np.array([[0.0, 1.0]])))


@pytest.mark.parametrize(("axis", "place"), [("steps", 0), ("features", 1)])
def test_an_axis_has_a_word(axis: str, place: int) -> None:
    """A softmax over the steps of a sequence, as attention has one: the same as by its place."""
    by_word, by_place = (Network([5, 3], [Layer("dense", {"units": 2}, "softmax", axis=along)]).system for along in (axis, place))
    assert by_word.equations == by_place.equations


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("dense", {"units": 2}, "axis: found 'rows', expected 0 to 1, or one of steps, features"),
        ("conv1d", {"channels": 2, "kernel": 1}, "axis: found 'rows', expected 0 to 1, or one of channels, steps"),
    ],
)
def test_a_word_for_no_axis_is_refused(kind: str, options: dict[str, int], said: str) -> None:
    with pytest.raises(InvalidDescription, match=said):
        _ = Network([5, 3], [Layer(kind, options, "softmax", axis="rows")]).system
