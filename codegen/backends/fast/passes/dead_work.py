"""Operations whose results nothing reads are left out.

a3 = C_6 · C_7      the softmax, which the cost did not need      left out where the cost alone is wanted
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Operation, Value
from chainrule.codegen.backends.fast.ir.slices import runs


def without_dead_work(operations: Sequence[Operation], wanted: Collection[str], values: Mapping[str, Value]) -> tuple[Operation, ...]:
    """Only the operations that lead to wanted values."""
    needed = {array for name in wanted for array in (name, *values[name].arrays)}
    kept: list[Operation] = []
    later: set[str] = set()

    def names(entry: ArrayOperand) -> list[str]:
        """An array, or a part and what it is a part of."""
        return [entry.name, *values[entry.name].arrays]

    for _, run in reversed(list(runs(operations))):
        before = -1
        # What a step of a loop reads may be what a later operation of the step before has made.
        while before < len(needed):
            before = len(needed)
            found = []
            for operation in reversed(run):
                # The lines of a loop stand with its first equation, and belong to all of them.
                if needed.intersection(names(operation.result)) or operation.equation in later:
                    found.append(operation)
                    needed.update(name for entry in operation.entries for name in names(entry))
                    if operation.function == "lines":
                        later.add(operation.equation)
            if run[0].loop is None:
                break
        kept += found
    return tuple(reversed(kept))
