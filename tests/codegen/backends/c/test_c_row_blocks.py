"""Loops over blocks of rows in C: the numbers of plain style, with limits so low that small networks have them."""

from __future__ import annotations

import platform
import re

import pytest
from test_c import STRICT, assert_c_is_plain
from test_fast_row_blocks import NETWORKS, blocks_of_few, by_layers

from chainrule import Dense, Network, derive
from chainrule.codegen.backends.c.module import c_module
from chainrule.codegen.backends.c.program import compiled_for_c
from chainrule.codegen.backends.fast.ir.operations import RowBlocks
from chainrule.codegen.backends.registry import module_files
from chainrule.symbolic.language.system_reader import system_from_equations

__all__ = ["blocks_of_few"]


@pytest.mark.usefixtures("blocks_of_few")
@pytest.mark.parametrize("name", ["a block", "two blocks, causal", "groups of queries", "a penalty", "factors that are given"])
def test_blocks_in_c_are_plain(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_CFLAGS", STRICT)
    derivation = NETWORKS[name]()
    assert any(isinstance(operation.loop, RowBlocks) for operation in compiled_for_c(derivation).operations)
    assert_c_is_plain(derivation)


@pytest.mark.usefixtures("blocks_of_few")
@pytest.mark.parametrize("flags", ["-O2 -march=native", "-O2 -mno-avx512f -mavx2 -mfma", "-O2 -mno-avx", "-O2 -DNETWORK_PLAIN"])
def test_right_sides_of_all_blocks_are_in_panels(flags: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "avx" in flags and platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("only x86 has these vectors")
    monkeypatch.setenv("CHAINRULE_CFLAGS", f"{STRICT} {flags}")
    derivation = by_layers(37, ("transformer_block", {"heads": 2, "hidden": 5, "causal": True}))
    source = module_files(derivation, style="c").beside["network.c"]
    # Keys, for the scores of both passes, and values, for the adjoints of the weights.
    assert len(re.findall(r"(?<!static void )\bfill_panels\(", source)) >= 3
    assert_c_is_plain(derivation)


@pytest.mark.usefixtures("blocks_of_few")
def test_statistics_of_rows_are_those_of_the_forward_pass() -> None:
    derivation = by_layers(37, ("transformer_block", {"heads": 2, "hidden": 5, "causal": True}))
    source = module_files(derivation, style="c").beside["network.c"]
    forward, backward = (source[source.index(f"void network_{name}(") :] for name in ("forward", "backward"))
    # Largest scores and sums of exponentials; with a cache of another origin they are computed again.
    assert "largest_of(" in forward
    assert "largest_of(" not in backward
    assert c_module(derivation).program.has_statistics
    # Adjoints of weights times weights are added up without an array.
    assert " = inner_of(&work->ds1[" in backward
    assert not c_module(derive(Network(7, [Dense(5, "tanh"), Dense(3, "softmax")], "cross_entropy"))).program.has_statistics


@pytest.mark.parametrize("flags", ["-O3 -march=native", "-O2 -mno-avx512f -mavx2 -mfma", "-O2 -mno-avx", "-O2 -DNETWORK_PLAIN"])
def test_products_of_two_rows_are_added_up_by_vectors(flags: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "avx" in flags and platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("only x86 has these vectors")
    monkeypatch.setenv("CHAINRULE_CFLAGS", f"{STRICT} {flags}")
    equations = "a[n,i] = sum(k, W[i,k]*x[n,k])\nb[n,i] = sum(k, V[i,k]*x[n,k])\ns[n] = sum(i, a[n,i]*b[n,i])\nC = mean(n, s[n]**2)"
    derivation = derive(system_from_equations(equations, ["W[i,k]", "V[i,k]"], ["x[n,k]"], sizes={"i": 103, "k": 5}, batch="n"))
    assert " = inner_of(" in module_files(derivation, style="c").beside["network.c"]
    assert_c_is_plain(derivation)


def test_rows_are_added_up_in_the_loop_that_makes_them() -> None:
    source = module_files(by_layers(7, ("layer_norm", {})), style="c").beside["network.c"]
    _, first, *_ = source[source.index("void network_forward") :].split("\n    for (ptrdiff_t n = 0")
    # Means and variances.
    assert first.count("total_of(") == 2
