"""Where assignments put values."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .values import Value

#: What may be assigned to by a name.
NAMED = (ast.Name, ast.Attribute, ast.Subscript)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an assignment puts a value: a name, an attribute of an owner, or what an owner has at a key. Both are evaluated once."""

    node: ast.expr
    owner: Value = None
    key: Value = None

    @property
    def is_part_of_array(self) -> bool:
        return isinstance(self.node, ast.Subscript) and isinstance(self.owner, np.ndarray)


def whole(spot: Spot) -> ast.expr:
    """What is changed where a value is put there: an array as a whole."""
    return spot.node.value if spot.is_part_of_array and isinstance(spot.node, ast.Subscript) else spot.node


@lru_cache(maxsize=2048)
def written(node: ast.AST) -> str:
    """The text of a piece of a work, which is asked for in every round of a loop."""
    return ast.unparse(node)
