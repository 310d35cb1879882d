"""What a file for a course is made of."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.codegen.exercises.sheet import Exercises
from chainrule.codegen.lesson.material import Material


@dataclass(frozen=True)
class Course:
    """The questions of one sheet, and the network that they are about."""

    material: Material
    exercises: Exercises

    @property
    def name(self) -> str:
        return self.material.system.name
