"""Hessian-vector products and Hessians of generated modules beside the closed form by hand, in NumPy, on the same arrays.

python tests/benchmarks/second_derivatives.py [--rounds 25]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from measuring import Spread, calls_in_a_turn, turn
from printing import busy, machine, ratio, seconds

from chainrule import Dense, Network, derive, load
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.language.system_reader import system_from_equations

Arrays = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Case:
    """A network, its arrays, and what they give by hand: of parameters, data and a direction."""

    title: str
    derivation: Callable[[], Derivation]
    shapes: tuple[tuple[int, ...], ...]
    data: Callable[[np.random.Generator], Arrays]
    product: Callable[[Arrays, Arrays, Arrays], Arrays]
    hessian: Callable[[Arrays, Arrays], np.ndarray] | None = None


def logistic(examples: int, features: int) -> Case:
    text = "z[n] = sum(k, w[k]*x[n,k])\nC = sum(n, log(1 + exp(z[n])) - y[n]*z[n])/N"

    def slopes(params: Arrays, data: Arrays) -> np.ndarray:
        p = 1 / (1 + np.exp(-(data[0] @ params[0])))
        return p * (1 - p) / examples

    def product(params: Arrays, data: Arrays, direction: Arrays) -> Arrays:
        return (data[0].T @ (slopes(params, data) * (data[0] @ direction[0])),)

    return Case(
        f"logistic regression, {examples} examples of {features}",
        lambda: derive(system_from_equations(text, ["w[k]"], ["x[n,k]"], ["y[n]"], sizes={"k": features}, batch="n")),
        ((features,),),
        lambda rng: (rng.standard_normal((examples, features)), rng.integers(0, 2, examples).astype(float)),
        product,
        lambda params, data: (data[0].T * slopes(params, data)) @ data[0],
    )


def factorisation(rows: int, factors: int) -> Case:
    text = "P[n,m] = sum(k, U[n,k]*V[m,k])\nC = sum(n, m, (P[n,m] - R[n,m])**2)/2"

    def product(params: Arrays, data: Arrays, direction: Arrays) -> Arrays:
        (u, v), (r,), (du, dv) = params, data, direction
        error, change = u @ v.T - r, du @ v.T + u @ dv.T
        return change @ v + error @ dv, change.T @ u + error.T @ du

    sizes = {"k": factors, "n": rows, "m": rows}
    return Case(
        f"matrix factorisation, {rows} by {rows}, {factors} factors",
        lambda: derive(system_from_equations(text, ["U[n,k]", "V[m,k]"], [], ["R[n,m]"], sizes=sizes)),
        ((rows, factors), (rows, factors)),
        lambda rng: (rng.standard_normal((rows, rows)),),
        product,
    )


def two_layers(features: int, units: int, outputs: int, examples: int) -> Case:
    def product(params: Arrays, data: Arrays, direction: Arrays) -> Arrays:
        (w1, b1, w2, b2), (x, y), (v1, c1, v2, c2) = params, data, direction
        a = np.tanh(x @ w1.T + b1)
        error = (a @ w2.T + b2 - y) / examples
        slope = 1 - a * a
        da, a_along = error @ w2, slope * (x @ v1.T + c1)
        error_along = (a_along @ w2.T + a @ v2.T + c2) / examples
        along = (error_along @ w2 + error @ v2) * slope - 2 * da * a * a_along
        return along.T @ x, along.sum(0), error_along.T @ a + error.T @ a_along, error_along.sum(0)

    return Case(
        f"{features}-{units}-{outputs} tanh, quadratic cost, {examples} examples",
        lambda: derive(Network(features, [Dense(units, "tanh"), Dense(outputs, "identity")], "quadratic")),
        ((units, features), (units,), (outputs, units), (outputs,)),
        lambda rng: (rng.standard_normal((examples, features)), rng.standard_normal((examples, outputs))),
        product,
    )


CASES = (logistic(1000, 1000), logistic(1000, 20), factorisation(500, 5), two_layers(50, 30, 10, 200))


def ratios(case: Case, style: str, rounds: int) -> list[tuple[str, float, Spread]]:
    """What is computed, our seconds, and ours divided by the time of the closed form.

    Raises:
        AssertionError: where the two differ.
    """
    kinds = ("gradient", "hvp", *(["hessian"] if case.hessian else []))
    module = load(case.derivation(), derivatives=kinds, style=style, verify=False)
    rng = np.random.default_rng(0)
    params, direction = (tuple(0.1 * rng.standard_normal(shape) for shape in case.shapes) for _ in range(2))
    data = case.data(rng)
    mine = module.Parameters(*params), module.Parameters(*direction)
    pairs: list[tuple[str, Callable[[], Any], Callable[[], Any]]] = [
        ("product", lambda: module.hessian_vector_product(mine[0], *data, mine[1]), lambda: case.product(params, data, direction))
    ]
    if case.hessian is not None:
        by_hand = case.hessian
        pairs.append(("Hessian", lambda: (module.hessian(mine[0], *data),), lambda: (by_hand(params, data),)))
    found = []
    for kind, ours, hand in pairs:
        for one, other in zip(ours(), hand(), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-9 * np.abs(other).max())
        calls = [calls_in_a_turn(run) for run in (ours, hand)]
        rows = [[turn(run, count) for run, count in zip((ours, hand), calls, strict=True)] for _ in range(rounds)]
        found.append((kind, Spread.of([row[0] for row in rows]).middle, Spread.of([row[0] / row[1] for row in rows])))
    return found


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25, help="how many times both have a turn")
    options = parser.parse_args(words)
    if options.rounds < 1:
        parser.error(f"--rounds: found {options.rounds}, expected at least 1")
    print(machine())
    print(busy())
    print("| network | | style | ours | ours divided by the closed form, median (quartiles) |\n| --- | --- | --- | ---: | ---: |")
    for case in CASES:
        for style in ("plain", "fast"):
            for kind, own, spread in ratios(case, style, options.rounds):
                print(f"| {case.title} | {kind} | {style} | {seconds(own)} | {ratio(spread)} |", flush=True)


if __name__ == "__main__":
    main()
