"""The table of mistakes in code: what a row makes of a right line, the same row undoes."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from chainrule.codegen.mistakes.code import CODE_MISTAKES, CodeMistake, changed
from chainrule.codegen.mistakes.code_changes import Around, Change, named
from chainrule.codegen.mistakes.kinds import MistakeKind

#: A line with each kind of mistake that is its own way back or has one in its row.
MADE = [
    (MistakeKind.FACTOR, "dz1.T @ x", "dz1.T @ x * z1"),
    (MistakeKind.MASK, "dz1 * w", "dz1 * w * (z1 > 0)"),
    (MistakeKind.FACTOR, "dz1 * w", "dz1 / 2 * w"),
    (MistakeKind.SIGN, "(a2 - y @ W) / N", "(y @ W - a2) / N"),
    (MistakeKind.SIGN, "da + db", "da - db"),
    (MistakeKind.SUM, "np.sum(dz1, axis=1, keepdims=True)", "np.sum(dz1, axis=0, keepdims=True)"),
    (MistakeKind.SHAPE, "np.sum(dz1, axis=1)", "np.sum(dz1, axis=1, keepdims=True)"),
    (MistakeKind.MEAN, "dz1.sum(axis=0)", "dz1.mean(axis=0)"),
    (MistakeKind.TRANSPOSE, "dz1.T @ x", "dz1 @ x"),
    (MistakeKind.TRANSPOSE, "dz1 @ W1", "dz1 @ W1.T"),
    (MistakeKind.TRANSPOSE, "W[j, k] * dz[n, k]", "W[k, j] * dz[n, k]"),
    (MistakeKind.ORDER, "np.dot(dz1, W1)", "np.dot(W1, dz1)"),
    (MistakeKind.ORDER, "dz1.dot(W1.T)", "W1.dot(dz1)"),
    (MistakeKind.MASK, "da1 * (z1 > 0)", "da1 * (z1 < 0)"),
    (MistakeKind.SHIFT, "h[:, t - 1] * dh", "h[:, t] * dh"),
    (MistakeKind.SHIFT, "h[:, t] * dh", "h[:, t + 1] * dh"),
    (MistakeKind.STRIDE, "x[n, :, i * s:i * s + k, j * s:j * s + k]", "x[n, :, i:i + k, j:j + k]"),
    (MistakeKind.STRIDE, "x[n, i * s:i * s + k]", "x[n, i * 3:i * 3 + k]"),
    (MistakeKind.PADDING, "np.pad(x, ((0, 0), (p, p)))", "np.pad(x, ((0, 0), (2, 2)))"),
    (MistakeKind.PADDING, "dx[:, p:-p]", "dx[:, 2:-2]"),
    (MistakeKind.PADDING, "dx[:, p:-p]", "dx"),
    (MistakeKind.FACTOR, "2 * (a2 - y)", "4 * (a2 - y)"),
    (MistakeKind.FACTOR, "1 - a1 ** 2", "1 - a1"),
    (MistakeKind.PATH, "da @ W", "da @ W + x"),
    (MistakeKind.OPERAND, "da1 * q", "da1 * z1"),
    (MistakeKind.OPERAND, "da1 * (q * (1 - q))", "da1 * (z1 * (1 - z1))"),
    (MistakeKind.OPERAND, "dz1 * (a1 * (1 - a1))", "dz1 * (z1 > 0)"),
    (MistakeKind.MEAN, "dz1.T @ x / N", "dz1.T @ x"),
    (MistakeKind.MEAN, "dz1.T @ x", "dz1.T @ x / N"),
    (MistakeKind.SUM, "np.sum(dz1, axis=0)", "dz1"),
    (MistakeKind.SUM, "dz1", "np.sum(dz1, axis=0)"),
    (MistakeKind.SUM, "sum(n, x[n, i] * dz[n, j])", "x[n, i] * dz[n, j]"),
    (MistakeKind.FACTOR, "(dz2 @ W2) * (a1 * (1 - a1))", "dz2 @ W2"),
    (MistakeKind.MASK, "np.dot(W2.T, dz2) * (z1 > 0)", "np.dot(W2.T, dz2)"),
    (MistakeKind.PATH, "dh + dz1", "dh"),
    (MistakeKind.MASK, "x == np.max(x)", "x == np.min(x)"),
    (MistakeKind.MASK, "np.maximum(0, z1)", "np.minimum(0, z1)"),
    (MistakeKind.TRANSPOSE, "dz[i, h, w, c]", "dz[i, w, h, c]"),
    (MistakeKind.TRANSPOSE, "x[n, h:h + f, w:w + f]", "x[n, w:w + f, h:h + f]"),
]
AROUND = Around(
    named("x"),
    arrays=("x", "z1", "q", "dz1"),
    counts=("N",),
    strides=(named("s"), ast.Constant(3)),
    paddings=(named("p"), ast.Constant(2)),
    slopes=[ast.parse(slope, mode="eval").body for slope in ("a1 * (1 - a1)", "z1 > 0")],
    gradients=("dh", "dz1", "dz2"),
)


def lines(line: str, change: Change, mistake: CodeMistake) -> set[str]:
    around = replace(AROUND, whole=ast.parse(line, mode="eval").body)
    return {ast.unparse(each.expression) for each in changed(mistake, change, around)}


@pytest.mark.parametrize(("kind", "right", "wrong"), MADE)
def test_what_is_made_is_undone(kind: MistakeKind, right: str, wrong: str) -> None:
    right, wrong = (ast.unparse(ast.parse(line)) for line in (right, wrong))
    rows = [mistake for mistake in CODE_MISTAKES if mistake.kind is kind and wrong in lines(right, mistake.made, mistake)]
    assert any(right in lines(wrong, mistake.undone, mistake) for mistake in rows)


def test_every_row_is_made() -> None:
    """But that of a number that is a known number of times too large."""
    made = {
        mistake for kind, right, wrong in MADE for mistake in CODE_MISTAKES if mistake.kind is kind and lines(right, mistake.made, mistake)
    }
    assert {mistake.made.__name__ for mistake in CODE_MISTAKES if mistake not in made} <= {"other_number", "scaled"}
