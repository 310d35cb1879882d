"""Everything that is claimed of one network, tried: the derivation step by step, then the module in both styles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from codegen.loading import load
from codegen.second_program import GRADIENT, SecondDerivatives, second_derivatives
from symbolic.derivation import Derivation
from symbolic.failures import CheckFailed

from .calls import call_findings
from .finding import Finding
from .gradients import Measurements, gradient_findings
from .optimisers import optimiser_findings
from .point import NO_POINT, random_point
from .second import second_findings
from .steps import step_findings, trials
from .values import value_findings

Progress = Callable[[str], None]
STYLES = ("plain", "fast")


@dataclass(frozen=True)
class Extent:
    """How much is tried: choices of random tensors for the derivation, and for each point at which modules are called its open sizes.

    Sizes of one point are different primes. A point of one example is among them, for which fast modules have code of their own.
    """

    trials: int = 3
    sizes: tuple[tuple[int, ...], ...] = ((5, 3, 7, 2, 11), (3, 7, 2, 5, 11), (1, 2, 3, 5, 7))


@dataclass(frozen=True)
class DeepCheck:
    """The rows of the table, and the seed by which they can be had again."""

    findings: tuple[Finding, ...]
    seed: int

    @property
    def failed(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.failed)

    def tried(self, check: str) -> int:
        """How many trials there were of one kind."""
        return sum(finding.tried for finding in self.findings if finding.check == check)


def deep_check(
    derivation: Derivation,
    seed: int = 0,
    derivatives: Sequence[str] = GRADIENT,
    progress: Progress = lambda _: None,
    extent: Extent = Extent(),
) -> DeepCheck:
    """Every check on a derivation and on the modules that are made of it.

    Raises:
        CheckFailed: where no random tensors are found at which the cost is a number.
    """
    progress("generating the modules")
    modules = {style: load(derivation, style=style, verify=False) for style in STYLES}
    progress("evaluating every step on several random tensors")
    findings = step_findings(derivation, trials(derivation, seed, extent.trials))
    points = measured(derivation, seed, extent)
    findings += module_findings(derivation, modules, points, progress)
    second = second_derivatives(derivation, derivatives)
    if second is not None:
        progress("checking second derivatives")
        findings += _of_second(derivation, second, derivatives, points, extent)
    return DeepCheck(tuple(findings), seed)


def measured(derivation: Derivation, seed: int, extent: Extent) -> tuple[Measurements, ...]:
    """The points at which modules are tried, with the derivatives there; nothing of a module or of the derivation's steps is in them.

    Raises:
        CheckFailed: where the cost is a number at none of them.
    """
    found = []
    for number, among in enumerate(extent.sizes):
        try:
            both = [random_point(derivation, seed + place, among) for place in (number, len(extent.sizes) + number)]
        except CheckFailed:
            # A variance of one example, divided by N − 1.
            continue
        found.append(Measurements(both[0], both[1], seed))
    if not found:
        raise CheckFailed(NO_POINT)
    return tuple(found)


def module_findings(
    derivation: Derivation, modules: Mapping[str, ModuleType], points: Sequence[Measurements], progress: Progress = lambda _: None
) -> list[Finding]:
    """What calls of some modules of one derivation return."""
    progress("measuring gradients in extended precision")
    findings = gradient_findings(modules, points)
    progress("calling the modules again and again")
    findings += value_findings(derivation, modules, [measurements.point for measurements in points], points[0].seed)
    findings += call_findings(modules, [(measurements.point, measurements.other) for measurements in points])
    return findings + optimiser_findings(modules, points[0].point)


def _of_second(
    derivation: Derivation, second: SecondDerivatives, derivatives: Sequence[str], points: Sequence[Measurements], extent: Extent
) -> list[Finding]:
    again, seed = second.derivation.derivation, points[0].seed
    steps = step_findings(again, trials(again, seed, extent.trials))
    rows = [replace(row, subject=f"{row.subject}, of the second derivatives") for row in steps]
    module = load(derivation, derivatives=derivatives, verify=False)
    return rows + second_findings(derivation, module, second, [measurements.point for measurements in points], seed)
