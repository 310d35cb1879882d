"""The layers of a Keras model in the order in which they are called, as a graph of ONNX's operators."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chainrule.symbolic.index.failures import InvalidDescription, shown

from . import keras_attention, keras_images, keras_layers, keras_products, keras_recurrent
from .axis_order import Arranged
from .graph import Graph
from .graph_writer import GraphWriter, value_of
from .keras_activations import ACTIVATIONS, activation_name
from .keras_layer import Given, KerasLayer, KerasModel
from .keras_weights import KerasWeights

LAYERS: dict[str, Callable[[KerasLayer], Given]] = {
    **keras_layers.TABLE,
    **keras_images.TABLE,
    **keras_recurrent.TABLE,
    **keras_attention.TABLE,
    "Dot": keras_products.dot,
}
LAYERS["TimeDistributed"] = keras_products.at_every_step(LAYERS)
MODELS = ("Functional", "Sequential", "Model")
#: Layers inside of which there are others.
MOST_DEPTH = 20


def keras_graph(config: Any, weights: KerasWeights, where: str, training: bool) -> Graph:
    """The graph of a model by its configuration.

    Raises:
        InvalidDescription: naming all layers that there is no equation for, or the one whose configuration is not as it has to be.
    """
    if not isinstance(config, dict) or config.get("class_name") not in MODELS or not isinstance(config.get("config"), dict):
        found = config.get("class_name") if isinstance(config, dict) else config
        raise InvalidDescription(f"{where}: found {shown(found)}, expected the configuration of a Sequential or Functional model of Keras")
    _refuse_unknown(config, where)
    model = KerasModel(GraphWriter(where), weights, training)
    try:
        results = _Container(config, "", model).outputs(None)
        outputs = []
        for value in results:
            model.writer.at = "output"
            outputs.append(value_of(model.writer.laid(value), value, "float32"))
        graph = model.writer.graph(str(config["config"].get("name", "model")), model.inputs, outputs)
        return replace(graph, has_weights=weights.file is not None)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        raise InvalidDescription(f"{where}: {model.writer.at}: not as Keras writes it ({type(problem).__name__}: {problem})") from None


def _refuse_unknown(config: Mapping[str, Any], where: str) -> None:
    unknown: dict[str, list[str]] = {}
    for layer in _layers_in(config, where):
        kind, made = layer.get("class_name"), layer.get("config")
        made = made if isinstance(made, dict) else {}
        name = str(layer.get("name") or made.get("name"))
        known = keras_layers.OPERATIONS if _is_operation(layer) else {**LAYERS, "InputLayer": None}
        if kind not in known and kind not in MODELS:
            unknown.setdefault(str(kind), []).append(repr(name))
        for word in ("activation", "recurrent_activation"):
            activation = activation_name(made.get(word))
            if activation not in ACTIVATIONS:
                unknown.setdefault(f"activation {activation}", []).append(repr(name))
    if unknown:
        said = "; ".join(f"{kind} ({', '.join(names[:5])}{', …' if len(names) > 5 else ''})" for kind, names in unknown.items())
        raise InvalidDescription(f"{where}: there are no equations for Keras's layers {said}")


def _layers_in(config: Mapping[str, Any], where: str, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if depth > MOST_DEPTH:
        raise InvalidDescription(f"{where}: found models in models more than {MOST_DEPTH} deep")
    layers = config["config"].get("layers") if isinstance(config.get("config"), dict) else None
    if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
        raise InvalidDescription(f"{where}: found a model without a list of layers")
    for layer in layers:
        if layer.get("class_name") in MODELS:
            yield from _layers_in(layer, where, depth + 1)
        else:
            yield layer


def _is_operation(layer: Mapping[str, Any]) -> bool:
    """Whether it is a function between layers, which has no weights and is counted by none."""
    return str(layer.get("module", "")).startswith("keras.src.ops")


class _Container:
    """A model, or one inside of another, with its layers and the paths of their weights."""

    def __init__(self, config: Mapping[str, Any], path: str, model: KerasModel) -> None:
        self.config, self.model = config["config"], model
        self.is_sequential = config["class_name"] == "Sequential"
        self.layers: dict[str, Mapping[str, Any]] = {}
        self.paths: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for layer in self.config["layers"]:
            name = str(layer.get("name") or layer["config"]["name"])
            self.layers[name] = layer
            if not _is_operation(layer):
                # Weights are kept by the kind of the layer, and a number from the second of that kind on.
                stem = _snake(layer["class_name"])
                self.paths[name] = f"{path}layers/{stem}" + (f"_{counts[stem]}" if counts[stem] else "")
                counts[stem] += 1

    def outputs(self, given: Sequence[Arranged] | None) -> list[Arranged]:
        """What the model gives for arrays, or for inputs of its own."""
        return self._in_a_row(given) if self.is_sequential else self._by_nodes(given)

    def _in_a_row(self, given: Sequence[Arranged] | None) -> list[Arranged]:
        value: Any = given[0] if given else None
        for name, layer in self.layers.items():
            if layer["class_name"] == "InputLayer":
                value = self._input(name, layer) if value is None else value
            else:
                if value is None:
                    value = self._input(name, {"config": {"batch_shape": self._first_shape(layer)}})
                value = self._called(name, layer, [value], {}, False)
        return list(value) if isinstance(value, tuple) else [value]

    def _first_shape(self, layer: Mapping[str, Any]) -> Any:
        shape = (
            self.config.get("build_input_shape")
            or layer["config"].get("batch_input_shape")
            or (layer.get("build_config") or {}).get("input_shape")
        )
        if shape is None:
            raise InvalidDescription(
                f"{self.model.writer.where}: the model does not say the shape of its input; expected an InputLayer first"
            )
        return shape

    def _by_nodes(self, given: Sequence[Arranged] | None) -> list[Arranged]:
        known: dict[tuple[str, int], Given] = {}
        entries = _places(self.config["input_layers"])
        for number, (name, _, _) in enumerate(entries):
            known[name, 0] = given[number] if given else self._input(name, self.layers[name])
        waiting = [
            (name, number, node)
            for name, layer in self.layers.items()
            if layer["class_name"] != "InputLayer"
            for number, node in enumerate(layer.get("inbound_nodes", []))
        ]
        while waiting:
            left = []
            for name, number, node in waiting:
                arguments, options = _arguments(node)
                if all((place[0], place[1]) in known for place in _references([arguments, options])):
                    filled, named = _filled(arguments, known), _filled(options, known)
                    several = len(self.layers[name]["inbound_nodes"]) > 1
                    known[name, number] = self._called(name, self.layers[name], filled, named, several)
                else:
                    left.append((name, number, node))
            if len(left) == len(waiting):
                names = ", ".join(name for name, _, _ in left[:5])
                raise InvalidDescription(f"{self.model.writer.where}: the layers {names} read what no layer gives")
            waiting = left
        return [_picked(known[name, node], place) for name, node, place in _places(self.config["output_layers"])]

    def _input(self, name: str, layer: Mapping[str, Any]) -> Arranged:
        config = layer["config"]
        shape = config.get("batch_shape") or config.get("batch_input_shape")
        if not isinstance(shape, list) or not all(size is None or (isinstance(size, int) and size > 0) for size in shape):
            raise InvalidDescription(f"{self.model.writer.where}: input {name!r}: found the shape {shown(shape)}, expected sizes")
        sizes = [size if size is not None and place else f"N{place or ''}" for place, size in enumerate(shape)]
        value = self.model.writer.given(name, sizes)
        dtype = config.get("dtype") or "float32"
        dtype = dtype["config"]["name"] if isinstance(dtype, dict) else dtype
        self.model.inputs.append(value_of(value.value, value, str(dtype)))
        return value

    def _called(self, name: str, layer: Mapping[str, Any], given: Sequence[Any], options: Mapping[str, Any], several: bool) -> Given:
        writer, kind, path = self.model.writer, layer["class_name"], self.paths.get(name, "")
        writer.at = name
        if kind in MODELS:
            inner = given[0] if isinstance(given[0], (list, tuple)) else given
            found = _Container(layer, f"{path}/", self.model).outputs(inner)
            return found[0] if len(found) == 1 else tuple(found)
        options = {option: value for option, value in options.items() if value is not None and option not in ("training", "mask")}
        call = KerasLayer(kind, name, path, layer["config"], given, options, self.model, several)
        return (keras_layers.OPERATIONS if _is_operation(layer) else LAYERS)[kind](call)


def _snake(kind: str) -> str:
    """As Keras calls the weights of a kind of layer: Conv2D is conv2d, MultiHeadAttention multi_head_attention."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def _places(found: Any) -> list[tuple[str, int, int]]:
    """One place or several: a layer's name, which of its calls, which of what this gives."""
    places = [found] if found and not isinstance(found[0], list) else found
    return [(str(name), int(node), int(place)) for name, node, place in places]


def _reference(value: Any) -> tuple[str, int, int] | None:
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        return _places(value["config"]["keras_history"])[0]
    return None


def _arguments(node: Any) -> tuple[Any, Any]:
    """The arguments of a call, and those by name, whether Keras 3 or Keras 2 wrote them."""
    if isinstance(node, dict):
        return node["args"], node["kwargs"]
    old = [{"class_name": "__keras_tensor__", "config": {"keras_history": each[:3]}} for each in node]
    return [old if len(old) > 1 else old[0]], dict(node[0][3]) if len(node[0]) > 3 else {}


def _references(value: Any) -> Iterator[tuple[str, int, int]]:
    found = _reference(value)
    if found:
        yield found
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _references(each)


def _filled(value: Any, known: Mapping[tuple[str, int], Given]) -> Any:
    """Arguments with arrays in place of references."""
    found = _reference(value)
    if found:
        return _picked(known[found[0], found[1]], found[2])
    if isinstance(value, list):
        return [_filled(each, known) for each in value]
    return {name: _filled(each, known) for name, each in value.items()} if isinstance(value, dict) else value


def _picked(given: Given, place: int) -> Arranged:
    return given[place] if isinstance(given, tuple) else given
