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
            raise InvalidDescription(f"{folder.path}: a network of equations has no output that is its prediction; its module has them all")
        inputs = _inputs(kept, paths, [*inspect.signature(script.predict).parameters])
        count = len(inputs[0])
        if any(len(array) != count for array in inputs):
            raise InvalidDescription(f"{where}: found different numbers of examples: {', '.join(str(len(array)) for array in inputs)}")
        try:
            parts = [script.predict(*(array[start : start + PART] for array in inputs)) for start in range(0, count, PART)]
        except ValueError as problem:
            raise InvalidDescription(f"{where}: {problem}") from None
    output = np.concatenate(parts)
    return _table(output.reshape(count, -1), kept)


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


def _table(output: NumericArray, kept: Mapping[str, NumericArray]) -> str:
    """Commas between cells, a header above."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if CLASSES in kept:
        classes = [str(label) for label in kept[CLASSES]]
        (target,) = (str(column) for column in kept[TARGETS])
        writer.writerow([target, *(f"chance of {label}" for label in classes)])
        for row in output:
            writer.writerow([classes[int(row[: len(classes)].argmax())], *map(_written, row[: len(classes)])])
        return text.getvalue()
    targets = [str(column) for column in kept[TARGETS]] if TARGETS in kept else []
    writer.writerow(targets if len(targets) == output.shape[1] else [f"output {place}" for place in range(output.shape[1])])
    writer.writerows(map(_written, row) for row in output)
    return text.getvalue()


def _written(number: float) -> str:
    return f"{number:.6g}"
