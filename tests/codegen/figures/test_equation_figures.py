"""Pictures of equations: the window of a convolution is that of its sum, a recurrence hands on what its steps read."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_networks import ALONE, TOGETHER, layer
from test_figures import complaints, text_of

from chainrule import Dense, Network, derive
from chainrule.codegen.build import document_of
from chainrule.codegen.checking.gradient_check import checked_module
from chainrule.codegen.descriptions.reader import Description
from chainrule.codegen.document.document import Figure, FrontMatter
from chainrule.codegen.document.drawing import page_scale
from chainrule.codegen.figures.unrolled import first_recurrence
from chainrule.codegen.figures.unrolled_drawing import unrolled_drawing
from chainrule.codegen.figures.window import Window, window_of
from chainrule.codegen.figures.window_drawing import window_drawing
from chainrule.codegen.formulas.index_printer import IndexPrinter
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.lesson.layer_table import owned_names
from chainrule.symbolic.checking.verification import verify
from chainrule.symbolic.forms.scalar_form import fixed_sizes
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.system.system import System


def printer(system: System, network: Network | None = None) -> IndexPrinter:
    return IndexPrinter(system, NOTATIONS["superscript"].adapted({}, False, owned_names(network) if network else None))


def first_window(system: System) -> Window | None:
    sizes = fixed_sizes(system, 3)
    return next((window for equation in system.equations if (window := window_of(system, equation, sizes)) is not None), None)


CONVOLUTIONS = [
    ("conv1d", [2, 11], {"kernel": 3, "stride": 2, "padding": 1}),
    ("conv1d", [3, 13], {"kernel": 2, "dilation": 3, "causal": True}),
    ("conv2d", [2, 7, 11], {"kernel": [3, 2], "stride": [1, 2], "padding": 1, "dilation": [2, 1]}),
    ("conv2d", [1, 5, 7], {"kernel": [2, 3]}),
]


@pytest.mark.parametrize(("kind", "shape", "options"), CONVOLUTIONS)
def test_the_window_meets_what_the_gradient_of_the_kernel_adds_up(kind, shape, options):
    network = Network(shape, [layer(kind, activation="tanh", channels=2, **options), layer("flatten"), Dense(2)], "quadratic")
    derivation = derive(network)
    numbers = verify(derivation).numbers
    window = window_of(derivation.system, derivation.system.equations[0], numbers.sizes)
    assert window is not None
    assert (window.read, window.kernel, window.output) == ("x", "W1", "z1")
    x, slopes, expected = (numbers.arrays[name] for name in ("x", "dz1", "dW1"))
    found = np.zeros_like(expected)
    for place in product(*(range(axis.places) for axis in window.axes)):
        for output in product(*(range(axis.outputs) for axis in window.axes)):
            met = tuple(axis.met(at, within) for axis, at, within in zip(window.axes, output, place, strict=True))
            if all(0 <= at < axis.read for at, axis in zip(met, window.axes, strict=True)):
                found[(..., *place)] += np.einsum("nd,nc->dc", slopes[(..., *output)], x[(..., *met)])
    assert np.allclose(found, expected)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 2),
    st.lists(st.integers(1, 5), min_size=2, max_size=2),
    st.lists(st.integers(1, 3), min_size=2, max_size=2),
    st.integers(0, 2),
    st.integers(1, 3),
    st.integers(0, 9),
)
def test_windows_can_be_read(axes, kernel, stride, padding, dilation, more):
    size = max((kernel[0] - 1), (kernel[1] - 1)) * dilation + 1 + more
    options = {"kernel": kernel[:axes], "stride": stride[:axes], "padding": padding, "dilation": dilation}
    options = {key: value[0] if axes == 1 and isinstance(value, list) else value for key, value in options.items()}
    network = Network([2, *[size] * axes], [layer(f"conv{axes}d", channels=3, **options), layer("flatten"), Dense(2)], "quadratic")
    window = first_window(network.system)
    if window is not None:
        picture = window_drawing(printer(network.system), window)
        assert complaints(picture) == []
        assert page_scale(picture) == 1


@pytest.mark.parametrize("name", [*ALONE, *TOGETHER])
def test_convolutions_alone_have_a_window(name):
    network = Network(**{**ALONE, **TOGETHER}[name])
    try:
        window = first_window(network.system)
    except NotExpressible:
        pytest.skip("sizes are read from the arrays")
    convolutions = {placed.layer.kind for placed in network.connections} & {"conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d"}
    assert (window is None) >= (not convolutions)
    if window is not None:
        assert complaints(window_drawing(printer(network.system, network), window)) == []


def recurrent(equations: str, parameters: list[str], targets: str = "y[n,j]") -> System:
    return Network.from_equations(equations, parameters, ["x[n,t,i]"], [targets], name="recurrent")


ELMAN = """
h[n,t,k] = tanh(sum(i, W[k,i]*x[n,t,i]) + sum(l, U[k,l]*h[n,t-1,l]))
C = mean(n, sum(j, t, (sum(k, V[j,k]*h[n,t,k]) - y[n,j])**2))
"""
BACKWARDS = ELMAN.replace("t-1", "t+1")
TWO_BEFORE = ELMAN.replace("t-1", "t-2")


@pytest.mark.parametrize(("kind", "states"), [("rnn", ["h"]), ("gru", ["h"]), ("lstm", ["h", "c"])])
def test_layers_hand_on_their_states(kind, states):
    network = Network([7, 2], [layer(kind, units=3), layer("flatten"), Dense(2)], "quadratic")
    recurrence = first_recurrence(network.system)
    assert recurrence is not None
    assert sorted(tensor.name[0] for tensor in recurrence.states) == sorted(states)
    assert {tensor.name for tensor in recurrence.given} == {"x"}
    layers_own = {tensor.name for tensor in network.system.parameters} - {"W3", "b3"}
    assert {tensor.name for tensor in recurrence.shared} == layers_own
    picture = unrolled_drawing(printer(network.system, network), recurrence)
    assert complaints(picture) == []
    assert page_scale(picture) == 1


@pytest.mark.parametrize(("equations", "order"), [(ELMAN, ["h_{t-1}", "h_{t}", "h_{t+1}"]), (BACKWARDS, ["h_{t+1}", "h_{t}", "h_{t-1}"])])
def test_steps_stand_in_the_order_in_which_they_are_computed(equations, order):
    system = recurrent(equations, ["W[k,i]", "U[k,l]", "V[j,k]"])
    recurrence = first_recurrence(system)
    assert recurrence is not None
    assert [tensor.name for tensor in recurrence.shared] == ["W", "U"]
    picture = unrolled_drawing(printer(system), recurrence)
    assert complaints(picture) == []
    written = sorted((label.place[0], label.ink.value, text_of(label).replace(" ", "")) for label in picture.labels)
    assert list(dict.fromkeys(text for _, ink, text in written if text in order and ink == "ink")) == order
    assert [text for _, ink, text in written if ink == "gradient"] == [rf"\partialC/\partial{text}" for text in order[:2]]


def test_a_step_that_reads_the_one_before_the_last_is_not_drawn():
    assert first_recurrence(recurrent(TWO_BEFORE, ["W[k,i]", "U[k,l]", "V[j,k]"])) is None
    assert first_recurrence(Network.stack("2-3-1").system) is None


@cache
def figures(name: str) -> dict[str, Figure]:
    networks = {
        "convolution": Network([1, 7], [layer("conv1d", activation="tanh", channels=2, kernel=3), layer("flatten"), Dense(2)], "quadratic"),
        "recurrence": Network([5, 2], [layer("gru", units=3), layer("flatten"), Dense(2)], "quadratic"),
        "stack": Network.stack("2-2-1"),
    }
    description, derivation = Description(networks[name], FrontMatter(name)), derive(networks[name])
    document = document_of(description, derivation, verify(derivation), checked_module(derivation), length="short")
    return {block.name.rsplit("_", 1)[1]: block for block in document.blocks if isinstance(block, Figure)}


@pytest.mark.parametrize(("name", "own"), [("convolution", "window"), ("recurrence", "unrolled"), ("stack", "graph")])
def test_short_handouts_show_what_their_network_has(name, own):
    assert {"window", "unrolled", "graph"} & set(figures(name)) == {own}
    assert figures(name)[own].description
