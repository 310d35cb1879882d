"""Matrix notation on paper can be read in one way: beside ⊙ stands no product of another kind without brackets. Numbers are one number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from math import gcd

import pytest
from derived_networks import RANDOM, derived
from equation_networks import NETWORKS
from layer_networks import ALONE, TOGETHER

from chainrule import derive
from chainrule.codegen.document.latex_formula import write_latex
from chainrule.codegen.document.node_walk import nodes
from chainrule.codegen.document.nodes import Fenced, Fraction, Function, Letter, Node, Number, Row, Scripts, Sign, Space, Text, row
from chainrule.codegen.document.unicode_formula import write_unicode
from chainrule.codegen.formulas.matrix_printer import MatrixPrinter
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.plain_matrix_printer import PlainMatrixPrinter
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.forms.matrices import Matrix
from chainrule.symbolic.forms.matrix_form import matrix_form
from chainrule.symbolic.forms.step_form import step_form
from chainrule.symbolic.index.failures import InvalidDescription, NotExpressible
from chainrule.symbolic.language.system_reader import system_from_equations
from chainrule.symbolic.system.integer_marks import equation_with_marks
from chainrule.symbolic.system.system import Equation, System

#: What stands between two terms, and between two entries.
BETWEEN_TERMS = frozenset("+−=<>≤≥≈,:→←") | {":="}
ENTRYWISE = frozenset("⊙⊘*∘")


def matrices(derivation: Derivation) -> Iterator[tuple[Equation, Matrix]]:
    system = derivation.system
    for equation in [*system.equations, *(adjoint.equation for adjoint in derivation.adjoints.values())]:
        marked = equation_with_marks(equation, system)
        try:
            yield equation, matrix_form(marked, system.order, system.stored)
        except NotExpressible:
            try:
                yield equation, step_form(marked, system.order, system.stored).matrix
            except NotExpressible:
                continue


def split(parts: list[Node], signs: frozenset[str]) -> list[list[Node]]:
    found: list[list[Node]] = [[]]
    for part in parts:
        if isinstance(part, Sign) and part.text in signs:
            found.append([])
        else:
            found[-1].append(part)
    return found


def is_number(part: Node) -> bool:
    return isinstance(part, Number) or (isinstance(part, Fraction) and is_number(part.above) and is_number(part.below))


def factors(parts: list[Node], gradient_mark: Node) -> list[Node]:
    """Those behind the last Σ, which holds all that follows; a function with its argument, an indicator and dW are one factor."""
    found: list[Node] = []
    for part in parts:
        if isinstance(part, Scripts) and isinstance(part.base, Sign):
            found = []
            continue
        if isinstance(part, Sign | Space | Text):
            continue
        before = found[-1] if found else None
        core = before.base if isinstance(before, Scripts) else before
        is_called = isinstance(core, Function) or (isinstance(core, Letter) and (core.text in {"1", "σ"} or len(core.text) > 1))
        if before == gradient_mark or (isinstance(part, Fenced) and is_called):
            found[-1] = part
        else:
            found.append(part)
    return found


def scalars(printer: MatrixPrinter) -> set[Node]:
    """Letters of single numbers, which may stand in front of any product."""
    system = printer.system
    single = [tensor.name for tensor in system.tensors.values() if not tensor.axes]
    names = [*single, *map(system.adjoint_name, single), *system.constants]
    return {*map(printer.name, names), *(printer.index.node(axis.size_expression) for axis in system.axes.values())}


def complaints(whole: Node, gradient_mark: Node, single: set[Node]) -> Iterator[str]:
    for part in nodes(whole):
        if not isinstance(part, Row):
            continue
        for term in split(list(part.parts), BETWEEN_TERMS):
            signs = {sign.text for sign in term if isinstance(sign, Sign) and sign.text in ENTRYWISE}
            if len(signs) > 1:
                yield f"⊙ and ⊘ beside each other: {write_latex(row(*term))}"
            for operand in split(term, ENTRYWISE):
                found = factors(operand, gradient_mark)
                if sum(map(is_number, found)) > 1:
                    yield f"two numbers: {write_latex(row(*operand))}"
                others = [factor for factor in found if not (isinstance(factor, Number | Fraction) or factor in single)]
                if signs and len(others) > 1 and not _is_condition(others[0]):
                    yield f"{others} beside {signs}: {write_latex(row(*term))}"


def _is_condition(factor: Node) -> bool:
    """[a = 0] of places alone is a number."""
    return isinstance(factor, Fenced) and factor.left == "["


def check(derivation: Derivation, notation: str) -> None:
    chosen = NOTATIONS[notation].adapted({}, False)
    system: System = derivation.system
    printer = MatrixPrinter(replace(system, axes={name: replace(axis, size=None) for name, axis in system.axes.items()}), chosen)
    single = scalars(printer)
    for equation, form in matrices(derivation):
        try:
            written = printer.node(form)
        except NotExpressible:
            continue
        assert list(complaints(written, chosen.gradient_mark, single)) == [], equation.tensor.name


#: A number in front of what is divided by one: 6 u / (2 N).
QUOTIENT = re.compile(r"(?<![\w\]^.⊙])(\d+) [^()+−-]*? / \(?(\d+)(?![\w.])")


def check_terminal(derivation: Derivation) -> None:
    """Quotients in lowest terms."""
    system = derivation.system
    printer = PlainMatrixPrinter(replace(system, axes={name: replace(axis, size=None) for name, axis in system.axes.items()}))
    for equation, form in matrices(derivation):
        try:
            written = write_unicode(printer.node(form))
        except NotExpressible:
            continue
        assert all(gcd(int(above), int(below)) == 1 for above, below in QUOTIENT.findall(written)), (equation.tensor.name, written)


@pytest.mark.parametrize("name", [*(f"equations {name}" for name in NETWORKS), *(f"layers {name}" for name in [*ALONE, *TOGETHER])])
@pytest.mark.parametrize("notation", ["superscript", "brackets"])
def test_networks(name: str, notation: str) -> None:
    check(derived(name), notation)


@pytest.mark.parametrize("name", RANDOM)
def test_random_systems(name: str) -> None:
    try:
        derivation = derived(name)
    except InvalidDescription:
        pytest.skip("its cost depends on no parameter")
    check(derivation, "superscript")
    check_terminal(derivation)


def test_a_half_of_a_square_times_six_is_three() -> None:
    derivation = derive(system_from_equations("u[n] = sum(k, w[k]*x[n,k])\nC = mean(n, 3*u[n]**2/2)", ["w[k]"], ["x[n,k]"]))
    check_terminal(derivation)
    forms = {equation.tensor.name: form for equation, form in matrices(derivation)}
    line = write_unicode(PlainMatrixPrinter(derivation.system).node(forms["du"]))
    assert line == "3 u / N"


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [(("A", "⊙", "B", "C"), "beside"), (("A", "⊙", "B", "⊘", "C"), "⊘"), (("2", "3", "A"), "two numbers")],
)
def test_what_could_be_read_in_two_ways_is_found(parts: tuple[str, ...], complaint: str) -> None:
    (found,) = complaints(row(*(Sign(part) if part in ENTRYWISE else part for part in parts)), Letter("d"), set())
    assert complaint in found
