"""A program of PyTorch's `torch.export` as a graph of ONNX's operators. Layers are kept as PyTorch keeps them: nothing is taken apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chainrule.symbolic.index.failures import InvalidDescription

from . import torch_elementwise, torch_fills, torch_images, torch_layers, torch_products, torch_recurrent, torch_shapes
from .axis_order import Arranged, Size
from .graph import Graph, Value
from .graph_writer import GraphWriter, value_of
from .torch_call import Call, Given

OPERATORS: dict[str, Callable[[Call], Given]] = {
    **torch_elementwise.TABLE,
    **torch_shapes.TABLE,
    **torch_products.TABLE,
    **torch_layers.TABLE,
    **torch_images.TABLE,
    **torch_recurrent.TABLE,
    **torch_fills.TABLE,
}
#: What says something of tensors and makes none.
NO_TENSOR = "sym_size sym_numel sym_stride _assert_tensor_metadata _assert_scalar sym_constrain_range sym_constrain_range_for_size".split()


class TorchReader:
    """Walks through the nodes of a program once. `values` are what they gave: arrays of the graph, or PyTorch's tensors that are known."""

    def __init__(self, program: Any, where: str) -> None:
        import torch

        self.torch = torch
        self.program = program
        self.writer = GraphWriter(where)
        self.values: dict[str, Any] = {}
        self.sizes: dict[str, str] = {}
        self.reads: dict[str, int] = {}
        self.weights: dict[object, Any] = {}

    def graph(self, name: str) -> Graph:
        """The graph, called so.

        Raises:
            InvalidDescription: naming all operators that are not known with their nodes, or the one whose call is not.
        """
        nodes = list(self.program.graph.nodes)
        self.refuse_unknown(nodes)
        inputs = [value for node in nodes if node.op == "placeholder" for value in self.placed(node)]
        for node in nodes:
            if node.op == "call_function":
                self.called(node)
        outputs = []
        for node in self.results(nodes):
            self.writer.at = node.name
            value = self.arranged(node)
            outputs.append(value_of(self.writer.laid(value), value, _dtype(node.meta["val"])))
        return self.writer.graph(name, inputs, outputs)

    def refuse_unknown(self, nodes: list[Any]) -> None:
        unknown: dict[str, list[str]] = {}
        for node in nodes:
            if node.op == "call_function":
                is_known = not _is_tensor(node.meta.get("val")) or _is_item(node) or operator_of(node) in OPERATORS
                if not is_known and not self.is_number(node):
                    unknown.setdefault(operator_of(node), []).append(_told(node))
            elif node.op not in ("placeholder", "call_function", "output"):
                unknown.setdefault(node.op, []).append(_told(node))
        if unknown:
            said = "; ".join(f"{operator} ({', '.join(found[:5])}{', …' if len(found) > 5 else ''})" for operator, found in unknown.items())
            raise InvalidDescription(f"{self.writer.where}: there are no equations for PyTorch's operators {said}")

    def given(self, node: Any) -> list[Any]:
        """The nodes that a node reads, as far as they depend on an input or a weight that is trained."""
        constant = {**self.program.graph_signature.inputs_to_buffers, **self.program.graph_signature.inputs_to_lifted_tensor_constants}
        return [each for each in node.all_input_nodes if each.name not in constant and (each.op == "placeholder" or self.given(each))]

    def is_number(self, node: Any) -> bool:
        """Whether PyTorch can say now what comes out."""
        return isinstance(node.target, self.torch._ops.OpOverload) and not self.given(node) and not self.is_random(node)

    def is_random(self, node: Any) -> bool:
        return self.torch.Tag.nondeterministic_seeded in node.target.tags

    def placed(self, node: Any) -> Iterator[Value]:
        """What the program is given: weights are kept, an input of the network comes out."""
        signature = self.program.graph_signature
        self.writer.at = node.name
        if node.name in signature.inputs_to_parameters:
            self.values[node.name] = self.weight(signature.inputs_to_parameters[node.name], node)
        elif node.name in signature.inputs_to_buffers:
            name = signature.inputs_to_buffers[node.name]
            found = self.program.state_dict.get(name)
            self.values[node.name] = self.program.constants[name] if found is None else found
        elif node.name in signature.inputs_to_lifted_tensor_constants:
            self.values[node.name] = self.program.constants[signature.inputs_to_lifted_tensor_constants[node.name]]
        elif _is_tensor(node.meta.get("val")):
            shape = [self.size(size) for size in node.meta["val"].shape]
            value = self.writer.given(node.name, ["*".join(free) if free else number for number, free in shape])
            self.values[node.name] = value
            yield value_of(value.value, value, _dtype(node.meta["val"]))
        elif node.users:
            raise self.writer.refuse("an input that is no tensor")

    def weight(self, name: str, node: Any) -> Arranged:
        """A parameter; one that the module has at two places is one."""
        tensor = self.program.state_dict[name]
        key = (tensor.data_ptr(), tuple(tensor.shape), tensor.stride())
        if key not in self.weights:
            self.weights[key] = self.writer.constant(self.numbers(tensor), name, tensor.requires_grad)
        found: Arranged = self.weights[key]
        self.reads[found.value] = self.reads.get(found.value, 0) + len(node.users)
        return found

    def numbers(self, tensor: Any) -> Any:
        try:
            return tensor.detach().cpu().numpy().copy()
        except (TypeError, RuntimeError) as problem:
            raise self.writer.refuse(f"a tensor that NumPy has none like ({problem})") from None

    def called(self, node: Any) -> None:
        self.writer.at = _told(node)
        if _is_item(node):
            given, place = self.values[node.args[0].name], node.args[1]
            if len(given) <= place:
                if node.users:
                    raise self.writer.refuse("a second result of an operator that is not taken over")
                return
            self.values[node.name] = given[place]
        elif _is_tensor(node.meta.get("val")):
            known = [self.values[each.name] for each in node.all_input_nodes if each.name in self.values]
            in_place = _writes(node)
            if len(known) == len(node.all_input_nodes) and not any(map(_holds_arrays, known)) and not in_place and not self.is_random(node):
                with self.torch.no_grad():
                    self.values[node.name] = node.target(*self.bare(node.args), **self.bare(node.kwargs))
                return
            self.values[node.name] = OPERATORS[operator_of(node)](self.call(node))
            if in_place:
                self.written(node)

    def written(self, node: Any) -> None:
        """What is written into a tensor is read there from now on. Other tensors that share its entries must not be read any more."""
        target = node.args[0]
        nodes = list(self.program.graph.nodes)
        later = set(nodes[nodes.index(node) + 1 :])
        others = [other for other in nodes if other not in (node, target) and self.root(other) is self.root(target)]
        if any(later.intersection(other.users) for other in others if other not in later):
            raise self.writer.refuse("writes into a tensor of which a view is read later")
        self.values[target.name] = self.values[node.name]

    def root(self, node: Any) -> Any:
        """The node that made the entries which a view shares."""
        while node.op == "call_function" and (operator_of(node) in SHARING or _writes(node)):
            node = node.all_input_nodes[0]
        return node

    def call(self, node: Any) -> Call:
        schema = node.target._schema.arguments
        arguments = {each.name: each.default_value if each.has_default_value() else None for each in schema}
        arguments |= {each.name: value for each, value in zip(schema, node.args, strict=False)} | dict(node.kwargs)
        found = node.meta["val"]
        tensors = list(found) if isinstance(found, (tuple, list)) else [found]
        read = [each.meta["val"] for each in node.all_input_nodes if isinstance(each.meta.get("val"), self.torch.Tensor)]
        floating = [_dtype(tensor) for tensor in read if tensor.is_floating_point()] or [_dtype(tensor) for tensor in (*read, tensors[0])]
        return Call(
            operator_of(node),
            {name: self.operand(value) for name, value in arguments.items()},
            tuple(tuple(self.size(size) for size in tensor.shape) for tensor in tensors),
            tuple(_dtype(tensor) for tensor in tensors),
            floating[0],
            self.writer,
            self.reads,
        )

    def operand(self, value: Any) -> Any:
        """An argument with arrays of the graph in place of nodes."""
        if isinstance(value, (list, tuple)):
            return [self.operand(each) for each in value]
        if not isinstance(value, self.torch.fx.Node):
            return value
        found = value.meta.get("val")
        return self.arranged(value) if _is_tensor(found) else self.size(found)

    def arranged(self, node: Any) -> Any:
        """The array of the graph; a tensor that is known becomes a constant of it."""
        value = self.values[node.name]
        if isinstance(value, self.torch.Tensor):
            names = self.program.graph_signature.inputs_to_buffers
            value = self.values[node.name] = self.writer.constant(self.numbers(value), names.get(node.name, node.name))
        return value

    def bare(self, value: Any) -> Any:
        """An argument with PyTorch's own tensors in place of nodes."""
        if isinstance(value, dict):
            return {name: self.bare(each) for name, each in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.bare(each) for each in value)
        return self.values[value.name] if isinstance(value, self.torch.fx.Node) else value

    def size(self, size: Any) -> Size:
        """A size as a number and free ones; the first that comes is called N."""
        if isinstance(size, int):
            return size, ()
        number, free = 1, []
        for factor, power in size.node.expr.as_powers_dict().items():
            if factor.is_Integer and power.is_Integer and power > 0:
                number *= int(factor) ** int(power)
            elif factor.is_Symbol and power.is_Integer and power > 0:
                free += [self.sizes.setdefault(factor.name, f"N{len(self.sizes) or ''}")] * int(power)
            else:
                raise self.writer.refuse(f"the size {size}; expected numbers, and the batch as the one size that is free")
        return number, tuple(sorted(free))

    def results(self, nodes: list[Any]) -> list[Any]:
        names = set(self.program.graph_signature.user_outputs)
        (found,) = (node for node in nodes if node.op == "output")
        return [each for each in found.args[0] if each is not None and each.name in names and _is_tensor(each.meta.get("val"))]


#: Operators whose result shares its entries with what they read.
SHARING = {*torch_shapes.TABLE, "dropout"} - {"cat", "concat", "stack", "pad", "_to_copy", "clone"}


def operator_of(node: Any) -> str:
    """The name of an operator without its variants: add for add_.Tensor."""
    schema = getattr(node.target, "_schema", None)
    name = str(schema.name).split("::")[-1] if schema else str(getattr(node.target, "__name__", node.target))
    return name.rstrip("_") if not name.startswith("__") else name


def _writes(node: Any) -> bool:
    """Whether an operator changes what it is given, as relu_."""
    return str(getattr(node.target, "_schema", node).name).endswith("_")


def _is_item(node: Any) -> bool:
    return getattr(node.target, "__name__", "") == "getitem"


def _is_tensor(found: Any) -> bool:
    """Whether tensors come out, one or several."""
    return any(hasattr(each, "dtype") and hasattr(each, "stride") for each in (found if isinstance(found, (tuple, list)) else [found]))


def _holds_arrays(value: Any) -> bool:
    return isinstance(value, Arranged) or (isinstance(value, tuple) and any(map(_holds_arrays, value)))


def _dtype(tensor: Any) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _told(node: Any) -> str:
    """A node by the place of its module, which is what the user knows."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    path = str(stack[-1][0]) if stack else ""
    return f"{path}.{node.name}" if path.replace(".", "").replace("_", "").isalnum() else str(node.name)
