"""The generated module: a program, the optimisers and the self-check, put into the template."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import chainrule
from chainrule.codegen.backends.numpy.arguments import AS_FLOATS, forward_lines, later_lines, sample_lines, sample_sizes, used_by
from chainrule.codegen.backends.numpy.check_plan import check_plan
from chainrule.codegen.backends.numpy.declared_values import condition
from chainrule.codegen.backends.numpy.line_breaking import broken
from chainrule.codegen.backends.numpy.lines import INDENT, WIDTH, Body, CodeLine, lines_of, wrapped_call
from chainrule.codegen.backends.numpy.module_names import READ_IN_FUNCTIONS, arguments_called_otherwise, with_own_variables
from chainrule.codegen.backends.numpy.optimisers import optimiser_text
from chainrule.codegen.backends.numpy.predicted import predicted_text
from chainrule.codegen.backends.numpy.statements import Statement, statements
from chainrule.codegen.formulas.kinks import kinks
from chainrule.codegen.formulas.plain_printer import shape_text
from chainrule.codegen.program.array_sizes import size_name
from chainrule.codegen.program.further_derivatives import FurtherDerivatives, further_derivatives
from chainrule.codegen.program.program import Program, initial_variance, is_gain, lower
from chainrule.codegen.program.scaled_adjoints import with_scaled_adjoints
from chainrule.codegen.templating.environments import one_line, text_template
from chainrule.codegen.words.sentences import ENGLISH
from chainrule.symbolic.checking.tensor_draw import DRAWS, TensorDraw
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.collector_pause import without_collection
from chainrule.symbolic.index.tensors import Tensor, adjoint_name
from chainrule.symbolic.layers.optimisers import OPTIMISERS
from chainrule.symbolic.system.system import Numbers, System

from .module_files import ModuleFiles

if TYPE_CHECKING:
    from chainrule.codegen.backends.fast.workspace import WorkspaceText
    from chainrule.codegen.backends.numpy.further import FurtherText
    from chainrule.codegen.backends.numpy.input_gradients import InputGradientsText

#: The largest relative error at which a gradient counts as right.
GRADIENT_TOLERANCE = 1e-6


def numpy_files(
    further: FurtherDerivatives | None,
    derivation: Derivation,
    title: str | None = None,
    draw: TensorDraw = DRAWS[0],
    style: str = "plain",
    without: Collection[str] = frozenset(),
    is_loaded: bool = False,
) -> ModuleFiles:
    """The standalone module of a derivation, plain or fast; `without` names passes of `fast` style that are left out.

    `draw` says how the self-check chooses its parameters, for costs that exist only for some outputs. It computes the `further`
    derivatives too.
    """
    own = with_own_variables(derivation, style)
    if own is not derivation:
        derivation, further = own, further_derivatives(own, further.kinds) if further else None
    system, program = derivation.system, lower(derivation)
    forward, cost, backward = (statements(part, system) for part in (program.forward, program.cost, program.backward))
    by_inputs = _input_gradients(program, derivation) if system.wrt else None
    made_of_it = _further(further, program, derivation) if further else None
    workspace = _workspace(derivation, without, is_loaded) if style == "fast" else None
    inputs, targets = ("".join(f", {tensor.name}" for tensor in group) for group in (system.inputs, system.targets))
    rendered = text_template("module.py.jinja").render(
        title=docstring(title or system.name),
        summary=summary(system),
        version=chainrule.__version__,
        constants=[{"name": name, "value": repr(value)} for name, value in system.constants.items()],
        parameters=[parameter_text(system, tensor) for tensor in system.parameters],
        cached=[
            {
                "name": system.described_name(name),
                "shape": shape_text(system, system.tensors[name]),
                "type": cache_type(system.tensors[name]),
            }
            for name in program.cached
        ],
        initial_values=initial_values(system),
        inputs=inputs,
        targets=targets,
        input_count=len(system.inputs),
        data=", ".join(system.described_name(tensor.name) for tensor in (*system.inputs, *system.targets)),
        drawn=", ".join(tensor.name for tensor in (*system.inputs, *system.targets)),
        called_otherwise=arguments_called_otherwise(system),
        init_sizes=init_sizes(system),
        forward=forward_body(forward, program),
        backward=_backward(backward, program, derivation),
        kinks=kinks_said(system),
        cost=cost_body(cost, program),
        predicted=predicted_text(system, derivation.network is not None),
        functions={
            *used_by((*forward, *cost, *backward)),
            *(by_inputs.uses if by_inputs else ()),
            *(made_of_it.uses if made_of_it else ()),
            *(workspace.functions if workspace else ()),
        },
        workspace=workspace,
        batch=size_name(system.batch) if system.batch else None,
        by_inputs=by_inputs,
        second=made_of_it.second if made_of_it else None,
        declared=any(condition(tensor) for tensor in (*system.inputs, *system.targets)),
        derived=made_of_it.derived if made_of_it else None,
        labels=any(tensor.is_integer for tensor in (*system.inputs, *system.targets)),
        optimisers=[optimiser_text(optimiser) for optimiser in OPTIMISERS.values()],
        sample=sample_lines(system),
        plan=check_plan(system),
        tolerance=repr(GRADIENT_TOLERANCE),
        scale="" if draw.scale == 1 else f"{draw.scale!r} * ",
        spread=(0.1 if derivation.network else 0.5) * draw.scale,
        shift=shift(draw),
    )
    later = _later(derivation, without, workspace) if workspace and workspace.parted is None else {}
    return ModuleFiles(single_blank_lines(rendered), later=later)


# A plain module with the gradient alone waits for nothing that prints what others have beside it.


def _input_gradients(program: Program, derivation: Derivation) -> InputGradientsText:
    from chainrule.codegen.backends.numpy.input_gradients import input_gradients_text

    return input_gradients_text(program, derivation)


def _further(further: FurtherDerivatives, program: Program, derivation: Derivation) -> FurtherText:
    from chainrule.codegen.backends.numpy.further import further_text

    return further_text(further, program, derivation)


def _workspace(derivation: Derivation, without: Collection[str], is_loaded: bool) -> WorkspaceText:
    from chainrule.codegen.backends.fast.workspace import workspace_text

    return workspace_text(derivation, READ_IN_FUNCTIONS, without, is_loaded)


def _later(derivation: Derivation, without: Collection[str], workspace: WorkspaceText) -> dict[str, Callable[[], str]]:
    """The passes as two functions."""
    orders = workspace.parameter_orders

    @without_collection
    def source() -> str:
        from chainrule.codegen.backends.fast.parted_passes import parted_passes

        parted = parted_passes(with_scaled_adjoints(derivation), READ_IN_FUNCTIONS, without, orders)
        return single_blank_lines(text_template("module_parted_passes.py.jinja").render(parted=parted))

    return {"_parted_passes": source}


def shift(draw: TensorDraw) -> str:
    """What the self-check adds to its random parameters."""
    if draw.everywhere:
        return f" + {draw.shift!r}"
    return f" + {draw.shift!r} * (array.ndim == 1)" if draw.shift else ""


def initial_values(system: System) -> str:
    """How the first values of parameters are chosen, in words."""
    gains = "gains 1, " if any(is_gain(system, tensor) for tensor in system.parameters) else ""
    given = [system.described_name(tensor.name) for tensor in system.parameters if tensor.name in system.initial]
    if len(given) == len(system.parameters):
        return "those of the description"
    rest = f"; {', '.join(given)} of the description" if given else ""
    return f"weights of variance 1/fan-in (2/fan-in before relu and its kin), {gains}biases 0{rest}"


def docstring(text: str) -> str:
    """Text from a description, safe inside of three quotation marks."""
    return one_line(text).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def summary(system: System) -> str:
    """One line on the network: how many parameters there are, as far as sizes are fixed."""
    if any(system.axis(letter).size is None for tensor in system.parameters for letter in tensor.axes):
        return f"Parameters in {len(system.parameters)} arrays, whose sizes are read from them."
    return f"{parameter_count(system):,} parameters in {len(system.parameters)} arrays."


def parameter_count(system: System) -> int:
    """The number of all weights and biases."""
    total = 0
    for tensor in system.parameters:
        entries = 1
        for letter in tensor.axes:
            entries *= system.axis(letter).size or 1
        total += entries
    return total


def cache_type(tensor: Tensor) -> str:
    """The type of a field of the cache."""
    return "np.ndarray" if tensor.axes else "np.floating"


def init_sizes(system: System) -> str:
    """Keywords for sizes of parameters that are not fixed."""
    letters = dict.fromkeys(axis_name(letter) for tensor in system.parameters for letter in tensor.axes)
    sizes = sample_sizes(system)
    return "".join(f", {size_name(axis)}={sizes[axis]}" for axis in letters if system.axes[axis].size is None)


def parameter_text(system: System, tensor: Tensor) -> dict[str, str]:
    """Name, shape and first values of a parameter, for the template."""
    name, shape = system.described_name(tensor.name), shape_text(system, tensor)
    variance = initial_variance(system, tensor)
    drawn = f"rng.standard_normal({shape})"
    scaled = drawn if variance == 1 else f"({variance.numerator} / {variance.denominator}) ** 0.5 * {drawn}"
    constant = f"np.ones({shape}, dtype)" if is_gain(system, tensor) else f"np.zeros({shape}, dtype)"
    initial = f"({scaled}).astype(dtype)" if variance else constant
    if tensor.name in system.initial:
        initial = _given_array(system.initial[tensor.name], len(f"        {name}="))
    sizes = [system.axes[axis_name(letter)] for letter in tensor.axes]
    expected = "".join(f", {axis.size}" if axis.size is not None else f', "{size_name(axis.name)}"' for axis in sizes)
    return {"name": name, "shape": shape, "initial": initial, "expected": expected}


def _given_array(numbers: Numbers, start: int) -> str:
    """The numbers of a description as an array, on several lines where they are many."""

    def text(part: Numbers) -> str:
        return f"[{', '.join(map(text, part))}]" if isinstance(part, tuple) else repr(part)

    written = f"np.array({text(numbers)}, dtype)"
    if start + len(written) < WIDTH or not isinstance(numbers, tuple):
        return written
    rows = textwrap.fill(", ".join(map(text, numbers)), WIDTH - 16, break_long_words=False, break_on_hyphens=False)
    return f"np.array(\n            [\n{textwrap.indent(rows, ' ' * 16)}\n            ],\n            dtype,\n        )"


def forward_body(forward: Sequence[Statement], program: Program) -> Body:
    """What the function of the forward pass computes."""
    return Body(_broken(forward_lines(forward, program)), lines_of(forward, program.system), wrapped_call("return Cache", program.cached))


def _broken(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(broken(line, INDENT) for line in lines)


def _backward(backward: Sequence[Statement], program: Program, derivation: Derivation) -> Body:
    system = program.system
    preparation = later_lines(backward, program).lines
    zero = [
        CodeLine(f"{described} does not reach the cost", f"{adjoint_name(tensor.name)} = np.zeros_like(params.{described})")
        for tensor, described in ((tensor, system.described_name(tensor.name)) for tensor in system.parameters)
        if tensor.name not in derivation.adjoints
    ]
    if zero and AS_FLOATS not in preparation:
        preparation = [AS_FLOATS, *preparation]
    gradients = [adjoint_name(tensor.name) for tensor in system.parameters]
    return Body(_broken(preparation), (*lines_of(backward, system), *zero), wrapped_call("return Parameters", gradients))


#: What sentences on kinks mention.
KINK_WORDS = {
    "stopped": "stop(…)",
    "z": "z",
    "half": "z/2",
    "positive": "z > 0",
    "negative": "z < 0",
    "not_negative": "z ≥ 0",
}


def kinks_said(system: System) -> str:
    """What the docstring of `backward` adds on places without a derivative; nothing where there are none."""
    said = " ".join(ENGLISH[key].format(**KINK_WORDS) for key in kinks(system))
    lines = "".join(f"\n    {line}" for line in textwrap.wrap(said, WIDTH))
    return f"\n{lines}\n    " if said else ""


def cost_body(cost: Sequence[Statement], program: Program) -> Body:
    """What the function of the cost computes from the cache."""
    name = program.system.cost.tensor.name
    return Body(_broken(later_lines(cost, program).lines), lines_of(cost, program.system), (f"return float({name})",))


def single_blank_lines(source: str) -> str:
    """At most two empty lines in a row, and two before each function and class; the template need not count them."""
    lines: list[str] = []
    for line in source.splitlines():
        stripped = line.rstrip()
        # A decorator that is the module's own stays with its function.
        if stripped.startswith(("def ", "class ", "@_")) and not (lines and lines[-1].startswith("@_")):
            while lines[-2:] != ["", ""]:
                lines.append("")
        if not stripped and len(lines) >= 2 and not lines[-1] and not lines[-2]:
            continue
        lines.append(stripped)
    return "\n".join(lines).strip("\n") + "\n"
