"""An ONNX file, or a model in memory, as a graph; older operator sets are brought to the form of the newest one.

Nothing in a file is run. Weights beside it are read from its own folder alone, and only as many bytes as it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.codegen.files.read import read_bytes
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.first_line import first_line

from .graph import Graph, Node, Value
from .operators import refuse_unknown

#: Of a model's file, and of weights beside it.
MOST_BYTES_OF_MODEL = 2_000_000_000
#: Of what the reader of a file says; more is of use to its authors alone.
LONGEST_SAID = 200
#: What older sets of operators have as attributes, and newer ones as inputs, in their order, each with the set that changed it.
MOVED: dict[str, tuple[int, tuple[str, ...]]] = {
    "Squeeze": (13, ("axes",)),
    "Unsqueeze": (13, ("axes",)),
    "ReduceSum": (13, ("axes",)),
    **dict.fromkeys(("ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL2", "ReduceSumSquare", "ReduceL1"), (18, ("axes",))),
    "Reshape": (5, ("shape",)),
    "Slice": (10, ("starts", "ends", "axes")),
    "Clip": (11, ("min", "max")),
    "Pad": (11, ("pads", "value")),
    "Split": (13, ("split",)),
    "Dropout": (12, ("ratio",)),
    "TopK": (10, ("k",)),
}
#: What goes along the axis 1 where a file says no other, in sets of operators before this one: the slopes of PReLU are those of channels.
OLD_AXES = {"PRelu": 7, "Concat": 4}
#: Numbers of 16 bits are kept in 32.
SHORT = ("float16", "bfloat16")
LEFT_OUT = (
    "PyTorch's exporter leaves dropout out, and may put a batch normalisation into the weights before it: "
    "the network that was trained may have had them"
)


def read_onnx(model: Any) -> Graph:
    """The graph of a file, by its path, or of a `ModelProto`.

    Raises:
        InvalidDescription: where the package onnx is missing, or the file is none of a model, not whole, or of more than a graph.
    """
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError:
        raise InvalidDescription("to read ONNX files the package onnx is needed: pip install 'chainrule[onnx]'") from None
    folder, where = Path(), "the model"
    if isinstance(model, str | Path):
        where, folder = str(model), Path(model).parent
        content = read_bytes(Path(model), f"{where}: ", "a model in an ONNX file", MOST_BYTES_OF_MODEL)
        try:
            model = onnx.load_model_from_string(content)
        except (DecodeError, ValueError):
            raise InvalidDescription(f"{where}: no ONNX file, or not a whole one") from None
    try:
        return _Reading(model, folder, where).graph()
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, OSError, RecursionError) as problem:
        said = first_line(problem)[:LONGEST_SAID]
        raise InvalidDescription(f"{where}: not a whole ONNX model ({type(problem).__name__}: {said})") from None


class _Reading:
    """A model on its way to a graph."""

    def __init__(self, model: Any, folder: Path, where: str) -> None:
        import onnx

        self.onnx, self.folder, self.where = onnx, folder, where
        if model.functions:
            model = onnx.inliner.inline_local_functions(model)
        self.model, self.graph_proto = model, model.graph
        self.version = next((each.version for each in model.opset_import if each.domain in ("", "ai.onnx")), 1)
        self.constants: dict[str, NDArray[np.generic]] = {}
        self.remarks: list[str] = []

    def graph(self) -> Graph:
        proto = self.graph_proto
        if not proto.node:
            raise InvalidDescription(f"{self.where}: found no operators, expected a model")
        for tensor in proto.initializer:
            self.constants[tensor.name] = self.array(tensor)
        if proto.sparse_initializer:
            raise InvalidDescription(f"{self.where}: found sparse weights ({proto.sparse_initializer[0].values.name}), expected dense ones")
        nodes = tuple(each for node in proto.node for each in self.nodes(node))
        # Before what the model gives is looked at: it may be no array because of such an operator.
        refuse_unknown(nodes)
        inputs = tuple(self.value(each) for each in proto.input if each.name not in self.constants)
        self.check_order(inputs, nodes)
        outputs = tuple(self.value(each) for each in proto.output)
        operators = {node.operator for node in nodes}
        if self.model.producer_name == "pytorch" and not operators & {"Dropout", "BatchNormalization"}:
            self.remarks.append(LEFT_OUT)
        return Graph(proto.name, inputs, outputs, self.constants, nodes, tuple(dict.fromkeys(self.remarks)))

    def value(self, info: Any) -> Value:
        tensor = info.type.tensor_type
        if not info.type.HasField("tensor_type"):
            raise InvalidDescription(f"{self.where}: {info.name!r} is no array")
        shape = tuple(
            int(size.dim_value) if size.HasField("dim_value") else size.dim_param or f"{info.name}_{place}"
            for place, size in enumerate(tensor.shape.dim)
        )
        return Value(info.name, shape, str(self.onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)))

    def array(self, tensor: Any) -> NDArray[np.generic]:
        """The numbers of a tensor, from the file or from one beside it."""
        is_beside = tensor.data_location == self.onnx.TensorProto.EXTERNAL
        found = self.beside(tensor) if is_beside else self.onnx.numpy_helper.to_array(tensor)
        if str(found.dtype) in SHORT:
            self.remarks.append("weights of 16 bits are kept as float32")
            found = found.astype(np.float32)
        return np.asarray(found)

    def beside(self, tensor: Any) -> NDArray[np.generic]:
        """Numbers that are in another file of the model's folder."""
        said = {entry.key: entry.value for entry in tensor.external_data}
        folder = self.folder.resolve()
        path = (folder / said["location"]).resolve()
        if path.parent != folder:
            raise InvalidDescription(
                f"{self.where}: the weights of {tensor.name!r} are said to be in {said['location']!r}, outside its folder"
            )
        dtype = self.onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
        shape = tuple(tensor.dims)
        needed = int(np.prod(shape, dtype=object)) * np.dtype(dtype).itemsize
        start = int(said.get("offset", 0))
        if not path.is_file() or start < 0 or needed < 0 or path.stat().st_size < start + needed:
            raise InvalidDescription(f"{self.where}: the weights of {tensor.name!r} are missing: expected {needed} bytes in {path.name}")
        with path.open("rb") as file:
            file.seek(start)
            return np.frombuffer(file.read(needed), np.dtype(dtype).newbyteorder("<")).reshape(shape)

    def nodes(self, proto: Any) -> Iterator[Node]:
        """A node as newer operator sets have it; a constant is none, but known by its name."""
        attributes = {each.name: self.attribute(each) for each in proto.attribute}
        operator = proto.op_type if proto.domain in ("", "ai.onnx") else f"{proto.domain}.{proto.op_type}"
        if operator == "Constant":
            self.constants[proto.output[0]] = np.asarray(next(iter(attributes.values())))
            return
        inputs = [*proto.input]
        since, names = MOVED.get(operator, (0, ()))
        if self.version < since:
            for name in names:
                inputs.append(self.constant(f"{proto.output[0]}/{name}", attributes.pop(name, None)))
        if operator in ("Softmax", "LogSoftmax", "Hardmax") and self.version < 13:
            attributes = {"axis": attributes.get("axis", 1), "rest": 1}
        if operator in OLD_AXES and self.version < OLD_AXES[operator]:
            attributes.setdefault("axis", 1)
        while inputs and not inputs[-1]:
            inputs.pop()
        yield Node(operator, proto.name or proto.output[0], tuple(inputs), tuple(proto.output), attributes)

    def constant(self, name: str, value: object) -> str:
        if value is None:
            return ""
        self.constants[name] = np.asarray(value)
        return name

    def attribute(self, proto: Any) -> object:
        value = self.onnx.helper.get_attribute_value(proto)
        if isinstance(value, self.onnx.TensorProto):
            return self.array(value)
        if isinstance(value, float):
            # A number of 32 bits, as it was written: 1e-05 and not 9.99999974738e-06.
            return float(str(np.float32(value)))
        if isinstance(value, bytes):
            return value.decode(errors="replace")
        if isinstance(value, list) and value and isinstance(value[0], bytes):
            return [each.decode(errors="replace") for each in value]
        return value

    def check_order(self, inputs: tuple[Value, ...], nodes: tuple[Node, ...]) -> None:
        """Each node reads what is there before it."""
        known = {each.name for each in inputs} | {*self.constants, ""}
        for node in nodes:
            if missing := [name for name in node.inputs if name not in known]:
                raise InvalidDescription(f"{self.where}: {node.operator} {node.name!r} reads {missing[0]!r}, which nothing before it makes")
            known |= {*node.outputs}
