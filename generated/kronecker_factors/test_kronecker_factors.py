"""Tests of kronecker_factors.py: its gradients against numeric ones, both float types, and arrays that do not fit."""

import numpy as np
import pytest

import kronecker_factors


@pytest.mark.parametrize("seed", range(3))
def test_gradients_agree_with_numeric_ones(seed):
    errors = kronecker_factors.check(np.random.default_rng(seed))
    assert set(errors) == {
        "W1",
        "b1",
        "W2",
        "b2",
        "kronecker_factors W1",
        "kronecker_factors W2",
    }
    assert all(error < 1e-06 for error in errors.values()), errors


def test_float32_gives_the_same_gradients():
    rng = np.random.default_rng(1)
    params, arrays = kronecker_factors.init(rng), kronecker_factors.sample(rng)
    single = kronecker_factors.Parameters(*(array.astype(np.float32) for array in params))
    narrow = tuple(array.astype(np.float32) if array.dtype.kind == "f" else array for array in arrays)
    _, expected = kronecker_factors.cost_and_gradients(params, *arrays)
    _, found = kronecker_factors.cost_and_gradients(single, *narrow)
    for name, wide, gradient in zip(expected._fields, expected, found):
        assert gradient.dtype == np.float32, name
        assert np.allclose(gradient, wide, rtol=1e-3, atol=1e-4 * max(np.abs(wide).max(), 1e-3)), name


def test_a_wrong_shape_is_named():
    rng = np.random.default_rng(2)
    params, (x, *rest) = kronecker_factors.init(rng), kronecker_factors.sample(rng)
    with pytest.raises(ValueError, match="x: found shape"):
        kronecker_factors.cost(params, np.zeros((2, 2, 2)), *rest)
    with pytest.raises(ValueError, match="x: found dtype"):
        kronecker_factors.cost(params, x.astype(int), *rest)

# chainrule fingerprint 9e2b9a701275584b
