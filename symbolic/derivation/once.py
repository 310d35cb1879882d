"""What is made of a derivation is made once, and kept with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from .derivation import Derivation

Result = TypeVar("Result")


def once_for_each(function: Callable[[Derivation], Result]) -> Callable[[Derivation], Result]:
    """The function, which makes of one derivation the same thing each time; kept as a cached property is, of functions in other rooms."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def kept(derivation: Derivation) -> Result:
        found: dict[str, Result] = vars(derivation)
        if name not in found:
            found[name] = function(derivation)
        return found[name]

    return kept
