"""The values of the interpreter beside numbers and arrays: what holds others, what a file defines, what is not known."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Value = Any
"""A number, text, array, list, tuple, dictionary, slice, range, or one of the classes below."""

#: What all random numbers of a work are called, of which nothing is known.
RANDOM = "np.random"


class Given(Protocol):
    """What a work may read without computing it: the network's own arrays and numbers, by the usual spellings of their names."""

    @property
    def key(self) -> object:
        """The same for the same arrays."""

    def value(self, name: str) -> Value | None:
        """A fresh value, or None where the name says nothing."""

    def argument(self, name: str) -> Value | None:
        """The same for an argument of a function that nothing calls, which may be a gradient that comes from the next layer."""

    def listed(self, name: str) -> list[Value] | None:
        """The arrays of all layers, by what a list of them is called."""

    def numbered(self, name: str, place: int, length: int | None = None) -> str:
        """What stands in a place of a list of so many: W2 of the second of two in W; without a length the same of an object of its own."""

    def are_first_values(self, name: str) -> bool:
        """Whether a list of the name, or what layers have under it, is of parameters."""

    def is_first_value(self, name: str) -> bool:
        """Whether an assignment to the name is of a parameter, which the network gives."""


@dataclass(eq=False)
class Holder:
    """Something of which nothing is known but its name: an argument, `self`, a dictionary of parameters; known is what it holds by name."""

    name: str
    held: dict[object, Value] = field(default_factory=dict)
    methods: Mapping[str, Defined] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Defined:
    """A function that the file defines; a method has the object that it is called on."""

    node: ast.FunctionDef | ast.Lambda
    owner: Holder | None = None

    def of(self, owner: Holder) -> Defined:
        """The method of an object; one that is static has none."""
        decorators = self.node.decorator_list if isinstance(self.node, ast.FunctionDef) else []
        is_static = any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in decorators)
        return Defined(self.node, None if is_static else owner)

    @property
    def name(self) -> str:
        return self.node.name if isinstance(self.node, ast.FunctionDef) else "lambda"


@dataclass(frozen=True, eq=False)
class DefinedClass:
    """A class that the file defines, with the methods of those `above` it."""

    name: str
    methods: Mapping[str, Defined]
    above: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Known:
    """A function of the table, with the value that it is a method of."""

    name: str
    call: Callable[..., Value]
