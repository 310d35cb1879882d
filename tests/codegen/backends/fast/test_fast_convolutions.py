"""Windows, placements, pooling, gathers in fast modules: the numbers of plain ones, and that nothing is copied which need not be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from test_fast import assert_fast_is_plain

from chainrule import Layer, Network, derive
from chainrule.codegen.backends.fast.compilation import Fast
from chainrule.codegen.backends.fast.ir.sizes import EntryCount
from chainrule.codegen.backends.fast.passes.strides import Strided, of_window, whole
from chainrule.codegen.backends.fast.pipeline import fast
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.index.axes import index
from chainrule.symbolic.language.system_reader import system_from_equations


def network(*layers: Layer, shape: tuple[int, ...] = (2, 11, 7), cost: str = "quadratic") -> Derivation:
    return derive(Network(list(shape), list(layers), cost))


def convolution(**options: Any) -> Derivation:
    first = Layer("conv2d", {"channels": 3, "kernel": 2}, "tanh")
    return network(first, Layer("conv2d", {"channels": 5, "kernel": 3, **options}, "tanh"))


def functions(made: Fast) -> list[str]:
    return [operation.function for operation in made.operations]


def lines(made: Fast) -> list[str]:
    return [line for statement in made.statements for line in statement.lines]


def largest(made: Fast) -> int:
    """How many entries the largest array has for each example."""
    return max(block.extent.count for block in made.memory.blocks if block.extent.open_sizes)


def test_a_convolution_copies_rows_of_windows_and_multiplies_row_by_row() -> None:
    made = fast(convolution())
    # Rows: 10 by 3 channels by 3 places by 4 columns; all windows would be 8 rows by 4 by 3 by 3 by 3.
    rows = made.memory.of["a1_rows"]
    assert rows.extent == EntryCount(10 * 3 * 3 * 4, ("N",))
    assert largest(made) < 8 * 4 * 3 * 3 * 3
    assert any(line.startswith("matmul(W2") and "a1_rows_windows" in line for line in lines(made))


def test_the_examples_lie_innermost() -> None:
    made = fast(convolution())
    for name in ("z1", "z2", "dz1", "dz2"):
        entry = made.program.tensors[name]
        assert [str(letter) for letter in made.source.layouts.stored(entry)][-1] == "n"


def test_without_the_pass_the_numbers_are_the_same() -> None:
    derivation = convolution()
    by_rows, plainly = fast(derivation), fast(derivation, without={"convolution"})
    assert largest(plainly) == 8 * 4 * 3 * 3 * 3 > largest(by_rows)
    assert_fast_is_plain(derivation, {"convolution"})


@pytest.mark.parametrize(
    "options",
    [
        {"stride": 2},
        {"padding": 1},
        {"dilation": 2},
        {"stride": 2, "padding": 2},
        {"groups": 3, "channels": 6},
        {"padding": 2, "dilation": 2},
    ],
    ids=str,
)
def test_convolutions_of_all_kinds(options: dict[str, int]) -> None:
    assert_fast_is_plain(convolution(**options))


def test_one_dimension_is_not_unrolled_into_windows() -> None:
    derivation = network(
        Layer("conv1d", {"channels": 3, "kernel": 2}, "tanh"), Layer("conv1d", {"channels": 5, "kernel": 4}), shape=(2, 13)
    )
    assert_fast_is_plain(derivation)
    made = fast(derivation)
    # Windows of a1 are read where it lies: there is no copy, neither of windows nor of rows.
    windows = [operation for operation in made.operations if operation.function == "window" and operation.equation == "a2"]
    assert [entry.name for operation in windows for entry in operation.entries] == ["a1"]
    copied = [
        entry.name
        for operation in made.operations
        if operation.function == "copy" and operation.equation == "a2"
        for entry in operation.entries
    ]
    assert copied == ["b2"]


def test_a_border_is_made_once_and_not_shared() -> None:
    made = fast(network(Layer("conv2d", {"channels": 3, "kernel": 3, "padding": 1}, "tanh")))
    bordered = [operation.result.name for operation in made.operations if operation.function == "pad"]
    assert bordered
    for name in bordered:
        own = made.memory.of[name]
        assert [value for value, block in made.memory.of.items() if block is own] == [name]
        (line,) = (line for line in made.source.made if line.name == made.source.base(name))
        assert line.array is not None
        assert line.text.startswith("np.zeros(")


def test_a_border_stays_zero_in_later_calls() -> None:
    derivation = network(
        Layer("conv2d", {"channels": 3, "kernel": 3, "padding": 1}, "tanh"), Layer("conv2d", {"channels": 2, "kernel": 3, "padding": 1})
    )
    plain, module = load(derivation, verify=False), load(derivation, style="fast", verify=False)
    rng = np.random.default_rng(0)
    workspace = module.Workspace(5)
    for _ in range(3):
        params = module.init(rng)
        data = [rng.standard_normal((5, *shape)) for shape in ((2, 11, 7), (2, 11, 7))]
        value, gradients = workspace.cost_and_gradients(params, *data)
        expected, wanted = plain.cost_and_gradients(plain.Parameters(*params), *data)
        assert value == pytest.approx(expected, rel=1e-13)
        for own, other in zip(gradients, wanted, strict=True):
            np.testing.assert_allclose(own, other, atol=1e-12 * np.abs(other).max())


@pytest.mark.parametrize("kind", ["max_pool2d", "average_pool2d"])
@pytest.mark.parametrize("options", [{"kernel": 2}, {"kernel": 3, "stride": 2}])
def test_pooling_is_a_few_slices(kind: str, options: dict[str, int]) -> None:
    derivation = network(Layer("conv2d", {"channels": 3, "kernel": 3}, "tanh"), Layer(kind, options))
    assert_fast_is_plain(derivation)
    made = fast(derivation)
    pooled = [operation.function for operation in made.operations if operation.equation == "a2"]
    assert not {"sum", "max"} & set(pooled)
    # One dimension after the other.
    assert pooled.count("add" if kind == "average_pool2d" else "maximum") == 2 * (options["kernel"] - 1)


def test_pooling_backwards_writes_every_place_once_and_scales_before() -> None:
    made = fast(network(Layer("conv2d", {"channels": 3, "kernel": 2}, "tanh"), Layer("average_pool2d", {"kernel": 2}), shape=(2, 9, 7)))
    spread = next(operation for operation in made.operations if operation.function == "spread" and operation.equation == "da1")
    assert len(spread.entries[0].letters) == 4
    assert not [
        operation
        for operation in made.operations
        if operation.equation == "da1" and operation.result.name == "da1" and operation is not spread
    ]


def test_the_gradient_of_what_is_convolved_is_one_product_along_rows() -> None:
    made = fast(convolution())
    own = [operation for operation in made.operations if operation.equation == "da1"]
    assert [operation.function for operation in own if operation.function != "window"][-2:] == ["product", "placed"]
    # Only the columns are added up in a loop: 3 places.
    assert sum(operation.function == "pad" for operation in own) == 1


def test_sums_from_both_ends() -> None:
    made = fast(convolution())
    assert [operation.function for operation in made.operations if operation.equation == "db2"] == ["sum", "sum"]
    assert not any(
        line.startswith("add_reduce") for statement in made.statements if statement.equation == "db2" for line in statement.lines
    )


def test_strides_of_windows_that_overlap() -> None:
    system = convolution().system
    made = fast(convolution())
    axes = ("i", "d", "n")
    value = replace(next(iter(made.program.values.values())), axes=axes)
    base = whole(value, (0, 1, 2), system)
    assert base.strides == (EntryCount(3, ("N",)), EntryCount(1, ("N",)), EntryCount(1))
    i, p, d, n = map(index, ("i2", "p", "d", "n"))
    places = (AffineIndex(((i, 1), (p, 1))), AffineIndex(((d, 1),)), AffineIndex(((n, 1),)))
    view = of_window(replace(value, axes=("i2", "p", "d", "n")), base, places, system)
    assert view.is_chain((1, 2))
    assert view.is_chain((0, 2))
    assert not view.is_chain((0, 1))
    assert view.is_matrix((1, 2), (3,))
    assert not Strided((EntryCount(4), EntryCount(3)), (EntryCount(1), EntryCount(1))).is_matrix((0,), (1,))


EMBEDDED = {
    "name": "embedded",
    "inputs": ["x[n,t] in v"],
    "targets": ["y[n] in k"],
    "parameters": ["E[v,d]", "W[k,d]"],
    "equations": """
    s[n,k] = sum(t, d, E[x[n,t],d]*W[k,d])
    C = mean(n, log(sum(k, exp(s[n,k]))) - s[n,y[n]])
    """,
    "sizes": {"v": 300, "k": 5, "d": 3},
}


def embedded() -> Derivation:
    return derive(system_from_equations(**EMBEDDED))


def test_labels_are_looked_up_and_added_up_without_new_arrays() -> None:
    derivation = embedded()
    assert_fast_is_plain(derivation)
    made = fast(derivation)
    assert {"gather", "scatter"} <= set(functions(made))
    assert "plain" not in functions(made)
    assert any(line.startswith("add_at(") for line in lines(made))


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint64])
def test_labels_of_any_integer_type(kind: Any) -> None:
    derivation = embedded()
    plain, module = load(derivation, verify=False), load(derivation, style="fast", verify=False)
    rng = np.random.default_rng(1)
    params = module.init(rng)
    x, y = rng.integers(0, 256, (7, 4)).astype(kind), rng.integers(0, 5, 7).astype(kind)
    value, gradients = module.cost_and_gradients(params, x, y)
    expected, wanted = plain.cost_and_gradients(plain.Parameters(*params), x, y)
    assert value == pytest.approx(expected, rel=1e-13)
    for own, other in zip(gradients, wanted, strict=True):
        np.testing.assert_allclose(own, other, atol=1e-13)
