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


class Passing(Protocol):
    """An equation, as far as derivatives pass it."""

    @property
    def passes_to(self) -> Collection[str]: ...


def passed_to(names: Iterable[str], definition: Mapping[str, Passing]) -> set[str]:
    """The names, and all to which a derivative of theirs passes: the chain rule doesn't enter what is stopped."""
    return reached(names, lambda name: definition[name].passes_to if name in definition else ())


def leading_to(names: Iterable[str], definition: Mapping[str, Reader]) -> set[str]:
    """The names, and all on which they depend: what their definitions read, and so on down to what is given."""
    return reached(names, lambda name: definition[name].reads if name in definition else ())
