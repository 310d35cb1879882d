"""Every call of a fast module beside what it must give: in a new workspace, in a used one, from its own cache and from another one's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.codegen.backends.fast.workspace_arguments import open_sizes
from chainrule.codegen.checking.loading import load
from chainrule.codegen.program.array_sizes import size_name
from chainrule.symbolic.checking.random_array import NormalNumbers, random_array
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.system.sizes import chosen_sizes
from chainrule.symbolic.system.system import System

Array = NDArray[Any]
Arrays = dict[str, Array]
TOLERANCE = 1e-11


def given_arrays(system: System, sizes: Mapping[str, int], seed: int) -> Arrays:
    """Random arrays for all that a system does not define itself."""
    rng = np.random.default_rng(seed)
    given = (*system.inputs, *system.targets, *system.parameters)
    return {tensor.name: random_array(tensor, sizes, system.batch, NormalNumbers(rng)) for tensor in given}


def small_sizes_of(system: System, among: Sequence[int], most: int) -> Iterator[dict[str, int]]:
    """Sizes of all axes with every open one at each of these, as far as index sums allow it."""
    fixed = {name: axis.size for name, axis in system.axes.items() if axis.size is not None}
    free = [name for name, axis in system.axes.items() if axis.size is None and axis.rule is None]
    choices = list(product(among, repeat=len(free)))
    if len(choices) > most:
        chosen = np.random.default_rng(0).choice(len(choices), most, replace=False)
        choices = [choices[place] for place in sorted(chosen)]
    for choice in choices:
        try:
            sizes = chosen_sizes(system.axes, {**fixed, **dict(zip(free, choice, strict=True))}, fixed)
        except InvalidDescription:
            continue
        if all(size > 0 for size in sizes.values()):
            yield sizes


class Calls:
    """The plain and the fast module of a derivation."""

    def __init__(self, derivation: Derivation) -> None:
        self.system = derivation.system
        self.plain, self.fast = load(derivation), load(derivation, style="fast")

    def arguments(self, module: ModuleType, arrays: Arrays) -> tuple[Any, list[Array], list[Array]]:
        """Parameters, inputs and targets."""
        params = module.Parameters(*(arrays[tensor.name] for tensor in self.system.parameters))
        return params, *([arrays[tensor.name] for tensor in tensors] for tensors in (self.system.inputs, self.system.targets))

    def workspace(self, sizes: Mapping[str, int]) -> Any:
        by_name = {size_name(axis): size for axis, size in sizes.items()}
        batch = size_name(self.system.batch) if self.system.batch else None
        names = open_sizes(self.system)
        first = [by_name[name] for name in names if name == batch]
        return self.fast.Workspace(*first, **{name: by_name[name] for name in names if name != batch})

    def assert_both_refuse(self, sizes: Mapping[str, int]) -> bool:
        """Whether there is no axis of such a size that follows from others; both modules say so in the same words."""
        said = []
        for module in (self.plain, self.fast):
            params, inputs, targets = self.arguments(module, given_arrays(self.system, sizes, 0))
            try:
                with np.errstate(all="ignore"):
                    module.cost_and_gradients(params, *inputs, *targets)
            except ValueError as refusal:
                said.append(str(refusal))
        assert len(said) in (0, 2), said
        assert all(text.endswith("expected at least 1") for text in said), said
        assert len(set(said)) <= 1, said
        return bool(said)

    def assert_alike(self, sizes: Mapping[str, int], seed: int = 0) -> None:
        """All calls give what the plain module gives."""
        arrays, others = (given_arrays(self.system, sizes, number) for number in (seed, seed + 1))
        params, inputs, targets = self.arguments(self.plain, arrays)
        with np.errstate(all="ignore"):
            cost, gradients = self.plain.cost_and_gradients(params, *inputs, *targets)
            cache = self.plain.forward(params, *inputs)
            own, inputs, targets = self.arguments(self.fast, arrays)
            for read in (own, self.fast.packed(own)):
                assert_same("cost_and_gradients", self.fast.cost_and_gradients(read, *inputs, *targets), (cost, gradients))
                workspace = self.workspace(sizes)
                assert_same("cost in a new workspace", workspace.cost(read, *inputs, *targets), cost)
                for _ in range(2):
                    assert_same("cost_and_gradients", workspace.cost_and_gradients(read, *inputs, *targets), (cost, gradients))
                    assert_same("cost", workspace.cost(read, *inputs, *targets), cost)
                    found = workspace.forward(read, *inputs)
                    assert_same("forward", found, cache)
                    assert_same("backward", workspace.backward(read, found, *targets), gradients)
                    assert_same("backward again", workspace.backward(read, found, *targets), gradients)
                    other, other_inputs, _ = self.arguments(self.fast, others)
                    workspace.forward(other, *other_inputs)
                    assert_same("backward from another cache", workspace.backward(read, self.fast.Cache(*cache), *targets), gradients)
                    if hasattr(self.plain, "predict"):
                        assert_same("predict", workspace.predict(read, *inputs), self.plain.predict(params, *inputs))


def assert_same(what: str, found: Any, expected: Any) -> None:
    """Relative to the largest entry of each array."""
    if isinstance(expected, tuple):
        names = getattr(expected, "_fields", range(len(expected)))
        for name, own, other in zip(names, found, expected, strict=True):
            assert_same(f"{what}: {name}", own, other)
        return
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, f"{what}: shape {found.shape}, expected {expected.shape}"
    largest = max(np.abs(expected[np.isfinite(expected)]).max(initial=0), 1e-2)
    is_same = np.allclose(found, expected, rtol=0, atol=TOLERANCE * largest, equal_nan=True)
    assert is_same, f"{what}: {found.reshape(-1)[:5]}, expected {expected.reshape(-1)[:5]}"
