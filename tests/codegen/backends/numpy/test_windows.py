"""Reads and writes at combinations of letters: the generated NumPy line has the value that the slow interpreter finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Integer, KroneckerDelta, Mul, Symbol

from chainrule import derive
from chainrule.codegen.backends.numpy.expressions import NumpySource
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.loading import load_source
from chainrule.codegen.program.array_sizes import size_name
from chainrule.codegen.program.index_sums import with_short_sums
from chainrule.codegen.templating.environments import text_template
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.forms.array_form import array_form
from chainrule.symbolic.forms.arrays import Gather, Placed, Read, Scatter, Window, everything
from chainrule.symbolic.forms.matrix_form import matrix_form
from chainrule.symbolic.index.affine_index import AffineIndex, affine
from chainrule.symbolic.index.axes import Axis, axis_name, index
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.index.index_letters import bound_sum, free_letters
from chainrule.symbolic.index.tensors import Role, Tensor, Values, entry
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import Equation, System

FUNCTIONS = ("step", "stacked_tensordot", "windows", "placed", "gather", "scatter")
#: Letters that are read with, and axes of the arrays that are read.
LETTERS, STORED = "ijpq", "abd"


@dataclass(frozen=True)
class Setting:
    """Tensors without equations that matter; of the `sizes` of all axes, those of `open_axes` are known to the arrays only."""

    sizes: dict[str, int]
    tensors: dict[str, str]
    open_axes: frozenset[str] = frozenset()

    @property
    def system(self) -> System:
        axes = {name: Axis(name, None if name in self.open_axes else size) for name, size in self.sizes.items()}
        tensors = {name: Tensor(name, tuple(map(index, letters)), Role.INPUT) for name, letters in self.tensors.items()}
        cost = Tensor("L", (), Role.COST)
        return System("reads", axes, tensors, (Equation(cost, Integer(0)),))

    @property
    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        rng = np.random.default_rng(7)
        return {name: rng.standard_normal([self.sizes[letter] for letter in letters]) for name, letters in self.tensors.items()}


@cache
def module_functions() -> dict[str, Any]:
    namespace: dict[str, Any] = {"np": np}
    exec(text_template("module_functions.py.jinja").render(functions=FUNCTIONS, declared=False, labels=False), namespace)
    return namespace


def source_of(expression: Expr, order: Sequence[Symbol], setting: Setting) -> str:
    short = with_short_sums(expression, setting.system, order)
    return NumpySource(setting.system).line(array_form(short), tuple(order)).text


def agree(expression: Expr, order: Sequence[Symbol], setting: Setting) -> str:
    """The generated line, which gives in both float types what the interpreter finds."""
    written = source_of(expression, order, setting)
    expected = np.real(evaluate(expression, Numbers(setting.system, setting.arrays, setting.sizes), tuple(order)))
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-4)):
        arrays = {name: array.astype(dtype) for name, array in setting.arrays.items()}
        sizes = {size_name(name): size for name, size in setting.sizes.items()}
        found = eval(written, {**module_functions(), **arrays, **sizes, "params": [np.zeros(1, dtype)]})
        assert np.shape(found) == expected.shape, written
        assert np.asarray(found).dtype == dtype, written
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * max(1, np.abs(expected).max(initial=0)), err_msg=written)
    return written


def place(text: str) -> Expr:
    return Integer(0) + eval(text, {letter: index(letter) for letter in "nijpqabd"})


def read(name: str, *places: str) -> Expr:
    return entry(name, tuple(map(place, places)))


WITH_SIZES: dict[str, tuple[dict[str, int], list[str], str, str]] = {
    "slice": ({"a": 10, "i": 5}, ["i + 5"], "i", "A[5:]"),
    "slice in the middle": ({"a": 10, "i": 5}, ["i + 3"], "i", "A[3:8]"),
    "every other": ({"a": 10, "i": 5}, ["2*i"], "i", "A[::2]"),
    "every third from one": ({"a": 10, "i": 2}, ["3*i + 1"], "i", "A[1:5:3]"),
    "reversed": ({"a": 10, "i": 10}, ["9 - i"], "i", "A[::-1]"),
    "backwards within": ({"a": 10, "i": 3}, ["6 - 2*i"], "i", "A[6:1:-2]"),
    "backwards to the start": ({"a": 10, "i": 4}, ["3 - i"], "i", "A[3::-1]"),
    "shift": ({"a": 5, "i": 5}, ["i - 1"], "i", "windows(A, {0: (range(-1, 4),)}).copy()"),
    "position": ({"a": 5, "b": 3, "i": 3}, ["4", "i"], "i", "A[4]"),
    "position out of range": ({"a": 5, "b": 3, "i": 3}, ["5", "i"], "i", "step(A, 0, 5)"),
    "position below": ({"a": 5, "b": 3, "i": 5}, ["i", "-1"], "i", "step(A, 1, -1)"),
    "columns": ({"a": 5, "b": 3, "i": 5}, ["i", "2"], "i", "A[:, 2]"),
    "blocks": ({"a": 6, "i": 2, "j": 3}, ["3*i + j"], "ij", "A.reshape(2, 3)"),
    "blocks in another order": ({"a": 6, "i": 2, "j": 3}, ["3*i + j"], "ji", "A.reshape(2, 3).T"),
    "blocks of a part": ({"a": 9, "i": 2, "j": 3}, ["3*i + j + 1"], "ij", "A[1:7].reshape(2, 3)"),
    "blocks of three": ({"a": 24, "b": 5, "i": 2, "j": 3, "p": 4, "q": 5}, ["12*i + 4*j + p", "q"], "ijpq", "A.reshape(2, 3, 4, 5)"),
    "an axis that is longer": ({"a": 5, "b": 3, "i": 4, "j": 3}, ["i", "j"], "ij", "A[:4]"),
    "an axis that is shorter": ({"a": 2, "i": 4}, ["i"], "i", "windows(A, {0: (range(4),)}).copy()"),
    "diagonal": ({"a": 5, "b": 5, "i": 5}, ["i", "i"], "i", "A.diagonal()"),
    "beside the diagonal": ({"a": 5, "b": 6, "i": 5}, ["i", "i + 1"], "i", "A[:, 1:].diagonal()"),
    "diagonal beyond the edge": ({"a": 5, "b": 5, "i": 5}, ["i", "i + 1"], "i", "windows(A, {1: (range(1, 6),)}).diagonal().copy()"),
    "windows": ({"a": 7, "i": 5, "p": 3}, ["i + p"], "ip", "windows(A, {0: (range(5), range(3))}).copy()"),
    "windows with stride": ({"a": 8, "i": 3, "p": 3}, ["2*i + p"], "ip", "windows(A, {0: (range(0, 6, 2), range(3))}).copy()"),
    "transposed": ({"a": 2, "b": 3, "d": 5, "i": 2, "j": 3}, ["i", "j", "1"], "ji", "A[:, :, 1].T"),
}


@pytest.mark.parametrize("title", WITH_SIZES)
def test_the_simplest_source(title: str) -> None:
    sizes, places, order, expected = WITH_SIZES[title]
    setting = Setting(sizes, {"A": STORED[: len(places)]})
    assert agree(read("A", *places), [index(letter) for letter in order], setting) == expected


def test_sizes_that_are_read_from_arrays_are_names() -> None:
    setting = Setting({"a": 9, "b": 4, "i": 4, "p": 3}, {"A": "ab", "I": "i"}, frozenset("abi"))
    i, p = index("i"), index("p")
    assert agree(entry("A", (2 * i + p, i)), [i, p], setting) == (
        "windows(A, {0: (range(0, 2 * N_i, 2), range(3)), 1: (range(N_i),)}).diagonal(axis1=0, axis2=2).T.copy()"
    )
    assert agree(entry("A", (Integer(3), 2 - i)), [i], setting) == "windows(step(A, 0, 3), {0: (range(2, 2 - N_i, -1),)}).copy()"
    assert agree(entry("A", (i - 3, Integer(0))), [i], setting) == "windows(A[:, 0], {0: (range(-3, N_i - 3),)}).copy()"


# Any places at all.

steps = st.sampled_from([-3, -2, -1, 1, 1, 1, 2, 3])
starts = st.sampled_from([0, 0, 0, -4, -1, 1, 2, 5, 9])


@st.composite
def any_place(draw: st.DrawFn, among: str = LETTERS, least: int = 0) -> Expr:
    letters = draw(st.lists(st.sampled_from(among), min_size=least, max_size=3, unique=True))
    return sum((draw(steps) * index(letter) for letter in letters), start=Integer(draw(starts)))


@st.composite
def any_setting(draw: st.DrawFn) -> Setting:
    sizes = {letter: draw(st.integers(1, 4)) for letter in LETTERS} | {axis: draw(st.integers(1, 9)) for axis in STORED}
    open_axes = draw(st.one_of(st.just(frozenset[str]()), st.frozensets(st.sampled_from(LETTERS + STORED))))
    return Setting(sizes, {"A": STORED, "B": STORED[:2], "D": STORED[:1], "F": LETTERS, "G": LETTERS[:2], "H": LETTERS[1:]}, open_axes)


@st.composite
def any_read(draw: st.DrawFn) -> Expr:
    name, rank = draw(st.sampled_from([("A", 3), ("B", 2), ("D", 1)]))
    places = [index(axis) if draw(st.integers(0, 2)) == 0 else draw(any_place()) for axis in STORED[:rank]]
    return entry(name, tuple(places))


def in_some_order(data: st.DataObject, letters: set[Symbol]) -> tuple[Symbol, ...]:
    return tuple(data.draw(st.permutations(sorted(letters, key=str))))


@settings(max_examples=400, deadline=None)
@given(any_setting(), any_read(), st.data())
def test_any_read(setting: Setting, value: Expr, data: st.DataObject) -> None:
    agree(value, in_some_order(data, free_letters(value)), setting)


@settings(max_examples=300, deadline=None)
@given(any_setting(), st.lists(any_read(), min_size=1, max_size=2), st.sampled_from(["F", "G", "H", ""]), st.data())
def test_any_sum_of_products(setting: Setting, reads: list[Expr], other: str, data: st.DataObject) -> None:
    value = Mul(*reads, *([entry(other, tuple(map(index, setting.tensors[other])))] if other else []))
    letters = sorted(free_letters(value), key=str)
    over = [letter for letter in letters if data.draw(st.booleans())]
    total = bound_sum(value, *over)
    agree(total, in_some_order(data, free_letters(total)), setting)


@settings(max_examples=300, deadline=None)
@given(any_setting(), st.integers(1, 3), st.sampled_from(["F", "G", "H"]), st.booleans(), st.data())
def test_any_sum_at_places(setting: Setting, rank: int, name: str, with_read: bool, data: st.DataObject) -> None:
    """Σ f δ(a, 2 i + p) …, the adjoint of a read."""
    places = [data.draw(any_place(least=1)) for _ in range(rank)]
    deltas = [KroneckerDelta(index(letter), where) for letter, where in zip(STORED, places, strict=False)]
    read_too = [data.draw(any_read())] if with_read else []
    value = Mul(entry(name, tuple(map(index, setting.tensors[name]))), *read_too, *deltas)
    kept = [letter for letter in LETTERS if data.draw(st.integers(0, 5)) == 0]
    total = bound_sum(value, *(index(letter) for letter in LETTERS if letter not in kept and index(letter) in free_letters(value)))
    agree(total, in_some_order(data, free_letters(total)), setting)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(-3, 3), st.data())
def test_a_convolution_and_its_adjoints(
    stored: int, windows: int, kernel: int, stride: int, dilation: int, start: int, data: st.DataObject
) -> None:
    """Read forwards, and with the sums as the chain rule leaves them: x at 2 u + p, δ(a, 2 u + p), and the kernel at a − u."""
    open_axes = data.draw(st.sampled_from([frozenset(), frozenset("n"), frozenset("naip"), frozenset("nai")]))
    sizes = {"n": 2, "a": stored, "i": windows, "p": kernel, "b": 3, "d": 2}
    setting = Setting(sizes, {"x": "nba", "K": "dbp", "y": "ndi"}, open_axes)
    n, a, b, d, i, p = map(index, "nabdip")
    position = stride * i + dilation * p + start
    x, kernel_entry, y = entry("x", (n, b, a)), entry("K", (d, b, p)), entry("y", (n, d, i))
    forward = bound_sum(x.xreplace({a: position}) * kernel_entry, b, p)
    written = agree(forward, [n, d, i], setting)
    assert "gather" not in written
    assert "einsum" not in written
    for_kernel = agree(bound_sum(x.xreplace({a: position}) * y, n, i), [d, b, p], setting)
    for_input = agree(bound_sum(kernel_entry * y * KroneckerDelta(a, position), d, i, p), [n, b, a], setting)
    assert "scatter" not in for_kernel + for_input
    assert "gather" not in for_kernel + for_input
    if stride == 1:
        at_kernel = kernel_entry.xreplace({p: a - i - start})
        solved = agree(bound_sum(at_kernel * (1 - y**2) * y, d, i), [n, b, a], setting)
        assert "gather" not in solved


PRODUCTS: dict[str, tuple[list[str], str, str, str]] = {
    "matrices": (["X[i,j]", "Y[j,p]"], "j", "ip", "X @ Y"),
    "matrices the other way round": (["X[i,j]", "Y[j,p]"], "j", "pi", "Y.T @ X.T"),
    "a stack and a matrix": (["X[n,i,j]", "Y[p,j]"], "j", "nip", "X @ Y.T"),
    "a stack and a vector": (["X[n,i,j]", "Y[j]"], "j", "ni", "X @ Y"),
    "two stacks": (["X[n,i,j]", "Y[n,j,p]"], "j", "nip", "X @ Y"),
    "two stacks, transposed": (["X[n,a,i,j]", "Y[n,a,p,j]"], "j", "naip", "X @ Y.transpose(0, 1, 3, 2)"),
    "two stacks in another order": (["X[n,a,i,j]", "Y[n,a,p,j]"], "j", "niap", "(X @ Y.transpose(0, 1, 3, 2)).transpose(0, 2, 1, 3)"),
    "heads": (["X[n,i,j]", "Y[a,p,j]"], "j", "naip", "np.tensordot(X, Y, (2, 2)).transpose(0, 2, 1, 3)"),
    "several letters": (["X[n,i,j]", "Y[n,i,p]"], "ni", "jp", "np.tensordot(X, Y, ((0, 1), (0, 1)))"),
    "several letters on both sides of a stack": (
        ["X[n,i,j,a]", "Y[n,p,j,a]"],
        "ja",
        "nip",
        "stacked_tensordot(X, Y, ((2, 3), (2, 3)), ((0,), (0,)))",
    ),
    "a stack with two more axes": (["X[n,i,p,j]", "Y[n,a,j]"], "j", "nipa", "stacked_tensordot(X, Y, ((3,), (2,)), ((0,), (0,)))"),
    "entries": (["X[n,i,j]", "Y[n,j]"], "j", "ni", "np.sum(X * Y[:, None, :], axis=2)"),
    "a matrix and a vector for each": (
        ["W[a,i,j]", "X[n,i]", "Y[n,j]"],
        "ij",
        "na",
        'np.einsum("abc,cb->ca", W.transpose(0, 2, 1) @ X.T, Y)',
    ),
}


@pytest.mark.parametrize("title", PRODUCTS)
def test_products(title: str) -> None:
    factors, over, order, expected = PRODUCTS[title]
    names = {factor[0]: factor[2:-1].replace(",", "") for factor in factors}
    setting = Setting({"n": 2, "i": 3, "j": 5, "p": 7, "a": 4}, names)
    value = Mul(*(entry(name, tuple(map(index, letters))) for name, letters in names.items()))
    assert agree(bound_sum(value, *map(index, over)), [index(letter) for letter in order], setting) == expected


def test_a_product_of_tests_counts() -> None:
    """Σ_i [a = 2 i] [b = i + p] as a matrix product: NumPy's own of two tests would be true or false."""
    setting = Setting({"a": 7, "b": 5, "i": 4, "p": 3}, {})
    a, b, i, p = map(index, "abip")
    agree(bound_sum(KroneckerDelta(a, 2 * i) * KroneckerDelta(b, i + p), i, p), [b, a], setting)
    agree(bound_sum(KroneckerDelta(a, i + p) * KroneckerDelta(b, i + p), i, p), [a, b], setting)
    agree(bound_sum(KroneckerDelta(a, i + p), i), [a, p], setting)


def test_the_kernel_is_not_read_for_every_pair_of_places() -> None:
    """Σ_u f[u] K[a − u] over many places and a short kernel: the products are added up, or the windows are those of f."""
    setting = Setting({"n": 2, "a": 9, "i": 7, "p": 3}, {"K": "p", "f": "ni", "x": "na"})
    n, a, i = map(index, "nai")
    written = agree(bound_sum(entry("f", (n, i)) * entry("K", (a - i,)), i), [n, a], setting)
    assert written == "placed((2, 9), K[:, None] * f[:, None, :], {1: (range(3), range(7))})"
    written = agree(bound_sum(entry("x", (n, a)) * entry("K", (a - i,)), a), [n, i], setting)
    assert written == "windows(x, {1: (range(7), range(3))}) @ K"


def test_a_division_is_not_read_out_of_range() -> None:
    setting = Setting({"n": 2, "a": 9, "i": 7, "p": 3}, {"K": "p", "x": "na"})
    n, a, i = map(index, "nai")
    agree(bound_sum(entry("x", (n, a)) / entry("x", (n, a)) ** 3 * entry("K", (a - i - 5,)), a), [n, i], setting)


def test_places_in_order_are_a_reshape() -> None:
    setting = Setting({"i": 2, "j": 3, "p": 5, "a": 30, "b": 4}, {"f": "ijp", "g": "ijpb"})
    i, j, p, a, b = map(index, "ijpab")
    flat = KroneckerDelta(a, 15 * i + 5 * j + p)
    assert agree(bound_sum(entry("f", (i, j, p)) * flat, i, j, p), [a], setting) == "f.reshape(30)"
    assert agree(bound_sum(entry("g", (i, j, p, b)) * flat, i, j, p), [b, a], setting) == "g.transpose(3, 0, 1, 2).reshape(4, 30)"


@pytest.mark.parametrize("empty", ["n", "i", "p"])
def test_ranges_without_positions(empty: str) -> None:
    sizes = {"n": 2, "a": 7, "i": 5, "p": 3} | {empty: 0}
    setting = Setting(sizes, {"x": "na", "y": "ni", "K": "p"}, frozenset("naip"))
    n, a, i, p = map(index, "naip")
    agree(entry("x", (n, i + p - 1)), [n, i, p], setting)
    agree(bound_sum(entry("y", (n, i)) * KroneckerDelta(a, i + p), i, p), [n, a], setting)
    agree(bound_sum(entry("x", (n, i + p)) * entry("K", (p,)), p), [n, i], setting)


def test_of_an_array_without_entries_only_zeros_are_read() -> None:
    functions = module_functions()
    np.testing.assert_array_equal(functions["windows"](np.zeros((2, 0)), {1: (range(-1, 2), range(2))}), np.zeros((2, 3, 2)))
    np.testing.assert_array_equal(functions["placed"]((2, 0), np.ones((2, 3)), {1: (range(-1, 2),)}), np.zeros((2, 0)))


def test_what_is_read_is_left_as_it_was() -> None:
    """A view of windows cannot be written to, and neither reading nor adding up changes the array."""
    functions = module_functions()
    array = np.arange(12.0).reshape(3, 4)
    before = array.copy()
    view = functions["windows"](array, {1: (range(3), range(2))})
    assert not view.flags.writeable
    functions["placed"]((3, 4), view, {1: (range(3), range(2))})
    np.testing.assert_array_equal(array, before)


def test_a_loop_does_not_add_to_its_input() -> None:
    """h = x[:, 2:], to which each step adds, is an array of its own."""
    equations = "h[n,t] = x[n,t+2] + w*h[n,t-1]**2\nL = sum(n, t, h[n,t]**2)"
    system = system_from_equations(equations, ["w"], ["x[n,l]"], sizes={"l": 7, "t": 5})
    source = module_source(derive(system))
    assert "    h = np.array(x[:, 2:])\n" in source
    module = load_source(source, "network")
    x = np.arange(14.0).reshape(2, 7)
    module.forward(module.Parameters(np.array(0.5)), x)
    np.testing.assert_array_equal(x, np.arange(14.0).reshape(2, 7))


def test_what_leaves_a_loop_has_short_sums() -> None:
    """Σ_l K[t − l] x[l] outside of the loop: K is read as it is."""
    equations = "h[n,t] = sum(l, K[t-l]*x[n,l]) + w*h[n,t-1]\nL = sum(n, t, h[n,t]**2)"
    system = system_from_equations(equations, ["K[p]", "w"], ["x[n,l]"], sizes={"l": 7, "p": 3, "t": 9})
    assert "    h = placed((N, 9), K[:, None] * x[:, None, :], {1: (range(3), range(7))})\n" in module_source(derive(system))


def test_which_node_it_is() -> None:
    i, p, n = index("i"), index("p"), index("n")
    labels = Tensor("y", (n,), Role.TARGET, Values.LABELS, "a")
    assert isinstance(array_form(entry("A", (n, i))), Read)
    assert array_form(entry("A", (n, 2 * i + p - 1))) == Window("A", (AffineIndex(((n, 1),)), AffineIndex(((i, 2), (p, 1)), -1)), (n, i, p))
    assert isinstance(array_form(entry("A", (n, labels.at(n)))), Gather)
    assert isinstance(array_form(bound_sum(entry("f", (n, i)) * KroneckerDelta(p, 2 * i), i)), Placed)
    assert isinstance(array_form(bound_sum(entry("f", (n, i)) * KroneckerDelta(p, labels.at(n)), n)), Scatter)
    both = bound_sum(entry("f", (i,)) * KroneckerDelta(p, i) * KroneckerDelta(n, i + 1), i)
    assert not [part for part in everything(array_form(both)) if isinstance(part, Placed)]


def test_labels_read_at_a_shift_are_places() -> None:
    """E[tok[n, t + 1], d]: the labels are windows, the table is looked up."""
    n, t, d = index("n"), index("i"), index("d")
    tokens = Tensor("tok", (n, index("a")), Role.INPUT, Values.LABELS, "b")
    setting = Setting({"n": 2, "a": 5, "i": 4, "b": 7, "d": 3}, {"E": "bd", "x": "na"})
    written = source_of(entry("E", (tokens.at(n, t + 1), d)), [n, t, d], setting)
    assert written == "gather(E, windows(tok, {1: (range(1, 5),)})[:, :, None], np.arange(3))"


@pytest.mark.parametrize("text", ["i*p", "i/2", "i**2"])
def test_places_count_in_whole_numbers(text: str) -> None:
    assert affine(place(text)) is None


def test_letters_with_the_largest_steps_come_first() -> None:
    assert affine(place("p + 12*i - 4*j - 3")) == AffineIndex(((index("i"), 12), (index("j"), -4), (index("p"), 1)), -3)


@pytest.mark.parametrize("name", ["window", "placed"])
def test_matrix_notation_has_no_sign_for_them(name: str) -> None:
    i, a = index("i"), index("a")
    value = entry("x", (2 * i,)) if name == "window" else bound_sum(entry("y", (i,)) * KroneckerDelta(a, 2 * i), i)
    with pytest.raises(NotExpressible, match="computed places"):
        matrix_form(Equation(Tensor("L", (i,) if name == "window" else (a,), Role.INTERMEDIATE), value))


def test_axis_names_of_letters_with_primes() -> None:
    """A letter with a prime runs over the same axis, and a read of both is a table of pairs."""
    setting = Setting({"i": 3, "a": 7}, {"A": "a"})
    i, other = index("i"), index("i_")
    assert axis_name(other) == "i"
    assert agree(entry("A", (2 * i + other,)), [other, i], setting) == "windows(A, {0: (range(3), range(0, 6, 2))}).copy()"
