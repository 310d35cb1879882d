"""A derivation in other names: the same equations, of which some tensors, axes and constants are called otherwise.

What is renamed are the equations of the network and of the adjoints; the steps by which these came about stay with the first derivation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from sympy import Expr

from chainrule.symbolic.derivation.adjoint import Adjoint
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.axes import Axis, index
from chainrule.symbolic.index.renaming import Renaming
from chainrule.symbolic.index.tensors import Tensor, base, scalar
from chainrule.symbolic.system.boundaries import Boundary
from chainrule.symbolic.system.system import Equation, System


def renamed(derivation: Derivation, names: Mapping[str, str], axes: Mapping[str, str] = MappingProxyType({})) -> Derivation:
    """The derivation with new `names` of tensors and constants, and of `axes`; an adjoint is called after its tensor."""
    return _Renamed(names, axes, _renaming(derivation.system, names, axes)).derivation(derivation)


def _renaming(system: System, names: Mapping[str, str], axes: Mapping[str, str]) -> Renaming:
    tensors: dict[Expr, Expr] = {}
    for old, new in names.items():
        for one, other in ((old, new), (system.adjoint_name(old), system.adjoint_name(new))):
            tensors[scalar(one)] = scalar(other)
            tensors |= {base(one, is_integer): base(other, is_integer) for is_integer in (False, True)}
    return Renaming(tensors, axes)


class _Renamed:
    def __init__(self, names: Mapping[str, str], axes: Mapping[str, str], renaming: Renaming) -> None:
        self.names, self.axes, self.renaming = names, axes, renaming

    def name(self, name: str) -> str:
        return self.names.get(name, name)

    def derivation(self, derivation: Derivation) -> Derivation:
        adjoints = {self.name(name): self.adjoint(adjoint) for name, adjoint in derivation.adjoints.items()}
        return replace(derivation, system=self.system(derivation.system), adjoints=adjoints)

    def system(self, system: System) -> System:
        return replace(
            system,
            axes={self.axes.get(name, name): self.axis(axis) for name, axis in system.axes.items()},
            tensors={self.name(name): self.tensor(tensor) for name, tensor in system.tensors.items()},
            equations=tuple(self.equation(equation) for equation in system.equations),
            constants={self.name(name): value for name, value in system.constants.items()},
            batch=self.axes.get(system.batch, system.batch) if system.batch else system.batch,
            source_order=system.source_order.renamed(self.names),
            boundaries=tuple(self.boundary(boundary) for boundary in system.boundaries),
            wrt=tuple(map(self.name, system.wrt)),
            outputs=tuple(map(self.name, system.outputs)),
            initial={self.name(name): values for name, values in system.initial.items()},
        )

    def axis(self, axis: Axis) -> Axis:
        return replace(axis, name=self.axes.get(axis.name, axis.name), rule=None if axis.rule is None else self.renaming.of(axis.rule))

    def tensor(self, tensor: Tensor) -> Tensor:
        axes = tuple(index(str(self.renaming.of(letter))) for letter in tensor.axes)
        into = self.axes.get(tensor.points_into, tensor.points_into) if tensor.points_into else tensor.points_into
        return replace(tensor, name=self.name(tensor.name), axes=axes, points_into=into)

    def equation(self, equation: Equation) -> Equation:
        return Equation(self.tensor(equation.tensor), self.renaming.of(equation.expression))

    def boundary(self, boundary: Boundary) -> Boundary:
        return replace(boundary, tensor=self.tensor(boundary.tensor), value=self.renaming.of(boundary.value))

    def adjoint(self, adjoint: Adjoint) -> Adjoint:
        return Adjoint(self.tensor(adjoint.tensor), self.renaming.of(adjoint.expression), (), (), None, adjoint.mark)
