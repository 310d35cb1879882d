"""Weights that Keras keeps in HDF5, by their places in the model; links to other files are not followed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.symbolic.index.failures import InvalidDescription, shown

from .graph_writer import Array
from .onnx_file import MOST_BYTES_OF_MODEL


class KerasWeights:
    """The variables of a model's layers. Without a file there are shapes alone, whose numbers are nothing."""

    def __init__(self, content: bytes | None, where: str) -> None:
        self.where, self.file, self.bytes = where, None, 0
        if content is not None:
            try:
                import h5py
            except ImportError:
                raise InvalidDescription("to read Keras's weights the package h5py is needed: pip install 'chainrule[keras]'") from None
            self.h5py = h5py
            try:
                self.file = h5py.File(io.BytesIO(content), "r")
            except (OSError, ValueError, RuntimeError, KeyError) as problem:
                raise InvalidDescription(f"{where}: its weights are no whole HDF5 file ({str(problem)[:80]})") from None

    def variable(self, path: str, number: int, shape: Sequence[int]) -> Array:
        """The variable of that number at the layer with that path, of that shape.

        Raises:
            InvalidDescription: where there is none such, or its numbers are in another file.
        """
        self.bytes += 4 * int(np.prod([float(size) for size in shape]))
        if self.bytes > MOST_BYTES_OF_MODEL:
            raise InvalidDescription(f"{self.where}: found weights of more than {MOST_BYTES_OF_MODEL} bytes, expected at most that")
        if self.file is None:
            return np.zeros(tuple(shape), np.float32)
        place = f"{path}/vars/{number}"
        try:
            found = self._at(place)
            if not isinstance(found, self.h5py.Dataset) or found.external or found.is_virtual:
                raise InvalidDescription(f"{self.where}: {place}: expected numbers in the file itself")
            if found.shape != tuple(shape) or found.dtype.kind != "f":
                said = f"{found.dtype} of shape {found.shape}"
                raise InvalidDescription(f"{self.where}: {place}: found {said}, expected numbers of shape {tuple(shape)}")
            array = np.asarray(found[()])
        except (OSError, ValueError, RuntimeError, KeyError, TypeError) as problem:
            raise InvalidDescription(f"{self.where}: {place}: cannot be read ({str(problem)[:80]})") from None
        return array.astype(np.float32) if array.dtype.itemsize < 4 else array

    def _at(self, place: str) -> Any:
        found: Any = self.file
        for name in place.split("/"):
            link = found.get(name, getlink=True) if isinstance(found, self.h5py.Group) else None
            if link is None:
                raise InvalidDescription(f"{self.where}: its weights have no {shown(place)}, which its layers ask for")
            if not isinstance(link, self.h5py.HardLink):
                raise InvalidDescription(f"{self.where}: {place}: found a link to elsewhere, expected numbers in the file itself")
            found = found[name]
        return found
