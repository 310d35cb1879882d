"""The numbers of an assignment: what is given, as the code that makes it, and every value that follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from chainrule.codegen.backends.numpy.expressions import STOP
from chainrule.codegen.backends.source_loading import load_source
from chainrule.codegen.lesson.material import Material
from chainrule.codegen.program.array_sizes import size_name
from chainrule.codegen.templating.environments import text_template
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import solved
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import CheckFailed, InvalidDescription
from chainrule.symbolic.index.index_letters import letters
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Values
from chainrule.symbolic.system.sizes import followed

from .functions_to_write import FunctionToWrite

#: Arrays with more entries are drawn where the notebook runs; `RandomState` draws the same in every version of NumPy.
MOST_WRITTEN = 60
#: What is added to first values of parameters, until all that follows is finite.
SPREADS = (0.3, 0.03, 0.0)
#: The interpreter has a dimension for each letter of a formula.
MOST_TERMS = 5_000_000
#: Two ways to compute a value differ by rounding alone.
CLOSE = 1e-9


@dataclass(frozen=True)
class GivenNumbers:
    """`code` makes what is given and all that functions need; `values` are the right ones of every quantity, by name."""

    code: str
    values: dict[str, NumericArray]


def given_numbers(material: Material, functions: Sequence[FunctionToWrite], seed: int) -> GivenNumbers:
    """The numbers of a seed.

    Raises:
        InvalidDescription: where no draw has finite values.
        CheckFailed: where two ways to compute a value do not agree.
    """
    uses = frozenset().union(*(each.uses for each in functions))
    helpers = _helpers(uses)
    for spread in SPREADS:
        arrays, lines = _drawn(material, seed, spread)
        sizes = _sizes(material, arrays)
        named: dict[str, float] = {**{size_name(axis): size for axis, size in sizes.items()}, **material.system.constants}
        numbers = [f"{name} = {value!r}" for name, value in named.items() if name in uses]
        code = "\n".join(["import numpy as np", *helpers, "", *numbers, *lines])
        try:
            values = _values(code, functions)
        except (ArithmeticError, np.linalg.LinAlgError):
            # A fixed point was not reached, or a matrix is singular.
            continue
        if all(np.all(np.isfinite(value)) for value in values.values()):
            _checked(material, values, arrays, sizes)
            return GivenNumbers(code, values)
    raise InvalidDescription(f"{material.system.name}: no numbers were found for an assignment with which all values are finite")


def _drawn(material: Material, seed: int, spread: float) -> tuple[dict[str, NumericArray], list[str]]:
    """Inputs, targets and parameters, and the lines that make them."""
    system, module, rng = material.system, material.checked.module, np.random.default_rng(seed)
    data = module.sample(rng)
    params = module.init(rng)._asdict()
    given = {tensor.name: array for tensor, array in zip((*system.inputs, *system.targets), data, strict=True)}
    given |= {name: np.asarray(array + spread * rng.standard_normal(np.shape(array))) for name, array in params.items()}
    arrays: dict[str, NumericArray] = {}
    lines, random = [], np.random.RandomState(seed)
    for name, array in given.items():
        array = np.asarray(array)
        is_real = array.dtype.kind == "f" and system.tensors[name].values is Values.REAL
        if is_real and array.size > MOST_WRITTEN:
            scale = float(f"{np.std(array):.2g}")
            arrays[name] = np.round(scale * random.standard_normal(array.shape), 3)
            lines.append(f"{name} = np.round({scale!r} * random.standard_normal({array.shape!r}), 3)")
        else:
            arrays[name] = np.round(array, 2) if is_real else array
            lines.append(f"{name} = np.array({arrays[name].tolist()!r})")
    is_drawn = any("random." in line for line in lines)
    return arrays, [*([f"random = np.random.RandomState({seed})"] if is_drawn else []), *lines]


def _sizes(material: Material, arrays: dict[str, NumericArray]) -> dict[str, int]:
    system = material.system
    known = {name: axis.size or 1 for name, axis in system.axes.items()}
    for name, array in arrays.items():
        known |= {axis_name(letter): size for letter, size in zip(system.tensors[name].axes, array.shape, strict=True)}
    return followed(known, system.axes)


def _values(code: str, functions: Sequence[FunctionToWrite]) -> dict[str, NumericArray]:
    """What the functions compute, one after the other."""
    calls = [line for each in functions for line in (*solution(each), each.call())]
    with np.errstate(all="ignore"):
        module = load_source("\n".join([code, *calls]) + "\n", "assignment")
    names = dict.fromkeys(name for each in functions for name in (*each.arguments, *each.results))
    return {name: np.asarray(getattr(module, name)) for name in names}


def solution(function: FunctionToWrite, prefix: str = "") -> list[str]:
    """The whole function; `prefix` stands in front of its name."""
    return [function.head(prefix), *(f"    {line}" for line in (*function.lines, function.returned))]


def _checked(material: Material, values: dict[str, NumericArray], arrays: dict[str, NumericArray], sizes: dict[str, int]) -> None:
    """Every value by its equation by index, from those that it reads, but for very large ones; and all gradients by the module."""
    system, module = material.system, material.checked.module
    params = module.Parameters(**{name: array for name, array in arrays.items() if name in module.Parameters._fields})
    cost, gradients = module.cost_and_gradients(params, *(arrays[tensor.name] for tensor in (*system.inputs, *system.targets)))
    _agree(values, {system.cost.tensor.name: cost})
    _agree(values, {system.adjoint_name(name): gradient for name, gradient in gradients._asdict().items()})
    adjoints = (adjoint.equation for adjoint in material.derivation.adjoints.values())
    known = Numbers(system, {**arrays, **values}, sizes)
    for equation in (*system.equations, *adjoints):
        terms = prod(sizes[axis_name(letter)] for letter in letters(equation.expression) | set(equation.indices))
        if terms <= MOST_TERMS and all(name in known.arrays for name in equation.reads):
            _agree(values, {equation.tensor.name: solved([equation], known).arrays[equation.tensor.name]})


def _agree(values: Mapping[str, NumericArray], others: Mapping[str, NumericArray]) -> None:
    for name, other in others.items():
        largest = np.max(np.abs(other), initial=0.0)
        if name in values and np.max(np.abs(values[name] - np.real(other)), initial=0.0) > CLOSE * max(1.0, largest):
            raise CheckFailed(f"the assignment's {name} is not that of the equations")


def _helpers(wanted: Collection[str]) -> list[str]:
    """The module's own functions that are wanted."""
    imports = ["import contextvars"] if STOP in wanted else []
    return [*imports, *text_template("module_library.py.jinja").render(functions=wanted).rstrip().split("\n")]
