"""Gradients that lecture notes, posts and manuals print are those of the derivation, and handouts on them can be handed out."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from course_sheets import Arrays, CourseSheet
from gallery_networks import document
from lecture_notes import NOTES

from chainrule import Network, derive
from chainrule.codegen.checking.loading import load
from chainrule.codegen.formats.markdown import render_markdown
from chainrule.symbolic.system.system import System

EXAMPLES = 7


@cache
def system_of(name: str) -> System:
    note = NOTES[name]
    return Network.from_equations(
        note.equations, note.parameters, note.inputs, note.targets, sizes=dict(note.sizes), constants=dict(note.constants)
    )


def drawn(name: str) -> Arrays:
    """Random arrays; labels are places, and what is said of a pair is 0 or 1."""
    rng, note, system = np.random.default_rng(5), NOTES[name], system_of(name)
    found: Arrays = {}
    sizes = {"n": EXAMPLES, **note.sizes}
    for tensor in (*system.parameters, *system.inputs, *system.targets):
        shape = tuple(sizes[str(axis).rstrip("_")] for axis in tensor.axes)
        most = sizes[tensor.points_into] if tensor.points_into else 0
        found[tensor.name] = rng.integers(0, most, shape) if most else rng.normal(size=shape)
    if name in ("class weights", "contrastive loss"):
        found["y"] = rng.integers(0, 2, EXAMPLES).astype(float)
    if name == "RankNet":
        found["S"] = rng.integers(-1, 2, EXAMPLES).astype(float)
    return found


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("name", NOTES)
def test_published_gradients(name: str, style: str) -> None:
    system, arrays = system_of(name), drawn(name)
    module = load(derive(system), style=style)
    params = module.Parameters(**{tensor.name: arrays[tensor.name] for tensor in system.parameters})
    _, gradients = module.cost_and_gradients(params, *(arrays[tensor.name] for tensor in (*system.inputs, *system.targets)))
    published = NOTES[name].published(arrays)
    assert {*published} == {tensor.name for tensor in system.parameters}
    for parameter, expected in published.items():
        np.testing.assert_allclose(getattr(gradients, parameter), expected, rtol=1e-9, atol=1e-12, err_msg=parameter)


def test_the_cost_of_two_pairs() -> None:
    """Alike and 1 apart, not alike and 0.5 apart, within a margin of 1: 0.625, as is printed."""
    module = load(derive(system_of("contrastive loss")))
    params, v = module.Parameters(W=np.eye(2)), np.array([[1.0, 0.0], [0.5, 0.0]])
    assert module.cost(params, np.zeros((2, 2)), v, np.array([1.0, 0.0])) == pytest.approx(0.625, abs=1e-15)


def test_gains_inside_of_the_mean() -> None:
    """A notebook takes γ_i out of the sum over j, γ_i x_i Σ_j dy_j x_j, and tries it where all gains are 1 alone."""
    arrays = drawn("root mean square")
    published = NOTES["root mean square"].published(arrays)
    x = arrays["v"] @ arrays["W"].T
    r = np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5)

    def taken_out(gamma: np.ndarray) -> np.ndarray:
        dy = gamma * x / r - arrays["t"]
        dx = dy * gamma / r - gamma * x / (3 * r**3) * (dy * x).sum(axis=1, keepdims=True)
        return np.asarray(dx.T @ arrays["v"])

    assert not np.allclose(taken_out(arrays["gamma"]), published["W"])
    ones = {**arrays, "gamma": np.ones(3)}
    np.testing.assert_allclose(taken_out(np.ones(3)), NOTES["root mean square"].published(ones)["W"], rtol=1e-9)


def handout(name: str, folder: Path, **choices: str) -> str:
    """The short handout as Markdown."""
    note: CourseSheet = NOTES[name]
    lines = ["name = 'note'", f"title = {name!r}", f"equations = '''{note.equations}'''"]
    lines += ["batch = 'n'"] if "[n" in note.equations else []
    lines += [f"{key} = {list(getattr(note, key))}" for key in ("parameters", "inputs", "targets")]
    lines += [f"{key} = {value!r}" for key, value in choices.items()]
    for key, given in (("sizes", note.sizes), ("constants", note.constants)):
        lines.append(f"{key} = {{ {', '.join(f'{letter} = {value}' for letter, value in given.items())} }}")
    path = folder / f"{name}.toml"
    path.write_text("\n".join(lines))
    return render_markdown(document(str(path), length="short"))


def test_a_mask_hides_no_softmax(tmp_path: Path) -> None:
    """The slope of a softmax over a part of its places is A (dA − Σ A dA), without its exponentials anew."""
    page = handout("causal attention", tmp_path)
    slope = r"A_{ij} \, \left(\frac{\partial L}{\partial A_{ij}} - \sum_{j'} A_{ij'} \, \frac{\partial L}{\partial A_{ij'}}\right)"
    assert slope in page
    assert "1000000000" not in re.sub(r"`[^`]*`", "", page)
    assert "10^{9}" in page


def test_signs_are_explained_where_they_are_shown(tmp_path: Path) -> None:
    indicator = "is 1 where what stands in the brackets holds"
    assert indicator not in handout("Elman", tmp_path)
    assert indicator in handout("contrastive loss", tmp_path)
    assert "fractions of arrays are taken entry by entry" in handout("root mean square", tmp_path)
    strided = handout("strided convolution", tmp_path)
    assert "Hadamard" not in strided
    assert r"\odot" not in strided


def test_an_array_over_another_is_a_fraction(tmp_path: Path) -> None:
    page = handout("root mean square", tmp_path)
    assert r"\oslash" not in page
    # The exponent of an array without brackets around its letter.
    assert r"\left(x\right)^{\odot 2}" not in page
    assert r"x^{\odot 2}" in page


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("class weights", ["bias of $z$", "prediction of the network, sigmoid of $z$"]),
        ("context words", ["vectors, one for each label of $c$", "mean of the vectors of $W$ that $c$ chooses"]),
        ("experts", ["squared difference of $d$ and $y$", "mean of $e$, weighted by $p$"]),
        ("root mean square", ["mean of the squares of $x$", "square root of $s$", "$x$ divided by $r$"]),
        ("robust regression", ["$y$ minus $f$"]),
        ("causal attention", ["scores: inner products of $Q$, $K$"]),
        ("contrastive loss", ["distance of $f$ and $g$"]),
    ],
)
def test_what_quantities_are(name: str, said: list[str], tmp_path: Path) -> None:
    page = handout(name, tmp_path, **({"output": "p"} if name == "class weights" else {}))
    for words in said:
        assert words in page


def test_what_is_computed_of_the_target_is_no_output_of_the_network(tmp_path: Path) -> None:
    assert "makes $y, p$ of the input $v$" in re.sub(r"\s+", " ", handout("experts", tmp_path)).replace("p, y", "y, p")
    assert "makes $p$ of the input $x$" in handout("class weights", tmp_path)
    assert "makes $f$ of the input $x$" in handout("robust regression", tmp_path)


def test_a_shared_weight_is_derived_along_both_paths(tmp_path: Path) -> None:
    page = handout("tied autoencoder", tmp_path)
    assert "Step by step, for $W$:" in page


def test_terms_stand_as_they_were_written(tmp_path: Path) -> None:
    page = handout("class weights", tmp_path)
    assert re.search(r"y\S* \\, \\log\\left\(p\S*\\right\) \+ \\left\(1 - y\S*\\right\) \\, \\log\\left\(1 - p", page)


def test_every_line_of_the_module_has_its_equation(tmp_path: Path) -> None:
    """What the backward pass computes anew, the start of a recurrence before its steps, and numbers of what is too wide."""
    weighted = handout("class weights", tmp_path)
    assert weighted.count("`omega = c1 * y + c0 * (1 - y)`") == 2
    assert "\n| `omega` |" not in weighted
    recurrent = handout("Elman", tmp_path)
    start, step = "`z = x @ V.T + b1`", "`z[:, t] += step(h, 1, t - 1) @ U.T`"
    assert recurrent.index(start) < recurrent.index(step)
    assert re.search(r"\| \$\\partial L / \\partial W_\{kj\}\$ \(\d+\) \|", recurrent)
