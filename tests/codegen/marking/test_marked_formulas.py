"""Formulas of a work: what the tool prints is read back and right; with one thing changed it is wrong, and called what it is."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from functools import cache

import pytest
from changed_formulas import changed_formulas
from changed_formulas_trial import LEVELS, NOTATIONS
from written_networks import NAMES, network, printed

from chainrule import Dense, InvalidDescription, Network, mark
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.codegen.marking.mark import Marker
from chainrule.codegen.marking.marked import MarkedWork, Verdict
from chainrule.symbolic.derivation.chain_rule import derive


@cache
def marker(name: str) -> Marker:
    return Marker(derive(network(name).network, network(name).wrt), network(name).symbols)


def marked(name: str, text: str, ending: str = ".txt") -> MarkedWork:
    return marker(name).marked(text, name, None, ending)


def bad(work: MarkedWork) -> list[object]:
    return [line for line in work.lines if line.verdict in (Verdict.WRONG, Verdict.UNREAD, Verdict.FOLLOWS)]


@pytest.mark.parametrize("name", NAMES)
def test_what_the_terminal_and_the_language_print_is_right(name: str) -> None:
    equations = LanguageText(network(name).system).equations()
    for text in (printed(name, "text"), f"{equations}\n{printed(name, 'text', part='gradients', with_steps=False)}"):
        work = marked(name, text)
        assert not bad(work)
        assert work.is_right
        assert len(work.lines) >= sum("=" in line for line in text.splitlines()) / 2


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(("level", "name"), [(level, name) for level in LEVELS for name in NAMES])
def test_latex_is_right(name: str, notation: str, level: str) -> None:
    text = printed(name, "latex", notation, level, with_steps=level == "index" and name != "gru")
    work = marked(name, text, ".tex")
    assert not bad(work)
    assert work.is_right
    assert len(work.lines) >= text.count("&=") / 2


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("level", ["index", "matrix"])
def test_latex_that_is_changed_is_wrong(notation: str, level: str) -> None:
    """Of another network for each notation; changed_formulas_trial.py tries all of them."""
    name = NAMES[NOTATIONS.index(notation) * 2]
    changes = [*changed_formulas(printed(name, "latex", notation, level, part="gradients", with_steps=False))]
    for each in random.Random(level).sample(changes, min(6, len(changes))):
        first = marked(name, each.text, ".tex").first_wrong
        assert first is not None, each.formula
        assert (first.line, first.mistake in each.kinds) == (each.line, True), (each.formula, first)


def changed(line: str) -> Iterator[tuple[str, set[str]]]:
    """A line with one change, and what it may be called."""
    left, right = line.split(" = ", 1)
    yield f"{left} = -({right})", {"sign"}
    yield f"{left} = 2 ({right})", {"factor"}
    yield f"{left} = ({right}) / N", {"mean"}
    for found in re.finditer(r"\b(W\d)\[(\w′*),(\w′*)\]", right):
        yield f"{left} = {right[: found.start()]}{found[1]}[{found[3]},{found[2]}]{right[found.end() :]}", {"transpose", "shape"}
    if re.fullmatch(r"Σ_n,?\w* d\w+\[n,(\w)\]", right):
        yield f"{left} = {right.replace('Σ_n ', '')}", {"sum", "shape"}
    if found := re.fullmatch(r"(d\w+\[\w,\w\]) (.*)", right):
        yield f"{left} = {found[1]}", {"factor", "operand", "place"}


@pytest.mark.parametrize("name", NAMES[:6])
def test_a_changed_line_is_wrong(name: str) -> None:
    text = printed(name, "text", part="gradients", with_steps=False)
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if " = " not in line or line.startswith("#"):
            continue
        for other, kinds in changed(line.strip()):
            work = marked(name, "\n".join([*lines[: number - 1], other, *lines[number:]]))
            first = work.first_wrong
            assert first is not None, other
            assert first.line == number, other
            assert first.mistake in kinds, (other, first)


def test_the_languages_own_brackets_and_chains() -> None:
    text = "dz2[n,k] = (a2[n,k] - [k = y[n]])/N = a2[n,k]/N - [k == y[n]]/N = a2[n,k]/N\n"
    first = marked("labels", text).lines
    assert [line.verdict for line in first] == [Verdict.WRONG]
    assert marked("labels", text.rsplit(" = ", 1)[0]).lines[0].verdict is Verdict.RIGHT


def test_a_later_line_follows() -> None:
    text = "dz2[n,k] = -(a2[n,k] - y[n,k])*a2[n,k]*(1 - a2[n,k])/N\ndb2[k] = sum(n, dz2[n,k])\n"
    verdicts = [line.verdict for line in marked("quadratic", text).lines]
    assert verdicts == [Verdict.WRONG, Verdict.FOLLOWS]


def test_what_cannot_be_read_is_said_with_its_line() -> None:
    text = "We have:\n\ndW1 = = 3\ndW1[j,i] = sum(n, dz1[n,j]*qqq[n,i])\ndb2[k] = sum(n, dz2[n,k])\n"
    lines = marked("quadratic", text).lines
    assert [(line.line, line.verdict) for line in lines] == [(3, Verdict.UNREAD), (4, Verdict.UNREAD), (5, Verdict.RIGHT)]
    assert lines[1].message == "qqq is no quantity of the network."


HOSTILE = {
    "deep brackets": "dW1[j,i] = " + "(" * 5000 + "1" + ")" * 5000,
    "deep sums": "dW1[j,i] = " + "Σ_n " * 1200 + "x[n,i]",
    "long sum": "dW1[j,i] = " + " + ".join(["1"] * 5000),
    "many letters": "dW1[j,i] = sum(" + ", ".join(f"n{number}" for number in range(40)) + ", " + "*".join(
        f"x[n{number},i]" for number in range(40)) + ")",
    "many signs": "dW1[j,i] = " + "-" * 9000 + "1",
    "many lines": "dW1[j,i] = sum(n, dz1[n,j]*x[n,i])\n" * 30_000,
    "one long line": "a = " * 1_000_000,
    "powers": "dW1[j,i] = 9**9**9**9**9**9",
    "odd": "\x00 = \x00\n∂ = ∂\n[ = ]\nΣ_ = Σ_n\n= = =\n\u202e = \u202d\n" * 40,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_ends_with_a_message(name: str) -> None:
    derivation = derive(Network(3, [Dense(4, "sigmoid"), Dense(2, "sigmoid")], "quadratic"))
    started = time.process_time()
    try:
        work = mark(derivation, HOSTILE[name], ending=".txt")
        assert name == "powers" or [line for line in work.lines if line.verdict is Verdict.UNREAD]
    except InvalidDescription:
        pass
    assert time.process_time() - started < 5


DOCUMENT = r"""
\section{One example}
\begin{itemize}
  \item $z^{(1)} = W^{(1)} \, x + b^{(1)}$
  \item $a^{(1)} = \sigma(z^{(1)})$
  \item $dz^{(2)} = (a^{(2)} - y) \odot a^{(2)} \odot (1 - a^{(2)})$, $dW^{(2)} = dz^{(2)} \, a^{(1)\top}$, $db^{(2)} = dz^{(2)}$
\end{itemize}
\begin{tikzpicture} \node {$W^{(1)} := W^{(1)} - \alpha$}; \end{tikzpicture}
The network has $3 \cdot 4 + 4 = 16$ parameters, and in one neuron $z^{(2)}_{nk} = 0.5$.
\begin{align*}
  db^{(2)}_k &= \sum_n dz^{(2)}_{nk} \allowbreak \\
  dW^{(2)} &= dZ^{(2)\top} A^{(1)}
\end{align*}
If it were $dW^{(2)} = A^{(1)\top}$, its shape would be another.
"""


def test_one_document_has_one_example_and_several_side_by_side() -> None:
    work = marked("quadratic", DOCUMENT, ".tex")
    assert not bad(work)
    assert [line.line for line in work.lines if line.verdict is Verdict.RIGHT] == [4, 5, 6, 6, 6, 11, 12]
    first = marked("quadratic", DOCUMENT.replace("\\sum_n dz", "dz"), ".tex").first_wrong
    assert first is not None
    assert (first.line, first.mistake) == (11, "sum")
