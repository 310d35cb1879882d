"""A step: one move from an expression to another of the same value."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from chainrule.symbolic.index.renaming import Renaming
from chainrule.symbolic.rewriting.rewrites import Rule


@dataclass(frozen=True, slots=True)
class Step:
    """One move: `before` and `after` have the same value at every index, by the `rule`."""

    rule: Rule
    before: Expr
    after: Expr

    def renamed(self, renaming: Renaming) -> Step:
        return Step(self.rule, renaming.of(self.before), renaming.of(self.after))
