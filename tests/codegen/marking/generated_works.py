"""The generated plain module as one work: its assignments from the first layer to the last gradient, and numbers to run them on."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule import Derivation
from chainrule.codegen.backends.registry import module_source

SKIPPED = re.compile(r"_expect|_as_floats|return|= cache\.|= params\.|^\s*#|float\(|N_\w+ =")
RATE = 0.37
#: What is called so in every work, before its author gives it a name.
RATE_NAME = "lr"
Arrays = dict[str, Any]


@dataclass(frozen=True)
class Work:
    """Statements one after the other, with the names of the module.

    Attributes:
        first: Constants and functions that stand before them.
        body: The assignments.
        arrays: What inputs, targets and parameters are for a run.
        parameters: Their names, and of each gradient.
        quantities: The names of all tensors and adjoints of the network.
        columns: Whether examples are columns.
    """

    first: tuple[ast.stmt, ...]
    body: tuple[ast.stmt, ...]
    arrays: Arrays
    parameters: tuple[str, ...]
    quantities: frozenset[str]
    columns: bool

    @property
    def gradients(self) -> tuple[str, ...]:
        return tuple(f"d{name}" for name in self.parameters)

    @property
    def results(self) -> tuple[str, ...]:
        """The gradients, and those parameters that it updates."""
        changed = {target(statement) for statement in self.body} & set(self.parameters)
        return (*self.gradients, *sorted(changed))

    def run(self) -> Arrays:
        """What every name is in the end: the work is run.

        Raises:
            ValueError: where shapes do not go together.
        """
        names = {"np": np, RATE_NAME: RATE, **{name: np.array(array) for name, array in self.arrays.items()}}
        module = ast.Module([*self.first, *self.body], [])
        with np.errstate(all="ignore"):
            exec(compile(ast.fix_missing_locations(module), "work", "exec"), names)
        return names


def generated_work(derivation: Derivation, seed: int) -> Work:
    """Forward pass, cost and backward pass of the plain module, at random numbers.

    Every pass is its own function in the module, so that they say some sizes again.
    """
    source, system = module_source(derivation), derivation.system
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    lines, in_columns = source.split("\n"), "N = x.shape[0]" not in source
    body = ["N = x.shape[1]" if in_columns else "N = x.shape[0]"]
    for name in ("forward", "_cost_of", "backward"):
        node = functions[name]
        body += [line.strip() for line in lines[node.body[1].lineno - 1 : node.end_lineno] if not SKIPPED.search(line)]
    kept = [line for line in dict.fromkeys(body) if line and (line == body[0] or not re.match(r"N\w* = ", line))]
    constants = [line for line in lines if re.match(r"[a-z]\w* = [\d.e-]+$", line)]
    called = [name for name in functions if not name.startswith("_") and any(f"{name}(" in line for line in kept)]
    return Work(
        tuple(ast.parse("\n".join(constants)).body) + tuple(_undocumented(functions[name]) for name in called),
        tuple(ast.parse("\n".join(kept)).body),
        _arrays(source, derivation, seed),
        tuple(tensor.name for tensor in system.parameters),
        frozenset((*system.tensors, *system.adjoint_of)),
        in_columns,
    )


def _undocumented(function: ast.FunctionDef) -> ast.FunctionDef:
    function.body = [node for node in function.body if not isinstance(node, ast.Expr)]
    return function


def _arrays(source: str, derivation: Derivation, seed: int) -> Arrays:
    """Random parameters, biases too, and the module's own kind of examples."""
    names: Arrays = {}
    exec(compile(source, "module", "exec"), names)
    rng = np.random.default_rng(seed)
    examples = (*derivation.system.inputs, *derivation.system.targets)
    arrays = {tensor.name: array for tensor, array in zip(examples, names["sample"](rng), strict=True)}
    return arrays | {
        name: rng.standard_normal(array.shape) for name, array in zip(names["Parameters"]._fields, names["init"](rng), strict=True)
    }


def target(statement: ast.stmt) -> str:
    """The name that a statement assigns to, in whole or in part."""
    match statement:
        case ast.Assign(targets=[node]) | ast.AugAssign(target=node):
            while isinstance(node, ast.Subscript):
                node = node.value
            return node.id if isinstance(node, ast.Name) else ""
        case _:
            return ""


def reads(statement: ast.stmt) -> set[str]:
    """The names that a statement reads; one that changes an array in its place reads it."""
    found = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    match statement:
        case ast.Assign(targets=[ast.Name(id=own)], value=value):
            return {node.id for node in ast.walk(value) if isinstance(node, ast.Name)} | ({own} if own in _names(value) else set())
        case _:
            return found


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def statements(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def written(work: Work) -> str:
    """The assignments as text."""
    return "\n".join(map(ast.unparse, work.body))
