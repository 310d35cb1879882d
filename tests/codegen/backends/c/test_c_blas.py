"""Modules in C whose products a BLAS computes: that which NumPy brings, called by the names and integers that it has there."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import pytest
from derived_networks import derived
from test_c import STRICT, assert_c_is_plain

from chainrule import Dense, Network, derive, load

HEADER = """
typedef enum { CblasRowMajor = 101 } CBLAS_ORDER;
typedef enum { CblasNoTrans = 111, CblasTrans = 112 } CBLAS_TRANSPOSE;
#define cblas_sgemm %(prefix)scblas_sgemm%(suffix)s
#define cblas_dgemm %(prefix)scblas_dgemm%(suffix)s
typedef %(int)s size;
void cblas_sgemm(CBLAS_ORDER, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, size, size, size, float, const float *, size, const float *, size, float,
                 float *, size);
void cblas_dgemm(CBLAS_ORDER, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, size, size, size, double, const double *, size, const double *, size,
                 double, double *, size);
"""
#: What stands before and after the names of functions, and the type of sizes.
FORMS = [("scipy_", "64_", "long long"), ("scipy_", "", "int"), ("", "64_", "long long"), ("", "", "int")]


@pytest.fixture
def cblas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the function for float in the library, for which everything is compiled."""
    for library in sorted((Path(np.__file__).parents[1] / "numpy.libs").glob("*openblas*")):
        for prefix, suffix, integer in FORMS:
            name = f"{prefix}cblas_sgemm{suffix}"
            if hasattr(ctypes.CDLL(str(library)), name):
                (tmp_path / "cblas.h").write_text(HEADER % {"prefix": prefix, "suffix": suffix, "int": integer}, encoding="utf-8")
                linked = f"-L{library.parent} -Wl,-rpath,{library.parent} -l:{library.name}"
                flags = f"{STRICT} -DCHAINRULE_CBLAS -DCHAINRULE_CBLAS_FROM=1 -I{tmp_path} {linked}"
                monkeypatch.setenv("CHAINRULE_CFLAGS", flags)
                return name
    pytest.skip("this NumPy brings no OpenBLAS")


@pytest.mark.parametrize("sizes", [(3, 5, 7), (33, 16, 31), (1, 17, 2)], ids=str)
def test_dense_networks(sizes: tuple[int, int, int], cblas: str) -> None:
    features, units, outputs = sizes
    derivation = derive(Network(features, [Dense(units, "tanh"), Dense(outputs, "softmax")], "cross_entropy"))
    assert_c_is_plain(derivation)
    written = load(derivation, target="c", verify=False)
    params = written.init(np.random.default_rng(3), np.float32)
    written.cost(params, np.ones((5, features), np.float32), np.eye(5, outputs, dtype=np.float32))
    compiled = list((Path(written.__file__).parent / "__pycache__").glob("*.so"))
    assert compiled
    assert all(cblas.encode() in library.read_bytes() for library in compiled)


@pytest.mark.parametrize("name", ["layers lstm", "layers transformer_block", "layers gru"])
def test_other_networks(name: str, cblas: str) -> None:
    assert cblas
    assert_c_is_plain(derived(name))
