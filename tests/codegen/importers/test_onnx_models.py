"""Models as exporters write them: the network that is taken over gives what the runtime of its file gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from test_command_line import chainrule

from chainrule import Network, derive, from_onnx, load, read_description
from chainrule.codegen.importers.describe import described
from chainrule.codegen.importers.onnx_file import read_onnx

torch = pytest.importorskip("torch")
nn = torch.nn
pytestmark = pytest.mark.filterwarnings("ignore")
RNG = np.random.default_rng(0)


def exported(module: Any, example: Any, path: Path, **options: Any) -> Path:
    """An ONNX file of a module of PyTorch, whose number of examples is free."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            for array in (part.running_mean, part.weight, part.bias):
                nn.init.normal_(array)
            nn.init.uniform_(part.running_var, 0.5, 2)
    names = {"input_names": ["x"], "output_names": ["out"], "dynamic_axes": {"x": {0: "N"}, "out": {0: "N"}}}
    torch.onnx.export(module.eval(), (example,), path, dynamo=False, **names, **options)
    return path


class Block(nn.Module):  # type: ignore[misc,name-defined]
    """A residual block with batch normalisation."""

    def __init__(self, before: int, channels: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, channels, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(channels) for _ in range(3)])
        self.beside = nn.Conv2d(before, channels, 1, stride, bias=False)

    def forward(self, x: Any) -> Any:
        inside = torch.relu(self.norms[0](self.first(x)))
        return torch.relu(self.norms[1](self.second(inside)) + self.norms[2](self.beside(x)))


class Reader(nn.Module):  # type: ignore[misc,name-defined]
    """Labels, a long short-term memory of both directions, and classes."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.memory = nn.Embedding(11, 6), nn.LSTM(6, 7, batch_first=True, bidirectional=True)
        self.classes = nn.Linear(14, 3)

    def forward(self, x: Any) -> Any:
        return self.classes(self.memory(self.rows(x))[0][:, -1])


class Encoder(nn.Module):  # type: ignore[misc,name-defined]
    """Labels, a block of a transformer, and the mean over the steps."""

    def __init__(self, norm_first: bool) -> None:
        super().__init__()
        self.rows, self.places = nn.Embedding(11, 8), nn.Parameter(torch.randn(5, 8))
        layer = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True, activation="gelu", norm_first=norm_first)
        self.blocks, self.classes = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False), nn.Linear(8, 3)

    def forward(self, x: Any) -> Any:
        return self.classes(self.blocks(self.rows(x) + self.places).mean(1))


def agrees(path: Path, given: Any, layers: str = "") -> None:
    """The output by the generated module in single precision, beside that of the runtime; and that it is made of these kinds of layers."""
    description = from_onnx(path, cost="quadratic")
    module = load(derive(description), verify=False)
    (expected,) = onnxruntime.InferenceSession(path).run(None, {"x": given})
    network = description.network
    assert [layer.kind for layer in network.layers] == layers.split() if isinstance(network, Network) else not layers
    params = module.Parameters(**description.parameters)
    if isinstance(description.network, Network):
        found = module.predict(params, given)
    else:
        found = [array for array in module.forward(params, given) if np.shape(array) == expected.shape][-1]
    assert found.dtype == np.float32
    assert np.max(np.abs(found - expected)) <= 1e-5 * np.max(np.abs(expected))


@pytest.fixture(scope="module")
def mlp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3))
    return exported(module, torch.randn(2, 5), tmp_path_factory.mktemp("models") / "mlp.onnx")


def normal(*shape: int) -> Any:
    return RNG.standard_normal(shape).astype(np.float32)


def test_a_stack_of_dense_layers(mlp: Path) -> None:
    agrees(mlp, normal(4, 5), "dense dense")


def test_lenet(tmp_path: Path) -> None:
    layers = [nn.Conv2d(1, 3, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(3, 5, 5), nn.Tanh(), nn.MaxPool2d(2), nn.Flatten()]
    kinds = "conv2d average_pool2d conv2d max_pool2d flatten dense dense"
    module = nn.Sequential(*layers, nn.Linear(20, 7), nn.Tanh(), nn.Linear(7, 10))
    agrees(exported(module, torch.randn(2, 1, 16, 16), tmp_path / "lenet.onnx"), normal(3, 1, 16, 16), kinds)


@pytest.mark.parametrize("folded", [True, False])
def test_a_residual_network_with_batch_normalisation(folded: bool, tmp_path: Path) -> None:
    """As exporters write it, with the normalisations in the convolutions, and with these as they are."""
    layers = [nn.Conv2d(3, 4, 3, 1, 1), nn.ReLU(), Block(4, 4, 1), Block(4, 8, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5)]
    kept = {} if folded else {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False}
    path = exported(nn.Sequential(*layers), torch.randn(2, 3, 12, 12), tmp_path / "resnet.onnx", **kept)
    block = "conv2d conv2d conv2d add" if folded else "conv2d batch_norm conv2d batch_norm conv2d batch_norm add"
    agrees(path, normal(3, 3, 12, 12), f"conv2d {block} {block} global_average_pool dense")


def test_gradients_beside_kept_means_are_those_of_pytorch(tmp_path: Path) -> None:
    torch.manual_seed(1)
    module = nn.Sequential(Block(3, 5, 2), nn.Flatten(), nn.Linear(20, 2))
    kept = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False}
    description = from_onnx(exported(module, torch.randn(2, 3, 4, 4), tmp_path / "net.onnx", **kept))
    generated = load(derive(description), verify=False)
    x, y = normal(3, 3, 4, 4), normal(3, 2)
    parameters = generated.Parameters(**description.parameters)
    _, gradients = generated.cost_and_gradients(parameters, x, y)
    (((module(torch.tensor(x)) - torch.tensor(y)) ** 2).sum(1) / 2).mean().backward()
    own = {name: array for name, array in description.parameters.items() if name[0] not in "mv"}
    for parameter in module.parameters():
        (name,) = (name for name, array in own.items() if np.array_equal(array, parameter.detach().numpy()))
        assert np.max(np.abs(getattr(gradients, name) - parameter.grad.numpy())) <= 1e-5 * parameter.grad.abs().max()
    assert not np.any(gradients.m2)
    assert not np.any(gradients.v2)


def test_a_long_short_term_memory(tmp_path: Path) -> None:
    agrees(
        exported(Reader(), torch.randint(0, 11, (2, 5)), tmp_path / "reader.onnx"), RNG.integers(0, 11, (3, 5)), "embedding lstm step dense"
    )


#: What PyTorch's encoders are as layers, normalised behind each half or before it.
ENCODERS = {
    False: "embedding positional multi_head_attention add layer_norm dense dense add layer_norm global_average_pool dense",
    True: "embedding positional layer_norm multi_head_attention add layer_norm dense dense add global_average_pool dense",
}


@pytest.mark.parametrize("norm_first", ENCODERS)
def test_a_transformer(norm_first: bool, tmp_path: Path) -> None:
    path = exported(Encoder(norm_first), torch.randint(0, 11, (2, 5)), tmp_path / "encoder.onnx")
    agrees(path, RNG.integers(0, 11, (3, 5)), ENCODERS[norm_first])


def equations(path: Path) -> str:
    return described(read_onnx(path), cost="quadratic").description_text


def test_what_exporters_take_apart_is_put_together_again(tmp_path: Path) -> None:
    """Attention; and what operators of old have no names for: layer normalisation, GELU."""
    module = Encoder(False)
    new, old = (exported(module, torch.randint(0, 11, (2, 5)), tmp_path / f"{version}.onnx", opset_version=version) for version in (20, 14))
    text = equations(new)
    assert 'activation = "gelu"' in text
    without_comments = [[line.partition("  #")[0] for line in each.splitlines()] for each in (text, equations(old))]
    assert without_comments[0] == without_comments[1]
    agrees(old, RNG.integers(0, 11, (3, 5)), ENCODERS[False])


class Causal(nn.Module):  # type: ignore[misc,name-defined]
    """Attention in which a step sees itself and those before; or, with a hole in that mask, another one."""

    def __init__(self, hole: bool) -> None:
        super().__init__()
        self.heads = nn.MultiheadAttention(8, 2, batch_first=True)
        mask = torch.full((5, 5), -torch.inf).triu(1)
        mask[3, 1] = -torch.inf if hole else 0
        self.register_buffer("mask", mask)

    def forward(self, x: Any) -> Any:
        return self.heads(x, x, x, attn_mask=self.mask, need_weights=False)[0]


@pytest.mark.parametrize("hole", [False, True])
def test_a_mask_of_the_file(hole: bool, tmp_path: Path) -> None:
    """One that leaves what comes before is that of the layer; another one is 1 and 0, and training leaves it as it is."""
    path = exported(Causal(hole), torch.randn(2, 5, 8), tmp_path / "causal.onnx")
    text = equations(path)
    assert ("stop(m1[t,u]) > 0" if hole else "causal = true") in text
    agrees(path, normal(3, 5, 8), "" if hole else "multi_head_attention")


def test_the_command_writes_a_description_and_its_weights(mlp: Path, tmp_path: Path) -> None:
    found = chainrule("import", str(mlp), "-o", str(tmp_path), "--cost", "cross_entropy", "--name", "net", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "dropout" in found.stdout
    description = read_description(tmp_path / "net.toml")
    assert {name: array.shape for name, array in description.parameters.items()} == {"W1": (7, 5), "b1": (7,), "W2": (3, 7), "b2": (3,)}
    built = chainrule("build", str(tmp_path / "net.toml"), "-o", str(tmp_path / "built"), "--module-only", cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "built" / "net_weights.npz").read_bytes() == (tmp_path / "net_weights.npz").read_bytes()


def test_training_begins_with_the_weights_of_the_model(mlp: Path, tmp_path: Path) -> None:
    assert chainrule("import", str(mlp), "-o", str(tmp_path), "--cost", "quadratic", cwd=tmp_path).returncode == 0
    x, y = 3 + normal(20, 5), normal(20, 3)
    np.savez(tmp_path / "data.npz", x=x, y=y)
    options = ("--epochs", "1", "--rate", "1e-7", "--optimiser", "sgd", "--batch", "16")
    found = chainrule("train", "mlp.toml", "--data", "data.npz", "-o", "run", *options, cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    with np.load(tmp_path / "run" / "weights.npz") as after, np.load(tmp_path / "mlp_weights.npz") as before:
        for name in before.files:
            assert np.allclose(after[name], before[name], atol=1e-6)
    (output,) = onnxruntime.InferenceSession(mlp).run(None, {"x": x})
    each = ((output - y) ** 2).sum(1) / 2
    held_out = float((tmp_path / "run" / "history.csv").read_text().splitlines()[1].split(",")[2])
    order = np.random.default_rng(0).permutation(20)
    assert held_out == pytest.approx(each[order[:4]].mean(), rel=1e-5)


def test_the_handout_of_a_transformer_is_made(tmp_path: Path) -> None:
    exported(Encoder(True), torch.randint(0, 11, (2, 5)), tmp_path / "encoder.onnx")
    assert chainrule("import", "encoder.onnx", "--cost", "cross_entropy", cwd=tmp_path).returncode == 0
    found = chainrule("build", "encoder.toml", "-o", "built", "--formats", "md", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "softmax" in (tmp_path / "built" / "encoder.md").read_text()


def test_without_a_cost_the_description_has_a_line_to_fill_in(mlp: Path, tmp_path: Path) -> None:
    found = chainrule("import", str(mlp), "-o", str(tmp_path), cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    text = (tmp_path / "mlp.toml").read_text()
    assert '\n# [cost]\n# kind = "quadratic"' in text
    (tmp_path / "mlp.toml").write_text(text.replace("# [", "[").replace("# kind", "kind"))
    assert [target.name for target in read_description(tmp_path / "mlp.toml").system.targets] == ["y"]
