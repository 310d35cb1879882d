"""Tensors that are given by an equation that they solve: systems, inverses, Cholesky factors and fixed points, of one rule."""

from __future__ import annotations

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
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System

STYLES = pytest.mark.parametrize("style", ["plain", "fast"])


def system(equations: str, parameters: list[str], inputs: list[str] | None = None, **given: Any) -> System:
    return system_from_equations(equations, parameters, inputs or [], **{"sizes": {"i": 3}, **given})


LINEAR = system("x = solve(A, b)\nC = sum(i, g[i]*x[i]**3)", ["A[i,i_]", "b[i]"], ["g[i]"])


def test_the_adjoint_solves_the_transposed_system() -> None:
    derivation = derive(LINEAR)
    assert verify(derivation).largest_error < 1e-9
    written = [PlainPrinter(LINEAR).equation(adjoint.equation) for adjoint in derivation.adjoints.values()]
    assert written == ["dx[i] = solve_i′(A[i′,i], 3 g[i] x[i]²)", "dA[i,i′] = -dx[i] x[i′]", "db[i] = dx[i]"]
    assert derivation.adjoints["x"].steps[-1].rule == "implicit"


@STYLES
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gradients_of_a_system_by_complex_steps(style: str, dtype: type) -> None:
    module = load(derive(LINEAR), style=style)
    rng = np.random.default_rng(1)
    A, b, g = 3 * np.eye(3) + rng.standard_normal((3, 3)), rng.standard_normal(3), rng.standard_normal(3)
    A, b, g = (np.asarray(array, dtype) for array in (A, b, g))
    cost, gradients = module.cost_and_gradients(module.Parameters(A, b), g)
    tolerance = 1e-11 if dtype is np.float64 else 2e-4

    def value(flat: np.ndarray) -> Any:
        return np.sum(g * np.linalg.solve(flat[:9].reshape(3, 3), flat[9:]) ** 3)

    start = np.concatenate([A.ravel(), b]).astype(np.complex128)
    exact = np.array([np.imag(value(start + 1e-30j * unit)) / 1e-30 for unit in np.eye(12)])
    assert cost == pytest.approx(np.real(value(start)), rel=tolerance)
    assert gradients.A.dtype == dtype
    np.testing.assert_allclose(np.concatenate([gradients.A.ravel(), gradients.b]), exact, rtol=tolerance, atol=tolerance)


#: Networks with every way in, with their parameters and inputs.
FORMS: dict[str, tuple[str, list[str], list[str]]] = {
    "rows of several systems": ("x[n,i] = solve(i_, A[i,i_] + 4*[i = i_], b[n,i])\nC = sum(n, i, x[n,i]**2)", ["A[i,i_]"], ["b[n,i]"]),
    "columns": ("X = solve(A, B)\nC = sum(X*X)", ["A[i,i_]", "B[i,k]"], []),
    "inverse": ("B = inverse(A)\nC = sum(i, k, B[i,i]*W[i,k])", ["A[i,i_]"], ["W[i,k]"]),
    "factor": (
        "S[i,i_] = B @ B.T + [i = i_]\nL = cholesky(S)\nC = sum(i, i_, L[i,i_]*W[i,i_]) + log(abs(L[1,1]))",
        ["B[i,k]"],
        ["W[i,i_]"],
    ),
    "a matrix of two axes": (
        "X[i,k] = solve(i_, k_, A[i,i_]*B[k,k_] + [i = i_]*[k = k_]*5, G[i,k])\nC = sum(X*X*X)",
        ["A[i,i_]", "B[k,k_]", "G[i,k]"],
        [],
    ),
    "single numbers": ("z[n] = fixed_point(cos(w*z[n] + x[n])/2)\nC = sum(n, z[n]**2)", ["w"], ["x[n]"]),
    "one number": ("z = fixed_point(cos(w*z)/2)\nC = z**2", ["w"], []),
    "first axis": ("z[i,n] = fixed_point(tanh(W @ z/5) + x[n,i])\nC = sum(n, i, z[i,n]**2)", ["W[i,i_]"], ["x[n,i]"]),
    "with a kink": ("z[n,i] = fixed_point(relu(sum(i_, W[i,i_]*z[n,i_])/5 + x[n,i]))\nC = sum(n, i, z[n,i]**2)", ["W[i,i_]"], ["x[n,i]"]),
    "one after the other": (
        "z[n,i] = fixed_point(tanh(sum(i_, W[i,i_]*z[n,i_])/5 + x[n,i]))\nu[n,i] = solve(i_, W[i,i_] + 4*[i = i_], z[n,i])\n"
        "C = sum(n, i, u[n,i]*z[n,i])",
        ["W[i,i_]"],
        ["x[n,i]"],
    ),
    "in each step": (
        "x[t,i] = solve(i_, A[i,i_] + (4 + h[t-1,i]**2)*[i = i_], b[i])\nh[t,i] = tanh(x[t,i] + h[t-1,i])\nC = sum(t, i, h[t,i]**2)",
        ["A[i,i_]", "b[i]"],
        [],
    ),
    "inverse in each step": (
        "S[t,i,i_] = sum(k, B[i,k]*B[i_,k]) + [i = i_] + sum(i__, L[t-1,i,i__]*L[t-1,i_,i__])/2\n"
        "L[t,i,i_] = solve(i__, S[t,i,i__], [i = i_])\nC = sum(t, i, L[t,i,i])",
        ["B[i,k]"],
        [],
    ),
    "two that define each other": (
        "z[k,i] = fixed_point(where(k < 1, tanh(w*z[0,i] + z[1,i]/2 + x[i])/3, cos(z[0,i]*v)/2))\nC = sum(k, i, z[k,i]**2)",
        ["w", "v"],
        ["x[i]"],
    ),
    "stopped": ("x[i] = solve(i_, A[i,i_] + 4*[i = i_], b[i])\nC = sum(i, x[i]**2*stop(x[i]))", ["A[i,i_]", "b[i]"], []),
}
FORMS_DECLARED = (
    "z[n,i] = fixed_point(tanh(sum(i_, W[i,i_]*z[n,i_])/5 + x[n,i]))\nC = sum(n, i, z[n,i]**2)",
    ["W[i,i_]"],
    ["x[n,i]"],
)
SIZES = {"i": 3, "k": 2, "t": 5}


def form(name: str) -> System:
    text, parameters, inputs = FORMS[name]
    letters = "".join([text, *parameters, *inputs])
    return system_from_equations(
        text, parameters, inputs, sizes={axis: SIZES[axis] for axis in SIZES if f"{axis}," in letters or f"{axis}]" in letters}
    )


@STYLES
@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_checked_with_second_derivatives(name: str, style: str) -> None:
    derivation = derive(form(name))
    assert verify(derivation).largest_error < 1e-9
    checked = checked_module(derivation, derivatives=("gradient", "hvp", "hessian"), style=style)
    assert checked.second is not None
    checked.second.verified()
    assert checked.largest_error < 1e-6


@pytest.mark.parametrize("name", ["factor", "a matrix of two axes", "first axis", "one after the other"])
def test_the_deep_check_of_it(name: str) -> None:
    extent = DeepCheckExtent(trials=1, sizes=((5, 3),))
    assert not deep_check(derive(form(name)), derivatives=("gradient", "hvp"), extent=extent).failed


@pytest.mark.parametrize("name", FORMS)
def test_what_is_printed_is_read_again(name: str) -> None:
    written = LanguageText(form(name)).equations()
    again = form_of(name, written)
    assert LanguageText(again).equations() == written
    assert {key: own.expression for key, own in derive(again).adjoints.items()} == {
        key: own.expression for key, own in derive(form(name)).adjoints.items()
    }


def form_of(name: str, text: str) -> System:
    _, parameters, inputs = FORMS[name]
    sizes = {axis: own.size for axis, own in form(name).axes.items() if own.size is not None and own.rule is None}
    return system_from_equations(text, parameters, inputs, sizes=sizes)


@STYLES
def test_singular_matrices_and_missing_solutions_are_named(style: str) -> None:
    module = load(derive(LINEAR), style=style)
    with pytest.raises(np.linalg.LinAlgError, match=r"^x: the matrix of the equation that it solves is singular"):
        module.cost_and_gradients(module.Parameters(np.zeros((3, 3)), np.ones(3)), np.ones(3))
    module = load(derive(form("one number")), style=style, verify=False)
    module = load(derive(system("z = fixed_point(z + exp(w*z))\nC = z", ["w"], sizes={})), style=style, verify=False)
    with pytest.raises(ArithmeticError, match=r"^z: Newton's method finds no solution of its equation"), np.errstate(all="ignore"):
        module.cost(module.Parameters(np.array(1.0)))
    module = load(derive(system("L = cholesky(A)\nC = sum(i, L[i,i])", ["A[i,i_]"])), style=style, verify=False)
    with pytest.raises(np.linalg.LinAlgError, match=r"^L: the matrix that it is the factor of is not positive definite"):
        module.cost(module.Parameters(-np.eye(3)))


def test_a_fixed_point_may_be_declared() -> None:
    text = "z[n,i] = tanh(sum(i_, W[i,i_]*z[n,i_])/5 + x[n,i])\nC = sum(n, i, z[n,i]**2)"
    declared = system(text, ["W[i,i_]"], ["x[n,i]"], implicit=["z"])
    assert declared.equations == system(*FORMS_DECLARED).equations
    with pytest.raises(InvalidDescription, match="implicit: no equation defines 'q'; expected one of z, C"):
        system(text, ["W[i,i_]"], ["x[n,i]"], implicit=["q"])


@pytest.mark.parametrize(
    ("equations", "message"),
    [
        ("C = sum(i, solve(i_, A[i,i_], b[i]))", r"solve\(…\) is the whole right side of an equation; give it a tensor of its own"),
        (
            "x[i] = solve(k, A[i,i_], b[i])\nC = sum(i, x[i])",
            "solve sums over a letter of the left side with an underscore, here one of: i_",
        ),
        ("x[i] = solve(A[i,i_], b[i])\nC = sum(i, x[i])", r"solve takes letters, a matrix and a right side, as in x\[i\] = solve"),
        ("x = solve(b, b)\nC = sum(x)", r"the matrix of solve has one axis twice, as in A\[i,i_\], found b \(i\)"),
        ("x = solve(A, v)\nC = sum(x)", r"the right side of solve has the axes of the matrix, i, found v \(k\)"),
        ("x = inverse(A, b)\nC = sum(x)", "inverse is of one matrix, found 2 arguments"),
        ("x[2 + i] = fixed_point(x[2 + i])\nC = sum(i, x[i])", "write a letter for every index on the left"),
        ("x[i] = fixed_point(x[i], b[i])\nC = sum(i, x[i])", "fixed_point takes 1 argument, found 2"),
        (
            "x[i] = fixed_point(x[i]/2 + y[i])\ny[i] = fixed_point(cos(x[i])/3 + y[i]/2 + b[i])\nC = sum(i, x[i])",
            r"equations 1, 2: x, y: .* what is solved together is one tensor with an axis for its parts, as in z\[k,i\] = fixed_point",
        ),
        ("x[i] = b[i] + x[i]\nC = sum(i, x[i])", r"equation 1: x: .* a cycle needs a shift, as in h\[n,t-1,j\], or fixed_point"),
    ],
)
def test_what_does_not_fit_is_said(equations: str, message: str) -> None:
    with pytest.raises(InvalidDescription, match=message):
        system(equations, ["A[i,i_]", "b[i]", "v[k]"], sizes={"i": 3, "k": 2})


def test_a_fixed_point_in_each_step_has_no_code() -> None:
    text = "z[t] = fixed_point(tanh(w*z[t] + h[t-1])/2 + x[t])\nh[t] = z[t]*w\nC = sum(t, h[t]**2)"
    derivation = derive(system(text, ["w"], ["x[t]"], sizes={"t": 5}))
    assert verify(derivation).largest_error < 1e-9
    with pytest.raises(NotExpressible, match="z is a fixed point at each step of a recurrence, for which there is no code"):
        load(derivation)
