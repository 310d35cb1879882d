"""The syntax tree of a work: lines that are no Python, or are nested too deeply, are left out and named."""

from __future__ import annotations

import ast
import re
import warnings

from chainrule.symbolic.index.failures import InvalidDescription

from .reasons import Reason
from .recorded import Unread

MOST_CODE = 200_000
#: Of lines that are left out, and of what is read to find them.
MOST_BROKEN, MOST_READ = 10, 2 * MOST_CODE
#: What a tree may be in height, as sums of many terms are.
HIGHEST = 120
NO_TEXT = re.compile("[\0\ud800-\udfff]")


def parsed(text: str, file: str) -> tuple[ast.Module, tuple[Unread, ...]]:
    """The tree, and the lines that are not in it.

    Raises:
        InvalidDescription: where it is too long, or nothing is left that could be read.
    """
    if len(text) > MOST_CODE:
        raise InvalidDescription(f"{file}: found {len(text)} characters, expected a work of at most {MOST_CODE}")
    if sign := NO_TEXT.search(text):
        line = text.count("\n", 0, sign.start()) + 1
        found = "a NUL byte" if sign[0] == "\0" else "half of a sign"
        raise InvalidDescription(f"{file}:{line}: no Python: found {found}, expected text", line=line)
    lines, unread = text.split("\n"), list[Unread]()
    first: InvalidDescription | None = None
    for _ in range(MOST_BROKEN + 1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse("\n".join(lines))
        except SyntaxError as problem:
            place = problem.lineno or 0
            first = first or InvalidDescription(f"{file}:{place}: no Python: {problem.msg}", line=place)
            if not 0 < place <= len(lines) or not lines[place - 1].strip() or len(text) * (len(unread) + 1) > MOST_READ:
                break
            _leave_out(lines, place, problem, unread)
        except (ValueError, RecursionError, MemoryError):
            raise InvalidDescription(f"{file}: no Python that can be read, as it is nested too deeply") from None
        else:
            if first and not any(isinstance(node, ast.Assign | ast.AugAssign) for node in ast.walk(tree)):
                break
            return tree, (*unread, *_without_deep(tree))
    raise first or InvalidDescription(f"{file}: no Python")


def _leave_out(lines: list[str], place: int, problem: SyntaxError, unread: list[Unread]) -> None:
    """A line stands for nothing, and where that is no Python either, is not there."""
    line = lines[place - 1]
    own = line.strip()
    if own != "pass":
        unread.append(Unread(place, own[:60], Reason("python", {"error": problem.msg})))
    lines[place - 1] = "" if own == "pass" or isinstance(problem, IndentationError) else f"{line[: len(line) - len(line.lstrip())]}pass"


def height(tree: ast.AST) -> int:
    """How many expressions stand in each other at most."""
    level, count = [tree], 0
    while level and count <= HIGHEST:
        level = [part for node in level for part in ast.iter_child_nodes(node) if not isinstance(part, ast.stmt)]
        count += 1
    return count


def _without_deep(tree: ast.Module) -> list[Unread]:
    found = []
    for node in [*ast.walk(tree)]:
        for _, block in ast.iter_fields(node):
            for place, statement in enumerate(block if isinstance(block, list) else ()):
                if isinstance(statement, ast.stmt) and height(statement) > HIGHEST:
                    block[place] = ast.copy_location(ast.Pass(), statement)
                    found.append(Unread(statement.lineno, "", Reason("terms")))
    return found
