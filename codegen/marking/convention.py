"""How an author lays arrays out: which is found by trying, and said first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np

from chainrule.symbolic.index.numeric_array import NumericArray
from chainrule.symbolic.index.tensors import Role, Tensor, Values

from .reference import Draw, Reference, batch_place


@dataclass(frozen=True, slots=True)
class Convention:
    """Examples in rows or columns, weights (out, in) or (in, out), the shape of biases, targets as they are given, mean or sum.

    With `is_flat` arrays lack the axis of a single output: y has the shape (N,). With `is_one_example` there is one at a time.
    """

    examples: str = "rows"
    weights: str = "out-in"
    biases: str = "(n,)"
    targets: str = "one-hot"
    reduction: str = "mean"
    is_flat: bool = False
    is_one_example: bool = False


def own_convention(reference: Reference) -> Convention:
    """That of the network's description."""
    derivation, batch = reference.derivation, reference.derivation.system.batch
    places = [batch_place(tensor, batch) for tensor in derivation.system.tensors.values() if len(tensor.axes) == 2]
    in_columns = places.count(1) > places.count(0)
    labels = any(tensor.values is Values.LABELS for tensor in reference.targets.values())
    return Convention(
        "columns" if in_columns else "rows",
        derivation.network.layout.weights if derivation.network else "out-in",
        targets="labels" if labels else "one-hot",
        reduction="mean" if reference.is_mean else "sum",
        is_one_example=reference.has_one_example,
    )


def conventions(reference: Reference) -> Iterator[Convention]:
    """All of them, the description's own first; mean and sum need no other arrays, and are not told apart here."""
    own, has_several = own_convention(reference), not reference.leaves_example_out
    biases = ("(n,)", "(1,n)", "(n,1)") if own.examples == "rows" else ("(n,)", "(n,1)", "(1,n)")
    targets = ("one-hot", "labels") if own.targets == "one-hot" else ("labels", "one-hot")
    flat = (False, True) if 1 in reference.draws[0].numbers.sizes.values() else (False,)
    for is_flat, target, turned, turned_weights, bias in product(
        flat,
        targets if reference.has_classes else targets[:1],
        (False, True)[: 1 + has_several],
        (False, True),
        biases[: 3 if has_several else 1],
    ):
        yield replace(
            own,
            examples=_other(own.examples, "rows", "columns") if turned else own.examples,
            weights=_other(own.weights, "out-in", "in-out") if turned_weights else own.weights,
            biases=bias,
            targets=target,
            is_flat=is_flat,
        )


def _other(word: str, first: str, second: str) -> str:
    return second if word == first else first


@dataclass(frozen=True, eq=False)
class Layouts:
    """Arrays of a reference as an author lays them out."""

    reference: Reference
    convention: Convention

    @cached_property
    def own(self) -> Convention:
        """That of the description."""
        return own_convention(self.reference)

    @cached_property
    def arrangement(self) -> tuple[object, ...]:
        """All that tells two layouts apart: arrays of more than two axes stand in rows and in columns alike."""
        draw, tensors = self.reference.draws[0], self.reference.derivation.system.tensors
        arrays = ((name, self.laid(tensors[name], array, draw)) for name, array in draw.arrays.items() if name in tensors)
        return (self.convention.biases, *((name, array.shape, array.tobytes()) for name, array in arrays))

    def laid(self, tensor: Tensor, array: NumericArray, draw: Draw) -> NumericArray:
        """The array of a tensor, or of its adjoint, in the author's order of axes and shape, without one that is left out."""
        found, place = self._laid(tensor, array, draw), batch_place(tensor, self.reference.derivation.system.batch)
        if self.reference.has_one_unit:
            return found.reshape(())
        return np.take(found, 0, axis=min(place, found.ndim - 1)) if self.reference.leaves_example_out and place is not None else found

    def _laid(self, tensor: Tensor, array: NumericArray, draw: Draw) -> NumericArray:
        own = self.own
        batch = self.reference.derivation.system.batch
        place = batch_place(tensor, batch)
        if tensor.name in self.reference.targets and tensor.values in (Values.ONE_HOT, Values.LABELS):
            return self._classes(tensor, array, draw, own)
        if self.convention.is_flat and 1 in array.shape:
            return array.reshape([size for size in array.shape if size != 1])
        if array.ndim == 2 and place is not None and self.convention.examples != own.examples:
            return array.T
        if array.ndim == 2 and tensor.role is Role.PARAMETER and self.convention.weights != own.weights:
            return array.T
        if array.ndim == 1 and tensor.role is Role.PARAMETER:
            return array.reshape({"(n,)": (-1,), "(n,1)": (-1, 1), "(1,n)": (1, -1)}[self.convention.biases])
        if array.ndim == 2 and tensor.name in self.reference.targets and self.convention.examples != own.examples:
            return array.T
        return array

    def as_described(self, tensor: Tensor, array: NumericArray, draw: Draw) -> NumericArray:
        """An author's array in the order of axes and shape of the description."""
        own = draw.arrays[tensor.name]
        places = self.laid(tensor, np.arange(own.size).reshape(own.shape), draw)
        found: NumericArray = np.empty(own.size)
        found[places.ravel()] = array.ravel()
        return found.reshape(own.shape)

    def _classes(self, tensor: Tensor, array: NumericArray, draw: Draw, own: Convention) -> NumericArray:
        batch = self.reference.derivation.system.batch
        if tensor.values is Values.ONE_HOT:
            along = tensor.axes.index(tensor.class_axis(batch))
            if self.convention.targets == "labels":
                labels: NumericArray = np.argmax(array, axis=along)
                return labels
            return array.T if array.ndim == 2 and self.convention.examples != own.examples else array
        if self.convention.targets == "one-hot" and array.ndim == 1:
            rows: NumericArray = np.eye(self.reference.class_size(tensor, draw))[array]
            return rows.T if self.convention.examples == "columns" else rows
        return array
