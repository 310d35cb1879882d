"""What the benchmark compares is the same: generated modules, NumPy by hand, and the peers that are installed."""

from __future__ import annotations

import math
import os
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import products
import pytest
import textbook
from first_networks import Network, result
from measuring import TOLERANCES, Spread, Timing, largest_difference, measured
from nets import NETS, SMALL, LeNet, Net, Stack
from peers import OWN, PEERS, Peer, chosen
from places import ROOT, SOURCE
from printing import draw
from second_derivatives import Case, factorisation, logistic, ratios, two_layers
from targets import REASONS, TARGETS, target_table
from time_to_first_gradient import PEERS as RUNNERS
from time_to_first_gradient import STAGES, agree

from chainrule import derive
from chainrule.codegen.checking.loading import load
from chainrule.codegen.descriptions.reader import read_description

#: The networks that are timed, of few examples, and those of small sizes.
FEW = {name: replace(net, batch=min(net.batch, 3)) for name, net in NETS.items()} | SMALL


def by_hand(net: Net, params: tuple[np.ndarray, ...], x: np.ndarray, y: np.ndarray) -> textbook.Result:
    return textbook.prepare(net, params, x, y, np.vectorize(math.erf, otypes=[x.dtype]))()


@pytest.mark.parametrize("name", FEW)
def test_the_module_is_what_a_textbook_writes(name: str) -> None:
    net = FEW[name]
    module = net.module()
    for type_name, tolerance in TOLERANCES.items():
        params, x, y = net.arrays(module, np.dtype(type_name))
        found = module.cost_and_gradients(module.Parameters(*params), x, y)
        assert largest_difference(by_hand(net, params, x, y), found) < tolerance


@pytest.mark.parametrize("peer", [peer for peer in PEERS if peer.name != "torch.compile" and peer.has_result], ids=lambda peer: peer.name)
@pytest.mark.parametrize("name", SMALL)
def test_an_installed_peer_computes_the_same(name: str, peer: Peer) -> None:
    for package in peer.packages:
        pytest.importorskip(package)
    net = SMALL[name]
    module = net.module()
    # Without a switch that is set before its import, JAX computes in 32 bits whatever it is given.
    for type_name in TOLERANCES if peer.name != "jax.jit" else ("float32",):
        params, x, y = net.arrays(module, np.dtype(type_name))
        assert largest_difference(by_hand(net, params, x, y), peer.prepare(net, params, x, y)()) < TOLERANCES[type_name]


def test_nothing_is_timed_where_a_peer_disagrees() -> None:
    def wrong(net: Net, params: tuple[np.ndarray, ...], x: np.ndarray, y: np.ndarray) -> object:
        cost, gradients = by_hand(net, params, x, y)
        gradients[0].flat[0] += 1e-6 * np.abs(gradients[0]).max()
        return lambda: (cost, gradients)

    with pytest.raises(AssertionError, match=r"wrong differs by 1\.0e-06, allowed are 1e-09"):
        measured(SMALL["relu"], [OWN[1], Peer("wrong", wrong)], "float64", rounds=1)


def test_differences_count_every_way_of_not_being_equal() -> None:
    ones = np.ones((2, 3))
    assert largest_difference((1.0, [ones]), (1.0, [ones])) == 0
    assert largest_difference((1.0, [ones]), (1.5, [ones])) == 0.5
    assert largest_difference((1.0, [2 * ones]), (1.0, [ones])) == 0.5
    for other in ([ones.T], [ones.astype(np.float32)], [ones, ones], [ones * np.nan]):
        assert largest_difference((1.0, [ones]), (1.0, other)) == math.inf


def multiplications(net: Net) -> int:
    return sum(left.size * right.shape[-1] for left, right in products.factors_of(net.kind, net.batch, np.dtype(np.float32)))


def test_the_products_alone_are_all_there() -> None:
    stack = Net("", Stack((7, 5, 3), "tanh"), 11)
    assert multiplications(stack) == 11 * (2 * 7 * 5 + 3 * 5 * 3)
    # 1·3·3 to 2 channels at 12 places a side, then 2·3·3 to 3 at 4, then 12 features to 5 units.
    lenet = Net("", LeNet(14, 3, (2, 3), (5,)), 7)
    assert multiplications(lenet) == 7 * (2 * 9 * 2 * 12**2 + 3 * 18 * 3 * 4**2 + 3 * 12 * 5)


@pytest.mark.parametrize("network", [Network("dense", 2, 3), Network("block", 2, 8)], ids=lambda network: network.kind)
def test_everybody_gets_the_parameters_of_the_module(network: Network, tmp_path: Path) -> None:
    (tmp_path / "deep.toml").write_text(network.description)
    module = load(derive(read_description(tmp_path / "deep.toml").network), verify=False)
    assert [array.shape for array in module.init(np.random.default_rng(0))] == network.shapes
    params, x, y = network.arrays()
    assert [array.shape for array in params] == network.shapes
    assert {array.dtype for array in (*params, x, y)} == {np.dtype(np.float32)}
    assert np.isfinite(module.cost(module.Parameters(*params), x, y))


@pytest.mark.parametrize("depth", [2, 1000])
def test_gradients_of_deep_networks_are_of_ordinary_size(depth: int) -> None:
    params, x, y = Network("dense", depth).arrays()
    values = [x]
    for place in range(0, len(params), 2):
        values.append(np.tanh(values[-1] @ params[place].T + params[place + 1]))
    back = (values[-1] - y) / len(x)
    for place in reversed(range(depth)):
        back = back * (1 - values[place + 1] ** 2)
        assert 1e-6 < np.abs(back.T @ values[place]).max() < 10
        back = back @ params[2 * place]


def test_a_first_gradient_that_differs_is_not_timed() -> None:
    here = result(2.0, [np.array([3.0, 4.0])])
    assert here == {"cost": 2.0, "length": 5.0}
    agree("peer", Network("dense", 2), here, {"cost": 2.0001, "length": 4.9999})
    for other in ({"cost": 2.01, "length": 5.0}, {"cost": 2.0, "length": 4.9}):
        with pytest.raises(SystemExit, match="peer, 2 dense × 64: found"):
            agree("peer", Network("dense", 2), here, other)


@pytest.mark.parametrize(
    ("words", "rows"), [("2 3", ["2 dense × 64", "3 dense × 64"]), ("--widths 5", ["3 dense × 5"]), ("--blocks 1", ["1 block × 64"])]
)
def test_the_first_gradient_is_timed_in_fresh_processes(words: str, rows: list[str]) -> None:
    found = run("time_to_first_gradient.py", *words.split(), *"--rounds 1 --jax --torch".split())
    assert found.returncode == 0, found.stderr
    left_out = [RUNNERS[name] for name in ("jax", "torch") if RUNNERS[name].missing()]
    assert [f"{runner.name} is left out: {runner.missing()}." in found.stdout for runner in left_out] == [True] * len(left_out)
    heading, _, *timed = (row[2:-2].split(" | ") for row in found.stdout.splitlines() if row.startswith("| "))
    assert len(heading) == len(STAGES) + 1 + 2 * (2 - len(left_out))
    assert [cells[0] for cells in timed] == rows
    for cells in timed:
        assert len(cells) == len(heading)
        *stages, total, memory = map(float, cells[1 : 1 + len(STAGES)])
        assert sum(stages) == pytest.approx(total, abs=0.01)
        assert memory > 10


@pytest.mark.parametrize("case", [logistic(7, 5), factorisation(5, 2), two_layers(7, 5, 3, 11)], ids=lambda case: case.title)
@pytest.mark.parametrize("style", ["plain", "fast"])
def test_second_derivatives_are_those_of_the_closed_form(case: Case, style: str) -> None:
    found = ratios(case, style, rounds=1)
    assert [kind for kind, *_ in found] == (["product", "Hessian"] if case.hessian else ["product"])
    assert all(seconds > 0 and spread.middle > 0 for _, seconds, spread in found)


def test_spread_is_a_median_between_quartiles() -> None:
    assert Spread.of([4.0, 1.0, 2.0, 3.0, 5.0]) == Spread(2.0, 3.0, 4.0)
    assert Spread.of([3.0]) == Spread(3.0, 3.0, 3.0)


def run(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tests/benchmarks" / script), *words]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(SOURCE)})


def test_the_table_is_printed() -> None:
    found = run("speed.py", *"--nets a --types float64 --threads 1 --rounds 2".split())
    assert found.returncode == 0, found.stderr
    assert "| a: 2-2-2 sigmoid, batch 1 |" in found.stdout
    assert "products alone |" in found.stdout
    assert "torch.compile is left out: it takes a while to start" in found.stdout
    for peer in PEERS:
        assert bool(peer.missing) == (f"{peer.name} is left out: {' and '.join(peer.missing)} not" in found.stdout) or "comp" in peer.name


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("speed.py --nets z", "argument --nets: found 'z', expected a, b, c64"),
        ("speed.py --types float16", "argument --types: found 'float16', expected float64, float32"),
        ("speed.py --rounds 0", "--rounds: found 0, expected at least 1"),
        ("speed.py --picture a.pdf", "--picture: found a.pdf, expected a name that ends in .png"),
        ("second_derivatives.py --rounds 0", "--rounds: found 0, expected at least 1"),
        ("time_to_first_gradient.py 3 0", "numbers: found 0, expected at least 1"),
        ("time_to_first_gradient.py --rounds 0", "--rounds: found 0, expected at least 1"),
        ("time_to_first_gradient.py --style quick", "--style: found 'quick', expected plain"),
        ("time_to_first_gradient.py --widths --blocks", "argument --blocks: not allowed with argument --widths"),
    ],
)
def test_a_wrong_call_is_told_so(words: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    script = ROOT / "tests/benchmarks" / words.split()[0]
    monkeypatch.setattr(sys, "argv", [str(script), *words.split()[1:]])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(script), run_name="__main__")
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_second_derivatives_are_timed_by_a_script() -> None:
    found = run("second_derivatives.py", *"--rounds 0".split())
    assert found.returncode == 2
    assert "--rounds: found 0, expected at least 1" in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize(("name", "least"), [("b", 1.2), ("e", 1.1)])
def test_fast_is_not_slower_than_plain(name: str, least: float) -> None:
    """With generous slack: on a quiet machine it takes about half of the time, and two thirds."""
    timing = measured(NETS[name], [peer for peer in OWN if peer.name in ("fast style", "plain style")], "float32", rounds=7)
    assert timing.ratio("plain style", "fast style").middle > least


def test_targets_that_are_missed_stand_out_with_a_reason() -> None:
    timing = Timing(
        {"fast style": [1, 2, 1], "C": [0.5, 0.5, 0.5], "torch": [5, 8, 6], "jax.jit": [3, 6, 3], "products alone": [0.5, 1, 0.5]}
    )
    table = target_table({"b": timing}, "fast style")
    assert "| b | torch | 7.4 | **5.00** | 10.00 |" in table
    assert "| b | jax.jit | 2.8 | 3.00 | 6.00 |" in table
    assert f"- b: {REASONS['fast style']['b']}." in table
    table = target_table({"b": timing}, "C")
    assert "| b | torch | 16 | **12.00** |  |" in table
    assert f"- b: {REASONS['C']['b']}." in table
    assert set(TARGETS["fast style"]) == set(NETS) >= set(TARGETS["C"])
    assert all(set(TARGETS[own]) >= set(reasons) for own, reasons in REASONS.items())


def test_without_a_c_compiler_fast_style_is_the_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(False)[0][0].name == "C"
    monkeypatch.setattr("peers.has_c_compiler", lambda: False)
    found, lines = chosen(False)
    assert found[0].name == "fast style"
    assert "C is left out: it needs a C compiler (cc, gcc, clang or ziglang), and none was found." in lines


def test_the_picture_has_a_line_for_each_network(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    timing = Timing({"C": [1.0, 1.0], "torch": [2.0, 3.0]})
    draw({("float32", 1): {"a": timing, "b": timing}, ("float64", 1): {"a": timing}}, ["C", "torch"], tmp_path / "speed.png")
    assert (tmp_path / "speed.png").stat().st_size > 10_000
