"""The part of a module that `fast` style adds: arrays made once, and both passes as one function over them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chainrule.codegen.backends.fast.ir.array_program import Equations
from chainrule.codegen.backends.fast.ir.operations import COMPARISONS
from chainrule.codegen.backends.fast.scalar.code import FAILURES, ScalarCode
from chainrule.codegen.backends.fast.source.optimisers import optimiser_method
from chainrule.codegen.backends.numpy.arguments import Unpacking
from chainrule.codegen.backends.numpy.declared_values import check_line
from chainrule.codegen.backends.numpy.line_breaking import broken
from chainrule.codegen.backends.numpy.source import tuple_text
from chainrule.codegen.program.array_sizes import size_name
from chainrule.codegen.program.scaled_adjoints import with_scaled_adjoints
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.tensors import Tensor
from chainrule.symbolic.layers.optimisers import OPTIMISERS
from chainrule.symbolic.system.sizes import in_order
from chainrule.symbolic.system.system import System

from .compilation import Fast
from .passes_text import INDENT, PassesText, passes_text
from .pipeline import fast, fast_parts


@dataclass(frozen=True)
class WorkspaceText:
    """What the template puts in: lines and names. The module must define `functions`, and `own_functions`, which write into an array."""

    sizes: list[str]
    arguments: str
    whole: PassesText
    parts: PassesText
    cache: str
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
    optimisers: list[dict[str, object]]


def workspace_text(derivation: Derivation, taken: Collection[str], without: Collection[str]) -> WorkspaceText:
    """What the template of the workspace needs; `without` names passes that are left out.

    Raises:
        NotExpressible: where an equation has no array form.
    """
    derivation = with_scaled_adjoints(derivation)
    system = derivation.system
    known = Equations(system)
    made = fast(derivation, taken, without, known)
    forward, backward = fast_parts(derivation, taken, without, made, known)
    steps = [optimiser_method(optimiser, system) for optimiser in OPTIMISERS.values()]
    source = made.source
    data = (*system.inputs, *system.targets)
    result = f"return {source.base(made.program.cost)}.item()"
    cached = [name for section in forward.program.sections[:1] for name in section.equations]
    cache = f"cache = Cache({', '.join([*('None' for _ in system.inputs), *map(forward.source.tensor_view, cached)])})"
    sizes = open_sizes(system)
    parameters = [tensor.name for tensor in system.parameters]
    stored = [_stored(tensor, made) for tensor in system.parameters]
    return WorkspaceText(
        sizes=sizes,
        arguments=_arguments(system, sizes),
        whole=passes_text(made),
        parts=passes_text(forward, backward),
        cache=broken(cache, INDENT - 4),
        cached=list(map(system.described_name, cached)),
        stops=source.stops_found,
        parameters=", ".join(parameters) + ("," if len(parameters) == 1 else ""),
        backward_arguments=", ".join(
            [*(f"cache.{system.described_name(tensor.name)}" for tensor in system.inputs), *(tensor.name for tensor in system.targets)]
        ),
        result=result,
        is_number="found == found" if not has_tests(made) else "not np.isnan(found + np.add.reduce(self._flat))",
        shapes=tuple_text([_shape(tensor, system) for tensor in system.parameters]),
        places=tuple_text([str(places) for places in stored]),
        size_lines=_size_lines(system),
        data=[_argument(tensor, system) for tensor in data],
        names=", ".join(tensor.name for tensor in data),
        checks=_checks(system),
        call=_call(system, sizes),
        made_for=_call(system, sizes, "self._", "self."),
        functions=source.uses | forward.source.uses,
        own_functions={function for part in (source, forward.source) for function, _ in part.own_functions},
        given_sizes=tuple_text([f'("{name}", {name})' for name in _given_sizes(system, sizes)]),
        same=[_same(tensor) for tensor in data],
        checked=_checked(system),
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


def _given_sizes(system: System, sizes: Sequence[str]) -> list[str]:
    """The sizes that a workspace is made for, as its arguments are called."""
    return ["batch" if system.batch and size == size_name(system.batch) else size for size in sizes]


def _same(tensor: Tensor) -> str:
    """Whether data are as those of the call before."""
    if tensor.is_integer:
        return f"np.shape({tensor.name}) == last._{tensor.name}_shape"
    return f"type({tensor.name}) is np.ndarray and {tensor.name}.dtype is last.dtype and {tensor.name}.shape == last._{tensor.name}_shape"


def _checked(system: System) -> list[dict[str, object]]:
    """The functions that check data: all of them, and the inputs alone where nothing else is needed."""
    data = (*system.inputs, *system.targets)
    found: list[dict[str, object]] = []
    for function, documentation, tensors in (
        ("_data", "Data", data),
        ("_inputs", "Inputs", system.inputs),
        ("_targets", "Targets", system.targets),
    ):
        if tensors:
            names = ", ".join(tensor.name for tensor in tensors)
            found.append(
                {
                    "function": function,
                    "documentation": documentation,
                    "names": names,
                    "tensors": [_argument(tensor, system) for tensor in tensors],
                }
            )
    return found


def _arguments(system: System, sizes: Sequence[str]) -> str:
    """The sizes that a workspace is made for: the number of examples by position, others by name."""
    batch = size_name(system.batch) if system.batch else None
    first = "batch: int, " if batch in sizes else ""
    others = [size for size in sizes if size != batch]
    return f"{first}dtype=np.float64" + (", *, " + ", ".join(f"{size}: int" for size in others) if others else "")


def _call(system: System, sizes: Sequence[str], holder: str = "", holder_of_type: str = "") -> str:
    """What a workspace is made for, where sizes and the type are known by their names, or are a holder's."""
    batch = size_name(system.batch) if system.batch else None
    others = [f"{size}={holder}{size}" for size in sizes if size != batch]
    return ", ".join([*([f"{holder}{batch}"] if batch in sizes else []), f"{holder_of_type}dtype", *others])


def _checks(system: System) -> list[str]:
    """Everything that is given is checked, and the sizes that are not fixed are read from it."""
    unpacking = Unpacking(system, arguments=True)
    needed = {size_name(axis) for axis in system.axes}
    given = [(tensor, "") for tensor in (*system.inputs, *system.targets)]
    parameters = [(tensor, "params.") for tensor in system.parameters]
    floats = [pair for pair in (*given, *parameters) if not pair[0].is_integer]
    has_rule = {axis for axis in system.axes if system.axes[axis].rule is not None}
    # What has a size that follows from others comes after those.
    floats.sort(key=lambda pair: any(axis_name(letter) in has_rule for letter in pair[0].axes))
    for tensor, holder in (*floats, *(pair for pair in given if pair[0].is_integer)):
        unpacking.check(tensor, holder, needed)
        if has_rule:
            unpacking.follow_rules(needed)
    return unpacking.lines


def open_sizes(system: System) -> list[str]:
    """Sizes that are not fixed and follow from no other."""
    return [
        size_name(axis)
        for axis in system.axes
        if system.axes[axis].size is None and system.axes[axis].rule is None and _has_data(axis, system)
    ]


def _has_data(axis: str, system: System) -> bool:
    tensors = (*system.inputs, *system.targets, *system.parameters)
    return any(axis == axis_name(letter) for tensor in tensors for letter in tensor.axes)


def _size_lines(system: System) -> list[str]:
    """Sizes that follow from others."""
    unpacking = Unpacking(system, known=set(open_sizes(system)))
    unpacking.follow_rules({size_name(axis) for axis in in_order(system.axes)})
    return unpacking.lines


def _shape(tensor: Tensor, system: System) -> str:
    return tuple_text([str(system.axis(letter).size or size_name(axis_name(letter))) for letter in tensor.axes])


def _argument(tensor: Tensor, system: System) -> dict[str, str]:
    """Name, shape, and for integers below what they must be."""
    limit = ""
    if tensor.is_integer:
        axis = system.axes[tensor.points_into or ""]
        limit = str(axis.size or size_name(axis.name))
    along = system.axes[tensor.points_into] if tensor.points_into and not tensor.is_integer else None
    described = system.described_name(tensor.name)
    values = check_line(tensor, None if along is None else str(along.size) if along.size is not None else None, described)
    return {"name": tensor.name, "described": described, "shape": _shape(tensor, system), "limit": limit, "declared": values or ""}


def _stored(tensor: Tensor, made: Fast) -> tuple[int, ...]:
    """Which dimension of the memory each of a parameter's is."""
    order = made.source.layouts.orders[tensor.name]
    return tuple(order.index(place) for place in range(len(order)))
