"""Files that are no models, not whole, or of more than there are equations for: one message each, and nothing is written."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from test_command_line import chainrule

from chainrule import InvalidDescription, derive, from_onnx, load
from chainrule.codegen.importers.onnx_file import read_onnx

WEIGHT = np.arange(6, dtype=np.float32).reshape(2, 3)


def model(nodes: list[Any], weights: dict[str, Any] | None = None, shape: tuple[Any, ...] = ("N", 3), **options: Any) -> onnx.ModelProto:
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, None)
    arrays = [numpy_helper.from_array(array, name) for name, array in (weights or {"W": WEIGHT.T}).items()]
    graph = helper.make_graph(nodes, "net", [given], [out], arrays)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", options.get("opset", 20))])


def product(output: str = "out") -> Any:
    return helper.make_node("MatMul", ["x", "W"], [output], name="product")


def test_operators_without_equations_are_all_named_before_anything_is_written(tmp_path: Path) -> None:
    nodes = [product("z"), helper.make_node("Det", ["z"], ["d"], name="first"), helper.make_node("NonZero", ["d"], ["out"], name="second")]
    onnx.save(model(nodes), tmp_path / "strange.onnx")
    found = chainrule("import", "strange.onnx", "-o", "out", cwd=tmp_path)
    assert found.returncode == 2
    assert "Det ('first'); NonZero ('second')" in found.stderr
    assert "Traceback" not in found.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x0a" * 40, b"\xff" * 100])
def test_what_is_no_model(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(content)
    with pytest.raises(InvalidDescription, match=r"broken\.onnx: "):
        read_onnx(tmp_path / "broken.onnx")


def test_a_file_that_was_cut_off_anywhere(tmp_path: Path) -> None:
    content = model([product()]).SerializeToString()
    for length in range(0, len(content), 7):
        (tmp_path / "cut.onnx").write_bytes(content[:length])
        # What is left may be a smaller model.
        with suppress(InvalidDescription):
            from_onnx(tmp_path / "cut.onnx")


def test_other_endings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.h5").write_bytes(b"")
    found = chainrule("import", "model.h5", cwd=tmp_path)
    assert (found.returncode, ".onnx" in found.stderr) == (2, True)


def test_a_node_that_reads_what_is_not_there() -> None:
    with pytest.raises(InvalidDescription, match="'product' reads 'V', which nothing before it makes"):
        from_onnx(model([helper.make_node("MatMul", ["x", "V"], ["out"], name="product")]))


def test_shapes_that_do_not_go_together_are_one_message() -> None:
    with pytest.raises(InvalidDescription):
        from_onnx(model([helper.make_node("Reshape", ["x", "W"], ["out"], name="turned")]))


def test_a_model_without_weights() -> None:
    with pytest.raises(InvalidDescription, match="no weights"):
        from_onnx(model([helper.make_node("Relu", ["x"], ["out"])]))


def beside(location: str, length: int = 24) -> onnx.ModelProto:
    found = model([product()])
    weight = found.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, "offset": "0", "length": str(length)}.items():
        weight.external_data.add(key=key, value=value)
    return found


def test_weights_in_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(WEIGHT.T.tobytes())
    onnx.save(beside("weights.bin"), tmp_path / "net.onnx")
    assert np.array_equal(from_onnx(tmp_path / "net.onnx").parameters["W1"], WEIGHT)


@pytest.mark.parametrize("location", ["../weights.bin", "/etc/passwd", "folder/weights.bin"])
def test_weights_elsewhere_are_not_read(location: str, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "weights.bin").write_bytes(WEIGHT.tobytes())
    onnx.save(beside(location), folder / "net.onnx")
    with pytest.raises(InvalidDescription, match="outside its folder"):
        read_onnx(folder / "net.onnx")


def test_weights_that_are_too_short(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"1234")
    onnx.save(beside("weights.bin"), tmp_path / "net.onnx")
    with pytest.raises(InvalidDescription, match=r"expected 24 bytes in weights\.bin"):
        read_onnx(tmp_path / "net.onnx")


def test_operators_of_old_have_attributes_for_inputs() -> None:
    """Axes, and what a clip is within, were attributes before."""
    nodes = [
        product("z"),
        helper.make_node("Clip", ["z"], ["c"], min=-1.0, max=2.0),
        helper.make_node("Unsqueeze", ["c"], ["u"], axes=[1]),
        helper.make_node("Squeeze", ["u"], ["out"], axes=[1]),
    ]
    description = from_onnx(model(nodes, opset=10))
    module = load(derive(description), verify=False)
    x = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    cache = module.forward(module.Parameters(**description.parameters), x)
    assert np.allclose(cache.a1, np.clip(x @ WEIGHT.T, -1, 2))


def test_the_gradient_is_that_of_differences() -> None:
    """Views of parts, of turned and split arrays: the adjoint of what is read is placed where it was."""
    nodes = [
        product("z"),
        helper.make_node("Split", ["z"], ["first", "second"], axis=1, num_outputs=2),
        helper.make_node("Transpose", ["second"], ["turned"], perm=[1, 0]),
        helper.make_node("MatMul", ["first", "turned"], ["scores"]),
        helper.make_node("Concat", ["scores", "z"], ["joined"], axis=1),
        helper.make_node("Slice", ["joined", "starts", "ends", "axes", "steps"], ["out"]),
    ]
    one = [np.array([each]) for each in (9, -20, 1, -2)]
    weights = {"W": np.random.default_rng(1).standard_normal((3, 8)).astype(np.float32)}
    description = from_onnx(model(nodes, weights | dict(zip(("starts", "ends", "axes", "steps"), one, strict=True)), (5, 3)))
    assert load(derive(description)).check(np.random.default_rng(0))["W1"] < 1e-6
