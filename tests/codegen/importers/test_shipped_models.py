"""ONNX files that packages ship: of the packages onnx and onnxruntime, as they are, beside the runtime or the outputs that lie by them."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from node_tests import outcome
from onnx.numpy_helper import from_array, to_array

from chainrule import InvalidDescription, derive, from_onnx, load

DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"
SHIPPED = Path(onnxruntime.__file__).parent / "datasets"
#: Operators that are none of networks': lists, text, and a gradient.
OTHERS = ("Sequence", "ConcatFromSequence", "SplitToSequence", "StringNormalizer", "Gradient", "Tile", "Shrink")
#: Numbers below 0 to a power that is none of a whole number: NaN there, and here they are complex.
BELOW_0 = ("test_operator_pow", "test_operator_sqrt")


def small_models() -> list[Path]:
    return sorted(path.parent for name in ("pytorch-converted", "pytorch-operator", "simple") for path in DATA.glob(f"{name}/*/model.onnx"))


def arrays(folder: Path, ends: str) -> list[Any]:
    return [onnx.TensorProto.FromString(path.read_bytes()) for path in sorted(folder.glob(f"test_data_set_0/{ends}_*.pb"))]


def test_models_that_pytorch_wrote_of_old() -> None:
    """Sets of operators from 6 on, in which axes and what slopes belong to were said otherwise; every third one."""
    refused = []
    for folder in small_models()[::3]:
        model = onnx.load(folder / "model.onnx")
        data = [(arrays(folder, "input"), arrays(folder, "output"))]
        problem = outcome(SimpleNamespace(name=folder.name, model=model, data_sets=data, rtol=1e-4, atol=1e-6)).problem
        if problem and folder.name not in BELOW_0:
            assert re.match(r"there are no equations for the operators ", problem), (folder.name, problem)
            refused.append(folder.name)
            assert any(word in problem for word in OTHERS), (folder.name, problem)
    assert len(refused) <= len(small_models()) / 20 + 3


def with_weights(path: Path) -> onnx.ModelProto:
    """A model that has constants for weights, with numbers that are drawn in their place."""
    rng, model = np.random.default_rng(3), onnx.load(path)
    shapes = {each.name: tuple(to_array(each)) for each in model.graph.initializer}
    kept = []
    for node in model.graph.node:
        if node.op_type == "ConstantOfShape":
            shape = shapes[node.input[0]]
            drawn = rng.normal(size=shape) * (2 / np.prod(shape[1:])) ** 0.5 if len(shape) > 1 else rng.uniform(0.5, 1, shape)
            model.graph.initializer.append(from_array(drawn.astype(np.float32), node.output[0]))
        else:
            kept.append(node)
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return model


@pytest.mark.parametrize("name", ["squeezenet"])
def test_networks_of_images(name: str) -> None:
    model = with_weights(DATA / "light" / f"light_{name}.onnx")
    description = from_onnx(model)
    module = load(derive(description), style="fast", verify=False)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    x = np.random.default_rng(4).normal(size=given.shape).astype(np.float32)
    (expected,) = session.run(None, {given.name: x})
    cache = module.forward(module.Parameters(**description.parameters), x)
    found = [each for each in cache if np.shape(each) == expected.shape][-1]
    assert np.ptp(expected) > 1e-3 * np.abs(expected).max()
    assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()


def test_one_operator_with_a_weight() -> None:
    path = SHIPPED / "mul_1.onnx"
    description = from_onnx(path)
    module = load(derive(description), verify=False)
    x = np.random.default_rng(5).normal(size=(3, 2)).astype(np.float32)
    (expected,) = onnxruntime.InferenceSession(path).run(None, {"X": x})
    assert np.array_equal(module.forward(module.Parameters(**description.parameters), x).s1, expected)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("logreg_iris", r"ai\.onnx\.ml\.LinearClassifier \(.*ai\.onnx\.ml\.Normalizer \(.*ai\.onnx\.ml\.ZipMap \("),
        ("sigmoid", "no weights"),
    ],
)
def test_what_has_no_equations_or_nothing_to_train(name: str, said: str) -> None:
    with pytest.raises(InvalidDescription, match=said):
        from_onnx(SHIPPED / f"{name}.onnx")
