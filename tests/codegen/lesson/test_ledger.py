"""A letter stands for one thing in a document: general rules and numeric gradients take letters that the network leaves free."""

from __future__ import annotations

import re

import pytest
from test_languages import document

from chainrule.codegen.document.nodes import Letter, scripted
from chainrule.codegen.formats.markdown import render_markdown
from chainrule.codegen.lesson.ledger import OF_THE_NETWORK, Ledger
from chainrule.symbolic.index.failures import CheckFailed


def test_a_letter_is_given_once() -> None:
    ledger = Ledger()
    ledger.enter(scripted("h", "n"), OF_THE_NETWORK)
    assert ledger.free("a small step", "hε") == Letter("ε")
    assert ledger.free("a small step", "hε") == Letter("ε")
    assert ledger.free("a random direction", "hε") == Letter("α")
    with pytest.raises(CheckFailed, match="would stand for two things, the network and the cost"):
        ledger.enter(Letter("h"), "the cost")


def test_a_step_is_not_called_as_a_hidden_value_is() -> None:
    """Mazur's hidden values are h."""
    text = render_markdown(document("mazur", "en"))
    assert r"\frac{C(w + \varepsilon) - C(w - \varepsilon)}{2\varepsilon}" in text
    assert r"\frac{1}{N} \, \sum_{n=1}^{N} \frac{\partial C_{n}}" in text
    assert not re.search(r"examples \$k\$|\\frac\{1\}\{n\}", text)


def test_the_last_layer_is_not_called_as_the_cost_is() -> None:
    text = render_markdown(document("mazur", "en", "neuron"))
    assert r"\partial w^{L}" not in text
    assert r"\nabla L" in text


def test_functions_of_a_composition_are_named() -> None:
    text = render_markdown(document("mazur", "en", "graph"))
    for named in ("y &= h(g(f(x)))", "u &= f(x)", "v &= g(u)"):
        assert named in text
