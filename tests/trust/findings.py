"""Mistakes that were found while these trials were made, each with what holds it now."""

# One a line, so that lines of several hands come together easily.
# ruff: noqa: E501

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Protocol

from places import TESTS

from .mutations import MUTATIONS


@dataclass(frozen=True, slots=True)
class Found:
    """What was wrong, what was done, and what fails when it comes back.

    `held_by` is a test, "test_fuzzing:test_a_regression", or a deliberate mistake, "mutation: a lost transpose".
    """

    what: str
    mended: str
    held_by: str


class Holds(Protocol):
    """A finding, or a kind that was missed."""

    @property
    def held_by(self) -> str: ...


# fmt: off
FINDINGS: tuple[Found, ...] = (
    Found("the adjoint of a layer that equals an earlier one is made by renaming, and was evaluated nowhere: a lost transpose in it passed", "all adjoints are evaluated together, by one complex step in all tensors at once", "mutation: a lost transpose"),
    Found("a sum over a part of an axis was evaluated over the whole of it: a printed formula with wrong limits passed as right", "the interpreter refuses a sum that does not run over a whole axis", "mutation: a sum over a part of its axis"),
    Found("the check of gradients left out the row of a parameter whose gradient has another shape, so that nothing failed there", "a row with failures is shown though nothing could be compared", "mutation: a reduction over the wrong axis"),
    Found("workspaces were called with parameters alone that lie as the workspace wants them: a copy that is never made again passed", "workspaces are also called with arrays that lie otherwise, and every way again after its arrays were changed in place", "mutation: parameters not copied again"),
    Found("gradients of a batch were tried with one size of batch alone: a module that keeps the number of an earlier call passed", "several sizes of every open axis, one of them a single example", "mutation: a batch size of an earlier call"),
    Found("steps of a convolution with all its letters at different primes were billions of numbers: gigabytes, and a minute", "sizes are chosen so that the largest step stays within a stated number of positions", "test_deep_check:test_sizes_keep_the_largest_step_small"),
    Found("the name of a constant of equations went into the module as it was: x = __import__('os')…; y ran", "a constant's name is letters, digits and underscores, and none of Python's own", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("a tensor called _x or __class__ ended in a traceback, as no field of a NamedTuple begins so", "a name begins with a letter", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("a constant could hide a function that the module calls: print, isinstance", "where a description has a name of the module's, the module calls its own otherwise", "test_hostile_descriptions:test_a_name_that_the_module_has_too"),
    Found("a network could be called conftest, sitecustomize, __init__ or CON: files that programs run or take for devices", "such names are refused", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("--notation of a pipe or of a link to /dev/zero was read without an end", "a notation is read as a description is: files alone, up to a limit", "test_hostile_descriptions:test_a_notation_that_is_no_file_is_refused"),
    Found("a pipe in the output folder held the build up for ever, as it was read to see who had made it", "what is no file is refused before it is read", "test_hostile_descriptions:test_a_pipe_in_the_folder_is_refused"),
    Found("building test_net beside net replaced the test of net, which chainrule had made too", "files of another network in the folder are refused", "test_hostile_descriptions:test_a_network_does_not_replace_files_of_another"),
    Found("a path of 3,000 characters was repeated whole in a message", "a message shows the beginning of a path", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("a notation's letter could be a command of LaTeX in an accent: \\\\hat{\\\\input}", "inside of an accent stands a letter or a Greek one, by name", "test_hostile_descriptions:test_a_notation_is_refused"),
    Found("escape codes and signs that turn a line, quoted from a stranger's file, went to the terminal", "the command prints no sign that a terminal would obey", "test_fuzzing:test_a_regression"),
    Found("sign(sigmoid(tanh(w)/softplus(-7e16))) was a traceback: a number that cannot be told from 0 had passed as a divisor", "numbers other than 0 below 1e-100 are refused, whatever they come from", "test_fuzzing:test_a_regression"),
    Found("a number divided by softplus(-4.6e16), which is 0 when worked out, was a traceback", "what divides by zero when it is worked out is refused", "test_fuzzing:test_a_regression"),
    Found("files were moved by the build itself: killed between two moves, it left some old and some new", "a process of its own moves them, and goes on where the build is ended", "test_faults:test_killed_at_every_call_while_writing"),
    Found("two builds into one folder at once could leave files of both", "who moves holds the folder's lock", "test_faults:test_two_builds_into_one_folder"),
    Found("a place that was taken in the last moment stopped the moves half way", "moves before it are taken back", "test_faults:test_an_unwritable_folder"),
    Found("inputs = [3] or [[\"\"]] ended in a traceback: the schema did not say what a list of tensors consists of", "every part of the schema says what is expected", "test_bad_descriptions:test_every_part_of_the_schema_says_what_is_expected"),
    Found("a transposed convolution was verified on arrays of 2 GB, as every axis had a size of its own: too many letters for one step", "sizes are the largest of some choices for which every step stays small", "test_fuzzing:test_a_regression"),
    Found("a sound network was refused: where log(1 − a) of an a near 1 rounds, complex steps and the adjoint differ by 1e-7", "random numbers at which rounding takes digits are drawn again", "test_layers:test_a_saturated_draw_is_drawn_again"),
    Found("exercises of a network with labels gave the label 1 where the key read 0", "labels are written as the document counts", "test_student_numbers:test_a_label_is_given_as_the_key_reads_it"),
    Found("matrix notation wrote a label of two axes as rows, and a quantity that lacks an axis as if it had it; the build ended in a traceback", "what has three axes has no matrix notation; what lacks an axis is written with its 1", "test_fuzzing:test_a_regression"),
    Found("at ties of 0 a complex step in all tensors took another branch than the network: a sound network was refused", "what a complex step leaves of a 0 is compared as 0", "test_random_systems:test_systems_are_right"),
    Found("a cycle of equations in which one lacks the axis of the others ended in a traceback", "such a cycle is refused as one without steps", "test_fuzzing:test_a_regression"),
    Found("a negative number to a power of many digits was worked out for minutes", "it is no real number, and refused before", "test_fuzzing:test_a_regression"),
    Found("x**g with a constant g was differentiated with a division by x, and common factors of it were lost: (1 - p)**gamma*log(p)", "such a power is differentiated without a division", "test_stability:test_powers"),
    Found("binary cross-entropy of a sigmoid of a formula, read by two equations: its adjoint y/o was infinite where o had rounded to 0, its readers 0/0", "what all readers multiply by again is not divided by", "mutation: an adjoint that readers multiply once more by what it is scaled by"),
    Found("logarithms and quotients of exponentials were safe where built-in layers write them, and NaN inside of products, recurrences and sums", "rules on trees look through definitions, before parts of a formula leave a loop", "test_saturated_compositions:test_compositions"),
    Found("one equal pair made every gradient of a contrastive cost NaN", "the slope of a norm is 0 where the norm is", "test_stability:test_a_norm_of_0_has_slope_0"),
    Found("1e9*(m - 1) was multiplied out, and digits were lost in float32", "terms with the same large number are added before it multiplies them", "test_stability:test_a_large_number_is_not_multiplied_out"),
)
# fmt: on


def is_held(found: Holds) -> bool:
    """Whether what holds a mistake exists."""
    if found.held_by.startswith("mutation: "):
        return found.held_by.removeprefix("mutation: ") in {mutation.name for mutation in MUTATIONS}
    module, _, name = found.held_by.partition(":")
    (path,) = TESTS.rglob(f"{module}.py")
    return any(
        isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name for node in ast.parse(path.read_text(encoding="utf-8")).body
    )
