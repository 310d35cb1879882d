"""Failures carry their place in a description, so that nobody has to find it in the words of a message."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
from places import ROOT

from chainrule import Dense, Network
from chainrule.symbolic.index.failures import InvalidDescription, KeyPath, located
from chainrule.symbolic.layers import Layer
from chainrule.symbolic.layers.activations import Activation

SOURCES = {path: path.read_text(encoding="utf-8") for folder in ("symbolic", "codegen") for path in sorted((ROOT / folder).rglob("*.py"))}
#: What may be asked of a failure that is caught.
DATA = {"at", "line", "column", "words", "field", "names", "obstacle", "is_break", "said"}
#: What may look at a failure itself: its kind, the template in which it was raised, why a line is not read, what another library says.
LOOKING = {"isinstance", "_place", "_said", "of", "first_line"}
#: What a message may be handed on to: the next failure, the mark under a text, a document, the terminal, the reason of a loop or of
#: a line or a work that is not read.
TAKERS = {
    "InvalidDescription",
    "NoMatrixForm",
    "at",
    "harmless",
    "_problem",
    "Words",
    "lines",
    "Unread",
    "not_read",
    "_not_read",
    "Outcome",
    "append",
    "unread",
    "FormulaLine",
    "refused",
}

DENSE = [Dense(3), Dense(2)]
PLACES: dict[str, tuple[dict[str, Any], KeyPath]] = {
    "name": ({"name": "os"}, ("name",)),
    "input": ({"input": 0}, ("input",)),
    "one of several inputs": ({"input": {"x": 2, "y": 3}}, ("inputs", "y")),
    "source of a layer": ({"layers": [Dense(3), Dense(2, sources=("q",))]}, ("layers", 1, "from")),
    "two of one name": ({"layers": [Dense(3, name="e"), Dense(2), Dense(2, name="e")]}, ("layers", 2, "name")),
    "option of a layer": (
        {"layers": [Layer("conv2d", {"channels": 6, "kernel": 3, "groups": 4})], "input": (4, 8, 8)},
        ("layers", 0, "groups"),
    ),
    "formula of an activation": ({"layers": [Dense(3), Dense(2, "z*q")]}, ("layers", 1, "activation", "expression", 2)),
    "constant of an activation": (
        {"layers": [Dense(3), Dense(2, Activation("formula", "z*x", {"x": 1.0}))]},
        ("layers", 1, "activation", "x"),
    ),
    "shared weights": ({"layers": [Dense(3), Layer("dense", {"units": 3}, weights_of="7")]}, ("layers", 1, "weights_of")),
    "kind of cost": ({"cost": "cross_entropy", "layers": [Dense(2, "tanh")]}, ("cost", "kind")),
    "formula of a cost": ({"cost": "a - q"}, ("cost", "expression", 4)),
    "constant of a cost": ({"cost": "huber", "constants": {"beta": 1.0}}, ("cost", "beta")),
    "source of a cost": ({"cost_sources": ("a7",)}, ("cost", "from")),
    "axis of a cost": ({"cost_axis": 3}, ("cost", "axis")),
    "targets": ({"cost": "huber", "targets": "labels"}, ("cost", "targets")),
    "penalty": ({"regularisation": {"l2": float("inf")}}, ("regularisation", "l2")),
}


@pytest.mark.parametrize("case", PLACES)
def test_a_failure_of_a_network_says_where(case: str) -> None:
    changed, at = PLACES[case]
    with pytest.raises(InvalidDescription) as caught:
        _ = Network(**{"input": 2, "layers": DENSE, **changed}).system
    assert caught.value.at == at


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        ({"equations": "s[n] = sum(k, X[n,k]*v[k])\nC = sum(n, s[n])"}, ("equations", 0, 21)),
        ({"equations": "s[n] = sum(k, X[n,k]*w[k])\nC[n] = s[n]"}, ("equations", 27)),
        ({"equations": "# a remark\nt[n] = s[n]\ns[n] = t[n] + sum(k, X[n,k]*w[k])\nC = sum(n, s[n])"}, ("equations", 23)),
        ({"inputs": ["t[n]", "X[n,k"]}, ("inputs", 1)),
        ({"parameters": ["w[k] in signs"]}, ("parameters", 0)),
        ({"sizes": {"k": 3, "q": 4}}, ("sizes", "q")),
        ({"constants": {"exp": 1}}, ("constants", "exp")),
        ({"batch": "q"}, ("batch",)),
        ({"name": "con"}, ("name",)),
    ],
)
def test_a_failure_of_equations_says_where(changed: dict[str, Any], at: KeyPath) -> None:
    sound = {"equations": "s[n] = sum(k, X[n,k]*w[k])\nC = sum(n, s[n])", "parameters": ["w[k]"], "inputs": ["X[n,k]"]}
    with pytest.raises(InvalidDescription) as caught:
        Network.from_equations(**{**sound, **changed})
    assert caught.value.at == at


def test_places_are_put_before_each_other() -> None:
    layer, activation = located(("layers", 2), "layer 3: "), located(("activation",), "activation: ")
    with pytest.raises(InvalidDescription) as caught, layer, activation:
        raise InvalidDescription("wrong", ("alpha",))
    assert (str(caught.value), caught.value.at) == ("layer 3: activation: wrong", ("layers", 2, "activation", "alpha"))


def failures() -> set[str]:
    """What is raised on purpose, and what would catch it."""
    bases = {found[1]: found[2] for text in SOURCES.values() for found in re.finditer(r"^class (\w+)\((\w+)\):", text, re.MULTILINE)}
    found = {"Exception", "BaseException", "ChainruleError"}
    while more := {name for name, base in bases.items() if base in found} - found:
        found |= more
    return found


FAILURES = failures()


def read_in_words(tree: ast.AST) -> Iterator[int]:
    """The lines on which a caught failure is neither raised again, asked for its data, nor handed on as a message."""
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for handler in ast.walk(tree):
        if not isinstance(handler, ast.ExceptHandler) or handler.type is None:
            continue
        if not FAILURES & {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}:
            continue
        for node in ast.walk(handler):
            if not (isinstance(node, ast.Name) and node.id == handler.name):
                continue
            text = above[node]
            match text:
                case ast.Raise():
                    continue
                case ast.Attribute() if text.attr in DATA:
                    continue
                case ast.Call(func=ast.Name(id=asked) | ast.Attribute(attr=asked)) if asked in LOOKING:
                    continue
                case ast.FormattedValue():
                    text = above[text]
            taker = above[text]
            taken_by = taker.func if isinstance(taker, ast.Call) and text in taker.args else None
            name = taken_by.id if isinstance(taken_by, ast.Name) else taken_by.attr if isinstance(taken_by, ast.Attribute) else ""
            if not isinstance(taker, ast.Return) and name not in TAKERS:
                yield node.lineno


def test_no_message_is_matched_by_its_words() -> None:
    assert {"InvalidDescription", "NoOrder", "NoMatrixForm"} <= FAILURES
    assert not [f"{path.relative_to(ROOT)}:{line}" for path, text in SOURCES.items() for line in read_in_words(ast.parse(text))]


@pytest.mark.parametrize(
    "use",
    [
        'str(problem).removeprefix("x: ")',
        'f"{problem}".partition(":")',
        '"cost" in str(problem)',
        're.match("layer", str(problem))',
        "blamed(str(problem))",
        "words = str(problem)",
        "problem.args[0]",
    ],
)
def test_matching_a_message_is_found(use: str) -> None:
    assert [*read_in_words(ast.parse(f"try:\n    go()\nexcept InvalidDescription as problem:\n    {use}"))] == [4]
