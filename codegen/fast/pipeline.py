"""From a derivation to the source of both passes: one pass after the other, each of which can be left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from symbolic.derivation import Derivation
from symbolic.equations import System

from .array_program import array_program
from .convolutions import convolutions
from .dead_work import without_dead_work
from .exponent_shifts import with_needed_shifts
from .hoisting import hoisted
from .layouts import layouts
from .lifetimes import Memory, memory
from .needless_copies import without_needless_copies
from .operations import ArrayProgram, Operation
from .passes_source import PassesSource, Statement
from .product_forms import with_copies
from .slices import with_locals
from .stacking import Stacked, stacked
from .sums import with_split_sums


@dataclass(frozen=True)
class Fast:
    """A program after all passes, and where its arrays lie. `program.operations` are those that the equations give, before the passes."""

    program: ArrayProgram
    system: System
    operations: tuple[Operation, ...]
    memory: Memory
    source: PassesSource
    statements: tuple[Statement, ...]


def fast(derivation: Derivation, taken: Collection[str] = (), without: Collection[str] = frozenset()) -> Fast:
    """The pipeline: operations, without dead work, laid out, copied where they must be, stacked, put into memory, printed.

    `taken` are names that the source may not use; `without` names passes of the table in `passes.py` that are left out.

    Raises:
        NotExpressible: where an equation has no array form.
    """
    program = array_program(derivation, sharing="sharing" not in without, few_first="product-order" not in without)
    system = replace(derivation.system, axes={**derivation.system.axes, **program.axes})
    # Also without it, what a loop reads step by step gets arrays of its own.
    program = hoisted(program, system, is_on="hoisting" not in without)
    wanted = (*program.outputs, program.cost)
    operations = program.operations if "dead-work" in without else without_dead_work(program.operations, wanted, program.values)
    program = with_locals(program, operations)
    blocked = convolutions(program, operations, system, by_rows="convolution" not in without)
    program, operations = program.with_values(blocked.values), blocked.operations
    if "dead-work" not in without:
        operations = without_dead_work(operations, wanted, program.values)
    laid_out = layouts(program, operations, system, blocked.decided, blocked.wished, as_declared="layout" in without)
    kept = {*wanted, *(entry.name for entry in program.tensors.values())}
    operations = without_needless_copies(operations, program.values, laid_out, kept)
    operations, values, laid_out = with_split_sums(operations, program.values, laid_out)
    operations, values, laid_out = with_copies(operations, values, laid_out)
    program = program.with_values(values)
    operations = with_needed_shifts(operations, values, system, only_needed="exponent-shifts" not in without)
    at_once = Stacked(operations, {}, {}) if "stacking" in without else stacked(operations, program, laid_out, system)
    operations = at_once.operations
    memory_of = memory(
        operations,
        values,
        laid_out,
        system,
        program.outputs,
        program.cost,
        at_once.places,
        in_place="in-place" not in without,
        reuse="reuse" not in without,
    )
    source = PassesSource(program, system, laid_out, memory_of, at_once, sorted(taken))
    return Fast(program, system, operations, memory_of, source, tuple(source.statements(operations)))
