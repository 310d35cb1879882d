"""What an author might have meant to write in a line: arrays by the names that they have in the work, and slopes of activations.

The slopes are those that the chain rule found, as code in the author's names: a1[n,j]*(1 - a1[n,j]) becomes h * (1 - h).
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from itertools import product

from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.codegen.mistakes.code_changes import Around, named
from chainrule.codegen.mistakes.exchange import exchanged
from chainrule.symbolic.derivation.activation_derivatives import slopes
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.index_letters import names_read
from chainrule.symbolic.system.system import Equation, System

from .hypotheses import Case
from .spellings import number

MOST_ARRAYS = 40
#: Of one quantity, as the author calls it.
MOST_NAMES = 2
STRIDES = frozenset({"s", "stride", "strides"})
USUAL_STRIDES = (2, 3)


def around(case: Case, value: ast.expr) -> Around:
    """What is known where the right side of a line stands."""
    scale = case.times(case.right)
    read = list(dict.fromkeys(node.id for node in ast.walk(case.trial.work.tree) if isinstance(node, ast.Name)))
    strides = [named(name) for name in read if name.lower() in STRIDES]
    return Around(
        value,
        arrays=_arrays(case, read),
        counts=[name for name in read if number(name) == "examples"],
        strides=[*strides, *map(ast.Constant, USUAL_STRIDES)],
        slopes=_slopes(case, read),
        factor=scale.factor if scale is not None and scale.axis is None else None,
    )


def _arrays(case: Case, read: Sequence[str]) -> Sequence[str]:
    """Those before the line, and those of the network that the work names."""
    before = case.trial.lines[: case.trial.lines.index(case.line)]
    assigned = [line.target for line in before if line.target.isidentifier() and line.values[0].ndim]
    arguments = [node.arg for node in ast.walk(case.trial.work.tree) if isinstance(node, ast.arg)]
    own = [name for name in (*read, *arguments) if case.matcher.spellings.tensor(name) is not None]
    return list(dict.fromkeys((*assigned, *own)))[:MOST_ARRAYS]


def _slopes(case: Case, read: Sequence[str]) -> Sequence[ast.expr]:
    """The slope of every activation, for each way in which its author calls what it reads."""
    derivation = case.matcher.reference.derivation
    called: dict[str, list[str]] = {}
    for line in case.trial.lines[: case.trial.lines.index(case.line)]:
        match = case.matcher.match(line) if line.target.isidentifier() else None
        if match is not None and match.scale.is_one:
            called.setdefault(match.quantity, []).append(line.target)
    for name in read:
        called.setdefault(case.matcher.spellings.tensor(name) or "", []).append(name)
    found: dict[str, ast.expr] = {}
    for slope in slopes(derivation).values():
        reads = [name for name in names_read(slope.equation.expression) if name in derivation.system.tensors]
        names = [list(dict.fromkeys(reversed(called.get(name, ()))))[:MOST_NAMES] for name in reads]
        for own in product(*names) if reads else ():
            code = _as_code(slope.equation, derivation.system, dict(zip(reads, own, strict=True)))
            if code is not None:
                found.setdefault(ast.unparse(code), code)
    return list(found.values())


def _as_code(equation: Equation, system: System, names: Mapping[str, str]) -> ast.expr | None:
    """The right side of an equation of whole arrays by their names; None where it is none that Python has."""
    try:
        written = ast.parse(LanguageText(system).text(equation.expression), mode="eval").body
    except (SyntaxError, NotExpressible):
        return None

    def instead(node: ast.AST) -> ast.expr | None:
        match node:
            case ast.Subscript(value=ast.Name(id=name)) | ast.Name(id=name) if name in names:
                return named(names[name])
            case ast.Call(func=ast.Name("where"), args=[test, ast.Constant(1), ast.Constant(0)]):
                return exchanged(test, instead)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return ast.Call(ast.Attribute(named("np"), name, ast.Load()), [exchanged(each, instead) for each in arguments], [])
        return None

    return exchanged(written, instead)
