"""A workspace in C: arrays that stay where they are, come anew, or were changed since the call before; threads beside each other."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from chainrule import Dense, Network, derive, load

EXAMPLES = 11


@pytest.fixture(scope="module", params=["2-3-2", "89-53-2"])
def modules(request: pytest.FixtureRequest) -> tuple[ModuleType, ModuleType]:
    """A network whose step keeps Python's lock, and one that lets others run; each in C and in NumPy."""
    first, hidden, last = map(int, request.param.split("-"))
    derivation = derive(Network(first, [Dense(hidden, "tanh"), Dense(last, "softmax")], "cross_entropy", name="small"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINRULE_CFLAGS", "-O0")
        written = load(derivation, target="c")
        written.Workspace(EXAMPLES)
    return written, load(derivation)


def data(module: ModuleType, seed: int) -> list[np.ndarray]:
    """The same kinds of arrays as in the module's own check, for more examples."""
    rng = np.random.default_rng(seed)
    x, y = (np.concatenate([array] * EXAMPLES)[:EXAMPLES] for array in module.sample(rng))
    return [rng.normal(size=x.shape), y]


def assert_same(found: Any, expected: Any) -> None:
    assert found[0] == pytest.approx(expected[0], rel=1e-12)
    for own, other in zip(found[1], expected[1], strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-9, atol=1e-14)


def test_arrays_that_were_written_to_and_others_in_their_place(modules: tuple[ModuleType, ModuleType]) -> None:
    written, plain = modules
    workspace, params = written.Workspace(EXAMPLES), written.init(np.random.default_rng(2))
    x, y = data(plain, 3)
    for other_x, other_y in ((x, y), (x, y), (x.copy(), y), (x, data(plain, 4)[1]), (np.asfortranarray(x), y), (x.astype(np.float32), y)):
        assert_same(workspace.cost_and_gradients(params, other_x, other_y), plain.cost_and_gradients(params, other_x, other_y))
    x *= 0.5
    params.W1[...] += 0.25
    assert_same(workspace.cost_and_gradients(params, x, y), plain.cost_and_gradients(params, x, y))
    assert workspace.cost(params, x, y) == pytest.approx(plain.cost(params, x, y), rel=1e-12)


def test_a_shape_or_a_type_that_changed_in_place(modules: tuple[ModuleType, ModuleType]) -> None:
    written, plain = modules
    workspace, params = written.Workspace(EXAMPLES), written.init(np.random.default_rng(2))
    x, y = data(plain, 3)
    workspace.cost_and_gradients(params, x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        y.shape = y.shape[::-1]
        with pytest.raises(ValueError, match="y: found shape"):
            workspace.cost_and_gradients(params, x, y)
        y.shape = y.shape[::-1]
        workspace.cost_and_gradients(params, x, y)
        x.dtype = np.int64
    with pytest.raises(ValueError, match="x: found dtype int64"):
        workspace.cost_and_gradients(params, x, y)


def test_threads_with_workspaces_of_their_own(modules: tuple[ModuleType, ModuleType]) -> None:
    written, plain = modules
    params = written.init(np.random.default_rng(2))
    arrays = [data(plain, seed) for seed in range(5)]
    expected = [plain.cost_and_gradients(params, *own) for own in arrays]

    def again(own: list[np.ndarray]) -> Any:
        workspace = written.Workspace(EXAMPLES)
        return [workspace.result(params, *own) for _ in range(97)]

    with ThreadPoolExecutor(len(arrays)) as threads:
        for found, other in zip(threads.map(again, arrays), expected, strict=True):
            for one in found:
                assert_same(one, other)
