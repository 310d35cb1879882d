"""Curvature from gradients: Gauss–Newton products, the diagonal of the empirical Fisher matrix, and the Kronecker factors of K-FAC.

    G v = Jᵀ H J v, with J = ∂v/∂W of the tensor v that the cost reads, and H the Hessian of the cost by v
    F[i] = 1/N Σ_n (∂c[n]/∂W[i])²
    A = 1/N Σ_n Σ_s a aᵀ,  G = 1/(N S) Σ_n Σ_s g gᵀ,  where ∂c[n]/∂W[j,i] = Σ_s g[n,j,s] a[n,i,s]

Martens, 2010; Martens and Grosse, 2015; Grosse and Martens, 2016, for weights that are used at S places of an example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Sum, Symbol, log

from chainrule.symbolic.index.axes import fresh, letter_size
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.free_name import free_name
from chainrule.symbolic.index.index_letters import bound_sum, free_letters, letters, substitute
from chainrule.symbolic.index.tensors import SECOND_MARK, Role, Tensor, entry
from chainrule.symbolic.system.dependence import leading_to
from chainrule.symbolic.system.given_tensors import differentiated_by_one
from chainrule.symbolic.system.system import Equation, System

from .chain_rule import derive
from .continued_system import continued, free_mark, taken
from .derivation import Derivation
from .per_example import PerExample
from .second_derivatives import slope_along
from .vector_products import jacobian_vector, renamed_equations, vector_jacobian

#: What the names start with: of the Gauss–Newton product by each parameter, of the Fisher diagonal, and of the two factors of a weight.
PRODUCT_MARK, FISHER_MARK = "g", "f"
READ_MARK, ADJOINT_FACTOR_MARK = "A", "G"


@dataclass(frozen=True)
class GaussNewton:
    """G v by the directions of all parameters; `equations` end in the products, called by the `mark`. `of` is the tensor of J and H."""

    of: Tensor
    directions: dict[str, Tensor]
    equations: tuple[Equation, ...]
    mark: str
    derivations: tuple[Derivation, ...]
    system: System


def gauss_newton(first: Derivation) -> GaussNewton:
    """Of the cost without its penalties.

    Raises:
        InvalidDescription: where no single tensor is all that the cost reads of the parameters.
    """
    of = _last_tensor(first)
    along = jacobian_vector(first, of.name)
    change = Tensor(along.result, of.axes, Role.DIRECTION)
    by_output = derive(differentiated_by_one(first.system, of.name))
    cost = Tensor(free_name("psi", taken(first.system)), (), Role.COST)
    whole = continued(by_output, Equation(cost, slope_along(by_output, {of.name: change})), [change], SECOND_MARK)
    curved = derive(differentiated_by_one(whole, of.name))
    back = vector_jacobian(first, of.name, free_mark(PRODUCT_MARK, first.system.tensors, taken(first.system)))
    curvature = [adjoint.equation for adjoint in curved.needed_for([of])]
    mark = back.derivation.system.adjoint_mark
    derivations = (along.derivation, by_output, curved, back.derivation)
    tensors = {**first.system.tensors, **back.derivation.system.tensors, **curved.system.tensors, **along.derivation.system.tensors}
    system = replace(first.system, tensors={**tensors, **first.system.tensors})
    if not curvature or not along.equations:
        return GaussNewton(of, along.directions, (), mark, derivations, system)
    gradient = [adjoint.equation for adjoint in by_output.needed if not adjoint.expression.is_number]
    pulled = renamed_equations(
        [adjoint.equation for adjoint in back.derivation.needed if not adjoint.expression.is_number],
        {back.cotangent.name: curved.system.adjoint_name(of.name)},
    )
    every = {equation.tensor.name: equation for equation in (*gradient, *along.equations, *curvature, *pulled)}
    wanted = leading_to([mark + tensor.name for tensor in first.system.parameters], every)
    return GaussNewton(of, along.directions, tuple(each for name, each in every.items() if name in wanted), mark, derivations, system)


def _last_tensor(first: Derivation) -> Tensor:
    """The last tensor without targets through which parameters reach the cost; of a logarithm's softmax or sigmoid, what that is of.

    With it the cost is convex where it is so in the usual cases, so that the product never points the other way than its direction.
    """
    system = first.system
    with_targets = system.depending_on(tensor.name for tensor in system.targets)
    data = system.depending_on(tensor.name for tensor in (*system.inputs, *system.targets))
    reached = system.depending_on(tensor.name for tensor in system.parameters) & data - {system.cost.tensor.name}
    candidates = [equation for equation in system.equations if equation.tensor.name in reached - with_targets and equation.indices]
    for equation in reversed(candidates):
        if _is_passed_by_all(equation.tensor.name, system, reached):
            found = equation
            readers = system.readers.get(found.tensor.name, ())
            before = [name for name in found.reads if name in reached]
            if any(reader.expression.has(log) for reader in readers) and len(before) == 1 and found.reads == (before[0],):
                return system.tensors[before[0]]
            return found.tensor
    raise InvalidDescription("no Gauss–Newton product: no single tensor is all that the cost reads of the parameters and the data")


def _is_passed_by_all(name: str, system: System, reached: set[str]) -> bool:
    """Whether the cost depends on parameters and data through this tensor alone."""
    defined = {equation.tensor.name: equation for equation in system.equations if equation.tensor.name != name}
    beside = leading_to([system.cost.tensor.name], defined) - {name}
    return beside.isdisjoint(reached)


def fisher_equations(found: PerExample, computed: Sequence[Equation], system: System) -> dict[str, Equation]:
    """The diagonal of every parameter, by its name, from the equations of single examples' gradients."""
    mark = free_mark(FISHER_MARK, [tensor.name for tensor in system.parameters], taken(system))
    defined = {equation.tensor.name: equation for equation in computed}
    diagonals = {}
    for tensor in system.parameters:
        gradient = defined.get(found.derivation.system.adjoint_name(tensor.name))
        if gradient is not None:
            # Where it is a product, so is its square, and the sum over the examples is one of products.
            plain = not gradient.expression.has(Sum) and not isinstance(gradient.expression, Add)
            value = gradient.expression if plain else gradient.tensor.own_entry
            n = gradient.indices[0]
            mean = bound_sum(value**2, n) / letter_size(n)
            diagonals[tensor.name] = Equation(Tensor(mark + tensor.name, tensor.axes, Role.ADJOINT), mean)
    return diagonals


@dataclass(frozen=True)
class KroneckerFactors:
    """A = E[a aᵀ] and G = E[g gᵀ] of one weight: of what is read beside it, and of the adjoint of what is computed with it.

    `rows` are the weight's axes that G has, and A has the others. Used at one place of an example (`is_of_one_place`), its gradient there
    is g aᵀ.
    """

    weight: Tensor
    rows: tuple[Symbol, ...]
    read: Equation
    adjoint: Equation
    is_of_one_place: bool


def kronecker_factors(found: PerExample, system: System) -> list[KroneckerFactors]:
    """Of every weight that one tensor reads, and there in products with another.

    Raises:
        InvalidDescription: where there is no such weight.
    """
    factors = [each for tensor in system.parameters if len(tensor.axes) > 1 and (each := _of_weight(tensor, found, system)) is not None]
    if not factors:
        raise InvalidDescription("no Kronecker factors: no weight stands in products with what one layer reads")
    return factors


def _of_weight(weight: Tensor, found: PerExample, system: System) -> KroneckerFactors | None:
    adjoint = found.derivation.adjoints.get(weight.name)
    if adjoint is None or len(adjoint.paths) != 1:
        return None
    (path,) = adjoint.paths
    computed = path.through
    if not isinstance(computed, Indexed) or computed.base.name not in found.derivation.adjoints:
        return None
    parts = Mul.make_args(path.local_derivative)
    deltas = [part for part in parts if isinstance(part, KroneckerDelta)]
    read = Mul(*(part for part in parts if part not in deltas))
    tied = {here: there for delta in deltas for here, there in (delta.args, delta.args[::-1]) if here in computed.indices}
    if not set(tied.values()) <= set(adjoint.tensor.axes) or found.letter not in tied.values():
        return None
    own = [letter for letter in weight.axes if letter in tied.values()]
    others = [letter for letter in weight.axes if letter not in own]
    places = [letter for letter in computed.indices if letter not in tied]
    read = substitute(read, {letter: value for letter, value in tied.items() if letter in free_letters(read)})
    if not own or not others or not free_letters(read) <= {found.letter, *others, *places} or read.has(KroneckerDelta):
        return None
    name = found.derivation.system.adjoint_name(computed.base.name)
    gradient = entry(name, tuple(tied.get(letter, letter) for letter in computed.indices))
    names = [tensor.name for tensor in system.parameters]
    reads, adjoints = (free_mark(mark, names, taken(system)) for mark in (READ_MARK, ADJOINT_FACTOR_MARK))
    count = Mul(*(letter_size(letter) for letter in places))
    return KroneckerFactors(
        weight,
        tuple(own),
        _mean_of_products(reads + weight.name, found.with_one(read), others, found.letter, places),
        _mean_of_products(adjoints + weight.name, gradient, own, found.letter, places, count),
        not places,
    )


def _mean_of_products(name: str, value: Expr, own: list[Symbol], n: Symbol, places: list[Symbol], count: Expr | int = 1) -> Equation:
    """Σ_n Σ_s value[own] value[own′] / (N count)."""
    used = {*letters(value), *own, n, *places}
    twins: list[Symbol] = []
    for letter in own:
        twins.append(fresh(letter, {*used, *twins}))
    product = value * substitute(value, dict(zip(own, twins, strict=True)))
    mean = bound_sum(product, n, *places) / (letter_size(n) * count)
    return Equation(Tensor(name, (*own, *twins), Role.ADJOINT), mean)
