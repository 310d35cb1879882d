"""What may be set on a layer of some kind: numbers, words and switches, each with what it may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chainrule.symbolic.index.failures import InvalidDescription, expected_one_of, shown
from chainrule.symbolic.index.limits import MOST_UNITS


@dataclass(frozen=True, slots=True)
class Option:
    """One key of a layer. `default` None: it has to be given, or where `optional` the kind chooses."""

    meaning: str
    kind: Literal["whole", "pair", "number", "word", "function", "switch"] = "whole"
    default: Any = None
    least: float = 1
    most: float = MOST_UNITS
    words: tuple[str, ...] = ()
    optional: bool = False

    @property
    def is_required(self) -> bool:
        return self.default is None and not self.optional

    @property
    def choices(self) -> tuple[object, ...]:
        """The values that have words of their own in every language, as numbers and names of functions have not."""
        match self.kind:
            case "word":
                return self.words
            case "switch":
                return True, False
            case _:
                return ()

    @property
    def expected(self) -> str:
        """What it may be, in words."""
        match self.kind:
            case "whole":
                return f"a whole number of at least {self.least:g}"
            case "pair":
                return f"a whole number of at least {self.least:g}, or one for rows and one for columns, as in [3, 5]"
            case "number":
                return f"a number from {self.least:g} to below {self.most:g}"
            case "word" | "function":
                return f"one of {', '.join(self.words)}"
            case _:
                return "true or false"

    def allows(self, value: object) -> bool:
        """Whether a value is what the option expects."""
        match self.kind:
            case "whole":
                return self.is_whole(value)
            case "pair":
                return self.is_whole(value) or (isinstance(value, Sequence) and len(value) == 2 and all(map(self.is_whole, value)))
            case "number":
                return isinstance(value, int | float) and not isinstance(value, bool) and self.least <= value < self.most
            case "word" | "function":
                return value in self.words
            case _:
                return isinstance(value, bool)

    def is_whole(self, value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most


class Options:
    """The values of a layer's options, by name: `option.stride`; a pair always as two numbers."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getattr__(self, name: str) -> Any:
        return self._values[name]


def chosen(kind: str, options: Mapping[str, Option], given: Mapping[str, Any]) -> Options:
    """The options given, checked, with the defaults of the others.

    Raises:
        InvalidDescription: at a key that the kind does not have, a value that is not allowed, or one that is missing.
    """
    for key, value in given.items():
        if key not in options:
            raise InvalidDescription(f"{kind} has no key {key!r}; {expected_one_of(key, options)}", (key,))
        if not options[key].allows(value):
            raise InvalidDescription(f"{key} of {kind}: found {shown(value)}, expected {options[key].expected}", (key,))
    values: dict[str, Any] = {}
    for key, option in options.items():
        if key not in given and option.is_required:
            raise InvalidDescription(f"{kind}: {key} is missing; expected {option.expected} ({option.meaning})")
        value = given.get(key, option.default)
        if option.kind == "pair" and value is not None:
            value = (value, value) if isinstance(value, int) else tuple(value)
        values[key] = value
    return Options(values)
