"""Ten networks whose printed formulas are marked, and every quantity between, so that each has an equation of its own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from chainrule import Dense, Layout, Network, read_description
from chainrule.codegen.descriptions.reader import Description, described
from chainrule.codegen.pieces import Pieces

GALLERY = Path(__file__).parents[3] / "generated"
STACKS = {
    "quadratic": Network(3, [Dense(4, "sigmoid"), Dense(2, "sigmoid")], "quadratic"),
    "softmax": Network(3, [Dense(5, "tanh"), Dense(4, "relu"), Dense(3, "softmax")], "cross_entropy"),
    "labels": Network(3, [Dense(4, "relu"), Dense(3, "softmax")], "cross_entropy", targets="labels"),
    "binary": Network(3, [Dense(4, "softplus"), Dense(2, "sigmoid")], "binary_cross_entropy"),
    "penalty": Network(3, [Dense(4, "tanh"), Dense(2)], "squared_error", regularisation={"l2": 0.1}),
    "columns": Network(3, [Dense(4, "sigmoid"), Dense(2)], "squared_error", layout=Layout("columns", "in-out")),
}
OF_GALLERY = ("mazur", "logistic", "affine_softmax", "gru")
NAMES = (*STACKS, *OF_GALLERY)


@cache
def network(name: str) -> Description:
    return described(STACKS[name]) if name in STACKS else read_description(GALLERY / name / f"{name}.toml")


@cache
def printed(name: str, spelling: str, notation: str | None = None, level: str = "index", with_steps: bool = True, part: str = "") -> str:
    """The forward pass and all gradients, with those of what is between; or one part of it."""
    description = network(name)
    pieces = Pieces(description, name, format=spelling, notation=notation, level=level, with_steps=with_steps)
    system = description.system
    names = [each for each in pieces.derivation.adjoints if each in system.definition or each in {own.name for own in system.parameters}]
    found = {"forward": lambda: pieces.piece("forward"), "gradients": lambda: pieces.piece("gradients", names)}
    return found[part]() if part else f"{found['forward']()}\n{found['gradients']()}"
