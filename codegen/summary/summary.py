"""A network at a glance: what each layer, or each equation, gives out, how many parameters it has, and what a step of it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.codegen.backends.fast.cost_model import entries
from chainrule.codegen.backends.fast.explanation import explained_sizes
from chainrule.codegen.formulas.plain_printer import PlainPrinter, shape_text
from chainrule.codegen.lesson.layer_table import layer_tensors
from chainrule.codegen.program.array_sizes import size_name
from chainrule.codegen.program.program import Assignment, Program, lower
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.index_letters import names_read
from chainrule.symbolic.layers.layer import Layer
from chainrule.symbolic.layers.network import Network
from chainrule.symbolic.system.system import System

from .counted import Counted, Part
from .tables import as_html, as_text
from .work import StepWork, work_by_part


@dataclass(frozen=True, repr=False)
class Summary(Counted):
    """What is counted, which shows itself as a table."""

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


@dataclass(frozen=True, slots=True)
class _Row:
    """A part before anything is counted, with the tensors that are its own."""

    name: str
    does: str
    shape: str
    tensors: tuple[str, ...]


def summary(derivation: Derivation, batch: int | None = None) -> Summary:
    """The parts in the order in which they are computed; `batch` is the number of examples of the step that is counted, 32 by itself.

    Raises:
        InvalidDescription: where the number of examples cannot be chosen.
        NotExpressible: where an equation has no array form.
    """
    program, network = lower(derivation), derivation.network
    system = program.system
    sizes = explained_sizes(system, batch)
    rows = [*(_layers(network, system) if network else _equations(system))]
    owners = {name: row.name for row in rows for name in row.tensors}
    last, behind = rows[-1].name, _passed_through(system)
    forward = work_by_part([*program.forward, *program.cost], system, owners.get, last)
    backward = work_by_part(_backward_alone(program), system, lambda name: owners.get(behind.get(name, "")), last)
    counts = {tensor.name: entries(tensor.axes, system).at(sizes) for tensor in system.parameters}
    parts = []
    for row in rows:
        there, back = (work.get(row.name, StepWork()) for work in (forward, backward))
        parameters = sum(counts.get(name, 0) for name in row.tensors)
        held = (there.held + back.held).at(sizes)
        parts.append(Part(row.name, row.does, row.shape, parameters, there.flops.at(sizes), back.flops.at(sizes), held))
    shown = {size_name(axis): sizes[size_name(axis)] for axis in system.axes if system.axes[axis].size is None}
    return Summary(system.name, tuple(parts), shown, network is not None)


def _layers(network: Network, system: System) -> Iterator[_Row]:
    owners = layer_tensors(network)
    for placed in network.connections:
        output = system.tensors[placed.output]
        own = tuple(name for name, (layer, _) in owners.items() if layer is placed)
        yield _Row(placed.suffix, _in_words(placed.layer), shape_text(system, output), own)
    cost = network.chosen_cost
    yield _Row("cost", cost.expression if cost.name == "formula" else cost.name, "", (system.cost.tensor.name,))


def _in_words(layer: Layer) -> str:
    """conv2d channels=6 kernel=5, tanh: the words of the description."""
    kind = " ".join([layer.kind, *(f"{key}={value}" for key, value in layer.options.items())])
    formula = layer.formula
    return f"{kind}, {formula.expression if formula.name == 'formula' else formula.name}" if layer.has_activation else kind


def _equations(system: System) -> Iterator[_Row]:
    """A parameter belongs to the first equation that reads it."""
    taken = set[str]()
    printer = PlainPrinter(system)
    for equation in system.equations:
        read = names_read(equation.expression)
        own = tuple(tensor.name for tensor in system.parameters if tensor.name in read and tensor.name not in taken)
        taken.update(own)
        shape = shape_text(system, equation.tensor) if equation.indices else ""
        yield _Row(equation.tensor.name, printer.equation(equation), shape, (equation.tensor.name, *own))


def _passed_through(system: System) -> dict[str, str]:
    """By the name of an adjoint, the tensor through whose equation it comes: the first that reads what it is the adjoint of.

    The gradient by the input of a layer is work of that layer, not of the one before.
    """
    return {adjoint: readers[0].tensor.name for adjoint, name in system.adjoint_of.items() if (readers := system.readers.get(name, ()))}


def _backward_alone(program: Program) -> list[Assignment]:
    """Without what the cost has computed already."""
    before = {assignment.name for assignment in program.cost}
    return [assignment for assignment in program.backward if assignment.name not in before]
