"""Optimisers in place: their formulas for one number after the other of flat arrays."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, Operand
from chainrule.codegen.backends.fast.source.optimisers import optimiser_operations
from chainrule.codegen.backends.numpy.optimisers import optimiser_text
from chainrule.symbolic.layers.optimisers import Optimiser

from .comments import comment
from .functions import FUNCTIONS, of_reals
from .scalars import scalar
from .sizes import CSizes


@dataclass(frozen=True)
class OptimiserCode:
    """The function's arguments behind the arrays, what is computed once, and the lines for each number."""

    name: str
    title: str
    state: tuple[str, ...]
    numbers: tuple[str, ...]
    once: tuple[str, ...]
    lines: tuple[str, ...]


def optimiser_code(optimiser: Optimiser, real: str) -> OptimiserCode:
    """`w` and the state are written over, `g` is read."""
    flattening, updates = optimiser_operations(optimiser)
    written = ("w", *optimiser.state)
    sizes = CSizes(flattening.system, "")
    numbers = (*(("t",) if optimiser.counts_steps else ()), *optimiser.constants)
    once: dict[str, str] = {}
    held = {name: f"{name}[at]" for name in (*written, "g")}
    lines: list[str] = []

    def text(operand: Operand) -> str:
        if isinstance(operand, ArrayOperand):
            return held[operand.name]
        source = scalar(operand.array, sizes, numbers)
        return once.setdefault(source, f"number{len(once) + 1}")

    for name, formula, operations in updates:
        lines += comment(formula)
        for operation in operations:
            value = of_reals(FUNCTIONS[operation.function], *map(text, operation.operands))
            own = f"{name}{len(held)}"
            held[operation.result.name] = own
            lines.append(f"const {real} {own} = {value};")
        if name in written:
            lines.append(f"{name}[at] = {held[flattening.tensors[name].name]};")
    found = tuple(f"const {real} {own} = ({real}){source};" for source, own in once.items())
    return OptimiserCode(optimiser.name, optimiser.title, optimiser.state, numbers, found, tuple(lines))


def optimiser_function(optimiser: Optimiser) -> dict[str, object]:
    """What the module in Python says of one, for its template."""
    text, state = optimiser_text(optimiser), optimiser.state
    first = [*(["0"] if optimiser.counts_steps else []), *("_zeros_like(params)" for _ in state)]
    kept = [*(["t"] if optimiser.counts_steps else []), *state]
    remembered = ", and the state to go on with" if state else ""
    return {
        **text,
        "in_place": f"One step of {optimiser.title}, in place: the same parameters{remembered}.",
        "first_state": f"{text['state_class']}({', '.join(first)})",
        "counts_steps": optimiser.counts_steps,
        "state": state,
        "numbers": ", ".join([*(["t"] if optimiser.counts_steps else []), *optimiser.constants]),
        "kept": ", ".join(kept),
    }
