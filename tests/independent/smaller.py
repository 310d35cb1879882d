"""A smaller description that goes wrong in the same way: equations become parameters, parts of formulas take the place of the whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from .drawing import Drawn
from .equation_grammar import Call, Equation, Name, Node, Number, Pair, Read, Sign, equations, every, row
from .meaning import declared


def smaller(made: Drawn, still_wrong: Callable[[Drawn], bool], seconds: float = 60.0) -> Drawn:
    """What is left when nothing more can be left out, or when the time is over."""
    until = time.monotonic() + seconds
    changed = True
    while changed and time.monotonic() < until:
        changed = False
        for candidate in _candidates(made):
            if time.monotonic() > until:
                break
            if still_wrong(candidate):
                made, changed = candidate, True
                break
    return made


def _candidates(made: Drawn) -> Iterator[Drawn]:
    rows = equations(made.description["equations"])
    for at in range(len(rows) - 1):
        # A tensor that is given, or one equation of several fewer.
        name = rows[at].name
        own = [one for one in rows if one.name == name]
        if len(own) > 1:
            yield _with(made, [one for number, one in enumerate(rows) if number != at])
        if all(isinstance(place, Name) for place in rows[at].places):
            letters = [place.name for place in rows[at].places if isinstance(place, Name)]
            yield _with(made, [one for one in rows if one.name != name], (f"{name}[{','.join(letters)}]" if letters else name))
    for at, one in enumerate(rows):
        for right in _simpler(one.right):
            yield _with(made, [*rows[:at], Equation(one.name, one.places, right), *rows[at + 1 :]])
    for letter, size in made.description.get("sizes", {}).items():
        for less in {1, 2, size - 1}:
            if 1 <= less < size:
                yield replace(made, description={**made.description, "sizes": {**made.description["sizes"], letter: less}})
    for letter, size in made.sizes.items():
        for less in {1, 2, size - 1}:
            if 1 <= less < size:
                yield replace(made, sizes={**made.sizes, letter: less})


def _simpler(node: Node) -> Iterator[Node]:
    """The tree with one part of it replaced by something smaller."""
    match node:
        case Sign(sign, inside):
            yield inside
            yield from (Sign(sign, one) for one in _simpler(inside))
        case Pair(sign, left, right):
            if sign not in ("<", "<=", ">", ">="):
                yield left
                yield right
            yield from (Pair(sign, one, right) for one in _simpler(left))
            yield from (Pair(sign, left, one) for one in _simpler(right))
        case Call(name, arguments):
            if name == "where":
                yield from arguments[1:]
            elif name not in ("sum", "mean", "max"):
                yield from arguments
            elif not {part.name for part in every(arguments[-1]) if isinstance(part, Name)} & {
                one.name for one in arguments[:-1] if isinstance(one, Name)
            }:
                yield arguments[-1]
            for at, argument in enumerate(arguments):
                if not (name in ("sum", "mean", "max") and at < len(arguments) - 1):
                    yield from (Call(name, (*arguments[:at], one, *arguments[at + 1 :])) for one in _simpler(argument))
        case Read(name, places):
            for at, place in enumerate(places):
                yield from (Read(name, (*places[:at], one, *places[at + 1 :])) for one in _simpler_place(place))
        case Number(text) if text not in ("0", "1", "2"):
            yield Number("2")
        case _:
            return


def _simpler_place(place: Node) -> Iterator[Node]:
    match place:
        case Pair(sign, left, right):
            yield left
            yield right
            yield from (Pair(sign, one, right) for one in _simpler_place(left))
            yield from (Pair(sign, left, one) for one in _simpler_place(right))
        case Read(name, places):
            for at, inner in enumerate(places):
                yield from (Read(name, (*places[:at], one, *places[at + 1 :])) for one in _simpler_place(inner))


def _with(made: Drawn, rows: list[Equation], parameter: str = "") -> Drawn:
    """The description with these equations, and without what they do not use."""
    used = {node.name for one in rows for top in (*one.places, one.right) for node in every(top) if isinstance(node, Name | Read)}
    description: dict[str, Any] = {**made.description, "equations": "\n".join(map(row, rows))}
    if parameter:
        description["parameters"] = [*description.get("parameters", ()), parameter]
    given = declared(description)
    for role in ("inputs", "targets", "parameters"):
        texts = [
            text
            for text, tensor in zip(description.get(role, ()), (one for one in given.values() if one.role == role), strict=True)
            if tensor.name in used
        ]
        description[role] = texts
        if not texts:
            del description[role]
    letters = {letter.rstrip("_") for tensor in given.values() if tensor.name in used for letter in (*tensor.letters, tensor.into)}
    known = {name.rstrip("_") for name in used} | letters
    for key in ("sizes", "constants"):
        if key in description:
            description[key] = {name: value for name, value in description[key].items() if name in known}
            if not description[key]:
                del description[key]
    return replace(made, description=description)
