"""What a document says of any quantities, not of those of the network: letters that it says to stand for anything, as handouts do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from chainrule.codegen.words.sentences import ENGLISH
from chainrule.codegen.words.translation import LANGUAGES, speaking, translated

from .equations.evaluation import written
from .equations.latex_names import LETTERS
from .equations.latex_rows import HEADING
from .equations.work import FormulaWork
from .python.reasons import Reason
from .python.recorded import Unread

#: Sentences of handouts that say so, in any language.
SENTENCES = ("letters.own", "nodes.forward", "chain.general")
#: Sentences that go on with the network.
ENDS = ("composition.steps",)
FIELD = re.compile(r"\{\w+\}")
FORMULA = re.compile(r"\$`?([^$`]*)`?\$")
LETTER = re.compile(r"\\([A-Za-z]+)|([A-Za-z])")
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Theory:
    """Lines of a text, from one up to another one, in which letters stand for anything."""

    first: int
    last: int
    letters: frozenset[str]

    def is_of(self, statement: ast.stmt) -> bool:
        """Whether an equation stands there and has one of the letters, or a gradient by it."""
        names = (node.id for node in ast.walk(statement) if isinstance(node, ast.Name))
        return self.first <= statement.lineno < self.last and any(
            name in self.letters or re.sub(r"^d|[\d_]+$", "", name) in self.letters for name in names
        )


@cache
def _sentences(keys: Sequence[str]) -> re.Pattern[str]:
    found = []
    for tag in LANGUAGES:
        with speaking(tag):
            found += [translated(key, ENGLISH[key]) for key in keys]
    return re.compile("|".join(r"[^\n]{1,200}?".join(map(re.escape, FIELD.split(each))) for each in found))


def _is_said(keys: Sequence[str], line: str) -> re.Match[str] | None:
    return _sentences(keys).search(line) if len(line) <= LONGEST else None


def theories(text: str) -> Iterator[Theory]:
    """Each sentence of that kind, with what stands between it and the end of its section, or what goes on with the network."""
    lines = text.split("\n")
    ends = [(number, level) for number, line in enumerate(lines, 1) if (level := _level(line)) is not None]
    depth = 0
    for number, line in enumerate(lines, 1):
        depth = _level(line) or depth
        said = _is_said(SENTENCES, line)
        if said is not None:
            last = next((end for end, level in ends if end > number and level <= depth), len(lines) + 1)
            letters = [LETTERS.get(own[1], own[1]) or own[2] for formula in FORMULA.findall(said[0]) for own in LETTER.finditer(formula)]
            yield Theory(number, last, frozenset(letters))


def _level(line: str) -> int | None:
    """Of a heading its depth; 0 where a sentence goes on with the network."""
    heading = HEADING.match(line)
    if heading is None:
        return 0 if _is_said(ENDS, line) is not None else None
    return heading[0].count("sub") + heading[0].count("#") + ("section" in heading[0])


def without_theory(work: FormulaWork, found: Sequence[Theory]) -> FormulaWork:
    """The equations that are claims about the network; of the others it is said why they are not marked."""
    if not found:
        return work
    own: dict[ast.Assign, Theory] = {}
    for statement in (each for each in work.tree.body if isinstance(each, ast.Assign)):
        theory = next((each for each in found if each.is_of(statement)), None)
        if theory is not None:
            own[statement] = theory
    unread = [
        Unread(statement.lineno, f"{written(statement.targets[0])} = …", Reason("theory", {"letters": ", ".join(sorted(theory.letters))}))
        for statement, theory in own.items()
    ]
    return replace(work.without(own), unread=(*work.unread, *unread))
