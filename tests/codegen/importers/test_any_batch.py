"""Files for a batch of one size: with a batch of any size where no equation joins examples, and as they are where one does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from operators_run import assert_near, wanted

from chainrule import Network, derive, from_onnx, load
from chainrule.codegen.importers.any_batch import of_any_batch
from chainrule.codegen.importers.onnx_file import read_onnx

torch = wanted("torch")
nn = torch.nn
pytestmark = pytest.mark.filterwarnings("ignore")


class Function(nn.Module):  # type: ignore[misc, name-defined]
    """A function of what a layer gives, as a module."""

    def __init__(self, layer: Any, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self.layer, self.function = layer, function
        self.token = nn.Parameter(torch.randn(1, 1, 6))

    def forward(self, x: Any) -> Any:
        return self.function(self.layer(x))


def exported(module: Any, x: Any, folder: Path) -> Path:
    """A file whose number of examples is that of x."""
    torch.manual_seed(2)
    torch.onnx.export(module.eval(), (x,), folder / "net.onnx", dynamo=False, input_names=["x"], output_names=["out"])
    return folder / "net.onnx"


def with_token() -> Any:
    module = Function(nn.Linear(3, 6), lambda x: x)
    module.function = lambda x: torch.cat([module.token.expand(x.shape[0], 1, 6), x], 1).flatten(1)
    return module


def with_steps() -> Any:
    cell = nn.LSTM(3, 5, batch_first=True)
    return Function(cell, lambda found: found[0][:, -1])


class Heads(nn.Module):  # type: ignore[misc, name-defined]
    """Examples and heads are one axis inside, as where the weights of attention are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(10, 2, batch_first=True)

    def forward(self, x: Any) -> Any:
        return self.attention(x, x, x)[0]


SEPARATE: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "layers": (lambda: nn.Sequential(nn.Conv2d(2, 3, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(6, 5)), (1, 2, 5, 3)),
    "two examples": (lambda: Function(nn.Linear(3, 6), lambda x: x.reshape(2, 3, 2).softmax(2).reshape(2, 6)), (2, 3)),
    "token": (with_token, (1, 5, 3)),
    "examples joined with heads": (lambda: Heads().train(), (3, 4, 10)),
    "steps": (with_steps, (1, 7, 3)),
}


def predicted(path: Path, x: Any, like: Any) -> Any:
    description = from_onnx(path, cost="quadratic")
    module = load(derive(description), verify=False)
    parameters = module.Parameters(**description.parameters)
    if isinstance(description.network, Network):
        return module.predict(parameters, x)
    return [each for each in module.forward(parameters, x) if np.shape(each) == like.shape][-1]


@pytest.mark.parametrize("name", SEPARATE)
def test_examples_that_do_not_meet(name: str, tmp_path: Path) -> None:
    make, shape = SEPARATE[name]
    path = exported(make(), torch.randn(shape), tmp_path)
    graph = of_any_batch(read_onnx(path))
    assert graph.inputs[0].shape == ("N", *shape[1:])
    assert f"the file is for batches of {shape[0]}; no equation joins examples" in graph.remarks[-1]
    session = onnxruntime.InferenceSession(path)
    x = np.random.default_rng(6).normal(size=(3, *shape)).astype(np.float32)
    expected = np.concatenate([session.run(None, {"x": each})[0] for each in x])
    assert_near(predicted(path, np.concatenate([*x]), expected), expected)


JOINED: dict[str, Callable[[Any], Any]] = {
    "mean of the batch": lambda x: x - x.mean(0),
    "first example": lambda x: x[0] * x,
    "each with each": lambda x: x @ x.T,
    "numbered": lambda x: x * torch.arange(1.0, 5.0)[:, None],
    "order": lambda x: x.T.reshape(4, 6).tanh(),
}


@pytest.mark.parametrize("name", JOINED)
def test_examples_that_meet_are_as_many_as_in_the_file(name: str, tmp_path: Path) -> None:
    x = torch.randn(4, 3)
    path = exported(Function(nn.Linear(3, 6), JOINED[name]), x, tmp_path)
    graph = read_onnx(path)
    assert of_any_batch(graph) is graph
    (expected,) = onnxruntime.InferenceSession(path).run(None, {"x": x.numpy()})
    assert_near(predicted(path, x.numpy(), expected), expected)
