"""Every kind of layer, alone and in small networks: all steps evaluated, gradients against numeric ones, both float types."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from derived_networks import derived
from layer_networks import ALONE, IMAGE, SEQUENCE, TOGETHER, layer

from chainrule import Dense, InvalidDescription, Layer, Network, derive
from chainrule.codegen.build import document_of
from chainrule.codegen.checking.gradient_check import CheckedModule, checked_module
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.formats.markdown import render_markdown
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.layers import KINDS
from chainrule.symbolic.layers.connections import Input

NETWORKS = {**ALONE, **TOGETHER}
TOLERANCE = 1e-6
each_network = pytest.mark.parametrize("name", NETWORKS)


def derivation(name: str) -> Derivation:
    return derived(f"layers {name}")


@cache
def checked(name: str) -> CheckedModule:
    return checked_module(derivation(name))


def test_every_kind_is_tried_alone() -> None:
    assert {each.kind for described in ALONE.values() for each in described["layers"]} == set(KINDS)


@each_network
def test_every_step_holds(name: str) -> None:
    assert verify(derivation(name)).equations > 0


@each_network
def test_every_parameter_has_the_numeric_gradient(name: str) -> None:
    errors = checked(name).errors
    assert list(errors) == [tensor.name for tensor in derivation(name).system.parameters]
    for parameter, error in errors.items():
        assert error < TOLERANCE, parameter


@each_network
def test_no_gradient_is_zero_everywhere(name: str) -> None:
    """But of what is stopped: the mean and variance that a batch normalisation keeps."""
    module, (params, data) = checked(name).module, drawn(name)
    passing = derivation(name).system.on_ways_to_the_cost
    for parameter, gradient in module.cost_and_gradients(params, *data)[1]._asdict().items():
        assert np.any(gradient) == (parameter in passing), parameter


@each_network
def test_float32_stays_float32(name: str) -> None:
    module, (params, data) = checked(name).module, drawn(name)
    value, gradients = module.cost_and_gradients(params, *data)
    narrow = module.Parameters(*(array.astype(np.float32) for array in params))
    narrow_data = [array.astype(np.float32) if array.dtype.kind == "f" else array for array in data]
    for tensor, array in module.forward(narrow, *narrow_data[: len(derivation(name).system.inputs)])._asdict().items():
        assert np.asarray(array).dtype == np.float32 or np.asarray(array).dtype.kind == "i", tensor
    found_value, found = module.cost_and_gradients(narrow, *narrow_data)
    assert found_value == pytest.approx(value, rel=1e-3, abs=1e-4)
    for parameter, exact in gradients._asdict().items():
        own = getattr(found, parameter)
        assert own.dtype == np.float32, parameter
        np.testing.assert_allclose(own, exact, rtol=0, atol=1e-3 * max(float(np.abs(exact).max()), 1e-2), err_msg=parameter)


@each_network
def test_the_prediction_has_the_shape_of_the_output(name: str) -> None:
    system, module, (params, data) = derivation(name).system, checked(name).module, drawn(name)
    network = Network(**NETWORKS[name])
    output = module.predict(params, *data[: len(system.inputs)])
    expected = [int(size) for size in system.shape(system.tensors[network.output])[1:]]
    assert list(output.shape[1:]) == expected


def drawn(name: str) -> tuple[Any, tuple[Any, ...]]:
    """Parameters, and inputs with targets, at which the module was checked."""
    module = checked(name).module
    rng = np.random.default_rng(0)
    params = module.Parameters(*(np.asarray(array + 0.3 * rng.standard_normal(array.shape)) for array in module.init(rng)))
    return params, module.sample(rng)


def test_shared_weights_are_one_parameter() -> None:
    system = derivation("siamese").system
    assert [tensor.name for tensor in system.having(Role.PARAMETER)] == ["Wenc", "benc"]
    assert [equation.tensor.name for equation in system.readers["Wenc"]] == ["zenc", "ztwin"]


def test_what_a_cost_leaves_out_of_a_sequence_does_not_count() -> None:
    module, (params, (x, y, mask)) = checked("labels of a sequence with a mask").module, drawn("labels of a sequence with a mask")
    mask = np.ones_like(mask)
    mask[:, 3:] = 0
    other = np.where(mask > 0, y, (y + 1) % 7)
    assert module.cost(params, x, y, mask) == module.cost(params, x, other, mask)
    assert module.cost(params, x, y, np.ones_like(mask)) != module.cost(params, x, other, np.ones_like(mask))


REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unknown source": ({"layers": [Dense(2), layer("add", "a1", "a7")]}, ["layer 2: from: unknown layer or input 'a7'", "x, a1"]),
    "shapes that do not fit": ({"layers": [Dense(2), layer("add", "a1", "x")]}, ["layer 2: add", "a1 has the shape 2 and x 3"]),
    "an image into a dense layer": ({"input": IMAGE, "layers": [Dense(2)]}, ["layer 1: dense takes", "2 × 7 × 5", "'flatten'"]),
    "features into a convolution": ({"layers": [layer("conv2d", channels=2, kernel=2)]}, ["conv2d takes channels, rows and columns"]),
    "a window that is too large": (
        {"input": IMAGE, "layers": [layer("conv2d", channels=2, kernel=6)]},
        ["conv2d: the window of 6 is larger than what it moves over, 5"],
    ),
    "heads that do not divide": ({"input": SEQUENCE, "layers": [layer("multi_head_attention", heads=2)]}, ["heads = 2 does not divide"]),
    "labels into a dense layer": ({"input": Input((5,), 7), "layers": [Dense(2)]}, ["dense takes numbers, found labels in x", "embedding"]),
    "numbers into an embedding": ({"layers": [layer("embedding", features=2)]}, ["embedding takes labels, found numbers in x"]),
    "several inputs and no source": ({"input": {"u": 2, "v": 3}, "layers": [Dense(2)]}, ["from is missing", "u, v"]),
    "weights of a layer to come": ({"layers": [layer("dense", units=2, weights_of="2"), Dense(2)]}, ["weights_of", "'2'", "before"]),
    "weights of another kind": ({"layers": [Dense(3), layer("rms_norm", weights_of="1")]}, ["weights_of", "layer 1 has other parameters"]),
    "an input with a layer's name": ({"input": {"W1": 2, "v": 3}, "layers": [layer("dense", "v", units=2)]}, ["inputs: 'W1'", "layer 1"]),
    "a cost of two layers": ({"layers": [Dense(2)], "cost": "contrastive"}, ["cost: from: found 1", "one of a pair, the other"]),
    "a gate that fits twice": (
        {
            "input": {"x": [3, 3], "g": 3},
            "layers": [layer("multiply", "x", "g")],
        },
        ["layer 1: multiply: 3 fits into 3 × 3 in more than one way", "axis = 0 or axis = 1 says where"],
    ),
    "a gate before what it opens": (
        {"input": {"x": [3, 5], "g": 5}, "layers": [layer("multiply", "g", "x")]},
        ["multiply: g has the shape 5 and x 3 × 5; they do not fit together"],
    ),
    "groups of a norm that do not divide": (
        {"input": IMAGE, "layers": [layer("conv2d", channels=3, kernel=1), layer("group_norm", groups=2)]},
        ["layer 2: group_norm: groups = 2 does not divide the 3 channels"],
    ),
    "an odd number of features to turn": ({"input": SEQUENCE, "layers": [layer("rotary")]}, ["rotary: found 3 features", "even"]),
    "heads of keys that do not divide": (
        {"input": [5, 6], "layers": [layer("grouped_query_attention", heads=3, key_heads=2)]},
        ["key_heads = 2 does not divide heads = 3"],
    ),
    "a causal convolution with padding": (
        {"input": [2, 7], "layers": [layer("conv1d", channels=2, kernel=3, causal=True, padding=1)]},
        ["conv1d: a causal convolution pads by itself"],
    ),
    "more padding than half of a window": (
        {"input": IMAGE, "layers": [layer("max_pool2d", kernel=3, padding=2)]},
        ["pooling: found a padding of 2, expected at most half of the window of 3"],
    ),
    "weights normalised twice": (
        {"layers": [layer("dense", units=2, weight_norm=True, spectral_norm=True)]},
        ["dense: found weight_norm and spectral_norm, expected one"],
    ),
    "groups that do not divide": (
        {"input": IMAGE, "layers": [layer("conv2d", channels=3, kernel=1, groups=2)]},
        ["conv2d: groups = 2 divides"],
    ),
}


@pytest.mark.parametrize("title", REFUSED)
def test_what_does_not_fit_is_refused(title: str) -> None:
    given, words = REFUSED[title]
    with pytest.raises(InvalidDescription) as refused:
        _ = Network(**{"input": 3, **given}).system
    for word in words:
        assert word in str(refused.value)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Layer("dens", {"units": 2}), ["unknown kind of layer 'dens'", "'dense'"]),
        (lambda: Layer("dense"), ["dense: units is missing"]),
        (lambda: Layer("dense", {"unit": 2}), ["dense has no key 'unit'", "'units'"]),
        (lambda: Layer("dense", {"units": 0}), ["units of dense: found 0", "at least 1"]),
        (lambda: Layer("conv2d", {"channels": 2, "kernel": [2, 2, 2]}), ["kernel of conv2d", "rows and one for columns"]),
        (lambda: Layer("batch_norm", {"mode": "train"}), ["mode of batch_norm: found 'train'", "training, evaluation"]),
        (lambda: Layer("dropout", {"rate": 1.0}), ["rate of dropout: found 1.0", "below 1"]),
        (lambda: Layer("add", sources=("x",)), ["add takes its input from 2 to 16 layers, found 1"]),
        (lambda: Layer("flatten", activation="relu"), ["flatten takes no activation"]),
    ],
)
def test_a_wrong_option_is_named(make: Any, words: list[str]) -> None:
    with pytest.raises(InvalidDescription) as refused:
        make()
    for word in words:
        assert word in str(refused.value)


def test_a_masked_softmax_has_the_derivative_of_a_softmax() -> None:
    """p (dp - Σ dp p), and large scores overflow nowhere."""
    module = checked("causal attention").module
    source = checked("causal attention").source
    assert "ds2[n,t,t′] = p2[n,t,t′] (dp2[n,t,t′] - Σ_t′′ dp2[n,t,t′′] p2[n,t,t′′])" in source
    params, (x, y) = drawn("causal attention")
    with np.errstate(all="raise", under="ignore"):
        value, gradients = module.cost_and_gradients(params, 100 * x, y)
    assert np.isfinite(value)
    assert np.all(np.isfinite(gradients.P1))


def test_a_causal_layer_sees_nothing_to_come() -> None:
    module = checked("causal attention").module
    params, (x, _) = drawn("causal attention")
    later = x.copy()
    later[:, 3:] += 1
    np.testing.assert_array_equal(module.predict(params, x)[:, :3], module.predict(params, later)[:, :3])


def test_documents_list_the_layers(tmp_path: Path) -> None:
    """What each is, what it reads, its output and its parameters; and letters with the layer above them."""
    (tmp_path / "ears.toml").write_text(
        """
        name = "ears"
        inputs = { left = [2, 7], right = [2, 7] }
        layers = [
            { kind = "conv1d", from = "left", channels = 3, kernel = 5, activation = "relu", name = "ear" },
            { kind = "conv1d", from = "right", channels = 3, kernel = 5, activation = "relu", weights_of = "ear" },
            { kind = "add", from = ["ear", "a2"] },
            { kind = "rnn", units = 2, returns = "last" },
        ]
        cost = { kind = "quadratic" }
        """
    )
    description = read_description(tmp_path / "ears.toml")
    derivation = derive(description.network)
    text = render_markdown(document_of(description, derivation, verify(derivation), checked_module(derivation), length="full"))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    assert ["ear", "conv1d, channels 3, kernel 5, ReLU", "`left`", "$N \\times 3 \\times 3$", "$33$"] in rows
    assert ["$2$", "conv1d, channels 3, kernel 5, ReLU, weights of layer ear", "`right`", "$N \\times 3 \\times 3$", "$0$"] in rows
    assert "z^{(\\mathrm{ear})}" in text
    assert "h^{(4)}" in text


def test_a_saturated_draw_is_drawn_again(tmp_path: Path) -> None:
    """With a = σ(z) next to 1, log(1 − a) keeps few digits: complex steps and the adjoint differ by 1e-7."""
    description = tmp_path / "net.toml"
    description.write_text(
        'name = "net"\ninput = 3\n[[layers]]\nunits = 4\nactivation = "identity"\n[[layers]]\nunits = 1\nactivation = "sigmoid"\n'
        '[cost]\nkind = "binary_cross_entropy"\n[layout]\nexamples = "columns"\n'
    )
    assert verify(derive(read_description(description).network)).largest_error < 1e-12


@pytest.mark.parametrize(
    ("axis", "said"),
    [
        (None, r"found 7 × 3 and 5 × 3; they do not fit together along axis 1 \(counted from 0\): axis = 0 joins them"),
        (1, "axis = 0 joins them"),
    ],
)
def test_concatenate_says_along_which_axis(axis: int | None, said: str) -> None:
    options = {} if axis is None else {"axis": axis}
    layers = [Layer("concatenate", options=options, sources=("x", "u"))]
    with pytest.raises(InvalidDescription, match=said):
        _ = Network({"x": Input((7, 3)), "u": Input((5, 3))}, layers, "quadratic").system
