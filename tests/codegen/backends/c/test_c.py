"""Modules in C: the numbers of NumPy modules in both float types, without a warning of the compiler, or the reason why there is none."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from derived_networks import CORPUS, derived
from test_fast import TOLERANCES, Exact, assert_close, drawn

from chainrule import Dense, InvalidDescription, Network, derive, load, write_module
from chainrule.codegen.backends.registry import module_files
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.layers.optimisers import OPTIMISERS

#: Nothing that a compiler could say of a generated file is accepted; without optimisation, which takes most of the time.
STRICT = "-O0 -Wall -Wextra -Werror -pedantic"
ACTIVATIONS = ("sigmoid", "tanh", "relu", "identity", "softplus", "elu", "selu", "gelu", "silu", "leaky_relu", "z/(1 + abs(z))")
COSTS = ("quadratic", "squared_error", "mae", "huber", "hinge", "log(cosh(a - y))")
#: What of the corpus has no C yet, with what the message says of it.
REFUSED = {
    "equations concatenation_inside_of_a_recurrence": "no form of dh (a recurrence that reads more than slices of its steps)",
}


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_CFLAGS", STRICT)


@pytest.mark.parametrize("name", [name for name in CORPUS if name not in REFUSED])
def test_c_is_plain(name: str) -> None:
    assert_c_is_plain(derived(name))


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_c_is_refused_with_the_reason(name: str) -> None:
    with pytest.raises(InvalidDescription, match=re.escape(REFUSED[name])):
        load(derived(name), target="c", verify=False)


@pytest.mark.parametrize(("activation", "cost"), [*product(ACTIVATIONS[:2], COSTS), *product(ACTIVATIONS[2:], COSTS[:1])])
def test_dense_networks(activation: str, cost: str) -> None:
    constants = {"delta": 0.5} if cost == "huber" else {}
    assert_c_is_plain(derive(Network(7, [Dense(5, activation), Dense(3, activation)], cost, constants=constants)))


@pytest.mark.parametrize("targets", ["one_hot", "labels"])
def test_a_dense_softmax_network(targets: str) -> None:
    assert_c_is_plain(derive(Network(7, [Dense(5, "relu"), Dense(3, "softmax")], "cross_entropy", targets=targets)))


#: Sizes at and around whole vectors, tiles and panels, of every width of vectors there is.
EDGES = [(3, 5, 7), (33, 16, 31), (300, 130, 67)]


#: What clang says may be other than what gcc says: two that have most kinds of lines.
@pytest.mark.parametrize("name", ["layers transformer_block", "layers lstm"])
def test_clang_has_nothing_to_say_either(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("clang") is None and not os.environ.get("CI"):
        pytest.skip("not installed: clang")
    monkeypatch.setenv("CC", "clang")
    monkeypatch.setenv("CHAINRULE_CFLAGS", f"{STRICT} -O2")
    assert_c_is_plain(derived(name))


@pytest.mark.parametrize("flags", ["-O2", "-O3 -march=native", "-O2 -mno-avx512f -mavx2 -mfma", "-O2 -mno-avx", "-O2 -DNETWORK_PLAIN"])
@pytest.mark.parametrize("sizes", EDGES, ids=str)
def test_kernels_at_the_edges_of_their_tiles(flags: str, sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    if "avx" in flags and platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("only x86 has these vectors")
    monkeypatch.setenv("CHAINRULE_CFLAGS", f"{STRICT} {flags}")
    features, units, examples = sizes
    derivation = derive(Network(features, [Dense(units, "tanh"), Dense(features, "gelu"), Dense(units, "softmax")], "cross_entropy"))
    written, plain = load(derivation, target="c", verify=False), load(derivation, verify=False)
    rng = np.random.default_rng(6)
    params, x = plain.init(rng), rng.standard_normal((examples, features))
    y = rng.dirichlet(np.ones(units), examples)
    value, gradients = plain.cost_and_gradients(params, x, y)
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-5)):
        own = written.Parameters(*(array.astype(dtype) for array in params))
        found_value, found = written.cost_and_gradients(own, x.astype(dtype), y.astype(dtype))
        assert found_value == pytest.approx(value, rel=10 * tolerance)
        for name, one, other in zip(plain.Parameters._fields, found, gradients, strict=True):
            np.testing.assert_allclose(one, other, rtol=0, atol=10 * tolerance * max(np.abs(other).max(), 1e-3), err_msg=name)


def assert_c_is_plain(derivation: Derivation) -> None:
    """Every call, with parameters where they are and copied, and each pass by itself."""
    written, plain = load(derivation, target="c", verify=False), load(derivation, verify=False)
    names, inputs = plain.Parameters._fields, len(derivation.system.inputs)
    for name, tolerance in TOLERANCES.items():
        params, data = drawn(plain, np.dtype(name))
        with np.errstate(all="ignore"):
            value, gradients = plain.cost_and_gradients(params, *data)
            cache = plain.forward(params, *data[:inputs])
        exact = Exact(derivation, plain, params, data)
        for given in (written.Parameters(*params), written.packed(params)):
            found_value, found = written.cost_and_gradients(given, *data)
            assert [array.dtype for array in found] == [array.dtype for array in gradients]
            assert [array.shape for array in found] == [array.shape for array in gradients]
            assert_close(["cost", *names], [found_value, *found], [value, *gradients], tolerance, exact)
        found_cache = written.forward(written.packed(params), *data[:inputs])
        # What is too large to be held is not there.
        shapes = [(np.shape(array), np.shape(other)) for array, other in zip(found_cache, cache, strict=True) if array is not None]
        assert [own for own, _ in shapes] == [other for _, other in shapes]
        assert found_cache._fields == cache._fields
        # A cache that NumPy has computed serves as well.
        found = written.backward(written.packed(params), written.Cache(*cache), *data[inputs:])
        assert_close(["cost", *names], [value, *found], [value, *gradients], tolerance, exact)


@pytest.fixture(scope="module")
def modules() -> tuple[ModuleType, ModuleType]:
    derivation = derive(Network(7, [Dense(5, "tanh"), Dense(3, "softmax")], "cross_entropy", name="small"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINRULE_CFLAGS", STRICT)
        written = load(derivation, target="c")
        written.Workspace(2, np.float32)
    return written, load(derivation)


def test_the_tensors_of_the_forward_pass_are_those_of_numpy(modules: tuple[ModuleType, ModuleType]) -> None:
    written, plain = modules
    rng = np.random.default_rng(3)
    params, (x, _) = plain.init(rng), plain.sample(rng)
    for found, expected in zip(written.forward(written.packed(params), x), plain.forward(params, x), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(written.predict(written.packed(params), x), plain.predict(params, x), rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_optimisers_are_those_of_numpy(modules: tuple[ModuleType, ModuleType], name: str, dtype: Any) -> None:
    written, plain = modules
    rng = np.random.default_rng(4)
    params = plain.Parameters(*(array.astype(dtype) for array in plain.init(rng)))
    _, gradients = plain.cost_and_gradients(params, *(array.astype(dtype) for array in plain.sample(rng)))
    mine, theirs, state, other = written.packed(params), params, {}, {}
    copied = written.Parameters(*(np.array(array) for array in params))
    copied_state: dict[str, Any] = {}
    workspace = written.Workspace(2, dtype)
    for _ in range(3):
        theirs = getattr(plain, name)(theirs, gradients, **other)
        mine = getattr(written, name)(mine, gradients, **state)
        in_place = getattr(workspace, name)(copied, gradients, **copied_state)
        if OPTIMISERS[name].state:
            (theirs, before), (mine, kept), (in_place, kept_copy) = theirs, mine, in_place
            other, state, copied_state = {"state": before}, {"state": kept}, {"state": kept_copy}
        assert in_place is copied
        for found, expected in zip((*mine, *copied), (*theirs, *theirs), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-12 if dtype is np.float64 else 1e-5, atol=1e-12)


def test_the_header_states_the_bytes_of_a_workspace(tmp_path: Path) -> None:
    derivation = derive(Network(7, [Dense(5, "relu"), Dense(3, "softmax")], "cross_entropy", name="net"))
    write_module(derivation, tmp_path / "net_c.py", target="c", verify=False)
    header = (tmp_path / "net.h").read_text()
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#include "net.h"\nint main(void) { printf("%zu", sizeof(net_workspace)); return 0; }\n'
    )
    for flags, kind in (([], "double"), (["-DNET_FLOAT"], "float")):
        compiler = shutil.which("cc") or "gcc"
        subprocess.run([compiler, "-std=c99", *flags, "main.c", "net.c", "-lm", "-o", "main"], cwd=tmp_path, check=True)
        size = int(subprocess.run(["./main"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout)
        assert f"{size:,} bytes with {kind}" in header or f"{size:,} with {kind} for N = 1" in header
    assert "malloc" not in (tmp_path / "net.c").read_text()


def test_what_does_not_fit_is_named(modules: tuple[ModuleType, ModuleType]) -> None:
    written, _ = modules
    rng = np.random.default_rng(5)
    params, (x, y) = written.init(rng), written.sample(rng)
    for wrong, message in (((x[:, :3], y), "x: found shape"), ((x, y[:1]), "y: found shape"), ((x.astype(int), y), "x: found dtype")):
        with pytest.raises(ValueError, match=message):
            written.cost(params, *wrong)
    with pytest.raises(ValueError, match="dtype: found float16"):
        written.Workspace(2, np.float16)
    with pytest.raises(ValueError, match="batch: found 0"):
        written.Workspace(0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": "d"}, "unknown target 'd'"),
        ({"target": "c", "style": "fast"}, "the target c has no style fast"),
        ({"target": "c", "derivatives": ("gradient", "hvp")}, "the C target has the cost and its gradients alone"),
    ],
)
def test_what_it_has_not_got_is_said(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidDescription, match=message):
        load(derive(Network(2, [Dense(3)], name="net")), verify=False, **arguments)


def test_without_a_compiler_one_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *others: None if name == "ziglang" else find(name, *others))
    with pytest.raises(InvalidDescription, match="needs a compiler: found none of cc, gcc, clang"):
        load(derive(Network(2, [Dense(3)], name="net")), target="c", verify=False)


def test_a_compiler_that_fails_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_CFLAGS", "--no-such-option")
    with pytest.raises(InvalidDescription, match=r"net\.c: cc failed: .*no-such-option"):
        load(derive(Network(2, [Dense(3)], name="net")), target="c")


#: Names that C, its headers or the module have themselves.
HOSTILE = (
    "int",
    "main",
    "NAN",
    "work",
    "params",
    "gradients",
    "double",
    "total",
    "ptrdiff_t",
    "count",
    "n_t",
    "pow",
    "product",
    "side",
    "vector",
    "tile",
)


@pytest.mark.parametrize("module", ["int", "main", "memcpy"])
def test_hostile_names(module: str) -> None:
    text = f"total[n] = sum(k, {' + '.join(f'{name}[k]' for name in HOSTILE[1:])})*NULL[n]\nlong = sum(n, (total[n] - int[n])**2)"
    text = text.replace("total[k] + ", "")
    parameters = [f"{name}[k]" for name in HOSTILE[1:] if name != "total"]
    assert_c_is_plain(derive(system_from_equations(text, ["NULL[n]"], ["int[n]"], parameters, sizes={"k": 3}, name=module)))


def test_a_title_cannot_end_a_comment(tmp_path: Path) -> None:
    derivation = derive(Network(2, [Dense(3)], name="net"))
    made = module_files(derivation, "net */ int x; /* what??/ \u202e \\", style="c")
    for name, text in made.beside.items():
        (tmp_path / name).write_text(text)
    compiler = shutil.which("cc") or "gcc"
    subprocess.run([compiler, "-std=c99", *STRICT.split(), "-c", "net.c"], cwd=tmp_path, check=True)
