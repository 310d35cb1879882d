"""Jacobians of any tensor by any other: every network's by complex steps, some by PyTorch, with steps, and as Kronecker products."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from derived_networks import derived
from equation_networks import NETWORKS, SIZES_BY_RULE
from test_command_line import chainrule

from chainrule import Dense, InvalidDescription, Network, derive
from chainrule.codegen.document.unicode_formula import write_unicode
from chainrule.codegen.formulas.jacobian_printer import form_sides
from chainrule.codegen.formulas.plain_matrix_printer import PlainMatrixPrinter
from chainrule.codegen.formulas.printers import PLAIN
from chainrule.codegen.lesson.jacobian_document import jacobian_lines
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.checking.jacobian_check import jacobian_values
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import solved
from chainrule.symbolic.checking.verification import random_numbers, verify
from chainrule.symbolic.derivation.jacobian import Jacobian, derive_jacobian
from chainrule.symbolic.forms.kronecker_form import jacobian_form
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.language.system_reader import system_from_equations

STACK = Network(3, [Dense(2, "tanh"), Dense(3, "softmax")], "cross_entropy", targets="labels", name="stack")
PRODUCT = system_from_equations(
    "Y[i,j] = sum(k, l, A[i,k]*X[k,l]*B[l,j])\nC = sum(i, j, Y[i,j]**2)", ["A[i,k]", "X[k,l]", "B[l,j]"], name="axb"
)
#: Long: each of their Jacobians takes seconds.
LARGE = ("transformer_block", "lenet", "character_model", "character_model_with_a_flat_weight_matrix", "conv2d_learned_input")


def of_stack(of: str, wrt: str) -> Jacobian:
    return derive_jacobian(derive(STACK), of, wrt)


def numbers_of_stack(jacobian: Jacobian) -> np.ndarray[Any, Any]:
    """The array at the numbers of `BY_TORCH`."""
    arrays = {
        "W1": [[0.5, -0.25, 0.75], [-1.0, 0.5, 0.25]],
        "b1": [0.125, -0.5],
        "W2": [[1.0, -0.5], [0.25, 0.75], [-0.5, 0.5]],
        "b2": [0.0, 0.25, -0.125],
        "x": [[0.2, -0.4, 0.6], [1.0, 0.5, -1.5]],
    }
    given: dict[str, np.ndarray[Any, Any]] = {name: np.array(array, dtype=complex) for name, array in arrays.items()}
    numbers = Numbers(jacobian.system, {**given, "y": np.array([2, 0])}, {"n": 2, "i": 3, "j": 2, "k": 3})
    adjoints = [adjoint.equation for adjoint in jacobian.derivation.adjoints.values()]
    found = solved([*jacobian.system.equations, *adjoints], numbers)
    return np.real(evaluate(jacobian.expression, found, jacobian.axes))


#: Σ_m cos(m) J[m] over the entries of torch.autograd.functional.jacobian and hessian (2.13, float64).
BY_TORCH = {("a2", "W1"): 0.22836616323251996, ("dW1", "W2"): 0.39837767136057806}


@pytest.mark.parametrize(("of", "wrt"), BY_TORCH)
def test_torch_finds_the_same(of: str, wrt: str) -> None:
    found = numbers_of_stack(of_stack(of, wrt)).reshape(-1)
    assert abs(float(found @ np.cos(np.arange(found.size))) - BY_TORCH[of, wrt]) < 1e-13


@pytest.mark.parametrize("name", [name for name in NETWORKS if name not in LARGE])
def test_the_last_tensor_of_every_network_by_its_first_parameter(name: str) -> None:
    derivation = derived(f"equations {name}")
    of = next(
        equation.tensor.name
        for equation in reversed(derivation.system.equations)
        if equation.indices or len(derivation.system.equations) == 1
    )
    jacobian = derive_jacobian(derivation, of, derivation.system.parameters[0].name)
    if jacobian.adjoint is not None:
        verify(jacobian.derivation, ())


@pytest.mark.parametrize("name", ["logistic_regression", "quadratic_form", "attention", "radial_basis_functions", "conv1d"])
def test_a_block_of_the_hessian_is_the_jacobian_of_a_gradient(name: str) -> None:
    derivation = derived(f"equations {name}")
    first = derivation.system.parameters[0].name
    verify(derive_jacobian(derivation, f"d{first}", first).derivation, ())


def test_a_formula_that_is_passed_on_keeps_its_own_letters_apart() -> None:
    """∂db/∂h has two sums over positions, Σ_u′ inside of what is read at u."""
    derivation = derive(system_from_equations(**SIZES_BY_RULE["convolution_and_pooling_of_any_size"]))
    verify(derive_jacobian(derivation, "db", "K").derivation, ())


@pytest.mark.parametrize(
    ("of", "wrt", "expected"),
    [
        ("z1", "W1", "∂z1[n′,j′]/∂W1[j,i] = δ(j,j′) x[n′,i]"),
        ("a1", "z1", "∂a1[n′,j′]/∂z1[n,j] = δ(j,j′) δ(n,n′) (1 - a1[n,j]²)"),
        ("a2", "z2", "∂a2[n′,k′′]/∂z2[n,k] = δ(n,n′) a2[n,k] (δ(k,k′′) - a2[n,k′′])"),
        ("a1", "W2", "∂a1[n′,j′]/∂W2[k,j] = 0"),
    ],
)
def test_formulas_as_in_books(of: str, wrt: str, expected: str) -> None:
    shown = repr(derive(STACK).jacobian(of, wrt))
    assert shown.startswith(f"{expected}    (N, ")


def test_from_python() -> None:
    jacobian = derive(STACK).jacobian("z1", "W1")
    assert str(jacobian.shape) == "(N, 2, 2, 3)"
    assert str(jacobian.sympy) == "KroneckerDelta(j, j_)*x[n_, i]"
    assert jacobian.steps[-1].after == jacobian.jacobian.expression
    assert jacobian.latex() == r"\frac{\partial z^{(1)}_{n'j'}}{\partial w^{(1)}_{ji}} = \delta_{jj'} \, x_{n'i}"
    expected = r"\frac{\partial \operatorname{vec}(Z^{(1)})}{\partial \operatorname{vec}(W^{(1)\top})} = X \otimes I"
    assert jacobian.latex("matrix") == expected
    assert jacobian._repr_latex_().startswith(r"$\displaystyle \frac{\partial z")


@pytest.mark.parametrize(
    ("derived", "of", "wrt", "expected"),
    [
        (PRODUCT, "Y", "X", "∂vec(Y)/∂vec(X) = A ⊗ Bᵀ"),
        (PRODUCT, "Y", "A", "∂vec(Y)/∂vec(A) = I ⊗ (Bᵀ Xᵀ)"),
        (PRODUCT, "Y", "B", "∂vec(Y)/∂vec(B) = (A X) ⊗ I"),
        (STACK, "z1", "W1", "∂vec(z1)/∂vec(W1ᵀ) = x ⊗ I"),
        (STACK, "z1", "x", "∂vec(z1)/∂vec(x) = I ⊗ W1"),
        (STACK, "z1", "b1", "∂vec(z1)/∂b1 = 1 ⊗ I"),
        (STACK, "a1", "z1", "∂vec(a1)/∂vec(z1) = diag(vec(1 - a1^⊙2))"),
    ],
)
def test_matrix_forms_hold_as_kronecker_products(derived: Any, of: str, wrt: str, expected: str) -> None:
    jacobian = derive_jacobian(derive(derived), of, wrt)
    form = jacobian_form(jacobian)
    assert " = ".join(map(write_unicode, form_sides(jacobian, form, PlainMatrixPrinter(jacobian.system)))) == expected
    found, by_index = jacobian_values(jacobian, form, random_numbers(jacobian.derivation))
    assert found.shape == by_index.shape
    assert np.allclose(found, by_index, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("of", "wrt", "reason"), [("a2", "z2", "come in pairs"), ("a1", "W2", "entries are 0"), ("C", "W1", "single number")]
)
def test_what_is_no_kronecker_product_says_why(of: str, wrt: str, reason: str) -> None:
    with pytest.raises(NotExpressible, match=reason):
        jacobian_form(of_stack(of, wrt))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--of", "a2"), "--of goes with --wrt"),
        (("--of", "x", "--wrt", "W1"), "no Jacobian: 'x' is given, and no equation defines it; expected one of z1, a1"),
        (("--of", "q", "--wrt", "W1"), "no Jacobian: no tensor is called 'q'; expected one of z1, a1"),
        (("--of", "a2", "--wrt", "q"), "no Jacobian by 'q'; expected one of x"),
        (("--of", "a2", "--wrt", "W1", "--level", "nodes"), "no level 'nodes'"),
        (("--of", "dW1", "--wrt", "W2", "--level", "scalar", "--activation", "tanh"), "up to 400 are written out"),
    ],
)
def test_wrong_use_is_said(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    answer = chainrule("derive", "2-7-2", *arguments, cwd=tmp_path)
    assert answer.returncode == 2
    assert message in answer.stderr


def test_entries_that_are_not_0_stand_by_themselves(tmp_path: Path) -> None:
    shown = chainrule("derive", "2-2-2", "--of", "z2", "--wrt", "W1", "--level", "scalar", cwd=tmp_path).stdout.splitlines()
    assert "∂z2[1,2]/∂a1[1,1] = W2[2,1]" in shown
    assert "∂z2[1,2]/∂W1[1,2] = x[1,2] W2[2,1] a1[1,1] (1 - a1[1,1])" in shown
    assert "All other entries are 0." not in shown
    diagonal = chainrule("derive", "2-2-2", "--of", "a1", "--wrt", "z1", "--level", "scalar", cwd=tmp_path).stdout.splitlines()
    assert [line for line in diagonal if line] == [
        "∂a1/∂z1    (N, 2, N, 2)",
        "∂a1[1,1]/∂z1[1,1] = a1[1,1] (1 - a1[1,1])",
        "∂a1[1,2]/∂z1[1,2] = a1[1,2] (1 - a1[1,2])",
        "All other entries are 0.",
    ]


def test_nodes_lead_from_the_tensor_back() -> None:
    lines = jacobian_lines(of_stack("a1", "W1"), "graph", PLAIN)
    assert [f"{write_unicode(line.left.node)} = {write_unicode(line.right.node)}" for line in lines] == [
        "z1_1[n,j] = Σ_i W1[j,i] x[n,i]",
        "z1[n,j] = z1_1[n,j] + b1[j]",
        "a1[n,j] = tanh(z1[n,j])",
        "∂a1[n′,j′]/∂a1[n,j] = δ(j,j′) δ(n,n′)",
        "∂a1[n′,j′]/∂z1[n,j] = δ(j,j′) δ(n,n′) (1 - tanh(z1[n,j])²) = δ(j,j′) δ(n,n′) (1 - a1[n,j]²)",
        "∂a1[n′,j′]/∂z1_1[n,j] = δ(j,j′) δ(n,n′) (1 - a1[n,j]²)",
        "∂a1[n′,j′]/∂W1[j,i] = δ(j,j′) x[n′,i] (1 - a1[n′,j]²)",
    ]
    in_latex = derive(STACK).jacobian("a1", "W1").latex("graph")
    assert r"\frac{\partial a^{(1)}_{n'j'}}{\partial z^{(1)}_{1,nj}}" in in_latex


@pytest.mark.parametrize("level", ["scalar", "graph"])
@pytest.mark.parametrize("name", ["max_pooling", "softmax_labels"])
def test_every_entry_and_every_node_is_evaluated(name: str, level: str) -> None:
    derivation = derive(replace(system_from_equations(**NETWORKS[name]), batch="n"))
    of = [equation.tensor.name for equation in derivation.system.equations if equation.indices][-1]
    jacobian = derive_jacobian(derivation, of, derivation.system.parameters[0].name)
    if level == "scalar" and any(axis.size is None for axis in derivation.system.axes.values() if axis.name != "n"):
        with pytest.raises(NotExpressible, match="single entries need it fixed"):
            jacobian_lines(jacobian, level, PLAIN)
    else:
        assert jacobian_lines(jacobian, level, PLAIN)


def test_labels_have_no_jacobian() -> None:
    with pytest.raises(InvalidDescription, match="its entries are labels"):
        of_stack("C", "y")


def test_the_terminal_shows_every_derivative_on_the_way(tmp_path: Path) -> None:
    shown = chainrule("derive", "2-3-2", "--of", "a2", "--wrt", "W1", cwd=tmp_path).stdout
    headings = [line for line in shown.splitlines() if line.startswith("∂")]
    assert headings == [
        "∂a2/∂a2    (N, 2, N, 2)",
        "∂a2/∂z2    (N, 2, N, 2)",
        "∂a2/∂a1    (N, 2, N, 3)",
        "∂a2/∂z1    (N, 2, N, 3)",
        "∂a2/∂W1    (N, 2, 3, 2)",
    ]
    assert "chain rule: the sum over all paths from W1 to a2" in shown
    matrix = chainrule("derive", "2-3-2", "--of", "z1", "--wrt", "W1", "--level", "matrix", cwd=tmp_path).stdout
    assert (
        matrix
        == "∂z1/∂W1    (N, 3, 3, 2)\n∂vec(z1)/∂vec(W1ᵀ) = x ⊗ I\nvec stacks the rows of a matrix, and each of its entries has a row\n"
    )
    latex = chainrule("derive", "2-3-2", "--of", "z1", "--wrt", "W1", "--latex", cwd=tmp_path).stdout
    assert latex.startswith(
        "% dz1/dW1 (by index, every step with its reason), from 2-3-2; needs amsmath\n% dz1/dz1    (N, 3, N, 3)\n\\begin{align*}\n"
        r"\frac{\partial z^{(1)}_{n'j'}}{\partial z^{(1)}_{nj}} &= "
    )
