"""The values of all parameters, from the file that a description names beside it: arrays by name, as a module's `save` writes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chainrule.codegen.files.array_files import SAFETENSORS, arrays_of
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.system import System

#: The files that a module's `restore` reads too.
WEIGHTS = (".npz", SAFETENSORS)


def read_weights(network: Network | System, name: str, folder: Path) -> dict[str, NumericArray]:
    """An array of floats for each parameter, as long as its axes are.

    Raises:
        InvalidDescription: where the file is none beside the description, or an array is missing or another than its parameter.
    """
    at = ("weights",)
    if Path(name).name != name or Path(name).suffix not in WEIGHTS:
        raise InvalidDescription(f"weights: expected a file beside the description that ends in {' or '.join(WEIGHTS)}, found {name!r}", at)
    try:
        arrays = arrays_of([folder / name])
    except InvalidDescription as problem:
        raise InvalidDescription(f"weights: {problem}", at) from None
    return checked_weights(network.system if isinstance(network, Network) else network, arrays, name)


def checked_weights(system: System, arrays: Mapping[str, NumericArray], name: str) -> dict[str, NumericArray]:
    """Those of the parameters, where each is there and as it has to be; raises as `read_weights` does, of a file of this name."""
    at, found = ("weights",), {}
    for tensor in system.parameters:
        if tensor.name not in arrays:
            message = f"weights: {name} has no array {tensor.name!r}; {expected_one_of(tensor.name, arrays)}"
            raise InvalidDescription(message, at)
        array = arrays[tensor.name]
        expected = tuple(system.axes[axis_name(letter)].size for letter in tensor.axes)
        fits = len(expected) == array.ndim and all(size in (None, own) for size, own in zip(expected, array.shape, strict=True))
        if not fits or array.dtype.kind != "f":
            shape = ", ".join("?" if size is None else str(size) for size in expected)
            raise InvalidDescription(
                f"weights: {tensor.name} of {name}: found {array.dtype} of {array.shape}, expected floats of ({shape})", at
            )
        found[tensor.name] = array
    return found
