"""Models of the usual kinds from PyTorch and Keras to modules of their own: outputs and gradients are the original's to 1e-5 in float32."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from operators_run import assert_near, wanted
from test_command_line import chainrule
from test_onnx_models import exported

from chainrule import Network, derive, from_keras, from_onnx, from_torch, load
from chainrule.codegen.build import Choices, build
from chainrule.codegen.descriptions.reader import Description

os.environ["KERAS_BACKEND"] = "torch"
torch, keras = wanted("torch"), wanted("keras")
wanted("h5py")
torch.set_num_threads(1)
nn, F, L = torch.nn, torch.nn.functional, keras.layers


def lenet() -> Any:
    first = [nn.Conv2d(1, 3, 3, padding=1), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(3, 5, 3), nn.Tanh(), nn.MaxPool2d(2, 1)]
    return nn.Sequential(*first, nn.Flatten(), nn.Linear(20, 7), nn.ReLU(), nn.Linear(7, 3))


class Block(nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self, given: int, channels: int, stride: int) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(given, channels, 3, stride, 1, bias=False), nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm, self.again, self.relu = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels), nn.ReLU(inplace=True)
        self.beside = nn.Conv2d(given, channels, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Any) -> Any:
        y = self.again(self.second(self.relu(self.norm(self.first(x)))))
        y += self.beside(x)
        return self.relu(y)


def resnet() -> Any:
    module = nn.Sequential(Block(2, 2, 1), Block(2, 5, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 3))
    for block in module[:2]:
        block.norm.running_mean.uniform_(-1, 1)
        block.again.running_var.uniform_(0.5, 2)
    return module


class LastState(nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.rows, self.cell, self.out = nn.Embedding(11, 3), nn.LSTM(3, 5, batch_first=True), nn.Linear(5, 2)

    def forward(self, labels: Any) -> Any:
        return self.out(self.cell(self.rows(labels))[0][:, -1])


class Encoder(nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(6, 2, 11, batch_first=True, dropout=0.0, activation="gelu")
        self.rows, self.places, self.blocks = nn.Linear(3, 6), nn.Parameter(torch.randn(5, 6)), nn.TransformerEncoder(layer, 1)
        self.out = nn.Linear(6, 2)

    def forward(self, x: Any) -> Any:
        return self.out(self.blocks(self.rows(x) + self.places).mean(1))


PYTORCH: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "mlp": (lambda: nn.Sequential(nn.Linear(3, 7), nn.Tanh(), nn.Linear(7, 5)), (3,)),
    "lenet": (lenet, (1, 11, 11)),
    "resnet_in_training": (resnet, (2, 7, 7)),
    "resnet": (lambda: resnet().eval(), (2, 7, 7)),
    "lstm": (LastState, (7,)),
    "encoder": (Encoder, (5, 3)),
}


def examples(name: str, shape: tuple[int, ...]) -> Any:
    return torch.randint(0, 11, (4, *shape)) if name == "lstm" else torch.randn(4, *shape)


def output_of(generated: Any, description: Description, parameters: Any, x: Any) -> Any:
    """What the module predicts; of equations it is what a quadratic cost compares with y."""
    if hasattr(generated, "predict"):
        return generated.predict(parameters, x)
    found = re.search(r"\((\w+)\[[^]]*\] - y\[", str(description.source))
    assert found
    return getattr(generated.forward(parameters, x), found[1])


def assert_same(description: Description, slopes: Description, x: Any, y: Any, expected: Any) -> None:
    """Outputs, and gradients: these are what a copy of the model has as weights that has the original's gradients in their place."""
    generated = load(derive(description), style="fast")
    parameters = generated.Parameters(**description.parameters)
    assert_near(output_of(generated, description, parameters, x), expected)
    gradients = generated.cost_and_gradients(parameters, x, y)[1]
    assert set(description.parameters) == set(slopes.parameters)
    largest = max(np.abs(slope).max() for slope in slopes.parameters.values())
    for name, slope in slopes.parameters.items():
        found = getattr(gradients, name)
        if np.array_equal(slope, description.parameters[name]):
            assert not np.any(found), "a mean or variance that was kept, which no derivative enters"
        elif np.abs(slope).max() > 1e-6 * largest:
            assert_near(found, slope)
        else:
            # A bias before a normalisation, or of keys, has no influence: both are what rounding leaves.
            assert np.abs(found).max() <= 1e-6 * largest


def with_gradients(slopes: Any, module: Any, description: Description) -> Any:
    """The gradients in the place of the weights; of two biases that are but added, and one in a layer, the other one is 0."""
    for copied, parameter in zip(slopes.parameters(), module.parameters(), strict=True):
        copied.data = parameter.grad.clone()
    for part in slopes.modules():
        if isinstance(part, nn.RNNBase) and isinstance(description.network, Network):
            added = (2 if isinstance(part, nn.GRU) else 4) * part.hidden_size
            for name, bias in part.named_parameters():
                if name.startswith("bias_hh"):
                    assert torch.allclose(bias[:added], getattr(part, name.replace("hh", "ih"))[:added])
                    bias.data[:added] = 0
    return slopes


@pytest.mark.parametrize("name", PYTORCH)
def test_a_module_of_pytorch(name: str) -> None:
    torch.manual_seed(5)
    make, shape = PYTORCH[name]
    module = make()
    x = examples(name, shape)
    description = from_torch(copy.deepcopy(module), x, cost="quadratic")
    output = module(x)
    y = torch.randn_like(output)
    (((output - y) ** 2).sum(1) / 2).mean().backward()
    slopes = with_gradients(copy.deepcopy(module), module, description)
    assert_same(description, from_torch(slopes, x, cost="quadratic"), x.numpy(), y.numpy(), output.detach().numpy())


def keras_lenet() -> Any:
    first = [L.Conv2D(3, 3, padding="same", activation="tanh"), L.AveragePooling2D(2), L.Conv2D(5, 2), L.MaxPooling2D(2, 1)]
    return keras.Sequential([keras.Input((9, 11, 2)), *first, L.Flatten(), L.Dense(7, activation="relu"), L.Dense(3)])


def keras_resnet() -> Any:
    x = keras.Input((7, 7, 2))
    y = L.ReLU()(L.BatchNormalization()(L.Conv2D(3, 3, 2, padding="same", use_bias=False)(x)))
    y = L.Add()([L.BatchNormalization()(L.Conv2D(3, 3, padding="same")(y)), L.Conv2D(3, 1, 2)(x)])
    return keras.Model(x, L.Dense(2)(L.GlobalAveragePooling2D()(L.ReLU()(y))))


def keras_encoder() -> Any:
    x = keras.Input((5, 6))
    y = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(2, 3)(x, x)]))
    y = L.LayerNormalization()(L.Add()([y, L.Dense(6)(L.Dense(11, activation="gelu")(y))]))
    return keras.Model(x, L.Dense(2)(L.GlobalAveragePooling1D()(y)))


def with_gradients_of_keras(model: Any) -> None:
    """The gradients in the place of the weights, and 0 in that of the second one of two biases that are added: those of a GRU's gates."""
    for weight in model.trainable_weights:
        gradient = weight.value.grad.clone()
        if len(gradient) == 2 and weight.path.endswith("gru_cell/bias"):
            added = 2 * gradient.shape[1] // 3
            assert torch.allclose(gradient[0, :added], gradient[1, :added])
            gradient[1, :added] = 0
        weight.assign(gradient)


KERAS: dict[str, Callable[[], Any]] = {
    "mlp": lambda: keras.Sequential([keras.Input((3,)), L.Dense(7, activation="tanh"), L.Dense(5)]),
    "lenet": keras_lenet,
    "resnet": keras_resnet,
    "lstm": lambda: keras.Sequential([keras.Input((7,), dtype="int32"), L.Embedding(11, 3), L.LSTM(5), L.Dense(2)]),
    "gru": lambda: keras.Sequential([keras.Input((7, 3)), L.Bidirectional(L.GRU(5)), L.Dense(2)]),
    "encoder": keras_encoder,
}


@pytest.mark.parametrize("name", KERAS)
def test_a_model_of_keras(name: str) -> None:
    rng = np.random.default_rng(6)
    keras.utils.set_random_seed(6)
    model = KERAS[name]()
    for weight in model.weights:
        weight.assign(rng.uniform(0.2 if "variance" in weight.path else -1, 1, weight.shape))
    shape = model.inputs[0].shape[1:]
    x = rng.integers(0, 11, (4, *shape)).astype("int32") if name == "lstm" else rng.normal(size=(4, *shape)).astype("float32")
    description = from_keras(model, cost="quadratic")
    output = model(torch.tensor(x), training=False)
    y = rng.normal(size=tuple(output.shape)).astype("float32")
    (((output - torch.tensor(y)) ** 2).sum(1) / 2).mean().backward()
    with_gradients_of_keras(model)
    assert_same(description, from_keras(model, cost="quadratic"), x, y, output.detach().numpy())


def of_pytorch(name: str, _: Path) -> Description:
    torch.manual_seed(7)
    make, shape = PYTORCH[name]
    return from_torch(make(), examples(name, shape), cost="cross_entropy")


def of_keras(name: str, _: Path) -> Description:
    keras.utils.set_random_seed(7)
    return from_keras(KERAS[name](), cost="cross_entropy")


def of_onnx(name: str, folder: Path) -> Description:
    make, shape = PYTORCH[name]
    return from_onnx(exported(make(), examples(name, shape), folder / "model.onnx"), cost="cross_entropy")


#: The transformers of PyTorch go through the command, here and as a file of ONNX beside the tests of these.
BUILT = [(of_pytorch, "lenet"), (of_pytorch, "resnet"), (of_pytorch, "lstm"), *((of_keras, name) for name in KERAS if name != "gru")]
BUILT += [(of_onnx, name) for name in ("mlp", "lenet", "resnet", "lstm")]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("described", "name"), BUILT)
def test_a_handout_and_a_module_are_built(described: Callable[[str, Path], Description], name: str, tmp_path: Path) -> None:
    description = described(name, tmp_path)
    build(description, tmp_path / "out", Choices(formats=("md",)))
    own = description.system.name
    handout = (tmp_path / "out" / f"{own}.md").read_text(encoding="utf-8")
    assert {f"{own}.py", f"{own}_weights.npz"} <= {path.name for path in (tmp_path / "out").iterdir()}
    assert r"\frac{\partial C}{\partial" in handout


def test_a_program_is_built_by_the_command(tmp_path: Path) -> None:
    torch.manual_seed(7)
    make, shape = PYTORCH["encoder"]
    program = torch.export.export(make(), (torch.randn(2, *shape),), dynamic_shapes=({0: torch.export.Dim("batch")},))
    torch.export.save(program, tmp_path / "encoder.pt2")
    for words in (["import", "encoder.pt2", "--cost", "cross_entropy"], ["build", "encoder.toml", "--formats", "md", "-o", "out"]):
        found = chainrule(*words, cwd=tmp_path)
        assert found.returncode == 0, found.stderr
    assert {"encoder.md", "encoder.py", "encoder_weights.npz"} <= {path.name for path in (tmp_path / "out").iterdir()}
