"""The Hessian by one parameter, as equations: the second adjoints for every unit direction at once.

They are linear in the direction v. With vW[k] = δ(k, c), and 0 for all other parameters, the second adjoints of a system get the letters c
as further axes, and hW[k,c] = ∂²C/∂W[k]∂W[c]. The deltas are used up by the sums, so that no column is computed by itself:

    hs[n] = D[n] Σ_k X[n,k] vw[k]    →    hs[n,c] = D[n] X[n,c],    hw[k,c] = Σ_n X[n,k] hs[n,c]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, S, Symbol

from chainrule.symbolic.index.axes import fresh
from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of
from chainrule.symbolic.index.implicit import body, implicit
from chainrule.symbolic.index.index_letters import free_letters, letters, nodes, substitute, tidy
from chainrule.symbolic.index.tensors import Role, Tensor, entry, entry_indices, entry_name
from chainrule.symbolic.rewriting.algebra import operations
from chainrule.symbolic.rewriting.deltas import eliminate_deltas, linear_terms
from chainrule.symbolic.rewriting.rewrites import rewrite_until_stable
from chainrule.symbolic.rewriting.rule import Facts
from chainrule.symbolic.system.dependence import leading_to
from chainrule.symbolic.system.recurrence import grouped
from chainrule.symbolic.system.system import Equation, System

from .second_derivatives import SecondDerivation

#: Larger formulas keep a name of their own, as they would make those that read them larger still; and the largest stay as they are, since
#: rewriting them takes long.
MOST_PASSED_ON = 60
MOST_REWRITTEN = 400


@dataclass(frozen=True)
class HessianBlock:
    """∂²C/∂W∂W of one parameter W.

    `equations` end in the block, a tensor with the axes of W twice; they are none where W appears in no second derivative, which is
    zero then. `twins` are the letters of the second W.
    """

    parameter: Tensor
    twins: tuple[Symbol, ...]
    equations: tuple[Equation, ...]

    @property
    def is_zero(self) -> bool:
        return not self.equations


def hessian_block(second: SecondDerivation, name: str) -> HessianBlock:
    """The block of the Hessian that belongs to the parameter `name`.

    Raises:
        InvalidDescription: where no parameter is called so.
    """
    parameters = {tensor.name: tensor for tensor in second.first.system.parameters}
    if name not in parameters:
        raise InvalidDescription(f"no Hessian by {name!r}; {expected_one_of(name, parameters)}")
    return _Unit(second, parameters[name]).block()


class _Unit:
    """The second adjoints along the unit directions of one parameter; `known` is what each has become, at its own letters."""

    def __init__(self, second: SecondDerivation, parameter: Tensor) -> None:
        self.second, self.parameter = second, parameter
        self.system: System = second.system
        self.twins = _twins(parameter, [parameter, *(adjoint.tensor for adjoint in second.needed)])
        deltas = Mul(*(KroneckerDelta(letter, twin) for letter, twin in zip(parameter.axes, self.twins, strict=True)))
        self.known: dict[str, tuple[tuple[Symbol, ...], Expr]] = {
            direction.name: (direction.axes, deltas if name == parameter.name else S.Zero) for name, direction in second.direction.items()
        }
        #: Read at u − p, a tensor is 0 out of range, which its formula need not be.
        self.read_by_shifts = {
            node.base.name
            for adjoint in second.needed
            for node in nodes(adjoint.expression)
            if isinstance(node, Indexed) and any(isinstance(index, Add) for index in node.indices)
        }

    def block(self) -> HessianBlock:
        result = self.system.adjoint_name(self.parameter.name)
        kept: dict[str, Equation] = {}
        for group in grouped([adjoint.equation for adjoint in self.second.needed]):
            if not group.is_of_steps:
                (equation,) = group.equations
                value = self.with_units(equation)
                name = equation.tensor.name
                if value == 0 or (name != result and self.needs_no_name(name, value)):
                    self.known[name] = equation.indices, value
                else:
                    kept[name] = self.named(equation, value)
            else:
                # The members read each other, or one itself: all of them keep their names.
                for equation in group.equations:
                    self.name(equation)
                kept |= {equation.tensor.name: self.named(equation, self.with_units(equation)) for equation in group.equations}
        if result not in kept:
            return HessianBlock(self.parameter, self.twins, ())
        wanted = leading_to([result], kept)
        return HessianBlock(self.parameter, self.twins, tuple(equation for name, equation in kept.items() if name in wanted))

    def named(self, equation: Equation, value: Expr) -> Equation:
        self.name(equation)
        return Equation(Tensor(equation.tensor.name, (*equation.indices, *self.twins), Role.ADJOINT), value)

    def name(self, equation: Equation) -> None:
        self.known[equation.tensor.name] = equation.indices, entry(equation.tensor.name, (*equation.indices, *self.twins))

    def needs_no_name(self, name: str, value: Expr) -> bool:
        """A unit direction passed on: an entry of another tensor, or what is 0 except where a letter is its twin."""
        if name in self.read_by_shifts:
            return False
        if isinstance(value, Indexed):
            return True
        if operations(value) > MOST_PASSED_ON:
            return False
        return all(any(_fixes(factor, self.twins) for factor in term.factors) for term in linear_terms(value))

    def with_units(self, equation: Equation) -> Expr:
        """The right side with unit directions, its deltas used up."""
        if isinstance(equation.expression, implicit):
            return implicit(self.known[equation.tensor.name][1], self.with_units(Equation(equation.tensor, body(equation.expression))))
        outside = frozenset((*equation.indices, *self.twins))
        expression = tidy(equation.expression, outside)
        around = frozenset(letters(expression)) | outside
        replaced = {}
        for node in nodes(expression):
            if isinstance(node, Indexed | Symbol) and (name := entry_name(node)) in self.known:
                own, value = self.known[name]
                places = dict(zip(own, entry_indices(node), strict=True))
                replaced[node] = tidy(substitute(value, places), around)
        expression = eliminate_deltas(tidy(expression.xreplace(replaced), outside), self.system.stored, outside)
        if operations(expression) > MOST_REWRITTEN:
            return expression
        trail = rewrite_until_stable(expression, Facts(self.system, outside))
        return trail[-1][2] if trail else expression


def _twins(parameter: Tensor, extended: Sequence[Tensor]) -> tuple[Symbol, ...]:
    """Another letter of the same axis for each letter of a parameter, which none of the tensors uses that they become axes of."""
    taken = {letter for tensor in extended for letter in tensor.axes}
    twins: list[Symbol] = []
    for letter in parameter.axes:
        twins.append(fresh(letter, {*taken, *twins}))
    return tuple(twins)


def _fixes(factor: Expr, twins: Sequence[Symbol]) -> bool:
    return isinstance(factor, KroneckerDelta) and any(twin in free_letters(factor) for twin in twins)
