"""The files of a module in C, put into their templates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import chainrule
from chainrule.codegen.backends.c.comments import safe
from chainrule.codegen.backends.c.module import CModule, c_module
from chainrule.codegen.backends.c.optimisers import optimiser_function
from chainrule.codegen.backends.fast.workspace_arguments import (
    argument,
    checked_data,
    given_sizes,
    open_sizes,
    shape_source,
    size_checks,
    size_lines,
    stored_places,
    workspace_arguments,
    workspace_call,
)
from chainrule.codegen.backends.numpy.arguments import sample_lines, used_by
from chainrule.codegen.backends.numpy.check_plan import check_plan
from chainrule.codegen.backends.numpy.declared_values import condition
from chainrule.codegen.backends.numpy.lines import Body
from chainrule.codegen.backends.numpy.module_names import arguments_called_otherwise, with_own_variables
from chainrule.codegen.backends.numpy.predicted import predicted_text
from chainrule.codegen.backends.numpy.source import tuple_text
from chainrule.codegen.backends.numpy.statements import statements
from chainrule.codegen.formulas.plain_printer import shape_text
from chainrule.codegen.program.array_sizes import size_name
from chainrule.codegen.program.further_derivatives import FurtherDerivatives
from chainrule.codegen.program.program import Program, lower
from chainrule.codegen.templating.environments import text_template
from chainrule.symbolic.checking.tensor_draw import DRAWS, TensorDraw
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.index_letters import nodes
from chainrule.symbolic.index.step_functions import stop
from chainrule.symbolic.index.tensors import Role
from chainrule.symbolic.layers.optimisers import OPTIMISERS
from chainrule.symbolic.system.system import System

from .module_files import ModuleFiles
from .numpy_module import (
    GRADIENT_TOLERANCE,
    cache_type,
    cost_body,
    docstring,
    forward_body,
    init_sizes,
    initial_values,
    kinks_said,
    parameter_text,
    shift,
    single_blank_lines,
    summary,
)
from .numpy_test import module_test_source


def c_files(
    further: FurtherDerivatives | None,
    derivation: Derivation,
    title: str | None = None,
    draw: TensorDraw = DRAWS[0],
    _style: str = "c",
    without: Collection[str] = frozenset(),
) -> ModuleFiles:
    """NAME_c.py, with NAME.c and NAME.h beside it.

    Raises:
        InvalidDescription: where something is asked for that has no C.
    """
    refuse_what_has_no_c(further, derivation.system)
    derivation = with_own_variables(derivation, "fast")
    system, module = derivation.system, c_module(derivation, without)
    texts = module.texts()
    version, said = chainrule.__version__, {"title": safe(title or system.name), "summary": safe(summary(system))}
    beside = {
        f"{system.name}.{ending}": single_blank_lines(text_template(f"module.{ending}.jinja").render(version=version, **said, **texts))
        for ending in ("c", "h")
    }
    return ModuleFiles(_python(derivation, module, texts, title, draw), beside)


def c_test(system: System, further: FurtherDerivatives | None = None) -> str:
    """The test that ships with it."""
    return module_test_source(system, further, "_c")


def refuse_what_has_no_c(further: FurtherDerivatives | None, system: System) -> None:
    """A message that says what the C target has not got."""
    if further is not None:
        raise InvalidDescription(
            f"{system.name}: the C target has the cost and its gradients alone; leave --derivatives out, or take --target numpy"
        )
    if system.wrt:
        raise InvalidDescription(f"{system.name}: the C target has no gradients of inputs yet; take --target numpy")
    if not system.parameters:
        raise InvalidDescription(f"{system.name}: the C target needs a parameter; the description has none")


def _python(derivation: Derivation, module: CModule, texts: dict[str, object], title: str | None, draw: TensorDraw) -> str:
    system, program = derivation.system, lower(derivation)
    data, sizes = (*system.inputs, *system.targets), open_sizes(system)
    inputs, targets = ("".join(f", {tensor.name}" for tensor in group) for group in (system.inputs, system.targets))
    every = [size_name(axis) for axis, own in system.axes.items() if own.size is None]
    in_inputs = size_checks(system, system.inputs)
    known = {line.partition(" = ")[0] for line in in_inputs}
    in_inputs += [f"{size} = 1" for size in sizes if size not in known]
    held = _held(program)
    rendered = text_template("module_c.py.jinja").render(
        title=docstring(title or system.name),
        summary=summary(system),
        version=chainrule.__version__,
        name=system.name,
        prefix=texts["prefix"],
        upper=texts["upper"],
        constants=[{"name": name, "value": repr(value)} for name, value in system.constants.items()],
        parameters=[parameter_text(system, tensor) for tensor in system.parameters],
        cached=(cached := _cached(program, module, system)),
        not_held=any(field["type"] == "None" for field in cached),
        initial_values=initial_values(system),
        inputs=inputs,
        targets=targets,
        inputs_of_cache="".join(f", cache.{system.described_name(tensor.name)}" for tensor in system.inputs),
        inputs_from_cache=[f"{tensor.name} = cache.{system.described_name(tensor.name)}" for tensor in system.inputs],
        has_statistics=module.program.has_statistics,
        input_fields=", ".join(f"{system.described_name(tensor.name)}={tensor.name}" for tensor in system.inputs),
        input_count=len(system.inputs),
        data_count=len(data),
        data=", ".join(system.described_name(tensor.name) for tensor in data),
        drawn=", ".join(tensor.name for tensor in data),
        data_names=", ".join(tensor.name for tensor in data),
        input_names=", ".join(tensor.name for tensor in system.inputs),
        float_names="".join(f", {tensor.name}" for tensor in data if not tensor.is_integer),
        float_input_names="".join(f", {tensor.name}" for tensor in system.inputs if not tensor.is_integer),
        called_otherwise=arguments_called_otherwise(system),
        init_sizes=init_sizes(system),
        kinks=kinks_said(system),
        predicted=predicted_text(system, derivation.network is not None),
        held=held,
        functions=held.functions if held else set(),
        second=None,
        derived=None,
        by_inputs=None,
        labels=any(tensor.is_integer for tensor in data),
        declared=any(condition(tensor) for tensor in data),
        optimisers=[optimiser_function(optimiser) for optimiser in OPTIMISERS.values()],
        optimiser_code=module.optimisers,
        workspace={"places": tuple_text([str(stored_places(tensor, module.program.at.layouts.orders)) for tensor in system.parameters])},
        workspace_arguments=workspace_arguments(system, sizes),
        open_sizes=sizes,
        given_sizes=tuple_text([f'("{name}", {name})' for name in given_sizes(system, sizes)]),
        batch=size_name(system.batch) if system.batch else None,
        size_lines=size_lines(system),
        shapes=tuple_text([shape_source(tensor, system) for tensor in system.parameters]),
        data_tensors=[argument(tensor, system) for tensor in data],
        # Whole numbers and what is declared of values are looked at again: an array may have been written to.
        every_call_checks=any(tensor.is_integer or condition(tensor) for tensor in data),
        macros=tuple_text([f'("{module.sizes.macro(size)}", {size})' for size in every]),
        made_for=workspace_call(system, sizes, "self._", "self."),
        checked=checked_data(system),
        sizes_are_open=bool(sizes),
        checks=size_checks(system, data),
        input_checks=in_inputs,
        call=workspace_call(system, sizes),
        sample=sample_lines(system),
        plan=check_plan(system),
        tolerance=repr(GRADIENT_TOLERANCE),
        scale="" if draw.scale == 1 else f"{draw.scale!r} * ",
        spread=(0.1 if derivation.network else 0.5) * draw.scale,
        shift=shift(draw),
    )
    return single_blank_lines(rendered)


@dataclass(frozen=True)
class Held:
    """The forward pass and the cost in NumPy, where stop(…) is what it was before parameters were moved."""

    forward: Body
    cost: Body
    functions: frozenset[str]


def _held(program: Program) -> Held | None:
    """For the check, where the system stops something: C computes stop(u) as u, which moves."""
    system = program.system
    if not any(isinstance(node, stop) for equation in system.equations for node in nodes(equation.expression)):
        return None
    forward, cost = (statements(part, system) for part in (program.forward, program.cost))
    return Held(forward_body(forward, program), cost_body(cost, program), frozenset(used_by((*forward, *cost))))


def _cached(program: Program, module: CModule, system: System) -> list[dict[str, object]]:
    """The fields of the cache: inputs, and the tensors of the forward pass with their number in C and how they lie."""
    numbers = {name: number for number, name in enumerate(module.program.tensors)}
    found: list[dict[str, object]] = []
    for name in program.cached:
        tensor = system.tensors[name]
        field: dict[str, object] = {
            "name": system.described_name(name),
            "shape": shape_text(system, tensor),
            "type": cache_type(tensor),
            "number": numbers.get(name),
        }
        if name not in numbers and tensor.role is not Role.INPUT:
            field |= {"type": "None", "shape": f"{field['shape']}: computed in blocks of rows and not held"}
        if name in numbers:
            entry, declared = module.program.at.program.tensors[name], module.program.at.program.declared[name]
            order = module.program.at.layouts.orders[entry.name]
            stored = [entry.letters[place] for place in order]
            field["sizes"] = shape_source(tensor, system)
            field["places"] = tuple_text([str(stored.index(letter)) for letter in declared])
        found.append(field)
    return found
