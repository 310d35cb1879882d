"""A module's cost and gradients against the network's equations: extrapolated differences, and complex steps, along some directions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

import numpy as np

from chainrule.symbolic.index.numeric_array import NumericArray

from .directions import ALL, Tried, directions
from .entry_points import copied, ways
from .extrapolation import Slopes
from .finding import Finding
from .line import LineThroughPoint
from .point import TrialPoint
from .tally import Tally

#: Where all entries of a gradient are smaller than this part of the cost, rounding is all that differs.
SMALLEST_PART = 1e-4
#: Draws of a direction in place of one along which a kink is too near.
DRAWS_AGAIN = 5


@dataclass(frozen=True)
class Measured:
    """A direction with its numeric derivative, and the exact one by a complex step. Without a slope, a kink was too near."""

    tried: Tried
    slopes: Slopes
    by_complex_step: float

    @property
    def is_zero(self) -> bool:
        return self.by_complex_step == 0 and (self.slopes.values is None or not self.slopes.values[0])


@dataclass(frozen=True)
class Measurements:
    """All directions at one point, measured once for all modules; `other` is a point of the same sizes, for calls between calls."""

    point: TrialPoint
    other: TrialPoint
    seed: int

    @cached_property
    def line(self) -> LineThroughPoint:
        return LineThroughPoint(self.point, self.point.system.equations)

    @property
    def cost(self) -> np.longdouble:
        return np.longdouble(self.line.start.values[0])

    @property
    def floor(self) -> float:
        return SMALLEST_PART * max(1.0, abs(float(self.cost)))

    @cached_property
    def all(self) -> tuple[Measured, ...]:
        return tuple(self._measured())

    @property
    def without_effect(self) -> set[str]:
        """What is differentiated by and does not change the cost at all."""
        return set(self.point.differentiated) - {measured.tried.subject for measured in self.all if not measured.is_zero}

    def _measured(self) -> Iterator[Measured]:
        rng = np.random.default_rng(self.seed)
        for tried in directions(self.point.differentiated, rng):
            for _ in range(DRAWS_AGAIN):
                slopes = self.line.slopes(tried.direction)
                if slopes.values is not None or tried.is_entry:
                    break
                tried = Tried(tried.subject, {name: rng.standard_normal(along.shape) for name, along in tried.direction.items()}, False)
            yield Measured(tried, slopes, float(self.line.complex_slopes(tried.direction)[0]))


def gradient_findings(styles: Mapping[str, ModuleType], points: Sequence[Measurements], must_be_seen: Collection[str]) -> list[Finding]:
    """The cost, the gradients and the forward mode of every style at every point.

    Those gradients that `must_be_seen` are not checked where they are 0 at every point.
    """
    costs, forward = {style: Tally() for style in styles}, {style: Tally() for style in styles}
    gradients = {(style, name): Tally() for style in styles for name in [*points[0].point.differentiated, ALL]}
    for measurements in points:
        for style, module in styles.items():
            for way in ways(module, measurements.point):
                with np.errstate(all="ignore"):
                    cost, returned = way.call(*measurements.point.arguments(module))
                    found = copied(returned) | _by_inputs(module, measurements.point)
                where = f"{way.name}, {_in_words(measurements.point)}"
                costs[style].add(where, float(abs(cost - measurements.cost)) / max(1.0, abs(float(measurements.cost))))
                for measured in measurements.all:
                    tally = gradients[style, measured.tried.subject]
                    _compare(measured, found, measurements.floor, where, tally, forward[style])
    rows = [tally.finding("cost", style, with_numeric=False) for style, tally in costs.items()]
    rows += [
        tally.finding("gradients", f"{name}, {style}", must_be_seen=name in must_be_seen)
        for (style, name), tally in gradients.items()
        if tally.tried or tally.failures
    ]
    return rows + [tally.finding("forward mode", style, with_numeric=False) for style, tally in forward.items()]


def _by_inputs(module: ModuleType, point: TrialPoint) -> dict[str, NumericArray]:
    """The gradients of inputs, where a module has them."""
    if not point.system.wrt:
        return {}
    params, data = point.arguments(module)
    return copied(module.input_gradients(params, *data))


def _compare(measured: Measured, found: Mapping[str, NumericArray], floor: float, where: str, tally: Tally, forward: Tally) -> None:
    tried, slopes = measured.tried, measured.slopes
    if misfits := [name for name, along in tried.direction.items() if found[name].shape != along.shape]:
        tally.failures.append(f"{where}: the gradient of {', '.join(misfits)} has another shape than the parameter")
        return
    product = tried.times(found)
    scale = max(tried.scale(found), floor, abs(measured.by_complex_step) * 1e-3)
    forward.add(f"{where}, {tried.subject}", float(abs(product - measured.by_complex_step)) / scale)
    tally.notes |= {f"shorter steps before a kink: {kink}": None for kink in slopes.kinks}
    if slopes.values is None or slopes.errors is None:
        tally.failures.append(
            f"{where}: no verdict, as every step crosses a kink ({', '.join(map(str, slopes.kinks)) or 'no finite cost'})"
        )
    else:
        is_zero = measured.is_zero and not product
        tally.add(where, float(abs(product - slopes.values[0])) / scale, float(slopes.errors[0]) / scale, is_zero=is_zero)


def _in_words(point: TrialPoint) -> str:
    """The sizes of a point, as far as they are open."""
    open_sizes = [f"{axis} = {point.sizes[axis]}" for axis, own in point.system.axes.items() if own.size is None]
    return ", ".join(open_sizes) or "sizes as given"
