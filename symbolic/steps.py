"""A step: one move from an expression to another of the same value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr


@dataclass(frozen=True, slots=True)
class Step:
    """One move: `before` and `after` have the same value at every index, for the reason that `rule` names."""

    rule: str
    before: Expr
    after: Expr

    def renamed(self, names: Mapping[Expr, Expr]) -> Step:
        return Step(self.rule, self.before.xreplace(names), self.after.xreplace(names))
