"""Further functions of a module, each a list of equations that the chain rule has found: products with Jacobians, gradients of examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from chainrule.symbolic.checking.verification import Verified, verify
from chainrule.symbolic.derivation.continued_system import free_mark, taken
from chainrule.symbolic.derivation.curvature import fisher_equations, gauss_newton, kronecker_factors
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.jacobian import derive_jacobian
from chainrule.symbolic.derivation.per_example import PerExample, derive_per_example
from chainrule.symbolic.derivation.vector_products import jacobian_vector, vector_jacobian
from chainrule.symbolic.index.tensors import Role, Tensor
from chainrule.symbolic.system.dependence import leading_to
from chainrule.symbolic.system.system import Equation, System

from .program import Assignment, Lowering, Program, is_computed, needed_for, split
from .scaled_adjoints import with_scaled_adjoints

#: What stands before a parameter in the name of the Jacobian by it.
JACOBIAN_MARK = "J"
#: Of a network with more tensors that depend on parameters, products with the Jacobian of its output alone are written out.
MOST_TENSORS = 12


@dataclass(frozen=True)
class DerivedFunction:
    """A function: its `equations`, what it takes beside the parameters and inputs, and what it returns.

    `given` are the tensors that it reads of its last argument, which is called `argument`: that one itself, or a parameter's part by the
    parameter's name. `results` are the names of the tensors that it returns, by field, none where nothing leads there; without fields it
    returns one array. `derivations` are those that its equations come from.
    """

    name: str
    kind: str
    system: System
    equations: tuple[Equation, ...]
    results: dict[str, str | None]
    derivations: tuple[Derivation, ...]
    argument: str = ""
    given: tuple[tuple[str, Tensor], ...] = ()
    takes_targets: bool = True
    #: Of what tensor it is, where there are several such functions.
    of: str = ""

    @cached_property
    def whole(self) -> System:
        """The system with the tensors of the network, what is given, and what the equations define."""
        own = {equation.tensor.name: equation.tensor for equation in self.equations}
        return replace(self.system, tensors={**self.system.tensors, **{tensor.name: tensor for _, tensor in self.given}, **own})


@dataclass(frozen=True)
class DerivedFunctions:
    """All that are wanted; `per_example` is the derivation of single examples, where one of them needs it."""

    functions: tuple[DerivedFunction, ...]
    per_example: PerExample | None

    def of_kind(self, kind: str) -> tuple[DerivedFunction, ...]:
        return tuple(function for function in self.functions if function.kind == kind)

    @cached_property
    def verified(self) -> Verified:
        """Every step evaluated; raises `CheckFailed` at the first equation that does not hold."""
        found = Verified(0, 0.0)
        for derivation in {id(each): each for function in self.functions for each in function.derivations}.values():
            found = found.together(verify(derivation, ()))
        return found


def products_of(first: Derivation) -> list[str]:
    """The tensors whose Jacobians a module multiplies with: all of the forward pass that depend on parameters, or the output alone."""
    system = first.system
    reached = system.depending_on(tensor.name for tensor in system.parameters)
    forward = [equation.tensor.name for equation in split(system)[0] if equation.tensor.name in reached]
    return forward if len(forward) <= MOST_TENSORS else [output_of(first)]


def vector_jacobian_functions(first: Derivation) -> Iterable[DerivedFunction]:
    """u ∂v/∂W for every tensor v."""
    for of in products_of(first):
        found = vector_jacobian(first, of)
        scaled = with_scaled_adjoints(found.derivation)
        equations = _computed(scaled)
        yield DerivedFunction(
            f"_vjp_{of}",
            "vjp",
            replace(first.system, tensors={**first.system.tensors, **scaled.system.tensors}),
            equations,
            _by_parameter(first.system, equations, scaled.system.adjoint_name),
            (found.derivation,),
            "cotangent",
            (("", found.cotangent),),
            takes_targets=False,
            of=of,
        )


def jacobian_vector_functions(first: Derivation) -> Iterable[DerivedFunction]:
    """∂v/∂W vW for every tensor v."""
    for of in products_of(first):
        found = jacobian_vector(first, of)
        result = found.result if found.equations else None
        given = tuple(found.directions.items())
        system = replace(first.system, tensors={**first.system.tensors, **found.derivation.system.tensors})
        yield DerivedFunction(
            f"_jvp_{of}",
            "jvp",
            system,
            found.equations,
            {"": result},
            (found.derivation,),
            "direction",
            given,
            takes_targets=False,
            of=of,
        )


def jacobian_functions(first: Derivation) -> Iterable[DerivedFunction]:
    """∂v/∂W of the network's output v, or the last tensor of its forward pass, for every parameter W."""
    of = output_of(first)
    mark = free_mark(JACOBIAN_MARK, [tensor.name for tensor in first.system.parameters], taken(first.system))
    for parameter in first.system.parameters:
        found = derive_jacobian(first, of, parameter.name)
        system = replace(first.system, tensors={**found.system.tensors, **first.system.tensors})
        equations = tuple(each.equation for each in found.derivation.needed_for([parameter]) if is_computed(each))
        result = None
        if found.adjoint is not None:
            # The axes of the output first.
            whole = Tensor(mark + parameter.name, found.axes, Role.ADJOINT)
            result, equations = whole.name, (*equations, Equation(whole, found.adjoint.as_tensor.own_entry))
        yield DerivedFunction(
            f"_jacobian_{parameter.name}",
            "jacobian",
            system,
            equations,
            {"": result},
            (found.derivation,) if result else (),
            takes_targets=False,
            of=parameter.name,
        )


def output_of(first: Derivation) -> str:
    """The tensor that a network predicts, or the last of its forward pass that depends on parameters."""
    if first.system.outputs:
        return first.system.outputs[0]
    reached = first.system.depending_on(tensor.name for tensor in first.system.parameters)
    return [equation.tensor.name for equation in split(first.system)[0] if equation.tensor.name in reached][-1]


def per_example_function(first: Derivation, found: PerExample) -> DerivedFunction:
    """∂c[n]/∂W of every example n."""
    scaled = with_scaled_adjoints(found.derivation)
    equations = tuple(Equation(each.tensor, found.with_one(each.expression)) for each in _computed(scaled))
    own = {name: tensor for name, tensor in scaled.system.tensors.items() if name not in found.own}
    system = replace(first.system, tensors={**own, **first.system.tensors})
    results = _by_parameter(first.system, equations, scaled.system.adjoint_name)
    return DerivedFunction("per_example_gradients", "per_example_gradients", system, equations, results, (found.derivation,))


def fisher_function(first: Derivation, found: PerExample) -> DerivedFunction:
    """The mean of the squares of single examples' gradients."""
    base = per_example_function(first, found)
    diagonals = fisher_equations(found, base.equations, first.system)
    wanted = {equation.tensor.name: equation for equation in (*base.equations, *diagonals.values())}
    needed = leading_to([each.tensor.name for each in diagonals.values()], wanted)
    equations = tuple(equation for name, equation in wanted.items() if name in needed)
    results = {tensor.name: diagonals[tensor.name].tensor.name if tensor.name in diagonals else None for tensor in first.system.parameters}
    return replace(base, name="fisher_diagonal", kind="fisher", equations=equations, results=results)


def kfac_function(first: Derivation, found: PerExample) -> DerivedFunction:
    """The two factors of every weight."""
    factors = kronecker_factors(found, first.system)
    base = per_example_function(first, found)
    gradients = [adjoint.equation for adjoint in found.derivation.adjoints.values() if not adjoint.expression.is_number]
    every = {each.tensor.name: Equation(each.tensor, found.with_one(each.expression)) for each in gradients}
    last = [equation for each in factors for equation in (each.read, each.adjoint)]
    every |= {equation.tensor.name: equation for equation in last}
    needed = leading_to([equation.tensor.name for equation in last], every)
    equations = tuple(equation for name, equation in every.items() if name in needed)
    results: dict[str, str | None] = {equation.tensor.name: equation.tensor.name for equation in last}
    return replace(base, name="kronecker_factors", kind="kfac", equations=equations, results=results)


def gauss_newton_function(first: Derivation) -> DerivedFunction:
    """Jᵀ H J v."""
    found = gauss_newton(first)
    computed = {equation.tensor.name for equation in found.equations}
    results = {
        tensor.name: found.mark + tensor.name if found.mark + tensor.name in computed else None for tensor in first.system.parameters
    }
    return DerivedFunction(
        "gauss_newton_vector_product",
        "gnvp",
        found.system,
        found.equations,
        results,
        found.derivations,
        "direction",
        tuple(found.directions.items()),
        of=found.of.name,
    )


def _computed(derivation: Derivation) -> tuple[Equation, ...]:
    return tuple(adjoint.equation for adjoint in derivation.needed if is_computed(adjoint))


def _by_parameter(system: System, equations: Sequence[Equation], called: Callable[[str], str]) -> dict[str, str | None]:
    computed = {equation.tensor.name for equation in equations}
    return {tensor.name: called(tensor.name) if called(tensor.name) in computed else None for tensor in system.parameters}


def derived_functions(first: Derivation, wanted: Sequence[str]) -> DerivedFunctions | None:
    """Those that are wanted; None where none is.

    Raises:
        InvalidDescription: where gradients of single examples are wanted and examples mix.
    """
    found: list[DerivedFunction] = []
    if "vjp" in wanted:
        found += vector_jacobian_functions(first)
    if "jvp" in wanted:
        found += jacobian_vector_functions(first)
    if "jacobian" in wanted:
        found += jacobian_functions(first)
    per_example = derive_per_example(first) if {"per_example_gradients", "fisher", "kfac"} & set(wanted) else None
    for kind, function in {"per_example_gradients": per_example_function, "fisher": fisher_function, "kfac": kfac_function}.items():
        if per_example is not None and kind in wanted:
            found.append(function(first, per_example))
    if "gnvp" in wanted:
        found.append(gauss_newton_function(first))
    return DerivedFunctions(tuple(found), per_example) if found else None


@dataclass(frozen=True)
class LoweredFunction:
    """A function as assignments, with what it needs of the cost's first."""

    function: DerivedFunction
    system: System
    of_cost: tuple[Assignment, ...]
    assignments: tuple[Assignment, ...]


def lower_function(function: DerivedFunction, program: Program) -> LoweredFunction:
    """Its equations as arrays; `program` is that of the gradient.

    Raises:
        NotExpressible: where an equation has no array form.
    """
    known = function.whole
    assignments = Lowering(known).assignments(function.equations)
    return LoweredFunction(function, known, needed_for(assignments, program.cost), assignments)
