"""Optimisers in place: their formulas as operations that write over what they update, for pieces of flat arrays.

Before:

    v = beta * v + (1 - beta) * g           five new arrays
    w = w - eta * v

After:

    multiply(v, beta, out=v)                none
    multiply(g, 1 - beta, out=work1)
    add(v, work1, out=v)
    multiply(v, eta, out=work1)
    subtract(w, work1, out=w)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from chainrule.codegen.backends.fast.ir.lowering import Flattening
from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, ElementType, Operand, Operation, Origin
from chainrule.codegen.backends.numpy.expressions import NumpySource
from chainrule.codegen.backends.numpy.optimisers import optimiser_text, own_system
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.symbolic.forms.array_form import array_form
from chainrule.symbolic.forms.arrays import Letters
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.layers.optimisers import Optimiser
from chainrule.symbolic.system.system import Equation

#: What is updated, the formula as text, and the operations.
Update = tuple[str, str, Sequence[Operation]]


@dataclass(frozen=True)
class OptimiserSteps:
    """The lines that update one piece of the arrays, under their formulas, and how many arrays they need for intermediate values."""

    lines: tuple[str, ...]
    work: int


def optimiser_steps(optimiser: Optimiser) -> OptimiserSteps:
    """`w` and the state are written over, `g` is read."""
    flattening, updates = optimiser_operations(optimiser)
    places = _Places(flattening, ("w", *optimiser.state), updates)
    return OptimiserSteps(tuple(places.lines(NumpySource(flattening.system))), places.count)


def optimiser_operations(optimiser: Optimiser) -> tuple[Flattening, list[Update]]:
    """The formulas as operations on numbers: of each what it updates, the formula as text, and its operations."""
    system = own_system(optimiser)
    flattening = Flattening(system, _is_whole)
    written = ("w", *optimiser.state)
    for name in (*written, "g"):
        flattening.given(name, (), ElementType.FLOAT, Origin.CALL)
    text = PlainPrinter()
    updates: list[Update] = []
    for name, expression in optimiser.expressions:
        before = len(flattening.operations)
        is_written = name in written
        flattening.equated(Equation(Tensor(name, (), Role.INTERMEDIATE), expression), array_form(expression), is_written)
        updates.append((name, f"{name} := {text.text(expression)}", flattening.operations[before:]))
    return flattening, updates


@cache
def optimiser_method(optimiser: Optimiser) -> Mapping[str, object]:
    """The method of a workspace that makes one step, the same in every module, for the template."""
    text, steps = optimiser_text(optimiser), optimiser_steps(optimiser)
    state = optimiser.state
    kept = [*(["t"] if optimiser.counts_steps else []), *(f"state.{name}" for name in state)]
    first = [*(["0"] if optimiser.counts_steps else []), *("_zeros_like(params)" for _ in state)]
    remembered = ", and the state to go on with" if state else ""
    return MappingProxyType(
        {
            **text,
            "documentation": f"One step of {optimiser.title}, in place: the same parameters{remembered}.",
            "first_state": f"{text['state_class']}({', '.join(first)})",
            "counts_steps": optimiser.counts_steps,
            "pieces": ", ".join(["w", "g", *state, *(f"work{number + 1}" for number in range(steps.work))]),
            "groups": ", ".join(["params", "gradients", *(f"state.{name}" for name in state)]),
            "lines": steps.lines,
            "result": f"params, {text['state_class']}({', '.join(kept)})" if state else "params",
            "work": steps.work,
        }
    )


def _is_whole(_name: str, _letters: Letters) -> bool:
    """Formulas of an optimiser read arrays entry by entry."""
    return True


class _Places:
    """Where the operations of one step write: into what they update, or one of few arrays for intermediate values."""

    def __init__(self, flattening: Flattening, written: Sequence[str], updates: Sequence[Update]) -> None:
        self.written, self.updates = written, updates
        self.operations = [operation for _, _, operations in updates for operation in operations]
        self.last = {entry.name: number for number, operation in enumerate(self.operations) for entry in operation.entries}
        #: By value: the array that holds it.
        self.of = {name: name for name in (*written, "g")}
        self.final = {flattening.tensors[name].name: name for name in written}
        self.free: list[str] = []
        self.count = 0

    def lines(self, source: NumpySource) -> list[str]:
        found: list[str] = []
        number = 0
        for name, formula, operations in self.updates:
            found.append(f"# {formula}")
            end = number + len(operations) - 1
            for operation in operations:
                operands = [self.operand(operand, source) for operand in operation.operands]
                self.of[operation.result.name] = out = self.target(operation, name, number, end)
                function = "np.copyto({1}, {0})" if operation.function == "copy" else f"np.{operation.function}({{0}}, out={{1}})"
                found.append(function.format(", ".join(operands), out))
                number += 1
        return found

    def operand(self, operand: Operand, source: NumpySource) -> str:
        return self.of[operand.name] if isinstance(operand, ArrayOperand) else source.source(operand.array, ()).text

    def target(self, operation: Operation, updated: str, number: int, end: int) -> str:
        """The array to write into; the update of an array is complete with operation number `end`."""
        ended = [self.of[entry.name] for entry in operation.entries if self.last[entry.name] == number]
        if operation.result.name in self.final:
            chosen = self.final[operation.result.name]
        else:
            # Over an operand that is read no more, such as the old value of what is updated, if the result is not needed longer than that.
            is_short = self.last.get(operation.result.name, end) <= end
            usable = [array for array in ended if (array == updated and is_short) or array not in (*self.written, "g")]
            chosen = usable[0] if usable else self.free.pop() if self.free else self.another()
        self.free += [array for array in dict.fromkeys(ended) if array not in (*self.written, "g", chosen)]
        return chosen

    def another(self) -> str:
        self.count += 1
        return f"work{self.count}"
