"""What names, attributes, parts and calls of a work are; what has no meaning here cannot be read."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from .bounds import Bounds
from .builtin_functions import BUILTINS, MOST_ROUNDS
from .functions import CONSTANTS, FUNCTIONS, USUAL, Function, called
from .operations import attribute, formatted, part, refuse_unknown, tried
from .reasons import Unreadable
from .values import RANDOM, Defined, DefinedClass, Given, Holder, Known, Value

#: What may be called with something of which only the name is known.
OF_ANYTHING = frozenset("print zip list tuple append get insert isinstance hasattr enumerate reversed".split())
MODULES = frozenset({"np", "numpy", "scipy", "math", "jnp", "cp"})


def holds_gradients(name: str) -> bool:
    """Whether what is held under the name of a parameter is its gradient, as in grads["W1"]."""
    return "grad" in name.lower() or name.split(".")[-1] in ("dparams", "derivatives", "deltas")


def is_of_gradient(key: str) -> bool:
    """Whether what it is held under says itself that it is a gradient: dW1, grad_W1, W1_grad."""
    return key.startswith(("d", "grad")) or key.endswith(("grad", "gradient", "delta"))


@dataclass
class Scope:
    """Names with their values, and those around a function."""

    names: dict[str, Value] = field(default_factory=dict)
    around: Scope | None = None
    number: int = 0

    def find(self, name: str) -> tuple[Value] | None:
        """The value in a tuple of one, as it may be None."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return (scope.names[name],)
            scope = scope.around
        return None


@dataclass
class Expressions:
    """The values of expressions in a scope; names that a work does not set are what is given."""

    given: Given
    bounds: Bounds = field(default_factory=Bounds)
    modules: dict[str, str] = field(default_factory=lambda: dict.fromkeys(MODULES, ""))
    remembered: dict[str, Value] = field(default_factory=dict)

    def call_defined(self, function: Defined, arguments: tuple[Value, ...], named: dict[str, Value], scope: Scope) -> Value:
        """The value of a call of what the file defines."""
        raise NotImplementedError

    def created(self, kind: DefinedClass, arguments: tuple[Value, ...], named: dict[str, Value], scope: Scope) -> Holder:
        """An object of a class of the file."""
        raise NotImplementedError

    def value(self, node: ast.expr, scope: Scope) -> Value:
        """The value of an expression.

        Raises:
            Unreadable: where a node has no meaning here, or the values do not go together.
        """
        raise NotImplementedError

    def table(self, node: ast.Dict, scope: Scope) -> dict[Value, Value]:
        if None in node.keys:
            raise Unreadable("dictionary")
        return {self.key(key, scope): self.value(own, scope) for key, own in zip(node.keys, node.values, strict=True) if key}

    def several(self, nodes: list[ast.expr], scope: Scope) -> list[Value]:
        values: list[Value] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                values += list(self.items(self.value(node.value, scope)))
            else:
                values.append(self.value(node, scope))
        return values

    def items(self, value: Value) -> list[Value]:
        """What a loop goes through.

        Raises:
            Unreadable: where it is no list, tuple, range, dictionary or array.
        """
        refuse_unknown(value)
        if not isinstance(value, list | tuple | range | dict | np.ndarray) or (isinstance(value, np.ndarray) and not value.ndim):
            raise Unreadable("through")
        if len(value) > MOST_ROUNDS:
            raise Unreadable("through.many")
        self.bounds.places(len(value))
        return list(value)

    def key(self, node: ast.expr, scope: Scope) -> Value:
        found = self.value(node, scope)
        if not isinstance(found, str | int):
            raise Unreadable("key")
        return found

    def named(self, name: str, scope: Scope) -> Value:
        found = scope.find(name)
        if found is not None:
            return found[0]
        if name in ("float", "int"):
            return CONSTANTS[name]
        if name in BUILTINS:
            return Known(name, BUILTINS[name])
        given = self.given.value(name)
        if given is None:
            given = self.remembered.get(name)
        if given is None and name in USUAL:
            return Known(name, partial(_called, USUAL[name]))
        return Holder(name) if given is None else given

    def held(self, holder: Holder, name: object) -> Value:
        """What something holds: what was put there, else what the name says, else something of which only the name is known."""
        if name not in holder.held:
            found = self.given.value(name) if isinstance(name, str) and not holds_gradients(holder.name) else None
            if found is None:
                found = self.remembered.get(str(name))
            holder.held[name] = Holder(f"{holder.name}.{name}") if found is None else found
        return holder.held[name]

    def either(self, node: ast.BoolOp, scope: Scope) -> Value:
        for each in node.values[:-1]:
            found = self.value(each, scope)
            if self.truth(found) is isinstance(node.op, ast.Or):
                return found
        return self.value(node.values[-1], scope)

    def holds(self, node: ast.expr, scope: Scope) -> bool:
        return self.truth(self.value(node, scope))

    def truth(self, value: Value) -> bool:
        refuse_unknown(value)
        try:
            return bool(value)
        except ValueError as problem:
            raise Unreadable.of(problem) from None

    def of_module(self, module: str, names: str) -> Value:
        """What a module has under a name, with that of its own part where it is imported: exp of np.exp."""
        dotted = f"{self.modules[module]}.{names}" if self.modules[module] else names
        if dotted in CONSTANTS:
            return CONSTANTS[dotted]
        if dotted in FUNCTIONS:
            return Known(dotted, partial(_called, FUNCTIONS[dotted]))
        if dotted.startswith("random"):
            return Holder(dotted if dotted.endswith("seed") else RANDOM)
        raise Unreadable("function", name=dotted)

    def attribute(self, owner: Value, name: str) -> Value:
        if isinstance(owner, Holder):
            method = owner.methods.get(name)
            return method.of(owner) if method is not None and name not in owner.held else self.held(owner, name)
        if isinstance(owner, DefinedClass) and name in owner.methods:
            return owner.methods[name]
        return attribute(owner, name)

    def at(self, owner: Value, key: Value) -> Value:
        """owner[key]"""
        return self.held(owner, key) if isinstance(owner, Holder) and isinstance(key, str | int) else part(owner, key, self.bounds)

    def call(self, function: Value, arguments: tuple[Value, ...], named: dict[str, Value], scope: Scope) -> Value:
        match function:
            case Defined():
                return self.call_defined(function, arguments, named, scope)
            case DefinedClass():
                return self.created(function, arguments, named, scope)
            case Holder():
                return None if function.name.split(".")[-1] == "seed" else Holder(f"{function.name}()")
            case Known():
                if function.name not in OF_ANYTHING:
                    parts = [part for value in arguments if isinstance(value, tuple) for part in value]
                    refuse_unknown(*arguments, *parts, *named.values())
                try:
                    return function.call(self.bounds, *arguments, **named)
                except (TypeError, ValueError, OverflowError, IndexError, KeyError) as problem:
                    raise Unreadable.of(problem) from None
            case type() if function in (float, int) and len(arguments) == 1:
                refuse_unknown(*arguments)
                (value,) = arguments
                return tried(value.astype, function) if isinstance(value, np.ndarray) else tried(function, value)
            case _:
                raise Unreadable("called")

    def rounds(self, loops: list[ast.comprehension], scope: Scope) -> list[Scope]:
        """The scopes of the rounds of a comprehension."""
        inner = [Scope(around=scope, number=scope.number)]
        for loop in loops:
            found = []
            for around in inner:
                for item in self.items(self.value(loop.iter, around)):
                    self.bounds.step()
                    each = Scope(around=around, number=scope.number)
                    self.bind(loop.target, item, each)
                    if all(self.holds(condition, each) for condition in loop.ifs):
                        found.append(each)
            inner = found
        return inner

    def bind(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Names for a value or its parts, as a loop gives them."""
        if isinstance(target, ast.Name):
            scope.names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            items = self.items(value)
            if len(items) != len(target.elts):
                raise Unreadable("values", values=len(items), names=len(target.elts))
            for each, item in zip(target.elts, items, strict=True):
                self.bind(each, item, scope)
        else:
            raise Unreadable("loop")

    def text(self, node: ast.JoinedStr, scope: Scope) -> str:
        written = ""
        for each in node.values:
            if isinstance(each, ast.FormattedValue) and each.format_spec is None and each.conversion == -1:
                written += formatted("%s", (self.value(each.value, scope),))
            elif isinstance(each, ast.Constant) and isinstance(each.value, str):
                written += each.value
            else:
                raise Unreadable("text")
        return written


def _called(function: Function, bounds: Bounds, *arguments: Value, **named: Value) -> Value:
    return called(function, arguments, named, bounds)
