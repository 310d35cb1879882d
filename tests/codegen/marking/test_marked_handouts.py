"""Whole handouts of the gallery as works: nothing in them is wrong, and one formula that is changed is found."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from changed_formulas import changed_formulas
from gallery_networks import document

from chainrule import Dense, Derivation, Network, derive, mark, read_description
from chainrule.codegen.document.document import Document
from chainrule.codegen.formats.latex import render_latex
from chainrule.codegen.formats.markdown import render_markdown
from chainrule.codegen.marking.equations.latex_rows import latex_rows
from chainrule.codegen.marking.equations.quoted import without_quoted
from chainrule.codegen.marking.equations.tables import with_equations
from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.marked import MarkedWork, Verdict
from chainrule.codegen.marking.python import bounds
from chainrule.codegen.marking.theory import theories

GALLERY = Path(__file__).parents[3] / "generated"
#: One of each notation, three of which are matrices, one a transformer block.
NAMES = ("mazur", "affine_softmax", "logistic", "block")
BAD = (Verdict.WRONG, Verdict.FOLLOWS)


@cache
def marker(name: str) -> Marker:
    description = read_description(GALLERY / name / f"{name}.toml")
    return Marker(derive(description.network, description.wrt), description.symbols)


def text_of(name: str, ending: str) -> str:
    return (GALLERY / name / f"{name}{ending}").read_text(encoding="utf-8")


def marked(name: str, text: str, ending: str) -> MarkedWork:
    return marker(name).marked(text, name, None, ending)


@pytest.mark.parametrize("ending", [".tex", ".md"])
@pytest.mark.parametrize("name", NAMES)
def test_a_handout_says_nothing_wrong(name: str, ending: str) -> None:
    work = marked(name, text_of(name, ending), ending)
    assert not [line for line in work.lines if line.verdict in BAD]
    assert work.is_right
    assert sum(line.verdict is Verdict.RIGHT for line in work.lines) >= 20
    assert all(line.message for line in work.lines if line.verdict is Verdict.UNREAD)


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_formula_of_a_handout_is_found(name: str) -> None:
    text = text_of(name, ".tex")
    right = {line.line for line in marked(name, text, ".tex").lines if line.verdict is Verdict.RIGHT}
    changes = [each for each in changed_formulas(text) if each.line in right and "sign" in each.kinds]
    for each in random.Random(name).sample(changes, 2):
        first = marked(name, each.text, ".tex").first_wrong
        assert first is not None, each.formula
        assert first.line == each.line, (each.formula, first)


@pytest.mark.parametrize("render", [render_latex, render_markdown])
@pytest.mark.parametrize(("name", "notation"), [("block", "graph"), ("character_model", "superscript")])
def test_a_full_handout_of_many_formulas_says_nothing_wrong(
    name: str, notation: str, render: Callable[[Document], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zeros that are left of what cancels, one vector for every example, vectors at places that are computed, norm_logits."""
    monkeypatch.setattr(bounds, "MOST_SECONDS", 10 * bounds.MOST_SECONDS)
    ending = ".tex" if render is render_latex else ".md"
    work = marked(name, render(document(name, notation, "en", "full")), ending)
    assert not [(line.line, line.name) for line in work.lines if line.verdict in BAD]
    assert sum(line.verdict is Verdict.RIGHT for line in work.lines) >= 90


def test_what_is_said_of_any_letters_is_no_claim() -> None:
    text = "# A\n\nIn this section $f, u$ stand for any quantities and functions.\n\n## B\n\n$u = f(x)$\n\n# C\n"
    (theory,) = theories(text)
    assert (theory.first, theory.last, theory.letters) == (3, 9, frozenset("fu"))


def test_what_is_quoted_is_no_formula() -> None:
    text = "```python\na = $1\n```\n```math\nb = 1\n```\n$`c = 2`$\n\\begin{listing}\nd = 3\n\\end{listing}\n```\n$e = 4$\n"
    assert [row.text.strip() for row in latex_rows(text)] == ["b = 1", "c = 2", "e = 4"]
    assert without_quoted(text).count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("row", "equation"),
    [
        ("| $dW$ | $`X^{\\top} \\, dZ`$ | $3 \\times 2$ |", "| $dW = X^{\\top} \\, dZ$ | $3 \\times 2$ |"),
        ("  $\\partial L / \\partial b$ & $dz$ & $2$ \\\\", "| $\\partial L / \\partial b = dz$ & $2$ \\\\"),
        ("| $dW$ | $3 \\times 2$ | 1 |", "| $dW$ | $3 \\times 2$ | 1 |"),
        ("| $W$ | $dZ$ | 1 |", "| $W$ | $dZ$ | 1 |"),
    ],
)
def test_a_gradient_beside_its_formula_is_an_equation(row: str, equation: str) -> None:
    assert with_equations(row) == equation


def test_a_step_of_learning_does_not_change_what_formulas_read(stack: Derivation) -> None:
    text = "$$W^{(1)} := W^{(1)} - \\alpha\\, dW^{(1)}$$\n$$z^{(1)}_{nj} = \\sum_i W^{(1)}_{ji} x_{ni} + b^{(1)}_j$$\n"
    assert [line.verdict for line in mark(stack, text, ending=".tex").lines][-1] is Verdict.RIGHT


def test_single_entries_are_counted_from_1(stack: Derivation) -> None:
    text = "$$z^{(1)}_1 = w^{(1)}_{11} x_1 + w^{(1)}_{12} x_2 + b^{(1)}_1$$\n$$\\frac{\\partial C}{\\partial b^{(1)}_1} = dz^{(1)}_1$$\n"
    text += "$$z^{(1)}_2 = w^{(1)}_{21} x_1 + w^{(1)}_{22} x_2 + b^{(1)}_2$$\n"
    text += "$$z^{(1)}_3 = w^{(1)}_{31} x_1 + w^{(1)}_{32} x_2 + b^{(1)}_3$$\n# Other\n$$db^{(1)}_j = \\sum_n dz^{(1)}_{nj}$$\n"
    assert {line.verdict for line in mark(stack, text, ending=".tex").lines} == {Verdict.RIGHT}
    wrong = mark(stack, text.replace("w^{(1)}_{12} x_2", "w^{(1)}_{21} x_2"), ending=".tex").first_wrong
    assert wrong is not None
    assert wrong.line == 1


@pytest.fixture(scope="module")
def stack() -> Derivation:
    return derive(Network(2, [Dense(3, "sigmoid")], "quadratic"))


def test_a_vector_at_the_place_of_an_example_is_of_matrices_there() -> None:
    text = r"$\mathrm{d}m^{(2)}_{n} = -\frac{\mathrm{d}u^{(2)}_{n} \, g^{(2)}}{\sqrt{v^{(2)}_{n} + \varepsilon}}$"
    assert [line.verdict for line in marked("block", text, ".tex").lines] == [Verdict.RIGHT]
    (line,) = marked("block", text.replace("= -", "= "), ".tex").lines
    assert (line.verdict, line.mistake) == (Verdict.WRONG, "sign")


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"\mathrm{counts} = \exp\left({\underbrace{\mathrm{norm\_logits}}_{N \times 27}}\right)", Verdict.RIGHT),
        (r"\mathrm{d}\mathrm{bndiff2} = \mathbf{1}_{N} \, \left(\frac{1}{N - 1} \, \mathrm{d}\mathrm{bnvar}\right)^{\top}", Verdict.RIGHT),
        (r"\mathrm{d}\mathrm{bndiff2} = \mathbf{1}_{N} \, \left(\frac{1}{N} \, \mathrm{d}\mathrm{bnvar}\right)^{\top}", Verdict.WRONG),
        (r"\mathrm{d}\mathrm{emb}_{t,d} = \mathrm{d}\mathrm{embcat}_{d + 10 \, t}", Verdict.RIGHT),
        (r"\mathrm{d}\mathrm{emb}_{t,d} = \mathrm{d}\mathrm{embcat}_{t + 3 \, d}", Verdict.WRONG),
    ],
)
def test_formulas_of_whole_arrays_and_of_their_parts(formula: str, verdict: Verdict) -> None:
    (line,) = marked("character_model", f"$${formula}$$\n", ".tex").lines
    assert line.verdict is verdict, line.message


def test_shapes_below_braces_count_the_examples() -> None:
    """Of one example alone db = dz would be right."""
    below = r"{\underbrace{\mathrm{d}Z^{(1)}}_{3 \times N}}"
    text = "\n".join(
        [
            r"$$\mathrm{d}Z^{(1)} = \mathrm{d}A^{(1)} \odot A^{(1)} \odot (1 - A^{(1)})$$",
            rf"$$\mathrm{{d}}W^{{(1)}} = {below}^{{\top}} X$$",
            rf"$$\mathrm{{d}}b^{{(1)}} = {below}^{{\top}} \mathbf{{1}}_N$$",
        ]
    )
    right = marked("mazur", text, ".tex")
    assert [line.verdict for line in right.lines] == [Verdict.RIGHT] * 3
    (*_, last) = marked("mazur", text.replace(r" \mathbf{1}_N", ""), ".tex").lines
    assert (last.verdict, last.mistake) == (Verdict.WRONG, "sum")
