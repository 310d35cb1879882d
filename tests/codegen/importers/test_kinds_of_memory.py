"""Recurrent layers and attention of others are the kinds of layers of these names, wherever their arrays lie, and else equations."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from operators_run import wanted
from test_imported_models import assert_same, with_gradients, with_gradients_of_keras

from chainrule import Network, derive, from_keras, from_torch, load
from chainrule.codegen.importers.describe import described
from chainrule.codegen.importers.torch_program import module_graph

os.environ["KERAS_BACKEND"] = "torch"
torch, keras = wanted("torch"), wanted("keras")
wanted("h5py")
torch.set_num_threads(1)
nn, F, L = torch.nn, torch.nn.functional, keras.layers


class Ends(nn.Module):  # type: ignore[misc, name-defined]
    """The last states of both directions of the second of two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.out = nn.RNN(3, 5, 2, bidirectional=True), nn.Linear(10, 2)

    def forward(self, x: Any) -> Any:
        _, states = self.cell(x.transpose(0, 1))
        return self.out(torch.cat([states[-2], states[-1]], dim=1))


class Middle(nn.Module):  # type: ignore[misc, name-defined]
    """One step in the middle of a plain layer with another function."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.out = nn.RNN(3, 5, nonlinearity="relu", batch_first=True), nn.Linear(5, 2)

    def forward(self, x: Any) -> Any:
        return self.out(self.cell(x)[0][:, 3])


class Decoder(nn.Module):  # type: ignore[misc, name-defined]
    """Attention as it is called most often, with the weights that are thrown away: causal, and of what another layer remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.memory, self.own = nn.RNN(6, 4, batch_first=True), nn.MultiheadAttention(6, 2, batch_first=True)
        self.other = nn.MultiheadAttention(6, 3, kdim=4, vdim=4, batch_first=True)

    def forward(self, x: Any) -> Any:
        mask = torch.triu(torch.ones(5, 5, dtype=torch.bool), diagonal=1)
        memory, _ = self.memory(x)
        x = x + self.own(x, x, x, attn_mask=mask)[0]
        return self.other(x, memory, memory)[0]


class Packed(nn.Module):  # type: ignore[misc, name-defined]
    """Queries, keys and values of one product; the features of a head do not stand side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.three, self.out = nn.Linear(6, 18, bias=False), nn.Linear(6, 6, bias=False)

    def forward(self, x: Any) -> Any:
        parts = self.three(x).view(-1, 5, 3, 3, 2).permute(2, 0, 4, 1, 3)
        heads = F.scaled_dot_product_attention(*parts, is_causal=True)
        return self.out(heads.permute(0, 2, 3, 1).reshape(-1, 5, 6))


TORCH: dict[str, tuple[Callable[[], Any], tuple[int, ...], str]] = {
    "ends": (Ends, (7, 3), "rnn rnn dense"),
    "middle": (Middle, (7, 3), "rnn step dense"),
    "decoder": (Decoder, (5, 6), "rnn multi_head_attention add multi_head_attention"),
    "packed": (Packed, (5, 6), "multi_head_attention"),
}


def kinds(description: Any) -> str:
    return " ".join(layer.kind for layer in description.network.layers) if isinstance(description.network, Network) else ""


@pytest.mark.parametrize("name", TORCH)
def test_a_module_of_pytorch_is_these_layers(name: str) -> None:
    torch.manual_seed(5)
    make, shape, expected = TORCH[name]
    module, x = make(), torch.randn(2, *shape)
    description = from_torch(module, x, cost="quadratic")
    assert kinds(description) == expected
    output = module(x)
    y = torch.randn_like(output)
    (((output - y) ** 2).sum(-1) / 2).mean().backward()
    slopes = with_gradients(module, module, description)
    assert_same(description, from_torch(slopes, x, cost="quadratic"), x.numpy(), y.numpy(), output.detach().numpy())


def reset_before() -> Any:
    x = keras.Input((7, 3))
    return keras.Model(x, L.Dense(2)(L.GlobalAveragePooling1D()(L.GRU(5, reset_after=False, use_bias=False, return_sequences=True)(x))))


def wide_heads() -> Any:
    """A head has more features than there are features for each."""
    x = keras.Input((5, 3))
    return keras.Model(x, L.GlobalAveragePooling1D()(L.MultiHeadAttention(2, 7)(x, x, use_causal_mask=True)))


KERAS: dict[str, tuple[Callable[[], Any], str]] = {
    "reset_before": (reset_before, "gru global_average_pool dense"),
    "wide_heads": (wide_heads, "multi_head_attention global_average_pool"),
}


@pytest.mark.parametrize("name", KERAS)
def test_a_model_of_keras_is_these_layers(name: str) -> None:
    rng = np.random.default_rng(6)
    make, expected = KERAS[name]
    model = make()
    for weight in model.weights:
        weight.assign(rng.uniform(-1, 1, weight.shape))
    x = rng.normal(size=(3, *model.inputs[0].shape[1:])).astype("float32")
    description = from_keras(model, cost="quadratic")
    assert kinds(description) == expected
    output = model(torch.tensor(x), training=False)
    y = rng.normal(size=tuple(output.shape)).astype("float32")
    (((output - torch.tensor(y)) ** 2).sum(-1) / 2).mean().backward()
    with_gradients_of_keras(model)
    assert_same(description, from_keras(model, cost="quadratic"), x, y, output.detach().numpy())


class Text(nn.Module):  # type: ignore[misc, name-defined]
    """A model of text that looks its places up, with a mask of its own that fills in −∞; what is at the end may be what is looked up."""

    def __init__(self, is_tied: bool) -> None:
        super().__init__()
        self.rows, self.places, self.out = nn.Embedding(11, 6), nn.Embedding(5, 6), nn.Linear(6, 11, bias=False)
        self.out.weight = self.rows.weight if is_tied else self.out.weight
        self.norm, self.three, self.joint = nn.LayerNorm(6), nn.Linear(6, 18), nn.Linear(6, 6)
        self.register_buffer("seen", torch.tril(torch.ones(5, 5)).view(1, 1, 5, 5))

    def forward(self, labels: Any) -> Any:
        x = self.rows(labels) + self.places(torch.arange(5))
        queries, keys, values = (part.view(-1, 5, 2, 3).transpose(1, 2) for part in self.three(self.norm(x)).split(6, dim=2))
        scores = (queries @ keys.transpose(-2, -1)) * (1.0 / 3**0.5)
        heads = torch.softmax(scores.masked_fill(self.seen == 0, -torch.inf), dim=-1) @ values
        return self.out(x + self.joint(heads.transpose(1, 2).contiguous().view(-1, 5, 6)))


class Twice(nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(3, 3)

    def forward(self, x: Any) -> Any:
        return self.dense(torch.tanh(self.dense(x)))


class Begun(nn.Module):  # type: ignore[misc, name-defined]
    """A state to begin with that is trained."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.first = nn.RNN(3, 5, batch_first=True), nn.Parameter(torch.randn(1, 1, 5))

    def forward(self, x: Any) -> Any:
        return self.cell(x, self.first.expand(1, x.size(0), 5).contiguous())[0]


class Decoding(nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.layer, self.rows = nn.TransformerDecoderLayer(6, 2, 7, 0.0, batch_first=True), nn.Linear(3, 6)

    def forward(self, x: Any) -> Any:
        y = self.rows(x)
        return self.layer(y, torch.tanh(y), tgt_mask=nn.Transformer.generate_square_subsequent_mask(5))


def series_of_one_feature() -> Any:
    """After keras-io's timeseries_classification_transformer: what is normalised is one number, and convolutions see one step."""
    x = keras.Input((7, 1))
    y = L.LayerNormalization(epsilon=1e-6)(L.MultiHeadAttention(2, 3)(x, x)) + x
    z = L.Conv1D(1, 1)(L.Conv1D(5, 1, activation="relu")(y))
    return keras.Model(x, L.Dense(2, activation="softmax")(L.GlobalAveragePooling1D()(y + z)))


def two_of_both_directions() -> Any:
    """After keras-io's bidirectional_lstm_imdb."""
    x = keras.Input((7,), dtype="int32")
    y = L.Bidirectional(L.LSTM(3, return_sequences=True))(L.Embedding(11, 2)(x))
    return keras.Model(x, L.Dense(1, activation="sigmoid")(L.Bidirectional(L.LSTM(3))(y)))


def labels(*shape: int) -> Any:
    return torch.randint(0, 11, shape)


#: What each is as layers, nothing where it stays equations.
OTHERS: dict[str, tuple[Callable[[], Any], Callable[[], Any], str]] = {
    "text": (lambda: Text(False), lambda: labels(2, 5), "embedding positional layer_norm multi_head_attention add dense"),
    "tied text": (lambda: Text(True), lambda: labels(2, 5), ""),
    "one layer twice": (Twice, lambda: torch.randn(2, 3), ""),
    "a state to begin with": (Begun, lambda: torch.randn(2, 5, 3), ""),
    "a layer of a decoder": (
        Decoding,
        lambda: torch.randn(2, 5, 3),
        "dense activation multi_head_attention add layer_norm multi_head_attention add layer_norm dense dense add layer_norm",
    ),
    "attention over the first axis": (lambda: nn.TransformerEncoderLayer(6, 2, 7, 0.0), lambda: torch.randn(5, 2, 6), ""),
    "one feature": (
        series_of_one_feature,
        lambda: None,
        "multi_head_attention layer_norm add dense dense add global_average_pool dense",
    ),
    "both directions twice": (two_of_both_directions, lambda: None, "embedding lstm lstm dense"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_which_layers_a_model_is(name: str) -> None:
    make, given, expected = OTHERS[name]
    model, x = make(), given()
    assert kinds(from_keras(model) if x is None else from_torch(model, x, cost="quadratic")) == expected


def test_that_two_biases_are_one_is_said() -> None:
    """Their sum, in which none is lost."""
    module = Middle()
    imported = described(module_graph(module, torch.randn(2, 7, 3)), cost="quadratic")
    assert any("only ever added" in remark for remark in imported.remarks)
    assert np.allclose(imported.parameters["b1"], (module.cell.bias_ih_l0 + module.cell.bias_hh_l0).detach().numpy())


def test_what_is_normalised_alone_is_exactly_nothing() -> None:
    """One feature minus its mean is 0, and so is every slope before it, where Keras has what rounding leaves."""
    torch.manual_seed(5)
    module, x = nn.Sequential(nn.Linear(3, 1), nn.LayerNorm(1, eps=1e-6), nn.Linear(1, 2)), torch.randn(7, 3)
    description = from_torch(module, x, cost="quadratic")
    generated = load(derive(description))
    gradients = generated.cost_and_gradients(generated.Parameters(**description.parameters), x.numpy(), np.ones((7, 2), np.float32))[1]
    assert not np.any(gradients.W1)
    assert not np.any(gradients.b1)
    assert np.any(gradients.b3)
