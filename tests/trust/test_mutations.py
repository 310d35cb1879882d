"""Every deliberate mistake is caught, by the checks that its row names and by no others; without a mistake nothing fails."""

from __future__ import annotations

import pytest
from trust.findings import FINDINGS, is_held
from trust.missed import MISSED
from trust.mutants import DoesNotFit, Formula, mutant
from trust.mutated_networks import NETWORKS
from trust.mutations import MUTATIONS, REFUSED, WORKED_NUMBERS, Mutation, Outcome, full_text, outcome, right_findings
from trust.worked_numbers import worked_numbers

from chainrule.codegen.checking.finding import CHECKS


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: f"{mutation.network}: {mutation.name}")
def test_each_is_caught(mutation: Mutation) -> None:
    assert mutation.caught_by, "a mistake that nothing catches belongs to no table"
    assert outcome(mutation) == Outcome(mutation.caught_by, vacuous=0)


@pytest.mark.parametrize("network", NETWORKS)
def test_nothing_fails_without_a_mistake(network: str) -> None:
    failed = [finding for finding in right_findings(network) if finding.failed]
    assert not failed


def test_the_numbers_of_the_gallery_are_right() -> None:
    found = worked_numbers(full_text("mazur"))
    assert found.checked > 100
    assert not found.failures


def test_there_are_many_and_no_two_are_the_same() -> None:
    assert len(MUTATIONS) >= 40
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)
    assert len({(mutation.network, mutation.change) for mutation in MUTATIONS}) == len(MUTATIONS)


def test_every_check_catches_something() -> None:
    """A check that catches nothing might as well be dead. Second derivatives have tests of their own."""
    catching_any = {check for mutation in MUTATIONS for check in mutation.caught_by}
    assert catching_any == {*CHECKS, REFUSED, WORKED_NUMBERS} - {"second derivatives"}


def test_some_are_caught_by_one_check_alone() -> None:
    alone = {mutation.caught_by[0] for mutation in MUTATIONS if len(mutation.caught_by) == 1}
    assert alone >= {"steps", "values", "calls", "optimisers", WORKED_NUMBERS, REFUSED}


def test_a_mistake_whose_text_is_not_there_is_no_mistake() -> None:
    with pytest.raises(DoesNotFit):
        mutant("layers", Formula("a2", "a3[n, k]", "0"))


@pytest.mark.parametrize("finding", [*FINDINGS, *MISSED], ids=lambda finding: finding.what)
def test_what_was_found_is_held_by_tests_that_exist(finding: object) -> None:
    assert is_held(finding), finding
