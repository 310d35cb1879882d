"""Systems made of systems: one example, single entries, columns for rows, nodes of a graph; each is derived and holds like the first."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import sympy

from chainrule import Dense, Network, derive
from chainrule.codegen.formats.latex_piece import latex_lines
from chainrule.codegen.formats.text import PLAIN_WIDTH, text_lines
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.codegen.formulas.printers import PLAIN, in_notation
from chainrule.codegen.lesson.derivation_document import derivation_document
from chainrule.symbolic.checking.matrix_values import matrix_error
from chainrule.symbolic.checking.per_example import gradients_of_examples
from chainrule.symbolic.checking.verification import random_numbers, verify
from chainrule.symbolic.derivation.activation_derivatives import slopes
from chainrule.symbolic.forms.computational_graph import computational_graph, node_gradients
from chainrule.symbolic.forms.matrices import Entrywise, MatrixProduct, OuterProduct, Stored
from chainrule.symbolic.forms.matrix_form import matrix_form
from chainrule.symbolic.forms.orientation import reoriented
from chainrule.symbolic.forms.single_entries import single_entries
from chainrule.symbolic.forms.without_axes import one_example, without_axes
from chainrule.symbolic.index.failures import CheckFailed, NotExpressible

NETWORKS = {
    "quadratic": Network(2, [Dense(3, "sigmoid"), Dense(5, "tanh")], "quadratic"),
    "one hot": Network(2, [Dense(3, "gelu"), Dense(5, "softmax")], "cross_entropy", regularisation={"l2": 0.1}),
    "binary": Network(7, [Dense(3, "relu"), Dense(2, "sigmoid")], "binary_cross_entropy", reduction="sum"),
    "hinge": Network(3, [Dense(2, "softplus"), Dense(5, "identity")], "huber"),
}


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> Network:
    return NETWORKS[request.param]


def lines(system: object) -> list[str]:
    printer = PlainPrinter(system)  # type: ignore[arg-type]
    return [printer.equation(equation) for equation in system.equations]  # type: ignore[attr-defined]


def test_one_example_has_no_index_of_examples() -> None:
    system = one_example(NETWORKS["quadratic"].system)
    assert lines(system)[0] == "z1[j] = Σ_i W1[j,i] x[i] + b1[j]"
    assert lines(system)[-1] == "C = Σ_k (a2[k] - y[k])² / 2"
    assert system.batch is None
    assert one_example(system) is system


def test_one_neuron_per_layer_has_no_indices() -> None:
    system = NETWORKS["quadratic"].system
    assert lines(without_axes(system, set(system.axes))) == [
        "z1 = W1 x + b1",
        "a1 = 1 / (1 + exp(-z1))",
        "z2 = W2 a1 + b2",
        "a2 = tanh(z2)",
        "C = (a2 - y)² / 2",
    ]


def test_labels_keep_their_axes() -> None:
    labels = Network(2, [Dense(3, "relu"), Dense(5, "softmax")], "cross_entropy", targets="labels")
    with pytest.raises(NotExpressible, match="left out only where all tensors are numbers"):
        one_example(labels.system)


def test_smaller_systems_hold(network: Network) -> None:
    one = one_example(network.system)
    for system in (one, reoriented(network.system, "columns"), computational_graph(network.system).system):
        assert verify(derive(system)).largest_error < 1e-9
    resized = Network(2, [dataclasses.replace(layer, options={"units": 2}) for layer in network.layers], network.cost)
    assert verify(derive(single_entries(one_example(resized.system)).system)).largest_error < 1e-9


def test_single_entries_say_where_they_are_from() -> None:
    entries = single_entries(one_example(Network(2, [Dense(1, "sigmoid"), Dense(2, "sigmoid")]).system))
    assert entries.origin["W2_2_1"] == ("W2", (1, 0))
    derivation = derive(entries.system)
    names = {str(path.through): str(path.local_derivative) for path in derivation.adjoint("a1_1").paths}
    assert names == {"z2_1": "W2_1_1", "z2_2": "W2_2_1"}


def test_columns_are_rows_turned(network: Network) -> None:
    rows, columns = (derive(reoriented(network.system, way)) for way in ("rows", "columns"))
    assert rows.system is network.system
    assert [str(letter) for letter in columns.system.tensors["x"].axes] == ["i", "n"]
    assert reoriented(columns.system, "rows").equations == network.system.equations
    first, second = random_numbers(rows), random_numbers(rows)
    assert np.array_equal(first.arrays["x"], second.arrays["x"])
    weights = matrix_form(columns.adjoint("W2").equation)
    if network.regularisation:
        assert isinstance(weights, Entrywise)
        return
    assert isinstance(weights, MatrixProduct)
    assert weights == MatrixProduct(Stored("dz2", False, weights.left.letters), Stored("a1", True, weights.right.letters), weights.letters)


def test_a_slope_is_what_the_chain_rule_found(network: Network) -> None:
    derivation = derive(network)
    found = slopes(derivation)
    assert "z1" in found
    assert ("z2" in found) == (network.layers[-1].formula.name != "softmax")
    numbers = random_numbers(derivation)
    for slope in found.values():
        z = numbers.arrays[slope.at.name]
        before = numbers.arrays[f"d{slope.of.name}"]
        after = numbers.arrays[f"d{slope.at.name}"]
        from chainrule.symbolic.checking.interpreter import evaluate

        value = evaluate(slope.equation.expression, numbers, slope.equation.indices)
        assert value.shape == z.shape
        assert np.allclose(before * value, after)


def test_a_slope_of_softmax_does_not_exist() -> None:
    assert "z2" not in slopes(derive(NETWORKS["one hot"]))
    # tanh over the sum of all: of several entries too.
    mixed = Network(2, [Dense(3, "tanh(z)*sum(k, z[k])"), Dense(2, "sigmoid")])
    assert set(slopes(derive(mixed))) == {"z2"}


def test_gradients_of_examples_add_up(network: Network) -> None:
    if network.regularisation:
        network = dataclasses.replace(network, regularisation={})
    whole = random_numbers(derive(network))
    single = gradients_of_examples(whole, derive(one_example(network.system)))
    share = 1 / len(single) if network.reduction == "mean" else 1.0
    for tensor in network.system.parameters:
        assert np.allclose(share * sum(found[tensor.name] for found in single), whole.arrays[f"d{tensor.name}"])


def test_a_matrix_form_is_evaluated_as_it_is_written(network: Network) -> None:
    for system in (network.system, one_example(network.system), reoriented(network.system, "columns")):
        derivation = derive(system)
        numbers = random_numbers(derivation)
        tried = 0
        for equation in (*system.equations, *(adjoint.equation for adjoint in derivation.adjoints.values())):
            try:
                form = matrix_form(equation)
            except NotExpressible:
                continue
            assert matrix_error(equation, form, numbers) < 1e-9
            tried += 1
        assert tried >= 8


def test_a_wrong_matrix_form_is_found() -> None:
    derivation = derive(one_example(NETWORKS["quadratic"].system))
    numbers = random_numbers(derivation)
    equation = derivation.adjoint("W2").equation
    form = matrix_form(equation)
    assert isinstance(form, OuterProduct)
    with pytest.raises(CheckFailed, match="matrix form of dW2"):
        matrix_error(equation, Entrywise("negative", (form,), form.letters), numbers)
    product = matrix_form(derivation.adjoint("a1").equation)
    assert isinstance(product, MatrixProduct)
    doubled = MatrixProduct(product.left, Entrywise("add", (product.right, product.right), product.right.letters), product.letters)
    with pytest.raises(CheckFailed, match="matrix form of da1"):
        matrix_error(derivation.adjoint("a1").equation, doubled, numbers)


def test_a_sigmoid_is_four_nodes() -> None:
    system = Network.from_equations("y = 1/(1 + exp(-x))\nC = y*g", ["x"], ["g"])
    graph = computational_graph(system, lambda _, number: f"x{number}")
    assert lines(graph.system) == ["x1 = -x", "x2 = exp(x1)", "x3 = 1 + x2", "y = 1 / x3", "C = y g"]
    assert graph.nodes_of["y"] == ("x1", "x2", "x3", "y")
    derivation = derive(graph.system)
    shown = {name: [str(equation.expression) for equation in node_gradients(derivation, name)] for name in ("x3", "x2", "x1", "x")}
    assert shown == {"x3": ["-dy/x3**2"] * 2, "x2": ["dx3"] * 2, "x1": ["dx2*exp(x1)", "dx2*x2"], "x": ["-dx1"] * 2}


def test_paths_that_meet_at_a_node_are_added() -> None:
    text = "L = -sum(k, t[k]*log(exp(x[k])/sum(k_, exp(x[k_]))))"
    graph = computational_graph(Network.from_equations(text, ["x[k]"], [], ["t[k]"], sizes={"k": 3}), lambda _, number: f"x{number}")
    assert lines(graph.system)[:3] == ["x1[k] = exp(x[k])", "x2 = Σ_k′ x1[k′]", "x3[k] = x1[k] / x2"]
    derivation = derive(graph.system)
    assert len(derivation.adjoint("x1").paths) == 2
    assert isinstance(node_gradients(derivation, "x1")[0].expression, sympy.Add)


def test_nodes_compute_what_the_network_computes(network: Network) -> None:
    graph = computational_graph(network.system)
    whole, nodes = random_numbers(derive(network)), random_numbers(derive(graph.system))
    for name in ("C", "dW1", "db1", "dW2", "db2"):
        assert np.allclose(whole.arrays[name], nodes.arrays[name]), name
    assert len(graph.system.equations) > 2 * len(network.system.equations)


def test_the_terminal_prints_the_graph() -> None:
    derivation = derive(NETWORKS["quadratic"])
    whole, of_one = (
        [line.plain for line in text_lines(derivation_document(derivation, wrt, "graph", PLAIN), PLAIN_WIDTH)] for wrt in (None, "W2")
    )
    assert "a1_3[n,j] = 1 + a1_2[n,j]" in whole
    assert "da1_1[n,j] = da1_2[n,j] exp(a1_1[n,j]) = da1_2[n,j] a1_2[n,j]" in whole
    assert of_one[-1] == "dW2[k,j] = Σ_n dz2_1[n,k] a1[n,j]"
    assert not any(line.startswith("da1") for line in of_one)
    shown = derivation_document(derivation, "W2", "graph", in_notation(NOTATIONS["superscript"], derivation.system))
    written = list(latex_lines(shown.blocks))
    assert r"z^{(2)}_{1,nk} &= \sum_{j} w^{(2)}_{kj} \, a^{(1)}_{nj} \\" in written
