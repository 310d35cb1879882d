"""Second derivatives: Hessians known from books, Hessian-vector products of every network, symmetric and equal to numeric differences."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from derived_networks import derived
from equation_networks import NETWORKS
from test_recurrences import CELLS, recurrent

from chainrule import Dense, InvalidDescription, Network, derive
from chainrule.codegen.backends.registry import BACKENDS, NUMPY, module_source
from chainrule.codegen.checking.gradient_check import CheckedModule, checked_module
from chainrule.codegen.checking.loading import load
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.codegen.writing import write_module
from chainrule.symbolic.checking.hessian_check import verify_block
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.hessian import hessian_block
from chainrule.symbolic.derivation.second_derivatives import SecondDerivation, derive_again
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System

#: Of modules in Python, which alone have more than a gradient in the parameters.
STYLES = tuple(BACKENDS[NUMPY].styles)

BOTH = ("gradient", "hvp", "hessian")
TOLERANCE = 1e-6
#: With many axes; two sizes in turn keep their arrays small.
LARGE = ("lenet", "transformer_block", "multi_head_attention", "conv2d_groups", "gru", "lstm", "character_model")
SYSTEMS: dict[str, Callable[[], System]] = {
    **{name: lambda name=name: system_from_equations(**NETWORKS[name]) for name in NETWORKS},  # type: ignore[misc]
    **{cell: lambda cell=cell: recurrent(cell) for cell in CELLS},  # type: ignore[misc]
}


@cache
def second(name: str) -> SecondDerivation:
    return derive_again(derived(f"equations {name}") if name in NETWORKS else derive(recurrent(name)))


@cache
def checked(name: str) -> CheckedModule:
    return checked_module(second(name).first, derivatives=("hvp",))


def block_text(derivation: SecondDerivation, parameter: str) -> list[str]:
    text = PlainPrinter(derivation.system)
    return [text.equation(equation) for equation in hessian_block(derivation, parameter).equations]


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_step_holds(name: str) -> None:
    found = verify(second(name).derivation)
    # Of a cost that is linear in its parameters all second derivatives are 0.
    assert found.equations > 0 or not second(name).needed
    assert found.largest_error < 1e-9


@pytest.mark.parametrize("name", SYSTEMS)
def test_hessian_vector_products_are_numeric_differences_of_the_gradient(name: str) -> None:
    errors = checked(name).errors
    parameters = [tensor.name for tensor in second(name).first.system.parameters]
    assert list(errors) == [*parameters, *(f"hessian_vector_product {parameter}" for parameter in parameters)]
    for what, error in errors.items():
        assert error < TOLERANCE, what


@pytest.mark.parametrize("name", SYSTEMS)
def test_hessian_vector_products_are_symmetric_and_linear(name: str) -> None:
    """v·Hu = u·Hv, and H(2u - 3v) = 2 Hu - 3 Hv."""
    module = checked(name).module
    rng = np.random.default_rng(3)
    params, data = module.init(rng), module.sample(rng)
    params = module.Parameters(*(np.asarray(array + 0.1 * rng.standard_normal(array.shape)) for array in params))
    u, v = (module.Parameters(*(np.asarray(rng.standard_normal(array.shape)) for array in params)) for _ in range(2))
    product_u, product_v = (module.hessian_vector_product(params, *data, along) for along in (u, v))
    left, right = (sum(float(np.sum(one * other)) for one, other in zip(a, b, strict=True)) for a, b in ((v, product_u), (u, product_v)))
    size = max(float(np.abs(array).max()) for array in (*product_u, *product_v))
    assert left == pytest.approx(right, rel=1e-9, abs=1e-9 * max(size, 1e-6))
    mixed = module.hessian_vector_product(params, *data, module.Parameters(*(2 * a - 3 * b for a, b in zip(u, v, strict=True))))
    for a, b, both in zip(product_u, product_v, mixed, strict=True):
        np.testing.assert_allclose(both, 2 * a - 3 * b, rtol=0, atol=1e-9 * max(size, 1e-6))


@pytest.mark.parametrize("name", [name for name in SYSTEMS if name not in LARGE])
def test_blocks_of_the_hessian_are_products_with_unit_directions(name: str) -> None:
    derivation = second(name)
    for tensor in derivation.first.system.parameters:
        assert verify_block(derivation, hessian_block(derivation, tensor.name)).largest_error < 1e-9, tensor.name


# Hessians that are known


def test_a_quadratic_form_has_the_hessian_a_plus_its_transpose() -> None:
    derivation = derive(system_from_equations("L = sum(i, j, x[i]*A[i,j]*x[j])", ["x[i]"], ["A[i,j]"]))
    assert block_text(derive_again(derivation), "x") == ["hx[i,j] = A[i,j] + A[j,i]"]
    module = load(derivation, derivatives=BOTH, verify=False)
    A, x = np.random.default_rng(0).standard_normal((5, 5)), np.arange(5.0)
    assert np.array_equal(module.hessian(module.Parameters(x), A), A + A.T)


def test_logistic_regression_is_one_product() -> None:
    """Xᵀ diag(D) X: D multiplies the rows of X, and there is one product of matrices; no column is computed by itself."""
    derivation = derive(SYSTEMS["logistic_regression"]())
    source = module_source(derivation, derivatives=BOTH)
    body = source[source.index("def _hessian_w") : source.index("def sigmoid")]
    assert body.count("@") == 1
    assert "hw = X.T @ hs\n" in body
    assert not re.search(r"\bfor\b|einsum", body)
    module = load(derivation, derivatives=BOTH, verify=False)
    rng = np.random.default_rng(1)
    X, y, w = rng.standard_normal((7, 3)), rng.choice([-1.0, 1.0], 7), rng.standard_normal(3)
    s = 1 / (1 + np.exp(-y * (X @ w)))
    np.testing.assert_allclose(module.hessian(module.Parameters(w), X, y), X.T @ np.diag(s * (1 - s)) @ X, rtol=1e-12)


def test_log_sum_exp_is_diagonal_minus_an_outer_product() -> None:
    derivation = derive(system_from_equations("L = log(sum(i, exp(x[i])))", ["x[i]"]))
    assert block_text(derive_again(derivation), "x") == ["hx[i,i′] = dx[i] (δ(i,i′) - dx[i′])"]
    module = load(derivation, derivatives=BOTH, verify=False)
    x = np.random.default_rng(2).standard_normal(5)
    p = np.exp(x) / np.exp(x).sum()
    np.testing.assert_allclose(module.hessian(module.Parameters(x)), np.diag(p) - np.outer(p, p), rtol=1e-12, atol=1e-15)


def test_where_a_maximum_lies_does_not_move() -> None:
    """C = g max_t s[t]: the Hessian has ∂²C/∂g∂s[k] = 1 at the largest s alone, and a maximum of a maximum's place likewise."""
    text = "C = max(t, s[t]*g) + max(t, u[t]*max(k, s[k]*g))"
    module = load(derive(system_from_equations(text, ["g", "s[t]", "u[t]"])), ["gradient", "hvp"])
    params = module.Parameters(np.array(2.0), np.array([0.5, 3.0, -1.0]), np.array([1.5, 0.25, 1.0]))
    direction = module.Parameters(np.array(0.75), np.array([10.0, 0.5, 20.0]), np.array([0.3, 40.0, 50.0]))
    product = module.hessian_vector_product(params, direction)
    # At these numbers C = g s[1] (1 + u[0]).
    g, s, u, dg, ds, du = 2.0, 3.0, 1.5, 0.75, 0.5, 0.3
    assert product.g == pytest.approx(ds * (1 + u) + s * du)
    np.testing.assert_allclose(product.s, [0, dg * (1 + u) + g * du, 0])
    np.testing.assert_allclose(product.u, [dg * s + g * ds, 0, 0])


def test_softmax_regression_is_the_textbook_formula() -> None:
    """∂²C/∂W[c,k]∂W[d,l] = 1/N Σ_n p_c (δ_cd − p_d) x_k x_l."""
    description = NETWORKS["softmax_labels_through_probabilities"]
    module = load(derive(system_from_equations(**description)), derivatives=BOTH, verify=False)
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((11, 3)), rng.integers(0, 5, 11)
    params = module.Parameters(rng.standard_normal((5, 3)), rng.standard_normal(5))
    p = np.exp(X @ params.W.T + params.b)
    p /= p.sum(axis=1, keepdims=True)
    middle = np.einsum("nc,cd->ncd", p, np.eye(5)) - np.einsum("nc,nd->ncd", p, p)
    np.testing.assert_allclose(module.hessian(params, X, y, "W"), np.einsum("ncd,nk,nl->ckdl", middle, X, X) / 11, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(module.hessian(params, X, y, "b"), middle.sum(axis=0) / 11, rtol=1e-10, atol=1e-13)


RECURRENCES: dict[str, tuple[str, list[str], list[str], list[str]]] = {
    "two in a row": (
        "h[n,t,j] = tanh(sum(i, W[j,i]*x[n,t,i]) + sum(k, U[j,k]*h[n,t-1,k]))\n"
        "g[n,t,j] = tanh(sum(k, V[j,k]*h[n,t,k]) + sum(k, Q[j,k]*g[n,t-1,k]))\n"
        "C = sum(n, t, j, (g[n,t,j] - y[n,t,j])**2)/2",
        ["W[j,i]", "U[j,k]", "V[j,k]", "Q[j,k]"],
        ["x[n,t,i]"],
        ["y[n,t,j]"],
    ),
    "boundary value": (
        "h[n,t,j] = tanh(sum(i, W[j,i]*x[n,t,i]) + sum(k, U[j,k]*h[n,t-1,k]))\nh[n,-1,j] = s[j]\nC = sum(n, t, j, h[n,t,j]**2*y[n,t,j])",
        ["W[j,i]", "U[j,k]", "s[j]"],
        ["x[n,t,i]"],
        ["y[n,t,j]"],
    ),
    "parameter of each step": (
        "h[n,t,j] = tanh(P[t,j]*x[n,t,j] + sum(k, U[j,k]*h[n,t-1,k]))\nC = sum(n, t, j, (h[n,t,j] - y[n,t,j])**2)",
        ["P[t,j]", "U[j,k]"],
        ["x[n,t,j]"],
        ["y[n,t,j]"],
    ),
    "input added in place": (
        "h[n,t,j] = x[n,t,j] + sum(k, U[j,k]*h[n,t-1,k])\nC = sum(n, t, j, (h[n,t,j] - y[n,t,j])**4)",
        ["U[j,k]"],
        ["x[n,t,j]"],
        ["y[n,t,j]"],
    ),
    "one number": ("h[t] = tanh(a*h[t-1] + x[t])\nC = sum(t, (h[t] - y[t])**2)", ["a"], ["x[t]"], ["y[t]"]),
}


@pytest.mark.parametrize("name", RECURRENCES)
def test_recurrences_have_hessians(name: str) -> None:
    found = checked_module(derive(system_from_equations(*RECURRENCES[name], sizes={"t": 3})), derivatives=BOTH)
    assert found.second is not None
    assert found.second.verified().largest_error < 1e-9


def test_constant_derivatives_are_arrays() -> None:
    system = system_from_equations("C = sum(k, w[k]) + b**2 + 3*c + sum(k, v[k]**3)", ["w[k]", "b", "c", "v[k]", "u[k]"])
    module = checked_module(derive(system), derivatives=BOTH).module
    params = module.Parameters(*(np.ones(shape, np.float32) for shape in ((3,), (), (), (3,), (3,))))
    for name, product in module.hessian_vector_product(params, params)._asdict().items():
        expected = {"b": 2.0, "v": np.full(3, 6.0)}.get(name, np.zeros(getattr(params, name).shape))
        assert np.array_equal(product, expected), name
        assert module.hessian(params, name).dtype == np.float32, name


def full_hessian(module: Any, params: Any, data: Any) -> np.ndarray:
    """Column by column from products with unit directions, all parameters in a row."""
    columns = []
    for place, array in enumerate(params):
        for position in np.ndindex(array.shape):
            unit = [np.zeros(other.shape) for other in params]
            unit[place][position] = 1
            product = module.hessian_vector_product(params, *data, module.Parameters(*unit))
            columns.append(np.concatenate([np.ravel(part) for part in product]))
    return np.stack(columns, axis=1)


def test_two_neurons_twice() -> None:
    """2-2-2, sigmoid, quadratic: the whole Hessian is symmetric, its blocks are `hessian`, and differences of the gradient agree."""
    module = load(derive(Network(2, [Dense(2, "sigmoid"), Dense(2, "sigmoid")], "quadratic")), derivatives=BOTH, verify=False)
    rng = np.random.default_rng(4)
    params = module.Parameters(*(rng.standard_normal(array.shape) for array in module.init(rng)))
    data = module.sample(rng)
    whole = full_hessian(module, params, data)
    assert whole.shape == (12, 12)
    np.testing.assert_allclose(whole, whole.T, rtol=0, atol=1e-15)
    start = 0
    for name, array in params._asdict().items():
        own = slice(start, start + array.size)
        block = module.hessian(params, *data, name)
        assert block.shape == array.shape * 2
        np.testing.assert_allclose(block.reshape(array.size, array.size), whole[own, own], rtol=1e-12, atol=1e-15)
        start += array.size

    def gradient(step: float, unit: np.ndarray) -> np.ndarray:
        flat = np.concatenate([array.ravel() for array in params]) + step * unit
        parts, place = [], 0
        for array in params:
            parts.append(flat[place : place + array.size].reshape(array.shape))
            place += array.size
        return np.concatenate([part.ravel() for part in module.cost_and_gradients(module.Parameters(*parts), *data)[1]])

    numeric = np.stack([(gradient(1e-5, unit) - gradient(-1e-5, unit)) / 2e-5 for unit in np.eye(12)], axis=1)
    assert np.abs(whole - numeric).max() < 1e-6 * np.abs(whole).max()


NETWORKS_OF_LAYERS = {
    "kinks": Network(2, [Dense(3, "relu"), Dense(5, "leaky_relu")], "huber"),
    "labels": Network(2, [Dense(3, "gelu"), Dense(5, "softmax")], "cross_entropy", targets="labels"),
    "one_hot": Network(3, [Dense(2, "tanh"), Dense(5, "softmax")], "cross_entropy"),
    "penalties": Network(7, [Dense(3, "softplus"), Dense(2, "sigmoid")], "binary_cross_entropy", regularisation={"l2": 0.1, "l1": 0.2}),
    "three": Network(2, [Dense(3, "elu"), Dense(5, "silu"), Dense(2, "selu")], "squared_error", reduction="sum"),
    "formula": Network(2, [Dense(3, "z*tanh(log(1 + exp(z)))"), Dense(5, "identity")], "log(cosh(a - y))"),
}


@pytest.mark.parametrize("name", NETWORKS_OF_LAYERS)
def test_networks_of_layers(name: str) -> None:
    derivation = derive(NETWORKS_OF_LAYERS[name])
    found = checked_module(derivation, derivatives=BOTH)
    assert found.second is not None
    assert found.second.verified().largest_error < 1e-9
    assert {what for what in found.errors if " " in what} == {
        f"{function} {parameter}" for function in ("hessian_vector_product", "hessian") for parameter in found.module.Parameters._fields
    }


@pytest.mark.parametrize("name", ["conv1d", "gru", "rnn", "word2vec", "layer_norm", "attention", "batch_norm_biased"])
def test_hessians_of_modules(name: str) -> None:
    found = checked_module(second(name).first, derivatives=BOTH).errors
    assert sum(what.startswith("hessian ") for what in found) == len(second(name).first.system.parameters)


def test_float32_stays_float32() -> None:
    for name in ("logistic_regression_with_bias", "conv1d", "rnn", "embedding", "multiclass_hinge", "quadratic_form"):
        derivation: Derivation = second(name).first
        module = load(derivation, derivatives=BOTH, verify=False)
        rng = np.random.default_rng(5)
        narrow = module.Parameters(*(np.asarray(array, np.float32) for array in module.init(rng)))
        data = [array.astype(np.float32) if array.dtype.kind == "f" else array for array in module.sample(rng)]
        for parameter, product in module.hessian_vector_product(narrow, *data, narrow)._asdict().items():
            assert product.dtype == np.float32, (name, parameter)
            assert module.hessian(narrow, *data, parameter).dtype == np.float32, (name, parameter)
            assert module.hessian(narrow, *data, parameter).shape == getattr(narrow, parameter).shape * 2


# What stays the same, and what is refused


def test_a_module_without_second_derivatives_has_none_of_it() -> None:
    derivation = derive(Network(2, [Dense(3, "tanh")]))
    assert module_source(derivation) == module_source(derivation, derivatives=("gradient",))
    assert "hessian" not in module_source(derivation)


def test_names_of_the_network_are_kept_off() -> None:
    """Tensors that are called as a direction or a second adjoint would be."""
    system = system_from_equations(
        "hW[n] = sum(k, W[k]*X[n,k])**2\nvW[n] = hW[n]*u\nphi = sum(n, vW[n]**2)\nL = phi + sum(k, hdu[k]*W[k]**2)",
        ["W[k]", "u"],
        ["X[n,k]", "hdu[k]"],
    )
    derivation = derive_again(derive(system))
    assert not derivation.names & set(derivation.first.system.tensors)
    assert {"h_W", "v_W", "v_u", "h_u"} <= derivation.names
    assert max(checked_module(derivation.first, derivatives=BOTH).errors.values()) < TOLERANCE


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(InvalidDescription, match="no Hessian by 'V'; expected one of W, b"):
        hessian_block(second("softmax_labels"), "V")
    module = load(second("softmax_labels").first, derivatives=BOTH, verify=False)
    rng = np.random.default_rng(6)
    with pytest.raises(ValueError, match="wrt: found 'V', expected one of W, b"):
        module.hessian(module.init(rng), *module.sample(rng), "V")


def test_a_direction_of_another_shape_is_refused() -> None:
    module = checked("softmax_labels").module
    rng = np.random.default_rng(7)
    params = module.init(rng)
    with pytest.raises(ValueError, match=re.escape("direction.W: found shape (2, 2), expected (7, 3)")):
        module.hessian_vector_product(params, *module.sample(rng), params._replace(W=np.zeros((2, 2))))


def test_bad_requests_are_refused(tmp_path: Path) -> None:
    derivation = derive(Network(2, [Dense(3, "tanh")]))
    with pytest.raises(InvalidDescription, match=r"derivatives: found 'hessan'.*did you mean 'hessian'"):
        write_module(derivation, tmp_path / "network.py", derivatives=("hessan",))


def test_many_parameters_have_hessians_by_columns_and_two_have_a_block_between() -> None:
    """−log σ: of 42 parameters no function each; H[W1,b2] and H[b2,W1] are transposes of each other, and parts of products."""
    rng = np.random.default_rng(8)
    deep = load(derive(Network.stack("-".join(["2"] * 22))), derivatives=("hessian",), verify=False)
    params, data = deep.init(rng), deep.sample(rng)
    one, other = deep.hessian(params, *data, "W20", "b21"), deep.hessian(params, *data, "b21", "W20")
    assert one.shape == (2, 2, 2)
    assert np.any(one)
    assert np.allclose(one, np.moveaxis(other, 0, -1), rtol=1e-10, atol=1e-16)
    assert "_hessian_W20" not in vars(deep)
    small = load(derive(Network.stack("2-3-2")), derivatives=("hessian",))
    params, data = small.init(rng), small.sample(rng)
    direction = small.Parameters(*(np.zeros(array.shape) for array in params))
    direction.W2[...] = rng.standard_normal((2, 3))
    found = np.tensordot(small.hessian(params, *data, "W1", "W2"), direction.W2, 2)
    assert np.allclose(found, small.hessian_vector_product(params, *data, direction).W1, rtol=0, atol=1e-15)
    with pytest.raises(ValueError, match="by: found 'q', expected one of W1, b1, W2, b2"):
        small.hessian(params, *data, "W1", "q")


def test_depth_costs_little() -> None:
    """Equal layers are derived once the second time too."""
    derivation = derive_again(derive(Network.stack("-".join(["7"] * 61), "tanh")))
    assert len(derivation.derivation.adjoints) > 400
    assert sum(adjoint.is_first_of_kind for adjoint in derivation.derivation.adjoints.values()) < 20


def test_build_and_check_take_derivatives(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "chainrule", *arguments], capture_output=True, text=True)

    out = tmp_path / "out"
    made = run("build", "3-5-2", "--derivatives", "gradient,hvp,hessian", "--formats", "", "-o", str(out))
    assert made.returncode == 0, made.stderr
    tested = subprocess.run([sys.executable, "-m", "pytest", "-q", "test_network_3_5_2.py"], cwd=out, capture_output=True, text=True)
    assert tested.returncode == 0, tested.stdout
    table = run("check", "3-5-2", "--derivatives", "hvp")
    assert table.returncode == 0
    assert "hessian_vector_product W1" in table.stdout
    wrong = run("check", "3-5-2", "--derivatives", "hpv")
    assert wrong.returncode == 2
    assert "did you mean 'hvp'?" in wrong.stderr
    assert "Traceback" not in wrong.stderr


@pytest.mark.parametrize("style", STYLES)
def test_a_hessian_of_several_parameters_is_a_matrix(style: str) -> None:
    """Times a direction it is the Hessian-vector product; a matrix of some of them is a part of it."""
    module = load(derive(Network(3, [Dense(2, "tanh"), Dense(5)], "quadratic", name="net")), derivatives=("hvp", "hessian"), style=style)
    rng = np.random.default_rng(6)
    params, data = module.init(rng), module.sample(rng)
    names = module.Parameters._fields
    whole = module.hessian(params, *data, names)
    assert whole.shape == (23, 23)
    direction = module.Parameters(*(rng.standard_normal(array.shape) for array in params))
    along = np.concatenate([array.reshape(-1) for array in direction])
    product = np.concatenate([array.reshape(-1) for array in module.hessian_vector_product(params, *data, direction)])
    np.testing.assert_allclose(whole @ along, product, rtol=0, atol=1e-13)
    np.testing.assert_allclose(whole, whole.T, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(module.hessian(params, *data, ("b1", "W2"), "W1"), whole[6:18, :6])
    with pytest.raises(ValueError, match="by: found 'q', expected one of W1, b1, W2, b2"):
        module.hessian(params, *data, ("W1", "b1"), ("W1", "q"))
