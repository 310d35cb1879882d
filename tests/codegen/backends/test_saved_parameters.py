"""Parameters in files and back: the same numbers, the same bytes, and a ValueError where a file is another network's."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from chainrule import Dense, Network, derive, load

NETWORK = Network(3, [Dense(7, "tanh"), Dense(2, "sigmoid")], "quadratic", name="saved")
#: Parameters are called like arguments of NumPy's savez, and one is a single number.
AWKWARD = (
    "name = 'awkward'\nbatch = 'n'\ninputs = ['x[n,i]']\nparameters = ['file[j,i]', 'path', 'allow_pickle[j]']\nsizes = {i = 3, j = 5}\n"
    "equations = 'C = sum(n, j, (path*sum(i, file[j,i]*x[n,i]) + allow_pickle[j])**2)/N'\n"
)


@pytest.fixture(scope="module", params=["plain", "fast"])
def modules(request: pytest.FixtureRequest) -> tuple[ModuleType, ModuleType]:
    return load(derive(NETWORK), style=request.param), load(derive(AWKWARD), style=request.param)


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_there_and_back(modules: tuple[ModuleType, ModuleType], tmp_path: Path, ending: str, dtype: type) -> None:
    for module in modules:
        params = module.init(np.random.default_rng(0), dtype)
        path = tmp_path / f"weights.{ending}"
        module.save(params, path)
        found = module.restore(str(path))
        for name, before, after in zip(params._fields, params, found, strict=True):
            assert (before.shape, before.dtype) == (after.shape, after.dtype), name
            np.testing.assert_array_equal(before, after)
        first = path.read_bytes()
        module.save(found, path)
        assert path.read_bytes() == first
        assert [each.name for each in tmp_path.iterdir()] == [path.name], "nothing is left beside it"


def test_other_programs_read_the_same_arrays(modules: tuple[ModuleType, ModuleType], tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    module = modules[0]
    params = module.init(np.random.default_rng(0))
    module.save(params, tmp_path / "w.npz", {"run/epoch": np.array(3)})
    module.save(params, tmp_path / "w.safetensors")
    with np.load(tmp_path / "w.npz") as file:
        assert set(file.files) == {"W1", "b1", "W2", "b2", "run/epoch"}
        np.testing.assert_array_equal(file["W1"], params.W1)
    np.testing.assert_array_equal(load_file(tmp_path / "w.safetensors")["W2"], params.W2)


def test_parameters_of_another_network(modules: tuple[ModuleType, ModuleType], tmp_path: Path) -> None:
    module = modules[0]
    np.savez(tmp_path / "other.npz", W1=np.zeros((7, 3)), b1=np.zeros(7), W2=np.zeros((2, 7)))
    with pytest.raises(ValueError, match=r"other\.npz: no array called b2; expected W1, b1, W2, b2"):
        module.restore(tmp_path / "other.npz")
    np.savez(tmp_path / "wide.npz", W1=np.zeros((7, 4)), b1=np.zeros(7), W2=np.zeros((2, 7)), b2=np.zeros(2))
    with pytest.raises(ValueError, match=r"W1: found shape \(7, 4\), expected \(7, 3\)"):
        module.restore(tmp_path / "wide.npz")
