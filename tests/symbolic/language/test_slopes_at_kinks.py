"""The slope at a kink that a description chooses is that of the side it names, in formulas, modules of both styles and words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from chainrule import Dense, Network, derive, read_description
from chainrule.codegen.build import Choices, build
from chainrule.codegen.checking.loading import load
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.codegen.formulas.kinks import kinks
from chainrule.codegen.words.sentences import ENGLISH
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.kink import Kink
from chainrule.symbolic.system.system import System


def text_of(system: System) -> str:
    return LanguageText(system).equations()


STEP = 2.0**-20
#: A formula of w, the same in NumPy, and where it has a kink.
FORMULAS: dict[str, tuple[Callable[[float], float], float]] = {
    "relu(w)": (lambda w: max(w, 0), 0),
    "abs(w)": (abs, 0),
    "maximum(w, 2)": (lambda w: max(w, 2), 2),
    "maximum(2, w)": (lambda w: max(w, 2), 2),
    "maximum(edge, 3*w)": (lambda w: max(3 * w, 1.5), 0.5),
    "minimum(w, 2)": (lambda w: min(w, 2), 2),
    "minimum(2, w)": (lambda w: min(w, 2), 2),
    "clip(w, -1, 3)": (lambda w: min(max(w, -1), 3), -1),
    "clip(w, -1, 3)*1": (lambda w: min(max(w, -1), 3), 3),
    "clip(w, 3, 1)": (lambda w: min(max(w, 3), 1), 1),
    "maximum(w, 2*w)": (lambda w: max(w, 2 * w), 0),
    "relu(w) + maximum(0, w)**2": (lambda w: max(w, 0) + max(w, 0) ** 2, 0),
    "where(w > 0, w, 0)": (lambda w: max(w, 0), 0),
}


def expected(formula: str, side: str) -> float:
    value, kink = FORMULAS[formula]
    left, right = (value(kink) - value(kink - STEP)) / STEP, (value(kink + STEP) - value(kink)) / STEP
    if formula == "maximum(w, 2*w)":
        # The variable of its kink is w - 2 w, which falls.
        left, right = right, left
    if formula.startswith("where"):
        # It says itself what holds at the kink.
        side = "left"
    return {"left": left, "middle": (left + right) / 2, "right": right}[side]


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("side", [kink.value for kink in Kink])
def test_slopes_of_functions(side: str, style: str) -> None:
    equations = "\n".join(f"f{number} = {formula}".replace("w", f"w[{number}]") for number, formula in enumerate(FORMULAS))
    equations = equations.replace("w[12]here", "where")
    equations += f"\nC = {' + '.join(f'f{number}' for number in range(len(FORMULAS)))}"
    system = Network.from_equations(equations, ["w[i]"], sizes={"i": len(FORMULAS)}, constants={"edge": 1.5}, kink=side)
    module = load(derive(system), style=style)
    params = module.Parameters(np.array([kink for _, kink in FORMULAS.values()], dtype=float))
    cost, gradients = module.cost_and_gradients(params)
    assert cost == pytest.approx(sum(value(kink) for value, kink in FORMULAS.values()))
    np.testing.assert_allclose(gradients.w, [expected(formula, side) for formula in FORMULAS], atol=1e-5)


#: An activation and its slopes to the left and to the right of 0.
ACTIVATIONS = {
    "relu": (0, 1),
    "leaky_relu": (0.01, 1),
    "selu": (1.6732632423543772 * 1.0507009873554805, 1.0507009873554805),
    "abs(z)": (-1, 1),
}


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("side", [kink.value for kink in Kink])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_slopes_of_layers(activation: str, side: str, style: str) -> None:
    """With W = 0 and b = 0 every z is 0, and ∂C/∂b is the slope there."""
    network = Network(3, [Dense(2, activation)], "a*y", kink=side)
    module = load(derive(network), style=style)
    params = module.Parameters(np.zeros((2, 3)), np.zeros(2))
    _, gradients = module.cost_and_gradients(params, np.ones((1, 3)), np.ones((1, 2)))
    left, right = ACTIVATIONS[activation]
    np.testing.assert_allclose(gradients.b1, {"left": left, "middle": (left + right) / 2, "right": right}[side])


def test_the_margin_of_a_hinge() -> None:
    """The variable of its kink is 1 - y a, so that to the right it is active."""
    for side, slope in (("left", 0), ("middle", -0.5), ("right", -1)):
        module = load(derive(Network(2, [Dense(1)], "hinge", kink=side)))
        params = module.Parameters(np.zeros((1, 2)), np.ones(1))
        _, gradients = module.cost_and_gradients(params, np.ones((1, 2)), np.ones((1, 1)))
        np.testing.assert_array_equal(gradients.b1, [slope])


LAYERS = """
name = "two"
input = 2
kink = "right"
[[layers]]
kind = "dense"
units = 3
activation = "relu"
[[layers]]
kind = "dense"
units = 5
activation = "relu"
{own}
[cost]
kind = "{cost}"
"""


def test_a_layer_chooses_for_itself() -> None:
    text = text_of(read_description(LAYERS.format(own='kink = "left"', cost="mae")).system)
    assert "a1[n,j] = where(z1[n,j] >= 0, z1[n,j], 0)" in text
    assert "a2[n,k] = where(z2[n,k] > 0, z2[n,k], 0)" in text
    assert ">= 0, a2[n,k] - y[n,k], y[n,k] - a2[n,k])" in text


def test_what_has_no_kink_stays() -> None:
    plain = LAYERS.format(own="", cost="huber").replace('kink = "right"\n', "")
    with_kink = plain.replace("input = 2", 'input = 2\nkink = "right"')
    with_kink, plain = (text.replace('"relu"', '"tanh"') for text in (with_kink, plain))
    assert text_of(read_description(with_kink).system) == text_of(read_description(plain).system)


def test_what_is_printed_is_read_again_with_the_same_slopes() -> None:
    given = {"parameters": ["w[i]"], "inputs": ["x[n,i]"], "sizes": {"i": 3}}
    first = Network.from_equations("C = sum(n, i, relu(w[i]*x[n,i]) + clip(w[i], -1, 1))", kink="middle", **given)
    again = Network.from_equations(text_of(first), **given)
    assert derive(again).gradient("w") == derive(first).gradient("w")


def test_documents_say_which_slope_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "two.toml"
    path.write_text(LAYERS.format(own="", cost="quadratic"))
    build(read_description(path), tmp_path, Choices(("md",), length="full"))
    for suffix in ("md", "py"):
        said = " ".join((tmp_path / f"two.{suffix}").read_text().split())
        # In the handout the formulas are set as such.
        assert ENGLISH["kink.right.relu"].split("{z}")[0] in said
        assert "and otherwise 0, has slope 1 at 0." in said
    path.write_text(LAYERS.format(own='kink = "middle"', cost="quadratic"))
    assert kinks(read_description(path).system) == ("kink.each",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kink = "right"', 'kink = "rigth"', "two.toml:4: kink: found 'rigth', expected one of left, middle, right; did you mean 'right'?"),
        (
            'kink = "left"',
            'kink = "rihgt"',
            "two.toml:13: kink of [[layers]] 2: found 'rihgt', expected one of left, middle, right",
        ),
        ('kink = "left"', "kink = 0.5", "two.toml:13: kink of [[layers]] 2: found 0.5, expected one of left, middle, right"),
    ],
)
def test_a_wrong_word(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "two.toml"
    path.write_text(LAYERS.format(own='kink = "left"', cost="quadratic").replace(old, new))
    with pytest.raises(InvalidDescription) as refusal:
        read_description(path)
    assert message in str(refusal.value)


def test_a_wrong_word_in_python() -> None:
    with pytest.raises(InvalidDescription, match=r"kink: found 'up', expected one of left, middle, right"):
        Network(2, [Dense(1)], kink="up")
    with pytest.raises(InvalidDescription, match=r"did you mean 'left'\?"):
        Network.from_equations("C = relu(w)", ["w"], kink="lef")
