"""Models of Keras as graphs of ONNX's operators, which onnxruntime runs: the same outputs as Keras's to 1e-5."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from operators_run import assert_near, outputs_of, wanted

from chainrule.codegen.importers.graph import Graph
from chainrule.codegen.importers.keras_file import model_graph

os.environ["KERAS_BACKEND"] = "torch"
wanted("torch").set_num_threads(1)
wanted("h5py")
keras = wanted("keras")
L = keras.layers


def graph_like(model: Any, labels: int = 0) -> Graph:
    """The graph of a model with weights that are drawn, which gives what `predict` gives."""
    rng = np.random.default_rng(1)
    for weight in model.weights:
        weight.assign(rng.uniform(0.1 if "variance" in weight.path else -1, 1, weight.shape))
    shapes = [tuple(given.shape[1:]) for given in model.inputs]
    given = [rng.integers(0, labels, (3, *s)).astype("int32") if labels else rng.normal(size=(3, *s)).astype("float32") for s in shapes]
    graph = model_graph(model, training=False)
    expected = model.predict(given if len(given) > 1 else given[0], verbose=0)
    for found, each in zip(outputs_of(graph, *given), expected if isinstance(expected, (list, tuple)) else [expected], strict=True):
        assert_near(found, each)
    return graph


def in_a_row(shape: tuple[int, ...], *layers: Any, labels: int = 0) -> Graph:
    return graph_like(keras.Sequential([keras.Input(shape, dtype="int32" if labels else "float32"), *layers]), labels)


def joined(function: Callable[..., Any], *shapes: tuple[int, ...]) -> Graph:
    inputs = [keras.Input(shape) for shape in shapes]
    return graph_like(keras.Model(inputs, function(*inputs)))


def operators(graph: Graph) -> list[str]:
    return [node.operator for node in graph.nodes]


def test_dense_layers() -> None:
    graph = in_a_row((3,), L.Dense(5, activation="tanh", name="a"), L.Dropout(0.5), L.Dense(2, use_bias=False, name="b"), L.Softmax())
    assert operators(graph) == ["Gemm", "Tanh", "Gemm", "Softmax"]
    assert list(graph.constants) == ["a/kernel", "a/bias", "b/kernel"]
    assert graph.remarks == ("dropout is left out, as predict leaves it out",)


def test_images_have_their_channels_last_and_are_turned_once() -> None:
    graph = in_a_row(
        (9, 11, 2),
        L.Conv2D(3, (3, 2), padding="same", strides=2, activation="relu"),
        L.BatchNormalization(),
        L.MaxPooling2D(2, padding="same"),
        L.Conv2D(4, 2),
        L.AveragePooling2D(2, strides=1, padding="same"),
        L.Flatten(),
        L.Dense(5),
    )
    assert operators(graph) == ["Transpose", "Conv", "Relu", "BatchNormalization", "MaxPool", "Conv", "AveragePool", "Reshape", "Gemm"]
    assert "kernel is in the order in which its features lie here: channels, rows, columns" in graph.remarks[0]


def test_a_residual_network_keeps_its_layers() -> None:
    def block(x: Any) -> Any:
        y = L.ReLU()(L.BatchNormalization()(L.Conv2D(3, 3, padding="same", use_bias=False)(x)))
        return L.Dense(2)(L.GlobalAveragePooling2D()(L.Add()([y, L.Conv2D(3, 1)(x)])))

    assert operators(joined(block, (6, 7, 2))) == ["Transpose", "Conv", "BatchNormalization", "Relu", "Conv", "Add", "ReduceMean", "Gemm"]


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_recurrent_layers(kind: str) -> None:
    cell = getattr(L, kind)
    in_a_row((7,), L.Embedding(11, 3), cell(5, return_sequences=True), cell(4), L.Dense(2), labels=11)
    sides = L.Bidirectional(cell(4), merge_mode="ave")
    in_a_row((7, 3), L.Bidirectional(cell(5, return_sequences=True)), sides)


def test_cells_with_other_gates() -> None:
    in_a_row((7, 3), L.GRU(5, reset_after=False), L.Dense(1))
    in_a_row((7, 3), L.LSTM(5, recurrent_activation="hard_sigmoid", activation="relu", use_bias=False))

    def states(x: Any, h: Any) -> Any:
        return L.GRU(5, return_sequences=True, return_state=True)(x, initial_state=h)

    joined(states, (7, 3), (5,))


def test_a_transformer_encoder() -> None:
    def block(x: Any) -> Any:
        x = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(2, 3, value_dim=5)(x, x)]))
        return L.LayerNormalization(epsilon=1e-6)(x + L.Dense(8)(L.Dense(11, activation="gelu")(x)))

    graph = joined(block, (5, 8))
    assert operators(graph).count("Transpose") == 4
    joined(lambda q, k: L.MultiHeadAttention(2, 3)(q, k, use_causal_mask=True), (5, 8), (5, 6))


def test_sequences() -> None:
    in_a_row(
        (7, 3),
        L.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="elu"),
        L.Conv1DTranspose(2, 4, strides=2, padding="same"),
        L.Conv1DTranspose(2, 2, strides=3),
        L.DepthwiseConv1D(3, depth_multiplier=2),
        L.SeparableConv1D(3, 2),
        L.GlobalMaxPooling1D(),
    )


def test_shapes_and_normalisations() -> None:
    in_a_row(
        (6, 4),
        *(L.Reshape((2, 3, 4)), L.Permute((3, 1, 2)), L.ZeroPadding2D(((1, 2), 1)), L.Cropping2D(1), L.PReLU(shared_axes=[1])),
        *(
            L.LeakyReLU(),
            L.ELU(0.5),
            L.Softmax(),
            L.GroupNormalization(1),
            L.UnitNormalization(),
            L.Rescaling(2.0, 1.0),
            L.RMSNormalization(),
        ),
    )


def test_activations() -> None:
    words = "relu sigmoid softplus softsign selu gelu silu mish exponential hard_sigmoid hard_silu leaky_relu relu6 hard_tanh log_sigmoid"
    joined(lambda x: [L.Activation(word)(x) for word in f"{words} log_softmax tanh_shrink elu".split()], (3,))


def test_layers_that_join() -> None:
    def several(a: Any, b: Any) -> list[Any]:
        beside = [L.Concatenate()([a, b, a]), L.Concatenate(axis=1)([a, b]), a * 2.0 - b, L.RepeatVector(3)(L.Flatten()(a))]
        return [*beside, *(kind()([a, b]) for kind in (L.Multiply, L.Average, L.Maximum, L.Minimum, L.Subtract))]

    joined(several, (2, 3), (2, 3))


def test_a_model_inside_of_another_that_is_called_twice() -> None:
    inner = keras.Sequential([keras.Input((3,)), L.Dense(4), L.Dense(3)])
    graph = joined(lambda x: inner(inner(x)), (3,))
    assert operators(graph) == ["Gemm"] * 4
    assert len(graph.constants) == 4


def test_in_training_the_layers_of_training_are_there() -> None:
    model = keras.Sequential([keras.Input((3,)), L.Dense(5), L.BatchNormalization(), L.Dropout(0.25)])
    graph = model_graph(model, training=True)
    assert operators(graph) == ["Gemm", "BatchNormalization", "Dropout"]
    assert graph.nodes[1].attributes["training_mode"] == 1


def test_images_and_sequences_of_other_sizes() -> None:
    in_a_row((3, 5, 2), L.Conv2D(3, 1), L.UpSampling2D((2, 3)), L.Conv2D(2, 3), L.UpSampling2D(2, interpolation="bilinear"))
    assert operators(in_a_row((5, 2), L.UpSampling1D(3), L.Conv1D(3, 2))).count("Resize") == 1


def test_products_of_two_arrays() -> None:
    joined(lambda x, y: L.Dot(1)([L.Dense(5)(x), L.Dense(5)(y)]), (3,), (7,))
    joined(lambda x, y: L.Dot((2, 1), normalize=True)([x, y]), (3, 5), (5, 7))
    joined(lambda x: L.Dot((2, 1))([L.Softmax()(L.Dot((2, 2))([x, x])), x]), (3, 5))


def test_layers_at_every_step() -> None:
    steps = [L.TimeDistributed(layer) for layer in (L.Conv2D(2, 3, activation="relu"), L.MaxPooling2D(2), L.Flatten(), L.Dense(5))]
    in_a_row((3, 7, 6, 1), *steps, L.LSTM(2))


def test_one_feature_and_one_unit() -> None:
    """An array need not have the axis of size 1 that is meant."""
    in_a_row((5, 1), L.LayerNormalization(), L.Dense(3), L.Dense(1), L.LSTM(1), L.Dense(2))
    joined(lambda x: L.LayerNormalization(epsilon=0.5)(L.Add()([x, L.MultiHeadAttention(1, 1)(L.LayerNormalization()(x), x)])), (5, 1))
