"""What --explain says of a program: operations and calls by counting them, memory by measuring it."""

from __future__ import annotations

import gc
import re
import tracemalloc
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from nets import NETS, SMALL, Net

from chainrule import Dense, Network, derive
from chainrule.codegen.backends.fast.amounts import Amount, amount_of
from chainrule.codegen.backends.fast.cost_model import work_of
from chainrule.codegen.backends.fast.ir.operations import ElementType
from chainrule.codegen.backends.fast.ir.sizes import EntryCount
from chainrule.codegen.backends.fast.memory_size import step_memory, workspace_storage
from chainrule.codegen.backends.fast.pipeline import fast
from chainrule.codegen.backends.fast.source.made_line import NewArray
from chainrule.codegen.backends.registry import module_source
from chainrule.codegen.checking.loading import load_source
from chainrule.symbolic.derivation.derivation import Derivation

#: Between what is stated and what is measured.
SLACK = 0.10


def test_amounts_are_formulas() -> None:
    steps, examples = EntryCount(2, ("N_t",)), EntryCount(3, ("N",))
    amount = amount_of(steps) * amount_of(examples) + amount_of(5) + amount_of(examples) - amount_of(1)
    assert str(amount) == "6 N N_t + 3 N + 4"
    assert amount.at({"N": 7, "N_t": 11}) == 6 * 77 + 21 + 4
    assert str(amount_of(EntryCount(1, ("N", "N"))) - amount_of(examples)) == "N^2 - 3 N"
    assert str(Amount()) == "0"
    assert str(amount_of(examples) - amount_of(examples)) == "0"


def test_operations_of_dense_layers_are_those_of_their_products() -> None:
    made = fast(derive(Network(7, [Dense(5, "tanh"), Dense(3, "tanh")], "quadratic")))
    sizes = {"N": 11}
    flops = work_of(made.operations, made.system, made.memory.over).flops.at(sizes)
    # Forward, dW, and dx of the second layer; what remains are functions of every entry and sums.
    products = 2 * 11 * (2 * 7 * 5 + 3 * 5 * 3)
    assert products < flops < products + 12 * 11 * (5 + 3)


@pytest.mark.parametrize("name", ["sigmoid of many", "tanh", "deep", "block", "lenet", "recurrent"])
def test_calls_are_the_lines_that_run(name: str) -> None:
    made = fast(derive(SMALL[name].kind.network()))
    assert not made.program.reasons
    stated = work_of(made.operations, made.system, made.memory.over).calls
    # In a module of these sizes steps and slices are counted by running it.
    assert stated.at({"N": SMALL[name].batch}) == calls_made(derive(SMALL[name].kind.network()), SMALL[name])


def calls_made(derivation: Derivation, net: Net) -> int:
    """How many lines with a call of NumPy run in a call of the workspace."""
    source = module_source(derivation, style="fast")
    start, end = source.index("        def run("), source.index("        return run\n")
    lines = source[start:end].splitlines()
    counted = [lines[0], "            global calls_made"]
    for line in lines[1:]:
        is_call = re.match(r"\s+[\w.]+(\(|\[\.\.\.\] = )", line) and not line.strip().startswith("return")
        if is_call:
            counted.append(f"{line[: len(line) - len(line.lstrip())]}calls_made += {16 if 'error_function(' in line else 1}")
        counted.append(line)
    module = load_source(source[:start] + "\n".join(counted) + "\n" + source[end:] + "\n\ncalls_made = 0\n", "counted")
    params, x, y = net.arrays(module, np.dtype(np.float64))
    workspace = module.Workspace(net.batch)
    workspace.cost_and_gradients(module.packed(module.Parameters(*params)), x, y)
    return int(module.calls_made)


def test_what_the_arrays_of_a_workspace_take() -> None:
    of_examples, of_steps = EntryCount(1, ("N",)), EntryCount(1, ("N_t",))
    arrays = [
        NewArray((EntryCount(128, ("N",)),)),
        NewArray((EntryCount(3, ("N",)),), ElementType.TEST),
        NewArray((EntryCount(5, ("N",)),)),
        NewArray((of_steps.times(EntryCount(3)), EntryCount(6))),
        NewArray((of_examples,), ElementType.INTEGER),
        NewArray((EntryCount(1),)),
    ]
    storage = workspace_storage(arrays)
    assert str(storage.numbers) == "133 N + 3 N_t + 7"
    assert str(storage.other_bytes) == "11 N"
    assert str(storage.bytes("float32")) == "543 N + 12 N_t + 28"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["c1024", "d", "f", "g", "h"])
def test_the_stated_peak_is_what_a_step_takes(name: str, dtype: str) -> None:
    derivation = derive(NETS[name].kind.network())
    stated = step_memory(fast(derivation), {"N": NETS[name].batch}).whole.bytes(dtype).at({"N": NETS[name].batch})
    module = load_source(module_source(derivation, style="fast"), "measured")
    measured = peak_of_a_step(module, NETS[name], np.dtype(dtype))
    assert abs(stated - measured) <= SLACK * measured, f"stated {stated:,}, measured {measured:,}"


def peak_of_a_step(module: ModuleType, net: Net, dtype: np.dtype[Any]) -> int:
    """Packed parameters, a workspace, and a call of it; the data were there before."""
    params, x, y = net.arrays(module, dtype)
    gc.collect()
    tracemalloc.start()
    try:
        packed = module.packed(module.Parameters(*params))
        workspace = module.Workspace(net.batch, dtype)
        workspace.cost_and_gradients(packed, x, y)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
