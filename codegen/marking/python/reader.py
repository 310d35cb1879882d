"""A work in Python: its text as a syntax tree, and a run of what it computes on the numbers of a network."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of

from .bounds import Spent
from .expressions import Scope
from .interpreter import AllTried, Interpreter, is_main
from .meanings import Meaning
from .operations import REFUSED
from .parsing import parsed
from .reasons import TOO_DEEP, Exhausted, Reason, Unreadable
from .recorded import Changes, Run, Unread
from .repeated_loops import RepeatedLoops
from .values import Defined, DefinedClass, Given, Holder


@dataclass(frozen=True)
class CodeWork:
    """The syntax tree of a work, the one function of it that is meant, where one is named, and the lines that are not in the tree."""

    tree: ast.Module
    function: str | None = None
    unread: Sequence[Unread] = ()
    spent: Spent = field(default_factory=Spent, compare=False)
    meanings: dict[ast.expr, tuple[Meaning, int]] = field(default_factory=dict, compare=False, repr=False)
    loops: RepeatedLoops = field(default_factory=RepeatedLoops, compare=False, repr=False)

    @property
    def has_exact_names(self) -> bool:
        """A name is its author's own."""
        return False

    @property
    def parts(self) -> Sequence[CodeWork]:
        """Code is laid out in one way."""
        return ()

    def with_tree(self, tree: ast.Module) -> CodeWork:
        """The same with other statements."""
        return replace(self, tree=tree)

    @cached_property
    def called(self) -> frozenset[str]:
        """The names of functions and methods that the work calls itself."""
        calls = [node.func for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        own = {each.id for each in calls if isinstance(each, ast.Name)}
        return frozenset(own | {each.attr for each in calls if isinstance(each, ast.Attribute)})

    @cached_property
    def made(self) -> frozenset[str]:
        """The names of what the work calls or builds upon, but for where it is run as a script: classes among them are others' parts."""
        is_script = [node for node in ast.walk(self.tree) if isinstance(node, ast.If) and is_main(node.test)]
        left_out = {id(each) for node in is_script for each in ast.walk(node)}
        calls = [node.func for node in ast.walk(self.tree) if isinstance(node, ast.Call) and id(node) not in left_out]
        bases = [base for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef) for base in node.bases]
        return frozenset(each.id for each in (*calls, *bases) if isinstance(each, ast.Name))

    @cached_property
    def numbers(self) -> frozenset[int]:
        """The whole numbers that stand in it."""
        return frozenset(node.value for node in ast.walk(self.tree) if isinstance(node, ast.Constant) and type(node.value) is int)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that stand in it."""
        return frozenset(node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name))

    def run(self, given: Given, changes: Changes | None = None) -> Run:
        """The work on what is given: its statements, then its functions that nothing calls, with arguments by their names."""
        interpreter = Interpreter(given, self.spent.bounds(), changes=changes or Changes(), meanings=self.meanings, loops=self.loops)
        interpreter.run.unread |= {each.line: each for each in self.unread}
        try:
            with np.errstate(all="ignore"), suppress(AllTried):
                self._go_through(interpreter)
        except Exhausted as problem:
            interpreter.run.is_exhausted = True
            _not_read(interpreter.run, 0, problem.reason)
        except RecursionError:
            interpreter.run.is_exhausted = True
            _not_read(interpreter.run, 0, TOO_DEEP)
        self.spent.steps += interpreter.bounds.steps
        return interpreter.run

    def _go_through(self, interpreter: Interpreter) -> None:
        scope = Scope()
        interpreter.whole(self.tree.body, scope)
        for name, value in list(scope.names.items()):
            if isinstance(value, Defined) and self.is_meant(name):
                self._call(interpreter, value, scope)
            elif isinstance(value, DefinedClass) and (name not in self.made or self.function in value.methods):
                self._call_methods(interpreter, value, scope)

    def is_meant(self, name: str) -> bool:
        return name == self.function if self.function else name not in self.called

    def _call_methods(self, interpreter: Interpreter, value: DefinedClass, scope: Scope) -> None:
        owner = Holder(value.name, methods=value.methods, kinds=value.above | {value.name})
        own = {name for method in value.methods.values() for name in _called_of_itself(method.node)}
        if "__init__" in value.methods:
            interpreter.is_quiet = True
            self._call(interpreter, Defined(value.methods["__init__"].node, owner), scope)
            interpreter.is_quiet = False
        for name, method in value.methods.items():
            if not name.startswith("__") and (name == self.function if self.function else name not in own):
                self._call(interpreter, method.of(owner), scope)

    def _call(self, interpreter: Interpreter, function: Defined, scope: Scope) -> None:
        try:
            interpreter.call_defined(function, (), {}, scope)
        except Exhausted:
            raise
        except (Unreadable, *REFUSED) as problem:
            _not_read(interpreter.run, function.node.lineno, Unreadable.of(problem).reason)


@lru_cache(maxsize=1024)
def _called_of_itself(method: ast.AST) -> frozenset[str]:
    """The methods that one calls of its own object; every run of a work asks for them."""
    calls = [node.func for node in ast.walk(method) if isinstance(node, ast.Call)]
    return frozenset(each.attr for each in calls if isinstance(each, ast.Attribute) and ast.unparse(each.value) == "self")


def _not_read(run: Run, line: int, reason: Reason) -> None:
    run.unread.setdefault(line, Unread(line, "", reason))


def read_code(text: str, file: str, function: str | None = None) -> CodeWork:
    """The syntax tree of a work.

    Raises:
        InvalidDescription: where it is too long, no Python, or has no function of the name.
    """
    tree, unread = parsed(text, file)
    names = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    if function is not None and function not in names:
        raise InvalidDescription(f"{file}: no function {function!r}; {expected_one_of(function, names)}")
    return CodeWork(tree, function, unread)
