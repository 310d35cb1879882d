"""What the passes did to a program and what that saves, by estimates at given sizes: the pipeline with and without each of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from chainrule.codegen.backends.numpy.arguments import sample_sizes
from chainrule.codegen.program.array_sizes import size_name
from chainrule.codegen.program.scaled_adjoints import with_scaled_adjoints
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.system.sizes import chosen_sizes
from chainrule.symbolic.system.system import System

from .compilation import Fast
from .cost_model import Work, work_of
from .memory_size import FLOAT_TYPES, StepMemory, step_memory
from .pass_effects import PassComparison, single
from .pass_table import OPTIONAL, Pass
from .pipeline import fast

#: The type of the data for which bytes are estimated.
ESTIMATED = "float32"
USUAL_BATCH = 32


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers that a pass changes."""

    flops: int
    bytes_moved: int
    calls: int
    memory: int


@dataclass(frozen=True, slots=True)
class PassReport:
    """`did` is empty where the pass had nothing to do, and nothing at all where it was switched off."""

    entry: Pass
    did: str | None
    saves: Figures | None


@dataclass(frozen=True)
class Explanation:
    """Of one program: estimates of a step, the passes, what is printed as in plain style, and the memory of a step."""

    name: str
    sizes: dict[str, int]
    batch: str | None
    work: Work
    figures: Figures
    passes: tuple[PassReport, ...]
    reasons: dict[str, str]
    memory: StepMemory


def explanation(derivation: Derivation, batch: int | None = None, without: Collection[str] = frozenset()) -> Explanation:
    """Of a module in `fast` style; `batch` is the number of examples, USUAL_BATCH where nothing else is said.

    Other sizes that are not fixed are those of the module's self-check.

    Raises:
        InvalidDescription: where the number of examples cannot be chosen.
        NotExpressible: where an equation has no array form.
    """
    derivation = with_scaled_adjoints(derivation)
    system = derivation.system
    sizes = explained_sizes(system, batch)
    made = fast(derivation, without=without)
    own = _figures(made, sizes)
    reports = []
    for each in OPTIONAL:
        if each.name in without:
            reports.append(PassReport(each, None, None))
            continue
        off = fast(derivation, without={*without, each.name})
        reports.append(PassReport(each, each.did(PassComparison(made, off, sizes)), _difference(_figures(off, sizes), own)))
    open_axes = [axis for axis in system.axes if system.axes[axis].size is None]
    shown = {size_name(axis): sizes[size_name(axis)] for axis in open_axes}
    return Explanation(
        system.name,
        shown,
        size_name(system.batch) if system.batch in open_axes else None,
        work_of(made.operations, made.system, made.memory.over),
        own,
        tuple(reports),
        _reasons(made),
        step_memory(made, sizes),
    )


def _reasons(made: Fast) -> dict[str, str]:
    """Why an equation is printed as in plain style, wholly or in part, where the passes have left it in the program."""
    left = {operation.equation for operation in single(made) if operation.function in ("plain", "lines")}
    return {equation: reason for equation, reason in made.program.reasons.items() if equation in left}


def explained_sizes(system: System, batch: int | None) -> dict[str, int]:
    """The size of every axis that is not fixed, by the name of the size.

    Raises:
        InvalidDescription: where a number of examples is given and there is no choice.
    """
    axis = system.batch
    is_open = axis is not None and system.axes[axis].size is None and system.axes[axis].rule is None
    if batch is not None and not is_open:
        why = "has no axis of examples" if axis is None else "says how many examples there are"
        raise InvalidDescription(f"--batch: found {batch}, but the description {why}; leave --batch out")
    sizes = sample_sizes(system)
    if is_open and axis is not None:
        fixed = {name for name, own in system.axes.items() if own.size is not None} | {axis}
        sizes = chosen_sizes(system.axes, sizes | {axis: batch or USUAL_BATCH}, fixed)
    return {size_name(name): size for name, size in sizes.items()}


def _figures(made: Fast, sizes: dict[str, int]) -> Figures:
    work = work_of(made.operations, made.system, made.memory.over)
    return Figures(
        work.flops.at(sizes),
        work.moved.at(sizes) * FLOAT_TYPES[ESTIMATED],
        work.calls.at(sizes),
        step_memory(made, sizes).whole.bytes(ESTIMATED).at(sizes),
    )


def _difference(before: Figures, after: Figures) -> Figures:
    return Figures(
        before.flops - after.flops,
        before.bytes_moved - after.bytes_moved,
        before.calls - after.calls,
        before.memory - after.memory,
    )
