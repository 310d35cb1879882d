"""Backward passes as courses have them are read without a line left unread, and a mistake in a loop is found."""

from __future__ import annotations

import ast

import pytest
from course_caches import CACHES
from course_classes import CLASSES
from course_convolutions import CONVOLUTIONS
from course_layers import LAYERS
from course_poolings import POOLINGS
from course_sequences import SEQUENCES
from course_works import CASES as COURSES

from chainrule import Derivation, derive, mark, read_description
from chainrule.codegen.marking.marked import Verdict
from chainrule.codegen.marking.python import bounds

CASES = COURSES | CLASSES | LAYERS | CONVOLUTIONS | POOLINGS | CACHES | SEQUENCES


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found here is not to depend on how busy a machine is; that time ends a work is held where works are hostile."""
    monkeypatch.setattr(bounds, "MOST_SECONDS", 10 * bounds.MOST_SECONDS)


def derivation(name: str) -> Derivation:
    network, _ = CASES[name]
    return derive(read_description(network) if isinstance(network, str) else network)


@pytest.mark.parametrize("name", CASES)
def test_a_work_of_a_course_is_right(name: str) -> None:
    work = mark(derivation(name), CASES[name][1])
    assert not [line for line in work.lines if line.verdict not in (Verdict.RIGHT, Verdict.UNKNOWN)]
    assert (work.right, work.missing) == (work.of, ())


MISTAKES = [
    ("recurrent", "dWx += x", "dWx = x", "path"),
    ("recurrent", "h[:, t-1, :].T.dot(draw)", "h[:, t, :].T.dot(draw)", "shift"),
    ("recurrent", "dtotal = dh[:, t, :] + dprev", "dtotal = dh[:, t, :]", "path"),
    ("lists_from_the_end", "sp = sigmoid_prime(z)", "sp = sigmoid_prime(activations[-l])", "place"),
    ("layer_norm", "dgamma = np.sum(dout * x_norm, axis=0)", "dgamma = np.sum(dout * x_norm, axis=1)", "sum"),
    ("layer_objects", "self.dW = np.dot(self.x.T, dout)", "self.dW = np.dot(self.x.T, dout) * 2", "factor"),
    ("layer_objects", "dout[self.mask] = 0", "dout[~self.mask] = 0", "mask"),
    ("sizes_and_lists", "self.weights[-l+1]", "self.weights[-l]", "shift"),
    ("mini_batches", "nabla_b[-1] = delta", "nabla_b[-1] = -delta", "sign"),
    ("example_by_example", "W2.T, delta2) * a1 * (1 - a1)", "W2.T, delta2) * a1 * (1 + a1)", "sign"),
    ("example_by_example", "np.outer(delta1, x)", "np.outer(x, delta1)", "transpose"),
    ("one_example", "np.outer(delta1, x)", "np.outer(x, delta1)", "transpose"),
    ("one_example", "dot(delta2) * a1 * (1 - a1)", "dot(delta2) * z1 * (1 - z1)", "place"),
    ("layers_in_functions", "dZ[Z <= 0] = 0", "dZ[Z > 0] = 0", "mask"),
    ("four_loops_with_stride", "dw[f] += window", "dw[f] += -window", "sign"),
    (
        "four_loops_with_stride",
        "window = x[n, :, i*stride:i*stride+HH, j*stride:j*stride+WW]",
        "window = x[n, :, i:i+HH, j:j+WW]",
        "stride",
    ),
    ("four_loops_with_stride", "db[f] += dout[n, f].sum()", "db[f] += dout[n, f].mean()", "mean"),
    ("four_loops_with_stride", "dout = out - y", "dout = y - out", "sign"),
    ("pooling_by_average", "dA = A - Y", "dA = Y - A", "sign"),
    ("pooling_by_average", "dW[:, :, :, c] += a_slice", "dW[:, :, :, c] = a_slice", "path"),
    ("pooling_by_max", "db[c] += dZ[i, h, w, c]", "db[c] -= dZ[i, h, w, c]", "sign"),
    ("pooling_by_max", "a_slice * dZ[i, h, w, c]", "a_slice * dZ[i, h, w, c] / m", "mean"),
    ("columns_of_an_image", "dw = col.T.dot(dout)", "dw = -col.T.dot(dout)", "sign"),
    ("batch_norm_from_a_cache", "dbeta = dout.sum(axis=0)", "dbeta = dout.mean(axis=0)", "mean"),
    ("batch_norm_in_one_line", "dgamma = np.sum(dout * x_norm, axis=0)", "dgamma = np.sum(dout, axis=0)", "factor"),
    ("layer_norm_from_a_cache", "dgamma = np.sum(dout * x_hat, axis=0)", "dgamma = np.sum(dout * x_hat, axis=1)", "sum"),
    ("dropout_in_a_cache", "dh = dout * mask", "dh = dout", "factor"),
    ("softmax_with_its_maximum_shifted", "dx[np.arange(N), y] -= 1", "dx[np.arange(N), y] += 1", "sign"),
    ("gates_beside_each_other", "dg = dnext_c * i", "dg = dnext_c * g", "operand"),
    ("word_vectors", "np.outer(delta, v)", "np.outer(v, delta)", "transpose"),
    ("a_class_above_all_layers", "self.db = grad.sum(axis=0)", "self.db = grad.mean(axis=0)", "mean"),
    ("script", "    syn0 += l0", "    syn0 -= l0", "sign"),
    (
        "script",
        "    l1_error = l2_delta.dot(syn1.T)\n",
        "    syn1 += l1.T.dot(l2_delta)\n    l1_error = l2_delta.dot(syn1.T)\n",
        "update-order",
    ),
]


@pytest.mark.parametrize(("name", "right", "wrong", "kind"), MISTAKES)
def test_a_mistake_in_a_work_of_a_course(name: str, right: str, wrong: str, kind: str) -> None:
    text = CASES[name][1]
    assert right in text
    if kind == "update-order":
        text = text.replace("    syn1 += l1.T.dot(l2_delta)\n    syn0", "    syn0")
    first = mark(derivation(name), text.replace(right, wrong)).first_wrong
    assert first is not None
    assert first.mistake == kind


#: Where a line of a loop is no quantity of the network: one step's share, known by a name that says nothing.
IN_LOOPS = [
    ("draw = dtotal * (1 - h[:, t, :] ** 2)", "draw = dtotal * (1 - h[:, t, :])", "factor"),
    ("draw = dtotal * (1 - h[:, t, :] ** 2)", "draw = dtotal", "factor"),
    ("draw = dtotal * (1 - h[:, t, :] ** 2)", "draw = dtotal * (1 - h[:, t-1, :] ** 2)", "shift"),
    ("dprev = draw.dot(Wh.T)", "dprev = draw.dot(Wh)", "transpose"),
]


@pytest.mark.parametrize(("right", "wrong", "kind"), IN_LOOPS)
def test_a_wrong_line_of_a_loop_whose_name_says_nothing(right: str, wrong: str, kind: str) -> None:
    text = CASES["recurrent"][1]
    work = mark(derivation("recurrent"), text.replace(right, wrong))
    (line,) = [line for line in work.lines if line.verdict is Verdict.WRONG]
    assert (line.line, line.mistake) == (text[: text.index(right)].count("\n") + 1, kind)
    assert line.correction == ast.unparse(ast.parse(right))
    assert {line.quantity for line in work.lines if line.verdict is Verdict.FOLLOWS} >= {"dWx", "dWh", "db"}
    assert (work.right, work.of) == (2, 5)


#: The line of a function that is wrong, where the one that calls it is a quantity of the network.
IN_FUNCTIONS = [
    ("pooling_by_max", "mask = (x == np.max(x))", "mask = (x == np.min(x))", "mask"),
    ("pooling_by_average", "average = dz / (n_H * n_W)", "average = dz / n_H", "factor"),
    ("pooling_by_average", "a = np.ones(shape) * average", "a = -np.ones(shape) * average", "sign"),
    ("channels_last", "return np.sum(s) + b", "return np.sum(s)", "path"),
    ("pooling_by_average", "A[i, h, w, c] = np.mean(a_prev_slice)", "A[i, h, w, c] = np.sum(a_prev_slice)", "mean"),
    ("pooling_by_average", "+= a_slice * dZ[i, h, w, c]", "+= a_slice * dZ[i, w, h, c]", "transpose"),
    ("four_loops_with_stride", "dw[f] += window * dout[n, f, i, j]", "dw[f] += window * dout[n, f, j, i]", "transpose"),
]


@pytest.mark.parametrize(("name", "right", "wrong", "kind"), IN_FUNCTIONS)
def test_a_wrong_line_of_a_function_is_blamed_and_not_its_caller(name: str, right: str, wrong: str, kind: str) -> None:
    text = CASES[name][1]
    assert right in text
    work = mark(derivation(name), text.replace(right, wrong, 1))
    (line,) = [line for line in work.lines if line.verdict is Verdict.WRONG]
    assert (line.line, line.mistake) == (text[: text.index(right)].count("\n") + 1, kind), line


def test_a_caller_that_is_wrong_by_what_it_says_is_blamed_and_not_the_function() -> None:
    """Half of what the function gives would do as well, but the 2 stands where it is called."""
    text, right = CASES["pooling_by_average"][1], "+= distribute_value(da, shape)"
    work = mark(derivation("pooling_by_average"), text.replace(right, "+= 2 * distribute_value(da, shape)"))
    (line,) = [line for line in work.lines if line.verdict is Verdict.WRONG]
    assert (line.line, line.mistake) == (text[: text.index(right)].count("\n") + 1, "factor"), line
