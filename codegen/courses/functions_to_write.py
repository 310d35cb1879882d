"""The functions that an assignment asks for: one an equation of the forward pass and of the backward pass, or one a recurrence."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from dataclasses import dataclass

from chainrule.codegen.backends.numpy.arguments import used_by
from chainrule.codegen.backends.numpy.array_printer import ELEMENT_TYPE, TYPED
from chainrule.codegen.backends.numpy.lines import lines_of
from chainrule.codegen.backends.numpy.statements import Statement, statements
from chainrule.codegen.formulas.plain_printer import equation_with_shape
from chainrule.codegen.program.program import Program
from chainrule.symbolic.index.tensors import ADJOINT_MARK

FORWARD, GRADIENT = "compute", "gradient"


@dataclass(frozen=True, slots=True)
class FunctionToWrite:
    """`results` are what it returns and `arguments` what it takes, by the names of the program; `lines` are its body without `return`.

    `equations` say in plain text what is computed, each with its shape. `uses` are the names that have to be there beside the arguments.
    """

    kind: str
    results: tuple[str, ...]
    arguments: tuple[str, ...]
    lines: tuple[str, ...]
    equations: tuple[str, ...]
    uses: frozenset[str]

    @property
    def name(self) -> str:
        return "_".join([self.kind, *(name.removeprefix(ADJOINT_MARK) if self.kind == GRADIENT else name for name in self.results)])

    @property
    def head(self) -> str:
        return f"def {self.name}({', '.join(self.arguments)}):"

    @property
    def returned(self) -> str:
        return f"return {', '.join(self.results)}"

    @property
    def call(self) -> str:
        """z1 = compute_z1(W1, x, b1)"""
        return f"{', '.join(self.results)} = {self.name}({', '.join(self.arguments)})"


def functions_to_write(program: Program) -> tuple[FunctionToWrite, ...]:
    """In the order in which they are called: the forward pass, the cost, and back."""
    system = program.system
    known = {*system.stored, *(each.name for each in (*program.forward, *program.cost, *program.backward))}
    found: list[FunctionToWrite] = []
    done: set[str] = set()
    for kind, part in ((FORWARD, (*program.forward, *program.cost)), (GRADIENT, program.backward)):
        printed = statements(tuple(each for each in part if each.name not in done), system)
        done |= {each.name for each in part}
        codes = [line.code for line in lines_of(printed, system)]
        for group in _groups(printed, system.stored):
            results = tuple(printed[place].assignment.name for place in group if printed[place].assignment.name in system.stored)
            lines = tuple(line.replace(ELEMENT_TYPE, "float") for place in group for line in codes[place].split("\n"))
            read = _read("\n".join(["def body():", *indented(lines)]))
            own = (printed[place].assignment for place in group)
            equations = tuple(equation_with_shape(system, each.equation) for each in own if each.name in system.stored)
            is_gradient = kind == GRADIENT and all(name not in system.tensors for name in results)
            arguments = tuple(name for name in read if name in known)
            uses = used_by(printed[place] for place in group).union(read).difference(arguments, TYPED)
            found.append(FunctionToWrite(GRADIENT if is_gradient else FORWARD, results, arguments, lines, equations, uses))
    return tuple(found)


def _groups(printed: tuple[Statement, ...], stored: Container[str]) -> Iterator[list[int]]:
    """Places of statements that make one function: those of one loop, and with what reads it what has left the loop."""
    group: list[int] = []
    for place, each in enumerate(printed):
        group.append(place)
        following = printed[place + 1].assignment if place + 1 < len(printed) else None
        goes_on = following is not None and each.assignment.loop is not None and following.loop == each.assignment.loop
        # What is no quantity of the network has left the loop that follows.
        if not goes_on and each.assignment.name in stored:
            yield group
            group = []


def indented(lines: tuple[str, ...]) -> Iterator[str]:
    """Lines of a function's body: what stands behind the first line of a statement is indented already."""
    yield from (line if line.startswith(" ") else f"    {line}" for line in lines)


def _read(source: str) -> tuple[str, ...]:
    """Names that a function reads before it writes them, in their order."""
    read: dict[str, None] = {}
    written: set[str] = set()
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    for statement in function.body:
        stored = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        written |= stored if isinstance(statement, ast.For) else set()
        names = sorted(_free(statement), key=lambda node: (node.lineno, node.col_offset))
        read |= dict.fromkeys(node.id for node in names if node.id not in written)
        written |= stored
    return tuple(read)


def _free(node: ast.AST) -> Iterator[ast.Name]:
    """Names that are read, but for those that a lambda or a comprehension inside has of its own."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node
    inside = [name for child in ast.iter_child_nodes(node) for name in _free(child)]
    match node:
        case ast.Lambda(args=ast.arguments(args=arguments)):
            own = {argument.arg for argument in arguments}
        case ast.ListComp(generators=parts) | ast.GeneratorExp(generators=parts) | ast.SetComp(generators=parts):
            own = {name.id for part in parts for name in ast.walk(part.target) if isinstance(name, ast.Name)}
        case _:
            own = set()
    yield from (name for name in inside if name.id not in own)
