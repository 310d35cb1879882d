"""Models as others have published them, with fewer and smaller layers: outputs and gradients are the original's to 1e-5 in float32.

They are written here anew, after pytorch/examples (super_resolution, word_language_model, time_sequence_prediction, mnist_rnn),
locuslab/TCN, milesial/Pytorch-UNet, karpathy/nanoGPT and keras-team/keras-io (oxford_pets_image_segmentation, convmixer,
timeseries_transformer_classification); the originals themselves were taken over too when these tests were written.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from operators_run import wanted
from test_imported_models import assert_same, with_gradients

from chainrule import from_keras, from_torch
from chainrule.codegen.build import Choices, build

os.environ["KERAS_BACKEND"] = "torch"
torch, keras = wanted("torch"), wanted("keras")
wanted("h5py")
torch.set_num_threads(1)
nn, F, L = torch.nn, torch.nn.functional, keras.layers


def super_resolution() -> Any:
    """Channels become rows and columns at the end."""
    return nn.Sequential(nn.Conv2d(1, 5, 5, 1, 2), nn.ReLU(), nn.Conv2d(5, 4, 3, 1, 1), nn.PixelShuffle(2))


class UNet(nn.Module):  # type: ignore[misc, name-defined]
    """An image is halved and doubled again, beside what it was before."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.down, self.out = self.twice(2, 3), self.twice(3, 3), nn.Conv2d(3, 2, 1)
        self.up, self.second = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), self.twice(6, 3)

    def twice(self, given: int, channels: int) -> Any:
        return nn.Sequential(nn.Conv2d(given, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(inplace=True))

    def forward(self, x: Any) -> Any:
        before = self.first(x)
        above = self.up(self.down(F.max_pool2d(before, 2)))
        more = [before.size()[place] - above.size()[place] for place in (2, 3)]
        above = F.pad(above, [more[1] // 2, more[1] - more[1] // 2, more[0] // 2, more[0] - more[0] // 2])
        return self.out(self.second(torch.cat([before, above], dim=1)))


class Temporal(nn.Module):  # type: ignore[misc, name-defined]
    """A causal convolution whose weights are a length and a direction."""

    def __init__(self) -> None:
        super().__init__()
        norm = nn.utils.parametrizations.weight_norm
        self.one, self.other, self.beside = norm(nn.Conv1d(2, 5, 3, padding=4, dilation=2)), norm(nn.Conv1d(5, 5, 2)), nn.Conv1d(2, 5, 1)
        self.out = nn.Linear(5, 3)

    def forward(self, x: Any) -> Any:
        y = torch.relu(self.one(x)[:, :, :-4].contiguous())
        y = torch.relu(self.other(F.pad(y, (1, 0))))
        return self.out(torch.relu(y + self.beside(x))[:, :, -1])


class WordModel(nn.Module):  # type: ignore[misc, name-defined]
    """Steps come before examples, and both are one axis at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.cell, self.out = nn.Embedding(11, 3), nn.GRU(3, 5), nn.Linear(5, 11)

    def forward(self, labels: Any) -> Any:
        states, _ = self.cell(self.rows(labels), torch.zeros(1, 3, 5))
        return F.log_softmax(self.out(states).view(-1, 11), dim=1)


class Waves(nn.Module):  # type: ignore[misc, name-defined]
    """One number after the other through two cells."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.out = nn.LSTMCell(1, 3), nn.LSTMCell(3, 2), nn.Linear(2, 1)

    def forward(self, x: Any) -> Any:
        states = [torch.zeros(x.size(0), units) for units in (3, 3, 2, 2)]
        found = []
        for each in x.split(1, dim=1):
            states[:2] = self.first(each, tuple(states[:2]))
            states[2:] = self.second(states[0], tuple(states[2:]))
            found.append(self.out(states[2]))
        return torch.cat(found, dim=1)


class Rows(nn.Module):  # type: ignore[misc, name-defined]
    """The rows of an image are steps; the last state is normalised over the examples that were seen."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.norm, self.left_out, self.out = (
            nn.LSTM(5, 3, batch_first=True),
            nn.BatchNorm1d(3),
            nn.Dropout2d(0.25),
            nn.Linear(3, 2),
        )

    def forward(self, x: Any) -> Any:
        states, _ = self.cell(x.reshape(-1, 7, 5))
        return F.log_softmax(self.out(self.left_out(self.norm(states[:, -1, :])[:, :, None])[:, :, 0]), dim=1)


class Causal(nn.Module):  # type: ignore[misc, name-defined]
    """A decoder of text: what is looked up is also what is looked for at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.places, self.out = nn.Embedding(11, 6), nn.Embedding(7, 6), nn.Linear(6, 11, bias=False)
        self.out.weight = self.rows.weight
        self.norm, self.again, self.at_last = (nn.LayerNorm(6) for _ in range(3))
        self.three, self.joint, self.wide, self.narrow = nn.Linear(6, 18), nn.Linear(6, 6), nn.Linear(6, 24), nn.Linear(24, 6)

    def forward(self, labels: Any) -> Any:
        count, steps = labels.size()
        x = self.rows(labels) + self.places(torch.arange(0, steps))
        parts = [part.view(count, steps, 2, 3).transpose(1, 2) for part in self.three(self.norm(x)).split(6, dim=2)]
        heads = F.scaled_dot_product_attention(*parts, is_causal=True)
        x = x + self.joint(heads.transpose(1, 2).contiguous().view(count, steps, 6))
        return self.out(self.at_last(x + self.narrow(F.gelu(self.wide(self.again(x))))))


PYTORCH: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "super_resolution": (super_resolution, lambda: torch.randn(3, 1, 5, 7)),
    "unet": (lambda: UNet().eval(), lambda: torch.randn(2, 2, 7, 10)),
    "temporal": (Temporal, lambda: torch.randn(3, 2, 11)),
    "word_model": (WordModel, lambda: torch.randint(0, 11, (5, 3))),
    "waves": (Waves, lambda: torch.randn(3, 5)),
    "rows": (lambda: Rows().eval(), lambda: torch.randn(3, 1, 7, 5)),
    "causal": (Causal, lambda: torch.randint(0, 11, (3, 7))),
}


@pytest.mark.parametrize("name", PYTORCH)
def test_a_module_of_pytorch(name: str) -> None:
    torch.manual_seed(5)
    make, given = PYTORCH[name]
    module, x = make(), given()
    description = from_torch(module, x, cost="quadratic")
    output = module(x)
    y = torch.randn_like(output)
    (((output - y) ** 2).flatten(1).sum(1) / 2).mean().backward()
    slopes = with_gradients(module, module, description)
    assert_same(description, from_torch(slopes, x, cost="quadratic"), x.numpy(), y.numpy(), output.detach().numpy())


def segmentation() -> Any:
    x = keras.Input((6, 8, 2))
    y = before = L.Activation("relu")(L.BatchNormalization()(L.Conv2D(3, 3, strides=2, padding="same")(x)))
    y = L.MaxPooling2D(3, strides=2, padding="same")(L.BatchNormalization()(L.SeparableConv2D(5, 3, padding="same")(y)))
    y = before = L.add([y, L.Conv2D(5, 1, strides=2, padding="same")(before)])
    y = L.UpSampling2D(2)(L.BatchNormalization()(L.Conv2DTranspose(3, 3, padding="same")(L.Activation("relu")(y))))
    y = L.add([y, L.Conv2D(3, 1, padding="same")(L.UpSampling2D(2)(before))])
    return keras.Model(x, L.Conv2D(3, 3, activation="softmax", padding="same")(y))


def mixer_of_patches() -> Any:
    x = keras.Input((6, 6, 2))
    y = L.BatchNormalization()(L.Activation("gelu")(L.Conv2D(3, 2, strides=2)(L.Rescaling(1 / 255)(x))))
    y = L.Add()([L.BatchNormalization()(L.Activation("gelu")(L.Conv2D(3, 3, groups=3, padding="same")(y))), y])
    return keras.Model(x, L.Dense(5, activation="softmax")(L.GlobalAveragePooling2D()(y)))


def series() -> Any:
    x = keras.Input((7, 2))
    y = L.LayerNormalization(epsilon=1e-3)(x)
    y = x + L.MultiHeadAttention(num_heads=2, key_dim=3)(y, y)
    z = L.Conv1D(2, 1)(L.Conv1D(5, 1, activation="relu")(L.LayerNormalization(epsilon=1e-3)(y)))
    return keras.Model(x, L.Dense(3, activation="softmax")(L.GlobalAveragePooling1D(data_format="channels_first")(y + z)))


KERAS: dict[str, Callable[[], Any]] = {"segmentation": segmentation, "mixer_of_patches": mixer_of_patches, "series": series}


@pytest.mark.parametrize("name", KERAS)
def test_a_model_of_keras(name: str) -> None:
    rng = np.random.default_rng(6)
    model = KERAS[name]()
    for weight in model.weights:
        weight.assign(rng.uniform(0.2 if "variance" in weight.path else -1, 1, weight.shape))
    x = rng.normal(size=(3, *model.inputs[0].shape[1:])).astype("float32")
    description = from_keras(model, cost="quadratic")
    output = model(torch.tensor(x), training=False)
    y = rng.normal(size=tuple(output.shape)).astype("float32")
    (((output - torch.tensor(y)) ** 2).flatten(1).sum(1) / 2).mean().backward()
    for weight in model.trainable_weights:
        weight.assign(weight.value.grad)
    assert_same(description, from_keras(model, cost="quadratic"), x, y, output.detach().numpy())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["super_resolution", "unet", "temporal", "word_model"])
def test_a_handout_and_a_module_are_built(name: str, tmp_path: Path) -> None:
    torch.manual_seed(7)
    make, given = PYTORCH[name]
    description = from_torch(make(), given(), cost="quadratic")
    build(description, tmp_path, Choices(formats=("md",)))
    own = description.system.name
    assert r"\frac{\partial C}{\partial" in (tmp_path / f"{own}.md").read_text(encoding="utf-8")
    assert {f"{own}.py", f"{own}_weights.npz"} <= {path.name for path in tmp_path.iterdir()}
