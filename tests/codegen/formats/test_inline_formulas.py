"""What stands between words and in tables: fractions with a slash, which say the same as with a bar, and code that is not torn."""

from __future__ import annotations

import random
import re

import pytest
from test_short_handouts import short

from chainrule.codegen.document.document import Code, Table
from chainrule.codegen.document.nodes import (
    THIN,
    Cases,
    Fraction,
    Function,
    Letter,
    Node,
    Row,
    Scripts,
    bracketed,
    derivative,
    fraction,
    row,
    scripted,
    total,
)
from chainrule.codegen.document.on_a_line import on_a_line
from chainrule.codegen.document.unicode_formula import write_unicode
from chainrule.codegen.formats.html import render_html
from chainrule.codegen.formats.latex import render_latex, table_columns
from chainrule.codegen.formats.markdown import render_markdown
from chainrule.codegen.formats.typst import render_typst
from chainrule.codegen.words.sentences import plain

a, b, c, n = map(Letter, "abcn")


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (fraction(a, b), "a / b"),
        (fraction(row(a, "+", b), row("2", THIN, n)), "(a + b) / (2 n)"),
        (row(fraction("1", n), THIN, a), "(1 / n) a"),
        (row(a, THIN, fraction(b, c), "+", n), "a b / c + n"),
        (row(a, THIN, derivative(b, c)), "a ∂b/∂c"),
        (row(derivative(a, b), THIN, derivative(b, c)), "(∂a/∂b) ∂b/∂c"),
        (row(derivative(a, b), "·", derivative(b, c)), "∂a/∂b · ∂b/∂c"),
        (scripted(fraction(a, b), above="2"), "(a / b)²"),
        (fraction("1", scripted(a, above=fraction("3", "2"))), "1 / a^(3 / 2)"),
        (row(Function("tanh"), fraction(a, b)), "tanh(a / b)"),
        (fraction(row(total("i"), a), b), "(Σ_i a) / b"),
        (fraction(a, row(total("i"), b)), "a / (Σ_i b)"),
        (fraction(fraction(a, b), fraction(b, c)), "(a / b) / (b / c)"),
        (Cases(((fraction(a, b), row(a, ">", "0")),)), "{a / b a > 0}"),
    ],
)
def test_a_fraction_has_a_slash(formula: Node, expected: str) -> None:
    assert re.sub(r"\s*/\s*", "/", write_unicode(on_a_line(formula))) == re.sub(r"\s*/\s*", "/", expected)


def tree(chance: random.Random, depth: int) -> Node:
    if not depth:
        return chance.choice((a, b, c, n))
    kind, (left, right) = chance.randrange(5), (tree(chance, depth - 1) for _ in range(2))
    match kind:
        case 0 | 1:
            return Fraction(left, right)
        case 2:
            return bracketed(row(left, "+", right))
        case 3:
            return row(left, THIN, right)
        case _:
            return scripted(bracketed(left) if isinstance(left, Row) else left, above="2")


def value(node: Node, values: dict[str, float]) -> float:
    """What the tree says, a factor behind a fraction being beside it."""
    match node:
        case Letter(text):
            return values[text]
        case Fraction(above, below):
            return value(above, values) / value(below, values)
        case Scripts(base):
            return value(base, values) ** 2
        case Row(parts):
            terms = [1.0]
            for part in parts:
                if write_unicode(part) == "+":
                    terms.append(1.0)
                elif part != THIN:
                    terms[-1] *= value(part, values)
            return sum(terms)
        case _:
            return value(node.body, values)  # type: ignore[union-attr]


@pytest.mark.parametrize("seed", range(60))
def test_the_value_is_the_same(seed: int) -> None:
    chance = random.Random(seed)
    formula, values = tree(chance, 4), {letter: chance.uniform(1, 2) for letter in "abcn"}
    line = write_unicode(on_a_line(formula)).replace("²", "**2")
    spoken = re.sub(r"(?<=[\w)]) ?(?=[(a-z])", "*", line)
    assert eval(spoken, dict(values)) == pytest.approx(value(formula, values))


def test_no_format_has_a_bar_between_words() -> None:
    document = short("mazur", "graph")
    latex = re.sub(
        r"\\begin\{derivation\}.*?\\end\{derivation\}", "", render_latex(document).split(r"\begin{document}")[1], flags=re.DOTALL
    )
    assert r"\partial L / \partial w" in latex
    assert r"\frac" not in latex
    page = re.findall(r'<math[^>]*display="inline".*?</math>', render_html(document), re.DOTALL)
    assert len(page) > 50
    assert not [formula for formula in page if "<mfrac" in formula and "displaystyle" not in formula]
    markdown = re.sub(r"```.*?```", "", render_markdown(document), flags=re.DOTALL)
    assert r"\frac" not in markdown
    assert "frac(" not in re.sub(r"\$ .*? \$", "", render_typst(document), flags=re.DOTALL)


def test_code_beside_short_names_has_the_rest_of_the_row() -> None:
    """Beside wide equations the code of a table would be torn into many short lines."""
    tables = [block for block in short("gru").blocks if isinstance(block, Table)]
    forward, backward = (table for table in tables if any(isinstance(piece, Code) and "=" in piece.text for piece in table.rows[0][-1]))
    assert table_columns(forward) == table_columns(backward) == "lK"
    assert table_columns(Table((plain("a"), plain("b")), ((plain("word " * 7), plain("word " * 40)),), "ll")) == "lL"
    assert table_columns(Table((plain("a"), plain("b")), ((plain("word " * 30), plain("word " * 40)),), "ll")) == "LL"
