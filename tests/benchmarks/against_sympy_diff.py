"""Derive and load a 3-4-4-2 network, against SymPy's `diff` of the expanded cost for every parameter and `lambdify`.

Both give the same numbers; that is checked first. One example, sigmoid, quadratic cost.
"""

from __future__ import annotations

import itertools
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy
from sympy.core.cache import clear_cache

from chainrule import Dense, Network, derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.forms.scalar_form import closed_form

SIZES = (3, 4, 4, 2)
RUNS = 3


def ours() -> Any:
    """The generated module."""
    return load(derive(Network(SIZES[0], [Dense(units, "sigmoid") for units in SIZES[1:]], "quadratic")), verify=False)


def by_sympy() -> Callable[..., list[float]]:
    """A function of all parameters, then x and y, that returns the cost and its derivative in every parameter."""
    parameters: list[sympy.Symbol] = []
    inputs, targets = sympy.symbols(f"x:{SIZES[0]}", real=True), sympy.symbols(f"y:{SIZES[-1]}", real=True)
    values: list[sympy.Expr] = list(inputs)
    for number, (below, above) in enumerate(itertools.pairwise(SIZES), 1):
        weight = [[sympy.Symbol(f"W{number}_{unit}_{feature}", real=True) for feature in range(below)] for unit in range(above)]
        bias = [sympy.Symbol(f"b{number}_{unit}", real=True) for unit in range(above)]
        parameters += [entry for line in weight for entry in line] + bias
        sums = [sum(w * v for w, v in zip(weight[unit], values, strict=True)) + bias[unit] for unit in range(above)]
        values = [1 / (1 + sympy.exp(-z)) for z in sums]
    cost = sum((a - y) ** 2 / 2 for a, y in zip(values, targets, strict=True))
    slopes = [cost.diff(entry) for entry in parameters]
    return sympy.lambdify([*parameters, *inputs, *targets], [cost, *slopes], cse=True)  # type: ignore[no-any-return]


def closed() -> tuple[sympy.Expr, list[sympy.Expr], list[sympy.Expr]]:
    """The cost as one expression of this project's own entries, the parameters among them, and all entries."""
    system = Network(SIZES[0], [Dense(units, "sigmoid") for units in SIZES[1:]], "quadratic").system
    cost = closed_form(system, longest=10**7)
    entries = sorted(cost.atoms(sympy.Indexed), key=str)
    return cost, [entry for entry in entries if str(entry.base)[0] in "Wb"], entries


def by_sympy_on_entries() -> Callable[..., list[float]]:
    """`diff` by the entries of the closed form, W1[0, 1] and so on."""
    cost, parameters, entries = closed()
    slopes = [cost.diff(entry) for entry in parameters]
    names = {entry: sympy.Symbol(f"s{place}", real=True) for place, entry in enumerate(entries)}
    return sympy.lambdify([*names.values()], [part.xreplace(names) for part in (cost, *slopes)], cse=True)  # type: ignore[no-any-return]


def by_sympy_multiplied_out() -> Callable[..., list[float]]:
    """`diff` of what `sympy.expand` makes of the cost (its own time is not counted)."""
    cost, parameters, names = EXPANDED
    return sympy.lambdify([*names], [cost, *(cost.diff(entry) for entry in parameters)], cse=True)  # type: ignore[no-any-return]


def _expanded() -> tuple[sympy.Expr, list[sympy.Symbol], list[sympy.Symbol]]:
    cost, parameters, entries = closed()
    names = {entry: sympy.Symbol(f"s{place}", real=True) for place, entry in enumerate(entries)}
    return sympy.expand(cost.xreplace(names)), [names[entry] for entry in parameters], list(names.values())


EXPANDED = _expanded()


def largest_difference() -> float:
    """Between the two, relative to the largest entry."""
    rng = np.random.default_rng(0)
    module = ours()
    params = module.Parameters(*(rng.standard_normal(array.shape) for array in module.init(rng)))
    x, y = rng.standard_normal((1, SIZES[0])), rng.standard_normal((1, SIZES[-1]))
    cost, gradients = module.cost_and_gradients(params, x, y)
    flat = np.concatenate([array.reshape(-1) for array in (*params, x, y)])
    found = np.array([cost, *np.concatenate([array.reshape(-1) for array in gradients])])
    expected = np.array(by_sympy()(*flat))
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def median_seconds(function: Callable[[], object]) -> float:
    """With SymPy's own cache empty at the start of each run."""
    seconds = []
    for _ in range(RUNS):
        clear_cache()
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    difference = largest_difference()
    assert difference < 1e-12, f"the two differ by {difference:.1e}"
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, SymPy {sympy.__version__}"
    print(f"{platform.machine()}; {versions}; median of {RUNS}\n")
    chain_rule = median_seconds(ours)
    print("| 3-4-4-2, sigmoid, quadratic | seconds | ratio |")
    print("| --- | ---: | ---: |")
    print(f"| derive and load | {chain_rule:.3f} | 1 |")
    for title, function in (
        ("diff of the cost in plain symbols, nested, lambdify(cse=True)", by_sympy),
        ("diff of the closed form by its entries, lambdify(cse=True)", by_sympy_on_entries),
        ("diff of the cost multiplied out (sympy.expand), lambdify(cse=True)", by_sympy_multiplied_out),
    ):
        seconds = median_seconds(function)
        print(f"| {title} | {seconds:.3f} | {seconds / chain_rule:.1f} |")
    print(f"\nLargest difference of cost and gradients: {difference:.1e}")


if __name__ == "__main__":
    main()
