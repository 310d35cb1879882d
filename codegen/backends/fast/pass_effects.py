"""What a pass did to a program, in words: of the program with all passes, and of the same without this one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chainrule.codegen.backends.fast.ir.operations import ENTRYWISE, Operation, RowBlocks
from chainrule.codegen.backends.fast.scalar.code import ScalarCode
from chainrule.codegen.program.loops import Loop

from .amounts import total
from .compilation import Fast
from .cost_model import entries


@dataclass(frozen=True, slots=True)
class PassComparison:
    """A program with all passes, the same without one of them, and the open sizes by name."""

    made: Fast
    off: Fast
    sizes: Mapping[str, int]


def single(made: Fast) -> Iterator[Operation]:
    """Every operation by itself, also where several are computed at once."""
    for operation in made.operations:
        yield from operation.members or (operation,)


def shared(both: PassComparison) -> str:
    twice = len(both.off.program.operations) - len(both.made.program.operations)
    return _counted(twice, "operation is", "operations are", "not done again")


def ordered(both: PassComparison) -> str:
    fewer = _entries_computed(both.off, both.sizes) - _entries_computed(both.made, both.sizes)
    return _counted(fewer, "entry", "entries", "fewer to compute")


def _entries_computed(made: Fast, sizes: Mapping[str, int]) -> int:
    results = (operation.result for operation in single(made) if operation.function in ENTRYWISE)
    return total(entries(result.letters, made.system) for result in results).at(sizes)


def dropped(both: PassComparison) -> str:
    kept = {operation.result.name for operation in single(both.made)}
    dropped = sum(operation.result.name not in kept for operation in both.made.program.operations)
    return _counted(dropped, "operation", "operations", "dropped")


def written_out(both: PassComparison) -> str:
    copies = sum(operation.function == "copy" for operation in single(both.made))
    more = copies - sum(operation.function == "copy" for operation in single(both.off))
    return _counted(more, "operand is", "operands are", "written out")


def convolved(both: PassComparison) -> str:
    products = sum(operation.function == "product" and bool(operation.apart) for operation in single(both.made))
    return _counted(products, "product", "products", "over rows of windows")


def laid_out(both: PassComparison) -> str:
    own, declared = both.made.source.layouts.orders, both.off.source.layouts.orders
    otherwise = sum(own[name] != declared[name] for name in both.made.program.values if name in declared and name in own)
    copies, before = _copies(both.made), _copies(both.off)
    copied = "" if copies == before else f"{copies} copied in place of {before}"
    return ", ".join(part for part in (_counted(otherwise, "array lies", "arrays lie", "otherwise"), copied) if part)


def _copies(made: Fast) -> int:
    return sum(operation.function == "copy" for operation in single(made))


def hoisted(both: PassComparison) -> str:
    return _counted(_in_loops(both.off) - _in_loops(both.made), "operation", "operations", "moved out of loops")


def _in_loops(made: Fast) -> int:
    return sum(isinstance(operation.loop, Loop) for operation in single(made))


def stacked(both: PassComparison) -> str:
    groups = [operation.members for operation in both.made.operations if operation.function == "stacked"]
    return _counted(len(groups), "call", "calls", f"in place of {sum(map(len, groups))}")


def in_row_blocks(both: PassComparison) -> str:
    loops = len({operation.loop for operation in both.made.operations if isinstance(operation.loop, RowBlocks)})
    return _counted(loops, "loop", "loops", "over blocks of rows")


def shifted(both: PassComparison) -> str:
    spared = sum(operation.function == "shift" for operation in both.made.operations)
    return _counted(spared, "softmax without", "softmaxes without", "the largest entries, as long as no exponential overflows")


def without_arrays(both: PassComparison) -> str:
    """Not counted in the estimates, which are those of the passes over arrays."""
    scalar = both.made.scalar
    if isinstance(scalar, ScalarCode):
        return f"one example is {scalar.operations} operations on numbers, {scalar.shared} of them read more than once"
    return f"not done: {scalar}" if scalar else ""


def written_over(both: PassComparison) -> str:
    return _counted(len(both.made.memory.over), "result is", "results are", "written over an operand")


def reused(both: PassComparison) -> str:
    pieces, arrays = len(both.made.memory.blocks), len(both.off.memory.blocks)
    return "" if arrays == pieces else _counted(arrays, "array", "arrays", f"in {pieces} pieces of memory")


def _counted(count: int, one: str, many: str, rest: str) -> str:
    return f"{count:,} {one if count == 1 else many} {rest}" if count else ""
