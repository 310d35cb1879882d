"""The examples of a run where several workers share them, in place of those that its script reads.

A step sends the parameters out and gets the gradients of the parts back. They are added in the order of the parts, whoever was first, and a
part whose worker is lost is read and computed again by another: Dask knows what it was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from types import ModuleType
from typing import Any

import numpy as np
from distributed import CancelledError, Client, Future, KilledWorker, wait
from distributed.comm import CommClosedError

from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.numeric_array import NumericArray

from . import worker
from .given import Given
from .parts import Parts

#: After so many seconds without a result it is looked whether a worker is left.
SECONDS = 30.0
GO_ON = "; the run goes on from its last epoch by --resume"


class DistributedExamples:
    """As the script's own: arrays without examples and what is known of the features, and the places of the examples among all."""

    def __init__(self, client: Client, parts: Parts, script: ModuleType, sources: worker.Sources, takes: Sequence[Given] = ()) -> None:
        self.client, self.address, self.network = client, client.scheduler.address, script.network
        self.addresses = sorted(client.nthreads())
        self.parts = parts if parts.fingerprints else self.with_fingerprints(parts)
        along = dict(parts.along)
        pieces = np.array_split(np.array(self.pieces(), object), len(self.addresses))
        raw = self.at_workers(worker.read, {at: (list(own), along, tuple(takes)) for at, own in enumerate(pieces)})
        described = self.results(self.at_workers(worker.without_examples, {at: (arrays, along) for at, arrays in raw.items()}))
        self.ends = np.cumsum([count for count, _ in described])
        self.data = _agreed([empty for _, empty in described])
        self.training, self.held_out = script.split(int(self.ends[-1]))
        if not len(self.training) or not len(self.held_out):
            said = f"of {self.ends[-1]} examples {len(self.held_out)} are held out, which leaves {len(self.training)}"
            raise InvalidDescription(f"--held-out: {said}; both parts need some")
        scaling = {name: self.scaling(raw, name) for name in parts.scaled}
        for name, (mean, deviation) in scaling.items():
            self.data |= {f"mean/{name}": mean, f"deviation/{name}": deviation}
        held_out = {at: np.empty(0, int) for at in raw} | self.owned(self.held_out)
        self.shares = self.at_workers(worker.prepared, {at: (arrays, scaling, held_out[at], sources) for at, arrays in raw.items()})
        self.finished(self.shares)

    def with_fingerprints(self, parts: Parts) -> Parts:
        """By which it is noticed that a file was changed, when another worker reads it or the run goes on."""
        futures = {at: self.client.submit(worker.fingerprint, path, pure=False) for at, path in enumerate(parts.files)}
        return replace(parts, fingerprints=self.results(futures))

    def pieces(self) -> list[worker.Piece]:
        """The files, or several pieces of each where there are more workers."""
        of = -(-len(self.addresses) // len(self.parts.files))
        files = list(zip(self.parts.files, self.parts.fingerprints, strict=True))
        return [worker.Piece(path, number, of, known) for path, known in files for number in range(of)]

    def owned(self, places: NumericArray) -> dict[int, NumericArray]:
        """Places among all examples as places in the parts that have some of them."""
        starts = [0, *self.ends[:-1]]
        found = {
            at: places[(start <= places) & (places < end)] - start for at, (start, end) in enumerate(zip(starts, self.ends, strict=True))
        }
        return {at: own for at, own in found.items() if len(own)}

    def scaling(self, raw: Mapping[int, Future], name: str) -> tuple[NumericArray, NumericArray]:
        """Mean and deviation of a feature over the examples to learn from; 1 for one that never changes."""
        along, own = self.parts.along[name], self.owned(self.training)
        first = self.results(self.at_workers(worker.totals, {at: (raw[at], name, along, places) for at, places in own.items()}))
        mean = _sum(row[0] for row in first) / len(self.training)
        second = self.results(self.at_workers(worker.totals, {at: (raw[at], name, along, places, mean) for at, places in own.items()}))
        changes = reduce(np.minimum, [row[1] for row in first]) < reduce(np.maximum, [row[2] for row in first])
        return mean, np.where(changes, np.sqrt(_sum(row[0] for row in second) / len(self.training)), 1)

    def gradients(self, params: Any, places: NumericArray) -> tuple[float, Any]:
        """The cost of the examples at these places and its gradients."""
        asked = {at: (self.shares[at], list(params), own) for at, own in self.owned(places).items()}
        found = [row for row in self.results(self.at_workers(worker.gradients, asked)) if row[0]]
        if not found:
            raise FloatingPointError("every entry of a step's examples is masked")
        weights = self.weights([row[0] for row in found])
        cost, *gradients = (_weighted(weights, parts) for parts in zip(*((row[1], *row[2]) for row in found), strict=True))
        if self.parts.is_sum and self.parts.has_shared_terms:
            # No examples cost what is shared, which every part has counted.
            shared, of_shared = self.network.cost_and_gradients(params, *(self.data[name] for name in self.parts.along))
            cost -= (len(found) - 1) * shared
            gradients = [one - (len(found) - 1) * other for one, other in zip(gradients, of_shared, strict=True)]
        return cost, type(params)(*gradients)

    def judged(self, params: Any) -> list[float]:
        """As the script's own, of all parts together."""
        asked = {at: (self.shares[at], list(params)) for at in self.owned(self.held_out)}
        found = self.results(self.at_workers(worker.judged, asked))
        weights = self.weights([row[0] for row in found])
        cost, *right = (_weighted(weights, parts) for parts in zip(*(row[2] for row in found), strict=True))
        if self.parts.is_sum:
            counts = np.array([row[1] for row in found]) / len(self.held_out)
            right = [_weighted(counts, parts) for parts in list(zip(*(row[2] for row in found), strict=True))[1:]]
            if self.parts.has_shared_terms:
                cost -= (len(found) - 1) * self.network.cost(params, *(self.data[name] for name in self.parts.along))
        return [cost, *right]

    def weights(self, shares: Sequence[float]) -> NumericArray:
        """What the costs of parts count in that of the whole."""
        return np.ones(len(shares)) if self.parts.is_sum else np.array(shares) / sum(shares)

    def at_workers(self, function: Callable[..., Any], asked: Mapping[int, tuple[Any, ...]]) -> dict[int, Future]:
        """A task for each part, at the worker that has it as long as that is there."""
        return {
            at: self.client.submit(function, *arguments, workers=[self.addresses[at]], allow_other_workers=True, pure=False)
            for at, arguments in asked.items()
        }

    def results(self, futures: Mapping[int, Future]) -> list[Any]:
        """What the tasks give, in the order of the parts."""
        self.finished(futures)
        try:
            return list(self.client.gather(list(futures.values())))
        except KilledWorker:
            raise InvalidDescription(f"{self.address}: several workers in a row were lost with the same part{GO_ON}") from None
        except (CancelledError, CommClosedError):
            raise InvalidDescription(f"{self.address}: the scheduler is lost{GO_ON}") from None

    def finished(self, futures: Mapping[int, Future]) -> None:
        """Waits for tasks, as long as there is a worker."""
        while True:
            try:
                wait(list(futures.values()), timeout=SECONDS)
                return
            except TimeoutError:
                if not self.client.nthreads():
                    raise InvalidDescription(f"{self.address}: no worker is left{GO_ON}") from None
            except (CancelledError, CommClosedError):
                raise InvalidDescription(f"{self.address}: the scheduler is lost{GO_ON}") from None


def _sum(parts: Iterable[NumericArray]) -> NumericArray:
    """In the order of the parts, so that the same parts give the same bits."""
    return reduce(np.add, parts)


def _weighted(weights: Sequence[float] | NumericArray, parts: Sequence[Any]) -> Any:
    return _sum(weight * part for weight, part in zip(weights, parts, strict=True))


def _agreed(described: Sequence[worker.Arrays]) -> worker.Arrays:
    """The arrays without examples, which all parts have alike.

    Raises:
        InvalidDescription: where they don't.
    """
    first, *others = described
    for other in others:
        for name, array in first.items():
            if array.shape != other[name].shape or not np.array_equal(array, other[name]):
                raise InvalidDescription(f"--data: the arrays {name} of the files differ in more than their examples")
    return dict(first)
