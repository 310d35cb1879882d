"""A user's data as the arrays that a network takes, with what a table must be told to say its labels and columns again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path

import numpy as np

from chainrule.codegen.files.array_files import arrays_of
from chainrule.symbolic.index.failures import InvalidDescription, shown
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Values

from .given import Given
from .table import MOST_NAMED, Table, read_table
from .unchanged import unchanged

#: Of what a table was: its columns of features, its target, and the labels in the order of the classes.
FEATURES, TARGETS, CLASSES = "table/features", "table/targets", "table/classes"
#: The sizes of an example of the input.
SHAPE = "table/shape"
TABLES = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class DataSet:
    """Arrays by the names of inputs and targets; `table` is what is known of the table that they come from, by FEATURES and so on."""

    arrays: Mapping[str, NumericArray]
    table: Mapping[str, NumericArray] = field(default_factory=dict)


def read_data(
    paths: Sequence[Path], takes: Sequence[Given], targets: Sequence[str] = (), left_out: Sequence[str] = (), skip_missing: bool = False
) -> DataSet:
    """What the files hold: one table, .npz with arrays called like inputs and targets, or one .npy of that name for each.

    `targets` are columns of a table; every other column is a feature unless it is `left_out`. Lines
    with a missing value are none of the examples where they are to be skipped.

    Raises:
        InvalidDescription: with file, line and column, or the array, where something is missing or not as the network takes it.
    """
    if not paths:
        raise InvalidDescription("--data: say which file, such as --data digits.csv")
    if any(path.is_dir() for path in paths):
        raise InvalidDescription(
            "--data: found a folder, which holds texts; a network of texts reads labels in windows and says which follow"
        )
    endings = {path.suffix.lower() for path in paths}
    if endings <= set(TABLES):
        if len(paths) > 1:
            raise InvalidDescription(f"--data: found {len(paths)} tables, expected one; put them into one file")
        return _from_table(read_table(paths[0]), takes, targets, left_out, skip_missing)
    if targets or left_out:
        raise InvalidDescription("--target and --leave-out name columns of a table; arrays are called like inputs and targets")
    where = ", ".join(map(str, paths))
    if endings != {".npz"} or len(paths) == 1:
        return DataSet(examples_of(_arrays(paths), takes, where))
    return DataSet(_joined([examples_of(_arrays([path]), takes, str(path)) for path in paths], takes, where))


def _arrays(paths: Sequence[Path]) -> dict[str, NumericArray]:
    with ExitStack() as watched:
        for path in paths:
            watched.enter_context(unchanged(path))
        return arrays_of(paths)


def expanded(paths: Sequence[Path]) -> list[Path]:
    """With the files that fit in place of each pattern, such as part-*.npz, in the order of their names.

    Raises:
        InvalidDescription: where none fits.
    """
    found: list[Path] = []
    for path in paths:
        if path.exists() or not set("*?[") & set(str(path)):
            found.append(path)
        elif fitting := sorted(map(Path, glob(str(path)))):
            found += fitting
        else:
            raise InvalidDescription(f"--data: no file fits {path}")
    return found


def _joined(parts: Sequence[Mapping[str, NumericArray]], takes: Sequence[Given], where: str) -> dict[str, NumericArray]:
    """The examples of several files one after the other."""
    first, *others = parts
    for each in takes:
        shapes = {part[each.name].shape if each.along is None else np.take(part[each.name], [], each.along).shape for part in parts}
        if len(shapes) > 1 or (each.along is None and not all(np.array_equal(first[each.name], part[each.name]) for part in others)):
            raise InvalidDescription(f"{where}: the arrays {each.name} differ in more than their examples")
    return {
        each.name: first[each.name] if each.along is None else np.concatenate([part[each.name] for part in parts], each.along)
        for each in takes
    }


def examples_of(arrays: Mapping[str, NumericArray], takes: Sequence[Given], where: str) -> dict[str, NumericArray]:
    """Those of the arrays that are taken, checked, all with the same number of examples.

    Raises:
        InvalidDescription: beginning with `where`.
    """
    found: dict[str, NumericArray] = {}
    counts: dict[str, int] = {}
    for each in takes:
        if each.name not in arrays:
            raise InvalidDescription(f"{where}: no array {each.name!r}, shape {each.shape_text}; found {', '.join(arrays) or 'none'}")
        found[each.name] = each.checked(arrays[each.name], f"{where}: {each.name}")
        if each.along is not None:
            counts[each.name] = found[each.name].shape[each.along]
    if len(set(counts.values())) > 1:
        said = ", ".join(f"{count} in {name}" for name, count in counts.items())
        raise InvalidDescription(f"{where}: found different numbers of examples: {said}")
    return found


def _from_table(table: Table, takes: Sequence[Given], targets: Sequence[str], left_out: Sequence[str], skip_missing: bool) -> DataSet:
    inputs, wanted = ([each for each in takes if each.is_target is kind] for kind in (False, True))
    if len(inputs) != 1 or len(wanted) != 1 or inputs[0].tensor.is_integer or None in inputs[0].of_an_example:
        names = ", ".join(f"{each.name} {each.shape_text}" for each in takes)
        raise InvalidDescription(
            f"{table.path}: a table has one input of numbers and one target; this network takes {names}: give it arrays in an .npz file"
        )
    if not targets:
        raise InvalidDescription(f"--target: say which column is to be predicted; {table.path} has {', '.join(table.columns[:MOST_NAMED])}")
    for column in targets:
        table.place_of(column, "--target")
    for column in left_out:
        table.refuse_unknown(column, "--leave-out")
    features = [column for column in table.columns if column not in {*targets, *left_out}]
    if skip_missing:
        has_labels = _has_labels(wanted[0], targets)
        table = table.without_missing(features if has_labels else [*features, *targets], targets if has_labels else [])
    x, known = features_of(table, inputs[0], features), _known(features, targets, inputs[0])
    y, classes = _targets(table, wanted[0], targets)
    if classes is not None:
        known[CLASSES] = classes
    return DataSet(examples_of({inputs[0].name: x, wanted[0].name: y}, takes, str(table.path)), known)


def _known(features: Sequence[str], targets: Sequence[str], of: Given) -> dict[str, NumericArray]:
    return {FEATURES: np.array(features), TARGETS: np.array(targets), SHAPE: np.array(of.of_an_example, int)}


def features_of(table: Table, of: Given, features: Sequence[str]) -> NumericArray:
    """The columns as the input: row by row in the shape of an example, its dimension of examples where the network has it."""
    sizes = [size for size in of.of_an_example if size is not None]
    if len(features) != np.prod(sizes, dtype=int):
        shape = " × ".join(map(str, sizes)) or "1"
        raise InvalidDescription(
            f"{table.path}:1: found {len(features)} columns of features, expected {np.prod(sizes, dtype=int)} ({shape}) for {of.name}; "
            "columns that are none are named by --leave-out"
        )
    return np.moveaxis(table.numbers(features).reshape(len(table.rows), *sizes), 0, of.along or 0)


def _has_labels(of: Given, columns: Sequence[str]) -> bool:
    return of.tensor.is_integer or (of.tensor.values is Values.ONE_HOT and len(columns) == 1)


def _targets(table: Table, of: Given, columns: Sequence[str]) -> tuple[NumericArray, NumericArray | None]:
    """The target, and its classes where it has some."""
    if _has_labels(of, columns):
        if len(columns) > 1 or len(of.sizes) > (1 if of.tensor.is_integer else 2):
            raise InvalidDescription(f"--target: found {len(columns)} columns, but {of.name} has the shape {of.shape_text}")
        labels, classes = _classes(table, columns[0], of.classes)
        if of.tensor.is_integer:
            return labels, classes
        return np.moveaxis(np.eye(of.classes or len(classes))[labels], 0, of.along or 0), classes
    sizes = [size for size in of.of_an_example if size is not None]
    count = int(np.prod(sizes, dtype=int))
    if len(columns) != count:
        raise InvalidDescription(f"--target: found {len(columns)} columns, expected {count} for {of.name}, with commas between")
    return np.moveaxis(table.numbers(columns).reshape(len(table.rows), *sizes), 0, of.along or 0), None


def _classes(table: Table, column: str, most: int | None) -> tuple[NumericArray, NumericArray]:
    """Each row's class, and what the classes are called: 0, 1, … as they stand where they are below the number of classes."""
    texts = table.texts(column)
    numbers = [int(text) if text.lstrip("+-").isdecimal() else None for text in texts]
    whole = [number for number in numbers if number is not None]
    if most is not None and len(whole) == len(texts) and min(whole) >= 0 and max(whole) < most:
        return np.array(whole), np.array([str(number) for number in range(most)])
    if len(whole) == len(texts):
        texts = [str(number) for number in whole]
        classes = [str(number) for number in sorted(set(whole))]
    else:
        classes = sorted(set(texts))
    if most is not None and len(classes) > most:
        seen = list(dict.fromkeys(texts))
        line = table.lines[texts.index(seen[most])]
        raise InvalidDescription(
            f"{table.path}:{line}: column {column}: found {shown(seen[most])}, label number {most + 1}; the network tells {most} apart"
        )
    places = {name: place for place, name in enumerate(classes)}
    return np.array([places[text] for text in texts]), np.array(classes)
