"""A letter stands for one thing in a document: general rules and numeric gradients take letters that the network leaves free."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import gallery_networks
import pytest
from equation_networks import NETWORKS
from gallery_networks import FOLDERS, derived, description_of
from layer_networks import ALONE, TOGETHER
from test_languages import document

from chainrule import Dense, Network, derive
from chainrule.codegen.build import document_of, letters_of, material_of
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.descriptions.reader import Description, described
from chainrule.codegen.document.document import FrontMatter, Math, Paragraph
from chainrule.codegen.document.nodes import Letter, row, scripted, total
from chainrule.codegen.exercises.sheet import exercises
from chainrule.codegen.formats.markdown import render_markdown
from chainrule.codegen.formulas.notation import UPRIGHT_D
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.printers import in_notation
from chainrule.codegen.handout import handout
from chainrule.codegen.lesson.derivation_document import derivation_document
from chainrule.codegen.lesson.ledger import INDEX, OF_THE_NETWORK, Ledger, ledger_of
from chainrule.codegen.program.derivative_kinds import DERIVATIVES
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.index.failures import CheckFailed


def test_a_letter_is_given_once() -> None:
    ledger = Ledger()
    ledger.enter(scripted("h", "n"), OF_THE_NETWORK)
    assert ledger.free("a small step", "hε") == Letter("ε")
    assert ledger.free("a small step", "hε") == Letter("ε")
    assert ledger.free("a random direction", "hε") == Letter("α")
    with pytest.raises(CheckFailed, match="would stand for two things, the network and the cost"):
        ledger.enter(Letter("h"), "the cost")


@pytest.mark.parametrize("name", FOLDERS)
def test_every_letter_of_the_gallery_is_in_the_ledger(name: str) -> None:
    """In every notation: a document with a letter that stands for nothing, or for two things, is not made."""
    for notation, length in (*product(NOTATIONS, ["full"]), ("delta", "short")):
        assert gallery_networks.document(name, notation, "en", length).blocks


def test_letters_of_further_derivatives_are_in_the_ledger() -> None:
    description, (derivation, verified, _) = description_of("logistic"), derived("logistic")
    checked = checked_module(derivation, description.front.title, tuple(DERIVATIVES))
    assert document_of(description, derivation, verified, checked, "brackets", length="full").blocks


@pytest.mark.parametrize(
    ("notation", "symbols", "found"),
    [
        ("superscript", {"a1": "h", "y": "h"}, "a1 and y: h"),
        ("superscript", {"a1": "L"}, "the network and the last layer: L"),
        ("superscript", {"y": "N"}, "the network and a size: N"),
        ("neuron", {"y": "y"}, "the network and the prediction: y"),
        ("delta", {"a1": "G"}, "the network and the activation function: G"),
    ],
)
def test_a_letter_of_two_meanings_is_refused(notation: str, symbols: dict[str, str], found: str) -> None:
    description, made = description_of("logistic"), derived("logistic")
    with pytest.raises(CheckFailed, match=re.escape(found)):
        document_of(replace(description, symbols=symbols), *made, notation, length="full")


def test_a_letter_that_stands_for_nothing_is_refused() -> None:
    ledger = Ledger()
    ledger.enter(Letter("x"), OF_THE_NETWORK)
    said, own = (Paragraph((Math(scripted(letter, "n")),)) for letter in "xg")
    counted = Paragraph((Math(row(total("n"), scripted("x", "n"))),))
    ledger.check([counted])
    with pytest.raises(CheckFailed, match=re.escape("stand for nothing, n: x_{n}")):
        ledger.check([counted, said])
    ledger.enter(Letter("n"), INDEX)
    ledger.check([counted, said])
    with pytest.raises(CheckFailed, match=re.escape("stand for nothing, g: g_{n}")):
        ledger.check([own])
    ledger.check(ledger.to_themselves([own], "g"))


def test_letters_give_way_to_those_of_the_network() -> None:
    """Places w of an image beside weights w, a learning rate beside a parameter eta, dW of weights with a place d."""
    by_place = NOTATIONS["brackets"].beside(["W1", "eta"], ["n", "w", "w2", "d"])
    assert by_place.place("w2") == "v2"
    assert by_place.place("n") == "n"
    assert by_place.gradient_mark == UPRIGHT_D
    assert NOTATIONS["delta"].beside(["W1"], ["n"], ["delta", "epsilon"]).constants == {"delta": Letter("κ")}
    assert NOTATIONS["brackets"].beside(["W1"], ["n"], ["alpha"]).learning_rate == Letter("η")
    assert NOTATIONS["superscript"].adapted({}, of_layers=False).beside(["eta"]).learning_rate == Letter("α")


def test_a_step_is_not_called_as_a_hidden_value_is() -> None:
    """Mazur's hidden values are h."""
    text = render_markdown(document("mazur", "en"))
    assert r"\frac{C(w + \Delta) - C(w - \Delta)}{2\Delta}" in text
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


PRODUCT = Network.from_equations("z[n,j] = sum(k, W[j,k]*x[n,k])\nC = mean(n, sum(j, z[n,j]**2))", ["W[j,k]"], ["x[n,k]"])


def test_an_index_letter_runs_over_one_axis() -> None:
    notation = NOTATIONS["superscript"].adapted({}, of_layers=False)
    assert ledger_of(PRODUCT, notation).meanings[Letter("j")] == INDEX
    with pytest.raises(CheckFailed, match="an index letter would run over two axes"):
        ledger_of(PRODUCT, replace(notation, places={"j": "k"}))
    with pytest.raises(CheckFailed, match="would stand for two things, the network and an index"):
        ledger_of(PRODUCT, notation.adapted({"W": "j"}, of_layers=False))


@pytest.mark.parametrize("name", ["mazur", "gru", "affine_softmax"])
@pytest.mark.parametrize("notation", ["brackets", "delta"])
def test_letters_of_derivations_and_sheets_are_in_the_ledger(name: str, notation: str) -> None:
    description, (derivation, verified, checked) = description_of(name), derived(name)
    printers = in_notation(letters_of(description, notation), derivation.system)
    for level in ("index", "matrix"):
        assert derivation_document(derivation, None, level, printers).blocks
    sheet = exercises(material_of(description, derivation, verified, checked, notation, "full"), "en", 6, 5)
    assert len(sheet.questions) == 6


def test_a_sheet_with_a_letter_that_stands_for_nothing_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    description, (derivation, verified, checked) = description_of("mazur"), derived("mazur")
    monkeypatch.setattr("chainrule.codegen.exercises.sheet.SIGNS", ())
    with pytest.raises(CheckFailed, match="a letter would stand for nothing"):
        exercises(material_of(description, derivation, verified, checked, "superscript", "full"), "en", 6, 5)


@pytest.mark.parametrize("name", [*(f"equations {name}" for name in NETWORKS), *(f"layers {name}" for name in [*ALONE, *TOGETHER])])
def test_letters_of_every_network_stand_for_one_thing(name: str) -> None:
    """In each notation: quantities that would be written alike, and axes of a quantity's letter, take others."""
    kind, own = name.split(" ", 1)
    network = Network.from_equations(**NETWORKS[own]) if kind == "equations" else Network(**{**ALONE, **TOGETHER}[own])
    description = Description(network, FrontMatter("t"))
    for notation in NOTATIONS:
        assert ledger_of(description.system, letters_of(description, notation)).meanings


@pytest.mark.parametrize("notation", NOTATIONS)
def test_layers_may_be_called_by_one_letter(notation: str) -> None:
    """Also by one that something else has: it stands raised, and upright wherever the layer is spoken of."""
    layers = [Dense(2, "tanh", name="d"), Dense(5, "sigmoid", name="f"), Dense(2, name="m")]
    network = Network(3, layers, "quadratic", name="net")
    derivation = derive(network)
    material = material_of(described(network), derivation, verify(derivation), checked_module(derivation), notation)
    written = render_markdown(handout(material, "en"))
    assert "weights of layer $\\mathrm{f}$" in written
    assert "layer $f$" not in written
