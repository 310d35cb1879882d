"""Mistakes in lines of NumPy as one table of pairs: what makes a right line wrong, and what makes the wrong one right again.

Exercises make them, marking undoes them. Whether a line is wrong then, or right, a run tells.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from . import array_changes as arrays
from . import code_changes as changes
from . import window_changes as windows
from .code_changes import MODULES, Around, Change
from .exchange import exchanged
from .kinds import MistakeKind

#: What is written without brackets on both sides of any sign.
_ATOMS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant)
#: The number of examples in a module.
_EXAMPLES = "N"
MOST_CHANGES = 1500
#: Of nodes in all changes of a line.
MOST_NODES = 200_000


@dataclass(frozen=True, slots=True)
class CodeMistake:
    """How a mistake is made and how it is undone, at one place or `throughout` a line, and the sentence of it in marking.

    Those that are seen at first sight are asked for.
    """

    kind: MistakeKind
    made: Change
    undone: Change
    sentence: str
    is_asked: bool = False
    throughout: bool = False


#: The likeliest first.
CODE_MISTAKES = (
    CodeMistake(MistakeKind.MEAN, changes.with_count, changes.without_count, "marking.mean.twice"),
    CodeMistake(MistakeKind.FACTOR, changes.with_factor, changes.without_factor, "marking.edit.factor"),
    CodeMistake(MistakeKind.MASK, changes.with_mask, changes.without_mask, "marking.edit.mask"),
    CodeMistake(MistakeKind.FACTOR, changes.with_divisor, changes.without_divisor, "marking.edit.factor"),
    CodeMistake(MistakeKind.SIGN, changes.exchanged_difference, changes.exchanged_difference, "marking.edit.sign", is_asked=True),
    CodeMistake(MistakeKind.SIGN, changes.other_sign, changes.other_sign, "marking.edit.sign"),
    CodeMistake(MistakeKind.SUM, arrays.other_axis, arrays.other_axis, "marking.sum.axis"),
    CodeMistake(MistakeKind.SHAPE, arrays.other_shape, arrays.other_shape, "marking.edit.shape"),
    CodeMistake(MistakeKind.MEAN, arrays.other_reduction, arrays.other_reduction, "marking.edit.mean"),
    CodeMistake(MistakeKind.TRANSPOSE, arrays.without_transpose, arrays.with_transpose, "marking.edit.transpose", is_asked=True),
    CodeMistake(MistakeKind.TRANSPOSE, arrays.with_transpose, arrays.without_transpose, "marking.edit.transpose"),
    CodeMistake(MistakeKind.TRANSPOSE, arrays.exchanged_indices, arrays.exchanged_indices, "marking.edit.indices"),
    CodeMistake(MistakeKind.ORDER, arrays.exchanged_factors, arrays.exchanged_factors, "marking.edit.order", is_asked=True),
    CodeMistake(MistakeKind.ORDER, arrays.turned_factors, arrays.turned_factors, "marking.edit.order"),
    CodeMistake(MistakeKind.MASK, changes.other_mask, changes.other_mask, "marking.edit.mask"),
    CodeMistake(MistakeKind.MASK, arrays.other_extreme, arrays.other_extreme, "marking.edit.extreme"),
    CodeMistake(MistakeKind.SHIFT, arrays.with_step, arrays.without_step, "marking.shift"),
    CodeMistake(MistakeKind.SHIFT, arrays.without_step, arrays.with_step, "marking.shift", is_asked=True),
    CodeMistake(MistakeKind.STRIDE, windows.without_stride, windows.with_stride, "marking.edit.stride", is_asked=True),
    CodeMistake(MistakeKind.STRIDE, windows.other_stride, windows.other_stride, "marking.edit.stride"),
    CodeMistake(MistakeKind.PADDING, windows.other_padding, windows.other_padding, "marking.edit.padding"),
    CodeMistake(MistakeKind.PADDING, windows.without_trim, windows.with_trim, "marking.edit.padding"),
    CodeMistake(MistakeKind.FACTOR, changes.other_factor, changes.other_factor, "marking.edit.factor"),
    CodeMistake(MistakeKind.PATH, changes.with_term, changes.without_term, "marking.edit.path"),
    CodeMistake(MistakeKind.OPERAND, arrays.other_array, arrays.other_array, "marking.operand", is_asked=True),
    CodeMistake(MistakeKind.OPERAND, arrays.other_array, arrays.other_array, "marking.operand", throughout=True),
    CodeMistake(MistakeKind.OPERAND, changes.other_slope, changes.other_slope, "marking.operand"),
    CodeMistake(MistakeKind.FACTOR, changes.other_number, changes.other_number, "marking.edit.factor"),
    CodeMistake(MistakeKind.FACTOR, changes.scaled, changes.scaled, "marking.edit.factor"),
    CodeMistake(MistakeKind.MEAN, changes.without_count, changes.with_count, "marking.mean.missing", is_asked=True),
    CodeMistake(MistakeKind.SUM, arrays.without_sum, arrays.with_sum, "marking.sum.missing", is_asked=True),
    CodeMistake(MistakeKind.SUM, arrays.with_sum, arrays.without_sum, "marking.sum.more"),
    CodeMistake(MistakeKind.SUM, arrays.without_letter, arrays.with_letter, "marking.sum.missing"),
    CodeMistake(MistakeKind.FACTOR, changes.without_factor, changes.with_factor, "exercises.mistake.factor", is_asked=True),
    CodeMistake(MistakeKind.MASK, changes.without_mask, changes.with_mask, "exercises.mistake.factor", is_asked=True),
    CodeMistake(MistakeKind.PATH, changes.without_path, changes.with_term, "exercises.mistake.path", is_asked=True),
)


#: Of the table, those of which two are made in one line.
COMMON = tuple(
    mistake
    for mistake in CODE_MISTAKES
    if mistake.undone
    in (
        changes.exchanged_difference, changes.other_sign, changes.with_factor, changes.with_mask, changes.other_mask,
        arrays.with_transpose, arrays.without_transpose, arrays.exchanged_factors, arrays.other_axis,
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A right side with one change: of which mistake, what stood there, what stands there now, and the part that is lost or gained."""

    mistake: CodeMistake
    expression: ast.expr
    before: ast.expr
    after: ast.expr
    part: ast.expr | None

    @property
    def mentions(self) -> dict[str, str]:
        """What its sentence may mention, where the change makes a line right."""
        part = ast.unparse(self.part) if self.part is not None else ""
        return {"wrong": ast.unparse(self.before), "right": ast.unparse(self.after), "factor": part, "path": part}


@dataclass(frozen=True, slots=True)
class WrongCode:
    """Code with a mistake, and the stretches of code that its sentence mentions."""

    kind: MistakeKind
    code: str
    mentions: Mapping[str, str]


def undone(around: Around, kinds: Collection[MistakeKind] = tuple(MistakeKind)) -> Iterator[ChangedLine]:
    """A wrong line with every mistake of the table undone in every place, or with those of some kinds."""
    most = min(MOST_CHANGES, MOST_NODES // sum(1 for _ in ast.walk(around.whole)))
    rows = (mistake for mistake in CODE_MISTAKES if mistake.kind in kinds)
    return islice((found for mistake in rows for found in changed(mistake, mistake.undone, around)), most)


def undone_twice(around: Around) -> Iterator[tuple[ChangedLine, ChangedLine]]:
    """A wrong line with two of the commonest mistakes undone, of different rows; no array in it is another one."""
    alone = replace(around, arrays=())
    firsts = [(row, found) for row, mistake in enumerate(COMMON) for found in changed(mistake, mistake.undone, alone)]
    pairs = (
        (first, second)
        for row, first in firsts
        for mistake in COMMON[row + 1 :]
        for second in changed(mistake, mistake.undone, replace(alone, whole=first.expression))
    )
    return islice(pairs, MOST_CHANGES)


def changed(mistake: CodeMistake, change: Change, around: Around) -> Iterator[ChangedLine]:
    """A line with a mistake of the table made, or undone, in every place."""
    return (found for node in _places(around.whole) for found in _changed_at(node, mistake, change, around))


def made(code: str, gradients: Collection[str], near: Mapping[str, Collection[str]]) -> list[WrongCode]:
    """Every wrong right side that is asked for, each once; `near` are names that could be mistaken for one."""
    around = Around(ast.parse(code, mode="eval").body, near=near, counts=(_EXAMPLES,), gradients=gradients)
    found: dict[str, WrongCode] = {}
    for node in _places(around.whole):
        for mistake in CODE_MISTAKES:
            if mistake.is_asked and _is_short(mistake.kind, node):
                for line in _changed_at(node, mistake, mistake.made, around):
                    wrong, right = _written(code, line), ast.get_source_segment(code, line.part or node) or ""
                    mentions = {"wrong": ast.unparse(line.after), **dict.fromkeys(("right", "factor", "path", "N"), right)}
                    found.setdefault(wrong, WrongCode(mistake.kind, wrong, mentions))
    found.pop(code, None)
    return list(found.values())


def _is_short(kind: MistakeKind, node: ast.expr) -> bool:
    """What is exchanged without any brackets can be read at first sight, and so can a step of one letter."""
    if kind in (MistakeKind.SIGN, MistakeKind.ORDER) and isinstance(node, ast.BinOp):
        return isinstance(node.left, _ATOMS) and isinstance(node.right, _ATOMS)
    return kind is not MistakeKind.SHIFT or (isinstance(node, ast.BinOp) and isinstance(node.left, ast.Name) and len(node.left.id) == 1)


def _changed_at(node: ast.expr, mistake: CodeMistake, change: Change, around: Around) -> Iterator[ChangedLine]:
    is_array = isinstance(node, ast.Name | ast.Attribute | ast.Subscript)
    name = ast.unparse(node) if mistake.throughout and is_array else None
    for after, part in change(node, around):

        def instead(other: ast.AST, after: ast.expr = after) -> ast.expr | None:
            is_named = name is not None and isinstance(other, type(node)) and ast.unparse(other) == name
            return after if other is node or is_named else None

        yield ChangedLine(mistake, exchanged(around.whole, instead), node, after, part)


def _places(expression: ast.expr) -> list[ast.expr]:
    """Every node that has a value; the name of a function has none."""
    nodes = list(ast.walk(expression))
    functions = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    modules = {id(node) for node in nodes if isinstance(node, ast.Name) and node.id in MODULES}
    return [node for node in nodes if isinstance(node, ast.expr) and id(node) not in functions | modules]


def _written(code: str, changed: ChangedLine) -> str:
    """The text with the change alone, so that all around it stays as it was written; in brackets only where it would fall apart."""
    before, after = _stretch(code, changed.before)
    kept = ast.get_source_segment(code, changed.after) or ast.unparse(changed.after)
    plain = code[:before] + kept + code[after:]
    are_bracketed = code[:before].endswith("(") and code[after:].startswith(")")
    without_brackets = code[: before - 1] + kept + code[after + 1 :] if are_bracketed else plain
    return next((text for text in (without_brackets, plain) if _is(text, changed.expression)), f"{code[:before]}({kept}){code[after:]}")


def _is(code: str, expression: ast.expr) -> bool:
    try:
        return ast.dump(ast.parse(code, mode="eval").body) == ast.dump(expression)
    except SyntaxError:
        return False


def _stretch(code: str, node: ast.expr) -> tuple[int, int]:
    starts = [0]
    for row in code.split("\n"):
        starts.append(starts[-1] + len(row.encode()) + 1)
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    ends = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
    before, after = (len(code.encode()[:end].decode()) for end in ends)
    return before, after
