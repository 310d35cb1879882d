"""Every line of matrix notation that the terminal prints is read back by the grammar that it states, and has the value of its equation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from derived_networks import DESCRIPTIONS, RANDOM, derived
from equation_networks import NETWORKS
from layer_networks import ALONE, TOGETHER
from plain_matrix_reading import OPEN, Ambiguous, Known, Unread

from chainrule import derive
from chainrule.codegen.document.unicode_formula import write_unicode
from chainrule.codegen.formulas.plain_matrix_printer import PlainMatrixPrinter
from chainrule.symbolic.checking.draws import random_numbers
from chainrule.symbolic.checking.interpreter import evaluate
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.forms.matrix_form import matrix_form
from chainrule.symbolic.forms.step_form import StepForm, step_form
from chainrule.symbolic.index.axes import axis_name
from chainrule.symbolic.index.failures import InvalidDescription, NotExpressible
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.integer_marks import equation_with_marks
from chainrule.symbolic.system.system import Equation, System

#: Networks of which no line has a matrix form.
WITHOUT = {"conv2d_groups", "bigram"}


@dataclass
class Tally:
    """The lines that were read and hold, and what was wrong with the others."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def known(system: System, numbers: Numbers) -> Known:
    axes = {name: [axis_name(letter) for letter in tensor.axes] for name, tensor in system.stored.items()}
    classes = {
        name: (tensor.points_into, numbers.sizes[tensor.points_into]) for name, tensor in system.tensors.items() if tensor.points_into
    }
    sizes = {str(axis.size_symbol): float(numbers.sizes[name]) for name, axis in system.axes.items()}
    arrays = {name: np.real(np.asarray(array)).astype(float) for name, array in numbers.arrays.items() if name in axes}
    return Known(arrays, axes, {**sizes, **system.constants}, classes, numbers.sizes)


def lines(derivation: Derivation) -> Iterator[tuple[Equation, str, StepForm | None]]:
    system = derivation.system
    # Sizes by their letters: those at which the lines are evaluated are others than those of the description.
    open_sizes = replace(system, axes={name: replace(axis, size=None) for name, axis in system.axes.items()})
    for equation in [*system.equations, *(adjoint.equation for adjoint in derivation.adjoints.values())]:
        marked = equation_with_marks(equation, system)
        printer = PlainMatrixPrinter(open_sizes)
        try:
            yield equation, write_unicode(printer.node(matrix_form(marked, system.order, system.stored))), None
        except NotExpressible:
            try:
                form = step_form(marked, system.order, system.stored)
                yield equation, write_unicode(printer.node(form.matrix)), form
            except NotExpressible:
                continue


def read_back(derivation: Derivation, numbers: Numbers | None = None) -> Tally:
    numbers = numbers or random_numbers(derivation)
    names, found = known(derivation.system, numbers), Tally()
    for equation, text, form in lines(derivation):
        line = f"{equation.tensor.name} = {text}"
        expected = np.real(np.asarray(evaluate(equation.expression, numbers, equation.indices)).astype(complex))
        try:
            value = _whole(names, text, equation, form, expected.shape)
        except Unread as problem:
            found.unread.append(f"{line}: {problem}")
            continue
        except (Ambiguous, ValueError) as problem:
            found.wrong.append(f"{line}: {problem}")
            continue
        finite = np.isfinite(expected)
        scale = 1 + np.max(np.abs(expected[finite]), initial=0)
        if np.all(np.abs(value - expected)[finite] < 1e-7 * scale):
            found.right += 1
        else:
            found.wrong.append(f"{line}: {value} and not {expected}")
    return found


def _whole(names: Known, text: str, equation: Equation, form: StepForm | None, shape: tuple[int, ...]) -> np.ndarray:
    """The value of a line in the shape of its left side."""
    with np.errstate(all="ignore"):
        if form is None:
            return _in_shape(names, text, {}, [axis_name(letter) for letter in equation.indices], shape)
        whole = np.empty(shape)
        held = [letter in form.steps for letter in equation.indices]
        for places in np.ndindex(*(size for size, is_held in zip(shape, held, strict=True) if is_held)):
            steps = dict(zip((str(letter) for letter in form.steps), places, strict=True))
            rest = iter(places)
            at = tuple(next(rest) if is_held else slice(None) for is_held in held)
            own = [axis_name(letter) for letter, is_held in zip(equation.indices, held, strict=True) if not is_held]
            whole[at] = _in_shape(names, text, steps, own, np.shape(whole[at]))
        return whole


def _in_shape(names: Known, text: str, steps: dict[str, int], axes: list[str], shape: tuple[int, ...]) -> np.ndarray:
    value = names.read(text, steps, axes)
    for found, wanted in zip((value.rows, value.columns), [*axes, None, None], strict=False):
        if found not in (OPEN, None) and (wanted is None or found.rstrip("′") != wanted):
            raise Ambiguous(f"axes {value.rows}, {value.columns} and not {axes}")
    array = value.array
    return np.broadcast_to(array.reshape(-1) if len(shape) == 1 and array.ndim == 2 else array.reshape(()) if not shape else array, shape)


def check(found: Tally, least: int) -> None:
    assert not found.wrong, found.wrong[0]
    assert not found.unread, found.unread[0]
    assert found.right >= least, found.right


@pytest.mark.parametrize("name", NETWORKS)
def test_equation_networks(name: str) -> None:
    check(read_back(derived(f"equations {name}")), 0 if name in WITHOUT else 1)


@pytest.mark.parametrize("name", [*ALONE, *TOGETHER])
def test_layer_networks(name: str) -> None:
    check(read_back(derived(f"layers {name}")), 1)


@pytest.mark.parametrize("name", RANDOM)
def test_random_systems(name: str) -> None:
    try:
        derivation = derived(name)
    except InvalidDescription:
        pytest.skip("its cost depends on no parameter")
    check(read_back(derivation), 0)


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_gallery(name: str) -> None:
    check(read_back(derived(name)), 1)


#: Networks with inverses, determinants and a Cholesky factor: equations, parameters, and the lines that have a matrix form.
SOLVED = {
    "columns and rows": (
        "u = solve(A, x)\nv[n,i] = solve(i_, A[i,i_] + [i = i_], y[n,i])\nC = sum(v @ u)",
        ["A[i,i_]", "x[i]", "y[n,i]"],
        8,
    ),
    "inverse": ("P = inverse(A.T)\nC = trace(P @ B)", ["A[i,i_]", "B[i,i_]"], 4),
    "density": ("S[i,i_] = sum(k, B[i,k]*B[i_,k]) + [i = i_]\nu = solve(S, x)\nC = logdet(S) + sum(i, x[i]*u[i])", ["B[i,k]", "x[i]"], 6),
    "determinant": ("C = det(A)**2", ["A[i,i_]"], 2),
    "factor": ("S[i,i_] = sum(k, B[i,k]*B[i_,k]) + [i = i_]\nL = cholesky(S)\nC = sum(L)", ["B[i,k]"], 2),
}


@pytest.mark.parametrize("name", SOLVED)
def test_what_is_solved(name: str) -> None:
    equations, parameters, least = SOLVED[name]
    check(read_back(derive(system_from_equations(equations, parameters))), least)
