"""Maxima entry by entry: the same numbers as those of whole arrays, with the first of equal entries taken, and sheets made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_command_line import chainrule

from chainrule import derive
from chainrule.codegen.lesson.worked_values import entry_value
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.solving import solved
from chainrule.symbolic.forms.scalar_form import scalar_form
from chainrule.symbolic.language.system_reader import system_from_equations

EQUATIONS = """
z[n,j] = sum(k, W[j,k]*x[n,k])
m[n] = {largest}
L = mean(n, (m[n] - y[n])**2)
"""
LARGEST = {
    "of_a_tensor": "max(j, z[n,j])",
    "of_a_product": "max(j, b[j]*z[n,j])",
    "of_what_has_cases": "max(j, relu(z[n,j]) + b[j])",
    "of_two_axes": "max(j, k, W[j,k]*x[n,k]*b[j])",
    "of_another": "max(j, 2*max(k, W[j,k]*x[n,k]) + b[j]**2)",
    "of_a_log_of_exponentials": "max(j, z[n,j]) + logsumexp(j, z[n,j]*b[j])",
}
SIZES = {"j": 3, "k": 2}


def written(largest: str) -> str:
    return EQUATIONS.format(largest=largest)


@pytest.mark.parametrize("largest", LARGEST.values(), ids=LARGEST)
@pytest.mark.parametrize("are_equal", [False, True], ids=["different", "equal"])
def test_single_entries_are_those_of_whole_arrays(largest: str, are_equal: bool) -> None:
    system = system_from_equations(written(largest), ["W[j,k]", "b[j]"], ["x[n,k]"], ["y[n]"], sizes=SIZES, batch="n")
    derivation = derive(system)
    rng = np.random.default_rng(3)
    shapes = {"W": (3, 2), "b": (3,), "x": (1, 2), "y": (1,)}
    given = {name: np.ones(shape) if are_equal else rng.uniform(0.2, 1, shape) for name, shape in shapes.items()}
    adjoints = [adjoint.equation for adjoint in derivation.adjoints.values()]
    numbers = solved([*system.equations, *adjoints], Numbers(system, given, {**SIZES, "n": 1}))
    values = {system.tensors[name].at(*place): float(array[place]) for name, array in given.items() for place in np.ndindex(array.shape)}
    form = scalar_form(derivation)
    for equation in (*form.forward, *form.backward):
        values[equation.entry] = entry_value(equation.expression, values)
        expected = float(np.real(evaluate(equation.entry, numbers, ())))
        assert abs(values[equation.entry] - expected) < 1e-12, str(equation.entry)
        assert "max(" not in str(equation.expression)


def test_a_sheet_asks_for_numbers_of_a_maximum(tmp_path: Path) -> None:
    head = 'name = "largest"\ninputs = ["x[n,k]"]\ntargets = ["y[n]"]\nparameters = ["W[j,k]", "b[j]"]\nbatch = "n"'
    (tmp_path / "largest.toml").write_text(f'{head}\nsizes = {{ j = 3, k = 2 }}\nequations = """{written("max(j, z[n,j] + b[j])")}"""\n')
    result = chainrule("build", "largest.toml", "-o", ".", "--exercises", "12", "--seed", "3", "--formats", "md", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "\\max\\left(" in (tmp_path / "largest_answers.md").read_text()
