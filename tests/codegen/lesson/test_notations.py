"""Every notation: the equations that a teacher expects of it stand in its handout, and every notation takes every network."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import residual_networks
from gallery_networks import derived, description_of, document
from places import GALLERY

from chainrule.codegen.build import document_of, letters_of, material_of
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.descriptions.reader import read_description
from chainrule.codegen.document.nodes import Letter
from chainrule.codegen.formats.latex_piece import latex_lines
from chainrule.codegen.formats.registry import TEXTS
from chainrule.codegen.formulas.notation_file import NOTATIONS, notation_of, read_notation
from chainrule.codegen.formulas.printers import in_notation
from chainrule.codegen.handout import HANDOUT_SECTIONS, handout
from chainrule.codegen.lesson.derivation_document import derivation_document
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.chain_rule import derive
from chainrule.symbolic.index.failures import CheckFailed, InvalidDescription

#: The network of each notation, and the equations that its handout has, as LaTeX without spaces that TeX ignores.
HANDOUTS = {
    "neuron": "one_feeding_two",
    "superscript": "handwriting",
    "brackets": "logistic",
    "graph": "affine_softmax",
    "delta": "columns",
}
EXPECTED: dict[str, tuple[str, ...]] = {
    "neuron": (
        r"\theta &= \left\{w_{1}, w_{2}, \dots, b_{1}, b_{2}, \dots\right\}",
        r"L(\theta) &= \sum_{n} C^{n}(\theta)",
        r"\frac{\partial L}{\partial w} &= \sum_{n} \frac{\partial C^{n}}{\partial w}",
        r"z &= w_{1} \, x_{1} + w_{2} \, x_{2} + b",
        r"a &= \sigma(z)",
        r"\frac{\partial C}{\partial w_{1}} &= \frac{\partial z}{\partial w_{1}} \cdot \frac{\partial C}{\partial z}",
        r"\frac{\partial z}{\partial w_{1}} &= x_{1}",
        r"\frac{\partial z}{\partial w_{2}} &= x_{2}",
        r"\frac{\partial C}{\partial z} &= \frac{\partial a}{\partial z} \cdot \frac{\partial C}{\partial a}",
        r"\frac{\partial C}{\partial a} &= {\underbrace{\frac{\partial z'}{\partial a}}_{w_{3}}} \cdot \frac{\partial C}{\partial z'}"
        r" + {\underbrace{\frac{\partial z''}{\partial a}}_{w_{4}}} \cdot \frac{\partial C}{\partial z''}",
        r"\frac{\partial C}{\partial z} &= \sigma'(z) \, \left[w_{3} \, \frac{\partial C}{\partial z'}"
        r" + w_{4} \, \frac{\partial C}{\partial z''}\right]",
        r"\frac{\partial C}{\partial z'} &= \frac{\partial y_{1}}{\partial z'} \cdot \frac{\partial C}{\partial y_{1}}",
        r"\frac{\partial C}{\partial z''} &= \frac{\partial y_{2}}{\partial z''} \cdot \frac{\partial C}{\partial y_{2}}",
        r"\frac{\partial C}{\partial w} &= {\underbrace{\frac{\partial z}{\partial w}}_{a}} \times \frac{\partial C}{\partial z}",
    ),
    "superscript": (
        r"\begin{derivation}[1] C_{0} &= \left(a^{(L)} - y\right)^{2}",
        r"\begin{derivation}[2] z^{(L)} &= w^{(L)} \, a^{(L-1)} + b^{(L)}",
        r"\begin{derivation}[3] a^{(L)} &= \sigma(z^{(L)})",
        r"\frac{\partial C_{0}}{\partial w^{(L)}} &= \frac{\partial z^{(L)}}{\partial w^{(L)}} \cdot \frac{\partial"
        r" a^{(L)}}{\partial z^{(L)}}"
        r" \cdot \frac{\partial C_{0}}{\partial a^{(L)}}",
        r"\frac{\partial C_{0}}{\partial a^{(L)}} &= 2 \, \left(a^{(L)} - y\right)",
        r"\frac{\partial a^{(L)}}{\partial z^{(L)}} &= \sigma'(z^{(L)})",
        r"\frac{\partial z^{(L)}}{\partial w^{(L)}} &= a^{(L-1)}",
        r"\frac{\partial C_{0}}{\partial w^{(L)}} &= a^{(L-1)} \, \sigma'(z^{(L)}) \, \cdot 2 \, \left(a^{(L)} - y\right)",
        r"\frac{\partial C_{0}}{\partial b^{(L)}} &= \frac{\partial z^{(L)}}{\partial b^{(L)}} \cdot \frac{\partial"
        r" a^{(L)}}{\partial z^{(L)}}"
        r" \cdot \frac{\partial C_{0}}{\partial a^{(L)}}",
        r"\frac{\partial z^{(L)}}{\partial b^{(L)}} &= 1",
        r"\frac{\partial z^{(L)}}{\partial a^{(L-1)}} &= w^{(L)}",
        r"\frac{\partial C}{\partial w^{(L)}} &= \frac{1}{N} \, \sum_{n=1}^{N} \frac{\partial C_{n}}{\partial w^{(L)}}",
        r"\nabla C &= {\begin{bmatrix}\frac{\partial C}{\partial w^{(1)}} \\ \frac{\partial C}{\partial b^{(1)}} \\ \vdots \\"
        r" \frac{\partial C}{\partial w^{(L)}} \\ \frac{\partial C}{\partial b^{(L)}}\end{bmatrix}",
        r"z^{(L)}_{j} &= \sum_{k} w^{(L)}_{jk} \, a^{(L-1)}_{k} + b^{(L)}_{j}",
        r"\frac{\partial C_{0}}{\partial a^{(L-1)}_{k}} &= \sum_{j} \frac{\partial z^{(L)}_{j}}{\partial a^{(L-1)}_{k}}"
        r" \cdot \frac{\partial a^{(L)}_{j}}{\partial z^{(L)}_{j}} \cdot \frac{\partial C_{0}}{\partial a^{(L)}_{j}}",
        r"13,002",
        r"\theta^{1} &= \theta^{0} - \eta \, \nabla C(\theta^{0})",
        r"\left(0.66 - 1\right)^{2} = 0.1156",
    ),
    "brackets": (
        r"z^{[l]} &= W^{[l]} \, a^{[l-1]} + b^{[l]}",
        r"L(\hat{y}, y) &= -\left(y \, \log\left(\hat{y}\right) + \left(1 - y\right) \, \log\left(1 - \hat{y}\right)\right)",
        r"\hat{y} &= a^{[2]}",
        r"\frac{\partial L}{\partial z^{[2]}} &= \frac{\partial L}{\partial a^{[2]}} \cdot \frac{\partial a^{[2]}}{\partial z^{[2]}}",
        r"\frac{\partial L}{\partial W^{[2]}} &= \frac{\partial L}{\partial a^{[2]}} \cdot \frac{\partial a^{[2]}}{\partial z^{[2]}}"
        r" \cdot \frac{\partial z^{[2]}}{\partial W^{[2]}} \\ &= \frac{\partial L}{\partial z^{[2]}} \cdot \frac{\partial"
        r" z^{[2]}}{\partial W^{[2]}}",
        r"\frac{\partial L}{\partial b^{[2]}} &= \frac{\partial L}{\partial a^{[2]}} \cdot \frac{\partial a^{[2]}}{\partial z^{[2]}}"
        r" \cdot \frac{\partial z^{[2]}}{\partial b^{[2]}} \\ &= \frac{\partial L}{\partial z^{[2]}} \cdot \frac{\partial"
        r" z^{[2]}}{\partial b^{[2]}}",
        r"&= \frac{\partial L}{\partial z^{[2]}} \cdot \frac{\partial z^{[2]}}{\partial a^{[1]}} \cdot"
        r" \frac{\partial a^{[1]}}{\partial z^{[1]}} \cdot \frac{\partial z^{[1]}}{\partial W^{[1]}}",
        r"&= \frac{\partial L}{\partial z^{[2]}} \cdot \frac{\partial z^{[2]}}{\partial a^{[1]}} \cdot"
        r" \frac{\partial a^{[1]}}{\partial z^{[1]}} \cdot \frac{\partial z^{[1]}}{\partial b^{[1]}}",
        r"dz^{[2]} &= a^{[2]} - y",
        r"dW^{[2]} &= dz^{[2]} \, a^{[1]\top}",
        r"db^{[2]} &= dz^{[2]}",
        r"dz^{[1]} &= \left(W^{[2]\top} \, dz^{[2]}\right) * \sigma'(z^{[1]})",
        r"dW^{[1]} &= dz^{[1]} \, x^{\top}",
        r"db^{[1]} &= dz^{[1]}",
        r"W^{[l]} &:= W^{[l]} - \alpha \, dW^{[l]}",
        r"b^{[l]} &:= b^{[l]} - \alpha \, db^{[l]}",
        r"v_{W^{[l]}} &:= \beta \, v_{W^{[l]}} + \left(1 - \beta\right) \, dW^{[l]}",
        r"W^{[l]} &:= W^{[l]} - \frac{\alpha \, dW^{[l]}}{\sqrt{s_{W^{[l]}}} + \varepsilon}",
        r"W^{[l]} &:= W^{[l]} - \frac{\alpha \, \hat{m}_{W^{[l]}}}{\sqrt{\hat{v}_{W^{[l]}}} + \varepsilon}",
        "Stochastic gradient descent: one example per step.",
        "Mini-batches: some examples per step",
        "Full batch: all examples in every step.",
    ),
    "graph": (
        r"y &= h(g(f(x)))",
        r"dy &= 1",
        r"$z^{(2)}(a^{(1)}, W^{(2)}, b^{(2)})$ & $dz^{(2)}$ & $da^{(1)}$, $dW^{(2)}$, $db^{(2)}$",
        r"f &= x \, y \\ dx &= y \, df \\ dy &= x \, df",
        r"f &= x + y \\ dx &= df \\ dy &= df",
        r"{\begin{bmatrix}1 & 2 & 3\end{bmatrix}} \, {\begin{bmatrix}4 \\ 5 \\ 8\end{bmatrix}} = 38",
        r"dx &= {\underbrace{d\mathrm{out}}_{N \times N_{k}}} \;\; {\underbrace{W^{\top}}_{N_{k} \times N_{j}}}",
        r"dW &= {\underbrace{x^{\top}}_{N_{j} \times N}} \;\; {\underbrace{d\mathrm{out}}_{N \times N_{k}}}",
        r"db_{k} &= \sum_{n} d\mathrm{out}_{nk}",
        r"x_{1} &= -x \\ x_{2} &= e^{x_{1}} \\ x_{3} &= 1 + x_{2} \\ y &= \frac{1}{x_{3}}",
        r"dx_{3} &= -\frac{dy}{x_{3}^{2}} \\ dx_{2} &= dx_{3} \\ dx_{1} &= e^{x_{1}} \, dx_{2} \\ &= x_{2} \, dx_{2} \\ dx &= -dx_{1}",
        r"dx &= y \, \left(1 - y\right) \, dy",
        r"x_{1,k} &= e^{x_{k}} \\ x_{2} &= \sum_{k'} x_{1,k'} \\ y_{k} &= \frac{x_{1,k}}{x_{2}} \\ x_{3,k} &= \log\left(y_{k}\right) \\"
        r" x_{4,k} &= t_{k} \, x_{3,k} \\ x_{5} &= \sum_{k} x_{4,k} \\ L &= -x_{5}",
        r"dx_{1,k} &= \frac{dy_{k}}{x_{2}} + dx_{2}",
        r"dx_{k} &= \operatorname{softmax}(x)_{k} - t_{k}",
        r"\frac{\partial L}{\partial w} &\approx \frac{L(w + h) - L(w - h)}{2h}",
    ),
    "delta": (
        r"\frac{\mathrm{d}z}{\mathrm{d}x} &= \frac{\mathrm{d}z}{\mathrm{d}y} \cdot \frac{\mathrm{d}y}{\mathrm{d}x}",
        r"\frac{\mathrm{d}z}{\mathrm{d}s} &= \frac{\partial z}{\partial x} \cdot \frac{\mathrm{d}x}{\mathrm{d}s}"
        r" + \frac{\partial z}{\partial y} \cdot \frac{\mathrm{d}y}{\mathrm{d}s}",
        r"\delta^{L} &= \frac{\partial C}{\partial a^{L}} \odot G'(z^{L}) = \frac{\partial C}{\partial z^{L}}",
        r"\delta^{\ell} &= \left((w^{\ell+1})^{\top} \, \delta^{\ell+1}\right) \odot G'(z^{\ell})",
        r"\frac{\partial C}{\partial b^{\ell}_{j}} &= \delta^{\ell}_{j}",
        r"\frac{\partial C}{\partial w^{\ell}_{jk}} &= a^{\ell-1}_{k} \, \delta^{\ell}_{j}",
        r"z^{\ell} &= {\underbrace{w^{\ell}}_{10 \times 100}} \;\; {\underbrace{a^{\ell-1}}_{100 \times N}}",
        r"\frac{\partial C}{\partial w^{\ell}} &= {\underbrace{\delta^{\ell}}_{10 \times N}} \;\;"
        r" {\underbrace{(a^{\ell-1})^{\top}}_{N \times 100}}",
        r"\frac{\partial C}{\partial a^{\ell-1}} &= {\underbrace{(w^{\ell})^{\top}}_{100 \times 10}} \;\;"
        r" {\underbrace{\delta^{\ell}}_{10 \times N}}",
        r"\frac{\partial C}{\partial b^{\ell}} &= \operatorname{sum}\left({\underbrace{\delta^{\ell}}_{10 \times N}},\,"
        r" \mathrm{axis} = 1\right)",
        r"\nabla C &= {\begin{bmatrix}\frac{\partial C}{\partial w^{1}} \\ \frac{\partial C}{\partial b^{1}} \\ \vdots \\",
        r"\theta^{1} &= \theta^{0} - \eta \, \nabla C(\theta^{0})",
        r"\theta^{2} &= \theta^{1} - \eta \, \nabla C(\theta^{1})",
    ),
}


def shown(spec: str, notation: str, suffix: str = "tex") -> str:
    """The handout of a description in a notation."""
    return TEXTS[suffix].render(document(spec, notation))


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The file of a description, the same one whenever it is asked for, so that it is derived once for all notations."""

    @cache
    def path_of(description: str) -> str:
        path = tmp_path_factory.mktemp("described") / "net.toml"
        path.write_text(description)
        return str(path)

    return path_of


def without_layout(text: str) -> str:
    """The text in one line, spaces, signs that carry none and the gap before a line that goes on left out."""
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(("notation", "expected"), [(name, formula) for name, formulas in EXPECTED.items() for formula in formulas])
def test_the_equations_of_a_notation_stand_in_its_handout(notation: str, expected: str) -> None:
    assert without_layout(expected) in without_layout(shown(HANDOUTS[notation], notation))


def test_the_networks_of_the_gallery_say_their_notation() -> None:
    assert {description_of(spec).notation for spec in HANDOUTS.values()} == set(NOTATIONS)


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("spec", ["2-2-2", "784-16-16-10", "digits", "lenet"])
def test_every_notation_takes_every_network(spec: str, notation: str) -> None:
    for suffix in TEXTS:
        assert len(shown(spec, notation, suffix)) > 10_000


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_notation_takes_a_residual_network(notation: str, described: Callable[[str], str]) -> None:
    for suffix in TEXTS:
        assert len(shown(described(residual_networks.OF_CLASSES), notation, suffix)) > 10_000


ACTIVATIONS = ("relu", "gelu", "softmax", "elu", "z*abs(z)")


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_notation_takes_every_activation(activation: str, notation: str, described: Callable[[str], str]) -> None:
    layers = f'[[layers]]\nunits = 3\nactivation = "{activation}"\n' * 2
    spec = described(f'name = "net"\ninput = 5\n{layers}[cost]\nkind = "huber"\nreduction = "sum"\n[regularisation]\nl2 = 0.1\n')
    assert r"\section" in shown(spec, notation)


def test_the_symbol_table_says_what_a_letter_means() -> None:
    assert r"$\delta^{\ell}$ & error of layer $\ell$" in shown("columns", "delta")
    assert r"$\hat{y}$ & prediction of the network, $a^{[2]}$" in shown("logistic", "brackets")
    assert r"$\hat{y}_{nk}$ & target: real numbers" in shown("one_feeding_two", "neuron")
    for notation, spec in HANDOUTS.items():
        text = shown(spec, notation)
        assert text.index("Symbols and shapes") < text.index(r"\frac{\partial"), notation


def test_every_line_of_a_section_is_evaluated() -> None:
    material = material_of(description_of("logistic"), *derived("logistic"), "brackets", length="full")
    before = material.checker.verified.equations
    handout(material, "en")
    assert before == 0
    assert material.checker.verified.equations >= 60
    assert material.checker.verified.largest_error < 1e-12


def test_a_wrong_line_fails_the_build() -> None:
    view = material_of(description_of("logistic"), *derived("logistic"), "brackets", length="full").views.one_example
    assert view is not None
    right = view.derivation.adjoint("W2").equation
    view.writer().equation(right)
    with pytest.raises(CheckFailed):
        view.writer().line(right.tensor.own_entry, 2 * right.expression)
    slope = view.slopes["z1"]
    with pytest.raises(CheckFailed):
        view.writer().line(slope.adjoint_of_argument(view.derivation).tensor.own_entry, slope.equation.tensor.own_entry)


def test_a_notation_is_letters_and_order_alone() -> None:
    """The steps of the derivation are the same in all of them: only how they are written differs."""
    for notation in NOTATIONS:
        material = material_of(description_of("2-2-2"), *derived("2-2-2"), notation, length="full")
        assert material.derivation is derived("2-2-2")[0]


def test_letters_of_a_description_are_taken_in_every_notation(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text((GALLERY / "logistic" / "logistic.toml").read_text() + '\n[symbols]\na1 = "h"\n')
    for notation in NOTATIONS:
        assert "$h_{jn}$ & activations of layer $1$" in shown(str(path), notation), notation


OWN = """
name = "own"
meaning = "letters of my own"
sections = ["network", "errors", "derivation"]
[letters]
W = '\\theta'
z = "s"
[array_letters]
W = '\\Theta'
[writing]
layer = "[]"
error = '\\varepsilon'
activation = "f"
local_factor_first = true
"""


def test_a_notation_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    text = shown("2-2-2", str(path))
    assert r"\frac{\partial C}{\partial \theta^{[l]}_{jk}} &= a^{[l-1]}_{k} \, \varepsilon^{[l]}_{j}" in text
    assert r"\varepsilon^{[l]} &= \left(\Theta^{[l+1]\top} \, \varepsilon^{[l+1]}\right) \odot f'(s^{[l]})" in text
    assert "Worked numbers" not in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('name = "own"', ""), "own.toml: name: found none, expected a word"),
        (("sections =", "section ="), "own.toml:4: unknown key 'section'; expected one of name, meaning, source, sections"),
        (('"errors"', '"error"'), "did you mean 'errors'"),
        (('"errors"', '"network"'), "'network' stands there twice"),
        (('layer = "[]"', 'layer = "<>"'), "writing.layer: found '<>', expected '()' or '[]' or ''"),
        (("local_factor_first = true", 'local_factor_first = "yes"'), "expected True or False"),
        (("'\\theta'", "'\\input{/etc/passwd}'"), "letters.W: found"),
        (("'\\theta'", "'\\write18'"), "letters.W: found"),
        (('z = "s"', "z = 3"), "own.toml:7: letters.z: found 3"),
        (("[writing]", "[[writing]]"), "writing: found"),
    ],
)
def test_a_wrong_notation_is_one_clear_message(change: tuple[str, str], message: str) -> None:
    text = OWN.replace(*change)
    assert text != OWN
    with pytest.raises(InvalidDescription) as raised:
        notation_of(text, "own.toml", HANDOUT_SECTIONS)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_notation_that_is_no_toml_is_marked_where() -> None:
    with pytest.raises(InvalidDescription, match=r"own\.toml:5: not TOML: Expected '\]'.*\n    \[letters\n            \^$"):
        notation_of(OWN.replace("[letters]", "[letters"), "own.toml", HANDOUT_SECTIONS)


def test_an_unknown_notation_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InvalidDescription, match="did you mean 'delta'"):
        read_notation("detla", HANDOUT_SECTIONS)
    with pytest.raises(InvalidDescription, match="cannot be read"):
        read_notation(str(tmp_path / "missing.toml"), HANDOUT_SECTIONS)


def test_every_section_is_in_a_notation() -> None:
    assert {section for notation in NOTATIONS.values() for section in (*notation.sections, *notation.short)} == set(HANDOUT_SECTIONS)


def test_no_tensor_is_written_like_the_kronecker_delta(tmp_path: Path) -> None:
    equations = "s[n,k] = exp(delta[k]*x[n,k])\np[n,k] = s[n,k]/sum(l, s[n,l])\nC = sum(n, k, p[n,k]*x[n,k])"
    text = f'name = "scaled"\nparameters = ["delta[k]"]\ninputs = ["x[n,k]"]\nequations = """\n{equations}\n"""\n'
    (tmp_path / "scaled.toml").write_text(text)
    description = read_description(tmp_path / "scaled.toml")
    for notation, sign in {"superscript": "I", "delta": "I"}.items():
        assert letters_of(description, notation).kronecker == Letter(sign)
    assert letters_of(read_description("2-3-2"), "superscript").kronecker == Letter("δ")
    derivation = derive(description.network)
    printers = in_notation(letters_of(description, "superscript"), derivation.system)
    printed = [*latex_lines(derivation_document(derivation, "s", "index", printers).blocks)]
    assert any("I_{kk'}" in line for line in printed)
    assert not any(r"\delta_{kk'}" in line for line in printed)


def page_of(last: str, hidden: str, notation: str, folder: Path) -> str:
    """The page of a network with these activations."""
    layers = "".join(f'[[layers]]\nunits = {units}\nactivation = "{name}"\n' for units, name in ((4, hidden), (2, last)))
    (folder / "net.toml").write_text(f'name = "net"\ninput = 3\n{layers}[cost]\nkind = "quadratic"\n')
    description = read_description(folder / "net.toml")
    derivation = derive(description.network)
    return TEXTS["md"].render(document_of(description, derivation, verify(derivation), checked_module(derivation), notation, length="full"))


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_identity_has_no_sign(notation: str, tmp_path: Path) -> None:
    page = page_of("identity", "identity", notation, tmp_path)
    assert ("G'" if notation == "delta" else r"\sigma") not in page


@pytest.mark.parametrize(("notation", "expected"), [("brackets", r"a^{[l]} &= \sigma(z^{[l]})"), ("delta", r"\odot G'(z^{\ell})")])
def test_any_layer_has_the_sign_that_the_identity_of_the_last_one_lacks(notation: str, expected: str, tmp_path: Path) -> None:
    assert expected in page_of("identity", "tanh", notation, tmp_path)
