"""Equations of equal layers are written and turned into arrays once: as they would be one by one, whatever their names."""

from __future__ import annotations

import pytest
from derived_networks import CORPUS, derived

from chainrule import Dense, Derivation, Layer, Network, derive
from chainrule.codegen.formulas.equations_with_shapes import KINDS, equation_with_shape
from chainrule.codegen.formulas.plain_printer import PlainPrinter, shape_text
from chainrule.codegen.program.program import Lowering
from chainrule.codegen.program.scaled_adjoints import with_scaled_adjoints
from chainrule.symbolic.index.failures import NotExpressible
from chainrule.symbolic.system.system import Equation

#: Of their layers, those with numbers of one and of two digits stand beside each other.
DEEP = {
    "dense": lambda: Network(3, [Dense(5, "tanh") for _ in range(12)]),
    "blocks": lambda: Network([5, 4], [Layer("transformer_block", {"heads": 2, "hidden": 7}) for _ in range(2)]),
    "normalised": lambda: Network(5, [layer for _ in range(11) for layer in (Dense(5, "sigmoid"), Layer("layer_norm"))]),
    "one weight": lambda: Network.from_equations(
        "\n".join(f"a{layer}[n,j] = tanh(sum(k, W[j,k]*a{layer - 1}[n,k]) + a{layer - 1}[n,j])" for layer in range(1, 13))
        + "\nC = sum(n, sum(j, a12[n,j]**2))",
        ["W[j,k]"],
        ["a0[n,k]"],
        batch="n",
        sizes={"j": 5, "k": 5},
    ),
}


def equations(derivation: Derivation) -> list[Equation]:
    return [*derivation.system.equations, *(adjoint.equation for adjoint in derivation.adjoints.values())]


def made(name: str) -> Derivation:
    return with_scaled_adjoints(derive(DEEP[name]()) if name in DEEP else derived(name))


@pytest.mark.parametrize("name", [*DEEP, *list(CORPUS)[::17]])
def test_texts_are_those_of_the_printer(name: str) -> None:
    derivation = made(name)
    system = derivation.system
    for equation in equations(derivation):
        shape = shape_text(system, equation.tensor)
        alone = PlainPrinter(system).equation(equation)
        assert equation_with_shape(system, equation) == alone + (f"    {shape}" if shape != "()" else "")
    if name in DEEP:
        assert 2 * len(vars(system)[KINDS]) < len(equations(derivation))


@pytest.mark.parametrize("name", [*DEEP, *list(CORPUS)[::17]])
def test_arrays_are_those_of_each_equation_alone(name: str) -> None:
    derivation = made(name)
    lowering = Lowering(derivation.system)
    for equation in equations(derivation):
        try:
            alone = Lowering(derivation.system).array(equation)
        except NotExpressible:
            continue
        assert lowering.array(equation) == alone
    if name in DEEP:
        assert 2 * len(lowering.kinds) < len(equations(derivation))
