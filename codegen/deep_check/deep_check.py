"""Everything that is claimed of one network, tried: the derivation step by step, then the module in both styles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from codegen.loading import load
from codegen.second_program import GRADIENT, SecondDerivatives, second_derivatives
from symbolic.derivation import Derivation

from .calls import call_findings
from .finding import Finding
from .gradients import Measurements, gradient_findings
from .optimisers import optimiser_findings
from .point import random_point
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
    modules = {style: load(derivation, style=style) for style in STYLES}
    progress("evaluating every step on several random tensors")
    findings = step_findings(derivation, trials(seed, extent.trials))
    findings += module_findings(derivation, modules, seed, progress, extent)
    second = second_derivatives(derivation, derivatives)
    if second is not None:
        progress("checking second derivatives")
        findings += _of_second(derivation, second, derivatives, seed, extent)
    return DeepCheck(tuple(findings), seed)


def module_findings(
    derivation: Derivation,
    modules: Mapping[str, ModuleType],
    seed: int = 0,
    progress: Progress = lambda _: None,
    extent: Extent = Extent(),
) -> list[Finding]:
    """What calls of some modules of one derivation return."""
    points = [random_point(derivation, seed + number, among) for number, among in enumerate(extent.sizes)]
    others = [random_point(derivation, seed + len(points) + number, among) for number, among in enumerate(extent.sizes)]
    progress("measuring gradients in extended precision")
    findings = gradient_findings(modules, [Measurements(point, seed) for point in points])
    progress("calling the modules again and again")
    findings += value_findings(derivation, modules, points, seed)
    findings += call_findings(modules, list(zip(points, others, strict=True)))
    return findings + optimiser_findings(modules, points[0])


def _of_second(derivation: Derivation, second: SecondDerivatives, derivatives: Sequence[str], seed: int, extent: Extent) -> list[Finding]:
    steps = step_findings(second.derivation.derivation, trials(seed, extent.trials))
    again = [replace(row, subject=f"{row.subject}, of the second derivatives") for row in steps]
    points = [random_point(derivation, seed + number, among) for number, among in enumerate(extent.sizes)]
    return again + second_findings(derivation, load(derivation, derivatives=derivatives), second, points, seed)
