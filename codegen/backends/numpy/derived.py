"""The further functions of a module as its template prints them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.codegen.formulas.plain_printer import shape_text
from chainrule.codegen.program.derived_functions import DerivedFunction, DerivedFunctions, LoweredFunction, lower_function
from chainrule.codegen.program.program import Program
from chainrule.symbolic.derivation.curvature import kronecker_factors
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.system.system import System

from .arguments import later_lines, quoted, used_by
from .line_breaking import broken
from .lines import INDENT, Body, CodeLine, lines_of, wrapped_call
from .statements import statements

#: What a function says of itself.
MEANINGS = {
    "vjp": "The cotangent times the Jacobian of {of} by every parameter.",
    "jvp": "How fast {of} changes along a direction of the parameters: its Jacobian times the direction.",
    "jacobian": "The Jacobian of {output} by {of}: the axes of {output}, then those of {of}.",
    "gnvp": "The Gauss-Newton matrix times a direction: JᵀHJ, J the Jacobian of {of}, H the Hessian of the cost by it.",
    "fisher": "The diagonal of the empirical Fisher matrix: the mean of the squared gradients of single examples.",
    "kfac": "Of every weight the means A of what its layer reads, times itself, and G of its adjoints, times themselves.",
    "per_example_gradients": "The gradient of each example's own cost, whose {reduction} is that of all; examples are the first axis.",
}


@dataclass(frozen=True, slots=True)
class FunctionText:
    """A function: its head, what it says of itself, and its lines."""

    name: str
    arguments: str
    returns: str
    documentation: str
    body: Body
    uses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """A function that chooses one of several by the name of a tensor."""

    name: str
    arguments: str
    passed: str
    returns: str
    documentation: str
    functions: tuple[tuple[str, str], ...]
    word: str


@dataclass(frozen=True, slots=True)
class FactoredLayer:
    """A weight with the fields of its factors, and its axes in their order: those of `adjoint`, so many, then those of `read`."""

    weight: str
    read: str
    adjoint: str
    axes: tuple[int, ...]
    row_axes: int
    is_of_one_place: bool


@dataclass(frozen=True, slots=True)
class DerivedText:
    """All of them; `places` are those of the examples' axis in the data, and `tensors` the names that a choice is made by.

    Where a check knows the gradient of each example's `own_gradients`, a penalty's apart, what is made of them is compared with them.
    """

    functions: tuple[FunctionText, ...]
    choices: tuple[Choice, ...]
    kinds: frozenset[str]
    tensors: str
    input_count: int
    places: str
    is_mean: bool
    factors: tuple[tuple[str, str], ...]
    layers: tuple[FactoredLayer, ...]
    own_gradients: bool
    output: str

    @property
    def one_by_one(self) -> bool:
        """Whether the check looks at batches of one example."""
        return bool(self.layers) or not self.kinds.isdisjoint({"per_example_gradients", "fisher"})

    @property
    def uses(self) -> frozenset[str]:
        return frozenset().union(*(function.uses for function in self.functions))


CHOICES = {
    "vjp": "A cotangent times the Jacobian of the tensor called `name` by every parameter.",
    "jacobian": "The Jacobian of the output by the parameter called `wrt`: the output's axes, then the parameter's.",
    "jvp": "How fast the tensor called `name` changes along a direction: its Jacobian times the direction.",
}


#: Those of a tensor, times a vector.
PRODUCTS = ("vjp", "jvp")


def derived_text(derived: DerivedFunctions, program: Program, output: str) -> DerivedText:
    """The functions of one module."""
    lowered = [lower_function(function, program) for function in derived.functions]
    reduction = "mean" if derived.per_example and derived.per_example.is_mean else "sum"
    functions = tuple(_function(each, program, reduction, output) for each in lowered)
    choices = []
    for kind, documentation in CHOICES.items():
        own = derived.of_kind(kind)
        if own:
            inputs = "".join(f", {tensor.name}" for tensor in program.system.inputs)
            word = "wrt" if kind == "jacobian" else "name"
            argument = f", {own[0].argument}" if own[0].argument else ""
            head = f"params: Parameters{inputs}, {word}: str{argument}{_type(own[0])}"
            named = tuple((quoted(program.system.described_name(function.of)), function.name) for function in own)
            choices.append(Choice(kind, head, f"params{inputs}{argument}", _returns(own[0]), documentation, named, word))
    tensors = dict.fromkeys(program.system.described_name(function.of) for function in derived.functions if function.kind in PRODUCTS)
    return DerivedText(
        functions,
        tuple(choices),
        frozenset(function.kind for function in derived.functions),
        f"[{', '.join(map(quoted, tensors))}]",
        len(program.system.inputs),
        _places(program.system),
        reduction == "mean",
        tuple(_factors(derived)),
        tuple(_factored_layers(program.system, derived)),
        _knows_own_gradients(derived),
        program.system.described_name(output),
    )


def checked_functions(system: System, derived: DerivedFunctions | None) -> list[str]:
    """What the self-check of a module returns of them, by name."""
    if derived is None:
        return []
    found = [f"{function.kind} {function.of}" for function in derived.functions if function.kind in PRODUCTS]
    found += [f"{function.kind} {function.of}" for function in derived.of_kind("jacobian")]
    if derived.of_kind("per_example_gradients"):
        found += [f"per_example_gradients {tensor.name}" for tensor in system.parameters]
    if derived.of_kind("fisher") and _knows_own_gradients(derived):
        found += [f"fisher_diagonal {tensor.name}" for tensor in system.parameters]
    return found + [f"kronecker_factors {layer.weight}" for layer in _factored_layers(system, derived)]


def _knows_own_gradients(derived: DerivedFunctions) -> bool:
    """Of a batch of one example the gradient is its own, and a penalty's."""
    return derived.per_example is not None and (not derived.per_example.has_penalty or bool(derived.of_kind("per_example_gradients")))


def _factored_layers(system: System, derived: DerivedFunctions) -> Iterator[FactoredLayer]:
    if derived.per_example is None or not derived.of_kind("kfac"):
        return
    for each in kronecker_factors(derived.per_example, system):
        axes = each.weight.axes
        order = (*each.rows, *(letter for letter in axes if letter not in each.rows))
        weight, read, adjoint = (system.described_name(tensor.name) for tensor in (each.weight, each.read.tensor, each.adjoint.tensor))
        yield FactoredLayer(weight, read, adjoint, tuple(map(axes.index, order)), len(each.rows), each.is_of_one_place)


def _factors(derived: DerivedFunctions) -> Iterator[tuple[str, str]]:
    """The names of Kronecker factors, with their shapes."""
    for function in derived.of_kind("kfac"):
        for name in function.results:
            yield function.system.described_name(name), shape_text(function.whole, function.whole.tensors[name])


def _places(system: System) -> str:
    """Of the axis of the examples in the inputs and targets."""
    axes = [[axis_name(letter) for letter in tensor.axes] for tensor in (*system.inputs, *system.targets)]
    return f"[{', '.join(str(own.index(system.batch)) if system.batch in own else 'None' for own in axes)}]"


def _type(function: DerivedFunction) -> str:
    return ": Parameters" if function.argument == "direction" else ""


def _returns(function: DerivedFunction) -> str:
    return "KroneckerFactors" if function.kind == "kfac" else "np.ndarray" if "" in function.results else "Parameters"


def _function(lowered: LoweredFunction, program: Program, reduction: str, output: str) -> FunctionText:
    function, system = lowered.function, program.system
    arguments = [tensor.name for tensor in (*system.inputs, *(system.targets if function.takes_targets else ()))]
    head = ", ".join(["params: Parameters", *arguments, *([f"{function.argument}{_type(function)}"] if function.argument else [])])
    of_cost, own = statements(lowered.of_cost, system), statements(lowered.assignments, lowered.system)
    unpacking = later_lines((*of_cost, *own), program)
    if "cache" in unpacking.holders or function.kind in CHOICES:
        unpacking.lines.insert(0, f"cache = forward(params{''.join(f', {tensor.name}' for tensor in system.inputs)})")
    read = {name for assignment in lowered.assignments for name in assignment.reads}
    for parameter, tensor in function.given:
        if tensor.name in read:
            unpacking.lines.append(_given(function, system.described_name(parameter or function.of), parameter != "", tensor.name))
    zeros = [
        CodeLine(f"nothing changes with {described}", f"{_zero(name)} = np.zeros_like(params.{described})")
        for name, described, result in ((name, system.described_name(name), result) for name, result in function.results.items())
        if result is None and name
    ]
    lines = (*lines_of(of_cost, system), *lines_of(own, lowered.system), *zeros)
    of, output = system.described_name(function.of), system.described_name(output)
    body = Body(tuple(broken(line, INDENT) for line in unpacking.lines), lines, _result(function, of, output))
    documentation = MEANINGS[function.kind].format(of=of, reduction=reduction, output=output)
    return FunctionText(function.name, head, _returns(function), documentation, body, used_by((*of_cost, *own)))


def _given(function: DerivedFunction, described: str, is_parameter: bool, name: str) -> str:
    if is_parameter:
        return f'{name} = _expect("{function.argument}.{described}", {function.argument}.{described}, *params.{described}.shape)'
    return f'{name} = _expect("{function.argument}", {function.argument}, *np.shape(cache.{described}))'


def _zero(name: str) -> str:
    return f"d{name}"


def _result(function: DerivedFunction, of: str, output: str) -> tuple[str, ...]:
    if "" in function.results:
        result = function.results[""]
        if result is None and function.kind == "jacobian":
            return (f"return np.zeros(np.shape(cache.{output}) + np.shape(params.{of}))",)
        return (f"return {result}" if result else f"return np.zeros_like(cache.{of})",)
    return wrapped_call(f"return {_returns(function)}", [result or _zero(name) for name, result in function.results.items()])
