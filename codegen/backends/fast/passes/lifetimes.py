"""How long the values of a program are there, and which of them keep what they hold from call to call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.codegen.backends.fast.ir.operations import Operation, Value
from chainrule.codegen.backends.fast.ir.slices import padding, runs
from chainrule.symbolic.system.system import System


def lifetimes(operations: Sequence[Operation], last_wanted: Sequence[str], values: Mapping[str, Value]) -> dict[str, int]:
    """The number of the operation that reads a value for the last time; one more than all where it is wanted at the end.

    What a loop reads from outside, or at another step, it reads until its end. A slice is there as long as the whole.
    """
    found: dict[str, int] = {}
    for start, run in runs(operations):
        made = {result.name for operation in run for result in operation.results}
        end = start + len(run) - 1
        for place, operation in enumerate(run, start):
            for entry in (*operation.results, *operation.entries):
                is_own = not values[entry.name].is_part and entry.name in made
                for name in values[entry.name].arrays:
                    found[name] = place if operation.loop is None or is_own else end
    found |= dict.fromkeys((array for name in last_wanted for array in values[name].arrays), len(operations))
    # What reads a view reads the array behind it.
    for operation in reversed(operations):
        if operation.function == "window":
            (entry,) = operation.entries
            for name in values[entry.name].arrays:
                found[name] = max(found[name], found[operation.result.name])
    return found


def untouched_arrays(operations: Sequence[Operation], values: Mapping[str, Value], system: System) -> set[str]:
    """Values on which nothing else may lie: those with zeros around them, and views."""
    made = {operation.result.name for operation in operations if operation.function in ("pad", "window")}
    return made.union(padding(operations, values, system))


def seen_through(operations: Sequence[Operation], values: Mapping[str, Value]) -> dict[str, set[str]]:
    """Each value with the arrays of which it is a view, through other views too."""
    windows = {
        operation.result.name: entry.name for operation in operations if operation.function == "window" for entry in operation.entries
    }
    found: dict[str, set[str]] = {}

    def seen(name: str) -> set[str]:
        if name not in found:
            right_behind = {windows[name]} if name in windows else {*values[name].arrays} - {name}
            found[name] = {name}.union(*map(seen, right_behind))
        return found[name]

    return {name: seen(name) for name in values}
