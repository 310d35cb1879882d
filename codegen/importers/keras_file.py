"""Models of Keras: `model.keras`, a zip of JSON and HDF5, a `config.json` without weights, or a model in memory. Keras is not needed.

Only what a layer says of itself is read: Python that a file carries (Lambda layers) is no layer that there is an equation for.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import BadZipFile, ZipFile

from chainrule.codegen.files.read import read_bytes
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.first_line import first_line

from .graph import Graph
from .keras_graph import keras_graph
from .keras_weights import KerasWeights
from .onnx_file import LONGEST_SAID, MOST_BYTES_OF_MODEL

MOST_BYTES_OF_CONFIG = 50_000_000


def read_keras(path: str | Path, training: bool = False) -> Graph:
    """The graph of a file that `model.save` wrote.

    Raises:
        InvalidDescription: where h5py is missing, the file is not whole, or has a layer that there is no equation for.
    """
    where = str(path)
    content = read_bytes(Path(path), f"{where}: ", "a model in a .keras file", MOST_BYTES_OF_MODEL)
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            config = _member(archive, "config.json", MOST_BYTES_OF_CONFIG, where)
            weights = _member(archive, "model.weights.h5", MOST_BYTES_OF_MODEL, where)
    except (BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError, OSError) as problem:
        raise InvalidDescription(f"{where}: no whole .keras file ({str(problem)[:80]})") from None
    return keras_graph(_json(config, where), KerasWeights(weights, where), where, training)


def read_keras_config(path: str | Path) -> Graph:
    """The graph of a `config.json`, which has no weights: those of the module are drawn."""
    where = str(path)
    content = read_bytes(Path(path), f"{where}: ", "the configuration of a model", MOST_BYTES_OF_CONFIG)
    return keras_graph(_json(content, where), KerasWeights(None, where), where, training=True)


def model_graph(model: Any, training: bool) -> Graph:
    """The graph of a model in memory, as it is once it was saved.

    Raises:
        InvalidDescription: where it is no model, cannot be saved, or has a layer that there is no equation for.
    """
    if not callable(getattr(model, "save", None)) or not hasattr(model, "layers"):
        raise InvalidDescription(f"from_keras: found {type(model).__name__}, expected a model of Keras")
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{getattr(model, 'name', 'model')}.keras"
        try:
            model.save(path)
        except Exception as problem:
            raise InvalidDescription(f"from_keras: Keras cannot save this model ({first_line(problem)[:LONGEST_SAID]})") from None
        return read_keras(path, training)


def _member(archive: ZipFile, name: str, most: int, where: str) -> bytes:
    if name not in archive.namelist():
        raise InvalidDescription(f"{where}: found no {name} in this archive, expected a file that Keras 3 wrote by model.save")
    with archive.open(name) as member:
        content = member.read(most + 1)
    if len(content) > most:
        raise InvalidDescription(f"{where}: {name}: found more than {most} bytes unpacked, expected at most that")
    return content


def _json(content: bytes, where: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as problem:
        raise InvalidDescription(f"{where}: its configuration is no JSON ({str(problem)[:80]})") from None
