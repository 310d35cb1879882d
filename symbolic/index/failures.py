"""What can go wrong, as one family of exceptions whose message says where, what was found and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from types import TracebackType

from .synonyms import spellings, synonym

#: Where something stands in a description: its keys, and places in lists from 0, as in ("layers", 2, "activation"); behind the key of a
#: text come places in the text, of which the last is the most exact: ("equations", 28, 34) is character 34, in the equation from 28 on.
KeyPath = tuple[str | int, ...]


class ChainruleError(Exception):
    """The base of everything this project raises on purpose."""


class InvalidDescription(ChainruleError):
    """A network, an expression or a file that cannot be used as it is.

    `at` is the place in a description, `line` and `column` that in a file, counted from 1, as far as they are known. `words` are the
    message without file and place.
    """

    def __init__(self, message: str, at: KeyPath = (), line: int = 0, column: int = 0, words: str = "") -> None:
        super().__init__(message)
        self.words = words or message
        self.at = at
        self.line = line
        self.column = column


class located:  # noqa: N801 (used as a statement)
    """What cannot be used inside stands at a place of a description: its path goes before theirs, and words before their message."""

    __slots__ = ("at", "words")

    def __init__(self, at: KeyPath, words: str = "") -> None:
        self.at, self.words = at, words

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(problem, InvalidDescription):
            raise InvalidDescription(f"{self.words}{problem}", (*self.at, *problem.at), problem.line, problem.column) from None


class CheckFailed(ChainruleError):
    """An equation or a gradient that does not agree with its numeric check."""


class NotExpressible(ChainruleError):
    """An expression that a view (matrix form, closed form, a printer) has no way to write."""


#: How alike two words are that may be meant for each other: a letter left out, turned or too many.
ALIKE = 0.7
#: Of a word of so few letters likeness says little, foo and floor: one letter may differ.
FEW = 3


def nearest(word: str, options: Iterable[str]) -> str | None:
    """The option that `word` means or is most like, or None where nothing is near."""
    allowed = list(options)
    known = synonym(word, allowed)
    if known is not None:
        return known
    other_spelling = [option for option in allowed if spellings(option)[0] in spellings(word)]
    one_letter = [option for option in allowed if _one_letter_apart(option, word)]
    alike = difflib.get_close_matches(word, one_letter if len(word) <= FEW else allowed, n=1, cutoff=ALIKE)
    found = other_spelling or alike or one_letter
    return found[0] if found else None


def _one_letter_apart(one: str, other: str) -> bool:
    """Whether a letter is another, left out or too many, or two are exchanged."""
    if len(one) == len(other):
        differing = [place for place, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]
        is_turned = len(differing) == 2 and [one[place] for place in differing] == [other[place] for place in reversed(differing)]
        return len(differing) == 1 or is_turned
    shorter, longer = sorted((one, other), key=len)
    return any(shorter == longer[:place] + longer[place + 1 :] for place in range(len(longer)))


def expected_one_of(word: str, options: Iterable[str]) -> str:
    """The end of a message about a wrong word: what is allowed, and the nearest of it."""
    allowed = list(options)
    close = nearest(word, allowed)
    if close is not None and close not in allowed:
        # An expression for what has no name here.
        return f"expected one of {', '.join(allowed)}; {word!r} is written {close}"
    ending = f"; did you mean {close!r}?" if close else ""
    return f"expected one of {', '.join(allowed)}{ending}"


def counted(number: int, one: str, many: str) -> str:
    """1 index, 2 indices."""
    return f"{number} {one if number == 1 else many}"


def shown(value: object) -> str:
    """A value as a message shows it: cut off where it is long, whatever it is."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**30:
        return f"a number of more than {value.bit_length() * 3 // 10} digits"
    try:
        written = repr(value)
    except ValueError:
        # Python writes out no number of more digits than a limit, wherever in a list or a table.
        return f"a {type(value).__name__} with a number of very many digits"
    return written if len(written) <= 80 else f"{written[:77]}…"
