"""Arrays in NumPy's files, .npz and .npy, and in .safetensors, by name."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.first_line import first_line
from chainrule.symbolic.index.numeric_array import NumericArray

SAFETENSORS = ".safetensors"
ENDINGS = (".npz", ".npy", SAFETENSORS)


def arrays_of(paths: Sequence[Path]) -> dict[str, NumericArray]:
    """The arrays of .npz and .safetensors files, and those of .npy files by the names of these; objects are not unpickled.

    Raises:
        InvalidDescription: where a file has another ending, cannot be read, or is not whole; or the package that reads it is not there.
    """
    found: dict[str, NumericArray] = {}
    for path in paths:
        if path.suffix.lower() not in ENDINGS:
            raise InvalidDescription(f"{path}: expected a file that ends in .csv, {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}")
        if path.suffix.lower() == SAFETENSORS:
            found |= _safetensors(path)
            continue
        try:
            with path.open("rb") as file:
                loaded = np.load(file, allow_pickle=False)
                found |= {path.stem: loaded} if isinstance(loaded, np.ndarray) else dict(loaded)
        except OSError as problem:
            raise InvalidDescription(f"{path}: cannot be read ({problem.strerror or problem})") from None
        except (ValueError, EOFError, BadZipFile, MemoryError) as problem:
            said = str(problem).split(". ")[0] or type(problem).__name__
            raise InvalidDescription(f"{path}: is no whole {path.suffix} file of NumPy's ({said})") from None
    return found


def _safetensors(path: Path) -> dict[str, NumericArray]:
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load
    except ImportError:
        said = f"to read {SAFETENSORS} files the package safetensors is needed: pip install 'chainrule[safetensors]'"
        raise InvalidDescription(f"{path}: {said}") from None
    try:
        return dict(load(path.read_bytes()))
    except OSError as problem:
        raise InvalidDescription(f"{path}: cannot be read ({problem.strerror or problem})") from None
    except (SafetensorError, KeyError, TypeError) as problem:
        # NumPy has no bfloat16 and no 8 bit floats.
        raise InvalidDescription(f"{path}: is no whole {SAFETENSORS} file of types that NumPy has ({first_line(problem)})") from None


def npz_bytes(arrays: Mapping[str, NumericArray]) -> bytes:
    """As np.savez writes them, whatever they are called; the same arrays give the same bytes."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asarray(array), allow_pickle=False)
    return buffer.getvalue()
