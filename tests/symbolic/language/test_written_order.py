"""Terms and factors stand in the order in which the source has them."""

from __future__ import annotations

import pytest

from chainrule import derive
from chainrule.codegen.formulas.plain_printer import PlainPrinter
from chainrule.symbolic.index.ordering import source_ranks
from chainrule.symbolic.language.system_reader import system_from_equations


def printed(equations: str, parameters: list[str], inputs: list[str], **given: object) -> dict[str, str]:
    system = system_from_equations(equations, parameters, inputs, **given)  # type: ignore[arg-type]
    every = [*system.equations, *(adjoint.equation for adjoint in derive(system).adjoints.values())]
    return dict(PlainPrinter(system).equation(equation).split(" = ", 1) for equation in every)


def test_terms_and_factors_of_equations() -> None:
    found = printed(
        "s[i] = sum(k, q[k]*K[i,k]) + bias[i]\nr[i] = x[i] + sum(k, q[k]*V[i,k])\nd = sum(i, s[i]*r[i]) - sum(i, r[i]) + 1\nC = d**2",
        ["q[k]"],
        ["K[i,k]", "bias[i]", "x[i]", "V[i,k]"],
    )
    assert found["s[i]"] == "Σ_k q[k] K[i,k] + bias[i]"
    assert found["r[i]"] == "x[i] + Σ_k q[k] V[i,k]"
    assert found["d"] == "Σ_i s[i] r[i] - Σ_i r[i] + 1"


def test_what_is_derived_has_the_order_of_what_it_is_derived_from() -> None:
    found = printed("m[n] = y[n]*(sum(k, w[k]*X[n,k]) + b)\nC = sum(n, (m[n] - t[n])**2)/2", ["w[k]", "b"], ["X[n,k]", "y[n]", "t[n]"])
    assert found["dm[n]"] == "m[n] - t[n]"
    assert found["dw[k]"] == "Σ_n dm[n] y[n] X[n,k]"


def test_a_difference_turned_round_begins_with_what_is_added() -> None:
    found = printed("d[i] = x[i] - c[i]\nC = -sum(i, c[i]*d[i]) + sum(i, x[i]*(c[i] - x[i]))", ["x[i]"], ["c[i]"])
    assert found["d[i]"] == "x[i] - c[i]"
    assert found["C"] == "-Σ_i c[i] d[i] + Σ_i x[i] (c[i] - x[i])"


@pytest.mark.parametrize(
    ("sequences", "order"),
    [
        ([["R", "P", "Q"], ["M", "E", "l", "P"]], ["R", "M", "E", "l", "P", "Q"]),
        ([["b", "a"], ["a", "b", "c"]], ["b", "c", "a"]),
        ([], []),
    ],
)
def test_one_order_of_names(sequences: list[list[str]], order: list[str]) -> None:
    assert list(source_ranks(sequences)) == order
