"""What a worker of a cluster does: it reads its part of the examples, and computes costs and gradients of those of a step."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.codegen.files.array_files import arrays_of
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.numeric_array import NumericArray

from .given import Given
from .unchanged import unchanged

Arrays = dict[str, NumericArray]
#: A module and the script that trains it, each with its name.
Sources = tuple[tuple[str, str], ...]

#: Of a file that a lost worker's successor reads, or a run that goes on.
OTHER = "the file is another than when the run began; put that back, or begin a run on this one with --force"

_READING = Lock()


@dataclass(frozen=True, slots=True)
class Piece:
    """One of so many pieces, as equal as can be, of the examples of a file that has a fingerprint."""

    path: str
    number: int
    of: int
    fingerprint: str


@dataclass(frozen=True)
class Part:
    """Examples as the network takes them, with the places of those that are held out."""

    data: Arrays
    held_out: NumericArray
    sources: Sources


def fingerprint(path: str) -> str:
    """Of what a file holds; raises InvalidDescription where it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise InvalidDescription(f"{path}: cannot be read ({problem.strerror or problem})") from None


def read(pieces: Sequence[Piece], along: Mapping[str, int | None], takes: Sequence[Given]) -> Arrays:
    """The examples of some pieces one after the other, along the dimension of each array; those that all share are the same in all.

    Raises:
        InvalidDescription: with the file where it is not what the run began with, or an array is missing or not as the network `takes` it.
    """
    found: list[Arrays] = []
    for piece in pieces:
        with unchanged(Path(piece.path)):
            if fingerprint(piece.path) != piece.fingerprint:
                raise InvalidDescription(f"{piece.path}: {OTHER}")
            arrays = arrays_of([Path(piece.path)])
        for each in takes:
            if each.name not in arrays:
                raise InvalidDescription(
                    f"{piece.path}: no array {each.name!r}, shape {each.shape_text}; found {', '.join(arrays) or 'none'}"
                )
            arrays[each.name] = each.checked(arrays[each.name], f"{piece.path}: {each.name}")
        lengths = {name: arrays[name].shape[place] for name, place in along.items() if place is not None}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{length} in {name}" for name, length in lengths.items())
            raise InvalidDescription(f"{piece.path}: found different numbers of examples: {said}")
        found.append({name: _piece(arrays[name], place, piece) for name, place in along.items()})
    return {
        name: found[0][name] if place is None else np.concatenate([each[name] for each in found], place) for name, place in along.items()
    }


def _piece(array: NumericArray, along: int | None, piece: Piece) -> NumericArray:
    if along is None:
        return array
    start, end = (len(np.moveaxis(array, along, 0)) * number // piece.of for number in (piece.number, piece.number + 1))
    return np.take(array, range(start, end), along)


def without_examples(arrays: Arrays, along: Mapping[str, int | None]) -> tuple[int, Arrays]:
    """How many examples there are, and the arrays with none of them."""
    count = next(arrays[name].shape[place] for name, place in along.items() if place is not None)
    return count, {name: arrays[name] if place is None else np.take(arrays[name], [], place) for name, place in along.items()}


def totals(arrays: Arrays, name: str, along: int, places: NumericArray, mean: NumericArray | None = None) -> list[NumericArray]:
    """Of the examples at some places of an array the sum, the least and the greatest, or the sum of the squared distances from a mean."""
    chosen = np.take(arrays[name], places, along)
    if mean is not None:
        return [((chosen - mean) ** 2).sum(along, keepdims=True)]
    return [found(chosen, axis=along, keepdims=True) for found in (np.sum, np.min, np.max)]


def prepared(arrays: Arrays, scaling: Mapping[str, tuple[NumericArray, NumericArray]], held_out: NumericArray, sources: Sources) -> Part:
    """With features of mean 0 and deviation 1."""
    scaled = {name: (arrays[name] - mean) / deviation for name, (mean, deviation) in scaling.items()}
    return Part(arrays | scaled, held_out, sources)


def gradients(part: Part, params: Sequence[NumericArray], places: NumericArray) -> tuple[float, float, list[NumericArray]]:
    """Of the examples at some places: what their cost weighs, the cost, and its gradients, none where it weighs nothing."""
    script = _script(part.sources)
    examples = script.Examples(part.data, (), part.held_out)
    weight = float(getattr(examples, "share", len)(places))
    if not weight:
        return 0.0, 0.0, []
    cost, found = examples.gradients(script.network.Parameters(*params), places)
    return weight, cost, list(found)


def judged(part: Part, params: Sequence[NumericArray]) -> tuple[float, int, list[float]]:
    """Of what is held out: what its cost weighs, its number, and what the script says of it."""
    script = _script(part.sources)
    examples = script.Examples(part.data, (), part.held_out)
    found = examples.judged(script.network.Parameters(*params))
    return float(getattr(examples, "share", len)(part.held_out)), len(part.held_out), list(map(float, found))


def _script(sources: Sources) -> Any:
    """The script as a module; threads of one worker read it one after the other."""
    with _READING:
        return _read_script(sources)


@lru_cache(maxsize=8)
def _read_script(sources: Sources) -> Any:
    """The network that it imports is there for as long as it is read."""
    made: dict[str, ModuleType] = {}
    before = {name: sys.modules.get(name) for name, _ in sources}
    try:
        for name, text in sources:
            module = made[name] = sys.modules[name] = ModuleType(name)
            module.__file__ = f"{name}.py"
            exec(compile(text, module.__file__, "exec"), module.__dict__)
    finally:
        for name, module_before in before.items():
            sys.modules.pop(name, None)
            if module_before is not None:
                sys.modules[name] = module_before
    return made[sources[-1][0]]
