"""What is right: the values of a network and of its gradients at two random draws, whose sizes are different primes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from chainrule.symbolic.checking.draws import Trial, random_numbers
from chainrule.symbolic.checking.interpreter import jacobian
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.derivation.chain_rule import derive
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import ChainruleError, CheckFailed
from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Tensor, Values
from chainrule.symbolic.system.sizes import followed
from chainrule.symbolic.system.small_sizes import axes_of_computed_places, small_sizes
from chainrule.symbolic.system.system import System

#: The first axis is that of the examples as a rule: more than 2 of them, as 1/2 and 1/N are different mistakes.
SIZES = ((5, 3, 2, 7, 11, 13), (7, 2, 3, 5, 13, 11))
#: Of axes beside windows, which works go through with several loops, one in the other.
SIZES_BESIDE_WINDOWS = (3, 5, 7, 4, 6, 2, 8, 9)
SEEDS = (20, 21)
#: Of sizes that are taken as they are.
LARGEST_OWN = 100


@dataclass(frozen=True, eq=False)
class Draw:
    """One draw: real arrays by the names of tensors and of their adjoints; the derivatives that were asked for are kept."""

    numbers: Numbers
    arrays: Mapping[str, NumericArray]
    examples: int
    jacobians: dict[tuple[str, str], NumericArray] = field(default_factory=dict)

    def jacobian(self, of: str, by: str) -> NumericArray:
        """All derivatives of the entries of one tensor by those of another one that its equation reads."""
        if (of, by) not in self.jacobians:
            self.jacobians[of, by] = jacobian(self.numbers, of, by)
        return self.jacobians[of, by]


@dataclass(frozen=True)
class Reference:
    """The draws of a derivation, and of the same network with a sum over the examples in place of a mean, or the other way round."""

    derivation: Derivation
    has_own_sizes: bool = False
    has_one_example: bool = False
    leaves_example_out: bool = False
    has_one_unit: bool = False

    @cached_property
    def draws(self) -> tuple[Draw, Draw]:
        first = _draw(self, SEEDS[0], SIZES[0], {})
        return first, _draw(self, SEEDS[1], SIZES[1], first.numbers.sizes)

    @cached_property
    def with_own_sizes(self) -> Reference | None:
        """At the sizes of the description, for works that have them as numbers; None where they are large."""
        sizes = [axis.size for axis in self.derivation.system.axes.values() if axis.size is not None]
        return replace(self, has_own_sizes=True) if sizes and max(sizes) <= LARGEST_OWN else None

    @cached_property
    def has_other_windows(self) -> bool:
        """Whether axes along which windows move are longer or shorter than in the description.

        How many windows there are need not follow from how long they are then.
        """
        axes = self.derivation.system.axes
        own = {name: axes[name].size for name in axes_of_computed_places(self.derivation.system)}
        return any(size not in (None, draw.numbers.sizes[name]) for name, size in own.items() for draw in self.draws)

    @cached_property
    def with_one_example(self) -> Reference | None:
        """With one example, for works of people who go through them one by one; None where the cost is no number then, as 1/(N − 1)."""
        one = Reference(self.derivation, has_one_example=True)
        try:
            return one if self.derivation.system.batch is not None and one.draws else None
        except CheckFailed:
            return None

    @cached_property
    def without_example(self) -> Reference | None:
        """With one example, for formulas that leave its index out."""
        one = self.with_one_example
        return replace(one, leaves_example_out=True) if one is not None else None

    @cached_property
    def with_one_unit(self) -> Reference | None:
        """With one example and one place along every axis, each array a number; None where a gradient is 0 then, as behind a softmax."""
        one = self.without_example
        own = replace(one, has_one_unit=True) if one is not None else None
        try:
            says_all = own is not None and all(draw.arrays[name].any() for draw in own.draws for name in own.adjoints)
        except ChainruleError:
            return None
        return own if says_all else None

    @cached_property
    def is_mean(self) -> bool:
        """Whether the cost is a mean over the examples: the cost of a sum is as many times as large as there are examples."""
        network = self.derivation.network
        if network is not None:
            return network.reduction == "mean"
        batch = self.derivation.system.batch
        return batch is not None and self.derivation.system.axes[batch].size_symbol in self.derivation.system.cost.expression.free_symbols

    @cached_property
    def other_reduction(self) -> Reference | None:
        """That of the other reduction; None where nothing says what it would be."""
        network = self.derivation.network
        if network is None:
            return None
        other = derive(replace(network, reduction="sum" if self.is_mean else "mean"), self.derivation.system.wrt)
        return replace(self, derivation=other)

    @cached_property
    def gradients(self) -> tuple[str, ...]:
        """The names of the gradients of parameters."""
        system = self.derivation.system
        return tuple(system.adjoint_name(tensor.name) for tensor in system.parameters if tensor.name in self.derivation.adjoints)

    @cached_property
    def adjoints(self) -> dict[str, Tensor]:
        """Every adjoint by its name, with the tensor that it has the shape of."""
        return {self.derivation.system.adjoint_name(name): adjoint.tensor for name, adjoint in self.derivation.adjoints.items()}

    @cached_property
    def quantities(self) -> dict[str, Tensor]:
        """Every name that a line may be of, with the tensor that it has the shape of."""
        return {**{tensor.name: tensor for tensor in self.derivation.system.tensors.values()}, **self.adjoints}

    def class_size(self, tensor: Tensor, draw: Draw) -> int:
        """How many classes labels are of."""
        return draw.numbers.sizes[tensor.points_into] if tensor.points_into else 0

    @cached_property
    def targets(self) -> dict[str, Tensor]:
        return {tensor.name: tensor for tensor in self.derivation.system.targets}

    @cached_property
    def has_classes(self) -> bool:
        return any(tensor.values in (Values.ONE_HOT, Values.LABELS) for tensor in self.targets.values())


def _draw(reference: Reference, seed: int, among: tuple[int, ...], before: Mapping[str, int]) -> Draw:
    derivation, has_own_sizes = reference.derivation, reference.has_own_sizes
    system = derivation.system
    sizes = _smaller_beside_windows(system, small_sizes(system, among), before)
    sizes |= {name: axis.size for name, axis in system.axes.items() if axis.size == 1 or (has_own_sizes and axis.size is not None)}
    if reference.has_one_example and system.batch is not None:
        sizes[system.batch] = 1
    if reference.has_one_unit:
        sizes = dict.fromkeys(sizes, 1)
    numbers = random_numbers(derivation, Trial(seed), sizes)
    arrays = {name: np.array(np.real(array)) for name, array in numbers.arrays.items()}
    arrays = {name: array if array.dtype.kind == "i" else array.astype(np.float64) for name, array in arrays.items()}
    batch = system.batch
    return Draw(numbers, arrays, sizes[batch] if batch is not None else 1)


def _smaller_beside_windows(system: System, sizes: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """Where windows move, the other axes have small sizes, each another one than the axes so far and than at the draw before."""
    windows, found = axes_of_computed_places(system), dict(sizes)
    taken = {sizes[name] for name in windows}
    for name in [name for name, axis in system.axes.items() if name not in windows and axis.rule is None] if windows else ():
        free = (size for size in SIZES_BESIDE_WINDOWS if size not in taken and size != before.get(name))
        found[name] = next(free, sizes[name])
        taken.add(found[name])
    return followed(found, system.axes)


def batch_place(tensor: Tensor, batch: str | None) -> int | None:
    """Where the examples' axis is among a tensor's own."""
    return next((place for place, letter in enumerate(tensor.axes) if axis_name(letter) == batch), None)
