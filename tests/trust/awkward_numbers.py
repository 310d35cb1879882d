"""Awkward numbers and arrays given to generated modules: what comes out, as documented, and with how many warnings."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from chainrule import Dense, Network, derive, load

from .record import Progress, Record

Arrays = tuple[Any, ...]

#: Of one call: NumPy's own, one a line of the module at most; by default Python shows each of them once in a process.
MOST_WARNINGS = 4
EXAMPLES = 7
NETWORKS = {
    "sigmoid, quadratic": Network(2, [Dense(3, "sigmoid"), Dense(5, "sigmoid")], cost="quadratic", name="net"),
    "relu, softmax, cross-entropy": Network(2, [Dense(3, "relu"), Dense(5, "softmax")], cost="cross_entropy", name="net"),
    "silu, softmax, labels": Network(2, [Dense(3, "silu"), Dense(5, "softmax")], cost="cross_entropy", targets="labels", name="net"),
    "softplus, tanh, sum over examples": Network(2, [Dense(3, "softplus"), Dense(5, "tanh")], "squared_error", reduction="sum", name="net"),
}
STYLES = ("plain", "fast")


@dataclass(frozen=True, slots=True)
class Subject:
    """A module with parameters and examples."""

    name: str
    module: ModuleType
    params: Any
    x: np.ndarray
    y: np.ndarray

    def call(self, x: Any, y: Any = None, params: Any = None) -> tuple[float, Arrays, int]:
        """Cost, gradients, and the number of warnings that came with them."""
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always")
            cost, gradients = self.module.cost_and_gradients(self.params if params is None else params, x, self.y if y is None else y)
        return cost, gradients, len(given)

    def predict(self, x: Any) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.array(self.module.predict(self.params, x))


def subjects() -> Iterator[Subject]:
    for name, network in NETWORKS.items():
        derivation = derive(network)
        for style in STYLES:
            module = load(derivation, style=style, verify=False)
            rng = np.random.default_rng(3)
            labels = np.arange(EXAMPLES) % 5
            y = labels if "labels" in name else np.eye(5)[labels]
            yield Subject(f"{name}, {style}", module, module.init(rng), rng.standard_normal((EXAMPLES, 2)), y)


def same(found: tuple[float, Arrays, int], expected: tuple[float, Arrays, int], tolerance: float) -> bool:
    """Whether costs and gradients agree, relative to the largest entry of each array."""
    if not np.isclose(found[0], expected[0], rtol=tolerance, atol=0):
        return False
    pairs = zip(found[1], expected[1], strict=True)
    return all(np.abs(one - other).max(initial=0) <= tolerance * np.abs(other).max(initial=0) + 1e-300 for one, other in pairs)


def large_and_small(subject: Subject) -> Iterator[tuple[str, str]]:
    """Finite numbers: the result is that of extended precision, without a warning."""
    wider = np.longdouble
    params = type(subject.params)(*(array.astype(wider) for array in subject.params))
    y = subject.y if subject.y.dtype.kind == "i" else subject.y.astype(wider)
    for label, value in (("1e30", 1e30), ("-1e30", -1e30), ("0", 0.0), ("a denormal", 5e-324), ("1e-300", 1e-300)):
        for where, place in (("in one entry", (2, 1)), ("in one example", (2, slice(None))), ("everywhere", (slice(None), slice(None)))):
            x = subject.x.copy()
            x[place] = value
            found, expected = subject.call(x), subject.call(x.astype(wider), y, params)
            right = same(found, expected, 1e-11) and found[2] == 0
            yield f"{label} {where}", "" if right else f"found {found}, expected {expected}"


def not_numbers(subject: Subject) -> Iterator[tuple[str, str]]:
    """NaN and infinity: no exception, few warnings, and no other example's output is touched."""
    untouched = subject.predict(subject.x)
    for label, value in (("NaN", np.nan), ("infinity", np.inf), ("minus infinity", -np.inf)):
        x = subject.x.copy()
        x[2, 1] = value
        cost, gradients, warned = subject.call(x)
        output = subject.predict(x)
        others = np.arange(EXAMPLES) != 2
        right = warned <= MOST_WARNINGS and np.allclose(output[others], untouched[others], rtol=1e-14, atol=0)
        if np.isnan(value):
            # What one does not know, one does not average away.
            right = right and bool(np.isnan(cost)) and bool(np.isnan(output[2]).all()) and bool(np.isnan(gradients[0]).any())
        yield f"{label} in one entry", "" if right else f"cost {cost}, {warned} warnings, output {output}"
        everywhere = subject.call(np.full_like(x, value))
        yield f"{label} everywhere", "" if everywhere[2] <= MOST_WARNINGS else f"{everywhere[2]} warnings"


def batches(subject: Subject) -> Iterator[tuple[str, str]]:
    """One example is its own mean; of none the sum is 0 and the mean NaN, as NumPy's, and gradients are 0."""
    costs = [subject.call(subject.x[n : n + 1], subject.y[n : n + 1]) for n in range(EXAMPLES)]
    whole = subject.call(subject.x)
    is_sum = "sum over examples" in subject.name
    together = (sum if is_sum else np.mean)([cost for cost, _, _ in costs])
    right = np.isclose(together, whole[0], rtol=1e-12) and all(warned == 0 for _, _, warned in costs)
    yield "batches of 1", "" if right else f"{together} beside {whole[0]}"
    cost, gradients, warned = subject.call(subject.x[:0], subject.y[:0])
    right = (cost == 0 if is_sum else np.isnan(cost)) and all(not array.any() for array in gradients) and warned <= 1
    yield "a batch of 0", "" if right else f"cost {cost}, gradients {gradients}, {warned} warnings"
    shape = subject.module.predict(subject.params, subject.x[:0]).shape
    yield "the output of a batch of 0", "" if shape == (0, 5) else f"shape {shape}"


def arrays(subject: Subject) -> Iterator[tuple[str, str]]:
    """The same numbers in other arrays: the same result; no array of the caller is written to."""
    expected = subject.call(subject.x)
    read_only = subject.x.copy()
    read_only.flags.writeable = False
    wide = np.repeat(np.repeat(subject.x, 2, 0), 3, 1)
    forms: dict[str, Any] = {
        "not contiguous": wide[::2, ::3],
        "columns first": np.asfortranarray(subject.x),
        "backwards": subject.x[::-1, ::-1].copy()[::-1, ::-1],
        "broadcast": np.broadcast_to(subject.x, subject.x.shape),
        "read-only": read_only,
        "big-endian": subject.x.astype(">f8"),
        "lists": subject.x.tolist(),
    }
    for label, x in forms.items():
        found = subject.call(x)
        yield label, "" if same(found, expected, 1e-13) and found[2] == 0 else f"found {found}, expected {expected}"
    params = type(subject.params)(*(np.asfortranarray(array).astype(">f8") for array in subject.params))
    for array in params:
        array.flags.writeable = False
    found = subject.call(read_only, params=params)
    yield "parameters read-only, big-endian, columns first", "" if same(found, expected, 1e-13) else f"{found} beside {expected}"
    half = subject.x.astype(np.float16)
    found, expected = subject.call(half), subject.call(half.astype(np.float64))
    yield "float16 beside float64 parameters", "" if same(found, expected, 1e-13) else f"{found} beside {expected}"
    halves = type(subject.params)(*(array.astype(np.float16) for array in subject.params))
    y = subject.y if subject.y.dtype.kind == "i" else subject.y.astype(np.float16)
    cost, gradients, _ = subject.call(half, y, halves)
    # 11 binary places: 2⁻¹¹ ≈ 5e-4 of each operation.
    right = np.isclose(cost, expected[0], rtol=2e-2) and all(array.dtype == np.float16 for array in gradients)
    yield "float16 alone", "" if right else f"cost {cost} beside {expected[0]}, {[array.dtype for array in gradients]}"
    before = subject.x.tobytes(), subject.y.tobytes(), tuple(array.tobytes() for array in subject.params)
    subject.call(subject.x)
    after = subject.x.tobytes(), subject.y.tobytes(), tuple(array.tobytes() for array in subject.params)
    yield "the caller's arrays stay", "" if before == after else "an argument was written to"


def refused(subject: Subject) -> Iterator[tuple[str, str]]:
    """What is no array of floats of this shape is a ValueError that names the tensor, what was found and what is expected."""
    x = subject.x
    wrong: dict[str, tuple[Any, tuple[str, ...]]] = {
        "integers": (np.ones_like(x, int), ("x", "int64", "float")),
        "truth values": (x > 0, ("x", "bool", "float")),
        "complex numbers": (x + 0j, ("x", "complex128", "float")),
        "objects": (x.astype(object), ("x", "object", "float")),
        "text": (x.astype(str), ("x", "U", "float")),
        "too many features": (np.ones((EXAMPLES, 3)), ("x", "(7, 3)", "2)")),
        "one axis": (x[0], ("x", "(2,)", "2)")),
        "three axes": (x[None], ("x", "(1, 7, 2)", "2)")),
        "other examples than targets": (x[:3], ("y", "7", "3")),
    }
    for label, (bad, words) in wrong.items():
        yield label, refusal(lambda bad=bad: subject.call(bad), words)
    if subject.y.dtype.kind == "i":
        yield "labels that are floats", refusal(lambda: subject.call(x, subject.y.astype(float)), ("y", "float64", "integer"))
        yield "a label beyond the last", refusal(lambda: subject.call(x, subject.y + 1), ("y", "5", "4"))
        yield "a label below 0", refusal(lambda: subject.call(x, subject.y - 1), ("y", "-1", "0"))


def refusal(call: Callable[[], object], words: tuple[str, ...]) -> str:
    """What is wrong with the message; an empty text where it says all these words."""
    try:
        found = call()
    except ValueError as problem:
        missing = [word for word in words if word not in str(problem)]
        return f"{problem}: says nothing of {missing}" if missing else ""
    return f"accepted: {found}"


def threads(subject: Subject, number: int = 8, calls: int = 50) -> Iterator[tuple[str, str]]:
    """The module from several threads at once, each with data and a batch of its own."""
    inputs = [np.random.default_rng(seed).standard_normal((EXAMPLES - seed % 3, 2)) for seed in range(number)]
    expected = [subject.call(x, subject.y[: len(x)])[:2] for x in inputs]
    different: list[int] = []
    together = threading.Barrier(number)

    def work(mine: int) -> None:
        x, y = inputs[mine], subject.y[: len(inputs[mine])]
        together.wait()
        for _ in range(calls):
            cost, gradients = subject.module.cost_and_gradients(subject.params, x, y)
            if cost != expected[mine][0] or not all(map(np.array_equal, gradients, expected[mine][1])):
                different.append(mine)

    workers = [threading.Thread(target=work, args=(mine,)) for mine in range(number)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    yield f"{number} threads of {calls} calls", f"other numbers in threads {sorted(set(different))}" if different else ""


#: Each kind of trial with what is documented of it.
KINDS: dict[str, Callable[[Subject], Iterator[tuple[str, str]]]] = {
    "finite numbers, large and small": large_and_small,
    "NaN and infinity": not_numbers,
    "batches of 1 and of 0": batches,
    "other arrays of the same numbers": arrays,
    "refused arguments": refused,
    "several threads": threads,
}


def run(progress: Progress = lambda _: None) -> Record:
    """Every kind of trial on every network in both styles."""
    begun = time.perf_counter()
    counts = dict.fromkeys(KINDS, 0)
    failures: list[str] = []
    for subject in subjects():
        for kind, trials in KINDS.items():
            progress(f"{subject.name}: {kind}")
            for label, wrong in trials(subject):
                counts[kind] += 1
                if wrong:
                    failures.append(f"{subject.name}, {label}: {wrong}")
    return Record(
        title="Numbers",
        asked="Awkward numbers and arrays give the documented result, or a ValueError that names what was expected; no storm of warnings.",
        counts=tuple(counts.items()),
        failures=tuple(failures),
        seconds=time.perf_counter() - begun,
        columns=("given", "what comes out"),
        rows=tuple((kind, (trials.__doc__ or "").strip()) for kind, trials in KINDS.items()),
    )
