"""The formats of files for courses: for each what it is, how its files are called, and who writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chainrule.codegen.words.translation import speaking
from chainrule.symbolic.index.failures import InvalidDescription

from .assignment import render_assignment
from .course import Course
from .moodle import render_moodle
from .questions_as_json import render_json


@dataclass(frozen=True, slots=True)
class CourseFormat:
    """`stem` and `suffix` stand behind the network's name."""

    meaning: str
    stem: str
    suffix: str
    render: Callable[[Course], str]


COURSE_FORMATS: dict[str, CourseFormat] = {
    "moodle": CourseFormat("questions of --exercises for Moodle's question bank (XML)", "moodle", ".xml", render_moodle),
    "nbgrader": CourseFormat("an assignment that nbgrader releases and grades", "nbgrader", ".ipynb", render_assignment),
    "json": CourseFormat("questions and answers of --exercises as data", "questions", ".json", render_json),
}


def course_files(course: Course, formats: Sequence[str], behind: str = "") -> dict[str, str]:
    """The files of those formats that are for courses, by their names; `behind` tells those of several sheets apart."""
    with speaking(course.exercises.sheet.language):
        chosen = [COURSE_FORMATS[name] for name in formats if name in COURSE_FORMATS]
        return {f"{course.name}_{each.stem}{behind}{each.suffix}": each.render(course) for each in chosen}


def refuse_without_questions(formats: Sequence[str], count: int) -> None:
    """Raises `InvalidDescription` where a format is made of questions and there are none."""
    for name in formats:
        if name in COURSE_FORMATS and not count:
            raise InvalidDescription(f"--formats {name} is made of questions; add --exercises N, as in --exercises 8")
