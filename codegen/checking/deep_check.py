"""Everything that is claimed of one network, tried: the derivation step by step, then the module in both styles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from chainrule.codegen.backends.numpy.arguments import sample_sizes
from chainrule.codegen.backends.registry import BACKENDS, NUMPY
from chainrule.codegen.program.derivative_kinds import GRADIENT
from chainrule.codegen.program.derived_functions import DerivedFunctions
from chainrule.codegen.program.further_derivatives import further_derivatives
from chainrule.codegen.program.second_program import SecondDerivatives
from chainrule.symbolic.checking.draws import NO_NUMBER
from chainrule.symbolic.checking.zero_adjoints import with_slopes
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import CheckFailed
from chainrule.symbolic.system.small_sizes import sizes_to_try

from .calls import call_findings
from .derived_check import function_findings
from .finding import Finding
from .gradients import Measurements, gradient_findings
from .loading import load
from .optimisers import optimiser_findings
from .point import random_point
from .second import second_findings
from .steps import step_findings, trials
from .values import value_findings

Progress = Callable[[str], None]


@dataclass(frozen=True)
class DeepCheckExtent:
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

    @property
    def vacuous(self) -> int:
        """How many things were compared that were 0 on both sides in every trial."""
        return sum(finding.vacuous for finding in self.findings)

    def tried(self, check: str) -> int:
        """How many trials there were of one kind."""
        return sum(finding.tried for finding in self.findings if finding.check == check)


def deep_check(
    derivation: Derivation,
    seed: int = 0,
    derivatives: Sequence[str] = GRADIENT,
    progress: Progress = lambda _: None,
    extent: DeepCheckExtent = DeepCheckExtent(),
) -> DeepCheck:
    """Every check on a derivation and on the modules that are made of it.

    Raises:
        CheckFailed: where no random tensors are found at which the cost is a number.
    """
    progress("generating the modules")
    modules = {style: load(derivation, style=style, verify=False) for style in BACKENDS[NUMPY].styles}
    progress("evaluating every step on several random tensors")
    findings = step_findings(derivation, trials(derivation, seed, extent.trials))
    points = measured(derivation, seed, extent)
    findings += module_findings(derivation, modules, points, progress)
    further = further_derivatives(derivation, derivatives)
    if further is not None and further.second is not None:
        progress("checking second derivatives")
        findings += _of_second(derivation, further.second, derivatives, points, extent)
    if further is not None and further.derived is not None:
        progress("checking what is made of gradients")
        findings += _of_functions(derivation, further.derived, derivatives, points)
    return DeepCheck(tuple(findings), seed)


def measured(derivation: Derivation, seed: int, extent: DeepCheckExtent) -> tuple[Measurements, ...]:
    """The points at which modules are tried, with the derivatives there; nothing of a module or of the derivation's steps is in them.

    Raises:
        CheckFailed: where the cost is a number at none of them.
    """
    found = []
    for number, among in enumerate(extent.sizes):
        seeds = (seed + number, seed + len(extent.sizes) + number)
        found += _measured_at(derivation, sample_sizes(derivation.system, among), seeds, seed)
    if not found:
        raise CheckFailed(NO_NUMBER)
    return (*found, *_telling(derivation, found, seed))


def _measured_at(derivation: Derivation, sizes: Mapping[str, int], seeds: tuple[int, int], seed: int) -> list[Measurements]:
    try:
        point, other = (random_point(derivation, own, sizes) for own in seeds)
    except CheckFailed:
        # A variance of one example, divided by N − 1.
        return []
    return [Measurements(point, other, seed)]


def _telling(derivation: Derivation, points: Sequence[Measurements], seed: int) -> Iterator[Measurements]:
    """Points of other sizes, at which parameters have an effect on the cost that have none at any of these."""
    waiting = set(with_slopes(derivation)).intersection(*(point.without_effect for point in points))
    for sizes in sizes_to_try(derivation.system) if waiting else ():
        for further in _measured_at(derivation, sizes, (seed, seed + 1), seed):
            if not waiting <= further.without_effect:
                waiting &= further.without_effect
                yield further
        if not waiting:
            break


def module_findings(
    derivation: Derivation, modules: Mapping[str, ModuleType], points: Sequence[Measurements], progress: Progress = lambda _: None
) -> list[Finding]:
    """What calls of some modules of one derivation return."""
    progress("measuring gradients in extended precision")
    findings = gradient_findings(modules, points, with_slopes(derivation))
    progress("calling the modules again and again")
    findings += value_findings(derivation, modules, [measurements.point for measurements in points], points[0].seed)
    findings += call_findings(modules, [(measurements.point, measurements.other) for measurements in points])
    return findings + optimiser_findings(modules, points[0].point)


def _of_functions(
    derivation: Derivation, derived: DerivedFunctions, derivatives: Sequence[str], points: Sequence[Measurements]
) -> list[Finding]:
    """Their equations by steps, and the functions beside the equations, in both styles."""
    _ = derived.verified
    rows = []
    for style in BACKENDS[NUMPY].styles:
        module = load(derivation, derivatives=derivatives, style=style, verify=False)
        found = function_findings(derived, module, [measurements.point for measurements in points])
        rows += [replace(row, subject=f"{row.subject}, {style}") for row in found]
    return rows


def _of_second(
    derivation: Derivation, second: SecondDerivatives, derivatives: Sequence[str], points: Sequence[Measurements], extent: DeepCheckExtent
) -> list[Finding]:
    again, seed = second.derivation.derivation, points[0].seed
    steps = step_findings(again, trials(again, seed, extent.trials))
    rows = [replace(row, subject=f"{row.subject}, of the second derivatives") for row in steps]
    module = load(derivation, derivatives=derivatives, verify=False)
    return rows + second_findings(derivation, module, second, [measurements.point for measurements in points], seed)
