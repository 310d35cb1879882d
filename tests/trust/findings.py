"""Mistakes that these trials found while they were made, each with the test that holds it now."""

# One a line, so that lines of several hands come together easily.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """A mistake: by which trial it was found, what was wrong, and the test that would find it again."""

    by: str
    wrong: str
    test: str


FINDINGS: tuple[Found, ...] = (
    Found("hostile descriptions", "the name of a constant of equations went into the module as it was: x = __import__('os')…; y ran", "tests/test_hostile_descriptions.py::test_an_attempt_is_refused"),
    Found("hostile descriptions", "a tensor called _x or __class__ ended in a traceback, as no field of a NamedTuple begins so", "tests/test_hostile_descriptions.py::test_an_attempt_is_refused"),
    Found("hostile descriptions", "a constant could hide a function that the module calls: print, isinstance", "tests/test_hostile_descriptions.py::test_an_attempt_is_refused"),
    Found("hostile descriptions", "a network could be called conftest, sitecustomize, __init__ or CON: files that programs run or take for devices", "tests/test_hostile_descriptions.py::test_an_attempt_is_refused"),
    Found("hostile descriptions", "--notation of a pipe or of a link to /dev/zero was read without an end", "tests/test_hostile_descriptions.py::test_a_notation_that_is_no_file_is_refused"),
    Found("hostile descriptions", "a pipe in the output folder held the build up for ever, as it was read to see who had made it", "tests/test_hostile_descriptions.py::test_a_pipe_in_the_folder_is_refused"),
    Found("hostile descriptions", "building test_net beside net replaced the test of net, which chainrule had made too", "tests/test_hostile_descriptions.py::test_a_network_does_not_replace_files_of_another"),
    Found("hostile descriptions", "a path of 3,000 characters was repeated whole in a message", "tests/test_hostile_descriptions.py::test_an_attempt_is_refused"),
    Found("hostile descriptions", "a notation's letter could be a command of LaTeX in an accent: \\\\hat{\\\\input}", "tests/test_hostile_descriptions.py::test_a_notation_is_refused"),
    Found("fuzzing", "escape codes and signs that turn a line, quoted from a stranger's file, went to the terminal", "tests/test_fuzzing.py::test_a_regression"),
    Found("fuzzing", "sign(sigmoid(tanh(w)/softplus(-7e16))) was a traceback: a number that cannot be told from 0 had passed as a divisor", "tests/test_fuzzing.py::test_a_regression"),
    Found("fuzzing", "a number divided by softplus(-4.6e16), which is 0 when worked out, was a traceback", "tests/test_fuzzing.py::test_a_regression"),
)  # fmt: skip
