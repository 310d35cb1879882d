"""What a file for a course is made of."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.codegen.exercises.sheet import Exercises


@dataclass(frozen=True)
class Course:
    """The questions of one sheet on the network of this name."""

    name: str
    exercises: Exercises
