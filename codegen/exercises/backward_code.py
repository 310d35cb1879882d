"""The lines of the module's backward pass, run once: what each of them has to give, and what a wrong one gives in its place."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.codegen.lesson.material import Material
from chainrule.symbolic.index.failures import CheckFailed

BACKWARD = "backward"
#: A value that is off by less than this is too close to the right one.
CLEARLY_WRONG = 1e-3
#: Of the arrays that the lines are run on.
SEED = 11
#: Lines that are longer do not stand in a row.
LONGEST = 92


@dataclass(frozen=True, slots=True)
class CodeLine:
    """name = code."""

    name: str
    code: str

    def with_code(self, code: str) -> str:
        return f"{self.name} = {code}"

    @property
    def written(self) -> str:
        return self.with_code(self.code)


@dataclass(frozen=True)
class BackwardCode:
    """The assignments of gradients in a row, and every name of the function with its value after the run."""

    lines: tuple[CodeLine, ...]
    values: Mapping[str, Any]

    def outcome(self, line: CodeLine, code: str) -> str | None:
        """What becomes of a wrong line: "raises", "shape" or "value"; None where it gives what it should, or nearly."""
        right = np.asarray(self.values[line.name])
        try:
            # Of what this program wrote itself, with one of its own edits; a wrong line may divide by 0.
            with np.errstate(all="ignore"):
                found = np.asarray(eval(code, {"__builtins__": {"range": range}}, dict(self.values)))
        except (ValueError, IndexError, TypeError):
            return "raises"
        if found.shape != right.shape:
            return "shape"
        scale = max(float(np.max(np.abs(right), initial=0.0)), np.finfo(float).tiny)
        return "value" if float(np.max(np.abs(found - right), initial=0.0)) > CLEARLY_WRONG * scale else None


def backward_code(material: Material) -> BackwardCode | None:
    """None where the module has no backward pass in lines that follow each other, as in the fast style.

    Raises:
        CheckFailed: where a line by itself gives another value than in the function.
    """
    function = _function(material.checked.source)
    if function is None:
        return None
    values = _run(material, function)
    names = {adjoint.as_tensor.name for adjoint in material.derivation.needed}
    lines = []
    for statement in function.body:
        match statement:
            case ast.Assign([ast.Name(id=name)], ast.expr() as code) if name in names and np.asarray(values[name]).size:
                line = CodeLine(name, ast.get_source_segment(material.checked.source, code) or "")
                if "\n" not in line.code and len(line.written) <= LONGEST:
                    lines.append(line)
    found = BackwardCode(tuple(lines), values)
    in_place = [line for line in lines if found.outcome(line, line.code) is not None]
    # A recurrence goes on with what its first line made.
    return BackwardCode(tuple(line for line in lines if line not in in_place), values)


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
