"""Garbage collection, put off while expressions are made, or syntax trees read.

An expression refers to its parts, which never refer back: there are no cycles for the collector to find. It walks through all expressions
nevertheless, again and again while they get more, which took a third of the time in which a deep network is read.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


def without_collection(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """The function, during which nothing is collected; afterwards collection is as it was."""

    @wraps(function)
    def undisturbed(*args: Given.args, **keywords: Given.kwargs) -> Result:
        if not gc.isenabled():
            return function(*args, **keywords)
        gc.disable()
        try:
            return function(*args, **keywords)
        finally:
            gc.enable()

    return undisturbed
