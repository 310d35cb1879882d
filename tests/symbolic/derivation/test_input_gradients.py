"""Gradients in inputs: of every network by complex steps, in modules of both styles, asked for in a description or by an option."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from equation_networks import NETWORKS
from test_command_line import chainrule

from chainrule import Dense, InvalidDescription, Network, derive, load, read_description
from chainrule.codegen.backends.registry import BACKENDS, NUMPY
from chainrule.codegen.checking.deep_check import DeepCheckExtent, deep_check
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.language.system_reader import system_from_equations

#: Of modules in Python, which alone have more than a gradient in the parameters.
STYLES = tuple(BACKENDS[NUMPY].styles)

#: relu, then softmax with cross-entropy: what "the gradient in the image" is asked of.
CLASSIFIER = """
name = "classifier"
input = 3
{asked}
[[layers]]
units = 2
activation = "relu"
[[layers]]
units = 3
activation = "softmax"
[cost]
kind = "cross_entropy"
targets = "labels"
"""
PARAMETERS = {
    "W1": [[0.5, -0.25, 0.75], [-1.0, 0.5, 0.25]],
    "b1": [0.125, -0.5],
    "W2": [[1.0, -0.5], [0.25, 0.75], [-0.5, 0.5]],
    "b2": [0.0, 0.25, -0.125],
}
X = [[0.2, -0.4, 0.6], [1.0, 0.5, -1.5], [-0.3, 0.8, 0.1], [0.7, 0.7, -0.2], [0.0, -1.0, 0.5]]
Y = [2, 0, 1, 1, 0]
#: x.grad of torch.nn.functional.cross_entropy (2.13, float64) for these arrays.
BY_TORCH = [
    [0.1022334048985576, -0.0511167024492788, 0.1533501073478365],
    [0.0, 0.0, 0.0],
    [0.0801997484822057, -0.0400998742411029, -0.0200499371205514],
    [0.0077656717907551, -0.0038828358953776, 0.0116485076861327],
    [-0.0484841689568194, 0.0242420844784097, -0.072726253435229],
]


def described(folder: Path, asked: str) -> str:
    path = folder / "classifier.toml"
    path.write_text(CLASSIFIER.format(asked=asked))
    return str(path)


@pytest.mark.parametrize("style", STYLES)
def test_an_adversarial_image_needs_the_gradient_that_torch_finds(tmp_path: Path, style: str) -> None:
    description = read_description(described(tmp_path, "input_gradients = true"))
    module = load(derive(description.network, description.wrt), style=style)
    params = module.Parameters(**{name: np.array(array) for name, array in PARAMETERS.items()})
    x, y = np.array(X), np.array(Y)
    found = module.input_gradients(params, x, y)
    assert np.allclose(found.x, BY_TORCH, rtol=0, atol=1e-14)
    assert module.cost(params, x + 0.1 * np.sign(found.x), y) > module.cost(params, x, y)


def by_inputs(name: str) -> Derivation:
    system = system_from_equations(**NETWORKS[name])
    return derive(system, [tensor.name for tensor in system.inputs if not tensor.is_integer])


@pytest.mark.parametrize("name", NETWORKS)
def test_inputs_of_every_network_by_complex_steps(name: str) -> None:
    verify(by_inputs(name))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", ["masked_cross_entropy_over_time", "conv2d_stride", "max_pooling_overlapping", "attention"])
def test_inputs_of_a_module(name: str, style: str) -> None:
    module = load(by_inputs(name), style=style)
    assert set(module.check(np.random.default_rng(1))) > set(module.Parameters._fields)


def test_the_other_gradients_stay_what_they_are() -> None:
    network = Network(3, [Dense(2, "tanh"), Dense(5)], name="stack")
    plain, more = derive(network), derive(network, ["x"])
    assert set(more.adjoints) - set(plain.adjoints) == {"x"}
    assert all(more.gradient(name) == plain.gradient(name) for name in plain.adjoints)
    assert str(more.gradient("x")) == "Sum(W1[j, i]*dz1[n, j], (j, 0, 1))"


def test_a_deep_check_tries_inputs_in_both_styles() -> None:
    found = deep_check(derive(Network(2, [Dense(3, "tanh"), Dense(2)], name="deep"), ["x"]), extent=DeepCheckExtent(1, ((3, 2, 5),)))
    assert not found.failed
    assert {finding.subject for finding in found.findings if finding.check == "gradients"} >= {f"x, {style}" for style in STYLES}


def test_an_input_that_the_cost_does_not_depend_on_has_the_gradient_0() -> None:
    system = system_from_equations("C = sum(i, w[i]**2) + 0*sum(n, x[n])", ["w[i]"], ["x[n]"], name="apart")
    module = load(derive(system, ["x"]))
    found = module.input_gradients(module.Parameters(np.ones(3)), np.ones(2))
    assert np.array_equal(found.x, np.zeros(2))


def test_labels_have_no_gradient(tmp_path: Path) -> None:
    with pytest.raises(InvalidDescription, match=r"no gradient of 'y': its entries are labels"):
        derive(read_description(described(tmp_path, "")).network, ["y"])
    answer = chainrule("derive", described(tmp_path, ""), "--wrt", "y", cwd=tmp_path)
    assert answer.returncode == 2
    assert "no gradient of 'y'" in answer.stderr


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ('input_gradients = ["q"]', "classifier.toml:4: unknown input 'q' in input_gradients; expected one of x"),
        ("input_gradients = 3", "classifier.toml:4: input_gradients: found 3, expected true, or a list of inputs"),
    ],
)
def test_what_is_asked_of_a_description_is_said_with_its_line(tmp_path: Path, asked: str, said: str) -> None:
    with pytest.raises(InvalidDescription) as raised:
        read_description(described(tmp_path, asked))
    assert said in str(raised.value)


def test_a_network_of_labels_alone_has_no_input_to_differentiate_by(tmp_path: Path) -> None:
    path = tmp_path / "words.toml"
    path.write_text(
        'name = "words"\ninputs = ["tok[n] in v"]\ntargets = ["y[n,d]"]\nparameters = ["E[v,d]"]\n'
        'equations = "C = mean(n, sum(d, (E[tok[n],d] - y[n,d])**2))"\ninput_gradients = true\n'
    )
    with pytest.raises(InvalidDescription, match=r"words.toml:6: input_gradients: tok holds labels"):
        read_description(path)


def test_derive_check_and_build_take_it(tmp_path: Path) -> None:
    path = described(tmp_path, "")
    shown = chainrule("derive", path, "--wrt", "x", "--level", "matrix", cwd=tmp_path)
    assert shown.stdout == "dx (N, 3) = dz1 W1\n"
    assert "input_gradients x" in chainrule("check", path, "--input-gradients", cwd=tmp_path).stdout
    built = chainrule("build", path, "--input-gradients", "--formats", "md", "--length", "full", "-o", str(tmp_path / "out"), cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    assert r"### The gradient $\partial C / \partial x$" in (tmp_path / "out" / "classifier.md").read_text()
    assert "def input_gradients(params: Parameters, x, y) -> InputGradients:" in (tmp_path / "out" / "classifier.py").read_text()
