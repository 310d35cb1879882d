"""The gradient of each example's own cost: every example gets parameters of its own, W[n,…], and the chain rule does the rest.

    z[n,j] = Σ_i W[n,j,i] x[n,i],   c = Σ_n c[n]        ∂c/∂W[n,j,i] = dz[n,j] x[n,i]

That is the gradient without its sum over the examples, where no example's cost depends on another example, as behind a batch normalisation.
A mean over the examples is left out too, so that c[n] is what one example costs; a penalty, which is of no example, is no part of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Add, Expr, Indexed, Mul, S, Sum, Symbol

from chainrule.symbolic.index.axes import axis_name, index, size_symbol
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.index_letters import bound_sum, names_read, nodes
from chainrule.symbolic.index.tensors import Tensor, entry
from chainrule.symbolic.system.cost_of_parts import ExamplesJoined, cost_of_parts
from chainrule.symbolic.system.system import Equation, System

from .chain_rule import derive
from .derivation import Derivation


@dataclass(frozen=True)
class PerExample:
    """The derivation with parameters for every example, whose names are `own`; `letter` is the examples' index, the first of theirs.

    Where the cost `is_mean` of the examples' costs, so is its gradient of these gradients, else their sum; that of a penalty comes to it,
    where the cost `has_penalty`.
    """

    derivation: Derivation
    own: frozenset[str]
    letter: Symbol
    is_mean: bool
    has_penalty: bool

    def with_one(self, expression: Expr) -> Expr:
        """An expression of the derivation by the parameters that all examples share."""
        replaced = {}
        for node in nodes(expression):
            if isinstance(node, Indexed) and node.base.name in self.own:
                replaced[node] = entry(node.base.name, tuple(node.indices[1:]))
        return expression.xreplace(replaced)


def derive_per_example(first: Derivation) -> PerExample:
    """The gradients of single examples.

    Raises:
        InvalidDescription: where there is no axis of examples, or one example's cost depends on another, with the equation.
    """
    system = first.system
    try:
        parts = cost_of_parts(system)
    except ExamplesJoined as problem:
        raise InvalidDescription(f"no gradients of single examples: they mix in {problem.said}") from None
    except InvalidDescription as problem:
        raise InvalidDescription(f"no gradients of single examples: {problem}") from None
    size = size_symbol(system.batch or "")
    if parts.divisor not in (1, size):
        raise InvalidDescription("no gradients of single examples: the cost is neither a mean over the examples nor a sum over them alone")
    separation = _Separation(system, system.batch or "", is_mean=parts.divisor == size)
    derivation = derive(separation.separated())
    return PerExample(derivation, frozenset(separation.own), separation.letter, separation.is_mean, parts.has_shared_terms)


class _Separation:
    """A system in which every example has parameters of its own."""

    def __init__(self, system: System, batch: str, is_mean: bool) -> None:
        self.system, self.batch, self.letter, self.is_mean = system, batch, index(batch), is_mean
        #: What depends on an example, and what is computed of parameters alone: that has a copy for each example too.
        self.with_examples = system.depending_on(
            tensor.name for tensor in system.tensors.values() if tensor.name not in system.definition and tensor.place_of(batch) is not None
        )
        of_parameters = system.depending_on(tensor.name for tensor in system.parameters)
        cost = system.cost.tensor.name
        self.own = {name for name in of_parameters - self.with_examples if name != cost}

    def separated(self) -> System:
        equations = []
        for equation in self.system.equations[:-1]:
            if equation.tensor.name in self.own:
                equations.append(Equation(self.copied(equation.tensor), self.at(equation.expression, self.letter)))
            elif equation.indices or equation.tensor.name not in self.with_examples:
                equations.append(self.of_one_example(equation))
        equations.append(Equation(self.system.cost.tensor, self.costs()))
        tensors = {name: self.copied(tensor) if name in self.own else tensor for name, tensor in self.system.tensors.items()}
        kept = {equation.tensor.name for equation in equations} | (tensors.keys() - self.system.definition.keys())
        return replace(
            self.system,
            tensors={name: tensors[name] for name in tensors if name in kept},
            equations=tuple(equations),
            boundaries=(),
            wrt=(),
        )

    def copied(self, tensor: Tensor) -> Tensor:
        return replace(tensor, axes=(self.letter, *tensor.axes))

    def at(self, expression: Expr, letter: Symbol) -> Expr:
        """With the parameters of the example at a letter."""
        replaced: dict[Expr, Expr] = {}
        for node in nodes(expression):
            if isinstance(node, Indexed) and node.base.name in self.own:
                replaced[node] = entry(node.base.name, (letter, *node.indices))
            elif isinstance(node, Symbol) and not node.is_integer and str(node) in self.own:
                replaced[node] = entry(str(node), (letter,))
        return expression.xreplace(replaced)

    def of_one_example(self, equation: Equation) -> Equation:
        """An equation with the parameters of its example.

        Raises:
            InvalidDescription: where it is one of several examples, so that they have no costs of their own.
        """
        place = equation.tensor.place_of(self.batch)
        if equation.tensor.name not in self.with_examples:
            return equation
        if place is None:
            raise InvalidDescription(f"no gradients of single examples: they mix in {equation}")
        return Equation(equation.tensor, self.at(equation.expression, equation.indices[place]))

    def costs(self) -> Expr:
        """Σ_n of what one example costs."""
        terms = [self.of_examples(term) for term in Add.make_args(self.opened(self.system.cost.expression))]
        return Add(*terms)

    def opened(self, expression: Expr) -> Expr:
        """With the totals put in that are computed from examples: single numbers, such as the cost without its penalty."""
        while totals := [name for name in names_read(expression) if name in self.with_examples and not self.system.tensors[name].axes]:
            expression = expression.xreplace(
                {self.system.tensors[name].own_entry: self.system.definition[name].expression for name in totals}
            )
            expression = expression.expand(deep=False) if isinstance(expression, Mul) else expression
        return expression

    def of_examples(self, term: Expr) -> Expr:
        """A term of the cost: a sum over the examples, without a mean's 1/N; 0 in place of a penalty."""
        size = size_symbol(self.batch)
        totals = [factor for factor in Mul.make_args(term) if not self.with_examples.isdisjoint(names_read(factor))]
        if not totals and not term.has(size):
            return S.Zero
        letters = [limit[0] for total in totals if isinstance(total, Sum) for limit in total.limits]
        letter = next((letter for letter in letters if axis_name(letter) == self.batch), None)
        if letter is None:
            raise InvalidDescription(f"no gradients of single examples: {term} is no sum over them alone")
        rest = Mul(*(factor for factor in Mul.make_args(term) if factor is not totals[0]))
        of_one = self.at((rest * size if self.is_mean else rest) * totals[0].function, letter)
        return bound_sum(of_one, *letters)
