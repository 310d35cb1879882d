"""From a derivation to the source of both passes: one pass of the table after the other, each of which may be left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from chainrule.codegen.backends.fast.ir.array_program import Equations
from chainrule.codegen.backends.fast.ir.slices import Order
from chainrule.codegen.backends.fast.source.calls import PassesSource
from chainrule.codegen.backends.fast.source.statement import Stop
from chainrule.symbolic.derivation.derivation import Derivation

from .compilation import Compilation, Fast
from .pass_table import PASSES, SCALAR_CODE


def fast(
    derivation: Derivation, taken: Collection[str] = (), without: Collection[str] = frozenset(), known: Equations | None = None
) -> Fast:
    """A derivation after all passes of the table but those it is `without`, printed.

    `taken` are names that the source may not use. What is `known` of the equations is not worked out again.

    Raises:
        NotExpressible: where an equation has no array form.
    """
    made = _compiled(Compilation(derivation, known or Equations(derivation.system), derivation.system), taken, without)
    # Who wants only the cost, or the output, stops there: the same lines serve them.
    program = made.program
    stops = {program.cost: Stop("cost", derivation.system.cost.tensor.name)}
    if len(derivation.system.outputs) == 1:
        (output,) = derivation.system.outputs
        stops[program.tensors[output].name] = Stop("output", output)
    return replace(made, statements=tuple(made.source.statements(made.operations, stops)))


def fast_parts(
    derivation: Derivation, taken: Collection[str], without: Collection[str], parameters: Mapping[str, Order], known: Equations
) -> tuple[Fast, Fast]:
    """The same for the forward and the backward pass by themselves, with every tensor of the forward pass kept.

    Dimensions of the `parameters` are in an order that is decided.
    """
    begun = Compilation(derivation, known, derivation.system, is_parted=True, decided=parameters)
    made = _compiled(begun, taken, {*without, SCALAR_CODE.name})
    is_first = [operation.equation in made.program.sections[0].equations for operation in made.operations]
    parts = []
    for which in (True, False):
        operations = tuple(operation for operation, first in zip(made.operations, is_first, strict=True) if first is which)
        parts.append(replace(made, operations=operations, statements=tuple(made.source.statements(operations))))
        made.source.begin_function()
    return parts[0], parts[1]


def compiled(at: Compilation, without: Collection[str]) -> Compilation:
    """A program after all passes of the table but those it is `without`.

    Raises:
        NotExpressible: where an equation has no array form.
    """
    for each in PASSES:
        at = each.otherwise(at) if each.name in without else each.run(at)
    return at


def _compiled(at: Compilation, taken: Collection[str], without: Collection[str]) -> Fast:
    at = compiled(at, without)
    source = PassesSource(at.program, at.system, at.layouts, at.memory, at.stacked, sorted(taken))
    return Fast(at.program, at.system, at.operations, at.memory, source, (), at.scalar)
