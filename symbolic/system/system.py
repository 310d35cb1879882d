"""An equation gives one tensor's entry as a SymPy expression; a system is the equations in order, the cost last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

from sympy import Basic, Expr, Indexed, KroneckerDelta, Symbol

from chainrule.symbolic.index.axes import Axis, axis_name
from chainrule.symbolic.index.implicit import implicit
from chainrule.symbolic.index.index_letters import is_letter, names_read, nodes
from chainrule.symbolic.index.kink import Kink
from chainrule.symbolic.index.ordering import Order
from chainrule.symbolic.index.step_functions import stop
from chainrule.symbolic.index.tensors import ADJOINT_MARK, Role, Tensor, adjoint_name

from .boundaries import Boundary
from .dependence import leading_to, passed_to, reached
from .exponential_names import exponential_names

Numbers: TypeAlias = "tuple[Numbers, ...] | float"


@dataclass(frozen=True)
class Equation:
    """`tensor[indices] = expression`; the indices are distinct letters."""

    tensor: Tensor
    expression: Expr

    @property
    def indices(self) -> tuple[Symbol, ...]:
        return self.tensor.axes

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The names of the tensors on the right, in order of first appearance."""
        return tuple(names_read(self.expression))

    @cached_property
    def computed_from(self) -> tuple[str, ...]:
        """What it reads, but for itself where it is what solves the equation."""
        return tuple(name for name in self.reads if name != self.tensor.name) if isinstance(self.expression, implicit) else self.reads

    @cached_property
    def passes_to(self) -> tuple[str, ...]:
        """Those of the names to which a derivative passes: what is read inside of stop(…) alone is none of them."""
        return tuple(names_read(self.expression, closed=(stop,)))

    def __str__(self) -> str:
        return f"{self.tensor.own_entry} = {self.expression}"


@dataclass(frozen=True)
class System:
    """A network as equations.

    `sizes` of the axes that are fixed, values of the named `constants`, and the axis of the examples. The last equation is the cost. It has
    no index; that of a Jacobian has some, whose letters nothing else uses: they say which entry is differentiated. The `boundaries` are
    part of the equations that read them, and named here for those who print them. `adjoint_mark` is what the names of adjoints start with.
    `wrt` names what else the cost is differentiated by: inputs, targets. Terms and factors are written in the `source_order`.
    `initial` are the first values of parameters that are given, nested as their axes are. The formulas hold the slopes at `kinks` that were
    chosen, one for all or several for several layers. Of tensors that are renamed where a program is printed, `described` says
    what the description calls them, by their new names and by those that stayed. `outputs` are what the network predicts: computed from
    the inputs, without targets.
    """

    name: str
    axes: Mapping[str, Axis]
    tensors: Mapping[str, Tensor]
    equations: tuple[Equation, ...]
    constants: Mapping[str, float] = field(default_factory=dict)
    batch: str | None = "n"
    adjoint_mark: str = ADJOINT_MARK
    boundaries: tuple[Boundary, ...] = ()
    wrt: tuple[str, ...] = ()
    source_order: Order = field(default_factory=Order)
    initial: Mapping[str, Numbers] = field(default_factory=dict)
    kinks: frozenset[Kink] = frozenset()
    described: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash((self.name, self.equations))

    @property
    def cost(self) -> Equation:
        return self.equations[-1]

    @property
    def held(self) -> tuple[Symbol, ...]:
        """The letters of the entry that is differentiated, none where the cost is one number; every adjoint has them as its last axes."""
        return self.cost.indices if self.equations else ()

    def described_name(self, name: str) -> str:
        """What the description calls a tensor; for what is derived of one, with the same marks in front: vnp_ is the vnp of np."""
        if not self.described or name in self.described:
            return self.described.get(name, name)
        stems = (name[start:] for start in range(1, len(name)))
        stem = next((each for each in stems if each in self.described), name)
        return name.removesuffix(stem) + self.described.get(stem, stem)

    def having(self, role: Role) -> tuple[Tensor, ...]:
        return tuple(tensor for tensor in self.tensors.values() if tensor.role is role)

    @cached_property
    def exponential_names(self) -> frozenset[str]:
        return exponential_names({equation.tensor.name: equation.expression for equation in self.equations})

    @cached_property
    def inputs(self) -> tuple[Tensor, ...]:
        return self.having(Role.INPUT)

    @cached_property
    def targets(self) -> tuple[Tensor, ...]:
        return self.having(Role.TARGET)

    @cached_property
    def parameters(self) -> tuple[Tensor, ...]:
        return self.having(Role.PARAMETER)

    @cached_property
    def differentiated(self) -> tuple[Tensor, ...]:
        """By what the cost is differentiated: the parameters, and what is named by `wrt`."""
        return (*self.parameters, *(self.tensors[name] for name in self.wrt))

    @cached_property
    def directions(self) -> tuple[Tensor, ...]:
        return self.having(Role.DIRECTION)

    def adjoint_name(self, name: str) -> str:
        """The name of ∂C/∂name."""
        return adjoint_name(name, self.adjoint_mark)

    @cached_property
    def adjoint_of(self) -> dict[str, str]:
        """The names of adjoints, with the tensors that they belong to."""
        return {self.adjoint_name(name): name for name in self.tensors if self.adjoint_name(name) not in self.tensors}

    @cached_property
    def gradients(self) -> frozenset[str]:
        """The adjoints that come first in a product; of second derivatives, those of the first pass."""
        first = (equation.tensor.name for equation in self.equations if equation.tensor.role is Role.ADJOINT)
        return frozenset(first if self.directions else self.adjoint_of)

    @cached_property
    def order(self) -> Order:
        """The order in which terms and factors are written; an adjoint stands where its tensor would."""
        return self.source_order.with_gradients(self.gradients).with_names(self.adjoint_of)

    def spelled(self, letter: Symbol) -> str:
        """A letter as it is called in what is printed: as the user calls indices of its axis."""
        axis = self.axes.get(axis_name(letter))
        return str(letter.name) if axis is None else axis.spelled(letter)

    def axis(self, letter: Symbol) -> Axis:
        return self.axes[axis_name(letter)]

    def shape(self, tensor: Tensor) -> tuple[Expr, ...]:
        """The sizes of a tensor's axes: numbers, or symbols where they are read from the arrays."""
        return tuple(self.axis(letter).size_expression for letter in tensor.axes)

    @cached_property
    def stored(self) -> dict[str, Tensor]:
        """Every tensor by its name, and by the name of its adjoint, which has the same axes, and those of the entry differentiated."""
        adjoints = {self.adjoint_name(name): tensor for name, tensor in self.tensors.items()}
        if self.held:
            adjoints = {name: replace(tensor, axes=(*tensor.axes, *self.held)) for name, tensor in adjoints.items()}
        return adjoints | dict(self.tensors)

    @cached_property
    def has_integers(self) -> bool:
        """Whether some tensor holds labels."""
        return any(tensor.is_integer for tensor in self.tensors.values())

    @cached_property
    def computes_places(self) -> bool:
        """Whether an entry is read at a sum of letters, or a letter is compared with a number or a sum, as in x[n, 2*i + p], h[n, t-1].

        Its letters have to count from 0 then: 2 i + p is another place from 1.
        """
        return any(_computes_a_place(node) for equation in self.equations for node in nodes(equation.expression))

    @cached_property
    def definition(self) -> dict[str, Equation]:
        return {equation.tensor.name: equation for equation in self.equations}

    @cached_property
    def readers(self) -> dict[str, tuple[Equation, ...]]:
        """For every tensor, the equations that read it, in order."""
        found: dict[str, list[Equation]] = {}
        for equation in self.equations:
            for name in equation.reads:
                found.setdefault(name, []).append(equation)
        return {name: tuple(equations) for name, equations in found.items()}

    def depending_on(self, names: Iterable[str]) -> set[str]:
        """The names, and all that is computed from them."""
        return reached(names, lambda name: [reader.tensor.name for reader in self.readers.get(name, ())])

    def leading_to(self, names: Iterable[str]) -> set[str]:
        """The names, and all that they are computed from, what is given included."""
        return leading_to(names, self.definition)

    @cached_property
    def on_ways_to_the_cost(self) -> set[str]:
        """What the chain rule passes between the cost and what it is differentiated by: it doesn't enter stop(…)."""

        def passed_by(name: str) -> list[str]:
            return [reader.tensor.name for reader in self.readers.get(name, ()) if name in reader.passes_to]

        ahead: set[str] = reached([tensor.name for tensor in self.differentiated], passed_by)
        return ahead & passed_to([self.cost.tensor.name], self.definition)

    @cached_property
    def known_sizes(self) -> dict[Symbol, Expr]:
        """Size symbols of the fixed axes with their numbers, to be put into expressions."""
        return {axis.size_symbol: axis.size_expression for axis in self.axes.values() if axis.size is not None}


def _computes_a_place(node: Basic) -> bool:
    places = node.indices if isinstance(node, Indexed) else node.args if isinstance(node, KroneckerDelta) else ()
    if any(place.is_Add or place.is_Mul for place in places):
        return True
    return isinstance(node, KroneckerDelta) and not all(is_letter(place) or isinstance(place, Indexed) for place in places)
