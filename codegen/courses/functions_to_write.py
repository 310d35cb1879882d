"""The functions that an assignment asks for: one an equation of the forward pass and of the backward pass, or one a recurrence."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from chainrule.codegen.backends.numpy.arguments import used_by
from chainrule.codegen.backends.numpy.lines import code_of
from chainrule.codegen.backends.numpy.source import Source
from chainrule.codegen.backends.numpy.statements import Statement, statements, with_loops
from chainrule.codegen.formulas.equations_with_shapes import equation_with_shape
from chainrule.codegen.program.program import Program
from chainrule.symbolic.index.tensors import ADJOINT_MARK

FORWARD, GRADIENT = "compute", "gradient"
#: Of the arrays that functions make.
FLOAT = Source("float", uses=frozenset({"float"}))


@dataclass(frozen=True, slots=True)
class FunctionToWrite:
    """`results` are what it returns and `arguments` what it takes, by the names of the program; `lines` are its body without
    `return`, a statement each; what stands behind the first row of one is indented already.

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

    def head(self, prefix: str = "") -> str:
        """def compute_z1(x, W1, b1): with something in front of the name."""
        return f"def {prefix}{self.name}({', '.join(self.arguments)}):"

    @property
    def returned(self) -> str:
        return f"return {', '.join(self.results)}"

    def call(self, prefix: str = "") -> str:
        """z1 = compute_z1(x, W1, b1)"""
        return f"{', '.join(self.results)} = {prefix}{self.name}({', '.join(self.arguments)})"


def functions_to_write(program: Program) -> tuple[FunctionToWrite, ...]:
    """In the order in which they are called: the forward pass, the cost, and back."""
    system = program.system
    known = {*system.stored, *(each.name for each in (*program.forward, *program.cost, *program.backward))}
    found: list[FunctionToWrite] = []
    done: set[str] = set()
    for kind, part in ((FORWARD, (*program.forward, *program.cost)), (GRADIENT, program.backward)):
        printed = statements(tuple(each for each in part if each.name not in done), system, FLOAT)
        done |= {each.name for each in part}
        for group in _groups(printed, system.stored):
            own = [each.assignment for each in group]
            results = tuple(each.name for each in own if each.name in system.stored)
            lines = tuple(code_of(each, steps) for each, steps in with_loops(group))
            read = _read(group)
            equations = tuple(equation_with_shape(system, each.equation) for each in own if each.name in system.stored)
            is_gradient = kind == GRADIENT and all(name not in system.tensors for name in results)
            arguments = tuple(name for name in read if name in known)
            uses = used_by(group).union(read).difference(arguments)
            found.append(FunctionToWrite(GRADIENT if is_gradient else FORWARD, results, arguments, lines, equations, uses))
    return tuple(found)


def _groups(printed: Sequence[Statement], stored: Container[str]) -> Iterator[list[Statement]]:
    """Statements that make one function: those of one loop, and with what reads it what has left the loop."""
    group: list[Statement] = []
    for place, each in enumerate(printed):
        group.append(each)
        following = printed[place + 1].assignment if place + 1 < len(printed) else None
        goes_on = following is not None and each.assignment.loop is not None and following.loop == each.assignment.loop
        # What is no quantity of the network has left the loop that follows.
        if not goes_on and each.assignment.name in stored:
            yield group
            group = []


def _read(group: Sequence[Statement]) -> tuple[str, ...]:
    """Names that a function reads and does not make itself, in the order of its lines: those of a loop come last."""
    lines = (*(each.start for each in group), *(each.step for each in group if each.step is not None))
    own = {each.assignment.name for each in group}
    own |= {loop.letter for each in group if each.assignment.loop is not None for loop in each.assignment.loop.nested}
    return tuple(dict.fromkeys(name for line in lines for name in line.value.reads if name not in own))
