"""Gradients that courses, textbooks and papers print are those of the derivation; handouts on them have no line that is too wide."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from course_sheets import SHEETS, Arrays, CourseSheet
from gallery_networks import document
from sympy import exp

from chainrule import Network, derive
from chainrule.codegen.checking.loading import load
from chainrule.codegen.formats.markdown import render_markdown
from chainrule.symbolic.index.named_functions import sigmoid
from chainrule.symbolic.system.system import System

EXAMPLES = 5


def system_of(sheet: CourseSheet) -> System:
    return Network.from_equations(
        sheet.equations,
        parameters=sheet.parameters,
        inputs=sheet.inputs,
        targets=sheet.targets,
        sizes=sheet.sizes,
        constants=sheet.constants,
    )


def drawn(system: System, sheet: CourseSheet) -> Arrays:
    """Random arrays; labels are places. The first step of a sequence of labels has none before it."""
    rng = np.random.default_rng(3)
    found: Arrays = {}
    sizes = {"n": EXAMPLES, "t": 4, **sheet.sizes}
    for tensor in (*system.parameters, *system.inputs, *system.targets):
        shape = tuple(sizes[str(axis).rstrip("_")] for axis in tensor.axes)
        most = sizes[tensor.points_into] if tensor.points_into else 0
        found[tensor.name] = rng.integers(0, most, shape) if most else rng.normal(size=shape)
    if "m" in found and "T" in found:
        found["m"] = np.ones((EXAMPLES, 4))
        found["m"][:, 0] = 0
        found["b"] = np.roll(found["y"], 1, axis=1)
    return found


@pytest.mark.parametrize("style", ["plain", "fast"])
@pytest.mark.parametrize("name", SHEETS)
def test_published_gradients(name: str, style: str) -> None:
    sheet = SHEETS[name]
    system = system_of(sheet)
    module = load(derive(system), style=style)
    arrays = drawn(system, sheet)
    params = module.Parameters(**{tensor.name: arrays[tensor.name] for tensor in system.parameters})
    _, gradients = module.cost_and_gradients(params, *(arrays[tensor.name] for tensor in (*system.inputs, *system.targets)))
    for parameter, expected in sheet.published(arrays).items():
        np.testing.assert_allclose(getattr(gradients, parameter), expected, rtol=1e-9, atol=1e-12, err_msg=parameter)


@pytest.mark.parametrize("name", ["negative sampling", "word vectors without scores"])
def test_probabilities_are_recognised_before_a_label_selects(name: str) -> None:
    """δ(w, c[n]) U[o[n]] p[n] (1 − p[n]), and not σ(U[o[n]]·V[w]) for each word and example."""
    for adjoint in derive(system_of(SHEETS[name])).adjoints.values():
        assert not adjoint.expression.has(exp, sigmoid), adjoint.equation


def test_responsibilities_are_recognised() -> None:
    """γ (t − m)/σ² and γ (|t − m|²/σ² − L) through the density's own value, as Bishop's (5.156) and (5.157), no exponential anew."""
    derivation = derive(system_of(SHEETS["mixture density"]))
    for name in ("m", "s"):
        assert not derivation.gradient(name).has(exp), name


def handout(name: str, folder: Path) -> str:
    """The short handout of a sheet as Markdown."""
    sheet = SHEETS[name]
    lines = [f"name = {'sheet'!r}", f"title = {name!r}", f"equations = '''{sheet.equations}'''", "batch = 'n'"]
    lines += [f"{key} = {list(getattr(sheet, key))}" for key in ("parameters", "inputs", "targets")]
    for key, given in (("sizes", sheet.sizes), ("constants", sheet.constants)):
        lines.append(f"{key} = {{ {', '.join(f'{letter} = {value}' for letter, value in given.items())} }}")
    if name == "global vectors":
        lines.remove("batch = 'n'")
    (folder / "sheet.toml").write_text("\n".join(lines))
    return render_markdown(document(str(folder / "sheet.toml"), length="short"))


def test_a_weight_that_the_cost_reads_as_well_has_more_than_one_path(tmp_path: Path) -> None:
    page = handout("hinge", tmp_path)
    assert "## One weight" in page
    # The cost is a sum of 15 cases and 12 squares, which stays one by index.
    assert r"L &= \frac{1}{N} \, \sum_{n} \left(\sum_{j}" in page
    assert page.count("begin{cases}") < 6
    # Both paths of the example stand before.
    assert "The local derivatives:" in page
    assert page.index(r"\right|_{\text{direct}} &= \frac{1}{10}") < page.index("The other quantities follow")
    assert "In matrix notation $\\mathrm{d}W$ stands for" in page


def test_a_weight_with_two_paths_is_derived_where_all_have_two(tmp_path: Path) -> None:
    """Of word2vec's vectors each is read by two equations; what the exercise asks for is shown step by step, and has a number."""
    page = handout("negative sampling", tmp_path)
    assert "Step by step, for $V$:" in page
    result = page[page.index("Substituted into the chain rule:") :]
    assert re.match(r"[^#]*?p_\{n\} \\, \\left\(1 - p_\{n\}\\right\)[^#]*?\\tag\{\d+\}", result)


def test_a_negative_cost_is_taken_off_in_brackets(tmp_path: Path) -> None:
    assert re.search(r"\\frac\{-?[\d.]+ - \(-[\d.]+\)\}\{0\.02\}", handout("global vectors", tmp_path))


def test_a_wide_gradient_has_a_line_of_its_own(tmp_path: Path) -> None:
    page = handout("random field", tmp_path)
    (row,) = [line for line in page.splitlines() if line.startswith(r"| $\partial L / \partial T_{kj}$ | ") and "`" not in line]
    assert re.search(r"\| \(\d+\) \| \$3 \\times 3\$ \|$", row)


def test_lam_is_lambda(tmp_path: Path) -> None:
    page = handout("sparse autoencoder", tmp_path)
    assert r"\lambda = 0.01" in page
    assert "lam" not in re.sub(r"`[^`]*`|\\lambda", "", page)


def test_a_number_divided_by_a_size_is_one_fraction(tmp_path: Path) -> None:
    page = handout("free energies", tmp_path)
    assert "\\mathrm{d}F &= \\frac{1}{N} \\, \\mathbf{1}_{N}\n" in page
    assert "\\frac{1}{N} \\, 1" not in page
