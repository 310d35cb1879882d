"""Numbers of a worked example, of any network: equations, layers of any kind, stacks without bias."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chainrule import InvalidDescription, Network, derive, load
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.build import Choices, build
from chainrule.codegen.descriptions.example_reader import Example
from chainrule.codegen.descriptions.reader import Description, read_description
from chainrule.codegen.lesson.worked_example import worked_example


def read(folder: Path, text: str) -> Description:
    (folder / "net.toml").write_text(text)
    return read_description(folder / "net.toml")


EQUATIONS = """
name = "net"
batch = "n"
inputs = ["X[n,k]", "tok[n,t] in v"]
targets = ["y[n] in unit"]
parameters = ["w[k]", "E[v]", "b"]
equations = \"\"\"
a[n] = sigmoid(sum(k, w[k]*X[n,k]) + mean(t, E[tok[n,t]]) + b)
C = -mean(n, y[n]*log(a[n]) + (1 - y[n])*log(1 - a[n]))
\"\"\"
"""
IMAGE = """
name = "net"
input = [1, 2, 3]

[[layers]]
kind = "conv2d"
channels = 2
kernel = [1, 2]
bias = false

[[layers]]
kind = "dropout"

[[layers]]
kind = "flatten"

[[layers]]
units = 2
activation = "softmax"
bias = false

[cost]
kind = "cross_entropy"
targets = "labels"
"""
NUMBERS = """
[example]
X = [[1, 2, 3], [4, 5, 6]]
tok = [[0, 1, 1, 4], [2, 0, 0, 3]]
learning_rate = 0.25

[example.parameters]
w = [0.1, 0.2, 0.3]
E = [1, 2, 3, 4, 5]
b = -0.5
"""


def test_numbers_of_equations_are_worked_with(tmp_path: Path) -> None:
    """What is not given is drawn, at the sizes of what is."""
    description = read(tmp_path, EQUATIONS + NUMBERS)
    example = description.example
    assert example is not None
    assert example.sizes == {"n": 2, "k": 3, "t": 4, "v": 5}
    worked = worked_example(description.system, load(derive(description.network)), example, of_layers=False)
    X, tok, y = worked.data
    np.testing.assert_array_equal(X, [[1, 2, 3], [4, 5, 6]])
    assert (tok.dtype.kind, y.shape) == ("i", (2,))
    score = X @ [0.1, 0.2, 0.3] + np.array([1, 2, 3, 4, 5])[tok].mean(axis=1) - 0.5
    np.testing.assert_allclose(worked.values["a"], 1 / (1 + np.exp(-score)))
    assert worked.new_params.b == pytest.approx(-0.5 - 0.25 * worked.gradients.b)
    assert worked.source == "mixed"


def test_numbers_of_an_image_are_worked_with(tmp_path: Path) -> None:
    """One example needs no brackets of its own; a mask is an input too."""
    numbers = "[example]\nx = [[[1, 2, 3], [4, 5, 6]]]\ny = 1\nmask2 = [[[1, 0], [1, 1]], [[0, 1], [1, 1]]]\n"
    description = read(tmp_path, IMAGE + numbers + "[example.parameters]\nW1 = [[[[1, -1]]], [[[2, 0]]]]\n")
    worked = worked_example(description.system, load(derive(description.network)), description.example, of_layers=False)
    assert [array.shape for array in worked.data] == [(1, 1, 2, 3), (1, 2, 2, 2), (1,)]
    np.testing.assert_array_equal(worked.values["a1"][0, 1], [[2, 4], [8, 10]])
    np.testing.assert_array_equal(worked.values["a2"][0, 0], [[-2, 0], [-2, -2]])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (EQUATIONS + "[example]\nX = [[1, 2], [3]]\n", "X of [example], row 2: found a list of 1, expected a list of 2 numbers"),
        (
            EQUATIONS + "[example]\nX = [[1, 2]]\n[example.parameters]\nw = [1, 2, 3]\n",
            "w of parameters of [example]: found 3 numbers, expected 2, as in X",
        ),
        (EQUATIONS + "[example]\nX = [[1, 2]]\ny = [0.5, 0.5]\n", "y of [example]: found 2 examples, expected 1, as in X"),
        (
            EQUATIONS + "[example]\ntok = [[0, 1.5]]\n",
            "tok of [example], row 1, entry 2: found 1.5, expected a label: a whole number from 0",
        ),
        (EQUATIONS + "[example]\ny = [1.5]\n", "y of [example]: found 1.5, expected numbers from 0 to 1"),
        (EQUATIONS + "[example]\nZ = [1.5]\n", "unknown key 'Z' in [example]; expected one of X, tok, y, parameters, learning_rate, note"),
        (EQUATIONS + "[example.parameters]\nb = [1]\n", "b of parameters of [example]: found a list of 1, expected a finite number"),
        (
            IMAGE + "[example]\nx = [[1, 2, 3], [4, 5, 6]]\n",
            "x of [example], row 1: found a list of 3, expected a list of 1 rows of 2 numbers",
        ),
        (
            IMAGE + "[example]\nx = [[[1, 2, 3], [4, 5]]]\n",
            "x of [example], row 1, row 1, row 2: found a list of 2, expected a list of 3 numbers",
        ),
        (IMAGE + "[example]\ny = [2]\n", "y of [example], entry 1: found 2, expected a label: a whole number from 0 to 1"),
    ],
)
def test_numbers_that_do_not_fit_are_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidDescription) as raised:
        read(tmp_path, text)
    assert said in str(raised.value)


def test_documents_have_the_numbers(tmp_path: Path) -> None:
    description = read(tmp_path, IMAGE + "[example]\nx = [[[0.125, 0.25, 3], [4, 5, 6]]]\ny = 1\nnote = 'Four pixels and two.'\n")
    build(description, tmp_path / "built", Choices(("md", "ipynb"), length="full"))
    assert "0.125" in (tmp_path / "built" / "net.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("style", ["plain", "fast"])
def test_a_module_starts_at_the_numbers_of_a_description(tmp_path: Path, style: str) -> None:
    """Those that are given; the documents work with them too, where [example.parameters] says nothing else."""
    initial = "[initial]\nW1 = [[[[1, -1]]], [[[2, 0]]]]\n"
    description = read(tmp_path, IMAGE + initial)
    module = load(derive(description.network), style=style)
    first, second = (module.init(np.random.default_rng(seed), np.float32) for seed in (0, 1))
    np.testing.assert_array_equal(first.W1, np.array([[[[1, -1]]], [[[2, 0]]]], np.float32))
    assert (first.W1.dtype, np.array_equal(first.W4, second.W4)) == (np.float32, False)
    worked = worked_example(description.system, module, description.example, of_layers=False)
    np.testing.assert_array_equal(worked.params.W1, first.W1)


def test_many_first_values_take_several_lines(tmp_path: Path) -> None:
    numbers = np.round(np.sin(np.arange(300)), 4).reshape(20, 15)
    text = (
        f'name = "net"\ninput = 15\n[initial]\nW1 = {numbers.tolist()}\nb1 = {[0.5] * 20}\n[[layers]]\nunits = 20\n[cost]\nkind = "mae"\n'
    )
    derivation = derive(read(tmp_path, text).network)
    module = load(derivation, verify=False)
    found = module.init(np.random.default_rng(0))
    np.testing.assert_array_equal(found.W1, numbers)
    np.testing.assert_array_equal(found.b1, [0.5] * 20)
    source = module_source(derivation)
    assert "First values: those of the description." in source
    assert max(map(len, source.splitlines())) <= 140


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (IMAGE + "[initial]\nW1 = [[[[1, -1, 2]]], [[[2, 0, 3]]]]\n", "W1 of [initial], row 1, row 1, row 1: found a list of 3"),
        (IMAGE + "[initial]\nb1 = [1, 2]\n", "unknown parameter 'b1' in [initial]; expected one of W1, W4"),
        (
            EQUATIONS + "[initial]\nw = [1, 2]\n",
            "w of [initial]: its size along k is open; expected one that is fixed, as in sizes = { k = 3 }",
        ),
    ],
)
def test_first_values_that_do_not_fit_are_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidDescription) as raised:
        read(tmp_path, text)
    assert said in str(raised.value)


def test_a_document_says_where_its_numbers_are_from() -> None:
    equations, parameters = "u = w*x\nC = (u - y)**2", ["w"]
    network = Network.from_equations(equations, parameters, ["x"], ["y"])
    for example, source in (
        (Example(), "random"),
        (Example(arrays={"x": 0.5, "y": 0.25}), "mixed"),
        (Example(arrays={"x": 0.5, "y": 0.25}, parameters={"w": 2.0}), "given"),
    ):
        derivation = derive(network)
        assert worked_example(network, load(derivation), example, of_layers=False).source == source
