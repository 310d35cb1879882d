"""Syntax trees with other nodes in the places of some."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from typing import TypeVar, cast

Node = TypeVar("Node", bound=ast.AST)
Instead = Callable[[ast.AST], ast.AST | None]
"""What stands in the place of a node; None where it stays."""


def exchanged(tree: Node, instead: Instead) -> Node:
    """A tree with other nodes; what is not on the way to them is shared with the tree that it was."""
    other = instead(tree)
    if other is not None:
        return cast(Node, other)
    found = tree
    for name, value in ast.iter_fields(tree):
        parts = value if isinstance(value, list) else [value]
        new = [exchanged(part, instead) if isinstance(part, ast.AST) else part for part in parts]
        if any(one is not part for one, part in zip(new, parts, strict=True)):
            found = copy.copy(tree) if found is tree else found
            setattr(found, name, new if isinstance(value, list) else new[0])
    return found
