"""The passes of `fast` style as a table: what each does to a program, in the order in which they run, and what it says of that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from chainrule.codegen.backends.fast.ir.slices import with_locals
from chainrule.codegen.backends.fast.passes.contiguous_parts import with_contiguous_parts
from chainrule.codegen.backends.fast.passes.convolutions import convolutions
from chainrule.codegen.backends.fast.passes.dead_work import without_dead_work
from chainrule.codegen.backends.fast.passes.exponent_shifts import with_needed_shifts
from chainrule.codegen.backends.fast.passes.full_operands import with_full_operands
from chainrule.codegen.backends.fast.passes.hoisting import hoisted
from chainrule.codegen.backends.fast.passes.in_place import written_over
from chainrule.codegen.backends.fast.passes.layouts import layouts
from chainrule.codegen.backends.fast.passes.memory import memory
from chainrule.codegen.backends.fast.passes.needless_copies import without_needless_copies
from chainrule.codegen.backends.fast.passes.product_forms import with_copies
from chainrule.codegen.backends.fast.passes.row_blocks import in_row_blocks
from chainrule.codegen.backends.fast.passes.split_sums import with_split_sums
from chainrule.codegen.backends.fast.passes.stacking import stacked
from chainrule.codegen.backends.fast.passes.wide_arrays import wide_arrays
from chainrule.codegen.backends.fast.scalar.code import ScalarCode, scalar_code

from . import pass_effects as effects
from .compilation import Compilation
from .pass_effects import PassComparison

Run = Callable[[Compilation], Compilation]


def unchanged(at: Compilation) -> Compilation:
    return at


@dataclass(frozen=True, slots=True)
class Pass:
    """`run` makes a program of a program; where the pass is left out, `otherwise` does what has to be done all the same.

    `did` says in words what the pass did to a program; nothing where there was nothing to do.
    """

    name: str
    title: str
    does: str
    run: Run
    otherwise: Run = unchanged
    did: Callable[[PassComparison], str] = lambda _: ""
    is_optional: bool = True


def _scalar(at: Compilation) -> Compilation:
    scalar = scalar_code(at.derivation)
    if not isinstance(scalar, ScalarCode):
        return replace(at, scalar=scalar)
    # It reads parameters from memory as they are declared.
    declared = {tensor.name: tuple(range(len(tensor.axes))) for tensor in at.system.parameters}
    return replace(at, scalar=scalar, decided={**at.decided, **declared})


def _hoisted(at: Compilation, is_on: bool = True) -> Compilation:
    program = hoisted(at.program, at.system, is_on)
    return replace(at, program=program, operations=program.operations)


def _alive(at: Compilation) -> Compilation:
    return replace(at, operations=without_dead_work(at.operations, at.wanted, at.values))


def _by_rows(at: Compilation) -> Compilation:
    found = convolutions(at.program, at.operations, at.system)
    at = replace(at, decided={**found.decided, **at.decided}, wished=found.wished)
    return at.with_values(found.operations, found.values, at.layouts)


def _laid_out(at: Compilation, as_declared: bool = False) -> Compilation:
    return replace(at, layouts=layouts(at.program, at.operations, at.system, at.decided, at.wished, as_declared))


def _without_needless_copies(at: Compilation) -> Compilation:
    named = {*at.wanted, *(entry.name for entry in at.program.tensors.values())}
    return replace(at, operations=without_needless_copies(at.operations, at.values, at.layouts, named))


def _with_copies(at: Compilation, takes_any: bool = False) -> Compilation:
    return at.with_values(*with_copies(at.operations, at.values, at.layouts, at.program.first_function, takes_any))


def _shifted(at: Compilation, only_needed: bool = True) -> Compilation:
    return replace(at, operations=with_needed_shifts(at.operations, at.values, at.system, only_needed))


def _stacked(at: Compilation) -> Compilation:
    found = stacked(at.operations, at.program, at.layouts, at.system)
    # What can be computed at once comes early, but not in another function.
    operations = sorted(found.operations, key=lambda operation: operation.equation not in at.program.first_function)
    return replace(at, operations=tuple(operations) if at.program.first_function else found.operations, stacked=found)


def _in_row_blocks(at: Compilation) -> Compilation:
    # Who has the cost too, whose functions run one after the other, computes what is large again in place of keeping it.
    every = wide_arrays(at.operations, at.values, at.system)
    large = {name for arrays in every for name in arrays.wide} if at.has_cost else set()
    program = replace(at.program, kept=tuple(name for name in at.program.kept if name not in large))
    at = replace(at, program=program)
    found = in_row_blocks(program, at.operations, at.layouts, at.system, at.wanted, every, at.is_parted, at.has_cost)
    return replace(at, operations=found.operations, program=found.program, layouts=found.layouts, system=found.system)


def _in_memory(at: Compilation, reuse: bool = True) -> Compilation:
    return replace(at, memory=memory(at.operations, at.values, at.system, at.wanted, at.program.outputs, at.stacked.places, at.over, reuse))


SCALAR_CODE = Pass(
    "scalar-code",
    "scalar code",
    "one example of a tiny network is computed by numbers without arrays",
    run=_scalar,
    otherwise=lambda at: replace(at, scalar="left out"),
    did=effects.without_arrays,
)
DEAD_WORK = Pass("dead-work", "dead work", "operations whose results nothing reads are left out", run=_alive, did=effects.dropped)
#: In the order in which they run.
PASSES = (
    SCALAR_CODE,
    Pass(
        "sharing",
        "common subexpressions",
        "what two equations have in common, forward or backward, is computed once",
        run=lambda at: replace(at, is_shared=True),
        did=effects.shared,
    ),
    Pass(
        "product-order",
        "order of products",
        "factors and terms with few entries meet first",
        run=lambda at: replace(at, has_few_first=True),
        did=effects.ordered,
    ),
    Pass(
        "lowering",
        "lowering",
        "equations become operations on arrays, each in single assignment",
        run=Compilation.lowered,
        is_optional=False,
    ),
    Pass(
        "hoisting",
        "hoisting out of recurrences",
        "what reads nothing that its loop computes is done for all steps at once",
        run=_hoisted,
        # Also without it, what a loop reads step by step gets arrays of its own.
        otherwise=partial(_hoisted, is_on=False),
        did=effects.hoisted,
    ),
    DEAD_WORK,
    Pass(
        "arrays-of-a-step",
        "arrays of one step",
        "what only the present step reads is no array of all steps",
        run=lambda at: replace(at, program=with_locals(at.program, at.operations)),
        is_optional=False,
    ),
    Pass(
        "convolution",
        "convolutions row by row",
        "products over windows read rows that overlap, not a copy of every window",
        run=_by_rows,
        did=effects.convolved,
    ),
    # Windows that nothing reads any more.
    DEAD_WORK,
    Pass(
        "layout",
        "layout and storage order",
        "dimensions lie in memory as the products read them",
        run=_laid_out,
        otherwise=partial(_laid_out, as_declared=True),
        did=effects.laid_out,
    ),
    Pass(
        "needless-copies",
        "needless copies",
        "a copy that would lie as what is copied is left out",
        run=_without_needless_copies,
        is_optional=False,
    ),
    Pass(
        "split-sums",
        "split sums",
        "a sum over the first and the last dimensions is two, each a product with ones",
        run=lambda at: at.with_values(*with_split_sums(at.operations, at.values, at.layouts)),
        is_optional=False,
    ),
    Pass(
        "product-forms",
        "forms of products",
        "operands that lie otherwise than a product takes them are copied first",
        run=_with_copies,
        otherwise=partial(_with_copies, takes_any=True),
        is_optional=False,
    ),
    Pass(
        "exponent-shifts",
        "largest exponents",
        "they are taken off only where an exponential could overflow",
        run=_shifted,
        otherwise=partial(_shifted, only_needed=False),
        did=effects.shifted,
    ),
    Pass(
        "full-operands",
        "operands in full",
        "what NumPy would allocate for to broadcast or convert is written out first",
        run=lambda at: at.with_values(*with_full_operands(at.operations, at.values, at.layouts)),
        did=effects.written_out,
    ),
    Pass("stacking", "stacking of equal layers", "what equal neighbouring layers do alike is one call", run=_stacked, did=effects.stacked),
    Pass(
        "row-blocks",
        "blocks of rows",
        "large arrays over pairs of positions are computed and used in blocks of rows, and never held",
        run=_in_row_blocks,
        did=effects.in_row_blocks,
    ),
    Pass(
        "contiguous-parts",
        "contiguous parts",
        "what every block of rows is multiplied by is copied once, as products take it",
        run=lambda at: at.with_values(*with_contiguous_parts(at.operations, at.values, at.layouts, at.system)),
        is_optional=False,
    ),
    Pass(
        "in-place",
        "in-place chains",
        "functions of every entry write over an operand that is read no more",
        run=lambda at: replace(at, over=written_over(at.operations, at.values, at.layouts, at.system, at.wanted, at.stacked.places)),
        did=effects.written_over,
    ),
    Pass(
        "reuse",
        "reuse of memory",
        "an array lies where another one is no longer needed",
        run=_in_memory,
        otherwise=partial(_in_memory, reuse=False),
        did=effects.reused,
    ),
)
#: Those that can be left out, each once.
OPTIONAL = tuple(dict.fromkeys(each for each in PASSES if each.is_optional))
