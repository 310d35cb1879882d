"""The lines of the functions that run both passes: each equation's under it as a comment, and what is made before, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.codegen.backends.fast.ir.operations import Origin
from chainrule.codegen.backends.fast.source.calls import NUMPY_NAMES
from chainrule.codegen.backends.fast.source.made_line import MadeLine
from chainrule.codegen.backends.fast.source.statement import Comment, Statement
from chainrule.codegen.backends.numpy.line_breaking import broken
from chainrule.codegen.backends.numpy.lines import equation_comment

from .compilation import Fast

#: Of the lines of a bound function.
INDENT = 8


@dataclass(frozen=True)
class PassesText:
    """What is made once, what is made for new parameters, and the lines of each function under their equations."""

    numpy: list[tuple[str, str]]
    setup: list[str]
    bound: list[str]
    functions: list[list[dict[str, object]]]


def passes_text(*parts: Fast) -> PassesText:
    """Functions over the same arrays."""
    source, functions = parts[0].source, [_sections(part) for part in parts]
    return PassesText(
        [(name, NUMPY_NAMES.get(name, f"np.{name}")) for name in sorted(source.functions)],
        [broken(str(line), 4) for line in _in_order([*source.made, *source.views.lines[Origin.MADE]])],
        [broken(str(line), INDENT) for line in source.views.lines[Origin.PARAMETER]],
        functions,
    )


def _sections(made: Fast) -> list[dict[str, object]]:
    """Forward, cost, backward: the lines of each equation under it."""
    where = {name: number for number, section in enumerate(made.program.sections) for name in section.equations}
    found: list[dict[str, object]] = [{"title": section.title.capitalize(), "statements": []} for section in made.program.sections]
    place = 0
    for statement in _joined(made.statements):
        place = max(place, where.get(statement.equation, place))
        equation = made.source.equations.get(statement.equation)
        comment = "" if equation is None else equation_comment(made.system, equation, indent=INDENT + 4)
        lines = [written for line in statement.lines for written in _written(line)]
        statements = found[place]["statements"]
        assert isinstance(statements, list)
        statements.append({"comment": comment, "lines": lines})
    return [section for section in found if section["statements"]]


def _written(line: str | Comment) -> list[str]:
    return [f"    # {part}" for part in line.lines] if isinstance(line, Comment) else [broken(line, INDENT + 4)]


def _joined(statements: Sequence[Statement]) -> list[Statement]:
    """Statements of one equation that follow each other."""
    found: list[Statement] = []
    for statement in statements:
        if found and found[-1].equation == statement.equation:
            found[-1] = Statement(statement.equation, (*found[-1].lines, *statement.lines))
        else:
            found.append(statement)
    return found


def _in_order(lines: Sequence[MadeLine]) -> list[MadeLine]:
    """Lines after those that they read."""
    defined = {line.name: line for line in lines}
    done: dict[MadeLine, None] = {}

    for line in lines:
        waiting = [line]
        while waiting:
            current = waiting[-1]
            needs = [defined[name] for name in current.reads if name in defined and defined[name] not in done]
            if needs:
                waiting += needs
            else:
                waiting.pop()
                done[current] = None
    return list(done)
