"""The lines of the module's backward pass, run once: what each of them has to give, and what a wrong one gives in its place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.codegen.lesson.material import Material
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.index.numeric_array import NumericArray

BACKWARD = "backward"
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
    """target = code, or target += code, which computes `name`; it begins in this row of the module, inside of this loop, if in any."""

    name: str
    code: str
    target: str
    sign: str
    row: int
    loop: str = ""

    def with_code(self, code: str) -> str:
        return f"{self.target} {self.sign} {code}"

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
    """None where the module has no backward pass in lines that follow each other, as in the fast style.

    Raises:
        CheckFailed: where a line by itself gives another value than in the function.
    """
    source = material.checked.source
    function = _function(source)
    if function is None:
        return None
    values = _run(material, function)
    # What the module puts into another line has no name there.
    known = (adjoint.as_tensor.name for adjoint in material.derivation.needed)
    names = {name for name in known if name in values and np.asarray(values[name]).size}

    def run(line: CodeLine, code: str) -> Mapping[str, Any]:
        return _run(material, _with_other(function, line, code))

    found = BackwardCode((), values, run)
    stretches = [lines for statement in function.body if (lines := _lines(source, statement, names))]
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


def _lines(source: str, statement: ast.stmt, names: Collection[str]) -> tuple[CodeLine, ...]:
    """The line of a gradient, or all lines of a loop, if they are short."""
    if not isinstance(statement, ast.For):
        line = _line(source, statement, names)
        return (line,) if line is not None and isinstance(statement, ast.Assign) and line.target == line.name and _is_short(line) else ()
    loop = (ast.get_source_segment(source, statement) or "").split("\n")[0]
    lines = [_line(source, inner, names, loop) for inner in statement.body]
    found = tuple(line for line in lines if line is not None)
    is_whole = len(found) == len(lines) and all(map(_is_short, found))
    return found if is_whole and sum(line.written.count("\n") + 1 for line in found) <= HIGHEST else ()


def _is_short(line: CodeLine) -> bool:
    rows = line.written.split("\n")
    return max(map(len, rows)) <= LONGEST and (len(rows) == 1 or bool(line.loop))


def _line(source: str, statement: ast.stmt, names: Collection[str], loop: str = "") -> CodeLine | None:
    """The assignment of a gradient, or of a part of it, as it is written, but that it begins at the left edge."""
    match statement:
        case ast.Assign([(ast.Name(id=name) | ast.Subscript(ast.Name(id=name))) as target]) if name in names:
            sign = "="
        case ast.AugAssign((ast.Name(id=name) | ast.Subscript(ast.Name(id=name))) as target, ast.Add()) if name in names:
            sign = "+="
        case _:
            return None
    written = (ast.get_source_segment(source, statement) or "").replace(f"\n{' ' * statement.col_offset}", "\n")
    left = ast.get_source_segment(source, target) or ""
    return CodeLine(name, written.removeprefix(f"{left} {sign} "), left, sign, statement.lineno, loop)


def _with_other(function: ast.FunctionDef, line: CodeLine, code: str) -> ast.FunctionDef:
    """The function with another right side of a line."""
    changed = deepcopy(function)
    for statement in ast.walk(changed):
        if isinstance(statement, ast.Assign | ast.AugAssign) and statement.lineno == line.row:
            statement.value = ast.parse(code, mode="eval").body
    return changed


def _function(source: str) -> ast.FunctionDef | None:
    return next((each for each in ast.parse(source).body if isinstance(each, ast.FunctionDef) and each.name == BACKWARD), None)


def _run(material: Material, function: ast.FunctionDef) -> dict[str, Any]:
    """All names of the module, and those of its backward pass on random arrays."""
    module, last = material.checked.module, function.body[-1]
    if not isinstance(last, ast.Return):
        raise CheckFailed("the backward pass returns nothing")
    returned = ast.Return(ast.Call(ast.Name("locals", ast.Load()), [], []))
    traced = deepcopy(function)
    traced.body[-1] = returned
    names = dict(vars(module))
    exec(compile(ast.fix_missing_locations(ast.Module([traced], [])), "<backward>", "exec"), names)
    rng = np.random.default_rng(SEED)
    params, data = module.init(rng), module.sample(rng)
    # What is chosen by a case distinction may be computed as x/0 where the other case holds.
    with np.errstate(all="ignore"):
        cache = module.forward(params, *data[: len(material.system.inputs)])
        return {**vars(module), **names[BACKWARD](params, cache, *data[len(material.system.inputs) :])}
