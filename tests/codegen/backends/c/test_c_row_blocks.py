"""Loops over blocks of rows in C: the numbers of plain style, with limits so low that small networks have them."""

from __future__ import annotations

import pytest
from test_c import STRICT, assert_c_is_plain
from test_fast_row_blocks import NETWORKS, blocks_of_few

from chainrule.codegen.backends.c.program import compiled_for_c
from chainrule.codegen.backends.fast.ir.operations import RowBlocks

__all__ = ["blocks_of_few"]


@pytest.mark.usefixtures("blocks_of_few")
@pytest.mark.parametrize("name", ["a block", "two blocks, causal", "groups of queries", "a penalty", "factors that are given"])
def test_blocks_in_c_are_plain(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_CFLAGS", STRICT)
    derivation = NETWORKS[name]()
    assert any(isinstance(operation.loop, RowBlocks) for operation in compiled_for_c(derivation).operations)
    assert_c_is_plain(derivation)
