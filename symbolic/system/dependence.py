"""Which quantities depend on which, through any number of equations: the one walk along what is read, in either direction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from typing import Protocol, TypeVar

Node = TypeVar("Node", bound=Hashable)


class Reader(Protocol):
    """An equation, or anything else that is computed from others."""

    @property
    def reads(self) -> Collection[str]: ...


def reached(starts: Iterable[Node], following: Callable[[Node], Iterable[Node]]) -> set[Node]:
    """The starts, and all that follows on them, and on that."""
    found = set(starts)
    waiting = list(found)
    while waiting:
        new = set(following(waiting.pop())) - found
        found |= new
        waiting += new
    return found


def leading_to(names: Iterable[str], definition: Mapping[str, Reader]) -> set[str]:
    """The names, and all on which they depend: what their definitions read, and so on down to what is given."""
    return reached(names, lambda name: definition[name].reads if name in definition else ())
