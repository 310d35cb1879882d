"""Programs in .pt2 files by the command, whole or hostile, and modules whose gradients are PyTorch's."""

from __future__ import annotations

import io
import json
import pickle
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from operators_run import assert_near, wanted
from test_command_line import chainrule

from chainrule import InvalidDescription, derive, from_torch, load
from chainrule.codegen.importers.registry import read_model
from chainrule.codegen.importers.torch_program import checked_archive

torch = wanted("torch")
torch.set_num_threads(1)
nn, F = torch.nn, torch.nn.functional


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(3)
    module = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))
    path = tmp_path_factory.mktemp("programs") / "mlp.pt2"
    x = torch.randn(2, 3)
    torch.export.save(torch.export.export(module, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},)), path)
    return path


def test_a_program_is_taken_over_by_the_command(program: Path, tmp_path: Path) -> None:
    found = chainrule("import", str(program), "-o", str(tmp_path), "--cost", "quadratic", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert 'kind = "dense"  # 0.weight, 0.bias\nunits = 5\nactivation = "tanh"\n' in (tmp_path / "mlp.toml").read_text(encoding="utf-8")
    assert sorted(np.load(tmp_path / "mlp_weights.npz")) == ["W1", "W2", "b1", "b2"]


def test_gradients_are_those_of_pytorch() -> None:
    torch.manual_seed(4)
    module = nn.Sequential(nn.Linear(3, 7), nn.GELU(), nn.Linear(7, 5))
    x, y = torch.randn(11, 3), torch.randint(0, 5, (11,))
    description = from_torch(module, x, cost="cross_entropy")
    generated = load(derive(description), style="fast")
    parameters = generated.Parameters(**description.parameters)
    cost, gradients = generated.cost_and_gradients(parameters, x.numpy(), y.numpy())
    expected = F.cross_entropy(module(x), y)
    expected.backward()
    assert_near(np.array(cost), expected.detach().numpy())
    for name, parameter in zip(("W1", "b1", "W2", "b2"), module.parameters(), strict=True):
        assert_near(getattr(gradients, name), parameter.grad.numpy())


def test_what_is_trained_is_a_parameter_and_what_is_not_is_a_constant() -> None:
    """One number that is trained is no number of the formula; a buffer and frozen weights have no gradient."""

    class Scaled(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.scale, self.out, self.frozen = nn.Parameter(torch.tensor(0.5)), nn.Linear(3, 1), nn.Linear(3, 3).requires_grad_(False)
            self.register_buffer("places", torch.randn(5, 3))

        def forward(self, x: Any) -> Any:
            return self.out((self.frozen(x) + self.places) * self.scale).mean(1)

    torch.manual_seed(5)
    module, x, y = Scaled(), torch.randn(7, 5, 3), torch.randn(7, 1)
    description = from_torch(module, x, cost="squared_error")
    generated = load(derive(description))
    gradients = generated.cost_and_gradients(generated.Parameters(**description.parameters), x.numpy(), y.numpy())[1]
    ((module(x) - y) ** 2).mean().backward()
    expected = [module.scale.grad, module.out.weight.grad.T, module.out.bias.grad]
    found = [gradient for gradient in gradients if np.any(gradient)]
    assert len(gradients) == 6
    for gradient in expected:
        assert any(np.shape(each) == gradient.shape and np.allclose(each, gradient, rtol=1e-5) for each in found)
    assert len(found) == len(expected)


def test_what_depends_on_a_comparison_has_the_slope_of_its_side() -> None:
    class Sided(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.dense = nn.Linear(3, 5)

        def forward(self, x: Any) -> Any:
            z = self.dense(x)
            return torch.where((z > 0.25) & (z <= 1) | ~(z >= -0.5), z**2, 3 * z).masked_fill(z < -1, 2.0)

    torch.manual_seed(6)
    module, x, y = Sided(), 2 * torch.randn(11, 3), torch.randn(11, 5)
    description = from_torch(module, x, cost="quadratic")
    generated = load(derive(description))
    cost, gradients = generated.cost_and_gradients(generated.Parameters(**description.parameters), x.numpy(), y.numpy())
    expected = (((module(x) - y) ** 2).sum(1) / 2).mean()
    expected.backward()
    assert_near(np.array(cost), expected.detach().numpy())
    assert_near(gradients.W1, module.dense.weight.grad.numpy())


class Planted:
    """What a pickle does when it is read."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return exec, ("raise SystemExit('the pickle ran')",)


def changed(content: bytes, name: str, change: Any) -> bytes:
    """An archive with another member, or one more."""
    found = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as archive, ZipFile(found, "w") as written:
        for member in archive.namelist():
            data = archive.read(member)
            written.writestr(member, change(data) if member.endswith(name) else data)
    return found.getvalue()


def with_size(data: bytes) -> bytes:
    said = json.dumps("__import__('os').system('touch planted')")
    return data.replace(b'"Symbol(', said[:-1].encode() + b" + Symbol(", 1)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("model_weights_config.json", lambda data: data.replace(b'"use_pickle": false', b'"use_pickle": true', 1), "found a pickle"),
        ("models/model.json", with_size, "expected arithmetic"),
        ("models/model.json", lambda data: data[:-40], "no whole .pt2 file"),
        ("models/model.json", lambda _: b"[" * 100_000, "no whole .pt2 file"),
    ],
)
def test_a_file_that_could_run_something_is_refused(program: Path, name: str, change: Any, said: str) -> None:
    with pytest.raises(InvalidDescription, match=r"mlp\.pt2: ") as found:
        checked_archive(changed(program.read_bytes(), name, change), "mlp.pt2")
    assert said in str(found.value)


def test_example_inputs_are_not_unpickled(program: Path, tmp_path: Path) -> None:
    planted = tmp_path / "planted.pt2"
    planted.write_bytes(changed(program.read_bytes(), "sample_inputs/model.pt", lambda _: pickle.dumps(Planted())))
    assert [node.operator for node in read_model(planted).nodes] == ["Gemm", "Tanh", "Gemm"]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("model.pth", pickle.dumps(Planted()), "found a pickle"),
        ("model.pt2", pickle.dumps(Planted()), "found a pickle"),
        ("model.pt2", b"PK\x05\x06" + bytes(18), "found no program in this archive"),
        ("model.pt2", b"not an archive", "no whole .pt2 file"),
        ("model.txt", b"", "expected a model in a file that ends in .onnx, .pt2, .keras, .json"),
    ],
)
def test_what_is_no_program_is_one_message(file: str, content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / file).write_bytes(content)
    found = chainrule("import", file, cwd=tmp_path)
    assert found.returncode == 2
    assert said in found.stderr
    assert found.stderr.count("\n") == 1


def test_a_missing_package_is_said_with_what_installs_it(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InvalidDescription, match="pip install torch"):
        read_model(program)


def test_what_is_no_module_is_said() -> None:
    with pytest.raises(InvalidDescription, match=r"expected a torch\.nn\.Module"):
        from_torch(lambda x: x, torch.randn(2, 3))
    with pytest.raises(InvalidDescription, match="expected example inputs that are tensors"):
        from_torch(nn.Linear(3, 2), [3])
