"""The gradient of each example's own cost: every example gets parameters of its own, W[n,…], and the chain rule does the rest.

    z[n,j] = Σ_i W[n,j,i] x[n,i],   c = Σ_n c[n]        ∂c/∂W[n,j,i] = dz[n,j] x[n,i]

That is the gradient without its sum over the examples, where no example's cost depends on another example, as behind a batch normalisation.
A mean over the examples is left out too, so that c[n] is what one example costs; a penalty, which is of no example, is no part of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NoReturn

from sympy import Add, Expr, Indexed, Mul, S, Sum, Symbol

from chainrule.symbolic.index.axes import axis_name, index, size_symbol
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.index_letters import bound_sum, free_letters, names_read, nodes
from chainrule.symbolic.index.tensors import Tensor, entry
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
    if system.batch is None or system.batch not in system.axes:
        raise InvalidDescription('no gradients of single examples: the network has no axis of examples; batch = "n" names it')
    separation = _Separation(system, system.batch)
    separated = separation.separated()
    if len(separation.means) != 1:
        raise InvalidDescription("no gradients of single examples: the cost is neither a mean over the examples nor a sum over them alone")
    return PerExample(derive(separated), frozenset(separation.own), separation.letter, separation.means.pop(), separation.has_penalty)


class _Separation:
    """A system in which every example has parameters of its own."""

    def __init__(self, system: System, batch: str) -> None:
        self.system, self.batch, self.letter = system, batch, index(batch)
        #: Of each term of the cost, whether it is a mean over the examples.
        self.means: set[bool] = set()
        self.has_penalty = False
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
        """An equation that reads of each example what is its own.

        Raises:
            InvalidDescription: where it reads anything of another.
        """
        if equation.tensor.name not in self.with_examples:
            return equation
        place = equation.tensor.place_of(self.batch)
        if place is None:
            self.refuse(equation)
        letter = equation.indices[place]
        self.check(equation, equation.expression, letter)
        return Equation(equation.tensor, self.at(equation.expression, letter))

    def check(self, equation: Equation, expression: Expr, letter: Symbol) -> None:
        """Raises where something of another example is read than that of the letter."""
        for name in names_read(expression):
            tensor = self.system.tensors.get(name)
            if tensor is None or name not in self.with_examples:
                continue
            place = tensor.place_of(self.batch)
            reads = [node for node in nodes(expression) if isinstance(node, Indexed) and node.base.name == name]
            if place is None or any(node.indices[place] != letter for node in reads):
                self.refuse(equation)

    def refuse(self, equation: Equation) -> NoReturn:
        raise InvalidDescription(f"no gradients of single examples: they mix in {equation}")

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
        if self.with_examples.isdisjoint(names_read(term)):
            self.has_penalty = True
            return S.Zero
        factors = list(Mul.make_args(term))
        sums = [factor for factor in factors if not self.with_examples.isdisjoint(names_read(factor))]
        if len(sums) != 1 or not isinstance(sums[0], Sum) or free_letters(sums[0]):
            self.refuse(self.system.cost)
        (total,) = sums
        letters = [limit[0] for limit in total.limits if axis_name(limit[0]) == self.batch]
        if len(letters) != 1:
            self.refuse(self.system.cost)
        self.check(self.system.cost, total.function, letters[0])
        rest = Mul(*(factor for factor in factors if factor is not total))
        size = size_symbol(self.batch)
        is_mean = rest.as_powers_dict().get(size, 0) == -1
        self.means.add(is_mean)
        of_one = self.at((rest * size if is_mean else rest) * total.function, letters[0])
        return bound_sum(of_one, *(limit[0] for limit in total.limits))
