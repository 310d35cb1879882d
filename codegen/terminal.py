"""A derivation in the terminal: readable Unicode, or LaTeX to paste."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from sympy import Expr

from symbolic.array_marks import equation_with_marks
from symbolic.chain_rule import derive
from symbolic.collected import Collected, form_of
from symbolic.derivation import Adjoint, Derivation
from symbolic.failures import InvalidDescription, NotExpressible, expected_one_of
from symbolic.matrix_form import matrix_form
from symbolic.primitives import computational_graph, node_gradients
from symbolic.scalar_form import scalar_form
from symbolic.verification import verify

from .latex import Latex
from .latex_matrix import LatexMatrix
from .notation_file import NOTATIONS
from .plain_matrix import MatrixText
from .plain_text import PlainText
from .program import shape_text
from .sentences import ENGLISH
from .terminal_layout import PLAIN_WIDTH, Equality, Row, Title, laid_out
from .view_latex import Spelling, ViewLatex, node_names

PUT_IN = "put in adjoint "
LEVELS = ("scalar", "index", "matrix", "graph")


def derivation_lines(
    derivation: Derivation, wrt: str | None, level: str, latex: bool, notation: str = "superscript", forms: Sequence[Collected] = ()
) -> Iterator[str]:
    """The lines of `derivation_rows` as they stand in a file."""
    return (line.plain for line in laid_out(derivation_rows(derivation, wrt, level, latex, notation, forms), PLAIN_WIDTH))


def derivation_rows(
    derivation: Derivation, wrt: str | None, level: str, latex: bool, notation: str = "superscript", forms: Sequence[Collected] = ()
) -> Iterator[Row]:
    """The derivation of one gradient, or of all, row by row, and behind them the collected forms that are given.

    Raises:
        InvalidDescription: where there is no such gradient or level.
        NotExpressible: where the network is too large for the scalar level.
    """
    if level not in LEVELS:
        raise InvalidDescription(f"unknown level {level!r}; {expected_one_of(level, LEVELS)}")
    adjoints = [derivation.adjoint(wrt)] if wrt else list(derivation.adjoints.values())
    if level == "scalar":
        return _scalar(derivation, wrt, latex, notation)
    if level == "matrix":
        return _matrix(derivation, adjoints, latex, notation)
    if level == "graph":
        return _graph(derivation, wrt, latex, notation)
    return chain(_index(derivation, adjoints, latex, notation), _collected(derivation, forms, latex, notation))


def shown_forms(derivation: Derivation, wrt: str | None) -> tuple[Collected, ...]:
    """The collected form of one gradient, if it is worth a line, or all that are.

    Raises:
        InvalidDescription: where there is no such gradient.
    """
    if wrt is None:
        return derivation.collected_forms
    form = form_of(derivation, wrt)
    return (form,) if form else ()


def _writer(derivation: Derivation, latex: bool, notation: str) -> Callable[[Expr], str]:
    return Latex(derivation.system, NOTATIONS[notation]).text if latex else PlainText(derivation.system).text


def _index(derivation: Derivation, adjoints: list[Adjoint], latex: bool, notation: str) -> Iterator[Row]:
    write = _writer(derivation, latex, notation)
    for adjoint in adjoints:
        name, shape = adjoint.tensor.name, shape_text(derivation.system, adjoint.tensor)
        yield f"% {name}" if latex else Title(f"∂C/∂{name}", shape)
        for path in adjoint.paths:
            yield from _equalities(write, path.steps[0].before, [(step.rule, step.after) for step in path.steps], latex)
        yield from _equalities(write, adjoint.steps[0].before, [(step.rule, step.after) for step in adjoint.steps], latex)
        yield ""


def _collected(derivation: Derivation, forms: Sequence[Collected], latex: bool, notation: str) -> Iterator[Row]:
    write = _writer(derivation, latex, notation)
    for form in forms:
        name = form.tensor.name
        yield f"% {name} in one line" if latex else Title(f"∂C/∂{name} in one line")
        put_in = iter(form.put_in)
        rules = [f"{step.rule} {next(put_in)}" if step.rule == "put in adjoint" else step.rule for step in form.steps]
        steps = [(rule, step.after) for rule, step in zip(rules, form.steps, strict=True)]
        yield from _equalities(write, form.steps[0].before, steps, latex)
        yield ""


def _equalities(write: Callable[[Expr], str], left: Expr, steps: list[tuple[str, Expr]], latex: bool) -> Iterator[Row]:
    """left = … = …, with the reason of each step behind it."""
    start, before = write(left), ""
    for rule, right in steps:
        written = write(right)
        if written == before:
            continue
        reason = _reason(rule)
        if latex:
            yield rf"{start} &= {written} && \text{{{reason}}} \\"
        else:
            yield Equality(start, written, reason)
        start, before = "", written


def _reason(rule: str) -> str:
    if rule.startswith(PUT_IN):
        return ENGLISH["reason.put in adjoint"].replace("{adjoint}", f"∂C/∂{rule.removeprefix(PUT_IN)}")
    words = ENGLISH[f"reason.{rule}"]
    return words.replace("{delta}", "δ").replace("{u}", "the array").replace("{sigmoid}", "σ(z)").replace("{logistic}", "1/(1 + exp(-z))")


def _matrix(derivation: Derivation, adjoints: list[Adjoint], latex: bool, notation: str) -> Iterator[str]:
    """The results in matrix notation."""
    printer = LatexMatrix(derivation.system, NOTATIONS[notation])
    for adjoint in adjoints:
        name, shape = adjoint.as_tensor.name, shape_text(derivation.system, adjoint.tensor)
        try:
            form = matrix_form(equation_with_marks(adjoint.equation, derivation.system))
            if latex:
                yield rf"{printer.name(name)} &= {printer.text(form, shapes=True)} \\"
            else:
                yield f"{name} {shape} = {MatrixText(derivation.system).text(form)}"
        except NotExpressible as problem:
            yield f"{'% ' if latex else ''}{PlainText(derivation.system).equation(adjoint.equation)}    (by index: {problem})"


def _scalar(derivation: Derivation, wrt: str | None, latex: bool, notation: str) -> Iterator[str]:
    write = (
        Latex(derivation.system, NOTATIONS[notation], examples=1).text
        if latex
        else PlainText(derivation.system, counted_from_one=True).text
    )
    for equation in scalar_form(derivation).backward:
        if wrt is None or equation.tensor == f"d{wrt}":
            yield f"{write(equation.entry)} = {write(equation.expression)}"


def _graph(derivation: Derivation, wrt: str | None, latex: bool, notation: str) -> Iterator[str]:
    """Every primitive operation as a node: forward in order, then backward; of one gradient, the nodes that lead to it."""
    graph = computational_graph(derivation.system)
    nodes = derive(graph.system)
    verify(nodes)
    spelling = Spelling(names=node_names(graph, Latex(derivation.system, NOTATIONS[notation])))
    write = ViewLatex(graph.system, NOTATIONS[notation], spelling, {}).text if latex else PlainText(graph.system).text
    end = r" \\" if latex else ""
    sign = "&=" if latex else "="
    for equation in graph.system.equations:
        yield f"{write(equation.tensor.own_entry)} {sign} {write(equation.expression)}{end}"
    yield ""
    wanted = _leading_back_to(nodes, wrt) if wrt else set(nodes.adjoints)
    for name in nodes.adjoints:
        if name in wanted:
            plain, derived = node_gradients(nodes, name)
            first, second = write(plain.expression), write(derived.expression)
            yield f"{write(plain.tensor.own_entry)} {sign} {first}{f' = {second}' if second != first else ''}{end}"


def _leading_back_to(nodes: Derivation, wrt: str) -> set[str]:
    """The tensor itself and every node between it and the cost."""
    found, waiting = {wrt}, [wrt]
    while waiting:
        for reader in nodes.system.readers.get(waiting.pop(), ()):
            if reader.tensor.name not in found:
                found.add(reader.tensor.name)
                waiting.append(reader.tensor.name)
    return found
