"""Mistakes that were found while these trials were made, each with what holds it now."""

# One a line, so that lines of several hands come together easily.
# ruff: noqa: E501

from __future__ import annotations

import importlib
from dataclasses import dataclass

from .mutations import MUTATIONS


@dataclass(frozen=True, slots=True)
class Found:
    """A mistake: by which trial it was found, what was wrong, and what would find it again.

    `held_by` is a test, "test_fuzzing:test_a_regression", or a mutation, "mutation: a lost transpose".
    """

    by: str
    wrong: str
    held_by: str


# fmt: off
FINDINGS: tuple[Found, ...] = (
    Found("deep check", "the adjoint of a layer that equals an earlier one is made by renaming, and was evaluated nowhere: a lost transpose in it passed", "mutation: a lost transpose"),
    Found("deep check", "a sum over a part of an axis was evaluated over the whole of it: a printed formula with wrong limits passed as right", "mutation: a sum over a part of its axis"),
    Found("deep check", "the check of gradients left out the row of a parameter whose gradient has another shape, so that nothing failed there", "mutation: a reduction over the wrong axis"),
    Found("deep check", "workspaces were called with parameters alone that lie as the workspace wants them: a copy that is never made again passed", "mutation: parameters not copied again"),
    Found("deep check", "gradients of a batch were tried with one size of batch alone: a module that keeps the number of an earlier call passed", "mutation: a batch size of an earlier call"),
    Found("deep check", "steps of a convolution with all its letters at different primes were billions of numbers: gigabytes, and a minute", "test_deep_check:test_sizes_keep_the_largest_step_small"),
    Found("hostile descriptions", "the name of a constant of equations went into the module as it was: x = __import__('os')…; y ran", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("hostile descriptions", "a tensor called _x or __class__ ended in a traceback, as no field of a NamedTuple begins so", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("hostile descriptions", "a constant could hide a function that the module calls: print, isinstance", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("hostile descriptions", "a network could be called conftest, sitecustomize, __init__ or CON: files that programs run or take for devices", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("hostile descriptions", "--notation of a pipe or of a link to /dev/zero was read without an end", "test_hostile_descriptions:test_a_notation_that_is_no_file_is_refused"),
    Found("hostile descriptions", "a pipe in the output folder held the build up for ever, as it was read to see who had made it", "test_hostile_descriptions:test_a_pipe_in_the_folder_is_refused"),
    Found("hostile descriptions", "building test_net beside net replaced the test of net, which chainrule had made too", "test_hostile_descriptions:test_a_network_does_not_replace_files_of_another"),
    Found("hostile descriptions", "a path of 3,000 characters was repeated whole in a message", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("fuzzing", "escape codes and signs that turn a line, quoted from a stranger's file, went to the terminal", "test_fuzzing:test_a_regression"),
    Found("fuzzing", "sign(sigmoid(tanh(w)/softplus(-7e16))) was a traceback: a number that cannot be told from 0 had passed as a divisor", "test_fuzzing:test_a_regression"),
    Found("fuzzing", "a number divided by softplus(-4.6e16), which is 0 when worked out, was a traceback", "test_fuzzing:test_a_regression"),
    Found("faults", "files were moved by the build itself: killed between two moves, it left some old and some new", "test_faults:test_killed_at_every_call_while_writing"),
    Found("faults", "two builds into one folder at once could leave files of both", "test_faults:test_two_builds_into_one_folder"),
    Found("faults", "a place that was taken in the last moment stopped the moves half way", "test_faults:test_an_unwritable_folder"),
)
# fmt: on


def is_held(found: Found) -> bool:
    """Whether what holds a mistake exists."""
    if found.held_by.startswith("mutation: "):
        return found.held_by.removeprefix("mutation: ") in {mutation.name for mutation in MUTATIONS}
    module, _, name = found.held_by.partition(":")
    return hasattr(importlib.import_module(module), name)
