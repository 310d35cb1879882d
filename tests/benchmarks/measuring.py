"""Agreement first, then time: everybody in turn, round after round, so that a busy machine slows all alike."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from nets import Net
from peers import Peer

#: Relative to the largest entry of a gradient.
TOLERANCES = {"float64": 1e-9, "float32": 1e-4}
#: How long one implementation's turn lasts at least.
TURN = 0.02
ROUNDS = 30
#: With several threads, the pause before a turn: a library's idle threads go on spinning for some 30 ms, in the way of the next.
PAUSE = 0.06

Run = Callable[[], Any]


@dataclass(frozen=True)
class Spread:
    """A median between its quartiles."""

    low: float
    middle: float
    high: float

    @staticmethod
    def of(values: Sequence[float]) -> Spread:
        if len(values) == 1:
            return Spread(*values * 3)
        return Spread(*statistics.quantiles(values, n=4, method="inclusive"))


@dataclass(frozen=True)
class Timing:
    """One network: the seconds of one evaluation by everybody, round after round."""

    rounds: dict[str, list[float]]

    def seconds(self, name: str) -> Spread:
        return Spread.of(self.rounds[name])

    def ratio(self, name: str, unit: str) -> Spread:
        """How many times as long as `unit` somebody takes, of the turns in one round."""
        return Spread.of([taken / own for taken, own in zip(self.rounds[name], self.rounds[unit], strict=True)])


def largest_difference(expected: tuple[float, Any], found: tuple[float, Any]) -> float:
    """Of the costs and of all gradients, each relative to its largest entry; infinite where numbers, shapes or types differ."""
    if len(expected[1]) != len(found[1]):
        return math.inf
    pairs = [tuple(map(np.asarray, pair)) for pair in [(expected[0], found[0]), *zip(expected[1], found[1], strict=True)]]
    worst = 0.0
    for number, (ours, theirs) in enumerate(pairs):
        if ours.shape != theirs.shape or (number and ours.dtype != theirs.dtype):
            return math.inf
        difference = float(np.abs(ours - theirs).max() / np.abs(ours).max())
        worst = max(worst, difference if math.isfinite(difference) else math.inf)
    return worst


def turn(run: Run, calls: int, pause: float = 0) -> float:
    """Seconds of one call. The first is not counted: it finds the caches as the one before left them."""
    time.sleep(pause)
    run()
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls


def calls_in_a_turn(run: Run) -> int:
    """The quickest of three counts, so that one pause of the machine does not make a turn too short."""
    calls = 1
    while (seconds := min(turn(run, calls) for _ in range(3)) * calls) < TURN:
        calls = max(2 * calls, int(calls * TURN / max(seconds, 1e-9)))
    return calls


def measured(net: Net, peers: Sequence[Peer], type_name: str, rounds: int, pause: float = 0) -> Timing:
    """One network with everybody on the same arrays.

    Raises:
        AssertionError: where somebody disagrees with the first on the cost or a gradient; then nothing is timed.
    """
    arrays, x, y = net.arrays(net.module(), np.dtype(type_name))
    runs: dict[str, Run] = {peer.name: peer.prepare(net, arrays, x, y) for peer in peers}
    expected = runs[peers[0].name]()
    for peer in peers:
        if not peer.has_result:
            continue
        difference = largest_difference(expected, runs[peer.name]())
        if difference > TOLERANCES[type_name]:
            message = f"{net.title}, {type_name}: {peer.name} differs by {difference:.1e}, allowed are {TOLERANCES[type_name]:.0e}"
            raise AssertionError(message)
    calls = {name: calls_in_a_turn(run) for name, run in runs.items()}
    times = [{name: turn(run, calls[name], pause) for name, run in runs.items()} for _ in range(rounds)]
    return Timing({name: [row[name] for row in times] for name in runs})
