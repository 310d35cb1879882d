"""With the optimisations that users get, which the other tests leave out: compilers have been found to get loops wrong."""

from __future__ import annotations

import pytest
from derived_networks import derived
from test_c import assert_c_is_plain

from chainrule import Dense, Layer, Network, derive


@pytest.mark.parametrize("pooling", ["average_pool2d", "max_pool2d"])
def test_entries_that_are_read_only_where_a_test_holds(pooling: str) -> None:
    """dz = da where z > 0, of arrays of four dimensions: GCC 12 with AVX left out entries, at -O3 alone."""
    layers = [Layer("conv2d", {"channels": 2, "kernel": 3}, "relu"), Layer(pooling, {"kernel": 2}), Layer("flatten"), Dense(3, "softmax")]
    assert_c_is_plain(derive(Network([1, 6, 6], layers, "cross_entropy", targets="labels")))


@pytest.mark.parametrize("name", ["layers max_pool2d beyond the edge", "equations max_over_an_axis", "layers lstm"])
def test_networks(name: str) -> None:
    assert_c_is_plain(derived(name))
