"""Hoisting out of recurrences: what reads nothing that its loop computes is computed before it, for all steps at once.

    for h_t, dz_after, dz_t:                    dz_2 = 1 − h²
        dh_t = dz_after U + da_t                for dz_2_t, dz_after, dz_t:
        dz_2 = 1 − h_t²                             dh_t = dz_after U + da_t
        dz_t = dh_t · dz_2                          dz_t = dh_t · dz_2_t

A product of all steps is one call, and larger. Functions of every entry are worth it as long as a step is small: a call costs as much as
some thousand entries, but the array of all steps may not fit into the nearest memory.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.builder import key_of
from chainrule.codegen.backends.fast.ir.operations import (
    ENTRYWISE,
    ArrayOperand,
    ArrayProgram,
    Cut,
    Operation,
    Origin,
    Slice,
    Value,
    axes_of,
)
from chainrule.codegen.backends.fast.ir.sizes import extent_of
from chainrule.codegen.backends.fast.ir.slices import runs
from chainrule.codegen.program.loops import Loop
from chainrule.symbolic.index.axes import fresh, index
from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.system.system import System

#: Of the entries of one step, with as many as this along a dimension whose size only the workspace knows.
LARGEST_STEP = 1 << 14
OPEN_SIZE = 32
#: Behind the name of an array of all steps.
STEPS = "_steps"
#: What cannot be written for all steps at once.
STAYING = frozenset({"plain", "lines", "positions"})


def hoisted(program: ArrayProgram, system: System, is_on: bool = True) -> ArrayProgram:
    """The program with as little as possible in its loops; what else they read step by step lies in arrays of the program's own."""
    if not any(isinstance(operation.loop, Loop) for operation in program.operations):
        return program
    hoisting = _Hoisting(system, dict(program.values), is_on, program.first_function)
    for operation in program.operations:
        part = program.values[operation.result.name].slice
        if part is not None:
            hoisting.along[part.whole] = part.along
    for _, run in runs(program.operations):
        hoisting.run(run)
    return replace(program, operations=tuple(hoisting.operations), values=hoisting.values)


@dataclass
class _Hoisting:
    system: System
    values: dict[str, Value]
    is_on: bool
    #: The equations of a function of its own, where there are two.
    first: Collection[str]
    operations: list[Operation] = field(default_factory=list)
    #: By what is computed outside of loops: the value, and which of the letters involved are those of its dimensions.
    known: dict[object, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    windows: set[str] = field(default_factory=set)
    #: Along which of its dimensions an array is cut: that of the loop that makes it, or of the first that reads it.
    along: dict[str, int] = field(default_factory=dict)

    def run(self, run: tuple[Operation, ...]) -> None:
        loop = run[0].loop
        if not isinstance(loop, Loop):
            for operation in run:
                self.enter(operation)
                self.outside(operation)
            return
        self.enter(run[0])
        letter = index(loop.letter.rstrip("_"))
        made = {operation.result.name for operation in run}
        written = {part.whole for name in made if (part := self.values[name].slice) is not None}
        self.copied(run, is_shifted=True)
        staying: list[Operation] = []
        for operation in run:
            if self.is_on and self.is_free(operation, made, written) and self.pays(operation):
                self.hoist(operation, letter)
                made.discard(operation.result.name)
            else:
                staying.append(operation)
        self.copied(staying, is_shifted=False)
        self.operations += staying

    def enter(self, operation: Operation) -> None:
        """Where another function begins, which may run again without the first, nothing is known."""
        if self.first and operation.equation not in self.first:
            self.known.clear()
            self.first = ()

    def outside(self, operation: Operation) -> None:
        self.operations.append(operation)
        if operation.function == "window":
            self.windows.add(operation.result.name)
        if operation.function not in STAYING:
            letters = _letters(operation)
            key = key_of(operation.function, operation.operands, operation.result.letters, operation.over)
            self.known.setdefault(key, (operation.result.name, tuple(letters.index(letter) for letter in operation.result.letters)))

    def is_free(self, operation: Operation, made: set[str], written: set[str]) -> bool:
        """Whether an operation reads nothing that its loop computes."""
        for entry in operation.entries:
            part = self.values[entry.name].slice
            if entry.name in made or (part is not None and (part.whole in written or part.beyond)):
                return False
        if self.values[operation.result.name].slice is not None:
            return False
        # Places are those of one step's dimensions.
        is_general = operation.function not in STAYING and not operation.places
        return is_general or not any(self.is_step(entry) for entry in operation.entries)

    def pays(self, operation: Operation) -> bool:
        if operation.function not in ENTRYWISE or not any(self.is_step(entry) for entry in operation.entries):
            return operation.function != "inner"
        extent = extent_of(self.values[operation.result.name].axes, self.system)
        return extent.count * math.prod(OPEN_SIZE for _ in extent.open_sizes) <= LARGEST_STEP

    def is_step(self, entry: ArrayOperand) -> bool:
        part = self.values[entry.name].slice
        return part is not None and part.cut is Cut.STEP

    def hoist(self, operation: Operation, letter: Symbol) -> None:
        """The operation for all steps; its result in a step is a slice of that."""
        if not any(self.is_step(entry) for entry in operation.entries):
            self.outside(replace(operation, loop=None))
            return
        steps = fresh(letter, _letters(operation))
        operands = tuple(
            self.of_all_steps(operand, steps) if isinstance(operand, ArrayOperand) else operand for operand in operation.operands
        )
        result = operation.result
        value = self.values[result.name]
        letters = (steps, *result.letters)
        key = key_of(operation.function, operands, letters, operation.over)
        if key in self.known:
            name, places = self.known[key]
            every = _letters(replace(operation, operands=operands, result=ArrayOperand("", letters)))
            found = tuple(every[place] for place in places)
        else:
            name, found = free_name(f"{result.name}{STEPS}", self.values), letters
            self.values[name] = Value(name, axes_of(letters), value.kind, of_step=result.name)
            self.outside(replace(operation, operands=operands, result=ArrayOperand(name, letters), loop=None))
        dimensions = tuple(found.index(own) for own in result.letters)
        self.values[result.name] = replace(value, slice=Slice(name, found.index(steps), 0, Cut.STEP, dimensions))

    def of_all_steps(self, entry: ArrayOperand, steps: Symbol) -> ArrayOperand:
        """What an operand of one step is for all of them."""
        part = self.values[entry.name].slice
        if part is None or part.cut is not Cut.STEP:
            return entry
        whole = self.values[part.whole]
        by_dimension = dict(zip(part.dimensions, entry.letters, strict=True)) | {part.along: steps}
        letters = tuple(by_dimension[dimension] for dimension in range(len(whole.axes)))
        if part.start == 0:
            return ArrayOperand(part.whole, letters)
        name = next((name for name, value in self.values.items() if value.slice == _shifted(part, whole)), None)
        if name is None:
            name = free_name(f"{entry.name}{STEPS}", self.values)
            self.values[name] = Value(name, whole.axes, slice=_shifted(part, whole), of_step=entry.name)
        return ArrayOperand(name, letters)

    def copied(self, run: Sequence[Operation], is_shifted: bool) -> None:
        """What is given at each call is copied where it is read step by step: every step as one piece, with zeros around.

        So is a view whose steps are read at others than their own: behind its ends lie entries of the array that it is a view of. And
        what is cut along another dimension too: zeros lie around one of them alone.
        """
        copies: dict[tuple[str, int], str] = {}
        for entry in dict.fromkeys(entry for operation in run for entry in operation.entries):
            value = self.values[entry.name]
            part = value.slice
            if part is None or part.cut is not Cut.STEP or (is_shifted and not part.start):
                continue
            is_view = bool(part.start) and part.whole in self.windows
            is_cut_otherwise = self.along.setdefault(part.whole, part.along) != part.along
            if self.values[part.whole].origin is Origin.MADE and not is_view and not is_cut_otherwise:
                continue
            if (part.whole, part.along) not in copies:
                whole = self.values[part.whole]
                copies[part.whole, part.along] = name = free_name(f"{part.whole}{STEPS}", self.values)
                self.values[name] = Value(name, whole.axes, whole.kind, of_step=part.whole)
                letters: tuple[Symbol, ...] = ()
                for axis in whole.axes:
                    letters += (fresh(index(axis), letters),)
                self.outside(Operation("copy", (ArrayOperand(part.whole, letters),), ArrayOperand(name, letters), run[0].equation))
            self.values[entry.name] = replace(value, slice=replace(part, whole=copies[part.whole, part.along]))


def _letters(operation: Operation) -> tuple[Symbol, ...]:
    return tuple(dict.fromkeys(letter for entry in (*operation.entries, operation.result) for letter in entry.letters))


def _shifted(part: Slice, whole: Value) -> Slice:
    return Slice(part.whole, part.along, part.start, Cut.SHIFTED, tuple(range(len(whole.axes))))
