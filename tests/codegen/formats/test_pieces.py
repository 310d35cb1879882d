"""Pieces of LaTeX to paste: a plain article with amsmath sets them by pdflatex, with no box too wide and no letter that is not of ASCII."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import cycle
from pathlib import Path

import pytest
from derived_networks import CORPUS, derived
from places import GALLERY
from test_command_line import chainrule
from test_render import required

from chainrule.codegen.descriptions.reader import described, read_description
from chainrule.codegen.document.document import Display, Line, Math, Sentence, Words
from chainrule.codegen.document.formula import NOTHING, Formula
from chainrule.codegen.document.nodes import (
    MINUS,
    THIN,
    Cases,
    Fenced,
    Letter,
    Node,
    Number,
    Text,
    bracketed,
    fraction,
    row,
    scripted,
    separated,
    total,
)
from chainrule.codegen.formats.latex_piece import ROOM, latex_lines, latex_piece
from chainrule.codegen.formulas.folding import folded
from chainrule.codegen.formulas.measure import formula_width, sentence_width
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.printers import in_notation
from chainrule.codegen.formulas.sentence_folding import folded_sentence
from chainrule.codegen.lesson.derivation_document import derivation_document
from chainrule.codegen.pieces import Pieces, write_piece
from chainrule.codegen.templating.plain_latex_text import plain_latex_text
from chainrule.codegen.words.translation import speaking
from chainrule.symbolic.index.failures import InvalidDescription

#: Of both corpora: layers of many kinds, case distinctions with long conditions, maxima, softmax, recurrences, norms.
NETWORKS = (
    "benchmark tanh",
    "equations batch_norm_biased",
    "equations clipped",
    "equations conv2d_padding",
    "equations triplet",
    "layers conv2d of each channel",
    "layers layer_norm without bias",
    "layers max_pool2d overlapping",
    "layers rnn",
    "layers siamese",
    "layers swiglu",
)
PREAMBLE = r"\documentclass{article}\usepackage{amsmath}\begin{document}"


@cache
def pieces() -> tuple[str, ...]:
    """Every gradient of the networks, by index and as matrices, in all notations by turns."""
    return tuple(_pieces())


def _pieces() -> Iterator[str]:
    described_networks = [described(CORPUS[name]()) for name in NETWORKS] + [read_description(GALLERY / "mazur" / "mazur.toml")]
    for description, notation in zip(described_networks, cycle(NOTATIONS), strict=False):
        pieces = Pieces(description, description.network.name, notation=notation)
        yield pieces.piece("gradients")
        yield replace(pieces, with_reasons=False).piece("gradients", list(pieces.derivation.adjoints))
        yield replace(pieces, level="matrix").piece("gradients")
        yield from (pieces.piece(part) for part in ("forward", "update"))


def test_pieces_are_ascii_without_blank_lines() -> None:
    assert len(pieces()) >= 40
    assert sum(piece.count("% dC/d") + piece.count("% dL/d") for piece in pieces()) >= 40
    for piece in pieces():
        assert piece.isascii()
        assert "\n\n" not in piece
        assert piece.startswith("% ")
        assert piece.count(r"\begin{align*}") == piece.count(r"\end{align*}") >= 1
        assert piece.splitlines()[0].endswith("needs amsmath")


@pytest.mark.tex
def test_a_plain_article_takes_them_and_no_box_is_too_wide(tmp_path: Path) -> None:
    required("pdflatex")
    (tmp_path / "pieces.tex").write_text("\n".join([PREAMBLE, *pieces(), r"\end{document}"]), encoding="ascii")
    subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "pieces.tex"], cwd=tmp_path, capture_output=True, check=True)
    log = (tmp_path / "pieces.log").read_text(errors="replace")
    assert not re.findall(r"^(?:Overfull|Underfull|! |LaTeX Warning|Missing character).*", log, re.MULTILINE)


@pytest.mark.tex
def test_pieces_in_chinese_say_what_they_need(tmp_path: Path) -> None:
    required("xelatex")
    derivation = derived("equations clipped")
    with speaking("zh-TW"):
        document = derivation_document(derivation, "v", "index", in_notation(NOTATIONS["delta"], derivation.system))
    piece = latex_piece(document.blocks, "clipped")
    assert piece.splitlines()[0].endswith("needs amsmath, and for its Chinese words ctex or xeCJK")
    # Outside of \text there is nothing but ASCII.
    assert re.sub(r"\\text\{[^\n]*\}", "", piece).isascii()
    preamble = PREAMBLE.replace("{amsmath}", "{amsmath,xeCJK}")
    (tmp_path / "piece.tex").write_text(f"{preamble}\n{piece}\n\\end{{document}}", encoding="utf-8")
    subprocess.run(["xelatex", "-interaction=nonstopmode", "-halt-on-error", "piece.tex"], cwd=tmp_path, capture_output=True, check=True)
    assert "Overfull" not in (tmp_path / "piece.log").read_text(errors="replace")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("naïve Gauß", r"na\"{i}ve Gau{\ss}"),
        ("50 % of W_1 & {x}", r"50 \% of W\_1 \& \{x\}"),
        ("“a” – b…", r"``a'' -- b{\dots}"),
        ("--", "-{}-"),
        ("損失", "損失"),
    ],
)
def test_text_of_plain_latex(text: str, written: str) -> None:
    assert plain_latex_text(text) == written


def test_words_in_formulas() -> None:
    lines = latex_lines([Display((Line(Formula(Letter("é")), Formula(Text("損失"))),))])
    assert [*lines] == [r"\begin{align*}", r"\text{\'{e}} &= \text{損失}", r"\end{align*}"]


LONG = separated([scripted(Letter(letter), "i") for letter in "abcdefghjklmnopqrstuvwxyz"] * 2, THIN)
SUM = separated([scripted(Letter(letter), "i") for letter in "abcdefghjklmnopqrstuvwxyz"] * 2, "+")


@pytest.mark.parametrize(
    "whole",
    [
        LONG,
        bracketed(SUM, grows=True),
        row(total("i"), bracketed(LONG, grows=True)),
        fraction(LONG, "2"),
        fraction("1", SUM),
        fraction(SUM, SUM),
        scripted("e", above=row(MINUS, SUM)),
        Cases(((LONG, row("x", ">", SUM)), (Number("0"), Text("otherwise")))),
        row("2", THIN, Cases(((Number("1"), row(SUM, ">", "0")), (Number("0"), Text("otherwise"))))),
    ],
)
def test_whatever_is_too_wide_is_broken(whole: Node) -> None:
    lines = folded((Line(Formula(Letter("C")), Formula(whole)),), ROOM, inside=True)
    assert len(lines) > 1 or isinstance(whole, Cases) or any(isinstance(part, Cases) for part in getattr(whole, "parts", ()))
    assert all(formula_width(line.right.node) <= ROOM - 1.4 for line in lines)
    assert lines[0].left.node == Letter("C")
    assert all(line.left == NOTHING for line in lines[1:])


def test_brackets_are_opened_and_closed_once() -> None:
    lines = folded((Line(Formula(Letter("C")), Formula(bracketed(SUM, grows=True))),), ROOM, inside=True)
    opened = [part for line in lines for part in getattr(line.right.node, "parts", (line.right.node,)) if isinstance(part, Fenced)]
    assert [(part.left, part.right) for part in opened] == [("(", ""), ("", ")")]


@pytest.mark.parametrize("text", ["a word and another one until there is no room " * 3, "連鎖律：對所有路徑求和，只留下相等的項。" * 4])
def test_sentences_are_broken_between_words(text: str) -> None:
    sentence: Sentence = (Words(text), Math(Letter("x")), Words(", and the rest"))
    rows = folded_sentence(sentence, 15.0)
    assert len(rows) > 3
    assert all(sentence_width(part) <= 15.5 for part in rows)
    assert not any(isinstance(part[0], Words) and part[0].text.startswith(("，", "。", "：", ",")) for part in rows)
    joined = "".join(piece.text if isinstance(piece, Words) else "x" for part in rows for piece in part)
    assert joined.replace(" ", "") == f"{text}x, and the rest".replace(" ", "")


def test_symbols_notation_and_language_of_the_description(tmp_path: Path) -> None:
    text = 'name = "net"\ninput = 3\nnotation = "delta"\nlanguage = "zh-CN"\n[[layers]]\nunits = 2\nactivation = "tanh"\n'
    (tmp_path / "net.toml").write_text(f'{text}[cost]\nkind = "quadratic"\n[symbols]\na1 = "h"\n')
    own = chainrule("derive", "net.toml", "--wrt", "z1", "--latex", cwd=tmp_path).stdout
    assert r"\frac{\partial C}{\partial h_{nj}}" in own
    assert "逐元素" in own
    other = chainrule("derive", "net.toml", "--wrt", "W1", "--latex", "--notation", "brackets", "--language", "en", cwd=tmp_path).stdout
    assert "w^{[1]}" in other
    assert other.isascii()
    for option in (("--notation", "delta"), ("--language", "en")):
        refused = chainrule("derive", "net.toml", *option, cwd=tmp_path)
        assert refused.returncode == 2
        assert "goes with --latex alone" in refused.stderr


def pieces_of(**choices: object) -> Pieces:
    return Pieces(read_description(GALLERY / "mazur" / "mazur.toml"), "mazur.toml", **choices)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("choices", "part", "names", "expected"),
    [
        ({}, "gradients", ["W1"], r"% mazur: dC/dW1, from mazur.toml; needs amsmath"),
        ({"level": "matrix", "with_steps": False}, "gradients", ["W1", "b1"], r"\mathrm{d}W^{(1)} &="),
        ({"with_steps": False}, "gradients", ["W1"], r"&= \sum_{n} x_{ni} \, \frac{\partial C}{\partial z^{(1)}_{nj}}"),
        ({}, "update", [], r"w^{(1)}_{ji} &\leftarrow w^{(1)}_{ji} - \eta \, \frac{\partial C}{\partial w^{(1)}_{ji}}"),
        ({"notation": "brackets"}, "forward", [], r"z^{[1]}_{nj} &= \sum_{i} w^{[1]}_{ji} \, x_{ni} + b^{[1]}_{j}"),
        ({"format": "pandoc"}, "forward", [], "$$\n\\begin{aligned}"),
        ({"format": "markdown", "language": "zh-TW"}, "gradients", ["b2"], "連鎖律"),
        ({"format": "html"}, "gradients", ["W2"], "<math"),
        ({"format": "text"}, "gradients", ["W2"], "dW2[k,j] = "),
        ({"format": "text", "level": "matrix"}, "update", [], "W1 ← W1 - η dW1"),
        ({"of": "a2"}, "gradients", ["W1"], "% mazur: da2/dW1, from mazur.toml"),
        ({"level": "scalar"}, "gradients", ["x"], r"\frac{\partial C}{\partial x_{1}} &="),
        ({"level": "scalar"}, "forward", [], r"z^{(1)}_{1} &= w^{(1)}_{11} \, x_{1} + w^{(1)}_{12} \, x_{2} + b^{(1)}_{1}"),
        ({"level": "graph"}, "forward", [], r"\begin{align*}"),
    ],
)
def test_a_piece_says_what_was_asked_for(choices: dict[str, object], part: str, names: list[str], expected: str) -> None:
    assert expected in pieces_of(**choices).piece(part, names)


def test_results_and_steps_alone_have_no_reasons() -> None:
    assert r"\text" not in pieces_of(with_reasons=False).piece("gradients", ["W1"])
    assert pieces_of(with_steps=False).piece("gradients", ["W1"]).count("&=") == 1


@pytest.mark.parametrize(
    ("choices", "part", "names", "message"),
    [
        ({}, "gradients", ["W9"], "did you mean 'W1'"),
        ({"format": "latx"}, "gradients", [], "did you mean 'latex'"),
        ({"level": "indx"}, "forward", [], "did you mean 'index'"),
        ({}, "gradient", [], "did you mean 'gradients'"),
        ({"language": "zh"}, "gradients", ["W1"], "unknown language 'zh'"),
        ({"of": "a3"}, "gradients", ["W1"], "'a3'"),
    ],
)
def test_a_wrong_word_is_named(choices: dict[str, object], part: str, names: list[str], message: str) -> None:
    with pytest.raises(InvalidDescription, match=message):
        pieces_of(**choices).piece(part, names)


def test_pieces_as_files(tmp_path: Path) -> None:
    files = pieces_of(format="pandoc", with_steps=False).write_every(tmp_path, force=False)
    assert [path.name for path in files] == [f"mazur_{part}.md" for part in ("forward", "update", "dW1", "db1", "dW2", "db2")]
    files[0].write_text("mine")
    with pytest.raises(InvalidDescription, match="edited"):
        write_piece(files[0], "other", force=False)
    write_piece(files[0], "other", force=True)
    assert files[0].read_text().startswith("other\n")


def test_the_command(tmp_path: Path) -> None:
    done = chainrule("snippet", "2-3-2", "--wrt", "W1,b1", "--level", "matrix", "-o", "piece.tex", cwd=tmp_path)
    assert done.stdout == "piece.tex\n"
    assert (tmp_path / "piece.tex").read_text().startswith("% network_2_3_2: dC/dW1, dC/db1, from 2-3-2; needs amsmath\n")
    for wrong, message in ((["--all"], "--all goes with -o, a folder alone"), (["--as", "latx"], "did you mean 'latex'")):
        refused = chainrule("snippet", "2-3-2", *wrong, cwd=tmp_path)
        assert refused.returncode == 2
        assert message in refused.stderr
