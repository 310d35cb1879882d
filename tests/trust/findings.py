"""Mistakes that were found while the checks were built, each with what holds it now."""

# One a line, so that lines of several hands come together easily.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """What was wrong, what was done, and the test that fails when it comes back.

    `held_by` is a test, "test_fuzzing:test_a_regression".
    """

    what: str
    mended: str
    held_by: str


FINDINGS: tuple[Found, ...] = (
    Found("the name of a constant of equations went into the module as it was: x = __import__('os')…; y ran", "a constant's name is letters, digits and underscores, and none of Python's own", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("a tensor called _x or __class__ ended in a traceback, as no field of a NamedTuple begins so", "a name begins with a letter", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("a constant could hide a function that the module calls: print, isinstance", "no constant is called like a builtin of Python", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("a network could be called conftest, sitecustomize, __init__ or CON: files that programs run or take for devices", "such names are refused", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("--notation of a pipe or of a link to /dev/zero was read without an end", "a notation is read as a description is: files alone, up to a limit", "test_hostile_descriptions:test_a_notation_that_is_no_file_is_refused"),
    Found("a pipe in the output folder held the build up for ever, as it was read to see who had made it", "what is no file is refused before it is read", "test_hostile_descriptions:test_a_pipe_in_the_folder_is_refused"),
    Found("building test_net beside net replaced the test of net, which chainrule had made too", "files of another network in the folder are refused", "test_hostile_descriptions:test_a_network_does_not_replace_files_of_another"),
    Found("a path of 3,000 characters was repeated whole in a message", "a message shows the beginning of a path", "test_hostile_descriptions:test_an_attempt_is_refused"),
    Found("a notation's letter could be a command of LaTeX in an accent: \\\\hat{\\\\input}", "inside of an accent stands a letter or a Greek one, by name", "test_hostile_descriptions:test_a_notation_is_refused"),
    Found("escape codes and signs that turn a line, quoted from a stranger's file, went to the terminal", "the command prints no sign that a terminal would obey", "test_fuzzing:test_a_regression"),
    Found("sign(sigmoid(tanh(w)/softplus(-7e16))) was a traceback: a number that cannot be told from 0 had passed as a divisor", "numbers other than 0 below 1e-100 are refused, whatever they come from", "test_fuzzing:test_a_regression"),
    Found("a number divided by softplus(-4.6e16), which is 0 when worked out, was a traceback", "what divides by zero when it is worked out is refused", "test_fuzzing:test_a_regression"),
)  # fmt: skip
