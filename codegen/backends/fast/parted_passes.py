"""The forward and the backward pass of a workspace as two functions, over arrays of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chainrule.codegen.backends.fast.ir.array_program import Equations
from chainrule.codegen.backends.fast.ir.operations import OWN_FUNCTIONS, ArrayProgram
from chainrule.codegen.backends.fast.ir.slices import Order
from chainrule.codegen.backends.numpy.line_breaking import broken
from chainrule.codegen.program.program import lower
from chainrule.symbolic.derivation.derivation import Derivation

from .passes_text import INDENT, PassesText, passes_text
from .pipeline import fast_parts
from .workspace_arguments import open_sizes, size_lines, unpacked


@dataclass(frozen=True)
class PartedPasses:
    """What the template puts in. The module must define `functions`, and `own_functions`, which write into an array."""

    sizes: list[str]
    size_lines: list[str]
    parameters: str
    input_names: str
    names: str
    cache: str
    text: PassesText
    functions: set[str]
    own_functions: set[str]


def parted_passes(
    derivation: Derivation,
    taken: Collection[str],
    without: Collection[str],
    parameters: Mapping[str, Order],
    known: Equations | None = None,
) -> PartedPasses:
    """Both functions of a derivation as it is computed, with `parameters` in the order in which the one function for both reads them.

    Raises:
        NotExpressible: where an equation has no array form.
    """
    system = derivation.system
    forward, backward = fast_parts(derivation, taken, without, parameters, known or Equations(system, lower(derivation)))
    cached = [name for section in forward.program.sections[:1] for name in section.equations]
    cache = f"cache = Cache({', '.join([*('None' for _ in system.inputs), *map(forward.source.tensor_view, cached)])})"
    return PartedPasses(
        sizes=open_sizes(system),
        size_lines=size_lines(system),
        parameters=unpacked(system),
        input_names=", ".join(tensor.name for tensor in system.inputs),
        names=", ".join(tensor.name for tensor in (*system.inputs, *system.targets)),
        cache=broken(cache, INDENT - 4),
        text=passes_text(forward, backward),
        functions=forward.source.uses,
        own_functions={function for function, _ in forward.source.own_functions},
    )


def needs_only_numpy(program: ArrayProgram) -> bool:
    """Whether two functions of the same equations call nothing that a module may have to bring."""
    return not any(operation.function in (*OWN_FUNCTIONS, "plain", "lines") for operation in program.operations)
