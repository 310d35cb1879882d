"""What the functions of a workspace are made of: lines under their equations, comments of a loop, and where a call may stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Comment:
    """Between the lines of a loop: the equation that those below compute."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """Lines under the equation for which they compute something."""

    equation: str
    lines: tuple[str | Comment, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """What a call asks for that wants only the value of one tensor."""

    until: str
    tensor: str


NO_STOPS: Mapping[str, Stop] = MappingProxyType({})
