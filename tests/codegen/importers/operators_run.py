"""A graph run by onnxruntime, which shares nothing with ours."""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from chainrule.codegen.importers.graph import Graph

Array = NDArray[np.generic]


def wanted(name: str) -> ModuleType:
    """A package that these tests need: users may not have it, where everything is checked a missing one is a failure."""
    if os.environ.get("CI"):
        return import_module(name)
    return pytest.importorskip(name, reason=f"{name} is not installed")  # type: ignore[no-any-return]


def model_of(graph: Graph) -> Any:
    onnx = wanted("onnx")
    helper, kinds = onnx.helper, onnx.helper.np_dtype_to_tensor_dtype
    values = [
        [helper.make_tensor_value_info(v.name, kinds(np.dtype(v.dtype)), v.shape) for v in ends] for ends in (graph.inputs, graph.outputs)
    ]
    nodes = [helper.make_node(n.operator, n.inputs, n.outputs, name=n.name, **n.attributes) for n in graph.nodes]
    weights = [onnx.numpy_helper.from_array(np.array(array, order="C"), name) for name, array in graph.constants.items()]
    made = helper.make_model(
        helper.make_graph(nodes, "graph", *values, weights), opset_imports=[helper.make_opsetid("", 23)], ir_version=10
    )
    onnx.checker.check_model(made, full_check=True)
    return made


def outputs_of(graph: Graph, *inputs: Array) -> list[Array]:
    model, given = model_of(graph), dict(zip((value.name for value in graph.inputs), inputs, strict=True))
    if any("training_mode" in node.attributes for node in graph.nodes):
        # onnxruntime normalises by the mean that was kept even in training; onnx's own reference knows no bidirectional LSTM.
        return wanted("onnx.reference").ReferenceEvaluator(model).run(None, given)  # type: ignore[no-any-return]
    session = wanted("onnxruntime").InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, given)  # type: ignore[no-any-return]


def assert_near(found: Array, expected: Array) -> None:
    """To 1e-5 of the largest entry, in float32."""
    assert found.shape == expected.shape
    assert np.abs(np.asarray(found, float) - expected).max() <= 1e-5 * np.abs(expected).max()
