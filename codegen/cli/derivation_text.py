"""A derivation in the terminal: readable Unicode, or LaTeX to paste."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from sympy import Expr

from chainrule.codegen.checking.checker import Checker, together
from chainrule.codegen.document.evidence import Evaluated
from chainrule.codegen.formulas.latex import Latex
from chainrule.codegen.formulas.latex_matrix import LatexMatrix
from chainrule.codegen.formulas.notation import Notation
from chainrule.codegen.formulas.notation_file import NOTATIONS
from chainrule.codegen.formulas.plain_matrix import MatrixText
from chainrule.codegen.formulas.plain_text import PlainText
from chainrule.codegen.formulas.reasons import rule_said
from chainrule.codegen.formulas.view_latex import Spelling, ViewLatex, node_names
from chainrule.codegen.program.program import shape_text
from chainrule.codegen.words.sentences import ENGLISH
from chainrule.symbolic.checking.entry_values import entry_numbers
from chainrule.symbolic.checking.numbers import Numbers
from chainrule.symbolic.checking.verification import Verified, random_numbers, verify
from chainrule.symbolic.derivation.adjoint import Adjoint, Step
from chainrule.symbolic.derivation.chain_rule import derive
from chainrule.symbolic.derivation.derivation import Derivation
from chainrule.symbolic.derivation.elimination import Collected
from chainrule.symbolic.forms.computational_graph import computational_graph, node_gradients
from chainrule.symbolic.forms.matrix_form import matrix_form
from chainrule.symbolic.forms.scalar_form import scalar_form
from chainrule.symbolic.index.failures import InvalidDescription, NotExpressible, expected_one_of
from chainrule.symbolic.rewriting.rewrites import Rule
from chainrule.symbolic.system.integer_marks import equation_with_marks

from .listings import LEVELS
from .terminal_layout import PLAIN_WIDTH, Equality, Formula, Row, Title, laid_out

#: Of more gradients, the steps of equal layers are those of the first layer in other names, and their results are evaluated.
MOST_EVALUATED = 60


def derivation_lines(
    derivation: Derivation,
    wrt: str | None,
    level: str,
    latex: bool,
    notation: str = "superscript",
    forms: Sequence[Collected] = (),
    verified: Verified | None = None,
) -> Iterator[str]:
    """The lines of `derivation_rows` as they stand in a file."""
    rows = derivation_rows(derivation, wrt, level, latex, notation, forms, verified)
    return (line.plain for line in laid_out(rows, PLAIN_WIDTH))


def derivation_rows(
    derivation: Derivation,
    wrt: str | None,
    level: str,
    latex: bool,
    notation: str = "superscript",
    forms: Sequence[Collected] = (),
    verified: Verified | None = None,
) -> Iterator[Row]:
    """The derivation of one gradient, or of all, row by row, and behind them the collected forms that are given.

    Every row is evaluated before it is printed; what `verified` says of the derivation and these forms is not evaluated again.

    Raises:
        InvalidDescription: where there is no such gradient or level.
        NotExpressible: where the network is too large for the scalar level.
        CheckFailed: where an equation does not hold.
    """
    if level not in LEVELS:
        raise InvalidDescription(f"unknown level {level!r}; {expected_one_of(level, LEVELS)}")
    adjoints = [derivation.adjoint(wrt)] if wrt else list(derivation.adjoints.values())
    printed = Printed(derivation, latex, NOTATIONS[notation], verified, forms)
    if level == "scalar":
        return _scalar(printed, wrt)
    if level == "matrix":
        return _matrix(printed, adjoints)
    if level == "graph":
        return _graph(printed, wrt)
    return chain(_index(printed, adjoints), _collected(printed, forms))


@dataclass(frozen=True)
class Printed:
    """A derivation, how it is written, and what has been evaluated of it."""

    derivation: Derivation
    latex: bool
    notation: Notation
    verified: Verified | None
    forms: Sequence[Collected]
    checker: Checker = field(default_factory=Checker)

    @cached_property
    def numbers(self) -> Numbers:
        if self.verified is None or self.verified.numbers is None:
            return random_numbers(self.derivation)
        self.checker.take_over(self.derivation, self.verified, self.verified.numbers, self.forms)
        return self.verified.numbers

    @cached_property
    def write(self) -> Callable[[Expr], str]:
        system = self.derivation.system
        return Latex(system, self.notation).text if self.latex else PlainText(system).text

    def holds(self, left: Expr, right: Expr) -> Evaluated:
        return self.checker.sides(left, right, self.numbers)


def shown_forms(derivation: Derivation, wrt: str | None) -> tuple[Collected, ...]:
    """The collected form of one gradient, if it is worth a line, or all that are.

    Raises:
        InvalidDescription: where there is no such gradient.
    """
    if wrt is None:
        return derivation.collected_forms
    form = derivation.collected_form(wrt)
    return (form,) if form else ()


def _index(printed: Printed, adjoints: list[Adjoint]) -> Iterator[Row]:
    for adjoint in adjoints:
        if len(adjoints) > MOST_EVALUATED and not adjoint.is_first_of_kind:
            printed.checker.equal_layer(printed.derivation, adjoint, printed.numbers)
        name, shape = adjoint.tensor.name, shape_text(printed.derivation.system, adjoint.tensor)
        yield f"% {name}" if printed.latex else Title(f"∂C/∂{name}", shape)
        for path in adjoint.paths:
            yield from _equalities(printed, path.steps)
        yield from _equalities(printed, adjoint.steps)
        yield ""


def _collected(printed: Printed, forms: Sequence[Collected]) -> Iterator[Row]:
    for form in forms:
        name = form.tensor.name
        yield f"% {name} in one line" if printed.latex else Title(f"∂C/∂{name} in one line")
        yield from _equalities(printed, form.steps, form.put_in)
        yield ""


def _equalities(printed: Printed, steps: Sequence[Step], put_in: Iterable[str] = ()) -> Iterator[Row]:
    """left = … = …, with the reason of each step behind it; each line equals the one above. `put_in` are the adjoints put in."""
    start, before, adjoints = printed.write(steps[0].before), "", iter(put_in)
    for step in steps:
        evidence, written = printed.holds(step.before, step.after), printed.write(step.after)
        rule = rule_said(step)
        reason = _reason(rule, next(adjoints) if rule is Rule.PUT_IN_ADJOINT else "")
        if written == before:
            continue
        if printed.latex:
            yield Formula(rf"{start} &= {written} && \text{{{reason}}} \\", evidence)
        else:
            yield Equality(start, written, reason, evidence)
        start, before = "", written


def _reason(rule: Rule, adjoint: str) -> str:
    words = ENGLISH[f"reason.{rule}"].replace("{adjoint}", f"∂C/∂{adjoint}")
    return words.replace("{delta}", "δ").replace("{u}", "the array").replace("{sigmoid}", "σ(z)").replace("{logistic}", "1/(1 + exp(-z))")


def _matrix(printed: Printed, adjoints: list[Adjoint]) -> Iterator[Row]:
    """The results in matrix notation."""
    system = printed.derivation.system
    printer, plain = LatexMatrix(system, printed.notation), PlainText(system)
    for adjoint in adjoints:
        equation, shape = adjoint.equation, shape_text(system, adjoint.tensor)
        evidence = printed.holds(equation.tensor.own_entry, equation.expression)
        name = equation.tensor.name
        try:
            form = matrix_form(equation_with_marks(equation, system), system.gradients)
            evidence = printed.checker.matrix(equation, form, printed.numbers)
            if printed.latex:
                yield Formula(rf"{printer.name(name)} &= {printer.text(form, shapes=True)} \\", evidence)
            else:
                yield Formula(f"{name} {shape} = {MatrixText(system).text(form)}", evidence)
        except NotExpressible as problem:
            yield Formula(f"{'% ' if printed.latex else ''}{plain.equation(equation)}    (by index: {problem})", evidence)


def _scalar(printed: Printed, wrt: str | None) -> Iterator[Row]:
    derivation, system = printed.derivation, printed.derivation.system
    write = Latex(system, printed.notation, examples=1).text if printed.latex else PlainText(system, counted_from_one=True).text
    numbers = entry_numbers(derivation)
    for equation in scalar_form(derivation).backward:
        if wrt is None or equation.tensor == system.adjoint_name(wrt):
            yield Formula(f"{write(equation.entry)} = {write(equation.expression)}", printed.checker.entry(equation, numbers))


def _graph(printed: Printed, wrt: str | None) -> Iterator[Row]:
    """Every primitive operation as a node: forward in order, then backward; of one gradient, the nodes that lead to it."""
    graph = computational_graph(printed.derivation.system)
    nodes = derive(graph.system)
    verified = verify(nodes)
    numbers = verified.numbers or random_numbers(nodes)
    spelling = Spelling(names=node_names(graph, Latex(printed.derivation.system, printed.notation)))
    write = ViewLatex(graph.system, printed.notation, spelling, {}).text if printed.latex else PlainText(graph.system).text
    end, sign = (r" \\", "&=") if printed.latex else ("", "=")
    for equation in graph.system.equations:
        left, right = equation.tensor.own_entry, equation.expression
        yield Formula(f"{write(left)} {sign} {write(right)}{end}", printed.checker.sides(left, right, numbers))
    yield ""
    wanted = nodes.system.depending_on([wrt]) if wrt else set(nodes.adjoints)
    for name in nodes.adjoints:
        if name in wanted:
            plain, derived = node_gradients(nodes, name)
            left = plain.tensor.own_entry
            evidence = together([printed.checker.sides(left, form.expression, numbers) for form in (plain, derived)])
            first, second = write(plain.expression), write(derived.expression)
            yield Formula(f"{write(left)} {sign} {first}{f' = {second}' if second != first else ''}{end}", evidence)
