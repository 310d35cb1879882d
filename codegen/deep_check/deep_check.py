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

Progress = Callable[[str], None]
STYLES = ("plain", "fast")
#: Choices of random tensors for the derivation.
TRIALS = 3
#: Open sizes at the points at which modules are tried: different primes; and one example, for which fast modules have code of its own.
SIZES = ((5, 3, 7, 2, 11), (3, 7, 2, 5, 11), (1, 2, 3, 5, 7))


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
    derivation: Derivation, seed: int = 0, derivatives: Sequence[str] = GRADIENT, progress: Progress = lambda _: None
) -> DeepCheck:
    """Every check on a derivation and on the modules that are made of it.

    Raises:
        CheckFailed: where no random tensors are found at which the cost is a number.
    """
    progress("evaluating every step on several random tensors")
    findings = step_findings(derivation, trials(seed, TRIALS))
    progress("generating the modules")
    modules = {style: load(derivation, style=style) for style in STYLES}
    findings += module_findings(derivation, modules, seed, progress)
    second = second_derivatives(derivation, derivatives)
    if second is not None:
        progress("checking second derivatives")
        findings += _of_second(derivation, second, derivatives, seed)
    return DeepCheck(tuple(findings), seed)


def module_findings(
    derivation: Derivation, modules: Mapping[str, ModuleType], seed: int, progress: Progress = lambda _: None
) -> list[Finding]:
    """What calls of some modules of one derivation return."""
    points = [random_point(derivation, seed + number, among) for number, among in enumerate(SIZES)]
    others = [random_point(derivation, seed + len(SIZES) + number, among) for number, among in enumerate(SIZES)]
    progress("measuring gradients in extended precision")
    findings = gradient_findings(modules, [Measurements(point, seed) for point in points])
    progress("calling the modules again and again")
    findings += call_findings(modules, list(zip(points, others, strict=True)))
    return findings + optimiser_findings(modules, points[0])


def _of_second(derivation: Derivation, second: SecondDerivatives, derivatives: Sequence[str], seed: int) -> list[Finding]:
    steps = step_findings(second.derivation.derivation, trials(seed, TRIALS))
    again = [replace(row, subject=f"{row.subject}, of the second derivatives") for row in steps]
    points = [random_point(derivation, seed + number, among) for number, among in enumerate(SIZES[:2])]
    return again + second_findings(derivation, load(derivation, derivatives=derivatives), second, points, seed)
