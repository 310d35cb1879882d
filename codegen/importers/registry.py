"""The readers of models: what a file's ending says that it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from chainrule.symbolic.index.failures import InvalidDescription

from .graph import Graph
from .keras_file import read_keras, read_keras_config
from .onnx_file import read_onnx
from .torch_program import PICKLES, read_torch

READERS: dict[str, Callable[[Any], Graph]] = {
    ".onnx": read_onnx,
    ".pt2": read_torch,
    ".keras": read_keras,
    ".json": read_keras_config,
}
#: Files of PyTorch's that are pickles.
PICKLED = (".pt", ".pth", ".ckpt", ".bin", ".pkl")


def read_model(path: Path) -> Graph:
    """The graph of a model's file.

    Raises:
        InvalidDescription: where its ending is none of these, or as its reader does.
    """
    reader = READERS.get(path.suffix.lower())
    if path.suffix.lower() in PICKLED:
        raise InvalidDescription(f"{path}: {PICKLES}")
    if reader is None:
        raise InvalidDescription(f"{path}: expected a model in a file that ends in {', '.join(READERS)}")
    return reader(path)
