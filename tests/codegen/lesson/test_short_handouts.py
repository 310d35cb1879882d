"""Short handouts: each pattern once, with the numbers of the example, and the rest as tables."""

from __future__ import annotations

import re
import subprocess
from itertools import pairwise
from math import cosh, exp, prod
from pathlib import Path

import pytest
from gallery_networks import document
from places import GALLERY
from test_command_line import chainrule
from test_render import required

from chainrule import Dense, Network
from chainrule.codegen.build import Choices, build
from chainrule.codegen.descriptions.reader import described, read_description
from chainrule.codegen.document.document import Display, Document, Figure, Heading, Items, Listing, Math, Paragraph, Table, Words
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.shapes import Curve, Ink
from chainrule.codegen.document.spoken import write_spoken
from chainrule.codegen.figures.plot import HEIGHT, WIDTH, PlottedCurve, Scale, plot
from chainrule.codegen.formats.latex import render_latex
from chainrule.codegen.formats.markdown import render_markdown
from chainrule.codegen.formulas.notation_file import NOTATIONS

#: In points.
A4_HEIGHT, RIGHT_MARGIN = 842.0, 524.4
#: A network of each kind: small stacks, a recurrence, attention, images, what is solved, a cost alone.
NETWORKS = ("mazur", "gru", "block", "lenet", "gaussian", "equilibrium", "rounding")


def short(name: str, notation: str | None = None, language: str = "en") -> Document:
    return document(name, notation, language, "short")


def anchors(document: Document) -> list[str]:
    return [block.anchor for block in document.blocks if isinstance(block, Heading)]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_short_handout_has_every_station_and_no_module(name: str) -> None:
    document = short(name)
    assert {"aims", "network", "forward", "chain-rule", "learning", "one-page", "questions", "checked"} <= set(anchors(document))
    assert len({*anchors(document)} & {"one-path", "one-weight"}) == 1
    assert not any(isinstance(block, Listing) for block in document.blocks)


@pytest.mark.parametrize("name", NETWORKS)
def test_questions_stand_at_the_end_the_easier_ones_first_with_as_many_answers(name: str) -> None:
    blocks = short(name).blocks
    start = next(place for place, block in enumerate(blocks) if isinstance(block, Heading) and block.anchor == "questions")
    asked, answers = blocks[start + 1], blocks[start + 2]
    assert isinstance(asked, Items)
    assert isinstance(answers, Paragraph)
    stars = [write_latex(sentence[0].node).count("bigstar") for sentence in asked.sentences if isinstance(sentence[0], Math)]
    assert stars == sorted(stars)
    assert 1 <= len(stars) == len(asked.sentences) <= 6
    said = "".join(part.text for part in answers.sentence if isinstance(part, Words))
    assert [f"({number})" in said for number in range(1, len(stars) + 2)] == [True] * len(stars) + [False]


def test_questions_on_mazur_are_of_six_kinds_with_right_answers() -> None:
    page = render_markdown(short("mazur")).split("## Questions")[1]
    assert page.count(r"$\bigstar$ ") == 4
    assert page.count(r"$\bigstar\bigstar$ ") == page.count(r"$\bigstar\bigstar\bigstar$ ") == 1
    # The slopes of the sigmoid at 0.5 and at −4.
    steep, flat = (1 / (2 + 2 * cosh(z)) for z in (0.5, 4.0))
    assert f"${steep / flat:.2f}$ times as large" in page


def test_the_slopes_of_one_path_are_those_of_the_article() -> None:
    """Mazur (2015) prints 0.74136507, 0.186815602 and 0.593269992, and their product 0.082167041."""
    page = render_markdown(short("mazur"))
    assert r"= 0.74137 \cdot 0.18682 \cdot 0.59327 = 0.082167" in page
    # ∂E/∂out_h1 = 0.055399425 − 0.019049119 = 0.036350306 there.
    assert r"= 0.03635" in page
    assert "must be lowered" in page


def test_a_weight_that_lowers_the_cost_must_be_raised() -> None:
    assert "must be raised" in render_markdown(short("lenet"))


@pytest.mark.parametrize("name", NETWORKS)
def test_no_line_of_a_derivation_stands_twice(name: str) -> None:
    document = short(name)
    start = next(place for place, block in enumerate(document.blocks) if isinstance(block, Heading) and block.anchor == "chain-rule")
    numbered = [block for block in document.blocks[start:] if isinstance(block, Display) and block.number]
    first = [write_latex(display.lines[0].right.node) for display in numbered]
    assert len(first) == len(set(first))


@pytest.mark.parametrize("length", ["short", "full"])
@pytest.mark.parametrize("name", NETWORKS)
def test_no_step_is_said_again_as_the_result(name: str, length: str) -> None:
    """The last line of a display is not the first of the next one that says something of the same quantity."""
    displays = [block for block in document(name, length=length).blocks if isinstance(block, Display)]
    for before, after in pairwise(displays):
        last, first = before.lines[-1], after.lines[0]
        left = write_latex(first.left.node)
        if left and left == write_latex(before.lines[0].left.node):
            assert write_latex(last.right.node) != write_latex(first.right.node)


def test_equal_patterns_stand_once() -> None:
    """The dense layers of LeNet are alike; so are the queries, keys and values of attention among the parameters of a table."""
    page = render_markdown(short("lenet"))
    assert page.count(r"\sum_{s} w^{(8)}_{sr}") == 1
    assert r"\sum_{r} w^{(7)}_{rm} \, \frac{\partial" not in page
    rows = [row for block in short("block").blocks if isinstance(block, Table) for row in block.rows]
    assert len(rows) > 12


@pytest.mark.parametrize("notation", sorted(NOTATIONS))
@pytest.mark.parametrize("language", ["en", "zh-TW", "zh-CN"])
def test_every_notation_and_language(notation: str, language: str) -> None:
    page = render_markdown(short("2-2-2", notation, language))
    if language != "en":
        assert not re.search(r"[A-Za-z]{3,} [a-z]{3,} [a-z]{3,}", re.sub(r"`[^`]*`|\$[^$]*\$|```.*?```", "", page, flags=re.DOTALL))


#: Those that need most room. The first run of xelatex knows no references yet, which are as wide.
LONGEST = [("mazur", "graph", "zh-TW", 8), ("mazur", "graph", "en", 8), ("mazur", "brackets", "en", 8), ("gru", None, "zh-CN", 12)]


@pytest.mark.parametrize(("name", "notation", "language", "most"), [*LONGEST, ("logistic", None, "en", 8)])
def test_pages_are_few_and_full_and_nothing_sticks_out(name: str, notation: str | None, language: str, most: int, tmp_path: Path) -> None:
    program, reader = required("xelatex"), required("pdftotext")
    (tmp_path / "page.tex").write_text(render_latex(short(name, notation, language)), encoding="utf-8")
    subprocess.run([program, "-interaction=batchmode", "page.tex"], cwd=tmp_path, capture_output=True, check=True, timeout=120)
    log = (tmp_path / "page.log").read_text(encoding="utf-8", errors="replace").replace("\n", "")
    assert not re.findall(r"Overfull|made smaller", log)
    read = subprocess.run([reader, "-bbox", "page.pdf", "-"], cwd=tmp_path, capture_output=True, check=True, text=True, timeout=60).stdout
    pages = read.split("<page ")[1:]
    assert len(pages) <= most
    # Numbers of equations stand at the margin, and not in it.
    assert max(float(right) for right in re.findall(r'xMax="([\d.]+)" yMax="[\d.]+">\(\d+\)<', read)) < RIGHT_MARGIN + 2
    for page in pages[:-1]:
        # The last word is the page's number.
        *lowest, _ = sorted(float(below) for below in re.findall(r'yMax="([\d.]+)"', page))
        assert lowest[-1] > 0.7 * A4_HEIGHT


def test_figures_have_words_for_those_who_do_not_see_them() -> None:
    figures = [block for block in short("mazur").blocks if isinstance(block, Figure)]
    assert [figure.name.removeprefix("mazur_") for figure in figures] == [
        "overview",
        "network",
        "chain",
        "graph",
        "activation",
        "along",
        "reversed",
        "learning",
    ]
    assert all(figure.description and figure.caption for figure in figures)
    # Letters are read aloud too.
    assert "x, a box for the network with its parameters θ, o, and a circle for the cost C" in write_spoken(figures[0].description)


def test_equations_have_an_overview_and_a_graph_with_their_numbers() -> None:
    """z = W x + b = (2.8, −1.3), rounded to q = (3, −1); ∂C/∂q = v (v q − y) = (0.5, −1), which is ∂C/∂z too, straight through."""
    figures = {block.name.removeprefix("rounding_"): block for block in short("rounding").blocks if isinstance(block, Figure)}
    assert [*figures][:3] == ["overview", "network", "gradients"]
    overview = write_spoken(figures["overview"].description)
    assert overview.startswith("From left to right x, a box for the network with its parameters θ, q, and a circle for the cost C, which y")
    written = {name: [write_latex(label.text[0].node) for label in figures[name].drawing.labels] for name in ("network", "gradients")}
    assert [numbers in written["network"] for numbers in ("1, 2, -1", "2.8, -1.3", "3, -1", "0.5, -1")] == [True, True, True, False]
    assert written["gradients"].count("0.5, -1") == 2
    assert {label.ink for label in figures["gradients"].drawing.labels if write_latex(label.text[0].node) == "0.5, -1"} == {Ink.GRADIENT}
    assert "zⱼ: 2.8,-1.3" in write_spoken(figures["network"].description)


def test_what_solves_its_equation_is_not_computed_from_itself() -> None:
    document = short("gaussian")
    page = render_markdown(document)
    assert "| $L_{ii'}$ | solution of its equation |" in page
    figures = {block.name.removeprefix("gaussian_"): block for block in document.blocks if isinstance(block, Figure)}
    assert not any(getattr(shape, "dashed", False) for shape in figures["network"].drawing.shapes)


CHAIN = """
name = "chain"
inputs = ["x[n]"]
targets = ["y[n]"]
parameters = ["w1", "w2", "w3"]
batch = "n"
equations = \"\"\"
a[n] = 1/(1 + exp(-w1*x[n]))
b[n] = 1/(1 + exp(-w2*a[n]))
p[n] = 1/(1 + exp(-w3*b[n]))
L = mean(n, -y[n]*log(p[n]) - (1 - y[n])*log(1 - p[n]))
\"\"\"

[example]
x = [0.63]
y = [1.0]

[example.parameters]
w1 = 0.25
w2 = -0.11
w3 = 0.78
"""


def chain(x: float, w1: float, w2: float, w3: float) -> tuple[float, float, float]:
    a = 1 / (1 + exp(-w1 * x))
    b = 1 / (1 + exp(-w2 * a))
    return a, b, 1 / (1 + exp(-w3 * b))


def test_a_chain_of_single_numbers_has_its_path_and_questions_with_numbers(tmp_path: Path) -> None:
    """Three sigmoids in a row: the slope by the first weight is a product of four, all of them small."""
    (tmp_path / "chain.toml").write_text(CHAIN)
    document = short(str(tmp_path / "chain.toml"))
    page = render_markdown(document)
    x, w1, w2, w3 = 0.63, 0.25, -0.11, 0.78
    a, b, p = chain(x, w1, w2, w3)
    slopes = ((p - 1) / (p * (1 - p)), w3 * p * (1 - p), w2 * b * (1 - b), x * a * (1 - a))
    for slope in slopes:
        assert f"{slope:.5g}" in page
    assert f"= {prod(slopes):.5g}" in page
    assert "Step by step, for $w^{(3)}$" in page
    assert "A transpose is missing" not in page
    assert page.index("`dp_scaled = (p - y) / N`") < page.index("`db = w3 * dp_scaled`")
    asked = page.split("## Questions")[1]
    (numbers,) = re.findall(r"Inputs and targets: \$x = (.*?)\$, \$y = (.*?)\$\. Parameters: (.*?)\. Calculate \$p\$", asked)
    given = [float(part) for part in (numbers[0], *re.findall(r"= (-?[\d.]+)", numbers[2]))]
    assert f"p \\approx {chain(*given)[2]:.4g}" in asked


def test_a_straight_through_slope_is_not_said_to_be_that_of_the_cost() -> None:
    page = render_markdown(short("rounding"))
    assert "so gradient descent lowers" in page
    assert "So $W_{11}$ must be lowered" not in page
    assert "the chain rule does not enter" in page


def test_a_notebook_is_full_and_the_others_short(tmp_path: Path) -> None:
    spec = GALLERY / "mazur" / "mazur.toml"
    build(read_description(str(spec)), tmp_path, Choices(formats=("md", "ipynb"), length="short"))
    assert "def backward" in (tmp_path / "mazur.ipynb").read_text(encoding="utf-8")
    page = (tmp_path / "mazur.md").read_text(encoding="utf-8")
    assert "def backward" not in page
    assert "What this is about" in page


def test_lengths_are_listed_and_others_are_refused(tmp_path: Path) -> None:
    assert "short" in chainrule("list", "lengths", cwd=tmp_path).stdout
    refused = chainrule("build", "2-2-2", "--length", "shrot", "-o", "net", cwd=tmp_path)
    assert refused.returncode == 2
    assert "short" in refused.stderr
    assert not (tmp_path / "net").exists()


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [
        (0.0, 1.0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (-6.0, 6.0, (-5.0, 0.0, 5.0)),
        (2.27, 2.36, (2.28, 2.3, 2.32, 2.34, 2.36)),
        (0.0, 60.0, (0.0, 20.0, 40.0, 60.0)),
    ],
)
def test_numbers_at_an_axis_are_round(least: float, most: float, expected: tuple[float, ...]) -> None:
    assert Scale(least, most, 100.0).ticks == pytest.approx(expected)


def test_a_tangent_ends_at_the_frame() -> None:
    steep = PlottedCurve(((-1.0, -100.0), (1.0, 100.0)), dashed=True)
    drawing = plot([PlottedCurve(((-1.0, 0.0), (1.0, 1.0))), steep], (), ())
    curves = [shape for shape in drawing.shapes if isinstance(shape, Curve) and shape.width > 0.8]
    assert len(curves) == 2
    for curve in curves:
        across, down = zip(*curve.points, strict=True)
        assert max(across) - min(across) <= WIDTH + 1e-9
        assert max(down) - min(down) <= HEIGHT + 1e-9
    assert any(abs(end[1] - start[1]) > HEIGHT - 1 for start, end in pairwise(curves[1].points))


def test_the_curve_of_an_activation_with_an_error_function_is_drawn(tmp_path: Path) -> None:
    description = read_description(
        'name = "g"\ninput = 2\n[[layers]]\nkind = "dense"\nunits = 3\nactivation = "gelu"\n[cost]\nkind = "quadratic"\n'
    )
    build(description, tmp_path, Choices(formats=("md",)))
    assert (tmp_path / "g_activation.svg").is_file()


def test_a_weight_with_a_penalty_has_more_than_one_path(tmp_path: Path) -> None:
    layers = [Dense(3, "tanh"), Dense(2)]
    build(described(Network(2, layers, "squared_error", regularisation={"l2": 0.1})), tmp_path, Choices(formats=("md",)))


def test_an_activation_is_drawn_with_what_it_makes_and_a_question_with_a_long_formula_is_not_stretched() -> None:
    """The first of LeNet is that of its first layer."""
    shown = short("lenet")
    assert "The activation $\\sigma$, which makes $a^{(1)}$ of $z^{(1)}$, and, dashed, its slope" in render_markdown(shown)
    assert r"\item {\raggedright $\bigstar\bigstar\bigstar$ Derive" in render_latex(shown)
