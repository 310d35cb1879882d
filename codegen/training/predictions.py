"""What a trained network says of new data: labels with their chances, or numbers."""

from __future__ import annotations

import csv
import inspect
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from chainrule.codegen.files.array_files import arrays_of
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.numeric_array import NumericArray

from .data_set import CLASSES, FEATURES, SHAPE, TABLES, TARGETS
from .run_folder import RunFolder
from .table import read_table
from .text import CHARACTERS, text_to_go_on

#: So many examples at a time.
PART = 1000


def predictions(folder: RunFolder, paths: Sequence[Path], go_on: int = 0, seed: int = 0) -> str:
    """A table with a row for each example: its label and the chance of each label, or the numbers of the output.

    Of a text it has a row for each character that may follow, with its chance; to `go_on` by so many characters gives the text.

    Raises:
        InvalidDescription: where the run has no weights, or the data are not like those it was trained on.
    """
    kept = folder.weights()
    where = ", ".join(map(str, paths))
    if CHARACTERS in kept:
        return _what_follows(folder, text_to_go_on(paths, [str(character) for character in kept[CHARACTERS]]), go_on, seed)
    if go_on:
        raise InvalidDescription(f"--go-on: {folder.path} is no run on a text")
    with folder.modules(folder.script.stem) as (script,):
        if not hasattr(script, "predict"):
            said = 'its description says which tensor is predicted of each example by a line such as output = "yhat"'
            raise InvalidDescription(f"{folder.path}: the network has no output: {said}; train it again with that line")
        inputs = _inputs(kept, paths, [*inspect.signature(script.predict).parameters])
        count = len(inputs[0])
        if any(len(array) != count for array in inputs):
            raise InvalidDescription(f"{where}: found different numbers of examples: {', '.join(str(len(array)) for array in inputs)}")
        try:
            parts = [script.predict(*(array[start : start + PART] for array in inputs)) for start in range(0, count, PART)]
        except ValueError as problem:
            raise InvalidDescription(f"{where}: {problem}") from None
    return _table({name: array.reshape(count, -1) for name, array in _outputs(parts).items()}, kept)


def _outputs(parts: Sequence[NumericArray | tuple[NumericArray, ...]]) -> dict[str, NumericArray]:
    """What was predicted of all parts, by its name where there is more than one."""
    first = parts[0]
    if not isinstance(first, tuple):
        return {"output": np.concatenate(parts)}
    return {name: np.concatenate([getattr(part, name) for part in parts]) for name in first._fields}  # type: ignore[attr-defined]


def _what_follows(folder: RunFolder, text: str, go_on: int, seed: int) -> str:
    with folder.modules(folder.script.stem) as (script,):
        if not hasattr(script, "chances"):
            raise InvalidDescription(
                f"{folder.path}: the network has no chances of a single text: its examples mix, or no tensor holds them"
            )
        try:
            if go_on:
                return f"{script.go_on(text, go_on, seed)}\n"
            characters, chances = script.chances(text)
        except ValueError as problem:
            raise InvalidDescription(f"the text of {len(text)} characters is too short, or not what the network takes: {problem}") from None
    rows = sorted(zip(map(float, chances), map(str, characters), strict=True), key=lambda row: -row[0])
    return _rows([["character", "chance"], *([character, _written(chance)] for chance, character in rows)])


def _rows(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _inputs(kept: Mapping[str, NumericArray], paths: Sequence[Path], names: Sequence[str]) -> list[NumericArray]:
    """The inputs in the order in which the network takes them, examples along the first axis."""
    where = ", ".join(map(str, paths))
    if FEATURES in kept:
        if len(paths) != 1 or paths[0].suffix.lower() not in TABLES:
            raise InvalidDescription(f"{where}: the run was trained on a table; expected one file that ends in {', '.join(TABLES)}")
        table = read_table(paths[0])
        numbers = table.numbers([str(column) for column in kept[FEATURES]])
        return [numbers.reshape(len(numbers), *map(int, kept[SHAPE]))]
    arrays = arrays_of(paths)
    missing = [name for name in names if name not in arrays]
    if missing:
        raise InvalidDescription(f"{where}: no array {missing[0]!r}; found {', '.join(arrays) or 'none'}")
    return [arrays[name] for name in names]


def _table(outputs: Mapping[str, NumericArray], kept: Mapping[str, NumericArray]) -> str:
    """Commas between cells, a header above; the first output is what a table's targets are compared with."""
    header, columns = list[str](), list[Sequence[str]]()
    targets = [str(column) for column in kept[TARGETS]] if TARGETS in kept else []
    for number, (name, output) in enumerate(outputs.items()):
        names = [f"{name} {place}" for place in range(output.shape[1])] if output.shape[1] > 1 or len(outputs) == 1 else [name]
        if number == 0 and CLASSES in kept:
            classes = [str(label) for label in kept[CLASSES]]
            names = [f"{'chance of' if _are_chances(output) else name} {label}" for label in classes]
            output = output[:, : len(classes)]
            header.append(targets[0])
            columns.append([classes[place] for place in output.argmax(axis=1)])
        elif number == 0 and len(targets) == output.shape[1]:
            names = targets
        header += names
        columns += [list(map(_written, column)) for column in output.T]
    return _rows([header, *zip(*columns, strict=True)])


def _are_chances(output: NumericArray) -> bool:
    """Whether each row is of probabilities."""
    return bool((output >= 0).all() and np.allclose(output.sum(axis=1), 1, rtol=0, atol=1e-5))


def _written(number: float) -> str:
    return f"{number:.6g}"
