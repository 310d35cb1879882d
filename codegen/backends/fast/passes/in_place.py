"""Functions of every entry write their result over an operand that is read for the last time.

add(z1_1, b1) → z1        z1_1 is read no more: z1 is written over it
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from chainrule.codegen.backends.fast.ir.operations import OWN_FUNCTIONS, UFUNCS, ArrayOperand, Operation, Origin, Value
from chainrule.codegen.backends.fast.ir.slices import runs
from chainrule.symbolic.system.system import System

from .array_layout import Layouts
from .lifetimes import lifetimes, seen_through, untouched_arrays
from .stacking import StackPlace


def written_over(
    operations: Sequence[Operation],
    values: dict[str, Value],
    layouts: Layouts,
    system: System,
    wanted: Sequence[str],
    places: Mapping[str, StackPlace],
) -> dict[str, str]:
    """Values that are written over another one, with the one they are written over; what stands in an array of several is left alone."""
    last, untouched = lifetimes(operations, wanted, values), untouched_arrays(operations, values, system)
    seen = seen_through(operations, values)
    over: dict[str, str] = {}
    for start, run in runs(operations):
        made = {operation.result.name for operation in run}
        for place, operation in enumerate(run, start):
            operand = _overwritten(operation, place, values, layouts, last, untouched, seen)
            if operand is not None and operand not in places and (operation.loop is None or operand in made):
                over[operation.result.name] = operand
    return over


def _overwritten(
    operation: Operation,
    place: int,
    values: dict[str, Value],
    layouts: Layouts,
    last: dict[str, int],
    untouched: Collection[str],
    seen: Mapping[str, Collection[str]],
) -> str | None:
    """An operand of the same layout that is read here for the last time.

    A view is none, nor is an array whose border stays, nor one that another operand is a view of: that has entries of other places, which
    are read after they were written over.
    """
    result = operation.result
    is_whole = not values[result.name].is_part and result.name not in untouched
    if not is_whole or operation.function not in UFUNCS | OWN_FUNCTIONS | {"where", "shift"}:
        return None
    stored = layouts.stored(result)
    entries = list(operation.entries)
    # Of a case distinction the first branch is written where the test holds: what is written over is the other one.
    candidates = (
        [entry for entry in operation.operands[2:] if isinstance(entry, ArrayOperand)] if operation.function == "where" else entries
    )
    for entry in candidates:
        value = values[entry.name]
        if (
            value.origin is Origin.MADE
            and entry.name not in untouched
            and value.kind is values[result.name].kind
            and not value.is_part
            and last[entry.name] == place
            and layouts.stored(entry) == stored
            and all(other.letters == entry.letters for other in entries if other.name == entry.name)
            and not any(entry.name in seen[other.name] for other in entries if other.name != entry.name)
        ):
            return entry.name
    return None
