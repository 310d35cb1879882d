"""Loops over blocks of rows: the numbers of plain style, small networks with limits that are low; no large arrays with the usual ones."""

from __future__ import annotations

from typing import Any

import pytest
from test_fast import assert_fast_is_plain

from chainrule import Layer, Network, derive
from chainrule.codegen.backends.c.program import compiled_for_c
from chainrule.codegen.backends.fast.ir.operations import RowBlocks
from chainrule.codegen.backends.fast.passes import row_blocks, wide_arrays
from chainrule.codegen.backends.fast.pipeline import fast
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.language.system_reader import system_from_equations

SOFTMAX = "e[n,t,u] = exp(s[n,t,u])\nz[n,t] = sum(u, e[n,t,u])\np[n,t,u] = e[n,t,u]/z[n,t]\n"
SCORES = "q[n,t,d] = sum(i, A[i,d]*x[n,t,i])\nk[n,u,d] = sum(i, B[i,d]*x[n,u,i])\ns[n,t,u] = sum(d, q[n,t,d]*k[n,u,d])\n"
COST = "C = mean(n, sum(t, sum(i, (w[n,t,i] - y[n,t,i])**2)))"


def by_layers(steps: int, *layers: tuple[str, dict[str, Any]]) -> Derivation:
    return derive(Network([steps, 6], [Layer(kind, options) for kind, options in layers], "quadratic"))


def by_equations(equations: str, *more: str) -> Derivation:
    sizes = {"t": 13, "i": 3, "d": 2}
    given = {"inputs": ["x[n,t,i]", *more], "targets": ["y[n,t,i]"], "parameters": ["A[i,d]", "B[i,d]"]}
    return derive(system_from_equations(equations, sizes=sizes, batch="n", **given))


NETWORKS = {
    "a block": lambda: by_layers(7, ("transformer_block", {"heads": 2, "hidden": 5})),
    "two blocks, causal": lambda: by_layers(11, *[("transformer_block", {"heads": 3, "hidden": 5, "causal": True})] * 2),
    "one sequence as queries and keys": lambda: by_layers(13, ("dense", {"units": 6}), ("attention", {"causal": True})),
    "several heads": lambda: by_layers(13, ("multi_head_attention", {"heads": 2, "causal": True})),
    "groups of queries": lambda: by_layers(7, ("grouped_query_attention", {"heads": 6, "key_heads": 2, "rotary": False})),
    "no softmax": lambda: by_equations(SCORES + "w[n,t,i] = sum(u, tanh(s[n,t,u])*x[n,u,i])\n" + COST),
    "factors that are given": lambda: by_equations(SCORES + SOFTMAX + "w[n,t,i] = sum(u, m[n,t,u]*p[n,t,u]*x[n,u,i])\n" + COST, "m[n,t,u]"),
    "a penalty": lambda: by_equations(
        SCORES + SOFTMAX + "w[n,t,i] = sum(u, p[n,t,u]*x[n,u,i])\n" + COST + " + mean(n, sum(t, sum(u, p[n,t,u]**2)))"
    ),
    "two that wait for each other": lambda: by_equations(
        SCORES + "r[n,t,u] = sum(d, k[n,t,d]*q[n,u,d])\nf[n,t] = sum(u, cos(s[n,t,u]))\ng[n,t] = sum(u, tanh(r[n,t,u]))\n"
        "w[n,t,i] = sum(u, (cos(s[n,t,u]) + g[n,t])*x[n,u,i]) + sum(u, (tanh(r[n,t,u]) + f[n,t])**2*x[n,u,i])\n" + COST
    ),
    "weights of weights": lambda: by_equations(
        SCORES + SOFTMAX + "r[n,t,u] = sum(v, p[n,t,v]*p[n,v,u])\nw[n,t,i] = sum(u, r[n,t,u]*x[n,u,i])\n" + COST
    ),
}
#: What meets its own transpose, whose rows need all others, and loops of which none could be first.
WITHOUT = ("one sequence as queries and keys", "two that wait for each other")


def loops_of(derivation: Derivation) -> set[RowBlocks]:
    return {operation.loop for operation in fast(derivation).operations if isinstance(operation.loop, RowBlocks)}


@pytest.fixture(params=[(3, "blocks and a rest"), (1, "single rows")], ids=lambda param: param[1])
def blocks_of_few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    rows: int = request.param[0]
    monkeypatch.setattr(wide_arrays, "FEWEST_PAIRS", 1)
    monkeypatch.setattr(wide_arrays, "LEAST_RATIO", 0.5)
    monkeypatch.setattr(row_blocks, "BLOCK_ENTRIES", 0)
    monkeypatch.setattr(row_blocks, "FEWEST_ROWS", rows)
    return rows


@pytest.mark.parametrize("name", NETWORKS)
def test_blocks_are_plain(name: str, blocks_of_few: int) -> None:
    derivation = NETWORKS[name]()
    loops = loops_of(derivation)
    assert bool(loops) == (name not in WITHOUT)
    assert {loop.rows for loop in loops if loop.count > 1} <= {blocks_of_few}
    assert_fast_is_plain(derivation)


@pytest.mark.parametrize("steps", [257, 512])
def test_no_array_is_over_all_pairs(steps: int) -> None:
    derivation = by_layers(steps, ("transformer_block", {"heads": 2, "hidden": 5, "causal": True}))
    rows = {loop.rows for loop in loops_of(derivation)}
    assert rows
    assert max(rows) * steps <= row_blocks.BLOCK_ENTRIES
    for at in (fast(derivation), compiled_for_c(derivation)):
        entries = {block.name: block.extent.entries({"N": 1}) for block in at.memory.blocks}
        assert max(entries.values()) <= row_blocks.BLOCK_ENTRIES, entries
