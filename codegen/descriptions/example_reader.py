"""The numbers of a worked example in a description, held against the shapes of the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of
from chainrule.symbolic.index.tensors import Values
from chainrule.symbolic.layers.network import Network

from .schema_problems import is_finite, place, shown

Nested: TypeAlias = tuple["Nested | float", ...]
Rows: TypeAlias = tuple[tuple[float, ...], ...]
Table: TypeAlias = Mapping[str, Any]
#: Values of targets: which numbers they may be, and how that is said.
ENTRY_RULES: dict[Values, tuple[Callable[[float], bool], str]] = {
    Values.BINARY: (lambda entry: 0 <= entry <= 1, "numbers from 0 to 1"),
    Values.SIGNS: (lambda entry: entry in (-1, 1), "-1 or 1"),
    Values.ONE_HOT: (lambda entry: entry in (0, 1), "0 or 1"),
    Values.DISTRIBUTION: (lambda entry: 0 <= entry <= 1, "numbers from 0 to 1"),
}


@dataclass(frozen=True)
class Example:
    """One worked example: numbers for a document. `x` and `y` have an example a row, whatever the layout; `y` may be labels."""

    x: Rows | None = None
    y: Rows | tuple[int, ...] | None = None
    parameters: Mapping[str, Nested] = field(default_factory=dict)
    learning_rate: float | None = None
    note: str = ""


class ExampleReader:
    """The numbers of a worked example, held against the shapes of the network."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def example(self, written: Table) -> Example:
        x = self.rows("x", written["x"], self.network.sizes[0]) if "x" in written else None
        y = self.targets(written["y"]) if "y" in written else None
        if x is not None and y is not None and len(x) != len(y):
            raise self.wrong(("y",), "", f"{len(y)} examples", f"{len(x)}, as in x")
        parameters = {name: self.parameter(name, value) for name, value in written.get("parameters", {}).items()}
        rate = written.get("learning_rate")
        return Example(x, y, parameters, None if rate is None else float(rate), written.get("note", ""))

    def wrong(self, keys: tuple[str, ...], position: str, found: str, expected: str) -> InvalidDescription:
        path = ("example", *keys)
        return InvalidDescription(f"{place(path)}{position}: found {found}, expected {expected}", path)

    def rows(self, key: str, written: object, width: int) -> Rows:
        """A list of rows; one flat list is one row."""
        if isinstance(written, list) and written and not any(isinstance(row, list) for row in written):
            if len(written) != width and width == 1:
                raise self.wrong((key,), "", f"one row of {len(written)}", "rows of 1, as in [[1.0], [2.0]]")
            written = [written]
        return cast(Rows, self.array((key,), written, (None, width)))

    def targets(self, written: object) -> Rows | tuple[int, ...]:
        values, width = self.network.chosen_cost.targets, self.network.sizes[-1]
        if values is Values.LABELS:
            return self.labels(written if isinstance(written, list) else [written], width)
        rows = self.rows("y", written, width)
        if values in ENTRY_RULES:
            allowed, expected = ENTRY_RULES[values]
            for number, row in enumerate(rows, 1):
                if strange := [entry for entry in row if not allowed(entry)]:
                    raise self.wrong(("y",), f", row {number}", shown(strange[0]), expected)
                if values is Values.ONE_HOT and sum(row) != 1:
                    raise self.wrong(("y",), f", row {number}", f"{sum(row):g} ones", "exactly one 1, the rest 0")
        return rows

    def labels(self, written: list[object], width: int) -> tuple[int, ...]:
        if not written:
            raise self.wrong(("y",), "", "an empty list", "a label for each example")
        for number, label in enumerate(written, 1):
            if not isinstance(label, int) or isinstance(label, bool) or not 0 <= label < width:
                raise self.wrong(("y",), f", entry {number}", shown(label), f"a label: a whole number from 0 to {width - 1}")
        return tuple(cast(list[int], written))

    def parameter(self, name: str, written: object) -> Nested:
        system = self.network.system
        known = {tensor.name: tensor for tensor in system.parameters}
        if name not in known:
            message = f"unknown parameter {name!r} in [example.parameters]; {expected_one_of(name, known)}"
            raise InvalidDescription(message, ("example", "parameters", name))
        shape = tuple(int(size) for size in system.shape(known[name]))
        return cast(Nested, self.array(("parameters", name), written, shape))

    def array(self, keys: tuple[str, ...], written: object, shape: tuple[int | None, ...], position: str = "") -> Nested | float:
        """Numbers nested as deep as the shape is long; a size of None is any but zero."""
        if not shape:
            if not is_finite(written):
                raise self.wrong(keys, position, shown(written), "a finite number")
            return float(cast(float, written))
        size, *inner = shape
        what = "rows" if inner else "numbers"
        expected = f"a list of {size or 'one or more'} {what}" + (f" of {inner[0]} numbers" if inner else "")
        if not isinstance(written, list):
            raise self.wrong(keys, position, shown(written), expected)
        if len(written) != size and (size is not None or not written):
            raise self.wrong(keys, position, shown(written), expected)
        level = "row" if inner else "entry"
        return tuple(self.array(keys, part, tuple(inner), f"{position}, {level} {number}") for number, part in enumerate(written, 1))
