"""What an author might have meant to write in a line: arrays by the names that they have in the work, and slopes of activations.

The slopes are those that the chain rule found, as code in the author's names: a1[n,j]*(1 - a1[n,j]) becomes h * (1 - h).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from keyword import iskeyword

from sympy import Expr, Indexed, Mul, Piecewise, Sum, Symbol

from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.codegen.mistakes.code_changes import Around, named
from chainrule.codegen.mistakes.exchange import exchanged
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.index_letters import names_read, nodes
from chainrule.symbolic.system.system import System

from .hypotheses import Case
from .spellings import number

MOST_ARRAYS = 40
#: Of one quantity, as the author calls it.
MOST_NAMES = 2
STRIDES = frozenset({"s", "stride", "strides"})
USUAL_STRIDES = (1, 2, 3)
PADDINGS = frozenset({"p", "pad", "padding"})
USUAL_PADDINGS = (1, 2, 0)
HELD = re.compile(r"[A-Za-z_][\w.]*(\[['\"]\w+['\"]\])?")


def around(case: Case, value: ast.expr) -> Around:
    """What is known where the right side of a line stands, or that of one which leads to it."""
    scale = case.times(case.right) if getattr(case.line.statement, "value", None) is value else None
    read = list(dict.fromkeys(node.id for node in ast.walk(case.trial.work.tree) if isinstance(node, ast.Name)))
    strides = [named(name) for name in read if name.lower() in STRIDES]
    paddings = [named(name) for name in read if name.lower() in PADDINGS]
    is_padded = bool(paddings) or "pad" in {node.attr for node in ast.walk(case.trial.work.tree) if isinstance(node, ast.Attribute)}
    return Around(
        value,
        arrays=_arrays(case, read),
        counts=[name for name in read if number(name) == "examples"],
        strides=[*strides, *map(ast.Constant, USUAL_STRIDES)],
        paddings=[*paddings, *map(ast.Constant, USUAL_PADDINGS)] if is_padded else (),
        slopes=_slopes(case, read),
        factor=scale.factor if scale is not None and scale.axis is None else None,
    )


def _arrays(case: Case, read: Sequence[str]) -> Sequence[str]:
    """Those before the line, and those of the network that the work names."""
    before = case.trial.lines[: case.trial.lines.index(case.line)]
    assigned = [line.target for line in before if is_held(line.target) and line.values[0].ndim]
    arguments = [node.arg for node in ast.walk(case.trial.work.tree) if isinstance(node, ast.arg)]
    own = [name for name in (*read, *arguments) if case.matcher.spellings.tensor(name) is not None]
    return list(dict.fromkeys((*assigned, *own)))[:MOST_ARRAYS]


def _slopes(case: Case, read: Sequence[str]) -> Sequence[ast.expr]:
    """Every slope that a gradient's formula has, for each way in which its author writes what it reads: h, or in a loop h[:, t]."""
    derivation = case.matcher.reference.derivation
    called: dict[str, list[str]] = {}
    for line in case.trial.lines[: case.trial.lines.index(case.line)]:
        match = case.matcher.match(line) if line.target.isidentifier() else None
        if match is not None and match.scale.is_one:
            called.setdefault(match.quantity, []).append(line.target)
    for name in read:
        called.setdefault(case.matcher.spellings.tensor(name) or "", []).append(name)
    parts = [node for node in ast.walk(case.trial.work.tree) if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)]
    found: dict[str, ast.expr] = {}
    for name, slope in _with_slopes(derivation):
        names = list(dict.fromkeys(reversed(called.get(name, ()))))[:MOST_NAMES]
        own = {ast.unparse(part): part for part in parts if ast.unparse(part.value) in names}
        for written in (*map(named, names), *list(own.values())[:MOST_NAMES]):
            code = _as_code(slope, derivation.system, name, written)
            if code is not None:
                found.setdefault(ast.unparse(code), code)
    return list(found.values())


def _with_slopes(derivation: Derivation) -> Iterator[tuple[str, Expr]]:
    """What products in the formulas of gradients have of one value between layers, more than the value itself."""
    for adjoint in derivation.adjoints.values():
        for node in nodes(adjoint.expression):
            of: dict[str, list[Expr]] = {}
            for factor in node.args if isinstance(node, Mul) else (node,) if isinstance(node, Piecewise) else ():
                reads = [name for name in names_read(factor) if name not in derivation.system.constants]
                if len(reads) == 1 and reads[0] in derivation.system.definition and not factor.has(Sum):
                    of.setdefault(reads[0], []).append(factor)
            yield from ((name, Mul(*factors)) for name, factors in of.items() if not isinstance(Mul(*factors), Indexed | Symbol))


def _as_code(slope: Expr, system: System, of: str, author: ast.expr) -> ast.expr | None:
    """A slope of a quantity in the place of whose entries stands what its author writes; None where it is nothing that Python has."""
    try:
        written = ast.parse(LanguageText(system).text(slope), mode="eval").body
    except (SyntaxError, NotExpressible):
        return None

    def instead(node: ast.AST) -> ast.expr | None:
        match node:
            case ast.Subscript(value=ast.Name(id=name)) | ast.Name(id=name) if name == of:
                return author
            case ast.Call(func=ast.Name("where"), args=[test, ast.Constant(1), ast.Constant(0)]):
                return exchanged(test, instead)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return ast.Call(ast.Attribute(named("np"), name, ast.Load()), [exchanged(each, instead) for each in arguments], [])
        return None

    return exchanged(written, instead)


def is_held(target: str) -> bool:
    """Whether it is a name, or what an object or a dictionary holds under a name."""
    return HELD.fullmatch(target) is not None and not iskeyword(target)


def own_name(node: ast.expr) -> str:
    """What something is called, whatever holds it: a1 of self.a1 and of cache["a1"]."""
    match node:
        case ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str() as name)):
            return name
        case _:
            return ast.unparse(node)
