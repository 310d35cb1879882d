"""A node's attributes and inputs as what they have to be, or a message that names the node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from chainrule.symbolic.index.failures import InvalidDescription

from .graph import Node


def told(node: Node) -> str:
    """The node as messages call it."""
    return f"{node.operator} {node.name!r}" if node.name else node.operator


class RefusedNode(InvalidDescription):
    """A node that cannot be taken over; the message begins with it."""


def refused(node: Node, message: str) -> RefusedNode:
    return RefusedNode(f"{told(node)}: {message}")


def whole(node: Node, name: str, default: int) -> int:
    return int(cast(Any, node.attributes.get(name, default)))


def real(node: Node, name: str, default: float) -> float:
    return float(cast(Any, node.attributes.get(name, default)))


def wholes(node: Node, name: str, default: Sequence[int]) -> tuple[int, ...]:
    return tuple(int(each) for each in cast(Any, node.attributes.get(name, default)))


def word(node: Node, name: str, default: str) -> str:
    return str(node.attributes.get(name, default))


def has(node: Node, place: int) -> bool:
    """Whether an input that may be left out is there."""
    return len(node.inputs) > place and bool(node.inputs[place])
