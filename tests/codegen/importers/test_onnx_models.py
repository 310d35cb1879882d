"""Models as exporters write them: the network that is taken over gives what the runtime of its file gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from test_command_line import chainrule

from chainrule import derive, from_onnx, load, read_description

torch = pytest.importorskip("torch")
nn = torch.nn
RNG = np.random.default_rng(0)


def exported(module: Any, example: Any, path: Path, free: bool = True) -> Path:
    """An ONNX file of a module of PyTorch, whose number of examples is free."""
    torch.manual_seed(0)
    axes = {"x": {0: "N"}, "out": {0: "N"}} if free else {}
    torch.onnx.export(module.eval(), (example,), path, dynamo=False, input_names=["x"], output_names=["out"], dynamic_axes=axes)
    return path


def agrees(path: Path, cost: str, *inputs: np.ndarray[Any, Any], output: str) -> None:
    """The output by the generated module in single precision, beside that of the runtime."""
    description = from_onnx(path, cost=cost)
    module = load(derive(description), verify=False)
    (expected,) = onnxruntime.InferenceSession(path).run(None, dict(zip(["x"], inputs, strict=True)))
    found = getattr(module.forward(module.Parameters(**description.parameters), *inputs), output)
    assert found.shape == expected.shape
    assert found.dtype == np.float32
    assert np.max(np.abs(found - expected)) <= 1e-5 * np.max(np.abs(expected))


@pytest.fixture(scope="module")
def mlp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3))
    return exported(module, torch.randn(2, 5), tmp_path_factory.mktemp("models") / "mlp.onnx")


def test_a_stack_of_dense_layers(mlp: Path) -> None:
    agrees(mlp, "cross_entropy", RNG.standard_normal((4, 5)).astype(np.float32), output="z2")


def test_the_command_writes_a_description_and_its_weights(mlp: Path, tmp_path: Path) -> None:
    found = chainrule("import", str(mlp), "-o", str(tmp_path), "--cost", "cross_entropy", "--name", "net", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "dropout" in found.stdout
    description = read_description(tmp_path / "net.toml")
    assert {name: array.shape for name, array in description.parameters.items()} == {"W1": (7, 5), "b1": (7,), "W2": (3, 7), "b2": (3,)}
    built = chainrule("build", str(tmp_path / "net.toml"), "-o", str(tmp_path / "built"), "--module-only", cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "built" / "net_weights.npz").read_bytes() == (tmp_path / "net_weights.npz").read_bytes()


def test_without_a_cost_the_description_has_a_line_to_fill_in(mlp: Path, tmp_path: Path) -> None:
    found = chainrule("import", str(mlp), "-o", str(tmp_path), cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    text = (tmp_path / "mlp.toml").read_text()
    assert "\n# C = mean(n, " in text
    filled = text.replace("# C", "C").replace("# targets", "targets").replace("# p_", "p_")
    (tmp_path / "mlp.toml").write_text(filled)
    assert [target.name for target in read_description(tmp_path / "mlp.toml").system.targets] == ["y"]
