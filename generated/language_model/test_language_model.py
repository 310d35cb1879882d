"""Tests of language_model.py: its gradients against numeric ones, both float types, and arrays that do not fit."""

import numpy as np
import pytest

import language_model


@pytest.mark.parametrize("seed", range(3))
def test_gradients_agree_with_numeric_ones(seed):
    errors = language_model.check(np.random.default_rng(seed))
    assert set(errors) == set(language_model.Parameters._fields)
    assert all(error < 1e-06 for error in errors.values()), errors


def test_float32_gives_the_same_gradients():
    rng = np.random.default_rng(1)
    params, arrays = language_model.init(rng), language_model.sample(rng)
    single = language_model.Parameters(*(array.astype(np.float32) for array in params))
    narrow = tuple(array.astype(np.float32) if array.dtype.kind == "f" else array for array in arrays)
    _, expected = language_model.cost_and_gradients(params, *arrays)
    _, found = language_model.cost_and_gradients(single, *narrow)
    for name, wide, gradient in zip(expected._fields, expected, found):
        assert gradient.dtype == np.float32, name
        assert np.allclose(gradient, wide, rtol=1e-3, atol=1e-4 * max(np.abs(wide).max(), 1e-3)), name


def test_a_wrong_shape_is_named():
    rng = np.random.default_rng(2)
    params, (tok, *rest) = language_model.init(rng), language_model.sample(rng)
    with pytest.raises(ValueError, match="tok: found shape"):
        language_model.cost(params, np.zeros((2, 2, 2)), *rest)
    with pytest.raises(ValueError, match="tok: found dtype"):
        language_model.cost(params, tok.astype(int), *rest)

# chainrule fingerprint 0b34d6d8a50c681e
