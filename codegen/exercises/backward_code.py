"""The lines of the module's backward pass, run once: what each of them has to give, and what a wrong one gives in its place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.codegen.backends.numpy.arguments import later_lines, used_by
from chainrule.codegen.backends.numpy.lines import INDENT, code_of
from chainrule.codegen.backends.numpy.source import Source
from chainrule.codegen.backends.numpy.statements import Statement, Store, statements, with_loops
from chainrule.codegen.lesson.material import Material
from chainrule.symbolic.index.numeric_array import NumericArray

BACKWARD = "backward"
#: What its lines read beside what they were printed with.
ALWAYS_READ = frozenset({"np", "params", "cache"})
#: A value that is off by less than this is too close to the right one.
CLEARLY_WRONG = 1e-3
#: Of the arrays that the lines are run on.
SEED = 11
#: Lines that are longer do not stand in a row; nor does a loop with more of them.
LONGEST, HIGHEST = 92, 16
#: So many lines are shown, or a few more where they are those of a loop.
SHOWN, MOST_SHOWN = 4, 6


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of the module that computes `name`: its right side as it is broken there, and the head of its loop, if it is in one."""

    name: str
    store: Store
    code: str
    loop: str = ""

    def with_code(self, code: str) -> str:
        return self.store.left + code

    @property
    def written(self) -> str:
        return self.with_code(self.code)


@dataclass(frozen=True)
class BackwardCode:
    """Lines that follow each other, block by block, and every name of the function with its value after the run."""

    blocks: tuple[tuple[CodeLine, ...], ...]
    values: Mapping[str, Any]
    run: Callable[[CodeLine, str], Mapping[str, Any]]

    def outcome(self, line: CodeLine, code: str) -> str | None:
        """What becomes of a wrong line: "raises", "shape" or "value"; None where it gives what it should, or nearly."""
        # Of what this program wrote itself, with one of its own edits; a wrong line may divide by 0.
        try:
            with np.errstate(all="ignore"):
                if line.loop:
                    found = np.asarray(self.run(line, code)[line.name])
                else:
                    found = np.asarray(eval(code, {"__builtins__": {"range": range}}, dict(self.values)))
        except (ValueError, IndexError, TypeError):
            return "raises"
        return _difference(found, np.asarray(self.values[line.name]))


def _difference(found: NumericArray, right: NumericArray) -> str | None:
    if found.shape != right.shape:
        return "shape"
    scale = max(float(np.max(np.abs(right), initial=0.0)), np.finfo(float).tiny)
    return "value" if float(np.max(np.abs(found - right), initial=0.0)) > CLEARLY_WRONG * scale else None


def backward_code(material: Material) -> BackwardCode | None:
    """None where a quantity has the name of something that the lines call, for which the module has another."""
    program = material.program
    printed = statements(program.backward, program.system)
    if not (used_by(printed) | ALWAYS_READ).isdisjoint(program.system.stored):
        return None
    passed = tuple(with_loops(printed))
    preparation = later_lines(printed, program).lines

    def values_with(other: Callable[[Store], Store]) -> dict[str, Any]:
        exchanged = ((replace(each, start=other(each.start)), [other(step) for step in steps]) for each, steps in passed)
        return _run(material, [*preparation, *(code_of(each, steps) for each, steps in exchanged)])

    def run(line: CodeLine, code: str) -> Mapping[str, Any]:
        return values_with(lambda store: replace(store, value=Source(code)) if store is line.store else store)

    values = values_with(lambda store: store)
    # What the module puts into another line has no name there.
    known = (adjoint.as_tensor.name for adjoint in material.derivation.needed)
    names = {name for name in known if name in values and np.asarray(values[name]).size}
    found = BackwardCode((), values, run)
    stretches = [lines for each, steps in passed for lines in _stretches(each, steps, names) if lines]
    # A recurrence goes on with what its first line made.
    right = [lines for lines in stretches if all(found.outcome(line, line.code) is None for line in lines)]
    return replace(found, blocks=tuple(_blocks(right)))


def _blocks(stretches: Sequence[tuple[CodeLine, ...]]) -> Iterator[tuple[CodeLine, ...]]:
    """From each line or loop on, so many lines."""
    for start in range(len(stretches)):
        block: tuple[CodeLine, ...] = ()
        for lines in stretches[start:]:
            block += lines
            if len(block) >= SHOWN:
                break
        if SHOWN <= len(block) <= MOST_SHOWN:
            yield block


def _stretches(each: Statement, steps: Sequence[Store], names: Collection[str]) -> Iterator[tuple[CodeLine, ...]]:
    """The line of a gradient, and all lines of the loop behind it, if they are short."""
    own = _line(each.start, INDENT)
    yield (own,) if own.name in names and _is_short(own) else ()
    # Of loops inside of each other none is shown.
    if len(each.headers) == 1:
        lines = tuple(_line(step, 2 * INDENT, each.headers[0].text) for step in steps)
        is_whole = all(line.name in names and _is_short(line) for line in lines)
        yield lines if is_whole and sum(line.written.count("\n") + 1 for line in lines) <= HIGHEST else ()


def _is_short(line: CodeLine) -> bool:
    rows = line.written.split("\n")
    return max(map(len, rows)) <= LONGEST and (len(rows) == 1 or bool(line.loop))


def _line(store: Store, indent: int, loop: str = "") -> CodeLine:
    """The line as it stands in the module, but that it begins at the left edge."""
    return CodeLine(store.name, store, store.broken_value(indent).replace(f"\n{' ' * indent}", "\n"), loop)


def _run(material: Material, lines: Sequence[str]) -> dict[str, Any]:
    """All names of the module, and those of a backward pass with these lines on random arrays."""
    module, system = material.checked.module, material.system
    head = f"def {BACKWARD}({', '.join(['params', 'cache', *(tensor.name for tensor in system.targets)])}):"
    names = dict(vars(module))
    # Of what this program wrote itself, but for the right side of one line.
    exec("\n".join([head, *(f"{' ' * INDENT}{line}" for line in (*lines, "return locals()"))]), names)
    rng = np.random.default_rng(SEED)
    params, data = module.init(rng), module.sample(rng)
    # What is chosen by a case distinction may be computed as x/0 where the other case holds.
    with np.errstate(all="ignore"):
        cache = module.forward(params, *data[: len(system.inputs)])
        return {**vars(module), **names[BACKWARD](params, cache, *data[len(system.inputs) :])}
