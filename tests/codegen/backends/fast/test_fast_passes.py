"""Each pass of the style fast: what it changes in the operations, and that a module without it has the same numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from derived_networks import derived
from nets import SMALL, Block
from test_fast import assert_fast_is_plain

from chainrule import Dense, InvalidDescription, Layer, Network, derive
from chainrule.codegen.backends.fast import pipeline
from chainrule.codegen.backends.fast.compilation import Fast
from chainrule.codegen.backends.fast.explanation import explanation
from chainrule.codegen.backends.fast.ir.operations import Origin
from chainrule.codegen.backends.fast.pass_effects import single
from chainrule.codegen.backends.fast.pass_table import OPTIONAL, PASSES, Pass
from chainrule.codegen.backends.fast.pipeline import fast
from chainrule.symbolic.derivation.derivation import Derivation

#: Softmax with labels, equal layers, windows, a recurrence, attention with layer normalisation and gelu, equations of other kinds.
NETWORKS = ("relu", "deep", "lenet", "recurrent", "block")
OTHERS = ("layers lstm", "layers rnn with relu", "equations conv_transposed_stride_two")
#: Every pass alone, and all of them.
NAMES = tuple(each.name for each in OPTIONAL)
LEFT_OUT = (*((name,) for name in NAMES), NAMES)


def small(name: str) -> Derivation:
    return derived(f"benchmark {name}")


def storage_order(made: Fast, name: str) -> tuple[int, ...]:
    return made.source.layouts.orders[name]


@pytest.mark.parametrize("without", LEFT_OUT, ids=lambda names: " ".join(names))
@pytest.mark.parametrize("name", [*NETWORKS, *OTHERS])
def test_without_a_pass_the_numbers_are_the_same(name: str, without: tuple[str, ...]) -> None:
    derivation = small(name) if name in NETWORKS else derived(name)
    assert_fast_is_plain(derivation, without)


def test_every_pass_has_something_to_do_somewhere() -> None:
    networks = [(small(name), SMALL[name].batch) for name in NETWORKS]
    # Of few exponents the largest are quickly found.
    networks.append((derive(Block(17, 6, 2, 7).network()), 3))
    # Short sequences have no large arrays over pairs.
    networks.append((derive(Block(257, 6, 2, 7).network()), 3))
    did = {report.entry.name for network, batch in networks for report in explanation(network, batch).passes if report.did}
    assert did == set(NAMES)


def test_the_table_is_what_runs_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def noted(each: Pass, what: str) -> Pass:
        run = each.run if what == "run" else each.otherwise
        return replace(each, **{what: lambda at: (ran.append(f"{what} {each.name}"), run(at))[1]})

    monkeypatch.setattr(pipeline, "PASSES", tuple(noted(noted(each, "run"), "otherwise") for each in PASSES))
    fast(small("relu"), without=["reuse"])
    assert ran == [f"{'otherwise' if each.name == 'reuse' else 'run'} {each.name}" for each in PASSES]


def test_names_are_unique_and_explained() -> None:
    assert len(set(NAMES)) == len(OPTIONAL)
    assert all(entry.title and entry.does for entry in PASSES)


def test_sharing_computes_the_softmax_once_for_cost_and_gradient() -> None:
    derivation = derive(Network(5, [Dense(3, "softmax")], "cross_entropy", targets="labels"))
    shared, repeated = fast(derivation), fast(derivation, without=["sharing"])
    assert [operation.function for operation in single(shared)].count("exp") == 1
    assert [operation.function for operation in single(repeated)].count("exp") > 1


def test_products_begin_with_few_entries() -> None:
    """x · (s · r / (1 + s²)) is one product of N by J entries."""
    network = Network.from_equations(
        "u[n,j] = x[n,j]*s[n]*r[n]/(1 + s[n]**2)\nC = sum(n, j, u[n,j]*w[j])",
        ["w[j]"],
        ["x[n,j]", "s[n]", "r[n]"],
        [],
        batch="n",
        sizes={"j": 7},
    )
    letters = {}
    for name, without in (("few first", ["full-operands"]), ("as written", ["full-operands", "product-order"])):
        made = fast(derive(network), without=without)
        letters[name] = sorted(
            len(operation.result.letters) for operation in single(made) if operation.equation == "u" and operation.function != "copy"
        )
    assert letters["few first"].count(2) == 1
    assert letters["as written"].count(2) > 1


def test_dead_work_is_dropped() -> None:
    """Every operation that is left is read, or wanted."""
    derivation = small("block")
    kept, everything = fast(derivation), fast(derivation, without=["dead-work"])
    assert len(list(single(everything))) > len(list(single(kept)))
    read = {entry.name for operation in single(kept) for entry in operation.entries}
    assert {operation.result.name for operation in single(kept)} <= {*read, *kept.program.outputs, kept.program.cost}


def test_weights_are_stored_as_products_read_them() -> None:
    derivation = derive(Network(5, [Dense(3, "tanh")], "quadratic"))
    assert storage_order(fast(derivation, without=["scalar-code"]), "W1") == (1, 0)
    assert storage_order(fast(derivation, without=["scalar-code", "layout"]), "W1") == (0, 1)
    # Code on numbers reads them as they are declared.
    assert storage_order(fast(derivation), "W1") == (0, 1)


def test_layouts_save_copies() -> None:
    chosen, declared = fast(small("block")), fast(small("block"), without=["layout"])
    copies = [[operation.function for operation in single(made)].count("copy") for made in (chosen, declared)]
    assert copies[0] < copies[1]


def test_equal_layers_are_stacked() -> None:
    derivation = small("deep")
    assert any(operation.members for operation in fast(derivation).operations)
    assert not any(operation.members for operation in fast(derivation, without=["stacking"]).operations)


def test_a_recurrence_keeps_only_what_depends_on_it() -> None:
    derivation = small("recurrent")
    inside = [
        {operation.equation for operation in single(made) if operation.loop is not None and operation.function == "square"}
        for made in (fast(derivation), fast(derivation, without=["hoisting"]))
    ]
    # 1 − h² is known for all steps before the loop backwards begins.
    assert inside[0] == set()
    assert inside[1] != set()


def test_activations_lie_on_what_they_are_computed_from() -> None:
    derivation = derive(Network(5, [Dense(3, "tanh")], "quadratic"))
    assert fast(derivation).memory.over["a1"] == "z1"
    assert not fast(derivation, without=["in-place"]).memory.over


def test_memory_is_used_again() -> None:
    derivation = small("block")
    again, once = fast(derivation), fast(derivation, without=["reuse"])
    assert len(again.memory.blocks) < len(once.memory.blocks)
    assert len(set(once.memory.of.values())) == len(once.memory.blocks)


def test_all_off_is_still_a_program_without_allocation() -> None:
    made = fast(derive(Network(4, [Layer("layer_norm"), Dense(3, "tanh")], "quadratic")), without=NAMES)
    assert not made.program.reasons
    assert all(line.array is None for line in made.source.views.lines[Origin.CALL])


def test_the_number_of_examples_is_chosen_only_where_there_is_a_choice() -> None:
    fixed = Network.from_equations("C = sum(k, w[k]**2)", ["w[k]"], [], [], sizes={"k": 3})
    assert explanation(derive(fixed)).figures.calls > 0
    with pytest.raises(InvalidDescription, match="--batch: found 7"):
        explanation(derive(fixed), batch=7)
