"""What is marked: code or formulas, as syntax trees that can be run on the numbers of a network."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Protocol

from .given import GivenArrays
from .python.bounds import Spent
from .python.recorded import Changes, Run


class Work(Protocol):
    """A work of code, or of formulas."""

    @property
    def tree(self) -> ast.Module: ...

    @property
    def spent(self) -> Spent: ...

    @property
    def numbers(self) -> frozenset[int]:
        """The whole numbers that stand in it."""

    @property
    def names(self) -> frozenset[str]:
        """The names that stand in it, also in shapes that are said beside formulas."""

    @property
    def has_exact_names(self) -> bool:
        """Whether a name says beyond doubt which quantity a line is, as in a formula."""

    @property
    def parts(self) -> Sequence[Work]:
        """What may be laid out each in its own way, as the displays of a document may be; none of code."""

    def with_tree(self, tree: ast.Module) -> Work:
        """The same with another tree."""

    def run(self, given: GivenArrays, changes: Changes | None = None) -> Run:
        """What each of its lines is on what is given."""
