"""The numbers of a worked example in a description, held against the shapes of the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, TypeAlias, cast

from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of
from chainrule.symbolic.index.tensors import Tensor, Values
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.declared_values import meaning
from chainrule.symbolic.system.system import Numbers, System

from .schema_acceptance import is_finite
from .schema_problems import place, shown

Table: TypeAlias = Mapping[str, Any]
#: Keys of [example] that are no arrays of the network.
OTHER_KEYS = ("parameters", "learning_rate", "note")
#: Of one parameter, as text of a module.
MOST_INITIAL = 1000


@dataclass(frozen=True)
class Example:
    """One worked example: numbers for a document.

    `arrays` are inputs and targets by name, as they are written: of a stack of dense layers an example a row, whatever the layout. `sizes`
    are those of axes that the arrays have and the network leaves open.
    """

    arrays: Mapping[str, Numbers] = field(default_factory=dict)
    parameters: Mapping[str, Numbers] = field(default_factory=dict)
    learning_rate: float | None = None
    note: str | Mapping[str, str] = ""
    sizes: Mapping[str, int] = field(default_factory=dict)


def read_example(network: Network | System, written: Table) -> Example:
    """The numbers of [example].

    Raises:
        InvalidDescription: at the first place where they do not fit, with what was found there and what was expected.
    """
    is_stack = isinstance(network, Network) and network.is_stack
    reader = _ExampleReader(network.system if isinstance(network, Network) else network, is_stack)
    arrays = {name: reader.data(name, value) for name, value in written.items() if name not in OTHER_KEYS}
    for name, numbers in arrays.items():
        reader.check_values(reader.system.tensors[name], numbers)
    parameters = {name: reader.parameter(name, value) for name, value in written.get("parameters", {}).items()}
    rate = written.get("learning_rate")
    return Example(arrays, parameters, None if rate is None else float(rate), written.get("note", ""), reader.found)


def read_initial(network: Network | System, written: Table) -> dict[str, Numbers]:
    """The first values of parameters, under [initial].

    Raises:
        InvalidDescription: at the first place where they do not fit; where a size is open, or there are too many for a module's text.
    """
    reader = _ExampleReader(network.system if isinstance(network, Network) else network, False, "initial")
    found = {name: reader.parameter(name, value) for name, value in written.items()}
    for axis, name in reader.origin.items():
        message = f"{name} of [initial]: its size along {axis} is open; expected one that is fixed, as in sizes = {{ {axis} = 3 }}"
        raise InvalidDescription(message, ("initial", name))
    for name, numbers in found.items():
        if (count := sum(len(row) for _, row in _rows(numbers))) > MOST_INITIAL:
            message = f"{name} of [initial]: found {count} numbers, expected at most {MOST_INITIAL}; pass others to the module as they are"
            raise InvalidDescription(message, ("initial", name))
    return found


class _ExampleReader:
    """Numbers on their way: `found` are the sizes of open axes so far, each with the array that it was read from in `origin`."""

    def __init__(self, system: System, is_stack: bool, section: str = "example") -> None:
        self.system, self.is_stack, self.section = system, is_stack, section
        self.fixed = {name: axis.size for name, axis in system.axes.items() if axis.size is not None}
        self.found: dict[str, int] = {}
        self.origin: dict[str, str] = {}

    def data(self, name: str, written: object) -> Numbers:
        """An input or target; without the axis of examples it is one example."""
        known = {tensor.name: tensor for tensor in (*self.system.inputs, *self.system.targets)}
        if name not in known:
            message = f"unknown key {name!r} in [example]; {expected_one_of(name, [*known, *OTHER_KEYS])}"
            raise InvalidDescription(message, ("example", name))
        tensor = known[name]
        axes = [axis_name(letter) for letter in tensor.axes]
        if self.is_stack and axes[-1:] == [self.system.batch]:
            # Of a stack in columns too, an example is a row.
            axes = [axes[-1], *axes[:-1]]
        if axes[:1] == [self.system.batch] and _depth(written) == len(axes) - 1:
            if len(axes) == 2 and self.fixed.get(axes[1]) == 1 and isinstance(written, list) and len(written) > 1:
                raise self.wrong((name,), "", f"one row of {len(written)}", "rows of 1, as in [[1.0], [2.0]]")
            written = [written]
        return self.array((name,), tensor, written, axes)

    def parameter(self, name: str, written: object) -> Numbers:
        known = {tensor.name: tensor for tensor in self.system.parameters}
        keys = ("parameters", name) if self.section == "example" else (name,)
        if name not in known:
            message = f"unknown parameter {name!r} in [{'.'.join((self.section, *keys[:-1]))}]; {expected_one_of(name, known)}"
            raise InvalidDescription(message, (self.section, *keys))
        return self.array(keys, known[name], written, [axis_name(letter) for letter in known[name].axes])

    def wrong(self, keys: tuple[str, ...], position: str, found: str, expected: str) -> InvalidDescription:
        path = (self.section, *keys)
        return InvalidDescription(f"{place(path)}{position}: found {found}, expected {expected}", path)

    def array(self, keys: tuple[str, ...], tensor: Tensor, written: object, axes: Sequence[str], position: str = "") -> Numbers:
        """Numbers nested as deep as there are axes; an axis whose size is open has that of the first list along it."""
        if not axes:
            return self.entry(keys, tensor, written, position)
        axis, *inner = axes
        size = self.fixed.get(axis, self.found.get(axis))
        what = "rows" if inner else "numbers"
        within = self.fixed.get(inner[0], self.found.get(inner[0])) if inner else None
        expected = f"a list of {size or 'one or more'} {what}" + (f" of {within} numbers" if within else "")
        if not isinstance(written, list) or not written:
            raise self.wrong(keys, position, shown(written), expected)
        if len(written) != size and size is not None:
            other = self.origin.get(axis, keys[-1])
            if other == keys[-1]:
                raise self.wrong(keys, position, shown(written), expected)
            counted = "examples" if axis == self.system.batch else what
            raise self.wrong(keys, position, f"{len(written)} {counted}", f"{size}, as in {other}")
        if size is None:
            self.found[axis], self.origin[axis] = len(written), keys[-1]
        level = "row" if inner else "entry"
        return tuple(self.array(keys, tensor, part, inner, f"{position}, {level} {number}") for number, part in enumerate(written, 1))

    def entry(self, keys: tuple[str, ...], tensor: Tensor, written: object, position: str) -> float:
        if tensor.values is Values.LABELS:
            most = self.fixed.get(tensor.points_into or "")
            is_label = isinstance(written, int) and not isinstance(written, bool) and written >= 0
            if not is_label or (most is not None and cast(int, written) >= most):
                expected = "a label: a whole number from 0" + (f" to {most - 1}" if most is not None else "")
                raise self.wrong(keys, position, shown(written), expected)
            return cast(int, written)
        if not is_finite(written):
            raise self.wrong(keys, position, shown(written), "a finite number")
        return float(cast(float, written))

    def check_values(self, tensor: Tensor, numbers: Numbers) -> None:
        """Refuses entries that are not what the tensor is declared to hold."""
        declared, along = meaning(tensor), tensor.points_into or ""
        most = self.fixed.get(along, self.found.get(along, inf))
        is_in_rows = tensor.values is Values.ONE_HOT and (self.is_stack or tensor.class_axis(self.system.batch) == tensor.axes[-1])
        for position, row in _rows(numbers):
            if strange := [entry for entry in row if not declared.allows(entry) or entry > most]:
                raise self.wrong((tensor.name,), position, shown(strange[0]), declared.words)
            if is_in_rows and sum(row) != 1:
                raise self.wrong((tensor.name,), position, f"{sum(row):g} ones", "exactly one 1, the rest 0")
        if not declared.is_symmetric:
            return
        import numpy as np

        if not np.array_equal(numbers, np.swapaxes(numbers, -1, -2)):
            raise self.wrong((tensor.name,), "", "one that is not", declared.words)


def _depth(written: object) -> int:
    """How deep lists are nested."""
    return 1 + max(map(_depth, written), default=0) if isinstance(written, list) else 0


def _rows(numbers: Numbers, position: str = "") -> Iterator[tuple[str, tuple[float, ...]]]:
    """The innermost lists with their places; a single number is one of its own."""
    if not isinstance(numbers, tuple):
        yield position, (numbers,)
    elif isinstance(numbers[0], tuple):
        for number, part in enumerate(numbers, 1):
            yield from _rows(part, f"{position}, row {number}")
    else:
        yield position, cast(tuple[float, ...], numbers)
