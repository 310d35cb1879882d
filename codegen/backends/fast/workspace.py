"""The part of a module that `fast` style adds: arrays made once, and both passes as one function over them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chainrule.codegen.backends.fast.ir.array_program import Equations
from chainrule.codegen.backends.fast.ir.operations import COMPARISONS
from chainrule.codegen.backends.fast.ir.slices import Order
from chainrule.codegen.backends.fast.scalar.code import FAILURES, ScalarCode
from chainrule.codegen.backends.fast.source.optimisers import optimiser_method
from chainrule.codegen.backends.numpy.source import tuple_text
from chainrule.codegen.program.program import lower
from chainrule.codegen.program.scaled_adjoints import with_scaled_adjoints
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.layers.optimisers import OPTIMISERS
from chainrule.symbolic.system.system import System

from .compilation import Fast
from .parted_passes import PartedPasses, needs_only_numpy, parted_passes
from .passes_text import PassesText, passes_text
from .pipeline import fast
from .workspace_arguments import (
    argument,
    checked_data,
    given_sizes,
    open_sizes,
    same_as_before,
    shape_source,
    size_checks,
    size_lines,
    stored_places,
    unpacked,
    workspace_arguments,
    workspace_call,
)


@dataclass(frozen=True)
class WorkspaceText:
    """What the template puts in: lines and names. The module must define `functions`, and `own_functions`, which write into an array."""

    sizes: list[str]
    arguments: str
    whole: PassesText
    #: Nothing where they are made when they are asked for.
    parted: PartedPasses | None
    cached: list[str]
    stops: set[str]
    parameters: str
    backward_arguments: str
    result: str
    is_number: str
    shapes: str
    places: str
    size_lines: list[str]
    data: list[dict[str, str]]
    names: str
    checks: list[str]
    call: str
    made_for: str
    functions: set[str]
    own_functions: set[str]
    given_sizes: str
    same: list[str]
    checked: list[dict[str, object]]
    input_names: str
    input_list: list[dict[str, str]]
    target_names: str
    names_without_targets: str
    scalar: dict[str, str] | None
    parameter_orders: Mapping[str, Order]
    optimisers: list[Mapping[str, object]]


def workspace_text(derivation: Derivation, taken: Collection[str], without: Collection[str], is_loaded: bool = False) -> WorkspaceText:
    """What the template of the workspace needs; `without` names passes that are left out.

    Of a module that `is_loaded`, the passes as two functions are left for later where they call nothing that the module may have to bring.

    Raises:
        NotExpressible: where an equation has no array form.
    """
    plain, derivation = lower(derivation), with_scaled_adjoints(derivation)
    system = derivation.system
    known = Equations(system, plain)
    made = fast(derivation, taken, without, known)
    parameter_orders = {tensor.name: made.source.layouts.orders[tensor.name] for tensor in system.parameters}
    is_for_later = is_loaded and needs_only_numpy(made.program)
    parted = None if is_for_later else parted_passes(derivation, taken, without, parameter_orders, known)
    steps = [optimiser_method(optimiser) for optimiser in OPTIMISERS.values()]
    source = made.source
    data = (*system.inputs, *system.targets)
    result = f"return {source.base(made.program.cost)}.item()"
    cached = [name for section in made.program.sections[:1] for name in section.equations]
    sizes = open_sizes(system)
    stored = [stored_places(tensor, source.layouts.orders) for tensor in system.parameters]
    return WorkspaceText(
        sizes=sizes,
        arguments=workspace_arguments(system, sizes),
        whole=passes_text(made),
        parted=parted,
        parameter_orders=parameter_orders,
        cached=list(map(system.described_name, cached)),
        stops=source.stops_found,
        parameters=unpacked(system),
        backward_arguments=", ".join(
            [*(f"cache.{system.described_name(tensor.name)}" for tensor in system.inputs), *(tensor.name for tensor in system.targets)]
        ),
        result=result,
        is_number="found == found" if not has_tests(made) else "not np.isnan(found + np.add.reduce(self._flat))",
        shapes=tuple_text([shape_source(tensor, system) for tensor in system.parameters]),
        places=tuple_text([str(places) for places in stored]),
        size_lines=size_lines(system),
        data=[argument(tensor, system) for tensor in data],
        names=", ".join(tensor.name for tensor in data),
        checks=size_checks(system, data),
        call=workspace_call(system, sizes),
        made_for=workspace_call(system, sizes, "self._", "self."),
        functions=source.uses | (parted.functions if parted else set()),
        own_functions={function for function, _ in source.own_functions} | (parted.own_functions if parted else set()),
        given_sizes=tuple_text([f'("{name}", {name})' for name in given_sizes(system, sizes)]),
        same=[same_as_before(tensor) for tensor in data],
        checked=checked_data(system),
        input_names=", ".join(tensor.name for tensor in system.inputs),
        input_list=[{"name": tensor.name, "field": system.described_name(tensor.name)} for tensor in system.inputs],
        target_names=", ".join(tensor.name for tensor in system.targets),
        names_without_targets=", ".join([*(tensor.name for tensor in system.inputs), *("None" for _ in system.targets)]),
        scalar=_scalar(made.scalar, system) if isinstance(made.scalar, ScalarCode) else None,
        optimisers=steps,
    )


def has_tests(made: Fast) -> bool:
    """Whether something that is no number may be left out on the way to the cost, so that the cost is a number."""
    before = [operation for operation in made.program.operations if operation.equation not in made.program.sections[-1].equations]
    return any(operation.function in (*COMPARISONS, "plain", "lines") for operation in before)


def _scalar(code: ScalarCode, system: System) -> dict[str, str]:
    """The functions of scalar code, and when data must be looked at before: what it does not read, it does not check."""
    tests = []
    for tensor in (*system.inputs, *system.targets):
        tests += [] if tensor.is_integer else [f"type({tensor.name}) is not np.ndarray or {tensor.name}.dtype is not self.dtype"]
        tests += [] if tensor.name in code.reads else [f"np.shape({tensor.name}) != self._{tensor.name}_shape"]
    return {"source": code.source, "failures": FAILURES, "misfit": " or ".join(tests) or "False"}
