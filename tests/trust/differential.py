"""The same gradients found in two ways: by the chain rule over indices and by SymPy on scalars, in rows and columns, unrolled."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count, islice

import numpy as np
import test_fast
import test_random_systems
from random_systems import random_system

from chainrule import Dense, InvalidDescription, Layout, Network, derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.checking.solving import forward, solved
from chainrule.symbolic.checking.verification import difference
from chainrule.symbolic.language.system_reader import system_from_equations

from .random_recurrences import random_recurrence
from .record import Progress, Record

#: Systems from here on are other ones than those of `test_random_systems`.
FIRST_SYSTEM = 100_000
#: Equal up to rounding, relative to the largest entry.
TOLERANCE = 1e-9
ACTIVATIONS = "sigmoid tanh relu gelu softplus elu identity silu".split()
COSTS = ("quadratic", "squared_error", "cross_entropy", "binary_cross_entropy", "huber")
LAYOUTS = tuple(Layout(examples, weights) for examples in ("rows", "columns") for weights in ("out-in", "in-out"))  # type: ignore[arg-type]


def small_systems(start: int = FIRST_SYSTEM) -> Iterator[int]:
    """Numbers of random systems that are small enough to be written out in scalars."""
    return (number for number in count(start) if test_random_systems.is_small(random_system(number)))


def against_scalars(number: int) -> bool:
    """Whether a random system was compared: its adjoints with SymPy's derivatives of its cost in plain symbols.

    Raises:
        AssertionError: where they differ.
    """
    made = random_system(number)
    try:
        system = system_from_equations(**made.description)
    except InvalidDescription:
        return False
    derivation = derive(system)
    params, data = test_random_systems.drawn(system, load(derivation, verify=False))
    given = params._asdict() | {tensor.name: array for tensor, array in zip((*system.inputs, *system.targets), data, strict=True)}
    sizes = made.sizes | test_random_systems.real_sizes(system, made)
    numbers = forward(
        system, {name: np.asarray(array) for name, array in given.items()}, {made.axes[letter]: sizes[letter] for letter in sizes} | sizes
    )
    arrays = solved([adjoint.equation for adjoint in derivation.adjoints.values()], numbers).arrays
    gradients = {
        name: np.real(arrays[f"d{name}"]) if name in derivation.adjoints else np.zeros(np.shape(params_of))
        for name, params_of in params._asdict().items()
    }
    return test_random_systems.compare_with_diff(made, sizes, given, gradients) and _says_something(gradients)


def _says_something(gradients: Mapping[str, np.ndarray]) -> bool:
    """Whether gradients were compared of which one at least is not 0."""
    return any(np.any(array) for array in gradients.values())


def recurrent_against_unrolled(number: int) -> bool:
    """The gradients of a recurrence and of the same equations written out step by step."""
    made = random_recurrence(number)
    modules = [load(derive(system_from_equations(**described)), verify=False) for described in (made.recurrent, made.unrolled)]
    rng = np.random.default_rng(number)
    params = {name: 0.5 * rng.standard_normal(array.shape) for name, array in modules[0].init(rng)._asdict().items()}
    data = modules[0].sample(rng)
    results = []
    for module in modules:
        # A boundary value that no step reads is not there in the unrolled network, and has no gradient in the other.
        own = {name: params[name] for name in module.Parameters._fields}
        results.append(module.cost_and_gradients(module.Parameters(**own), *data))
    (cost, gradients), (unrolled_cost, unrolled) = results
    assert abs(cost - unrolled_cost) <= TOLERANCE * max(1.0, abs(unrolled_cost)), made
    for name, array in gradients._asdict().items():
        found = difference(array, getattr(unrolled, name, np.zeros_like(array)))
        assert found <= TOLERANCE, f"d{name} differs by {found:.1e}:\n{made}"
    return _says_something(unrolled._asdict())


def rows_against_columns(number: int) -> bool:
    """A stack of layers in all four layouts: inputs, targets, weights and gradients are each other's transposes."""
    rng = random.Random(number)
    widths = rng.sample((2, 3, 5, 7), rng.choice((2, 3)))
    cost = rng.choice(COSTS)
    last = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}.get(cost, rng.choice(ACTIVATIONS))
    activations = [*(rng.choice(ACTIVATIONS) for _ in widths[1:]), last]
    layers = [Dense(units, activation) for units, activation in zip([*widths[1:], 11], activations, strict=True)]
    results = []
    for layout in LAYOUTS:
        system = Network(widths[0], layers, cost, layout=layout, regularisation={"l2": 0.1} if number % 2 else {})
        module = load(derive(system), style=("plain", "fast")[number % 2], verify=False)
        draw = np.random.default_rng(number)
        wide = [draw.standard_normal((layer.units, below)) for layer, below in zip(layers, [widths[0], *widths[1:]], strict=True)]
        biases = [draw.standard_normal(layer.units) for layer in layers]
        x, y = draw.standard_normal((13, widths[0])), _targets(cost, draw)
        is_transposed = layout.weights == "in-out"
        weights = {f"W{place}": weight.T if is_transposed else weight for place, weight in enumerate(wide, 1)}
        params = module.Parameters(**weights, **{f"b{place}": bias for place, bias in enumerate(biases, 1)})
        data = [np.ascontiguousarray(array.T if layout.examples == "columns" else array) for array in (x, y)]
        value, gradients = module.cost_and_gradients(params, *data)
        results.append(
            (value, {name: array.T if is_transposed and array.ndim == 2 else array for name, array in gradients._asdict().items()})
        )
    first_cost, first = results[0]
    for (value, gradients), layout in zip(results, LAYOUTS, strict=True):
        assert abs(value - first_cost) <= TOLERANCE * max(1.0, abs(first_cost)), layout
        for name, array in gradients.items():
            assert difference(array, first[name]) <= TOLERANCE, f"d{name} in {layout}"
    return _says_something(first)


def _targets(cost: str, rng: np.random.Generator) -> np.ndarray:
    match cost:
        case "cross_entropy":
            return np.eye(11)[rng.integers(0, 11, 13)]
        case "binary_cross_entropy":
            return rng.uniform(0.1, 0.9, (13, 11))
        case _:
            return rng.standard_normal((13, 11))


PAIRS: tuple[tuple[str, Callable[[int], bool], Callable[[], Iterator[int]], int], ...] = (
    ("random systems, the chain rule over indices against SymPy's diff of the cost in scalars", against_scalars, small_systems, 200),
    ("random recurrences against the same written out step by step", recurrent_against_unrolled, count, 40),
    ("stacks of layers in rows and columns, weights both ways", rows_against_columns, count, 40),
)


def run(progress: Progress = lambda _: None, share: float = 1.0) -> Record:
    """Compares each pair as often as the table says, or a share of that."""
    started = time.monotonic()
    counts, failures = [], []
    for title, compare, numbers, trials in PAIRS:
        compared = 0
        for number in islice(numbers(), round(trials * share)):
            progress(f"{title}: number {number}")
            try:
                with np.errstate(all="ignore"):
                    compared += compare(number)
            except Exception as failure:
                failures.append(f"{title}, number {number}: {type(failure).__name__}: {str(failure)[:300]}")
        counts.append((title, compared))
    return Record(
        "Differential",
        "Are the gradients the same when they are found in another way?",
        tuple(counts),
        tuple(failures),
        time.monotonic() - started,
        remarks=(
            f"Plain against fast modules are compared by {test_fast.__name__}.py: {len(test_fast.CORPUS)} networks of a corpus and "
            f"{test_fast.SYSTEMS} random systems, in two float types.",
            "Random systems that are refused, whose cost is too long in scalars, or whose gradients are all 0, are not counted.",
        ),
    )
