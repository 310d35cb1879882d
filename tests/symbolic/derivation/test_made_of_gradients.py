"""Products with Jacobians, gradients of single examples and curvature: against PyTorch, in both styles, in documents, and where refused."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from derived_networks import derived
from equation_networks import NETWORKS
from test_command_line import chainrule

from chainrule import CheckFailed, Dense, InvalidDescription, Network, derive, load
from chainrule.codegen.backends.registry import BACKENDS, NUMPY
from chainrule.codegen.checking.deep_check import DeepCheckExtent, deep_check
from chainrule.codegen.checking.derived_check import check_functions
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.checking.point import random_point
from chainrule.codegen.program.derivative_kinds import FUNCTIONS
from chainrule.codegen.program.derived_functions import derived_functions
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.per_example import derive_per_example
from chainrule.symbolic.derivation.vector_products import jacobian_vector, vector_jacobian
from chainrule.symbolic.language.system_reader import system_from_equations

#: Of modules in Python, which alone have more than a gradient in the parameters.
STYLES = tuple(BACKENDS[NUMPY].styles)

STACK = Network(3, [Dense(2, "tanh"), Dense(3, "softmax")], "cross_entropy", targets="labels", name="stack")
PARAMETERS = {
    "W1": [[0.5, -0.25, 0.75], [-1.0, 0.5, 0.25]],
    "b1": [0.125, -0.5],
    "W2": [[1.0, -0.5], [0.25, 0.75], [-0.5, 0.5]],
    "b2": [0.0, 0.25, -0.125],
}
X = np.array([[0.2, -0.4, 0.6], [1.0, 0.5, -1.5], [-0.3, 0.8, 0.1], [0.7, 0.7, -0.2], [0.0, -1.0, 0.5]])
Y = np.array([2, 0, 1, 1, 0])
#: Of torch.func (2.13, float64): Σ_m cos(m) over the entries of each array. The Gauss–Newton matrix is that of the logits; cotangents and
#: directions are pieces of sin(1 + 1.7 m).
BY_TORCH: dict[str, dict[str, float]] = {
    "vjp": {"W1": -0.8380810420142447, "b1": -0.29700606768059595, "W2": 0.4765118217768911, "b2": -0.1505521277559193},
    "jvp": {"": -0.6012997037303416},
    "per_example_gradients": {
        "W1": -0.07462284660804282,
        "b1": 0.3567426627228859,
        "W2": 1.7172495078336212,
        "b2": 1.468812674014338,
    },
    "jacobian": {"W1": 0.436218779021343, "b1": 0.4075911776237179, "W2": -0.1504623299813683, "b2": -0.07051256601292763},
    "fisher": {"W1": -0.018421400644500416, "b1": 0.20326135207360518, "W2": 0.031663832009854564, "b2": 0.27156163307837644},
    "gnvp": {"W1": -0.03909006254899998, "b1": -0.0753254574204557, "W2": -0.05058690250516968, "b2": -0.16327576373186836},
    "kfac": {"AW1": -0.6432827105054807, "GW1": 0.0627099163967813, "AW2": -0.23535647865178863, "GW2": -0.017141120057560646},
}
#: Of DP-SGD: the norm of each example's gradient, of torch.func.vmap(grad(…)).
NORMS = [1.7870237232490145, 1.4782989445127857, 0.853577773958724, 1.3295180362544967, 0.7088753570492361]


@cache
def module_of(style: str) -> ModuleType:
    return load(derive(STACK), derivatives=tuple(FUNCTIONS), style=style)


def pieces(*shapes: tuple[int, ...]) -> list[np.ndarray[Any, Any]]:
    sizes = [int(np.prod(shape)) for shape in shapes]
    parts = np.split(np.sin(1 + 1.7 * np.arange(sum(sizes))), np.cumsum(sizes)[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def number(array: Any) -> float:
    flat = np.asarray(array).reshape(-1)
    return float(flat @ np.cos(np.arange(flat.size)))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", FUNCTIONS)
def test_torch_finds_the_same(kind: str, style: str) -> None:
    module = module_of(style)
    params = module.Parameters(**{name: np.array(array) for name, array in PARAMETERS.items()})
    direction = module.Parameters(*pieces(*(array.shape for array in params)))
    found = {
        "vjp": lambda: module.vjp(params, X, "a2", pieces((5, 3))[0]),
        "jvp": lambda: module.jvp(params, X, "a2", direction),
        "per_example_gradients": lambda: module.per_example_gradients(params, X, Y),
        "fisher": lambda: module.fisher_diagonal(params, X, Y),
        "gnvp": lambda: module.gauss_newton_vector_product(params, X, Y, direction),
        "jacobian": lambda: module.Parameters(*(module.jacobian(params, X, name) for name in PARAMETERS)),
        "kfac": lambda: module.kronecker_factors(params, X, Y),
    }[kind]()
    for name, expected in BY_TORCH[kind].items():
        assert abs(number(getattr(found, name) if name else found) - expected) < 1e-13
    if kind == "per_example_gradients":
        norms = np.sqrt(sum(np.sum(array.reshape(5, -1) ** 2, axis=1) for array in found))
        assert np.allclose(norms, NORMS, rtol=0, atol=1e-13)
        assert np.allclose(found.W1.mean(0), module.cost_and_gradients(params, X, Y)[1].W1, rtol=0, atol=1e-14)


def test_gauss_newton_of_a_small_regression_is_j_transposed_j() -> None:
    """f[n] = exp(−w₀ x[n]) + w₁ with ½ Σ (f − y)²: J has the rows (−x exp(−w₀ x), 1)."""
    system = system_from_equations("f[n] = exp(-u*x[n]) + v\nC = sum(n, (f[n] - y[n])**2)/2", ["u", "v"], ["x[n]"], ["y[n]"], name="decay")
    module = load(derive(system), derivatives=("gnvp",))
    x = np.array([0.5, 1.25, 2.0])
    jacobian = np.stack([-x * np.exp(-0.75 * x), np.ones(3)], axis=1)
    params = module.Parameters(np.array(0.75), np.array(0.25))
    for column, direction in enumerate([(1.0, 0.0), (0.0, 1.0)]):
        found = module.gauss_newton_vector_product(params, x, np.array([1.0, 0.0, 0.5]), module.Parameters(*map(np.array, direction)))
        assert np.allclose(np.array(found), (jacobian.T @ jacobian)[:, column], rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    "name", ["attention", "conv2d_stride", "max_pooling", "embedding", "gaussian_nll", "masked_cross_entropy_over_time"]
)
def test_products_with_jacobians_by_complex_steps(name: str) -> None:
    first = derived(f"equations {name}")
    reached = first.system.depending_on(tensor.name for tensor in first.system.parameters)
    of = [equation.tensor.name for equation in first.system.equations if equation.tensor.name in reached and equation.indices][-1]
    verify(vector_jacobian(first, of).derivation, ())
    verify(jacobian_vector(first, of).derivation, ())


@pytest.mark.parametrize(
    "name", ["attention", "conv2d_stride", "max_pooling", "embedding", "softmax_labels", "layer_norm", "autoencoder_tied"]
)
def test_gradients_of_single_examples_by_complex_steps(name: str) -> None:
    verify(derive_per_example(derive(replace(system_from_equations(**NETWORKS[name]), batch="n"))).derivation, ())


def test_a_convolution_has_kronecker_factors_over_its_places() -> None:
    system = system_from_equations(
        "z[n,o,i] = sum(c, p, K[o,c,p]*x[n,c,i+p])\nC = mean(n, sum(o, i, (z[n,o,i] - y[n,o,i])**2)/2)",
        ["K[o,c,p]"],
        ["x[n,c,u]"],
        ["y[n,o,i]"],
        sizes={"u": 5, "p": 3},
        batch="n",
        name="conv",
    )
    module = load(derive(system), derivatives=("kfac",))
    rng = np.random.default_rng(2)
    kernel, x, y = rng.standard_normal((2, 2, 3)), rng.standard_normal((4, 2, 5)), rng.standard_normal((4, 2, 3))
    found = module.kronecker_factors(module.Parameters(kernel), x, y)
    patches = np.stack([x[:, :, place : place + 3] for place in range(3)])
    residual = np.einsum("ocp,sncp->nos", kernel, patches) - y
    assert np.allclose(found.AK, np.einsum("sncp,sndq->cpdq", patches, patches) / 4, rtol=0, atol=1e-13)
    assert np.allclose(found.GK, np.einsum("nos,nrs->or", residual, residual) / 12, rtol=0, atol=1e-13)


def test_examples_that_mix_are_refused_with_the_equation() -> None:
    with pytest.raises(InvalidDescription, match=r"no gradients of single examples: they mix in m\[j\] = "):
        derive_per_example(
            derive(
                system_from_equations(
                    "z[n,j] = sum(k, W[j,k]*x[n,k])\nm[j] = mean(n, z[n,j])\nC = mean(n, sum(j, (z[n,j] - m[j])**2))",
                    ["W[j,k]"],
                    ["x[n,k]"],
                    name="mixed",
                    batch="n",
                )
            )
        )


def test_without_examples_or_factors_it_is_said() -> None:
    one = derive(system_from_equations("C = sum(i, j, W[i,j]**2)", ["W[i,j]"], name="one", batch=None))
    with pytest.raises(InvalidDescription, match="no axis of examples"):
        derive_per_example(one)
    with pytest.raises(InvalidDescription, match="no Gauss–Newton product"):
        derived_functions(one, ["gnvp"])
    with pytest.raises(InvalidDescription, match="no Kronecker factors"):
        derived_functions(derive(system_from_equations(**NETWORKS["logistic_regression"])), ["kfac"])


def test_a_penalty_is_of_no_example() -> None:
    network = Network(2, [Dense(3, "tanh"), Dense(2)], name="penal", regularisation={"l2": 0.1})
    module = load(derive(network), derivatives=("per_example_gradients",))
    rng = np.random.default_rng(3)
    params, (x, y) = module.init(rng), module.sample(rng)
    rest = module.cost_and_gradients(params, x, y)[1].W1 - module.per_example_gradients(params, x, y).W1.mean(0)
    assert np.allclose(rest, 0.2 * params.W1, rtol=0, atol=1e-15)


def test_a_wrong_function_is_found() -> None:
    derivation = derive(STACK)
    checked = checked_module(derivation, derivatives=("fisher",))
    assert checked.further is not None
    assert checked.further.derived is not None
    right = checked.module.fisher_diagonal
    checked.module.__dict__["fisher_diagonal"] = lambda *arguments: right(*arguments)._replace(b1=2 * right(*arguments).b1)
    point = random_point(derivation, 0, {"n": 5, "i": 3, "j": 2, "k": 3})
    with pytest.raises(CheckFailed, match="fisher_diagonal b1 differs by"):
        check_functions(checked.further.derived, checked.module, point)


def test_the_deep_check_tries_them() -> None:
    found = deep_check(derive(STACK), derivatives=("jvp", "fisher"), extent=DeepCheckExtent(1, ((3, 2, 5),)))
    assert not found.failed
    assert {finding.subject for finding in found.findings} >= {"_jvp_a2, fast", "fisher_diagonal, plain"}


def test_a_name_that_no_tensor_has_is_refused() -> None:
    module = module_of("plain")
    params = module.Parameters(**{name: np.array(array) for name, array in PARAMETERS.items()})
    with pytest.raises(ValueError, match="name: found 'q', expected one of z1, a1, z2, a2"):
        module.vjp(params, X, "q", np.zeros((5, 3)))
    with pytest.raises(ValueError, match=r"cotangent: found shape \(2, 2\), expected \(5, 3\)"):
        module.vjp(params, X, "a2", np.zeros((2, 2)))


def test_build_writes_them_into_documents(tmp_path: Path) -> None:
    kinds = ",".join(FUNCTIONS)
    for language in ("en", "zh-TW", "zh-CN"):
        arguments = ("--derivatives", kinds, "--formats", "md", "--language", language, "-o", str(tmp_path / language))
        built = chainrule("build", "2-3-2", *arguments, cwd=tmp_path)
        assert built.returncode == 0, built.stderr
    name = next((tmp_path / "en").glob("*.md")).name
    text = (tmp_path / "en" / name).read_text()
    assert "### Kronecker factors of the curvature" in text
    assert r"\mathrm{A}w^{(1)}_{ii'} &= \frac{1}{N} \, \sum_{n} x_{ni} \, x_{ni'}" in text
    assert "曲率的克羅內克因子" in (tmp_path / "zh-TW" / name).read_text()


@pytest.mark.parametrize("style", STYLES)
def test_the_check_of_products_holds_what_is_stopped(style: str) -> None:
    """Rounding, straight through: entries change by steps alone, and their slope is that of what is rounded."""
    equations = "z[n,j] = sum(k, W[j,k]*x[n,k])\nh[n,j] = z[n,j] + stop(round(z[n,j]) - z[n,j])\nC = mean(n, sum(j, (h[n,j] - y[n,j])**2))"
    system = system_from_equations(equations, ["W[j,k]"], ["x[n,k]"], ["y[n,j]"], sizes={"j": 2, "k": 3}, batch="n", name="rounded")
    module = load(derive(system), derivatives=("vjp", "jvp", "jacobian"), style=style)
    errors = module.check(np.random.default_rng(0))
    assert set(errors) == {"W", "vjp z", "vjp h", "jvp z", "jvp h", "jacobian W"}
    assert max(errors.values()) < 1e-8


@pytest.mark.parametrize("style", STYLES)
def test_the_check_finds_wrong_curvature(style: str) -> None:
    """A factor of the Fisher diagonal, and one that a mean over the examples has too."""
    module = load(derive(STACK), derivatives=("fisher", "kfac"), style=style)
    names = [*PARAMETERS, *(f"fisher_diagonal {name}" for name in PARAMETERS), "kronecker_factors W1", "kronecker_factors W2"]
    assert list(module.check(np.random.default_rng(1))) == names
    assert max(module.check(np.random.default_rng(1)).values()) < 1e-8
    fisher, factors = module.fisher_diagonal, module.kronecker_factors
    module.__dict__["fisher_diagonal"] = lambda *arguments: fisher(*arguments)._replace(b1=2 * fisher(*arguments).b1)
    module.__dict__["kronecker_factors"] = lambda *arguments: factors(*arguments)._replace(GW2=2 * factors(*arguments).GW2)
    errors = module.check(np.random.default_rng(1))
    assert [name for name, error in errors.items() if error > 1e-3] == ["fisher_diagonal b1", "kronecker_factors W2"]
