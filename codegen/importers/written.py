"""An imported model as files, and as a description for those who work in Python."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.codegen.descriptions.reader import Description, read_description
from chainrule.codegen.descriptions.weights_reader import checked_weights
from chainrule.codegen.files.array_files import npz_bytes
from chainrule.codegen.files.write import write_all, write_data
from chainrule.symbolic.layers.network import usable_name

from .any_batch import of_any_batch
from .describe import Imported, described, fitting_cost, weights_name, without_weights
from .graph import Graph
from .keras_file import model_graph
from .onnx_file import read_onnx
from .torch_program import module_graph


def usable(name: str, otherwise: str = "model") -> str:
    """A name as files and modules may be called, as near to a model's own as can be."""
    found = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower()
    found = found if found and not found[0].isdigit() else f"{otherwise}_{found}".rstrip("_")
    try:
        return usable_name(found)
    except ValueError:
        return f"{found}_model"


def import_files(graph: Graph, directory: Path, cost: str | None, force: bool = False) -> tuple[list[Path], Imported]:
    """NAME.toml and NAME_weights.npz, by the graph's name; the second where the model has weights.

    Raises:
        InvalidDescription: where the model has no description, or files cannot be written.
    """
    imported = described(of_any_batch(graph), cost=cost)
    text = imported.description_text if graph.has_weights else without_weights(imported.description_text)
    paths = write_all(directory, {f"{graph.name}.toml": text}, force)
    if not graph.has_weights:
        return paths, imported
    weights = directory / weights_name(graph.name)
    write_data(weights, npz_bytes(imported.parameters))
    return [*paths, weights], imported


def description_of(graph: Graph, cost: str | None) -> Description:
    """The description of a graph as it is read, its parameters with it; without a cost it has the one that fits its output."""
    imported = described(of_any_batch(graph), cost=cost or fitting_cost(graph))
    description = read_description(without_weights(imported.description_text))
    arrays = {name: np.asarray(array) for name, array in imported.parameters.items()}
    return replace(
        description, parameters=checked_weights(description.system, arrays, weights_name(graph.name)), weights=weights_name(graph.name)
    )


def from_onnx(model: Any, *, cost: str | None = None, name: str | None = None) -> Description:
    """The description of an ONNX model, by the path of its file or as a `ModelProto`; `derive` and `load` take it.

    Without the name of a cost it is the cross-entropy of an output of softmax, the binary one of a sigmoid's, and else the quadratic cost.

    Raises:
        InvalidDescription: where the file is no whole model, or there are no equations for one of its operators.
    """
    graph = read_onnx(model)
    own = Path(model).stem if isinstance(model, str | Path) else graph.name
    return description_of(replace(graph, name=usable(name or own)), cost)


def from_torch(module: Any, example_inputs: Any, *, cost: str | None = None, name: str | None = None) -> Description:
    """The description of a PyTorch module, for batches of any size: in training or not, as the module is.

    `example_inputs` is a tensor with an axis of examples, or several. Without the name of a cost it is as for `from_onnx`.

    Raises:
        InvalidDescription: where PyTorch cannot write the module down, or there are no equations for one of its operators.
    """
    graph = module_graph(module, example_inputs)
    return description_of(replace(graph, name=usable(name or graph.name)), cost)


def from_keras(model: Any, *, cost: str | None = None, name: str | None = None, training: bool = False) -> Description:
    """The description of a Keras model, as `predict` runs it, or with dropout and batch normalisation as in training.

    Without the name of a cost it is as for `from_onnx`.

    Raises:
        InvalidDescription: where it is no model that Keras can save, or there are no equations for one of its layers.
    """
    graph = model_graph(model, training)
    return description_of(replace(graph, name=usable(name or graph.name)), cost)
