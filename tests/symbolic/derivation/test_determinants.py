"""Determinants, of one matrix or of one for each position: by the expansion along rows, beside the inverse that solves A B = 1."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from chainrule import InvalidDescription, derive
from chainrule.codegen.checking.deep_check import DeepCheckExtent, deep_check
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.checking.loading import load
from chainrule.codegen.formulas.equation_text import LanguageText
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System

STYLES = pytest.mark.parametrize("style", ["plain", "fast"])


def system(equations: str, parameters: list[str], inputs: list[str] | None = None, **given: Any) -> System:
    return system_from_equations(equations, parameters, inputs or [], **{"sizes": {"i": 3}, **given})


def test_the_slope_of_a_logarithm_is_the_transposed_inverse() -> None:
    derivation = derive(system("C = logdet(X)", ["X[i,i_]"]))
    (path,) = derivation.adjoints["X"].paths
    assert [step.rule for step in path.steps] == ["differentiate rows", "delta", "absolute value"]
    (adjoint,) = derivation.adjoints.values()
    assert PlainPrinter(derivation.system).equation(adjoint.equation) == "dX[i,i′] = X⁻¹[i′,i]"
    assert verify(derivation).largest_error < 1e-12


def test_a_determinant_goes_by_the_name_that_it_has() -> None:
    derivation = derive(system("d = det(A)\nC = log(1 + d**2)", ["A[i,i_]"]))
    assert PlainPrinter(derivation.system).equation(derivation.adjoints["A"].equation) == "dA[i,i′] = d dd A⁻¹[i′,i]"


def test_an_inverse_that_the_network_has_serves() -> None:
    derivation = derive(system("P = inverse(S)\nC = logdet(S) + trace(P @ T)", ["S[i,i_]"], ["T[i,i_]"]))
    assert [equation.tensor.name for equation in derivation.system.equations] == ["P", "C"]


#: Networks with their parameters and inputs.
FORMS: dict[str, tuple[str, list[str], list[str]]] = {
    "determinant": ("C = det(A)**2", ["A[i,i_]"], []),
    "logarithm": ("C = logdet(A)", ["A[i,i_]"], []),
    "for each example": ("d[n] = logdet(i, i_, A[n,i,i_] + a*[i = i_])\nC = sum(n, d[n]**2)", ["A[n,i,i_]", "a"], []),
    "of whole tensors": ("C = sum(det(A))", ["A[n,i,i_]"], []),
    "of what is computed": (
        "S[i,i_] = B @ B.T + [i = i_]\nu = solve(S, y)\nC = logdet(S)/2 + sum(i, y[i]*u[i])/2",
        ["B[i,k]"],
        ["y[i]"],
    ),
    "of an expression": ("C = logdet(A @ B)", ["A[i,k]", "B[k,i]"], []),
    "two of one matrix": ("C = logdet(i, i_, A[i,i_])*det(i, i_, A[i,i_])", ["A[i,i_]"], []),
    "beside a kink": ("C = log(relu(det(A)) + 1)", ["A[i,i_]"], []),
}
SIZES = {"i": 3, "k": 5, "n": 2}


def form(name: str, text: str = "") -> System:
    equations, parameters, inputs = FORMS[name]
    letters = "".join([equations, *parameters, *inputs])
    sizes = {axis: size for axis, size in SIZES.items() if f"{axis}," in letters or f"{axis}]" in letters}
    return system_from_equations(text or equations, parameters, inputs, sizes=sizes)


@cache
def derived(name: str) -> Derivation:
    return derive(form(name))


@pytest.mark.parametrize("name", FORMS)
def test_every_step_holds(name: str) -> None:
    assert verify(derived(name)).largest_error < 1e-9


@STYLES
@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_checked_with_second_derivatives(name: str, style: str) -> None:
    derivation = derived(name)
    checked = checked_module(derivation, derivatives=("gradient", "hvp"), style=style)
    assert checked.second is not None
    checked.second.verified()
    assert checked.largest_error < 1e-6


@pytest.mark.parametrize("name", ["for each example"])
def test_the_deep_check_of_it(name: str) -> None:
    extent = DeepCheckExtent(trials=1, sizes=((3, 2),))
    assert not deep_check(derived(name), derivatives=("gradient", "hvp"), extent=extent).failed


@pytest.mark.parametrize("name", FORMS)
def test_what_is_printed_is_read_again(name: str) -> None:
    written = LanguageText(form(name)).equations()
    again = form(name, written)
    assert LanguageText(again).equations() == written
    assert again.equations == form(name).equations


@STYLES
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_large_and_small_determinants(style: str, dtype: type) -> None:
    module = load(derive(system("C = logdet(A)", ["A[i,i_]"], sizes={})), style=style)
    A = (1e-3 * (np.eye(200) + np.random.default_rng(0).standard_normal((200, 200)) / 20)).astype(dtype)
    cost, gradients = module.cost_and_gradients(module.Parameters(A))
    assert cost == pytest.approx(np.linalg.slogdet(A.astype(float))[1], rel=1e-5)
    assert gradients.A.dtype == dtype
    np.testing.assert_allclose(gradients.A, np.linalg.inv(A.astype(float)).T, rtol=0, atol=1e-2)


@STYLES
def test_a_singular_matrix_is_named(style: str) -> None:
    module = load(derive(system("C = logdet(A)", ["A[i,i_]"])), style=style)
    with pytest.raises(np.linalg.LinAlgError, match=r"^A_inverse: the matrix of the equation that it solves is singular"):
        module.cost_and_gradients(module.Parameters(np.ones((3, 3))))


@pytest.mark.parametrize(
    ("equations", "message"),
    [
        ("C = logdet(v)", r"the argument of logdet has one axis twice, as in A\[i,i_\], found v \(k\)"),
        ("C = det(A, A)", "det is of one matrix, found 2 arguments"),
        ("C = det(i, A[i,i])", r"a determinant takes two letters of one axis and an entry, as in det\(i, i_, A\[i,i_\]\)"),
        ("C = logdet(i, k, M[i,k])", "a determinant takes two letters of one axis"),
        ("C = det(i < 2, i_, A[i,i_])", r"det takes whole axes; write det\(i, i_, …\)"),
        ("C = determinant(i, i_, A[i,i_])", r"unknown function 'determinant'; .* did you mean 'det'\?"),
        ("C = slogdet(i, i_, A[i,i_])", r"unknown function 'slogdet'; .* did you mean 'logdet'\?"),
    ],
)
def test_what_does_not_fit_is_said(equations: str, message: str) -> None:
    with pytest.raises(InvalidDescription, match=message):
        system(equations, ["A[i,i_]", "v[k]", "M[i,k]"], sizes={"i": 3, "k": 2})
