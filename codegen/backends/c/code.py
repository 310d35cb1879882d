"""Lines of C in loops, before they are written with their indents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

INDENT = "    "


@dataclass(frozen=True, slots=True)
class ForLoop:
    """`body` for each position from 0 up to a size, or from the last one down."""

    variable: str
    size: str
    body: tuple[Code, ...]
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class VectorLoop:
    """`vectors` for whole vectors of positions, where the compiler has types for that, and `body` for each of the others."""

    variable: str
    size: str
    vectors: tuple[str, ...]
    body: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines with variables of their own."""

    body: tuple[Code, ...]


Code = str | ForLoop | VectorLoop | Block


def looped(loops: Sequence[tuple[str, str]], body: Iterable[Code]) -> tuple[Code, ...]:
    """The body in loops, each a variable and a size, outermost first."""
    found = tuple(body)
    for variable, size in reversed(loops):
        found = (ForLoop(variable, size, found),)
    return found


def scoped(loops: Sequence[tuple[str, str]], body: Iterable[Code]) -> tuple[Code, ...]:
    """The body in loops, or in a block, so that its variables are its own."""
    return looped(loops, body) if loops else (Block(tuple(body)),)


def lines(code: Iterable[Code], indent: str = INDENT) -> Iterator[str]:
    """With their indents."""
    for part in code:
        if isinstance(part, str):
            yield from (f"{indent}{line}" for line in part.splitlines())
            continue
        if isinstance(part, Block):
            yield f"{indent}{{"
            yield from lines(part.body, indent + INDENT)
            yield f"{indent}}}"
            continue
        variable = part.variable
        if isinstance(part, VectorLoop):
            yield "#ifdef BYTES"
            yield f"{indent}for (ptrdiff_t {variable} = 0; {variable} < WHOLE({part.size}); {variable} += WIDTH) {{"
            yield from lines(part.vectors, indent + INDENT)
            yield f"{indent}}}"
            yield "#endif"
            yield f"{indent}for (ptrdiff_t {variable} = WHOLE({part.size}); {variable} < {part.size}; {variable}++) {{"
        elif part.backwards:
            yield f"{indent}for (ptrdiff_t {variable} = {part.size} - 1; {variable} >= 0; {variable}--) {{"
        else:
            yield f"{indent}for (ptrdiff_t {variable} = 0; {variable} < {part.size}; {variable}++) {{"
        yield from lines(part.body, indent + INDENT)
        yield f"{indent}}}"
