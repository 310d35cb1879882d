"""Mistakes that were found while the checks were built, each with what holds it now."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from .mutations import MUTATIONS


@dataclass(frozen=True)
class Found:
    """What was wrong, what was done, and the test that fails when it comes back.

    `held_by` is a test, "test_deep_check:test_name", or a mutation, "mutation: its name".
    """

    what: str
    mended: str
    held_by: str


FINDINGS: tuple[Found, ...] = (
    Found(
        "the adjoint of a layer that equals an earlier one is made by renaming, and was evaluated nowhere: a lost transpose in it passed",
        "all adjoints are evaluated together, by one complex step in all tensors at once",
        "mutation: a lost transpose",
    ),
    Found(
        "a sum over a part of an axis was evaluated over the whole of it: a printed formula with wrong limits passed as right",
        "the interpreter refuses a sum that does not run over a whole axis",
        "mutation: a sum over a part of its axis",
    ),
    Found(
        "the check of gradients left out the row of a parameter whose gradient has another shape, so that nothing failed there",
        "a row with failures is shown though nothing could be compared",
        "mutation: a reduction over the wrong axis",
    ),
    Found(
        "workspaces were called with parameters alone that lie as the workspace wants them: a copy that is never made again passed",
        "workspaces are also called with arrays that lie otherwise, and every way again after its arrays were changed in place",
        "mutation: parameters not copied again",
    ),
    Found(
        "gradients of a batch were tried with one size of batch alone: a module that keeps the number of an earlier call passed",
        "several sizes of every open axis, one of them a single example",
        "mutation: a batch size of an earlier call",
    ),
    Found(
        "steps of a convolution with all its letters at different primes were billions of numbers: gigabytes, and a minute",
        "sizes are chosen so that the largest step stays within a stated number of positions",
        "test_deep_check:test_sizes_keep_the_largest_step_small",
    ),
)


def holding_tests(found: Found) -> bool:
    """Whether what holds a mistake exists."""
    if found.held_by.startswith("mutation: "):
        return found.held_by.removeprefix("mutation: ") in {mutation.name for mutation in MUTATIONS}
    module, _, name = found.held_by.partition(":")
    return hasattr(importlib.import_module(module), name)
