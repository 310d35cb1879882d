"""Arrays for a description: the same for the same seed, by the kind of each tensor."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .meaning import Meaning


def shapes(description: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """The shape of every given tensor; `sizes` are those of open axes by any of their letters."""
    meaning = Meaning(description)
    known = {meaning.axes.letter(letter): size for letter, size in {**sizes, **meaning.fixed}.items()}
    return {name: tuple(known.get(meaning.axes.letter(letter), 2) for letter in tensor.letters) for name, tensor in meaning.given.items()}


def arrays(description: Mapping[str, Any], kinds: Mapping[str, str], sizes: Mapping[str, int], seed: int) -> dict[str, NDArray[Any]]:
    """An array for every given tensor."""
    meaning = Meaning(description)
    known = {meaning.axes.letter(letter): size for letter, size in {**sizes, **meaning.fixed}.items()}
    found: dict[str, NDArray[Any]] = {}
    for name, shape in shapes(description, sizes).items():
        rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        tensor = meaning.given[name]
        if tensor.into:
            found[name] = np.asarray(rng.integers(0, known.get(meaning.axes.letter(tensor.into), 2), shape))
        else:
            found[name] = np.asarray(_numbers(kinds.get(name, "normal"), shape, rng))
    return found


def _numbers(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    match kind:
        case "positive":
            return rng.uniform(0.2, 1.5, shape)
        case "unit":
            return rng.uniform(0.05, 0.95, shape)
        case "signs":
            return rng.integers(0, 2, shape) * 2.0 - 1
        case "one_hot":
            return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
        case "halves":
            return rng.integers(-4, 5, shape) / 2
        case "ties":
            return rng.integers(-1, 2, shape).astype(float)
        case _:
            return rng.standard_normal(shape)
