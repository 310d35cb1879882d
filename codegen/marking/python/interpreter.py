"""Statements of a work, one after the other: every assignment is recorded, and a line that cannot be read does not end the reading."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from .bounds import MOST_CALLS_DEEP, MOST_TRIED
from .expressions import Scope
from .operations import REFUSED, refuse_unknown
from .reasons import Exhausted, Unreadable
from .recorded import Run
from .repeated_loops import Repeating, outermost
from .spots import NAMED, written
from .values import Defined, DefinedClass, Holder, Value


class _Returned(Exception):
    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class _Left(Exception):
    """A loop's break or continue."""

    def __init__(self, is_break: bool) -> None:
        super().__init__()
        self.is_break = is_break


class AllTried(Exception):
    """What was to be tried at a statement was: the rest of the work says nothing more."""


@dataclass
class Interpreter(Repeating):
    """Goes through statements. A parameter's first values are those of the network, and a loop over epochs is gone through once."""

    passed: int = 0

    def block(self, statements: Sequence[ast.stmt], scope: Scope) -> None:
        for statement in statements:
            self.bounds.step()
            try:
                self.statement(statement, scope)
            except Exhausted:
                raise
            except (Unreadable, *REFUSED) as problem:
                self.not_read(statement, Unreadable.of(problem).reason)

    def whole(self, statements: Sequence[ast.stmt], scope: Scope) -> None:
        """The statements of a file, which end where it would be left."""
        with suppress(_Returned, _Left):
            self.block(statements, scope)

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        if node is self.changes.at:
            if self.passed in self.changes.times:
                self.run.found.append([self.attempt(each, scope) for each in self.changes.tried])
            self.passed += 1
            if self.passed > max(self.changes.times, default=-1):
                raise AllTried
        match node:
            case ast.Assign():
                self.assign(node, node.targets, node.value, scope)
            case ast.AnnAssign(value=ast.expr() as own):
                self.assign(node, [node.target], own, scope)
            case ast.AugAssign():
                self.change(node, scope)
            case ast.Expr():
                self.expression(node, scope)
            case ast.FunctionDef():
                scope.names[node.name] = Defined(node)
            case ast.ClassDef():
                methods = {each.name: Defined(each) for each in node.body if isinstance(each, ast.FunctionDef)}
                bases = [scope.find(base.id) for base in node.bases if isinstance(base, ast.Name)]
                above = [found[0] for found in bases if found is not None and isinstance(found[0], DefinedClass)]
                for base in above:
                    methods = {**base.methods, **methods}
                kinds = frozenset(name for base in above for name in (base.name, *base.above))
                scope.names[node.name] = DefinedClass(node.name, methods, kinds)
            case ast.If():
                if not is_main(node.test):
                    self.block(node.body if self.holds(node.test, scope) else node.orelse, scope)
            case ast.For():
                self.loop(node, scope)
            case ast.While():
                self.loop_while(node, scope)
            case ast.Raise():
                raise _Returned(None)
            case ast.Return():
                raise _Returned(self.returned(node, scope))
            case ast.Import() | ast.ImportFrom():
                self.imported(node)
            case ast.With():
                self.block(node.body, scope)
            case ast.Break() | ast.Continue():
                raise _Left(isinstance(node, ast.Break))
            case ast.Pass() | ast.Assert() | ast.AnnAssign():
                pass
            case _:
                raise Unreadable("kind", name=type(node).__name__)

    def attempt(self, node: ast.expr, scope: Scope) -> Value:
        """The value that an expression would have here, None where it has none or a large one.

        Arrays that it changes are others, and what functions record that it calls is forgotten.
        """
        read = names_in(node) & set(scope.names)
        run, kept, reached, remembered = self.run, self.bounds.kept, dict(self.reached), dict(self.remembered)
        self.run = Run()
        try:
            found = self.value(node, Scope(scope.names | {name: _copied(scope.names[name]) for name in read}, scope.around))
            return None if isinstance(found, np.ndarray) and found.size > MOST_TRIED else found
        except Exhausted:
            raise
        except Unreadable:
            return None
        finally:
            self.run, self.bounds.kept, self.reached, self.remembered = run, kept, reached, remembered

    def expression(self, node: ast.Expr, scope: Scope) -> None:
        """A call for what it changes: np.add.at(dE, tokens, dx)."""
        called = written(node.value.func) if isinstance(node.value, ast.Call) else ""
        if isinstance(node.value, ast.Constant) or called == "print" or called.startswith("super("):
            return
        if isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute) and node.value.func.attr in ("append", "insert"):
            self.put_in_list(node, node.value, node.value.func.value, scope)
            return
        refuse_unknown(self.value(node.value, scope))
        if isinstance(node.value, ast.Call) and node.value.args and called.endswith(".at"):
            spot = self.spot(node.value.args[0], scope)
            self.record(node, spot, self.read(spot, scope), scope, in_place=True)

    def put_in_list(self, node: ast.Expr, call: ast.Call, owner: ast.expr, scope: Scope) -> None:
        """What is appended or inserted is a line where it is computed there; first values of parameters are the network's."""
        spot = self.spot(owner, scope)
        found, name = self.read(spot, scope), str(self.name(spot, scope))
        refuse_unknown(found)
        if not isinstance(found, list) or call.keywords or not call.args:
            raise Unreadable("put")
        *places, part = call.args
        place = int(self.value(places[0], scope)) if places else len(found)
        value = self.known(part, self.given.listed(name), len(found), scope)
        found.insert(place, value)
        if not isinstance(part, ast.Name):
            changed = self.recorded(node, written(call.func), name, value, scope, in_place=False)
            if changed is not None:
                found[place] = changed

    def known(self, node: ast.expr, own: list[Value] | None, place: int, scope: Scope) -> Value:
        """The value of an expression; where it is none that can be known, that of the network in the place of a list."""
        try:
            value = self.value(node, scope)
        except Exhausted:
            raise
        except Unreadable:
            if own is None or place >= len(own):
                raise
            return own[place]
        is_unknown = isinstance(value, Holder) and not value.methods
        return own[place] if is_unknown and own is not None and place < len(own) else value

    def returned(self, node: ast.Return, scope: Scope) -> Value:
        if node.value is None:
            return None
        found = self.value(node.value, scope)
        parts = node.value.elts if isinstance(node.value, ast.Tuple) and isinstance(found, tuple) else [node.value]
        values = list(found) if len(parts) > 1 else [found]
        for place, (part, value) in enumerate(zip(parts, values, strict=False)):
            if not isinstance(part, (*NAMED, ast.Dict, ast.Constant)):
                changed = self.recorded(node, "return", "return", value, scope, in_place=False)
                values[place] = value if changed is None else changed
        self.entries(node, node.value, found, scope)
        return tuple(values) if len(parts) > 1 else values[0]

    def loop(self, node: ast.For, scope: Scope) -> None:
        through = self.value(node.iter, scope)
        if isinstance(through, range) and isinstance(node.target, ast.Name) and not _reads(node, node.target.id):
            self.rounds_of(node, through[:1], scope)
        else:
            self.repeated(node, scope, through, partial(self.rounds_of, node, through, scope))

    def rounds_of(self, node: ast.For, through: Value, scope: Scope) -> None:
        outer = self.in_rounds
        try:
            for place, item in enumerate(self.items(through)):
                self.in_rounds = (*outer, item if isinstance(item, int) else place)
                self.bind(node.target, item, scope)
                if not self.round(node.body, scope):
                    break
        finally:
            self.in_rounds = outer

    def loop_while(self, node: ast.While, scope: Scope) -> None:
        while self.holds(node.test, scope):
            self.bounds.step()
            if not self.round(node.body, scope):
                break

    def round(self, body: Sequence[ast.stmt], scope: Scope) -> bool:
        """One round of a loop; whether there is another."""
        try:
            self.block(body, scope)
        except _Left as left:
            return not left.is_break
        return True

    def imported(self, node: ast.Import | ast.ImportFrom) -> None:
        """Nothing is imported; names of NumPy's modules are known by what they are called here."""
        for each in node.names:
            if isinstance(node, ast.Import) and each.name.split(".")[0] in ("numpy", "math", "scipy"):
                self.modules[each.asname or each.name.split(".")[0]] = ".".join(each.name.split(".")[1:]) if each.asname else ""

    def call_defined(self, function: Defined, arguments: tuple[Value, ...], named: dict[str, Value], scope: Scope) -> Value:
        """The value of a function of the file; an argument without a value is its default, else what its name says."""
        node = function.node
        if self.bounds.depth >= MOST_CALLS_DEEP:
            raise Exhausted("calls")
        self.scopes += 1
        inner = Scope(around=outermost(scope), number=self.scopes)
        if isinstance(node, ast.Lambda):
            inner.around = scope
        inner.names |= dict(self.arguments(node.args, function, arguments, named, scope))
        self.bounds.depth += 1
        try:
            if isinstance(node, ast.Lambda):
                return self.value(node.body, inner)
            self.block(node.body, inner)
        except _Returned as returned:
            return returned.value
        except _Left:
            raise Unreadable("break") from None
        finally:
            self.bounds.depth -= 1
        return None

    def created(self, kind: DefinedClass, arguments: tuple[Value, ...], named: dict[str, Value], scope: Scope) -> Holder:
        """An object, made by its class's own function for that."""
        owner = Holder(kind.name, methods=kind.methods, kinds=kind.above | {kind.name})
        if "__init__" in kind.methods:
            self.call_defined(Defined(kind.methods["__init__"].node, owner), arguments, named, scope)
        return owner

    def arguments(
        self, wanted: ast.arguments, function: Defined, given: tuple[Value, ...], named: dict[str, Value], scope: Scope
    ) -> Iterator[tuple[str, Value]]:
        names = [each.arg for each in (*wanted.posonlyargs, *wanted.args)]
        values = [function.owner, *given] if function.owner is not None and names else list(given)
        if (len(values) > len(names) and wanted.vararg is None) or wanted.kwarg:
            raise Unreadable("arguments")
        if wanted.vararg is not None:
            yield wanted.vararg.arg, tuple(values[len(names) :])
        defaults = dict(zip(reversed(names), reversed(wanted.defaults), strict=False))
        keywords = {each.arg: default for each, default in zip(wanted.kwonlyargs, wanted.kw_defaults, strict=True)}
        for name, value in zip(names, values, strict=False):
            yield name, value
        for name in (*names[len(values) :], *keywords):
            default = defaults.get(name) or keywords.get(name)
            if name in named:
                yield name, named[name]
            else:
                own = self.given.argument(name)
                is_number = isinstance(default, ast.Constant) and isinstance(default.value, int | float)
                own = None if is_number and isinstance(own, np.ndarray) else own
                yield name, own if own is not None else self.value(default, scope) if default else Holder(name)


@lru_cache(maxsize=2048)
def names_in(node: ast.AST) -> frozenset[str]:
    return frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _copied(value: Value) -> Value:
    return value.copy() if isinstance(value, np.ndarray) else value


@lru_cache(maxsize=1024)
def _reads(loop: ast.For, name: str) -> bool:
    """Whether a loop's number is read by what the loop computes; what is done in some rounds alone, as printing, computes nothing."""
    computing = [each for each in loop.body if not (isinstance(each, ast.If) and name in names_in(each.test))]
    return any(name in names_in(each) for each in computing)


def is_main(test: ast.expr) -> bool:
    """Whether a condition is that the file is run as a script."""
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test))
