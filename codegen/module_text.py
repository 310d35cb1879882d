"""The generated module: a program, the optimisers and the self-check, put into the template."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from symbolic.axes import axis_name
from symbolic.derivation import Derivation
from symbolic.equations import System
from symbolic.failures import InvalidDescription
from symbolic.optimisers import OPTIMISERS
from symbolic.tensors import Tensor, adjoint_name
from symbolic.verification import DRAWS, Draw

from .kinks import kinks
from .line_breaking import broken
from .module_arguments import forward_lines, later_lines, sample_lines, sample_sizes
from .numpy_source import size_name
from .optimiser_text import optimiser_text
from .program import Assignment, Program, initial_variance, lower, shape_text
from .sentences import ENGLISH
from .templating import one_line, text_template

WIDTH = 92
INDENT = 4
#: Names with a meaning inside of every module: a constant may not be called so.
TAKEN = frozenset(
    "np NamedTuple Parameters Cache init forward backward cost cost_and_gradients predict check params cache rng dtype array entries "
    "gradients errors name found exact largest numeric chosen step start coarse fine function place above below "
    "sigmoid softplus softmax log_sum_exp erf sgd momentum rmsprop adam sample".split()
)
#: What the functions of every module read: no tensor or index may be called so.
READ_IN_FUNCTIONS = frozenset(
    "np params cache Parameters Cache float range reversed forward backward "
    "sigmoid softplus softmax log_sum_exp erf gather scatter step".split()
)
#: The largest relative error at which a gradient counts as right.
GRADIENT_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Line:
    """An assignment as the template prints it: `comment` already has its further lines marked as comments."""

    comment: str
    code: str


@dataclass(frozen=True, slots=True)
class Body:
    """A function: what it unpacks and checks, its assignments, and what it returns."""

    preparation: tuple[str, ...]
    assignments: tuple[Line, ...]
    result: tuple[str, ...]


def module_source(derivation: Derivation, title: str | None = None, draw: Draw = DRAWS[0]) -> str:
    """The source of the standalone module of a derivation.

    `draw` says how the self-check chooses its parameters, for costs that exist only for some outputs.

    Raises:
        InvalidDescription: where a constant has a name that the module needs itself.
    """
    system, program = derivation.system, lower(derivation)
    for name in system.constants:
        if name in TAKEN or name in {adjoint_name(tensor) for tensor in system.tensors}:
            raise InvalidDescription(f"the constant {name!r} has a name that the generated module uses itself; choose another")
    for name in (*system.tensors, *map(adjoint_name, system.tensors), *system.axes):
        if name in READ_IN_FUNCTIONS:
            raise InvalidDescription(f"{name!r} is a name that the generated module uses itself; choose another")
    inputs, targets = ("".join(f", {tensor.name}" for tensor in group) for group in (system.inputs, system.targets))
    output = program.forward[-1] if program.forward and derivation.network else None
    rendered = text_template("module.py.jinja").render(
        title=docstring(title or system.name),
        summary=summary(system),
        version=own_version(),
        constants=[{"name": name, "value": repr(value)} for name, value in system.constants.items()],
        parameters=[_parameter(system, tensor) for tensor in system.parameters],
        cached=[
            {"name": name, "shape": shape_text(system, system.tensors[name]), "type": _type(system.tensors[name])}
            for name in program.cached
        ],
        initial_values="weights of variance 1/fan-in (2/fan-in before relu and its kin), biases 0",
        inputs=inputs,
        targets=targets,
        data=(inputs + targets).removeprefix(", "),
        init_sizes=_init_sizes(system),
        forward=_forward(program),
        backward=_backward(program, derivation),
        kinks=_kinks(system),
        cost=_cost(program),
        output=output.name if output else None,
        output_shape=output.shape if output else None,
        functions=program.functions,
        labels=any(tensor.is_integer for tensor in (*system.inputs, *system.targets)),
        optimisers=[optimiser_text(optimiser, system) for optimiser in OPTIMISERS.values()],
        sample=sample_lines(system),
        scale="" if draw.scale == 1 else f"{draw.scale!r} * ",
        spread=(0.1 if derivation.network else 0.5) * draw.scale,
        shift="" if not draw.shift else f" + {draw.shift!r} * (array.ndim == 1)",
    )
    return _single_blank_lines(rendered)


def own_version() -> str:
    try:
        return version("chainrule")
    except PackageNotFoundError:
        return "from a checkout"


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


def _type(tensor: Tensor) -> str:
    return "np.ndarray" if tensor.axes else "np.floating"


def _init_sizes(system: System) -> str:
    """Keywords for sizes of parameters that are not fixed."""
    letters = dict.fromkeys(axis_name(letter) for tensor in system.parameters for letter in tensor.axes)
    sizes = sample_sizes(system)
    return "".join(f", {size_name(axis)}={sizes[axis]}" for axis in letters if system.axes[axis].size is None)


def _parameter(system: System, tensor: Tensor) -> dict[str, str]:
    shape = shape_text(system, tensor)
    variance = initial_variance(system, tensor)
    drawn = f"rng.standard_normal({shape})"
    scaled = drawn if variance == 1 else f"({variance.numerator} / {variance.denominator}) ** 0.5 * {drawn}"
    initial = f"({scaled}).astype(dtype)" if variance else f"np.zeros({shape}, dtype)"
    return {"name": tensor.name, "shape": shape, "initial": initial}


def _lines(assignments: Sequence[Assignment]) -> tuple[Line, ...]:
    lines = []
    for place, assignment in enumerate(assignments):
        shape = f"    {assignment.shape}" if assignment.shape != "()" else ""
        wrapped = _wrapped(assignment.equation + shape)
        if assignment.written_otherwise:
            wrapped.append("computed so that nothing overflows:")
        code = broken(f"{assignment.name} = {assignment.source}", INDENT)
        following = assignments[place + 1].loop if place + 1 < len(assignments) else None
        if assignment.loop is not None and following != assignment.loop:
            steps = [other.step for other in assignments if other.loop == assignment.loop]
            code = "\n".join([code, f"    {assignment.loop.header}", *(f"        {broken(step, 2 * INDENT)}" for step in steps)])
        lines.append(Line("\n    # ".join(wrapped), code))
    return tuple(lines)


#: A blank that no line may end at.
FIXED = "\0"


def _wrapped(equation: str) -> list[str]:
    """The lines of a comment; an entry such as h[n,t - 1,j] and a shape stay whole."""
    whole = re.sub(r"\[[^\[\]]*\]|\([N\d][^()]*, [^()]*\)$", lambda entry: entry[0].replace(" ", FIXED), equation)
    return [line.replace(FIXED, " ") for line in textwrap.wrap(whole, WIDTH, subsequent_indent="    ")]


def _forward(program: Program) -> Body:
    return Body(_broken(forward_lines(program)), _lines(program.forward), _call("return Cache", program.cached))


def _broken(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(broken(line, INDENT) for line in lines)


def _call(start: str, names: Iterable[str]) -> tuple[str, ...]:
    written = f"{start}({', '.join(names)})"
    return tuple(textwrap.wrap(written, WIDTH, subsequent_indent=" " * (len(start) + 1), break_long_words=False))


def _backward(program: Program, derivation: Derivation) -> Body:
    system = program.system
    preparation = later_lines(program.backward, program)
    zero = [
        Line(f"{tensor.name} does not reach the cost", f"{adjoint_name(tensor.name)} = np.zeros_like(params.{tensor.name})")
        for tensor in system.parameters
        if tensor.name not in derivation.adjoints
    ]
    gradients = [adjoint_name(tensor.name) for tensor in system.parameters]
    return Body(_broken(preparation), (*_lines(program.backward), *zero), _call("return Parameters", gradients))


def _kinks(system: System) -> str:
    """What the docstring of `backward` adds on places without a derivative; nothing where there are none."""
    said = " ".join(ENGLISH[key] for key in kinks(system))
    lines = "".join(f"\n    {line}" for line in textwrap.wrap(said, WIDTH))
    return f"\n{lines}\n    " if said else ""


def _cost(program: Program) -> Body:
    cost = program.system.cost.tensor.name
    return Body(_broken(later_lines(program.cost, program)), _lines(program.cost), (f"return float({cost})",))


def _single_blank_lines(source: str) -> str:
    """At most two empty lines in a row, and two before each function and class; the template need not count them."""
    lines: list[str] = []
    for line in source.splitlines():
        stripped = line.rstrip()
        if stripped.startswith(("def ", "class ")):
            while lines[-2:] != ["", ""]:
                lines.append("")
        if not stripped and len(lines) >= 2 and not lines[-1] and not lines[-2]:
            continue
        lines.append(stripped)
    return "\n".join(lines).strip("\n") + "\n"


def module_test_source(system: System) -> str:
    """The test that ships with the module."""
    return text_template("module_test.py.jinja").render(
        name=system.name, first_input=system.inputs[0].name, tolerance=repr(GRADIENT_TOLERANCE)
    )
