"""What a summary counts: shapes, parameters, and operations as one counts them by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_command_line import chainrule

from chainrule import Dense, InvalidDescription, Layer, Network, derive, load, summary

N, INPUT, HIDDEN, OUTPUT = 11, 7, 5, 3
STACK = Network(INPUT, [Dense(HIDDEN, "tanh"), Dense(OUTPUT, "identity")], "quadratic", name="stack")
PICTURE = Network(
    (2, 13, 11), [Layer("conv2d", {"channels": 3, "kernel": 5}, "relu"), Layer("flatten"), Dense(OUTPUT, "softmax")], "cross_entropy"
)


def test_operations_of_dense_layers_are_those_of_their_products() -> None:
    """A product of an I × J and a J × K array takes 2 I J K; z = W x + b adds its bias, tanh counts once."""
    first, second, cost = summary(derive(STACK), N).parts
    assert first.forward == 2 * N * HIDDEN * INPUT + 2 * N * HIDDEN
    assert second.forward == 2 * N * OUTPUT * HIDDEN + N * OUTPUT
    # dW1 is a product, db1 a sum, dz1 = da1 (1 - a1²) three operations an entry; the input has no gradient.
    assert first.backward == 2 * N * HIDDEN * INPUT + N * HIDDEN + 3 * N * HIDDEN
    # dW2 and da1 are products, db2 a sum.
    assert second.backward == 2 * (2 * N * OUTPUT * HIDDEN) + N * OUTPUT
    assert (first.shape, second.shape, cost.parameters) == ("(N, 5)", "(N, 3)", 0)


def test_a_convolution_is_counted_by_its_window() -> None:
    convolution, flatten, *_ = summary(derive(PICTURE), N).parts
    places = 3 * 9 * 7
    assert convolution.does == "conv2d channels=3 kernel=5, relu"
    assert convolution.shape == "(N, 3, 9, 7)"
    assert convolution.parameters == 3 * 2 * 25 + 3
    assert convolution.forward == N * places * (2 * 2 * 25 + 2)
    assert (flatten.parameters, flatten.shape) == (0, "(N, 189)")


@pytest.mark.parametrize("network", [STACK, PICTURE], ids=["stack", "picture"])
def test_parameters_are_those_of_the_module(network: Network) -> None:
    params = load(derive(network)).init(np.random.default_rng(0))
    found = summary(derive(network))
    assert found.parameters == sum(array.size for array in params)
    assert found.bytes("float64") == 2 * found.bytes("float32")


def test_a_system_of_equations_has_a_row_for_each_and_every_operation_in_one() -> None:
    recurrent = derive(
        "name = 'steps'\nbatch = 'n'\ninputs = ['x[n,t,i]']\nparameters = ['W[j,i]', 'U[j,k]']\nsizes = {i = 3, j = 5, k = 5}\n"
        "equations = '''\nh[n,t,j] = tanh(sum(i, W[j,i]*x[n,t,i]) + sum(k, U[j,k]*h[n,t-1,k]))\nC = sum(n, t, j, h[n,t,j]**2)\n'''\n"
    )
    state, cost = summary(recurrent, N).parts
    assert (state.name, state.parameters, cost.name) == ("h", 3 * 5 + 5 * 5, "C")
    assert summary(recurrent, 2 * N).forward > 1.9 * summary(recurrent, N).forward


def test_it_shows_itself_as_text_and_as_a_table_of_a_notebook() -> None:
    found = summary(derive(STACK), N)
    assert "dense units=5, tanh" in str(found)
    assert "N = 11" in str(found)
    assert max(map(len, str(found).splitlines())) <= 120
    html = found._repr_html_()
    assert html.count("<tr>") == 1 + len(found.parts) + 1
    assert f"{found.parameters:,}" in html


def test_what_a_description_writes_is_no_markup() -> None:
    found = summary(derive(Network(2, [Dense(3, "where(z < 1, z, z**2)")])))
    assert "z &lt; 1" in found._repr_html_()


def test_the_command(tmp_path: Path) -> None:
    done = chainrule("summary", "7-5-3", "--batch", "11", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "dense units=5, sigmoid" in done.stdout
    assert chainrule("summary", "7-5-3", "--batch", "0", cwd=tmp_path).returncode == 2


def test_a_number_of_examples_where_there_is_no_choice_is_refused() -> None:
    fixed = derive("name = 'fixed'\ninputs = ['x[i]']\nparameters = ['w[i]']\nsizes = {i = 3}\nequations = 'C = sum(i, w[i]*x[i])'\n")
    with pytest.raises(InvalidDescription, match="leave --batch out"):
        summary(fixed, 5)
