"""The functions of a module in C: which operations each runs, in loops, and what of the workspace they need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from chainrule.codegen.backends.fast.compilation import Compilation
from chainrule.codegen.backends.fast.ir.array_program import Equations
from chainrule.codegen.backends.fast.ir.operations import Cut, Operation, RowBlocks
from chainrule.codegen.backends.fast.ir.slices import runs
from chainrule.codegen.backends.fast.passes.lifetimes import seen_through
from chainrule.codegen.backends.fast.pipeline import compiled
from chainrule.codegen.program.loops import Loop
from chainrule.codegen.program.scaled_adjoints import with_scaled_adjoints
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.system.system import Equation

from .code import Code, ForLoop, lines, looped
from .names import Names
from .nest_code import NestCode
from .nests import Nest, nests, stored_values
from .panels import Panels
from .places import Counters, Member, Places, refused
from .product_results import read_by
from .sizes import CSizes

#: Passes that serve NumPy alone: loops cost no calls, broadcast without memory, and find the largest of a row at no expense; the kernel of
#: products takes operands as they lie.
OF_NUMPY = frozenset({"scalar-code", "stacking", "full-operands", "exponent-shifts", "product-forms", "split-sums", "contiguous-parts"})


@dataclass(frozen=True)
class CFunction:
    """The lines of one function, and which of its arguments they read."""

    lines: tuple[str, ...]
    reads: frozenset[str]
    #: What the module has to bring for it.
    brought: frozenset[str]


@dataclass(frozen=True)
class CProgram:
    """Forward, cost and backward; the arrays of the workspace; where in it each kept tensor, and the cost, begins."""

    at: Compilation
    functions: tuple[CFunction, ...]
    members: tuple[Member, ...]
    tensors: dict[str, str]
    cost: str
    #: Whether the backward pass reads something of the forward pass beside its tensors: statistics of rows that are too many to be held.
    has_statistics: bool


def compiled_for_c(derivation: Derivation, without: Collection[str] = frozenset()) -> Compilation:
    """The program of a derivation after the passes of fast style.

    Raises:
        NotExpressible: where an equation has no array form.
    """
    derivation = with_scaled_adjoints(derivation)
    begun = Compilation(derivation, Equations(derivation.system), derivation.system, is_parted=True, has_cost=True)
    return compiled(begun, {*OF_NUMPY, *without})


def c_program(
    at: Compilation, sizes: CSizes, fields: dict[str, str], arguments: dict[str, str], real: str, reserved: Collection[str]
) -> CProgram:
    """The operations as C; `fields` name the parameters, `arguments` inputs and targets.

    Raises:
        InvalidDescription: where an operation has no C.
    """
    places = Places(at, sizes, fields, arguments)
    equations = {name: equation for section in at.program.sections for name, equation in section.equations.items()}
    parts = [[op for op in at.operations if op.equation in section.equations] for section in at.program.sections]
    if [op for part in parts for op in part] != list(at.operations):
        raise AssertionError("the passes have mixed the sections of a program")
    reads = Counter([*at.wanted, *(entry.name for operation in at.operations for entry in read_by(operation))])
    runs_of = [[(run[0].loop, nests(run, places)) for _, run in runs(part)] for part in parts]
    every = [nest for part in runs_of for _, found in part for nest in found]
    held = stored_values(every, at.wanted, places)
    functions = tuple(_function(part, places, real, reserved, held, reads, equations) for part in runs_of)
    names = {name: at.program.tensors[name].name for name in at.program.sections[0].equations}
    tensors = {name: _start(value, places) for name, value in names.items() if value in at.program.kept}
    has_statistics = not _made(parts[0], at).isdisjoint(_read((*parts[1], *parts[2]), at) - set(at.program.kept))
    return CProgram(at, functions, tuple(places.members.values()), tensors, _start(at.program.cost, places), has_statistics)


def _made(operations: Sequence[Operation], at: Compilation) -> set[str]:
    """The arrays that operations write, or parts of them."""
    return {name for operation in operations for result in operation.results for name in at.values[result.name].arrays}


def _read(operations: Sequence[Operation], at: Compilation) -> set[str]:
    """The arrays that operations read, or parts of them, and do not make before."""
    seen = seen_through(at.operations, at.values)
    read = {name for operation in operations for entry in read_by(operation) for name in seen[entry.name]}
    return read - _made(operations, at)


def _start(name: str, places: Places) -> str:
    """The first entry of a value."""
    found = places.of(name)
    return places.at_index(found, ["0" for _ in found.strides])


def _function(
    part: Sequence[tuple[Loop | RowBlocks | None, Sequence[Nest]]],
    places: Places,
    real: str,
    reserved: Collection[str],
    held: set[str],
    reads: Mapping[str, int],
    equations: dict[str, Equation],
) -> CFunction:
    places.read = set()
    code: list[Code] = []
    names = Names((*reserved, *places.arguments.values()))
    printer = NestCode(places, real, names, held, reads, equations)
    for loop, found in part:
        if loop is None:
            code += printer.nests(found)
            continue
        if isinstance(loop, RowBlocks):
            code += _blocks(loop, found, printer)
            continue
        if loop.inner is not None:
            raise refused(places.system.name, "recurrence along two axes")
        places.step = names.of(("step", loop.letter), loop.letter)
        operations = [operation for nest in found for operation in nest.operations]
        body: list[Code] = [*_pointers(operations, places, real, names)]
        heading = printer.heading(operations[0])
        body += printer.nests(found)
        code += [*heading, ForLoop(places.step, places.sizes.of_axis(loop.axis), tuple(body), loop.backwards)]
        places.step, places.pointers = "", {}
    return CFunction(tuple(lines(code)), frozenset(places.read), frozenset(printer.brought))


def _blocks(loop: RowBlocks, found: Sequence[Nest], printer: NestCode) -> list[Code]:
    """Loops over positions, and in the innermost over blocks of rows."""
    places = printer.places
    counters = [printer.names.of(("block", place), axis) for place, axis in enumerate((*loop.axes, loop.axis))]
    heading = printer.heading(found[0].operations[0])
    places.blocks = Counters(tuple(counters), loop.rows)
    printer.panels = Panels([operation for nest in found for operation in nest.operations], places)
    body = printer.nests(found)
    inside = [*printer.panels.fills, *looped([(counters[-1], str(loop.count))], body)]
    places.blocks = printer.panels = None
    sizes = map(places.sizes.of_axis, loop.axes)
    return [*heading, *looped(list(zip(counters[:-1], sizes, strict=True)), inside)]


def _pointers(operations: Sequence[Operation], places: Places, real: str, names: Names) -> list[str]:
    """Slices that are boundary values at the first steps, or the last: where each begins at the present step."""
    found: list[str] = []
    pointers: dict[str, str] = {}
    for operation in operations:
        for entry in operation.entries:
            part = places.values[entry.name].slice
            if part is None or part.cut is not Cut.STEP or not part.beyond or entry.name in pointers:
                continue
            place = places.of(entry.name)
            first = f"&{places.at_index(place, ['0' for _ in place.strides])}"
            position = f"{places.step} {'-' if part.start < 0 else '+'} {abs(part.start)}"
            size = places.sizes.of_axis(places.values[part.whole].axes[part.along])
            beyond = dict(part.beyond)
            if part.start < 0:
                outside = range(part.start, 0)
            elif size.isdigit():
                outside = range(int(size), int(size) + part.start)
            else:
                raise refused(places.system.name, "boundary value behind an end that is not fixed")
            for at in outside:
                if at not in beyond or places.of(beyond[at]).strides != place.strides:
                    raise refused(places.system.name, "boundary values at some of the steps alone")
                other = places.of(beyond[at])
                first = f"{position} == {at} ? &{places.at_index(other, ['0' for _ in other.strides])} : {first}"
            name = names.of(("slice", entry.name), entry.name)
            found.append(f"const {real} *const {name} = {first};")
            pointers[entry.name] = name
    places.pointers = pointers
    return found
