"""`derive` from Python: of files, texts and shorthands, and what its gradients show of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from sympy import Expr

from chainrule import Dense, Derivation, InvalidDescription, Network, derive, load, write_handout, write_module
from chainrule.codegen.backends.registry import module_source

TEXT = """
name = "written"
title = "Written down"
input = 3
language = "zh-TW"

[[layers]]
kind = "dense"
units = 2
activation = "tanh"

[cost]
kind = "quadratic"

[symbols]
a1 = "h"
"""
RECURRENT = """
name = "steps"
inputs = ["x[t]"]
parameters = ["w"]
equations = '''
h[t] = tanh(w*h[t-1] + x[t])
C = sum(t, h[t]**2)
'''
"""


def test_a_file_its_text_and_a_shorthand(tmp_path: Path) -> None:
    (tmp_path / "written.toml").write_text(TEXT)
    from_file, from_text = derive(str(tmp_path / "written.toml")), derive(TEXT)
    assert repr(from_file) == repr(from_text) == repr(derive(tmp_path / "written.toml"))
    assert isinstance(from_file, Derivation)
    assert list(derive("5-3-2")) == list(derive(Network.stack("5-3-2", "sigmoid", "quadratic")))
    with pytest.raises(InvalidDescription, match="did you mean 'layers'"):
        derive(TEXT.replace("[[layers]]", "[[layer]]"))


def test_a_gradient_shows_itself() -> None:
    gradient = derive(Network(2, [Dense(2, "sigmoid"), Dense(2, "sigmoid")], cost="quadratic", name="mazur"))["W1"]
    assert repr(gradient) == "dW1[j,i] = Σ_n dz1[n,j] x[n,i]    (2, 2)"
    by_index = r"\frac{\partial C}{\partial w^{(1)}_{ji}} = \sum_{n} x_{ni} \, \frac{\partial C}{\partial z^{(1)}_{nj}}"
    assert gradient.latex() == by_index
    assert gradient._repr_latex_() == rf"$\displaystyle {by_index}$"
    assert gradient.latex(level="matrix", notation="delta").startswith(r"\frac{\partial C}{\partial w^{1}} = ")
    assert gradient.latex("scalar").count(r"\frac{\partial C}{\partial w^{(1)}") == 4
    assert gradient.latex("graph").startswith(r"\begin{aligned}")
    assert gradient.numpy == "dW1 = dz1.T @ x"
    assert isinstance(gradient.sympy, Expr)
    assert gradient.steps == gradient.derivation.steps("W1")


def test_a_derivation_shows_itself() -> None:
    derivation = derive(TEXT)
    assert repr(derivation).splitlines() == [
        "written",
        "  z1[n,j]  = Σ_i W1[j,i] x[n,i] + b1[j]    (N, 2)",
        "  a1[n,j]  = tanh(z1[n,j])    (N, 2)",
        "  C        = Σ_n,j (a1[n,j] - y[n,j])² / 2 / N",
        "  da1[n,j] = (a1[n,j] - y[n,j]) / N    (N, 2)",
        "  dz1[n,j] = da1[n,j] (1 - a1[n,j]²)    (N, 2)",
        "  dW1[j,i] = Σ_n dz1[n,j] x[n,i]    (2, 3)",
        "  db1[j]   = Σ_n dz1[n,j]    (2,)",
    ]
    assert r"h_{nj} &= \tanh" in derivation._repr_latex_()
    assert len(repr(derive("2-" * 40 + "2")).splitlines()) < 40


def test_numpy_of_a_recurrence_and_of_a_mere_number() -> None:
    derivation = derive(RECURRENT)
    start, loop, step = derivation["h"].numpy.splitlines()
    assert (start, loop) == ("dh = 2 * h", "for t in reversed(range(N_t)):")
    assert step.startswith("    dh[t] += ")
    in_module = [line.strip() for line in module_source(derivation).splitlines()]
    assert {start, loop, step.strip()} <= set(in_module)
    total = derive(Network.from_equations("s = sum(n, w*x[n])\nC = s", ["w"], ["x[n]"]))
    assert total["s"].numpy == "ds = np.asarray(1, params[0].dtype)"


def test_wrong_names_and_levels() -> None:
    derivation = derive("3-2")
    with pytest.raises(InvalidDescription, match=r"no gradient of 'W2'; .*did you mean 'W1'"):
        derivation["W2"]
    with pytest.raises(InvalidDescription, match=r"unknown level 'matrixx'; .*did you mean 'matrix'"):
        derivation["W1"].latex("matrixx")
    with pytest.raises(InvalidDescription, match="unknown notation 'delt'"):
        derivation["W1"].latex(notation="delt")


def test_what_a_description_says_is_in_what_is_written(tmp_path: Path) -> None:
    derivation = derive(TEXT)
    assert "Written down" in write_module(derivation, tmp_path / "written.py").read_text(encoding="utf-8").splitlines()[0]
    page = write_handout(derivation, tmp_path / "written.md", length="full").read_text(encoding="utf-8")
    assert "Written down" in page
    assert "網路的架構" in page
    assert "Other" in write_handout(derivation, tmp_path / "other.md", title="Other", length="full").read_text(encoding="utf-8")
    assert load(derivation).Parameters._fields == ("W1", "b1")
