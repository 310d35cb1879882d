"""A work of formulas: its equations one after the other, and a run of what they say on the numbers of a network."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from chainrule.codegen.marking.python.bounds import Spent
from chainrule.codegen.marking.python.reasons import TOO_DEEP, Exhausted
from chainrule.codegen.marking.python.recorded import Changes, Run, Unread

from .evaluation import Evaluation, Outcome, is_boundary
from .quantities import Quantities

MOST_EQUATIONS = 400


@dataclass(frozen=True)
class FormulaWork:
    """The equations of a work, each an assignment of a syntax tree, and the lines that are none; of a document by section and display."""

    tree: ast.Module
    unread: Sequence[Unread] = ()
    trees: Mapping[tuple[int, int], ast.Module] = field(default_factory=dict)
    spent: Spent = field(default_factory=Spent, compare=False)
    #: The names of sizes in shapes that stand below braces, by line.
    sizes: Mapping[int, frozenset[str]] = field(default_factory=dict)
    #: What equations are where everything that they read is as it has to be; the same for all works that are parts of one.
    outcomes: dict[object, Outcome] = field(default_factory=dict, compare=False, repr=False)

    @property
    def has_exact_names(self) -> bool:
        """A formula says by its name what it is."""
        return True

    @cached_property
    def numbers(self) -> frozenset[int]:
        """The whole numbers that stand in it."""
        return frozenset(node.value for node in ast.walk(self.tree) if isinstance(node, ast.Constant) and type(node.value) is int)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that stand in it, those in shapes included."""
        said = frozenset(node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name))
        return said.union(*(self.sizes.get(statement.lineno, frozenset()) for statement in self.tree.body))

    @cached_property
    def says_what_activates(self) -> bool:
        """Whether σ is the activation of any layer: a = σ(z) stands there, or a σ′."""
        functions = {node.func.id for node in ast.walk(self.tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        values = [node.value for node in self.tree.body if isinstance(node, ast.Assign)]
        are_whole = any(isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "σ" for each in values)
        return "slope" in functions or are_whole

    @property
    def parts(self) -> Sequence[FormulaWork]:
        """The sections of a document, each as a work; of one that has none, as of a section itself, the displays."""
        sections: dict[int, dict[tuple[int, int], ast.Module]] = defaultdict(dict)
        for place, tree in self.trees.items():
            sections[place[0]][place] = tree
        groups = list(sections.values()) if len(sections) > 1 else [{place: tree} for place, tree in self.trees.items()]
        return [
            replace(self, tree=ast.Module([each for tree in group.values() for each in tree.body], []), unread=(), trees=group)
            for group in groups
        ]

    def with_tree(self, tree: ast.Module) -> FormulaWork:
        """The same with other equations."""
        return replace(self, tree=tree)

    def without(self, statements: Collection[ast.stmt]) -> FormulaWork:
        """The same without some of its equations."""
        trees = {place: ast.Module([each for each in tree.body if each not in statements], []) for place, tree in self.trees.items()}
        return replace(self, tree=ast.Module([each for each in self.tree.body if each not in statements], []), trees=trees)

    def run(self, given: Quantities, changes: Changes | None = None) -> Run:
        """Every equation on what is given and on what those before it say."""
        evaluation = Evaluation(given, changes or Changes(), self.outcomes, bounds=self.spent.bounds())
        evaluation.says_what_activates = self.says_what_activates
        evaluation.run.unread |= {each.line: each for each in self.unread}
        equations = [each for each in self.tree.body if isinstance(each, ast.Assign)]
        try:
            # A value before the start is read by the equation that stands before it.
            for statement in sorted(equations, key=lambda each: not is_boundary(each.targets[0])):
                evaluation.equation(statement)
        except Exhausted as problem:
            evaluation.run.is_exhausted = True
            evaluation.run.unread.setdefault(0, Unread(0, "", problem.reason))
        except RecursionError:
            evaluation.run.is_exhausted = True
            evaluation.run.unread.setdefault(0, Unread(0, "", TOO_DEEP))
        self.spent.steps += evaluation.bounds.steps
        return evaluation.run
