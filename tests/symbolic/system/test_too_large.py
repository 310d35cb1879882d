"""Short texts that ask for more than any machine has: refused by a limit that is stated, before anything is worked out."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Layer, Network, derive
from chainrule.codegen.checking.loading import load
from chainrule.symbolic.index.failures import InvalidDescription
from chainrule.symbolic.index.limits import MOST_BEYOND, MOST_CASES, MOST_ENTRIES, MOST_STEPS
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.system import System


def recurrence(steps: int) -> System:
    text = "h[n,t] = tanh(w*h[n,t-1] + x[n,t])\nC = mean(n, sum(t, h[n,t]**2))"
    return system_from_equations(text, ["w"], ["x[n,t]"], sizes={"t": steps}, batch="n")


def shifted(by: int) -> System:
    text = f"z[n,t] = sum(k, w[k]*x[n,t+{by}*k])\nC = mean(n, sum(t, z[n,t]**2))"
    return system_from_equations(text, ["w[k]"], ["x[n,t]"], sizes={"k": 3}, batch="n")


def transposed(stride: int) -> Network:
    return Network([2, 3, 5], [Layer("conv_transpose2d", {"channels": 2, "kernel": 2, "stride": stride})], "quadratic")


def placed(size: int) -> System:
    text = f"z[{size}*i + j] = w*x[i]*y[j]\nC = sum(k, z[k]**2)"
    return system_from_equations(text, ["w"], ["x[i]", "y[j]"], sizes={"i": size, "j": size})


def nested(leaves: int) -> str:
    """A tree of maxima."""

    def tree(first: int, behind: int) -> str:
        middle = (first + behind) // 2
        return f"w[{first}]*x[n]" if behind - first == 1 else f"maximum({tree(first, middle)}, {tree(middle, behind)})"

    return f"z[n] = {tree(0, leaves)}\nC = mean(n, z[n]**2)"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: recurrence(1_000_000), rf"h is computed in 1,000,000 steps along t; at most {MOST_STEPS:,}"),
        (lambda: transposed(1_000_000), rf"u1 has .* = [\d,]+ entries; at most {MOST_ENTRIES:,}"),
        (lambda: placed(100_000), rf"z has 10000000000 = 10,000,000,000 entries; at most {MOST_ENTRIES:,}"),
        (lambda: shifted(100_000_000), rf"axis t .* is read 200,000,000 beyond its ends; at most {MOST_BEYOND:,}"),
        (lambda: shifted(-100_000_000), rf"axis t .* is read 200,000,000 beyond its ends; at most {MOST_BEYOND:,}"),
    ],
)
def test_what_no_machine_could_try_is_refused(made, words) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidDescription, match=words):
        derive(made())


def test_cases_that_multiply_are_refused() -> None:
    with pytest.raises(InvalidDescription, match=rf"cases meet; at most {MOST_CASES} are possible"):
        system_from_equations(nested(16), ["w[i]"], ["x[n]"], sizes={"i": 16}, batch="n")
    assert derive(system_from_equations(nested(4), ["w[i]"], ["x[n]"], sizes={"i": 4}, batch="n")).gradient("w")


@pytest.mark.parametrize("made", [lambda: recurrence(1000), lambda: transposed(7), lambda: placed(13), lambda: shifted(11)])
def test_what_is_large_alone_is_derived_and_checked(made) -> None:  # type: ignore[no-untyped-def]
    assert load(derive(made()))


def test_a_thousand_equations_in_a_chain_are_no_recursion() -> None:
    chain = [f"a{number}[n] = tanh(a{number - 1}[n])" for number in range(1, 1000)]
    text = "\n".join(["a0[n] = w*x[n]", *chain, "C = mean(n, a999[n]**2)"])
    derivation = derive(system_from_equations(text, ["w"], ["x[n]"], batch="n"))
    plain, fast = (load(derivation, style=style, verify=False) for style in ("plain", "fast"))
    w, x = np.array(0.7), np.array([0.3, -1.1])
    a, slope = w * x, x
    for _ in range(999):
        a = np.tanh(a)
        slope = (1 - a**2) * slope
    for module in (plain, fast):
        cost, gradients = module.cost_and_gradients(module.Parameters(w), x)
        assert np.isclose(cost, np.mean(a**2), rtol=1e-12)
        assert np.isclose(gradients.w, np.mean(2 * a * slope), rtol=1e-9)
