"""Workspaces of `fast` modules: the calls of the module without allocation, optimisers in place, and arguments of every kind."""

from __future__ import annotations

import copy
import pickle
import sys
import threading
import tracemalloc
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from derived_networks import CORPUS
from derived_networks import derived as derived_once
from nets import SMALL
from test_fast import TOLERANCES, Exact, assert_close, drawn

from chainrule import Dense, Layer, Network, derive
from chainrule.codegen.backends.fast.pipeline import fast
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.derivation.derivation import Derivation

#: NumPy takes so much to broadcast in a call, whatever the size of the arrays; an array of as many examples takes more.
MOST_BYTES = 4096
EXAMPLES, FEW_EXAMPLES = 1024, 8
#: In so many calls, an object of 4 bytes for each shows, and in the few one of 41.
CALLS, FEW_CALLS = 1_000, 100
OWN = {
    "tiny": Network(2, [Dense(3, "sigmoid"), Dense(2, "sigmoid")], "quadratic"),
    "labels": Network(7, [Dense(5, "relu"), Dense(3, "softmax")], "cross_entropy", targets="labels"),
    "dense": Network(7, [Dense(5, "tanh"), Dense(3, "sigmoid")], "quadratic"),
}
OPTIMISERS = ("sgd", "momentum", "rmsprop", "adam")
#: Every third network of the corpus: the whole corpus is compared where fast modules are.
COMPARED = [*OWN, *[name for place, name in enumerate(CORPUS) if place % 3 == 0 or name.startswith("benchmark")]]


@cache
def derived(name: str) -> Derivation:
    return derive(OWN[name]) if name in OWN else derived_once(name)


@cache
def modules(name: str) -> tuple[ModuleType, ModuleType]:
    """A network in both styles."""
    return load(derived(name), verify=False), load(derived(name), style="fast", verify=False)


def given(name: str, examples: int | None = None, dtype: str = "float64") -> tuple[Any, list[Any]]:
    """Parameters from `packed`, and data; for so many examples, if the examples come first."""
    _, module = modules(name)
    params, data = drawn(module, np.dtype(dtype))
    if examples is not None:
        data = [np.resize(array, (examples, *array.shape[1:])) for array in data]
    return module.packed(module.Parameters(*params)), data


def parted(name: str, data: list[Any]) -> tuple[list[Any], list[Any]]:
    """Inputs and targets."""
    count = len(derived(name).system.inputs)
    return data[:count], data[count:]


@pytest.mark.parametrize("name", COMPARED)
def test_every_call_is_that_of_the_module(name: str) -> None:
    plain, module = modules(name)
    params, data = drawn(plain, np.dtype("float64"))
    inputs, targets = parted(name, data)
    tolerance, exact = TOLERANCES["float64"], Exact(derived(name), plain, params, data)
    with np.errstate(all="ignore"):
        value, gradients = plain.cost_and_gradients(params, *data)
        cached = plain.forward(params, *inputs)
        for read in (module.packed(module.Parameters(*params)), module.Parameters(*params)):
            workspace = module._workspace(read, *data)
            own = workspace.forward(read, *inputs)
            for field, array, expected in zip(own._fields, own, cached, strict=True):
                assert_same(field, array, expected)
            # Its own cache, one of another origin, and its own again after that.
            for kept in (own, module.Cache(*cached), workspace.forward(read, *inputs)):
                found = workspace.backward(read, kept, *targets)
                assert_close(["cost", *gradients._fields], [value, *found], [value, *gradients], tolerance, exact)
            assert_close(["cost"], [workspace.cost(read, *data)], [value], tolerance, exact)
            assert_close(["cost"], [workspace.cost_and_gradients(read, *data)[0]], [value], tolerance, exact)
            if hasattr(plain, "predict"):
                assert_same("output", workspace.predict(read, *inputs), plain.predict(params, *inputs))


def assert_same(name: str, found: Any, expected: Any) -> None:
    """Relative to the largest entry."""
    assert found.shape == np.shape(expected), name
    largest = np.abs(np.asarray(expected)).max(initial=0)
    assert np.allclose(found, expected, rtol=0, atol=TOLERANCES["float64"] * largest, equal_nan=True), name


def traced(call: Callable[[], object], calls: int = CALLS) -> tuple[int, int]:
    """Bytes at the peak of some calls, and what stays of them.

    What the calls take they take every time; another thread of the test's process does not, so that the best of three rounds counts.
    """
    found = [traced_once(call, calls)]
    while max(found[-1]) >= MOST_BYTES and len(found) < 3:
        found.append(traced_once(call, calls))
    return min(found)


def traced_once(call: Callable[[], object], calls: int) -> tuple[int, int]:
    # What measures coverage takes memory for the lines that it sees.
    watching = sys.gettrace()
    sys.settrace(None)
    for _ in range(3):
        call()
    tracemalloc.start()
    try:
        call()
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _ in range(calls):
            call()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        sys.settrace(watching)
    return peak - before, after - before


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("name", ["dense", "labels", *(f"benchmark {name}" for name in SMALL if name != "lenet")])
def test_calls_allocate_nothing(name: str, dtype: str) -> None:
    reasons = fast(derived(name)).program.reasons
    if reasons:
        pytest.skip(f"printed as plain style writes it: {reasons}")
    # An array of as many examples shows in every call; an object for each call, whatever the number of examples, in many calls.
    for examples, calls in ((EXAMPLES, FEW_CALLS), (FEW_EXAMPLES, CALLS)):
        for call, function in calls_of_workspace(name, examples, dtype).items():
            peak, stays = traced(function, calls)
            assert peak < MOST_BYTES, (call, examples, peak)
            assert stays < MOST_BYTES, (call, examples, stays)


def calls_of_workspace(name: str, examples: int, dtype: str) -> dict[str, Callable[[], object]]:
    """Each with its arguments."""
    params, data = given(name, examples, dtype)
    inputs, targets = parted(name, data)
    workspace = modules(name)[1].Workspace(examples, dtype)
    kept = workspace.forward(params, *inputs)
    return {
        "cost_and_gradients": lambda: workspace.cost_and_gradients(params, *data),
        "cost": lambda: workspace.cost(params, *data),
        "predict": lambda: workspace.predict(params, *inputs),
        "forward": lambda: workspace.forward(params, *inputs),
        "backward": lambda: workspace.backward(params, kept, *targets),
    }


def test_a_single_example_of_a_tiny_network_allocates_nothing() -> None:
    module = modules("tiny")[1]
    params, data = given("tiny", 1)
    workspace = module.Workspace(1)
    peak, stays = traced(lambda: workspace.cost_and_gradients(params, *data))
    assert peak < 2 * MOST_BYTES
    assert stays < 300


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_optimisers_allocate_nothing(optimiser: str) -> None:
    module = modules("dense")[1]
    params, data = given("dense", EXAMPLES)
    workspace = module.Workspace(EXAMPLES)
    _, gradients = workspace.cost_and_gradients(params, *data)
    step, state = getattr(workspace, optimiser), None

    def one() -> None:
        nonlocal state
        if optimiser == "sgd":
            step(params, gradients)
        else:
            _, state = step(params, gradients, state)

    peak, stays = traced(one)
    assert peak < 1_000
    assert stays < 300


@pytest.mark.parametrize("apart", [False, True], ids=["flat", "apart"])
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_optimisers_are_the_plain_ones(optimiser: str, apart: bool) -> None:
    plain, module = modules("dense")
    params, data = given("dense")
    if apart:
        params = module.Parameters(*(np.array(array, order="C") for array in params))
    expected = plain.Parameters(*(array.copy() for array in params))
    workspace = module.Workspace(len(data[0]))
    start, states = params, [None, None]
    for _ in range(20):
        _, gradients = workspace.cost_and_gradients(params, *data)
        _, plain_gradients = plain.cost_and_gradients(expected, *data)
        if optimiser == "sgd":
            params = workspace.sgd(params, gradients, eta=0.05)
            expected = plain.sgd(expected, plain_gradients, eta=0.05)
        else:
            params, states[0] = getattr(workspace, optimiser)(params, gradients, states[0], eta=0.05)
            expected, states[1] = getattr(plain, optimiser)(expected, plain_gradients, states[1], eta=0.05)
    assert params is start
    for name, own, other in zip(params._fields, params, expected, strict=True):
        assert_same(name, own, other)
    if optimiser == "adam":
        assert states[0].t == states[1].t == 20


def test_an_optimiser_takes_large_arrays_in_pieces() -> None:
    derivation = derive(Network(300, [Dense(200, "tanh"), Dense(3, "sigmoid")], "quadratic"))
    plain, module = load(derivation, verify=False), load(derivation, style="fast", verify=False)
    params = module.init(np.random.default_rng(0))
    gradients = module.init(np.random.default_rng(1))
    expected, _ = plain.adam(params, gradients)
    found, _ = module.Workspace(1).adam(params, gradients)
    assert len(module._side_by_side(2, (params, gradients))) > 3
    for name, own, other in zip(found._fields, found, expected, strict=True):
        assert_same(name, own, other)


def test_an_optimiser_says_what_it_cannot_write_to() -> None:
    module = modules("dense")[1]
    params, _ = given("dense")
    locked = params._replace(b1=params.b1.copy())
    locked.b1.flags.writeable = False
    with pytest.raises(ValueError, match="b1: found a number or an array that cannot be written to"):
        module.Workspace(3).sgd(locked, params)
    with pytest.raises(ValueError, match=r"W2: found shape \(1, 2\), expected \(3, 5\)"):
        module.Workspace(3).sgd(params, params._replace(W2=np.zeros((1, 2))))


# What arguments may be.

ODD: dict[str, Callable[[str, Any], Any]] = {
    "lists": lambda _name, array: array.tolist(),
    "read-only": lambda _name, array: locked_copy(array),
    "not contiguous": lambda _name, array: np.repeat(array, 2, axis=-1)[..., ::2],
    "big-endian": lambda _name, array: array.astype(array.dtype.newbyteorder(">")),
    "float16": lambda _name, array: array.astype(np.float16) if array.dtype.kind == "f" else array,
    "long double": lambda _name, array: array.astype(np.longdouble) if array.dtype.kind == "f" else array,
    "one example": lambda _name, array: array[:1],
    "no example": lambda _name, array: array[:0],
    "inputs float32": lambda name, array: array.astype(np.float32) if name == "x" else array,
    "x of integers": lambda name, array: (array * 10).astype(int) if name == "x" else array,
    "x of another width": lambda name, array: array[:, 1:] if name == "x" else array,
    "x without examples": lambda name, array: array[0] if name == "x" else array,
    "y of other examples": lambda name, array: array[1:] if name == "y" else array,
    "y of text": lambda name, array: np.full(array.shape, "a") if name == "y" else array,
    "labels below": lambda _name, array: array - 1 if array.dtype.kind == "i" else array,
    "labels above": lambda _name, array: array + 1 if array.dtype.kind == "i" else array,
    "labels as floats": lambda _name, array: array.astype(float),
    "labels of one byte": lambda _name, array: array.astype(np.uint8) if array.dtype.kind == "i" else array,
    "not a number": lambda _name, array: array * np.nan if array.dtype.kind == "f" else array,
    "large numbers": lambda _name, array: array * 1e6 if array.dtype.kind == "f" else array,
}


def locked_copy(array: Any) -> Any:
    array = array.copy()
    array.flags.writeable = False
    return array


def outcome(call: Callable[[], Any]) -> tuple[str, Any]:
    """What a call returns, or what it says."""
    try:
        with np.errstate(all="ignore"):
            return "returns", call()
    except ValueError as error:
        return "says", str(error)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("examples", [None, 1], ids=["some examples", "one example"])
@pytest.mark.parametrize("is_single", [False, True], ids=["params float64", "params float32"])
@pytest.mark.parametrize("case", ODD)
@pytest.mark.parametrize("name", OWN)
def test_arguments_are_taken_as_the_plain_module_takes_them(name: str, case: str, is_single: bool, examples: int | None) -> None:
    plain, module = modules(name)
    params, data = given(name, examples, "float32" if is_single else "float64")
    # A call that is right before and after: what is kept must not hide what is wrong.
    expected_after = plain.cost_and_gradients(params, *data)
    for _ in range(2):
        module.cost_and_gradients(params, *data)
        odd = [ODD[case](field, array) for field, array in zip(("x", "y"), data, strict=True)]
        kind, expected = outcome(lambda odd=odd: plain.cost_and_gradients(params, *odd))
        found_kind, found = outcome(lambda odd=odd: module.cost_and_gradients(params, *odd))
        assert found_kind == kind, (found, expected)
        if kind == "says":
            assert found == expected
            continue
        tolerance = 1e-2 if case == "float16" else 1e-12 if found[1][0].dtype.itemsize > 4 else 2e-5
        # Of slopes that all but vanish, only that they do is the same.
        assert_results(found, expected, tolerance, 1 if case == "large numbers" else 0, case == "not a number")
    assert_results(module.cost_and_gradients(params, *data), expected_after, 1e-5 if is_single else 1e-12)


def assert_results(found: Any, expected: Any, tolerance: float, floor: float = 0, nan_is_given: bool = False) -> None:
    """Costs and gradients: values and types."""
    for own, other in zip((found[0], *found[1]), (expected[0], *expected[1]), strict=True):
        own, other = np.asarray(own), np.asarray(other)
        assert own.dtype == other.dtype
        assert own.shape == other.shape
        if nan_is_given:
            assert np.array_equal(np.isnan(own), np.isnan(other))
        usable = np.isfinite(other)
        assert not np.isfinite(own[~usable]).any()
        own, other = own[usable], other[usable]
        assert np.isfinite(own).all() or nan_is_given
        largest = max(np.abs(other).max(initial=0), floor)
        assert np.allclose(own, other, rtol=0, atol=tolerance * largest) or nan_is_given


@pytest.mark.parametrize("name", OWN)
def test_a_workspace_names_what_does_not_fit(name: str) -> None:
    module = modules(name)[1]
    params, (x, y) = given(name, 3)
    workspace = module.Workspace(3)
    width = x.shape[1]
    for call in (workspace.cost_and_gradients, workspace.cost):
        with pytest.raises(ValueError, match=rf"x: found shape \(2, {width}\), expected \(3, {width}\)"):
            call(params, x[:2], y[:2])
        with pytest.raises(ValueError, match=r"y: found shape \(2,"):
            call(params, x, y[:2])
    with pytest.raises(ValueError, match="b1: found shape"):
        workspace.cost(params._replace(b1=np.zeros(11)), x, y)
    with pytest.raises(ValueError, match="z1: found shape"):
        workspace.backward(params, workspace.forward(params, x)._replace(z1=np.zeros((1, 1))), y)
    assert np.isfinite(workspace.cost(params, x, y))


def test_a_workspace_needs_examples_and_floats() -> None:
    module = modules("dense")[1]
    with pytest.raises(ValueError, match="batch: found 0, expected 1 or more"):
        module.Workspace(0)
    with pytest.raises(ValueError, match="dtype: found int64, expected float32 or float64"):
        module.Workspace(3, np.int64)


@pytest.mark.parametrize("examples", [None, 1], ids=["some examples", "one example"])
@pytest.mark.parametrize("name", OWN)
def test_gradients_of_an_earlier_call_stay(name: str, examples: int | None) -> None:
    plain, module = modules(name)
    params, data = given(name, examples)
    _, first = module.cost_and_gradients(params, *data)
    before = [array.copy() for array in first]
    # Parameters may change in place between two calls, and come in a new tuple.
    for array in params:
        array *= 1.5
    expected = plain.cost_and_gradients(params, *data)
    assert_results(module.cost_and_gradients(params, *data), expected, 1e-12)
    assert_results(module.cost_and_gradients(module.Parameters(*params), *data), expected, 1e-12)
    copies = module.Parameters(*(np.array(array, order="C") for array in params))
    assert_results(module.cost_and_gradients(copies, *data), expected, 1e-12)
    copies.b1[...] += 1
    assert_results(module.cost_and_gradients(copies, *data), plain.cost_and_gradients(copies, *data), 1e-12)
    assert all(np.array_equal(array, copy) for array, copy in zip(first, before, strict=True))


@pytest.mark.parametrize("name", OWN)
def test_threads_do_not_disturb_each_other(name: str) -> None:
    plain, module = modules(name)
    _, data = given(name)
    wrong: list[int] = []

    def work(number: int) -> None:
        params = module.init(np.random.default_rng(number))
        expected = plain.cost_and_gradients(params, *data)
        for _ in range(200):
            value, gradients = module.cost_and_gradients(params, *data)
            if not np.isclose(value, expected[0]) or not all(map(np.allclose, gradients, expected[1])):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_few_workspaces_are_kept() -> None:
    module = modules("dense")[1]
    for examples in range(1, 30):
        params, data = given("dense", examples)
        module.cost_and_gradients(params, *data)
    assert len(module._kept.workspaces) == 4


def test_overflow_of_single_numbers_is_that_of_arrays() -> None:
    plain, module = modules("tiny")
    params, data = given("tiny", 1)
    params.W1[...] = 1e200
    params.W2[...] = -1e300
    with np.errstate(all="ignore"):
        assert_results(module.Workspace(1).cost_and_gradients(params, *data), plain.cost_and_gradients(params, *data), 1e-12)


# What is no number.


@pytest.mark.parametrize("examples", [1, 3])
@pytest.mark.parametrize(
    "layer",
    [Dense(5, "relu"), Dense(5, "where(z > 0, z**2, 0)"), Dense(5, "where(z > 0, z, z/10)"), Dense(5, "minimum(z, 1)")],
    ids=["relu", "a test that leaves out", "leaky relu", "minimum"],
)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_no_number_is_that_of_plain(layer: Dense, value: float, examples: int) -> None:
    derivation = derive(Network(3, [layer, Dense(2, "sigmoid")], "quadratic"))
    plain, module = load(derivation), load(derivation, style="fast")
    rng = np.random.default_rng(0)
    params, (x, y) = plain.init(rng), plain.sample(rng)
    x, y = x[:examples], y[:examples]
    params.W1[0, 0] = value
    expected, cache = plain.cost_and_gradients(params, x, y), plain.forward(params, x)
    workspace = module.Workspace(examples)
    own = module.Parameters(*params)
    for found in (module.cost_and_gradients(own, x, y), workspace.cost_and_gradients(own, x, y)):
        assert_results(found, expected, 1e-12, 1e-6, nan_is_given=True)
    gradients = workspace.backward(own, workspace.forward(own, x), y)
    assert_results((workspace.cost(own, x, y), gradients), expected, 1e-12, 1e-6, nan_is_given=True)
    for name, array, other in zip(cache._fields, workspace.forward(own, x), cache, strict=True):
        assert np.allclose(array, other, equal_nan=True), name


def test_a_variance_of_one_example_is_no_number_in_both_styles() -> None:
    layers = [Dense(2, "tanh"), Layer("batch_norm", {"variance": "bessel"}), Dense(1, "identity")]
    derivation = derive(Network(3, layers, "quadratic"))
    plain, module = load(derivation), load(derivation, style="fast")
    params, (x, y) = plain.init(np.random.default_rng(0)), plain.sample(np.random.default_rng(0))
    with np.errstate(all="ignore"):
        assert np.isnan(plain.cost(params, x[:1], y[:1]))
        assert np.isnan(module.Workspace(1).cost_and_gradients(module.Parameters(*params), x[:1], y[:1])[0])


# Copies.


@pytest.mark.parametrize("copied", [copy.deepcopy, copy.copy, lambda workspace: pickle.loads(pickle.dumps(workspace))])
@pytest.mark.parametrize("name", OWN)
def test_a_copied_workspace_computes_in_arrays_of_its_own(name: str, copied: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    module = modules(name)[1]
    # As a module is that is imported from a file.
    monkeypatch.setitem(sys.modules, module.__name__, module)
    params, data = given(name, 3)
    inputs, targets = parted(name, data)
    workspace = module.Workspace(3)
    _, gradients = workspace.cost_and_gradients(params, *data)
    before = [array.copy() for array in gradients]
    other = copied(workspace)
    assert_results((0.0, other.gradients), (0.0, module.Parameters(*before)), 0)
    half = module.Parameters(*(array / 2 for array in params))
    expected = modules(name)[0].cost_and_gradients(half, *data)
    assert_results(other.cost_and_gradients(half, *data), expected, 1e-12)
    assert_results((expected[0], other.backward(half, other.forward(half, *inputs), *targets)), expected, 1e-12)
    assert all(np.array_equal(array, kept) for array, kept in zip(gradients, before, strict=True))
    assert other.dtype == workspace.dtype
