"""The sections of a notebook that run the network line by line: the module, the numbers, the forward and the backward pass."""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.codegen.backends.numpy.arguments import forward_lines, later_lines
from chainrule.codegen.backends.numpy.statements import statements
from chainrule.codegen.document.document import Block, Code, Display, Heading, Listing, Paragraph
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.lesson.notebook_cells import Cell, cells, run, shown_cells
from chainrule.codegen.lesson.try_it import data_names, is_written_out, starting_lines
from chainrule.codegen.words.sentences import say
from chainrule.symbolic.derivation.adjoint import Adjoint

from .derivation import derivation_opening, gradient_blocks, of_each_kind
from .network import remarks_on_the_forward_pass

#: Results of equal layers that a notebook has.
MOST_REPEATED = 4


def run_module_section(material: Material) -> list[Block]:
    """The module itself, as there is no file beside, and what it is run with."""
    return [
        Heading(1, say("heading.code"), "code"),
        Paragraph(say("notebook.module", name=Code(material.system.name))),
        Listing(material.checked.source, runs=True),
        Heading(1, say("heading.notebook.numbers"), "numbers-to-compute-with"),
        Paragraph(say("notebook.given" if is_written_out(material) else "notebook.random")),
        Listing("\n".join(["import numpy as np", "", *starting_lines(material)]), runs=True),
    ]


def run_forward_section(material: Material) -> list[Block]:
    """Every equation from the inputs to the cost, each above its line."""
    program = material.program
    forward, cost = shown_cells(material, program.forward), shown_cells(material, program.cost)
    blocks: list[Block] = [Heading(1, say("heading.forward"), "forward")]
    if not forward:
        blocks += [material.equation(equation) for equation in material.system.equations]
        return [*blocks, *remarks_on_the_forward_pass(material), Paragraph(say("notebook.names")), _by_the_module(material)]
    blocks += [Paragraph(say("notebook.forward")), _prepared(forward_lines(statements(program.forward, program.system), program))]
    for cell in forward:
        blocks += _with_equations(material, cell)
    if len(forward) < len(cells(material, program.forward)):
        blocks.append(Paragraph(say("notebook.others")))
    blocks.append(
        _prepared(
            [f"cache = forward({_call(material, inputs=True)})", *later_lines(statements(program.cost, program.system), program).lines]
        )
    )
    for cell in cost:
        blocks += _with_equations(material, cell)
    return [*blocks, *remarks_on_the_forward_pass(material)]


def _with_equations(material: Material, cell: Cell) -> list[Block]:
    """The formulas of what a cell computes, by index and as matrices, and the cell."""
    blocks: list[Block] = []
    for name in cell.names:
        equation = material.system.definition[name]
        line = material.matrix_line(equation, shapes=True)
        blocks += [material.equation(equation), *([Display((line,))] if line is not None else [])]
    return [*blocks, run(material, cell)]


def run_backward_section(material: Material) -> list[Block]:
    """Every gradient with its steps, each above its line; at the end the module's own."""
    program = material.program
    blocks = derivation_opening(material)
    waiting = shown_cells(material, program.backward)
    if waiting:
        prepared = later_lines(statements(program.backward, program.system), program).lines
        blocks += [Paragraph(say("notebook.backward")), _prepared(prepared)]
    shown = list(of_each_kind(_as_computed(material.derivation.adjoints.values(), waiting), MOST_REPEATED))
    open_names = {adjoint.as_tensor.name for adjoint, _ in shown}
    for adjoint, first in shown:
        blocks += gradient_blocks(material, adjoint, first)
        open_names.discard(adjoint.as_tensor.name)
        # A cell waits until all of its formulas stand there; those without a formula of their own are run with the next.
        ready = next((place for place, cell in enumerate(waiting) if open_names.intersection(cell.names)), len(waiting))
        if ready:
            blocks.append(run(material, _joined(waiting[:ready])))
            waiting = waiting[ready:]
    return [*blocks, Heading(1, say("heading.check"), "gradient-check"), Paragraph(say("notebook.same")), _by_the_module(material)]


def _as_computed(adjoints: Iterable[Adjoint], computed: list[Cell]) -> list[Adjoint]:
    """In the order of their lines: what a recurrence fills, and then what is computed of it; one without a line stays where it is."""
    places = {name: place for place, cell in enumerate(computed) for name in cell.names}
    order, place = [], 0
    for adjoint in adjoints:
        place = places.get(adjoint.as_tensor.name, place)
        order.append((place, adjoint))
    return [adjoint for _, adjoint in sorted(order, key=lambda entry: entry[0])]


def _joined(several: list[Cell]) -> Cell:
    return Cell(tuple(name for cell in several for name in cell.names), tuple(line for cell in several for line in cell.lines))


def _prepared(lines: list[str]) -> Listing:
    return Listing("\n".join(lines), runs=True)


def _by_the_module(material: Material) -> Listing:
    """Cost and gradients by the module's functions; what the lines above have computed is the same."""
    own = {name for cell in shown_cells(material, material.program.backward) for name in cell.names}
    of_parameters = {tensor.name: material.system.adjoint_name(tensor.name) for tensor in material.system.parameters}
    compared = ", ".join(f'"{name}": {gradient}' for name, gradient in of_parameters.items() if gradient in own)
    lines = [f"first_cost, gradients = cost_and_gradients({_call(material)})", 'print("cost", first_cost)']
    if compared:
        lines += [
            f"for name, own in {{{compared}}}.items():",
            "    assert np.allclose(own, getattr(gradients, name)), name",
            '    print("gradient in", name, "is the same")',
        ]
    return Listing("\n".join([*lines, "print(check(np.random.default_rng(0)))"]), runs=True)


def _call(material: Material, inputs: bool = False) -> str:
    names = data_names(material)
    return ", ".join(["params", *(names[: len(material.system.inputs)] if inputs else names)])
